/** Rules: what a scenario holds the target to, where it stands, how strongly it binds, and what its breaking does. */
import type { Cause } from '../result/causes.js'
import type { Gravity, Level } from '../result/terms.js'

/** What it does when just this rule does not hold. */
export interface Breaking {
  /** How much it matters to those who telephone, or to those who run the service. */
  readonly gravity: Gravity
  /** Who notices, and how; where absent, what the scenario says of itself. May hold figures of the run: `{idle|a while}`. */
  readonly harm?: string
  /**
   * A code for what is broken, shared by all rules and standing checks that see the same broken thing: they become one
   * finding. Default: the scenario's id.
   */
  readonly cause?: Cause
  /**
   * Causes, or ids of scenarios, that bring this one about: where one of them is found too, this rule's breaking is told there,
   * not by itself.
   */
  readonly follows?: readonly (Cause | `${string}/${string}`)[]
}

/** One obligation of the target. */
export interface Rule extends Breaking {
  readonly level: Level
  /** `RFC 3261 §17.1.1.2`, a provider row such as `BH-10`, or `security`. */
  readonly source: string
  /** The rule in our own words, short enough for a report's line. */
  readonly paraphrase: string
  /** True where a run may rightly end without this rule having been looked at. */
  readonly optional?: boolean
}

/** The rules of a scenario, by name. */
export type Rules = Readonly<globalThis.Record<string, Rule>>

/** A MUST: when it does not hold, the scenario fails. */
export const must = (source: string, paraphrase: string, breaking: Breaking): Rule =>
  rule('MUST', source, paraphrase, breaking)

/** A SHOULD: when it does not hold, the scenario warns. */
export const should = (source: string, paraphrase: string, breaking: Breaking): Rule =>
  rule('SHOULD', source, paraphrase, breaking)

/** Nothing normative, but operations must know: when it does not hold, the scenario warns. */
export const finding = (source: string, paraphrase: string, breaking: Breaking): Rule =>
  rule('FINDING', source, paraphrase, breaking)

/** Promised by the provider (a provider row), without it customers cannot use the service: when it does not hold, the scenario fails. */
export const promised = (source: string, paraphrase: string, breaking: Breaking): Rule =>
  rule('PROMISE', source, paraphrase, breaking)

/**
 * Owed by any telephone service, whether or not a standard demands it with a MUST: that nobody calls at its expense without
 * logging in, say. When it does not hold, the scenario fails. Not for what correct servers do on purpose.
 */
export const owed = (source: string, paraphrase: string, breaking: Breaking): Rule =>
  rule('OWED', source, paraphrase, breaking)

/** The rule, but a run may end without having looked at it. */
export const whereReached = (rule: Rule): Rule => ({ ...rule, optional: true })

function rule(level: Level, source: string, paraphrase: string, breaking: Breaking): Rule {
  return { level, source, paraphrase, ...breaking }
}
