/** A run that is split is joined into the verdict of the undivided one. In virtual time, so that both are the same run. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resultSchema, type RunResult } from '../../src/result/result.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-parts-'))
const at = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

function ringproof(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['bin/ringproof.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString()
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })))
}

const CHOICE = ['--clock', 'virtual', '--only', 'registrar', '--transport', 'udp', '--fault', 'expires-not-told']
const run = (out: string, ...more: readonly string[]) =>
  ringproof('run', ...CHOICE, ...more, '--quiet', '--out', at(out))
const read = (name: string): RunResult =>
  resultSchema.parse(JSON.parse(readFileSync(join(at(name), 'result.json'), 'utf8')))

/** What does not depend on where captures are, on when it was begun, or on how it was ordered. */
const essence = ({ verdict, exitCode, sentence, scenarios, findings, notRun }: RunResult) => ({
  verdict,
  exitCode,
  sentence,
  scenarios: scenarios.map((one) => ({ ...one, evidence: [], attempts: [], startedAtMs: 0 })),
  findings: findings.map((one) => ({ ...one, evidence: [] })),
  notRun: notRun.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
})

beforeAll(async () => {
  await Promise.all([run('whole'), run('1', '--shard', '1/2'), run('2', '--shard', '2/2')])
})

describe('ringproof merge of a conformance run', () => {
  test('verdict, findings and scenarios are those of the undivided run', async () => {
    const { code } = await ringproof('merge', at('2'), at('1'), '--quiet', '--out', at('joined'))
    const [joined, whole] = [read('joined'), read('whole')]
    expect(code).toBe(1)
    expect(essence(joined)).toEqual(essence(whole))
    expect(joined.selection).toEqual(whole.selection)
    expect(read('1').scenarios.length * read('2').scenarios.length).toBeGreaterThan(0)
    const captures = readdirSync(join(at('joined'), 'evidence'))
    for (const { evidence } of joined.scenarios)
      for (const path of evidence) expect(captures).toContain(path.replace('evidence/', ''))
  })

  test('a part says that it is one in the command that repeats it', () => {
    expect(read('2').repeat).toContain('--shard 2/2')
    expect(read('2').selection?.shard).toBe('2/2')
  })

  test('a part that is missing is told, and the run is not whole', async () => {
    const healthy = read('1').exitCode === 0 ? '1' : '2'
    const { code, said } = await ringproof('merge', at(healthy), '--out', at('half'))
    const half = read('half')
    expect(code).toBe(half.verdict === 'fail' ? 1 : 5)
    expect(said).toMatch(/Part [12] of 2 is missing\./)
    expect(half.notRun).toContainEqual(expect.objectContaining({ kind: 'part' }))
    expect(half.selection?.shard).toBe(`${healthy}/2`)
  })

  test('a baseline of the whole run fits: what fails is as before', async () => {
    const gate = ['--baseline', at('whole'), '--fail-on', 'regression']
    const { code, said } = await ringproof('merge', at('1'), at('2'), ...gate, '--out', at('gated'))
    expect(said).toContain('1 unchanged')
    expect(code).toBe(0)
    expect(readFileSync(join(at('gated'), 'junit.xml'), 'utf8')).not.toContain('<failure')
  })

  test.each([
    ['the same part twice', ['1', '1'], /are the same part, 1 of 2/],
    ['a whole run', ['1', 'whole'], /is no part of a conformance run: parts are made with run --shard/],
  ])('%s is refused', async (_name, names, why) => {
    const { code, said } = await ringproof('merge', ...names.map(at), '--out', at('refused'))
    expect(said).toMatch(why)
    expect(code).toBe(2)
  })

  /** A part as another machine would have made it. */
  function copied(name: string, change: (result: Record<string, unknown>) => object): string {
    cpSync(at('2'), at(name), { recursive: true })
    const file = join(at(name), 'result.json')
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))))
    return at(name)
  }

  test('a part of another release is refused', async () => {
    const old = copied('old', (result) => ({ ...result, ringproof: '0.0.9' }))
    const { code, said } = await ringproof('merge', at('1'), old, '--out', at('refused'))
    expect(said).toMatch(/are not parts of one run: their version of ringproof differ \(\d+\.\d+\.\d+ and 0\.0\.9\)/)
    expect(code).toBe(2)
  })

  test('a machine whose clock is an hour off changes no verdict', async () => {
    const late = copied('late', (result) => ({
      ...result,
      startedAt: new Date(Date.parse(String(result['startedAt'])) - 3_600_000).toISOString(),
    }))
    const { code } = await ringproof('merge', at('1'), late, '--quiet', '--out', at('apart'))
    expect(code).toBe(1)
    expect(essence(read('apart'))).toEqual(essence(read('whole')))
  })

  test('a damaged part is refused', async () => {
    const { index, of } = JSON.parse(readFileSync(join(at('2'), 'part.json'), 'utf8'))
    writeFileSync(join(at('2'), 'part.json'), JSON.stringify({ partVersion: 1, index, of, facts: {} }))
    const { code, said } = await ringproof('merge', at('1'), at('2'), '--out', at('refused'))
    expect(said).toMatch(/part\.json is not a part of a run of this ringproof: facts\./)
    expect(code).toBe(2)
  })
})
