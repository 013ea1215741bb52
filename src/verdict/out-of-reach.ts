/** What the target led our devices to, and nothing was sent to: what did not hold for want of it proves nothing. */
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'

/** Of a scenario in which something was not sent: what did not hold is not decided. What held, held without it. */
export function undecided(checks: readonly CheckResult[]): CheckResult[] {
  return checks.map((check) =>
    check.verdict === 'fail' || check.verdict === 'warn' || check.verdict === 'inconclusive'
      ? { ...check, verdict: 'inconclusive', reasonCode: 'out-of-reach' }
      : check,
  )
}

/** @param why what was not sent, as a sentence; undefined: nothing was */
export function withinReach(result: ScenarioResult, why: string | undefined): ScenarioResult {
  if (why === undefined || !['fail', 'warn', 'inconclusive'].includes(result.verdict)) return result
  return {
    ...result,
    checks: undecided(result.checks),
    verdict: 'inconclusive',
    reason: why,
    reasonCode: 'out-of-reach',
  }
}
