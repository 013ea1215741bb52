/** What scenarios that ran as load come to in the end: findings, the sentence, the exit code. */
import { describe, expect, it } from 'vitest'
import type { LoadResult, RunsOfScenario } from '../../../src/result/load-result.js'
import { problemsOf } from '../../../src/verdict/load-validity.js'
import { check, result, run } from './records.js'

const sum = (id: string, more: Partial<RunsOfScenario['checks'][number]> = {}): RunsOfScenario['checks'][number] => ({
  id,
  level: 'MUST',
  rule: 'RFC 3261 §10.3',
  paraphrase: `rule ${id} holds`,
  held: 0,
  failed: 0,
  warned: 0,
  open: 0,
  ...more,
})
const runs = (id: string, more: Partial<RunsOfScenario>): RunsOfScenario => ({
  id,
  title: `title of ${id}`,
  variant: { transport: 'udp', family: 'ipv4' },
  runs: 500,
  verdicts: { pass: 500 },
  reasons: {},
  checks: [sum('heard', { held: 500 })],
  first: [],
  ...more,
})
const load = (scenarios: RunsOfScenario[], more: Partial<LoadResult> = {}): LoadResult => ({
  profile: 'scenarios',
  valid: true,
  generator: { sendLatenessP99Ms: 0, eventLoopLagP99Ms: 1 },
  calls: { started: 0, completed: 0, failed: 0, oneWay: 0 },
  relays: [],
  scenarios,
  runs: { started: 500, ended: 500, interrupted: 0, begunLate: 0, harnessLate: 0, peakConcurrent: 90, worstLagMs: 12 },
  ...more,
})
const failing = runs('media/two-way', {
  verdicts: { pass: 488, fail: 12 },
  checks: [sum('heard', { held: 488, failed: 12 })],
  first: [result('media/two-way', [check('heard', { actual: 'silence', cause: 'no-audio', gravity: 'outage' })])],
})
const limit = (ok: boolean) => ({
  thresholds: [{ metric: 'scenario_pass', condition: 'rate==1', ok, measured: 0.976 }],
})

describe('scenarios as load', () => {
  it('that all pass are a pass, told in numbers', () => {
    expect(
      run({ load: load([runs('media/two-way', {}), runs('media/echo', { runs: 100, verdicts: { pass: 100 } })]) }),
    ).toMatchObject({
      verdict: 'pass',
      exitCode: 0,
      sentence: 'Under load all 600 runs of 2 scenarios passed.',
      findings: [],
    })
  })

  it('that fail are a finding with its check, how often, and a capture; the crossed limit is told with it', () => {
    const { exitCode, sentence, findings } = run({ load: load([failing], limit(false)) })
    expect(exitCode).toBe(1)
    expect(sentence).toContain('Under load 488 of 500 runs of 1 scenario passed (12 failed).')
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      id: 'no-audio',
      kind: 'load',
      severity: 'fail',
      gravity: 'outage',
      title: 'Harm of media/two-way (media/two-way, 12 of 500 runs under load)',
      count: 12,
      actual: 'silence (12 of 500 runs under load)',
      evidence: ['evidence/media_two-way.pcapng'],
      scenarios: [{ scenario: 'load/scenarios', transport: '', family: '' }],
      consequences: [{ title: 'Scenarios failed under load' }],
    })
  })

  it('that fail where no limit was set fail the run; where the limit that was set allows it they warn', () => {
    expect(run({ load: load([failing]) })).toMatchObject({ exitCode: 1, verdict: 'fail' })
    expect(run({ load: load([failing], limit(true)) })).toMatchObject({ exitCode: 0, verdict: 'warn' })
  })

  it('whose packets are lost too often over all runs fail, though no single run could tell', () => {
    const losses = [{ relay: 'relay-3', expected: 120_000, lost: 2_400, gaps: 2_400 }]
    const lossy = runs('media/two-way', {
      verdicts: { inconclusive: 500 },
      reasons: { 'packet-lost': 500 },
      checks: [sum('complete', { open: 500, losses })],
      first: [result('media/two-way', [check('complete', { verdict: 'inconclusive', reasonCode: 'packet-lost' })])],
    })
    expect(run({ load: load([lossy]) })).toMatchObject({
      exitCode: 1,
      findings: [{ actual: '2.0 % lost (2400 of 120000 packets) (500 of 500 runs under load)' }],
    })
    const few = {
      ...lossy,
      checks: [sum('complete', { open: 500, losses: [{ relay: 'relay-3', expected: 120_000, lost: 600, gaps: 600 }] })],
    }
    expect(run({ load: load([few]) })).toMatchObject({ exitCode: 0, verdict: 'warn', findings: [] })
  })

  it('that were not decided are no pass', () => {
    const open = runs('media/echo', { verdicts: { pass: 490, inconclusive: 10 }, reasons: { 'call-refused': 10 } })
    expect(run({ load: load([open]) })).toMatchObject({
      verdict: 'warn',
      sentence: 'Under load 490 of 500 runs of 1 scenario passed (10 could not be decided).',
    })
  })

  it('in error are a defect of ringproof or of the scenario, not a fail of the target', () => {
    const broken = runs('media/echo', {
      verdicts: { error: 500 },
      first: [
        result('media/echo', [], {
          verdict: 'error',
          reason: 'a typo',
          reasonCode: 'scenario-defect',
          defect: { message: 'a typo' },
        }),
      ],
    })
    expect(run({ load: load([broken]) })).toMatchObject({ exitCode: 6, verdict: 'error' })
  })
})

describe('whether the generator kept up with scenarios', () => {
  const facts = {
    sendLatenessP99Ms: undefined,
    eventLoopLagP99Ms: 1,
    socketDrops: 0,
    packetsSent: 0,
    sendErrors: 0,
    troubles: new Map(),
    crashes: [],
    brokenOff: undefined,
  }
  const problems = (more: object) =>
    problemsOf({ ...facts, runs: { runs: 500, begunLate: 0, late: 0, decided: 500, ms: 500, ...more } })

  it.each<[string, object, string[]]>([
    ['some late ones are nothing', { begunLate: 25, late: 25 }, []],
    [
      'more make it another load',
      { begunLate: 26 },
      ['26 of 500 runs of scenarios began more than 500 ms late: the target was loaded less than was ordered'],
    ],
    [
      'who is late cannot judge',
      { late: 26 },
      ['26 of 500 runs of scenarios could not be judged, since the generator itself was late'],
    ],
    ['nothing decided is nothing learned', { decided: 0 }, ['none of the 500 runs of scenarios came to a verdict']],
  ])('%s', (_what, more, expected) => {
    expect(problems(more)).toEqual(expected)
  })
})
