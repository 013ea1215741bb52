/** A rule held against a value: which verdict comes of it, and which of several verdicts counts. */
import type { Level, ReasonCode, Verdict } from '../result/terms.js'

/** What it means that a rule of this level did not hold. RFC 2119: a MAY binds nobody. */
const BROKEN: Readonly<Record<Level, Verdict>> = {
  MUST: 'fail',
  PROMISE: 'fail',
  OWED: 'fail',
  SHOULD: 'warn',
  FINDING: 'warn',
  MAY: 'pass',
}

export const verdictOfCheck = (level: Level, holds: boolean): Verdict => (holds ? 'pass' : BROKEN[level])

const USUAL_CODES: Readonly<Record<Exclude<Verdict, 'pass'>, ReasonCode>> = {
  fail: 'rule-broken',
  warn: 'recommendation-not-met',
  inconclusive: 'not-reached',
  unsupported: 'feature-lacking',
  'not applicable': 'not-applicable',
  error: 'scenario-defect',
}

/** The code beside a verdict where nothing more particular is known; none for a pass. */
export const reasonCodeOf = (verdict: Verdict): ReasonCode | undefined =>
  verdict === 'pass' ? undefined : USUAL_CODES[verdict]

/** Verdicts in order of weight. */
const WEIGHT: readonly Verdict[] = ['pass', 'not applicable', 'unsupported', 'warn', 'inconclusive', 'fail', 'error']

/** The weightiest of several verdicts; `pass` of none. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = 'pass'
  for (const verdict of verdicts) if (WEIGHT.indexOf(verdict) > WEIGHT.indexOf(found)) found = verdict
  return found
}
