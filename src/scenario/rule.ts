/** Rules: what a scenario holds the target to, where it stands and how strongly it binds. */
import type { Level } from '../result/result.js'

/** One obligation of the target. */
export interface Rule {
  readonly level: Level
  /** `RFC 3261 §17.1.1.2`, a provider row such as `BH-10`, or `security`. */
  readonly source: string
  /** The rule in our own words, short enough for a report's line. */
  readonly paraphrase: string
  /** True where a run may rightly end without this rule having been looked at. */
  readonly optional?: boolean
}

/** A MUST: when it does not hold, the scenario fails. */
export const must = (source: string, paraphrase: string): Rule => ({ level: 'MUST', source, paraphrase })

/** A SHOULD: when it does not hold, the scenario warns. */
export const should = (source: string, paraphrase: string): Rule => ({ level: 'SHOULD', source, paraphrase })

/** Nothing normative, but operations must know: when it does not hold, the scenario warns. */
export const finding = (source: string, paraphrase: string): Rule => ({ level: 'FINDING', source, paraphrase })

/**
 * Nothing normative, but without it customers cannot use the service (a provider row promises it): when it does not hold,
 * the scenario fails.
 */
export const promised = (source: string, paraphrase: string): Rule => ({ level: 'MUST', source, paraphrase })

/** The rule, but a run may end without having looked at it. */
export const whereReached = (rule: Rule): Rule => ({ ...rule, optional: true })
