/** What fails a run: the one rule that exit codes and the reports for CI servers share. */
import type { ComparedFigure, ComparedFinding, Comparison } from './comparison.js'
import type { Finding } from './finding.js'
import type { Gravity } from './terms.js'

/** The least gravity that counts: `letter` is all of them. */
export type LeastGravity = Extract<Gravity, 'harm' | 'letter'>

/** Whether a finding says that the target does what it must not. */
export const fails = ({ severity, kind }: Pick<Finding, 'severity' | 'kind'>): boolean =>
  severity === 'fail' && kind !== 'defect'

export const isGraveEnough = ({ gravity }: { readonly gravity: Gravity }, least: LeastGravity): boolean =>
  least === 'letter' || gravity !== 'letter'

/** What fails a run that is to fail on changes for the worse only. A figure that is worse counts as `letter`. */
export function regressionsOf(
  { findings, figures, conclusive }: Pick<Comparison, 'findings' | 'figures' | 'conclusive'>,
  least: LeastGravity,
): { readonly findings: ComparedFinding[]; readonly figures: ComparedFigure[] } {
  return {
    findings: findings.filter((one) => one.regression && isGraveEnough(one, least)),
    figures: least === 'letter' && conclusive ? figures.filter(({ state }) => state === 'worse') : [],
  }
}
