/** The one entry: what came of a run, from everything that was recorded. */
import type { RunVerdict } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding, NotRun } from '../result/finding.js'
import { type Breakage, breakagesOfNotes, breakagesOfScenarios } from './breakage.js'
import { cardsOf } from './cards.js'
import { defectsOf } from './defects.js'
import { executionsOf } from './executions.js'
import type { RunFacts, SeenNote } from './facts.js'
import { foreignHandsFinding, withoutForeignHands } from './foreign-hands.js'
import { unexpectedPasses, unseenNotes, withKnownDeviations } from './known-deviations.js'
import { breakagesOfLoad, countsDiffer } from './load.js'
import { defectiveRuns } from './load-runs.js'
import { pathLossFinding, withLossesOfRun } from './loss.js'
import type { Outcome } from './exit-code.js'
import { compareFindings } from './order.js'
import { decideRun } from './run.js'
import { sentenceOf } from './sentence.js'
import { withFigures } from '../result/texts.js'
import { breakagesOfSurvey } from './vital-signs.js'

export interface Conclusion {
  readonly verdict: RunVerdict
  readonly exitCode: number
  /** What the exit code was made of. */
  readonly outcome: Outcome
  /** The verdict in one sentence. */
  readonly sentence: string
  /** What needs attention, the gravest first. */
  readonly findings: Finding[]
  /** As handed in, with known deviations and foreign hands applied, and the run's figures in their texts. */
  readonly scenarios: ScenarioResult[]
  /** As handed in; what blocks them is the id of a finding. */
  readonly notRun: NotRun[]
}

/** Decides a run. Pure: the same facts give the same conclusion. */
export function conclude(facts: RunFacts): Conclusion {
  const scenarios = settledAll(facts.scenarios, facts)
  const { findings, notRun } = findingsOfRun(facts, scenarios)
  const decision = decideRun({ ...facts, scenarios, findings })
  const told = sentenceOf({ ...facts, ...decision, scenarios, findings, notRun })
  const before = [facts.defect, facts.gone].filter((one) => one !== undefined)
  const sentence = facts.unreachable ?? [...before, told].join(' ')
  return { ...decision, sentence, findings, scenarios: scenarios.map(figured), notRun }
}

/** With the run's figures in the texts that ask for them. */
function figured(result: ScenarioResult): ScenarioResult {
  const all = Object.assign({}, ...result.checks.map(({ figures }) => figures))
  return {
    ...result,
    ...(result.harm === undefined ? {} : { harm: withFigures(result.harm, all) }),
    checks: result.checks.map((check) =>
      check.harm === undefined ? check : { ...check, harm: withFigures(check.harm, check.figures) },
    ),
  }
}

/** A scenario's result with what is known of the target, and what others did meanwhile, taken into account. */
export const settled = (
  result: ScenarioResult,
  { foreign, known }: Pick<RunFacts, 'foreign' | 'known'>,
): ScenarioResult => withKnownDeviations(withoutForeignHands(result, foreign), known)

/** All results of a run: what is decided over all of them, too. */
export const settledAll = (
  results: readonly ScenarioResult[],
  facts: Pick<RunFacts, 'foreign' | 'known' | 'path'>,
): ScenarioResult[] =>
  withLossesOfRun(
    results.map((result) => settled(result, facts)),
    facts.path,
  )

function findingsOfRun(facts: RunFacts, scenarios: readonly ScenarioResult[]): Pick<Conclusion, 'findings' | 'notRun'> {
  const breakages: Breakage[] = [
    ...breakagesOfSurvey(facts.survey),
    ...breakagesOfScenarios(scenarios),
    ...breakagesOfLoad(facts.load, facts.interruptedBy !== undefined),
    ...breakagesOfNotes(trusted(facts), scenarios, facts.known),
  ]
  const executions = executionsOf([...(facts.survey?.vitalSigns ?? []), ...scenarios])
  const { cards, toldIn } = cardsOf({ breakages, executions, performed: scenarios.length, notRun: facts.notRun })
  const findings = [
    ...cards,
    ...foreignHandsFinding({ ...facts, scenarios }),
    ...defectsOf([...scenarios, ...defectiveRuns(facts.load)]),
    ...countsDiffer(facts.load),
    ...pathLossFinding(scenarios, facts.path),
    ...unexpectedPasses(scenarios, facts.known),
    ...unseenNotes(facts),
  ]
  const notRun = facts.notRun.map((one) => {
    const by = one.blockedBy === undefined ? undefined : toldIn.get(one.blockedBy)
    return by === undefined ? one : { ...one, blockedBy: by }
  })
  return { findings: findings.toSorted(compareFindings).map((finding, rank) => ({ ...finding, rank })), notRun }
}

/**
 * Without what may be somebody else's doing. Under a load whose generator was late itself, checks that read the clock would blame
 * the target for it.
 */
function trusted({ notes, load }: RunFacts): readonly SeenNote[] {
  const undisturbed = notes.filter(({ disturbed }) => disturbed !== true)
  if (load === undefined || load.generator.sound !== false) return undisturbed
  return undisturbed.filter(
    ({ note, place }) => !(place.scenario === `load/${load.profile}` && note.readsClock === true),
  )
}
