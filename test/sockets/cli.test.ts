import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findK6 } from '../../src/load/k6-program.js'

const k6 = await findK6()

const folder = mkdtempSync(join(tmpdir(), 'ringproof-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly told: string
}

/** Starts the real program; `when` is called with what it has printed so far, and may send it signals, each once. */
function ringproof(
  args: string[],
  when?: (out: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/ringproof.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let told = ''
    const sent = new Set<NodeJS.Signals>()
    const kill = (signal: NodeJS.Signals) => {
      if (!sent.has(signal)) child.kill(signal)
      sent.add(signal)
    }
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      when?.(out + told, kill)
    })
    child.stderr.on('data', (data: Buffer) => {
      told += data.toString()
      when?.(out + told, kill)
    })
    child.on('close', (code) => resolve({ code, out, told }))
  })
}

describe('the program ends with the code that was promised', () => {
  test('0 for help, 2 for what it does not know', async () => {
    expect(await ringproof(['--help'])).toMatchObject({ code: 0, told: '', out: expect.stringContaining('Examples:') })
    expect(await ringproof(['run', '--nonsense'])).toMatchObject({
      code: 2,
      told: expect.stringContaining("unknown option '--nonsense'"),
    })
    expect(await ringproof(['run', '--target', join(folder, 'none.yaml')])).toMatchObject({ code: 2, out: '' })
  })

  test('doctor sees what answers and what does not, and dials nothing', async () => {
    const server = createServer((socket) => socket.on('data', () => expect.unreachable('nothing is to be sent')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const file = join(folder, 'target.yaml')
    const target = (host: string) =>
      `name: here\ndomain: example.invalid\nendpoints: { tcp: { host: ${host}, port: ${port} } }\naccounts: [{ user: a, password: b }]\n`
    writeFileSync(file, target('127.0.0.1'))
    const answered = await ringproof(['doctor', '--target', file])
    expect(answered.out).toMatch(new RegExp(`yes  tcp 127\\.0\\.0\\.1:${port}: connects in \\d+ ms`))
    expect(answered.out).toMatch(/no   calls between accounts: usable accounts: 1/)
    expect(answered.code).toBe(0)
    await new Promise((resolve) => server.close(resolve))
    writeFileSync(file, target('127.0.0.1'))
    const refused = await ringproof(['doctor', '--target', file])
    expect(refused.out).toMatch(/no   tcp 127\.0\.0\.1:\d+: ECONNREFUSED/)
    expect(refused.code, 'not reachable').toBe(3)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    // The terminal was closed.
    ['SIGHUP', 143],
  ] as const)('the provider says that it is ready, and %s ends it with %d', async (signal, code) => {
    const file = join(folder, `${signal}.yaml`)
    const ended = await ringproof(['provider', '--write-target', file], (out, kill) => {
      if (out.includes('Ctrl-C')) kill(signal)
    })
    expect(ended.out.split('\n')[0]).toMatch(/^ready udp 127\.0\.\d+\.71:\d+/)
    expect(ended.out).toMatch(/user \S+ {3}password \S+ {3}number \S+/)
    expect(ended.out).toMatch(/echo test +\d+/)
    expect(ended.code).toBe(code)
    expect(existsSync(file)).toBe(true)
  })

  test('the provider says who is registered and in calls when it is asked', async () => {
    const now = /now 06:59:\d\d, registered: nobody; in calls to services: nobody; calls between phones: 0\n$/
    const ended = await ringproof(['provider', '--time', '06:59:00'], (out, kill) => {
      if (now.test(out)) kill('SIGINT')
      else if (out.includes('Ctrl-C')) kill('SIGUSR2')
    })
    expect(ended.out).toMatch(now)
    expect(ended.code).toBe(130)
  })

  test('the provider ends with the shell that npx ran it in', async () => {
    // npm passes a signal on to its shell, which dies of it and leaves its child alone.
    const script = '"$0" bin/ringproof.mjs provider; exit 9'
    const env = { ...process.env, npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'ringproof' }
    const shell = spawn('sh', ['-c', script, process.execPath], { stdio: ['ignore', 'pipe', 'pipe'], env })
    let told = ''
    shell.stderr.on('data', (data: Buffer) => {
      told += data.toString()
    })
    shell.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes('Ctrl-C')) shell.kill('SIGTERM')
    })
    const codes: unknown[] = []
    shell.once('exit', (code, signal) => codes.push(code ?? signal))
    // The pipes are closed when the provider is gone, too.
    await new Promise((resolve) => shell.once('close', resolve))
    expect(codes).toEqual(['SIGTERM'])
    expect(told).toContain('Interrupted')
  })

  test.skipIf(k6 === undefined && process.env.CI === undefined)(
    'a load that is interrupted as its calls begin ends at once, and tells what it knows',
    async () => {
      const out = join(folder, 'interrupted')
      const ended = await ringproof(['load', '--profile', 'smoke', '--hold', '60', '--out', out], (said, kill) => {
        if (said.includes('accounts registered')) kill('SIGINT')
      })
      expect(ended.code).toBe(130)
      const told: unknown = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
      expect(told).toMatchObject({
        verdict: 'interrupted',
        exitCode: 130,
        load: { calls: { completed: 0, failed: 0 } },
      })
      expect(existsSync(join(out, 'index.html'))).toBe(true)
    },
  )
})

describe('scenarios of the user', () => {
  const ours = join(folder, 'ours')
  const head = (id: string) => `import { must, scenario } from 'ringproof'
import { about } from './lib/about.ts'
export default scenario({ ...about, id: 'ours/${id}', devices: { alice: {} },
  rules: { accepted: must('RFC 3261 §10.3', 'a REGISTER is accepted', { gravity: 'outage' }) },
`
  const story = (line: string) => `  async run({ alice, expect }) {
    const outcome = await alice.asksToRegister()
    ${line}
    expect('accepted', outcome.status).toBe(200)
  },
})
`
  /** Of `line` in `story`, behind `head`. */
  const LINE = 7
  const files: Readonly<Record<string, string>> = {
    'lib/about.ts': `export const about = { title: 'Registers', area: 'registrar' as const, purposes: ['OURS'], seconds: 3, harm: 'None.', advice: 'None.' }`,
    'undefined.ts': head('undefined') + story("expect('accepted', (outcome as any).sttus).toBe(200)"),
    'throws.js': head('throws') + story('outcome.there.isNot'),
    'need.ts': `${head('need')}  needs: ['ehco' as 'echo'],\n${story('')}`,
    'syntax.ts': head('syntax') + story('const = 1'),
    'right.ts': head('right') + story(''),
    // So many that threads are worth it.
    'many.ts': `import one from './right.ts'\nexport default Array.from({ length: 60 }, (_, i) => ({ ...one, id: 'ours/many-' + i }))\n`,
  }

  interface Told {
    readonly exitCode: number
    readonly scenarios: { id: string; verdict: string; defect?: { file?: string; line?: number; message: string } }[]
    readonly findings: { kind: string; title: string }[]
  }

  test.each([
    ['in one thread', ['undefined', 'throws', 'need', 'syntax', 'right'], 1],
    ['in several', [''], 61],
  ])('that are mistaken are in error with file and line, and the others are run: %s', async (_, names, passed) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(ours, name)), { recursive: true })
      writeFileSync(join(ours, name), text)
    }
    const out = join(folder, `ours-${names.length}`)
    const only = names.flatMap((name) => ['--only', `ours/${name}`])
    const run = ['run', '--clock', 'virtual', '--seed', '1', '--quiet', '--scenarios', ours, ...only, '--out', out]
    expect((await ringproof(run)).code).toBe(6)
    const told: Told = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    const wrong = told.scenarios.filter(({ verdict }) => verdict !== 'pass')
    expect(told.scenarios.length - wrong.length).toBe(passed)
    expect(wrong.map(({ id, verdict, defect }) => ({ id, verdict, ...defect }))).toEqual([
      {
        id: 'ours/need.ts',
        verdict: 'error',
        file: 'ours/need.ts',
        line: 3,
        column: 16,
        message: "scenario 'ours/need': needs: 'ehco' is no known word; did you mean 'echo'?",
      },
      {
        id: 'ours/syntax.ts',
        verdict: 'error',
        file: 'ours/syntax.ts',
        line: LINE,
        column: 11,
        message: expect.stringMatching(/^SyntaxError: /),
      },
      {
        id: 'ours/throws',
        verdict: 'error',
        file: 'ours/throws.js',
        line: LINE,
        column: 19,
        message: "TypeError: Cannot read properties of undefined (reading 'isNot')",
      },
      {
        id: 'ours/undefined',
        verdict: 'error',
        file: 'ours/undefined.ts',
        line: LINE,
        column: 5,
        message: expect.stringMatching(/^expect\('accepted', …\) was handed undefined/),
      },
    ])
    expect(
      told.findings.filter(({ kind }) => kind === 'defect').map(({ title }) => title.split(':', 3).join(':')),
    ).toEqual([
      'Mistake in scenario ours/need.ts (ours/need.ts:3:16)',
      `Mistake in scenario ours/syntax.ts (ours/syntax.ts:${LINE}:11)`,
      `Mistake in scenario ours/throws (ours/throws.js:${LINE}:19)`,
      `Mistake in scenario ours/undefined (ours/undefined.ts:${LINE}:5)`,
    ])
  })

  test('that end the thread they run in are in error, and the others are run', async () => {
    const deadly = join(folder, 'deadly')
    mkdirSync(join(deadly, 'lib'), { recursive: true })
    for (const name of ['lib/about.ts', 'right.ts', 'many.ts']) writeFileSync(join(deadly, name), files[name] ?? '')
    writeFileSync(join(deadly, 'ends.ts'), head('ends') + story('process.exit(7)'))
    const out = join(folder, 'deadly-out')
    const run = ['run', '--clock', 'virtual', '--seed', '1', '--quiet', '--scenarios', deadly, '--only', 'ours/']
    expect((await ringproof([...run, '--out', out])).code).toBe(6)
    const told: Told = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    expect(told.scenarios.filter(({ verdict }) => verdict === 'pass')).toHaveLength(61)
    expect(told.scenarios.filter(({ verdict }) => verdict !== 'pass')).toMatchObject([
      { id: 'ours/ends', verdict: 'error', reason: 'the thread that performed it ended: exit code 7' },
    ])
  })

  test('in a folder that is not there, or empty, are wrong usage', async () => {
    const none = join(folder, 'nothing-here')
    expect(await ringproof(['run', '--scenarios', none])).toMatchObject({
      code: 2,
      told: `There is no folder ${none}.\n`,
    })
    mkdirSync(none)
    expect(await ringproof(['run', '--scenarios', none])).toMatchObject({
      code: 2,
      told: expect.stringContaining('holds no scenarios'),
    })
  })
})
