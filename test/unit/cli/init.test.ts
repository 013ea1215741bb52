/** `ringproof init` without a network: what it writes, asks and leaves alone. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { orderFrom } from '../../../src/cli/commands/init.js'
import { filesOf, type Wishes } from '../../../src/cli/init/files.js'
import type { Seen } from '../../../src/cli/init/look.js'
import { main } from '../../../src/cli/main.js'
import { NO_FACTS } from '../../../src/scenario/facts.js'
import { loadTarget, parseTarget } from '../../../src/target/target-file.js'
import { sinks } from './sinks.js'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ringproof-init-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const ENV = Object.fromEntries(
  [1, 2, 3].flatMap((number) => [
    [`RINGPROOF_USER_${number}`, `user${number}`],
    [`RINGPROOF_PASSWORD_${number}`, 'secret'],
  ]),
)

async function init(...args: string[]) {
  const { printed, options } = sinks()
  const code = await main(['init', ...args, '--out', folder, '--yes'], options)
  return { code, ...printed }
}

const at = (path: string) => readFileSync(join(folder, path), 'utf8')

describe('what it writes', () => {
  test('a target file, a scenario, what an editor wants, and a job', async () => {
    const { code, out, err } = await init(
      'sip.example.com',
      '--offline',
      '--echo',
      '*43',
      '--accounts',
      '3',
      '--ci',
      'github',
    )
    expect(code, err).toBe(0)
    expect(out).toContain(`wrote ${join(folder, 'ringproof/target.yaml')}`)
    const document = loadTarget(join(folder, 'ringproof/target.yaml'), ENV)
    expect(document).toMatchObject({ name: 'sip.example.com', domain: 'sip.example.com', services: { echo: '*43' } })
    expect(document.accounts.map(({ user }) => user)).toEqual(['user1', 'user2', 'user3'])
    expect(JSON.parse(at('ringproof/tsconfig.json'))).toMatchObject({ include: ['scenarios'] })
    expect(at('ringproof/scenarios/registers-again.ts')).toContain("id: 'ours/registers-again'")
    const job = parse(at('.github/workflows/ringproof.yml'))
    expect(Object.keys(job.jobs.conformance.env)).toEqual(Object.keys(ENV))
    expect(job.jobs.conformance.env.RINGPROOF_USER_1).toBe('${{ secrets.RINGPROOF_USER_1 }}')
  })

  test('a job for GitLab, where the folder is one of GitLab', async () => {
    writeFileSync(join(folder, '.gitlab-ci.yml'), 'stages: [test]\n')
    expect(await init('sip.example.com', '--offline')).toMatchObject({ code: 0 })
    expect(parse(at('ringproof/gitlab-ci.yml')).ringproof.artifacts.reports).toEqual({ junit: 'report/junit.xml' })
    expect(at('.gitlab-ci.yml')).toBe('stages: [test]\n')
  })

  test('nothing over a target file that is there', async () => {
    mkdirSync(join(folder, 'ringproof'))
    writeFileSync(join(folder, 'ringproof/target.yaml'), 'mine\n')
    const { code, err } = await init('sip.example.com', '--offline', '--ci', 'github')
    expect(err).toContain('is there already, and is not overwritten')
    expect(code).toBe(2)
    expect(at('ringproof/target.yaml')).toBe('mine\n')
    expect(existsSync(join(folder, '.github'))).toBe(false)
  })

  test('nothing over any other file either', async () => {
    mkdirSync(join(folder, 'ringproof/scenarios'), { recursive: true })
    writeFileSync(join(folder, 'ringproof/scenarios/registers-again.ts'), 'mine\n')
    const { code, out } = await init('sip.example.com', '--offline')
    expect(code).toBe(0)
    expect(out).toContain(`kept  ${join(folder, 'ringproof/scenarios/registers-again.ts')}, which is there already`)
    expect(at('ringproof/scenarios/registers-again.ts')).toBe('mine\n')
  })
})

describe('what it refuses', () => {
  test.each<[string, string[], RegExp]>([
    ['no domain', ['--offline'], /Name the domain/],
    ['a domain that is none', ['sip:a b', '--offline'], /'sip:a b' is no domain/],
    ['an echo test that is no number', ['a.example', '--offline', '--echo', 'me'], /Expected a number to dial/],
    ['a name server by name', ['a.example', '--dns', 'ns.example'], /Expected a numeric address/],
    ['a log-in of nobody', ['a.example', '--login'], /--login needs RINGPROOF_USER_1/],
    ['a log-in offline', ['a.example', '--login', '--offline'], /remove one of them/],
  ])('%s', async (_, args, words) => {
    const { code, err } = await init(...args)
    expect(err).toMatch(words)
    expect(code).toBe(2)
    expect(existsSync(join(folder, 'ringproof'))).toBe(false)
  })
})

test('a person is asked for what the options leave open', async () => {
  const asked: string[] = []
  const answers = ['sip.example.com.', '', '3', 'gitlab']
  const order = await orderFrom(undefined, { out: folder }, (question) => {
    asked.push(question)
    return Promise.resolve(answers[asked.length - 1] ?? '')
  })
  expect(order).toMatchObject({ domain: 'sip.example.com', echo: undefined, accounts: 3, ci: 'gitlab' })
  expect(asked).toHaveLength(4)
})

describe('what was found is written', () => {
  const wishes: Wishes = { domain: 'example.com', name: 'example', accounts: 2, ci: 'none' }
  const seen: Seen = {
    announced: [],
    tried: { udp: { host: 'example.com', port: 5060 }, tls: { host: 'example.com', port: 5061 } },
    answering: new Set(['udp']),
    families: ['ipv4', 'ipv6'],
    stun: { host: 'stun.example.com', port: 3478 },
    survey: { durationMs: 0, vitalSigns: [], facts: [] },
    facts: NO_FACTS,
    unreachable: undefined,
  }
  const written = (told: Partial<Seen>) => {
    const text = filesOf(wishes, { ...seen, ...told })[0]?.text ?? ''
    return { text, document: parseTarget(text, { file: 'target.yaml', env: ENV }) }
  }

  test('servers that DNS does not name, and answer', () => {
    const { text, document } = written({})
    expect(document.endpoints).toEqual({ udp: { host: 'example.com', port: 5060 } })
    expect(document.families).toEqual(['ipv4', 'ipv6'])
    expect(document.stun).toEqual({ host: 'stun.example.com', ports: [3478] })
    expect(text).toContain('# tls: { host: "example.com", port: 5061 }   not usable when this was written')
  })

  test('those that DNS names are left to it', () => {
    const { text, document } = written({ announced: [{ transport: 'udp', host: 'sip1.example.com', port: 5060 }] })
    expect(document.endpoints).toEqual({})
    expect(text).toContain('#   udp: { host: "example.com", port: 5060 }')
  })

  test('what log-in and calls have taught', () => {
    const facts = { ...NO_FACTS, srtp: { tls: 'required' }, registration: { asked: 600, minimum: 120 } } as const
    const { document } = written({ facts })
    expect(document.media.srtp).toEqual(['AES_CM_128_HMAC_SHA1_80'])
    expect(document.policy.registration).toMatchObject({ minExpires: 120 })
  })
})
