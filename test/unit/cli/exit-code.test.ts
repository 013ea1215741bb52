import { constantFrom, assert, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, factsOf, type RunFacts } from '../../../src/cli/exit-code.js'
import type { RunResult, ScenarioResult, Verdict } from '../../../src/result/result.js'

const order: [keyof RunFacts, number][] = [
  ['wrongUsage', 2],
  ['unreachable', 3],
  ['defect', 6],
  ['failed', 1],
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

const load = (extra: Partial<NonNullable<RunResult['load']>> = {}): NonNullable<RunResult['load']> => ({
  profile: 'load',
  valid: true,
  generator: { sendLatenessP99Ms: 0, eventLoopLagP99Ms: 0 },
  calls: { started: 1, completed: 1, failed: 0, oneWay: 0 },
  relays: [],
  ...extra,
})

const codeOf = (parts: Partial<Pick<RunResult, 'scenarios' | 'findings' | 'load'>>) =>
  exitCodeOf(factsOf({ scenarios: [], findings: [], ...parts }))

describe('exit codes', () => {
  test('the first that applies decides', () => {
    const flag = constantFrom(true, false, undefined)
    const facts = record({
      interruptedBy: constantFrom(undefined, undefined, 'SIGINT' as const, 'SIGTERM' as const),
      ...Object.fromEntries(order.map(([name]) => [name, flag])),
    })
    assert(
      property(facts, (given: RunFacts) => {
        const interrupted =
          given.interruptedBy === undefined ? undefined : { SIGINT: 130, SIGTERM: 143 }[given.interruptedBy]
        return exitCodeOf(given) === (interrupted ?? order.find(([name]) => given[name])?.[1] ?? 0)
      }),
    )
  })

  test.each<[string, Verdict[], number]>([
    ['all held', ['pass', 'pass'], 0],
    ['a warning counts as held', ['pass', 'warn'], 0],
    ['a failure', ['pass', 'fail', 'warn'], 1],
    ['a defect stands before a failure', ['fail', 'error'], 6],
    ['some inconclusive', ['pass', 'inconclusive'], 0],
    ['nothing but inconclusive', ['inconclusive', 'unsupported', 'not applicable'], 4],
    ['nothing that could be tested', ['unsupported', 'not applicable'], 0],
  ])('%s', (_, verdicts, code) => {
    expect(codeOf({ scenarios: scenarios(...verdicts) })).toBe(code)
  })

  test('a finding that fails', () => {
    const finding = {
      id: 'EXAM',
      kind: 'standing-check' as const,
      gravity: 'harm' as const,
      severity: 'fail' as const,
      title: '',
      provider: [],
      evidence: [],
      scenarios: [],
    }
    expect(codeOf({ scenarios: scenarios('pass'), findings: [finding] })).toBe(1)
    expect(codeOf({ scenarios: scenarios('pass'), findings: [{ ...finding, severity: 'warn' }] })).toBe(0)
  })

  test('a load', () => {
    const broken = { thresholds: [{ metric: 'm', condition: 'c', ok: false }] }
    expect(codeOf({ load: load() })).toBe(0)
    expect(codeOf({ load: load(broken) })).toBe(1)
    expect(codeOf({ load: load({ reconciliation: [{ what: 'calls', k6: 1, agents: 2, ok: false }] }) })).toBe(1)
    expect(codeOf({ load: load({ ...broken, valid: false }) }), 'a slow generator proves nothing').toBe(4)
  })

  test('a load of which every call failed, whatever the thresholds say', () => {
    const thresholds = [{ metric: 'rtp_jitter', condition: 'p(95)<30', ok: true }]
    const calls = { started: 100, completed: 0, failed: 100, oneWay: 0 }
    expect(codeOf({ load: load({ calls, thresholds }) })).toBe(1)
    expect(codeOf({ load: load({ calls, thresholds: [] }) })).toBe(1)
    expect(codeOf({ load: load({ calls: { ...calls, completed: 1, failed: 99 }, thresholds }) })).toBe(0)
  })
})
