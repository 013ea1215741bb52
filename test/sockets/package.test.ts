/**
 * The package as others have it: packed, put into an empty project outside, and used from there. Its dependencies are linked, so that no
 * registry is needed: those that package.json names, and no other.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { importSipp } from '../../src/import-sipp/import-sipp.js'
import { findK6 } from '../../src/load/k6-program.js'
import { builtIn, hasSipp } from '../peers/sipp.js'

const ROOT = new URL('../../', import.meta.url).pathname
const MOST_PACKED_BYTES = 5_000_000

/** All that SIPp brings along, but for the one that answers whatever comes. */
const SIPPS_OWN = ['uac', 'uac_pcap', 'uas', 'regexp', '3pcc-C-A', '3pcc-C-B', '3pcc-A', '3pcc-B', 'branchc', 'branchs']

const k6 = await findK6()
const project = mkdtempSync(join(realpathSync(tmpdir()), 'ringproof outside-'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const ended = ({ status, stdout, stderr }: SpawnSyncReturns<string>): Ended => ({
  code: status,
  out: stdout,
  err: stderr,
})

/** What the checkout's own environment says is not for those outside. */
const ENV = { PATH: [k6 === undefined ? [] : dirname(k6.path), process.env.PATH].flat().join(delimiter), HOME: project }

const node = (...args: string[]): Ended =>
  ended(spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env: ENV }))
const ringproof = (...args: string[]): Ended => node('node_modules/ringproof/bin/ringproof.mjs', ...args)
const tsc = (...args: string[]): Ended => node('node_modules/typescript/bin/tsc', ...args)

function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}

const resultIn = (folder: string) => JSON.parse(readFileSync(join(project, folder, 'result.json'), 'utf8'))
const textIn = (...path: string[]) => readFileSync(join(project, ...path), 'utf8')

/** As npm does with a dependency: its folder, under its name. */
function link(name: string): void {
  const at = join(project, 'node_modules', name)
  mkdirSync(dirname(at), { recursive: true })
  if (!existsSync(at)) symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), at)
}

let packed: string

beforeAll(() => {
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  const file = /"filename": "([^"]+)"/.exec(stdout)?.[1] ?? ''
  packed = join(project, file)
  const folder = join(project, 'node_modules', 'ringproof')
  mkdirSync(folder, { recursive: true })
  const unpacked = spawnSync('tar', ['xzf', packed, '--strip-components=1', '-C', folder], { encoding: 'utf8' })
  if (unpacked.status !== 0) throw new Error(unpacked.stderr)
  const { dependencies, optionalDependencies } = JSON.parse(textIn('node_modules', 'ringproof', 'package.json'))
  for (const name of Object.keys(dependencies)) link(name)
  for (const name of Object.keys(optionalDependencies)) if (existsSync(join(ROOT, 'node_modules', name))) link(name)
  write('package.json', '{ "private": true, "type": "module" }\n')
})

const SCENARIO = `import { must, scenario } from 'ringproof'
import { WANTED } from './lib/wanted.ts'

export default scenario({
  id: 'ours/registers',
  title: 'A telephone registers',
  area: 'registrar',
  purposes: ['OURS'],
  rules: { accepted: must('RFC 3261 §10.3', 'a registration is answered with 200', { gravity: 'outage' }) },
  devices: { alice: {} },
  seconds: 2,
  harm: 'Nobody can be called.',
  advice: 'Look at the registrar.',
  fitForLoad: true,
  async run({ alice, expect }) {
    const two = await alice.asksToRegister({ expires: 300 })
    expect('accepted', two.status).toBe(WANTED)
  },
})
`
/** A project whose bundler finds modules: everything strict there is, and declarations of libraries are looked at as well. */
const TSCONFIG_OF_BUNDLER = `{
  "compilerOptions": {
    "target": "es2022", "module": "preserve", "moduleResolution": "bundler", "allowImportingTsExtensions": true, "noEmit": true,
    "strict": true, "verbatimModuleSyntax": true, "isolatedModules": true, "noUnusedLocals": true, "noUnusedParameters": true,
    "allowUnreachableCode": false, "skipLibCheck": false
  },
  "include": ["ours", "old", "program.ts", "mix.ts"]
}
`
const FAULTY = SCENARIO.replace('ours/registers', 'ours/misspelt')
  .replace('two.status', 'two.sttus')
  .replace('./lib/', '../ours/lib/')
const THROWING = SCENARIO.replace('ours/registers', 'ours/throws')
  .replace('two.status', '(two as any).x.y')
  .replace('./lib/', '../ours/lib/')

const PROFILE = `// Two short calls, and a scenario of one's own.
import { arrivals, loadOptions, runScenario, wave } from 'ringproof/k6'

export { monitor } from 'ringproof/k6'

const calls = arrivals({ rate: 2, duration: '1s', calls: { to: 'echo', holdMs: 3_000 } })
const once = { executor: 'shared-iterations', vus: 1, iterations: 1, exec: 'scenario' } as const
export const options = loadOptions({ scenarios: { calls: calls.options, once } })

export default function callers() {
  wave(calls)
}

export function scenario() {
  runScenario('ours/registers')
}
`

const PROGRAM = `import { AgentClient, AgentError, type CallRecord } from 'ringproof/agent'

const agent = new AgentClient({ url: 'http://127.0.0.1:8321', token: 'none' })
export async function quality(): Promise<number | undefined> {
  const { id, status } = await agent.call({ to: 'echo', media: { codec: 'PCMA' } })
  const record: CallRecord = await agent.result(id)
  return status < 300 ? record.mos : undefined
}
export const told = (error: unknown) => (error instanceof AgentError ? error.field : undefined)
`

const PROGRAM_IN_JAVASCRIPT = `import { AgentClient } from 'ringproof/agent'

// A port that nobody listens on.
await new AgentClient({ url: 'http://127.0.0.1:1', token: 'none' }).health().catch((error) => console.log(error.name))
`

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023", "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true, "strict": true,
    "noUncheckedIndexedAccess": true, "skipLibCheck": false
  },
  "include": ["ours", "program.ts", "mix.ts"]
}
`

describe('the package, in a project outside', () => {
  beforeAll(() => {
    write('ours/registers.ts', SCENARIO)
    write('ours/lib/wanted.ts', 'export const WANTED = 200\n')
    write('wrong/misspelt.ts', FAULTY)
    write('wrong/throws.ts', THROWING)
    write('mix.ts', PROFILE)
    write('program.ts', PROGRAM)
    write('tsconfig.json', TSCONFIG)
    write('tsconfig.bundler.json', TSCONFIG_OF_BUNDLER)
  })

  const inside = join(project, 'node_modules', 'ringproof')
  const filesInside = () =>
    readdirSync(inside, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [relative(inside, join(entry.parentPath, entry.name))] : [],
    )

  test('is small, and holds no sources, no benches and nothing of the machine that packed it', () => {
    expect(statSync(packed).size).toBeLessThan(MOST_PACKED_BYTES)
    for (const path of ['src', 'test', 'bench', 'reports', 'dist/bench', 'dist/.stamp.json', 'dist/types/.stamp.json'])
      expect(existsSync(join(inside, path)), path).toBe(false)
    const secret = /PRIVATE KEY-----|\b(?:npm|ghp|glpat)[_-][A-Za-z0-9]{20,}/
    const told = filesInside().filter((file) => {
      const text = readFileSync(join(inside, file), 'latin1')
      return text.includes(ROOT) || secret.test(text)
    })
    expect(told).toEqual([])
  })

  test('of the scripts of the checkout it has those that its command needs', () => {
    const needed = new Set(['bin/ringproof.mjs'])
    const importing = /(?:from |import\(?\s?)'(\.[^']+)'/g
    for (const file of needed) {
      const imports = textIn('node_modules', 'ringproof', file).matchAll(importing)
      for (const [, name = ''] of imports) needed.add(join(dirname(file), name))
    }
    expect(
      filesInside()
        .filter((file) => file.startsWith('bin/'))
        .toSorted(),
    ).toEqual([...needed].toSorted())
  })

  test('its pages lead to pages that it has', () => {
    const dead = filesInside()
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...textIn('node_modules', 'ringproof', file).matchAll(/\]\(([^)#\s]+)/g)].flatMap(([, to = '']) =>
          /^[a-z]+:/.test(to) || existsSync(join(inside, dirname(file), to)) ? [] : [`${file}: ${to}`],
        ),
      )
    // A report of some megabytes, which stays with the sources.
    expect(dead).toEqual(['README.md: reports/sample'])
  })

  test('brings its manual page, where npm looks for it', () => {
    const { man }: { man: string } = JSON.parse(textIn('node_modules', 'ringproof', 'package.json'))
    expect(textIn('node_modules', 'ringproof', man)).toMatch(/^\.TH RINGPROOF 1 /)
  })

  /** This one, and those that npm test installed beside it. */
  const programs = ['node22', 'node26']
    .map((name) => join(ROOT, '.cache', 'nodes', 'node_modules', name, 'bin', 'node'))
    .filter((program) => existsSync(program))
  test.each([process.execPath, ...programs])('npx ringproof runs on %s', (program) => {
    // As npm links commands. What it starts by its name is the same Node.
    const [bin, command] = [join(project, 'node_modules', '.bin'), join(project, 'node_modules', '.bin', 'ringproof')]
    mkdirSync(bin, { recursive: true })
    if (!existsSync(command)) symlinkSync('../ringproof/bin/ringproof.mjs', command)
    const { code, out, err } = ended(
      spawnSync(
        'npx',
        [
          '--no-install',
          'ringproof',
          'run',
          '--clock',
          'virtual',
          '--scenarios',
          'ours',
          '--only',
          'ours/',
          '--out',
          'npx',
        ],
        {
          cwd: project,
          encoding: 'utf8',
          env: { ...ENV, PATH: `${dirname(program)}${delimiter}${ENV.PATH}` },
        },
      ),
    )
    expect(code, `${out}${err}`).toBe(0)
    // What the engine complains of, such as a flag that it does not know.
    expect(err).not.toMatch(/^(?:Error|Warning)|\(node:/m)
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
    expect(resultIn('npx').environment.node).toBe(stdout.trim())
  })

  test('brings a page for each of its interfaces, with what the docstrings say', () => {
    const page = (name: string) => textIn('node_modules', 'ringproof', 'docs', 'api', name)
    expect(page('ringproof.md')).toContain('### Device\n')
    expect(page('ringproof.md')).toContain('### RegisterOptions\n')
    expect(page('agent.md')).toContain('Orders calls and scenarios of a call agent.')
    expect(page('k6.md')).toContain('### arrivals()\n')
  })

  test('runs a scenario of one’s own as it is, and says which one it is', () => {
    const { code, err } = ringproof(
      'run',
      '--clock',
      'virtual',
      '--scenarios',
      'ours',
      '--only',
      'ours/',
      '--out',
      'run',
    )
    expect(code, err).toBe(0)
    expect(resultIn('run').scenarios).toMatchObject([
      { id: 'ours/registers', verdict: 'pass', file: 'ours/registers.ts' },
    ])
    expect(ringproof('list', 'scenarios', '--scenarios', 'ours').out).toContain('ours/registers')
    expect(ringproof('explain', 'ours/registers', '--scenarios', 'ours').out).toContain('A telephone registers')
  })

  test('a mistake in one is its own, with its place, and no fail of the provider', () => {
    const { code } = ringproof(
      'run',
      '--clock',
      'virtual',
      '--scenarios',
      'wrong',
      '--only',
      'ours/',
      '--out',
      'wrong-run',
    )
    expect(code).toBe(6)
    const { verdict, scenarios, findings } = resultIn('wrong-run')
    expect(verdict).toBe('error')
    expect(scenarios).toMatchObject([
      { id: 'ours/misspelt', verdict: 'error', defect: { file: 'wrong/misspelt.ts', line: 17, column: 5 } },
      { id: 'ours/throws', verdict: 'error', defect: { file: 'wrong/throws.ts', line: 17 } },
    ])
    expect(findings.map(({ title }: { title: string }) => title)).toEqual([
      expect.stringMatching(/^Mistake in scenario ours\/misspelt \(wrong\/misspelt\.ts:17:5\): .*was handed undefined/),
      expect.stringMatching(/^Mistake in scenario ours\/throws \(wrong\/throws\.ts:17:\d+\): TypeError/),
    ])
  })

  test('old files of SIPp become scenarios of which the linter says nothing', () => {
    const folder = join(ROOT, 'test', 'unit', 'import-sipp')
    const old = readdirSync(folder).filter((name) => name.endsWith('.xml'))
    const files = old.map((name): [string, string] => [name, readFileSync(join(folder, name), 'utf8')])
    const theirs = hasSipp ? SIPPS_OWN.map((name): [string, string] => [`${name}.xml`, builtIn(name)]) : []
    const rows = [['4711', 'one']]
    // The compiler looks at them below, with all else of this project.
    for (const [file, text] of [...files, ...theirs])
      write(`old/${file.replace('.xml', '.ts')}`, importSipp(text, { file, rows }).text)
    const linter = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint')
    const { code, out } = node(linter, '-c', join(ROOT, '.oxlintrc.json'), '--deny-warnings', 'old')
    expect(code, out).toBe(0)
    expect(out).toContain(`on ${files.length + theirs.length} files`)
  })

  test.each(['tsconfig.json', 'tsconfig.bundler.json'])(
    'has types, also for who checks those of libraries: %s',
    (file) => {
      for (const name of ['typescript', '@types/k6']) link(name)
      expect(tsc('-p', file)).toMatchObject({ code: 0, out: '' })
    },
  )

  test('has types that tell what is misspelt', () => {
    for (const name of ['typescript', '@types/k6']) link(name)
    write('ours/misspelt.ts', FAULTY)
    const { code, out } = tsc('-p', '.')
    rmSync(join(project, 'ours', 'misspelt.ts'))
    expect(out).toMatch(/^ours\/misspelt\.ts\(17,\d+\): error TS2551: Property 'sttus' does not exist/)
    expect(code).not.toBe(0)
  })

  test('has a client for call agents', () => {
    write('program.js', PROGRAM_IN_JAVASCRIPT)
    expect(node('program.js')).toEqual({ code: 0, out: 'AgentError\n', err: '' })
  })

  const known = (changes: object) =>
    JSON.stringify(
      {
        target: 'embedded',
        failures: [
          {
            scenario: 'registrar/query-changes-nothing',
            check: 'answered',
            rule: 'RFC 3261 §10.3',
            reason: 'Answered with 404 until release 7.',
            ...changes,
          },
        ],
      },
      null,
      2,
    )
  const deviating =
    'run --clock virtual --only registrar/query-changes-nothing --transport udp --fault empty-query-rejected'.split(' ')

  test('lives with known deviations, and says why wherever one looks', () => {
    write('known/mine.json', known({}))
    const { code, out, err } = ringproof(...deviating, '--known', 'known/mine.json', '--out', 'known-run')
    const reason = 'Answered with 404 until release 7.'
    expect(`${out}${err}`).toContain(reason)
    expect(textIn('known-run', 'summary.md')).toContain(reason)
    expect(textIn('known-run', 'junit.xml')).toContain(`known deviation: ${reason}`)
    expect(code).toBe(0)
  })

  test('reads the list that a target file names, beside it', () => {
    const embedded = textIn('node_modules', 'ringproof', 'targets', 'embedded.yaml')
    write('known/target.yaml', `${embedded}\nknownDeviations: mine.json\n`)
    const { code, err } = ringproof(...deviating, '--target', 'known/target.yaml', '--out', 'target-run')
    expect(code, err).toBe(0)
    const [ours] = resultIn('target-run').scenarios
    expect(ours).toMatchObject({ verdict: 'warn', reasonCode: 'known-deviation' })
    write('known/target.yaml', `${embedded.replace('name: embedded', 'name: other')}\nknownDeviations: mine.json\n`)
    const other = ringproof(...deviating, '--target', 'known/target.yaml')
    expect(other.err).toContain("known/mine.json:2:13: target: these are deviations of 'embedded', not of 'other'")
    expect(other.code).toBe(2)
  })

  test.each<[string, object, string]>([
    ['scenario', { scenario: 'registrar/query-changes-nothin' }, '5:19: failures[0].scenario: there is no scenario'],
    [
      'check',
      { check: 'answerd' },
      "6:16: failures[0].check: 'registrar/query-changes-nothing' has no check 'answerd'; did you mean 'answered'?",
    ],
  ])('an unknown %s in their list is an error with its place', (name, changes, words) => {
    write(`known/${name}.json`, known(changes))
    const { code, err } = ringproof(...deviating, '--known', `known/${name}.json`)
    expect(err).toContain(`known/${name}.json:${words}`)
    expect(code).toBe(2)
  })

  test('begins with the files of init', () => {
    expect(
      ringproof('init', 'sip.example.com', '--offline', '--yes', '--ci', 'github', '--out', 'begun'),
    ).toMatchObject({ code: 0 })
    expect(tsc('-p', 'begun/ringproof')).toMatchObject({ code: 0, out: '' })
    const own = ['--scenarios', 'begun/ringproof/scenarios', '--only', 'ours/']
    expect(ringproof('run', '--clock', 'virtual', ...own, '--out', 'begun/run').code).toBe(0)
    expect(resultIn('begun/run').scenarios).toHaveLength(3)
  })

  test('asks a domain', async () => {
    const child = spawn(
      process.execPath,
      ['node_modules/ringproof/bin/ringproof.mjs', 'provider', '--write-target', 'provider.yaml'],
      {
        cwd: project,
        env: ENV,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const gone = new Promise((resolve) => child.once('exit', resolve))
    try {
      const lines = createInterface({ input: child.stdout })
      for await (const line of lines) if (line.startsWith('ready')) break
      const { domain, dns, endpoints } = parse(textIn('provider.yaml'))
      const { code } = ringproof('init', domain, '--dns', `${dns.server}:${dns.port}`, '--yes', '--out', 'asked')
      expect(code).toBe(0)
      const text = textIn('asked', 'ringproof', 'target.yaml')
      expect(text).toContain(`#   udp: { host: "${domain}", port: ${endpoints.udp.port} }\n`)
      const found = parse(text)
      expect(found).toMatchObject({ domain, dns })
      expect(found.endpoints).toBeUndefined()
    } finally {
      child.kill('SIGTERM')
      await gone
    }
  })

  test.skipIf(k6 === undefined && process.env.CI === undefined)('makes a load of one’s own, with a report', () => {
    const own = ['--profile', './mix.ts', '--scenarios', 'ours']
    const { code, err } = ringproof('load', ...own, '--accounts', '4', '--out', 'load')
    // 4: this machine was too busy to make it a measurement.
    expect([0, 4], err).toContain(code)
    const { load } = resultIn('load')
    expect(load).toMatchObject({ profile: 'mix', valid: code === 0, calls: { started: 2, completed: 2, failed: 0 } })
    expect(load.scenarios).toMatchObject([{ id: 'ours/registers' }])
    expect(existsSync(join(project, 'load', 'index.html'))).toBe(true)
  })
})
