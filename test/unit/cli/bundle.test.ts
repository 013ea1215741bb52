import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.js'
import { writeReport } from '../../../src/report/write-report.js'
import { resultSchema, type RunResult } from '../../../src/result/result.js'
import { faultyRun, passingRun } from '../report/fixtures.js'
import { surveyedRun } from '../report/surveyed-run.js'
import { sinks } from './sinks.js'

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
const DIGEST = '6629fae49393a05397450978507c4ef1'
const SECRETS = [KEY, DIGEST, 'QWxhZGRpbjpvcGVu']
/** As a run of an older release, or somebody else's, may have it. */
const LEAKY = [
  'INVITE sip:bob@example.net SIP/2.0',
  `Authorization: Digest username="alice", response="${DIGEST}"`,
  'Proxy-Authorization: Basic QWxhZGRpbjpvcGVu',
  '',
  `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`,
].join('\r\n')

let folder = ''
const at = (name: string) => join(folder, name)
const evidenceOf = (run: RunResult) =>
  [...run.scenarios, ...(run.survey?.vitalSigns ?? [])].flatMap((one) => [
    ...one.evidence,
    ...(one.attempts ?? []).flatMap((attempt) => attempt.evidence),
  ])

async function runIn(name: string, run: RunResult): Promise<void> {
  await writeReport(at(name), run)
  mkdirSync(join(at(name), 'evidence'), { recursive: true })
  for (const path of evidenceOf(run)) writeFileSync(join(at(name), path), `capture ${LEAKY}`)
}

function leaky(): RunResult {
  const run = faultyRun()
  return {
    ...run,
    scenarios: run.scenarios.map((one) =>
      one.id === 'nat/keep-alive' && one.ladder
        ? {
            ...one,
            story: [{ atMs: 1, text: `alice sends ${LEAKY}` }],
            ladder: { ...one.ladder, arrows: one.ladder.arrows.map((arrow) => ({ ...arrow, message: LEAKY })) },
          }
        : one,
    ),
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-bundle-'))
  await runIn('faulty', leaky())
  await runIn('passing', passingRun())
  await runIn('surveyed', surveyedRun())
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function cli(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  const { printed, options } = sinks()
  const code = await main(['bundle', ...args], options)
  return { code, out: printed.out, told: printed.err }
}

let archives = 0

async function bundled(...args: string[]): Promise<{ files: Record<string, string>; told: string }> {
  archives += 1
  const out = at(`${archives}.zip`)
  const { code, told, out: printed } = await cli(...args, '--out', out)
  expect({ code, printed }).toEqual({ code: 0, printed: `${out}\n` })
  const files = Object.entries(unzipSync(readFileSync(out))).map(([name, bytes]): [string, string] => [
    name.replace(/^[^/]+\//, ''),
    strFromU8(bytes),
  ])
  return { files: Object.fromEntries(files), told }
}

describe('ringproof bundle', () => {
  test('packs the audio of its calls where that is still there, and never the keys of TLS', async () => {
    const heard = (name: string) => ({ who: 'alice', direction: 'heard' as const, seconds: 1, evidence: [name] })
    const having = (evidence: readonly string[]): RunResult => {
      const run = faultyRun()
      const recordings = [heard('evidence/a.wav'), heard('evidence/gone.wav')]
      const scenarios = run.scenarios.map((one) =>
        one.id === 'nat/keep-alive' ? { ...one, recordings, evidence: [...one.evidence, ...evidence] } : one,
      )
      return { ...run, scenarios }
    }
    await runIn('heard', having([]))
    writeFileSync(join(at('heard'), 'evidence', 'a.wav'), 'RIFF')
    const { files } = await bundled('nat/keep-alive', at('heard'))
    expect(files['evidence/a.wav']).toBe('RIFF')
    expect(files['README.txt']).toContain('evidence/a.wav   audio, decrypted')
    const [one] = resultSchema.parse(JSON.parse(files['result.json'] ?? '')).scenarios
    expect(one?.recordings?.map(({ evidence }) => evidence)).toEqual([['evidence/a.wav'], []])

    await runIn('keys', having(['evidence/x.tls.pcapng']))
    const { code, told } = await cli('nat/keep-alive', at('keys'), '--out', at('keys.zip'))
    expect([code, told]).toEqual([2, expect.stringContaining('x.tls.pcapng is not a capture')])
    expect(existsSync(at('keys.zip'))).toBe(false)
  })

  test('packs a failing scenario with all that whoever is to mend it needs', async () => {
    const { files } = await bundled('nat/keep-alive', at('faulty'))
    const captures = Object.keys(files).filter((name) => name.startsWith('evidence/'))
    expect(captures.length).toBeGreaterThan(0)
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['README.txt', 'index.html', 'scenario.txt', 'messages.txt', 'result.json']),
    )
    expect(files['README.txt']).toContain('expected: a call after 120 s rings')
    expect(files['README.txt']).toContain('actual:   no INVITE reached the device after 65 s and more')
    expect(files['README.txt']).toMatch(/Tested by: ringproof \S+, Node /)
    expect(files['README.txt']).toMatch(/Repeat it: \S/)
    expect(files['README.txt']).toContain(captures[0])
    expect(files['scenario.txt']).toContain('BH-9')
    expect(files['messages.txt']).toMatch(/^--- \d+\.\d{3} s {2}\S+ -> \S+ {2}\S/)
    const run = resultSchema.parse(JSON.parse(files['result.json'] ?? ''))
    expect(run.scenarios.map(({ id }) => id)).toEqual(['nat/keep-alive'])
    expect(run.scenarios[0]?.evidence.every((path) => captures.includes(path))).toBe(true)
  })

  test('no secret is in any file, whatever the run left in it', async () => {
    const { files } = await bundled('nat/keep-alive', at('faulty'))
    for (const [name, text] of Object.entries(files))
      for (const secret of SECRETS) expect(text.includes(secret), `${secret} in ${name}`).toBe(false)
    expect(files['messages.txt']).toContain('username="alice", response="********')
    // A capture keeps its length: packets are found by it.
    const [capture = ''] = Object.entries(files).flatMap(([name, text]) => (name.startsWith('evidence/') ? [text] : []))
    expect(capture).toHaveLength(`capture ${LEAKY}`.length)
    expect(capture).toContain(`inline:${'A'.repeat(KEY.length)}`)
  })

  test('finds what is meant by a finding, and by a vital sign', async () => {
    const finding = faultyRun().findings.find(({ scenarios, kind }) => kind === 'rule' && scenarios.length > 0)
    const { files } = await bundled(finding?.id ?? '', at('faulty'))
    const run = resultSchema.parse(JSON.parse(files['result.json'] ?? ''))
    expect(finding?.scenarios.map(({ scenario }) => scenario)).toContain(run.scenarios[0]?.id)
    const sign = surveyedRun().survey?.vitalSigns.find(({ verdict }) => verdict === 'fail')
    const ofSign = await bundled(
      sign?.id ?? '',
      at('surveyed'),
      ...(sign?.evidence.length ? [] : ['--without-capture']),
    )
    expect(resultSchema.parse(JSON.parse(ofSign.files['result.json'] ?? '')).survey?.vitalSigns).toHaveLength(1)
  })

  test('of several that fail it takes the first, and says which others there are', async () => {
    const { told } = await bundled('registrar/refresh-replaces', at('faulty'))
    expect(told).toMatch(/registrar\/refresh-replaces on \w+\/\w+; fail as well: .*Choose with/)
    const { files } = await bundled(
      'registrar/refresh-replaces',
      at('faulty'),
      '--transport',
      'tls',
      '--family',
      'ipv6',
    )
    expect(resultSchema.parse(JSON.parse(files['result.json'] ?? '')).scenarios[0]?.variant).toEqual({
      transport: 'tls',
      family: 'ipv6',
    })
  })

  test.each<[string, readonly string[], RegExp]>([
    [
      'an unknown id',
      ['nat/keep-alve', 'faulty'],
      /There is no 'nat\/keep-alve' in .*; did you mean 'nat\/keep-alive'\? What did not pass: /,
    ],
    [
      'nothing like an id',
      ['qqqqqqqqqqqq', 'passing'],
      /There is no 'qqqqqqqqqqqq' in \S+\. Nothing failed in this run\./,
    ],
    [
      'one that passed',
      ['digest/stale-nonce', 'passing'],
      /digest\/stale-nonce did not fail in .* \(pass on udp\/ipv4 and tls\/ipv4\)/,
    ],
    ['one that was not run', ['services/wake-up', 'passing'], /services\/wake-up was not run in .*: takes 660 s/],
    [
      'another transport',
      ['nat/keep-alive', 'faulty', '--transport', 'tcp'],
      /was not run so; it was run on udp\/ipv4/,
    ],
    ['a load', ['load/load', 'passing'], /is about a load|There is no/],
    ['no run', ['nat/keep-alive', 'no-such-run'], /There is no .*no-such-run/],
  ])('%s ends with 2 and a sentence', async (_, [id = '', run = '', ...more], sentence) => {
    const { code, told } = await cli(id, at(run), ...more)
    expect(told).toMatch(sentence)
    expect(code).toBe(2)
  })

  test('a capture that is missing, or lies elsewhere, is not passed over in silence', async () => {
    await runIn('moved', faultyRun())
    const [path = ''] = faultyRun().scenarios.find(({ id }) => id === 'nat/keep-alive')?.evidence ?? []
    unlinkSync(join(at('moved'), path))
    const missing = await cli('nat/keep-alive', at('moved'), '--out', at('missing.zip'))
    expect(missing.told).toMatch(/The capture evidence\/\S+ is missing in .*--without-capture/)
    expect([missing.code, existsSync(at('missing.zip'))]).toEqual([2, false])
    const { files } = await bundled('nat/keep-alive', at('moved'), '--without-capture')
    expect(files['README.txt']).toContain('no packets: the capture was left out')
    symlinkSync('/etc/passwd', join(at('moved'), path))
    expect((await cli('nat/keep-alive', at('moved'))).told).toMatch(/is not a capture in the folder of the run/)
  })

  test('the same run gives the same archive', async () => {
    for (const name of ['one.zip', 'two.zip']) await cli('nat/keep-alive', at('faulty'), '--out', at(name))
    expect(readFileSync(at('one.zip')).equals(readFileSync(at('two.zip')))).toBe(true)
  })
})
