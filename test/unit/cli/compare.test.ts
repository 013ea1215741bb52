import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.js'
import { resultOf, type RunStory } from '../../../src/cli/result-of.js'
import { writeReport } from '../../../src/report/write-report.js'
import type { RunResult } from '../../../src/result/result.js'
import { snapshotOf } from '../../../src/verdict/comparison/snapshot.js'
import { parseTarget } from '../../../src/target/target-file.js'
import { ran, tested } from '../verdict/comparison-fixtures.js'
import { sinks } from './sinks.js'

let folder = ''
const at = (name: string) => join(folder, name)
const good = () => ran({ scenarios: [tested('a/b', 'held'), tested('a/c', 'broken')] })
const bad = () => ran({ scenarios: [tested('a/b', 'broken'), tested('a/c', 'broken')] })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-compare-'))
  await writeReport(at('good'), good())
  await writeReport(at('again'), good())
  await writeReport(at('bad'), bad())
  await writeReport(at('other'), ran({ scenarios: [tested('a/b', 'held')] }, { target: { name: 'other', file: '' } }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function cli(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  const { printed, options } = sinks()
  const code = await main(args, options)
  return { code, out: printed.out, told: printed.err }
}

describe('ringproof compare', () => {
  test('tells what changed and ends with 0; with 1 where it is to fail on that', async () => {
    const { code, out } = await cli('compare', at('good'), at('bad'))
    expect(out).toMatch(/^Comparison: 1 new problem against \S+ \(run of 2026-\d\d-\d\d\); 1 unchanged\.\n/)
    expect(out).toMatch(/\n {2}new +Harm of a\/b – 1 test shows it now and did not before \(a\/b udp\/ipv4\)\n/)
    expect(code).toBe(0)
    for (const what of ['regression', 'letter', 'harm', 'regression,harm'])
      expect((await cli('compare', at('good'), at('bad'), '--fail-on', what)).code).toBe(1)
    expect((await cli('compare', at('bad'), at('good'), '--fail-on', 'regression')).code).toBe(0)
    expect((await cli('compare', at('other'), at('good'), '--fail-on', 'regression')).code).toBe(4)
  })

  test('--json is the comparison and nothing else', async () => {
    const { out, told } = await cli('compare', at('good'), join(at('bad'), 'result.json'), '--json')
    expect(JSON.parse(out)).toMatchObject({ conclusive: true, findings: [{ state: 'new' }, { state: 'still' }] })
    expect(told).toContain('Comparison: 1 new problem')
  })
})

describe('ringproof baseline', () => {
  test('makes a file of runs that compare and run take', async () => {
    const { code, out, told } = await cli('baseline', at('good'), at('again'), '--out', at('base.json'))
    expect([code, out]).toEqual([0, `${at('base.json')}: 2 runs, 2 scenarios\n`])
    expect(told).toMatch(/fewer than three runs/)
    expect((await cli('compare', at('base.json'), at('bad'), '--fail-on', 'regression')).code).toBe(1)
    expect(JSON.parse(readFileSync(at('base.json'), 'utf8')).runs).toHaveLength(2)
  })

  test('of runs of two kinds is refused, and nothing is written', async () => {
    const { code, told } = await cli('baseline', at('good'), at('other'), '--out', at('mixed.json'))
    expect(code).toBe(2)
    expect(told).toMatch(/not alike: target dus, and other/)
    expect(existsSync(at('mixed.json'))).toBe(false)
  })
})

describe('a run with a baseline', () => {
  const document = parseTarget(
    "name: dus\ndomain: dus.example\nendpoints: { udp: { host: dus.example } }\naccounts:\n  - user: '${U}'\n    password: '${P}'\n",
    { file: 'dus.yaml', env: { U: '1', P: 'hush-hush' } },
  )
  const story = (scenarios: RunResult['scenarios'], more: Partial<RunStory> = {}): RunResult =>
    resultOf({
      command: 'run',
      seed: 1,
      clock: 'wall',
      document,
      file: 'dus.yaml',
      faults: [],
      startedAt: Date.UTC(2026, 5, 1),
      endedAt: Date.UTC(2026, 5, 1),
      survey: undefined,
      repeat: '',
      selection: {},
      outcome: { scenarios, notRun: [], notes: [], noise: [], interrupted: false },
      facts: {},
      ...more,
    })
  const held = [tested('a/b', 'held'), tested('a/c', 'broken')]
  const baseline = () => ({ name: 'base.json', baseline: snapshotOf(story(held, { startedAt: Date.UTC(2026, 4, 1) })) })

  test('holds what changed; what fails all the same still fails it', () => {
    const result = story(held, { baseline: baseline() })
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1, comparison: { findings: [{ state: 'still' }] } })
  })

  test('fails only on what is worse, where that was asked for; its verdict stays', () => {
    const only = { baseline: baseline(), onlyRegressions: true }
    expect(story(held, only)).toMatchObject({ verdict: 'fail', exitCode: 0 })
    expect(story([tested('a/b', 'broken')], only)).toMatchObject({ verdict: 'fail', exitCode: 1 })
    // Nothing was decided: no gate passes by that.
    expect(story([tested('a/b', 'open')], only).exitCode).toBe(4)
    expect(story(held, { ...only, facts: { interruptedBy: 'SIGINT' } }).exitCode).toBe(130)
    expect(story(held, { ...only, facts: { incomplete: true } }).exitCode).toBe(5)
  })
})
