/**
 * What did not hold, one record for each rule, standing check or vital sign and each execution in which it was seen: what
 * cards are made of.
 */
import type { Gravity, Level, Place, Step } from '../result/terms.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { Finding, FindingKind } from '../result/finding.js'
import type { KnownDeviations, SeenNote } from './facts.js'
import { knownNote } from './known-deviations.js'
import { lossyRelays } from './loss.js'
import { placeOf } from './place.js'
import { distinct, headline, withFigures } from '../result/texts.js'

export interface Breakage {
  readonly kind: Extract<FindingKind, 'vital-sign' | 'rule' | 'unsteady' | 'standing-check' | 'load'>
  /** What is broken, as a code. */
  readonly cause: string
  /** Causes that may have brought it about. */
  readonly follows: readonly string[]
  readonly severity: Finding['severity']
  readonly gravity: Gravity
  readonly place: Place
  /** The rule that did not hold: the same in each execution of a scenario. */
  readonly rule: BrokenRuleText
  /** What heads a card. */
  readonly title: string
  /** Who notices, and how, with the run's figures in it. */
  readonly harm?: string | undefined
  readonly advice?: string | undefined
  readonly provider: readonly string[]
  readonly evidence: readonly string[]
  readonly step?: Step | undefined
  /** Relays that the execution's audio went through; of lost packets and of a load, those with the trouble. */
  readonly relays?: readonly string[] | undefined
  /** Of a load: how many relays calls went through. */
  readonly ofRelays?: number | undefined
  /** User of the account that it is about. */
  readonly account?: string | undefined
  /** How often it was seen in this execution. */
  readonly count: number
}

export interface BrokenRuleText {
  /** Tells rules of different scenarios apart: `registrar/refresh#listed`. */
  readonly key: string
  readonly check: string
  readonly level: Level
  readonly rule: string
  readonly paraphrase: string
  readonly expected: string
  readonly actual: string
  readonly line?: string | undefined
  readonly expectedFailure?: string | undefined
}

/** Whether it is known of this target and lived with. */
export const isExpected = ({ rule }: Breakage): boolean => rule.expectedFailure !== undefined

/** What the rules of scenarios came to, where they did not hold. */
export function breakagesOfScenarios(results: readonly ScenarioResult[]): Breakage[] {
  const broken: Breakage[] = results.flatMap((result) =>
    result.checks
      .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
      .map((check): Breakage => ({ kind: 'rule', ...breakageOfCheck(result, check) })),
  )
  return [...broken, ...unsteadyOnes(results, new Set(broken.map(({ cause }) => cause)))]
}

/** What failed once and was not confirmed: beside what fails for the same cause, it is part of that; alone, a matter of its own. */
function unsteadyOnes(results: readonly ScenarioResult[], causes: ReadonlySet<string>): Breakage[] {
  return results.flatMap((result) =>
    result.checks
      .filter(({ reasonCode }) => reasonCode === 'unsteady')
      .map((check): Breakage => {
        const one = breakageOfCheck(result, check)
        if (causes.has(one.cause)) return { kind: 'rule', ...one }
        // Under a name that no rule follows: what happened once brings about nothing that fails every time.
        const often = check.heldOnce === false ? 'Seen once, not confirmed' : 'Not every time'
        // It may have been brought about by what was as unsteady.
        const follows = one.follows.flatMap((cause) => [cause, `UNSTEADY ${cause}`])
        return { ...one, kind: 'unsteady', cause: `UNSTEADY ${one.cause}`, follows, title: `${often}: ${one.title}` }
      }),
  )
}

/** What a check that did not hold says, of a scenario or of a vital sign. */
export function breakageOfCheck(result: ScenarioResult, check: CheckResult): Omit<Breakage, 'kind'> {
  const own = check.harm ?? result.harm
  const harm = own === undefined ? undefined : withFigures(own, check.figures)
  return {
    cause: check.cause ?? result.id,
    follows: check.follows ?? [],
    severity: check.verdict === 'fail' && check.expectedFailure === undefined ? 'fail' : 'warn',
    gravity: check.gravity,
    place: placeOf(result),
    rule: {
      key: keyOfRule(result.id, check.id),
      check: check.id,
      level: check.level,
      rule: check.rule,
      paraphrase: check.paraphrase ?? check.id,
      expected: check.expected,
      actual: check.actual,
      line: check.line,
      expectedFailure: check.expectedFailure,
    },
    title: harm === undefined ? `Not met: ${check.paraphrase ?? result.title}` : headline(harm),
    harm,
    advice: result.advice,
    provider: result.provider,
    evidence: result.evidence,
    step: result.step,
    relays: lossyRelays(check) ?? result.relays,
    count: 1,
  }
}

export const keyOfRule = (scenario: string, check: string): string => `${scenario}#${check}`

/** What the standing checks noticed. Of a note, a MUST that was broken fails, where it is not known of the target. */
export function breakagesOfNotes(
  notes: readonly SeenNote[],
  scenarios: readonly ScenarioResult[],
  known?: KnownDeviations,
): Breakage[] {
  const steps = new Map(scenarios.map(({ id, step }) => [id, step]))
  return notes.map((seen) => breakageOfNote(seen, steps.get(seen.place.scenario), knownNote(seen, known)?.reason))
}

function breakageOfNote(
  { note, place, evidence }: SeenNote,
  step: Step | undefined,
  expectedFailure: string | undefined,
): Breakage {
  return {
    kind: 'standing-check',
    cause: note.cause ?? note.id,
    follows: note.follows ?? [],
    severity: note.severity === 'fail' && expectedFailure !== undefined ? 'warn' : note.severity,
    gravity: note.gravity,
    place,
    rule: {
      key: `${note.id} ${note.title}`,
      check: note.id,
      level: note.severity === 'fail' ? 'MUST' : 'FINDING',
      rule: note.rule,
      paraphrase: note.title,
      expected: note.expected,
      actual: note.actual,
      expectedFailure,
    },
    title: note.title,
    harm: note.harm,
    advice: note.advice,
    provider: note.provider,
    evidence,
    step,
    count: note.count,
  }
}

/** The rules of `breakages`, each once. */
export const ruleKeys = (breakages: readonly Breakage[]): string[] => distinct(breakages.map(({ rule }) => rule.key))
