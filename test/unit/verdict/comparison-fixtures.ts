/** Small runs to be compared, with what a test does not care about filled in. */
import type { RunResult } from '../../../src/result/result.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import type { RunFacts } from '../../../src/verdict/facts.js'
import type { NamedBaseline } from '../../../src/verdict/comparison/compare.js'
import { snapshotOf } from '../../../src/verdict/comparison/snapshot.js'
import { check, on, result, run } from './records.js'

let day = 0

/** A run of its own day. */
export function ran(facts: Partial<RunFacts>, more: Partial<RunResult> = {}): RunResult {
  const { verdict, exitCode, sentence, findings, scenarios, notRun } = run(facts)
  day += 1
  const date = new Date(Date.UTC(2026, 0, day)).toISOString()
  return {
    schemaVersion: 2,
    ringproof: '1.0.0',
    command: 'run',
    startedAt: date,
    endedAt: date,
    seed: day,
    clock: 'wall',
    target: { name: 'dus', file: 'dus.yaml' },
    verdict,
    exitCode,
    sentence,
    findings,
    scenarios,
    notRun,
    selection: {},
    ...(facts.survey === undefined ? {} : { survey: facts.survey }),
    ...(facts.load === undefined ? {} : { load: facts.load }),
    ...more,
  }
}

export const side = (result: RunResult, name = 'a run'): NamedBaseline => ({ name, baseline: snapshotOf(result) })

/** A test of one rule. @param state whether the rule holds, or what else */
export function tested(id: string, state: 'held' | 'broken' | 'open', variant = 'udp/ipv4'): ScenarioResult {
  const verdict = ({ held: 'pass', broken: 'fail', open: 'inconclusive' } as const)[state]
  const one = check('rule', {
    verdict,
    cause: `${id}-cause`,
    ...(state === 'open' ? { reasonCode: 'harness-late' as const } : {}),
  })
  return result(id, [one], {
    ...on(variant),
    ...(state === 'open' ? { reasonCode: 'harness-late' as const } : {}),
  })
}
