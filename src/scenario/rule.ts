/** Rules: what a scenario holds the target to, where it stands and how strongly it binds. */
import type { Level } from '../result/result.js'

/** One obligation of the target. */
export interface Rule {
  readonly level: Level
  /** `RFC 3261 §17.1.1.2`, a provider row such as `BH-10`, or `security`. */
  readonly source: string
  /** The rule in our own words, short enough for a report's line. */
  readonly paraphrase: string
  /** Who notices, and how, when just this does not hold; where absent, what the scenario says of itself. */
  readonly harm?: string
  /** True where a run may rightly end without this rule having been looked at. */
  readonly optional?: boolean
}

/** A MUST: when it does not hold, the scenario fails. */
export const must = (source: string, paraphrase: string, harm?: string): Rule => rule('MUST', source, paraphrase, harm)

/** A SHOULD: when it does not hold, the scenario warns. */
export const should = (source: string, paraphrase: string, harm?: string): Rule =>
  rule('SHOULD', source, paraphrase, harm)

/** Nothing normative, but operations must know: when it does not hold, the scenario warns. */
export const finding = (source: string, paraphrase: string, harm?: string): Rule =>
  rule('FINDING', source, paraphrase, harm)

/**
 * Nothing normative, but without it customers cannot use the service (a provider row promises it): when it does not hold,
 * the scenario fails.
 */
export const promised = (source: string, paraphrase: string, harm?: string): Rule =>
  rule('MUST', source, paraphrase, harm)

/** The rule, but a run may end without having looked at it. */
export const whereReached = (rule: Rule): Rule => ({ ...rule, optional: true })

function rule(level: Level, source: string, paraphrase: string, harm: string | undefined): Rule {
  return { level, source, paraphrase, ...(harm === undefined ? {} : { harm }) }
}
