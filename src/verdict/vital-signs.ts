/** Vital signs that are missing, as breakages; what of the run is blocked by them. */
import type { NotRun } from '../result/finding.js'
import type { SurveyResult, VitalSign } from '../result/survey-result.js'
import { type Breakage, breakageOfCheck } from './breakage.js'

/**
 * What a missing vital sign is a sign of: as its broken rule says, else the sign itself with what is missing. It is the id of
 * its finding, unless that is told under another.
 */
export function causeOfVitalSign({ id, checks, code }: Pick<VitalSign, 'id' | 'checks' | 'code'>): string {
  // Told by a note of all that was not sent, not by the sign.
  if (code === 'out-of-reach') return code
  const broken = checks.find(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  return broken?.cause ?? (code === undefined ? id : `${id}#${code}`)
}

/** Vital signs that fail (or warn): one breakage for each broken check. */
export function breakagesOfSurvey(survey: SurveyResult | undefined): Breakage[] {
  return (survey?.vitalSigns ?? []).flatMap((sign) =>
    sign.checks
      .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
      .map((check) => ({
        ...breakageOfCheck(sign, check),
        kind: 'vital-sign',
        cause: causeOfVitalSign({ ...sign, checks: [check] }),
        account: sign.account,
      })),
  )
}

/** How many executions were not run because of each cause. */
export function blockedBy(notRun: readonly NotRun[], cause: string): number {
  return notRun.reduce((sum, { blockedBy: by, count = 1 }) => sum + (by === cause ? count : 0), 0)
}
