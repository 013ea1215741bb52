import { constantFrom, assert, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../../src/result/terms.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import type { Finding } from '../../../src/result/finding.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import { exitCodeOf, exitCodeWithoutReport, type Outcome } from '../../../src/verdict/exit-code.js'
import { conclude } from '../../../src/verdict/conclude.js'
import { decideRun } from '../../../src/verdict/run.js'

const order: [keyof Outcome, number][] = [
  ['unreachable', 3],
  ['failed', 1],
  ['gone', 3],
  ['defect', 6],
  ['notValid', 4],
  ['notRun', 5],
]

const scenarios = (...verdicts: Verdict[]): ScenarioResult[] =>
  verdicts.map((verdict, index) => ({
    id: `area/${index}`,
    title: '',
    area: 'proxy',
    purposes: [],
    provider: [],
    variant: { transport: 'udp', family: 'ipv4' },
    verdict,
    reason: '',
    durationMs: 0,
    checks: [],
    evidence: [],
  }))

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'some-cause',
  kind: 'rule',
  gravity: 'harm',
  severity: 'fail',
  title: '',
  provider: [],
  evidence: [],
  scenarios: [],
  ...more,
})

const load = (extra: Partial<LoadResult> = {}): LoadResult => ({
  profile: 'load',
  valid: true,
  generator: { sendLatenessP99Ms: 0, eventLoopLagP99Ms: 0 },
  calls: { started: 1, completed: 1, failed: 0, oneWay: 0 },
  relays: [],
  ...extra,
})

const decided = (run: Partial<Parameters<typeof decideRun>[0]>) => {
  const { verdict, exitCode } = decideRun({ scenarios: [], findings: [], ...run })
  return [exitCode, verdict]
}
const ofLoad = (extra: Partial<LoadResult>) => {
  const { exitCode, verdict } = conclude({ scenarios: [], notes: [], notRun: [], load: load(extra) })
  return [exitCode, verdict]
}

describe('exit codes', () => {
  test('the first that applies decides', () => {
    const flag = constantFrom(true, false, undefined)
    const outcomes = record({
      interruptedBy: constantFrom(undefined, undefined, 'SIGINT' as const, 'SIGTERM' as const),
      ...Object.fromEntries(order.map(([name]) => [name, flag])),
    })
    assert(
      property(outcomes, (given: Outcome) => {
        const interrupted =
          given.interruptedBy === undefined ? undefined : { SIGINT: 130, SIGTERM: 143 }[given.interruptedBy]
        return exitCodeOf(given) === (interrupted ?? order.find(([name]) => given[name])?.[1] ?? 0)
      }),
    )
  })

  test('a report that could not be written matters only where all held', () => {
    expect([0, 1, 3, 4, 5, 6, 130, 143].map(exitCodeWithoutReport)).toEqual([5, 1, 3, 4, 5, 6, 130, 143])
  })

  test.each<[string, Verdict[], Finding[], [number, string]]>([
    ['all held', ['pass', 'pass'], [], [0, 'pass']],
    ['a warning counts as held', ['pass', 'warn'], [], [0, 'warn']],
    ['good to know', ['pass'], [finding({ severity: 'info' })], [0, 'pass']],
    ['a failure', ['pass', 'fail', 'warn'], [finding()], [1, 'fail']],
    ['a standing check alone', ['pass'], [finding({ kind: 'standing-check' })], [1, 'fail']],
    ['a failure stands before a defect', ['fail', 'error'], [finding()], [1, 'fail']],
    ['a defect', ['pass', 'error'], [finding({ kind: 'defect', severity: 'warn' })], [6, 'error']],
    ['some inconclusive', ['pass', 'inconclusive'], [], [0, 'warn']],
    ['nothing but inconclusive', ['inconclusive', 'unsupported', 'not applicable'], [], [4, 'inconclusive']],
    ['nothing that could be tested', ['unsupported', 'not applicable'], [], [0, 'pass']],
    ['nobody can log in: nothing was run', [], [finding({ kind: 'vital-sign', gravity: 'outage' })], [1, 'fail']],
  ])('%s', (_, verdicts, findings, expected) => {
    expect(decided({ scenarios: scenarios(...verdicts), findings })).toEqual(expected)
  })

  test('with --fail-on harm the letter alone does not fail a run', () => {
    const letter = finding({ gravity: 'letter' })
    expect(decided({ findings: [letter] })).toEqual([1, 'fail'])
    expect(decided({ findings: [letter], failOn: 'harm' })).toEqual([0, 'warn'])
    expect(decided({ findings: [letter, finding({ gravity: 'exposure' })], failOn: 'harm' })).toEqual([1, 'fail'])
  })

  test('a target that stopped answering does not hide what had failed before', () => {
    expect(decided({ scenarios: scenarios('pass'), gone: 'It stopped.' })).toEqual([3, 'inconclusive'])
    expect(decided({ scenarios: scenarios('fail'), findings: [finding()], gone: 'It stopped.' })).toEqual([1, 'fail'])
    expect(decided({ scenarios: scenarios('pass'), defect: 'It threw.' })).toEqual([6, 'error'])
    expect(decided({ scenarios: scenarios('pass'), findings: [finding({ kind: 'defect' })] })).toEqual([0, 'warn'])
    expect(decided({ unreachable: 'It does not answer.', findings: [finding()] })).toEqual([3, 'inconclusive'])
  })

  test('a load', () => {
    const broken = { thresholds: [{ metric: 'm', condition: 'c', ok: false }] }
    expect(ofLoad({})).toEqual([0, 'pass'])
    expect(ofLoad(broken)).toEqual([1, 'fail'])
    expect(ofLoad({ ...broken, valid: false }), 'a slow generator proves nothing').toEqual([4, 'invalid'])
  })

  test('a load of which every call failed, whatever the thresholds say', () => {
    const thresholds = [{ metric: 'rtp_jitter', condition: 'p(95)<30', ok: true }]
    const calls = { started: 100, completed: 0, failed: 100, oneWay: 0 }
    expect(ofLoad({ calls, thresholds })).toEqual([1, 'fail'])
    expect(ofLoad({ calls, thresholds: [] })).toEqual([1, 'fail'])
    expect(ofLoad({ calls: { ...calls, completed: 1, failed: 99 }, thresholds })).toEqual([0, 'warn'])
  })
})
