/** The one entry: what came of a run, from everything that was recorded. */
import type { Finding, RunVerdict, ScenarioResult } from '../result/result.js'
import { findingsOf } from './cards.js'
import type { RunFacts } from './facts.js'
import { foreignHandsFinding, withoutForeignHands } from './foreign-hands.js'
import { unexpectedPasses, withKnownDeviations } from './known-deviations.js'
import { loadFindings } from './load-findings.js'
import { decideRun } from './run.js'
import { sentenceOf } from './sentence.js'

export interface Conclusion {
  readonly verdict: RunVerdict
  readonly exitCode: number
  /** The verdict in one sentence. */
  readonly sentence: string
  /** What needs attention, the gravest first. */
  readonly findings: Finding[]
  /** As handed in, with known deviations and foreign hands applied. */
  readonly scenarios: ScenarioResult[]
}

/** Decides a run. Pure: the same facts give the same conclusion. */
export function conclude(facts: RunFacts): Conclusion {
  const scenarios = facts.scenarios.map((result) =>
    withKnownDeviations(withoutForeignHands(result, facts.foreign), facts.known),
  )
  const findings = findingsOfRun(facts, scenarios)
  const decision = decideRun({ ...facts, scenarios, findings })
  const sentence =
    facts.unreachable ??
    facts.gone ??
    sentenceOf({ ...facts, ...decision, scenarios, findings, notRun: [...facts.notRun] })
  return { ...decision, sentence, findings, scenarios }
}

function findingsOfRun(facts: RunFacts, scenarios: readonly ScenarioResult[]): Finding[] {
  const spoilt = scenarios.filter(({ reasonCode }) => reasonCode === 'foreign-hands')
  const foreign = foreignHandsFinding(facts.foreign, spoilt)
  const load = facts.load === undefined ? [] : loadFindings(facts.load, facts.interruptedBy !== undefined)
  return [
    ...load.filter(({ severity }) => severity === 'fail'),
    ...findingsOf(scenarios, facts.notes),
    ...load.filter(({ severity }) => severity !== 'fail'),
    ...(foreign === undefined ? [] : [foreign]),
    ...unexpectedPasses(scenarios, facts.known),
  ].map((finding, rank) => ({ ...finding, rank }))
}
