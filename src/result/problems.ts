/** What of a result a reader acts on: its cards. One home for it, so that figures in sentences match what is shown. */
import type { Finding } from './finding.js'

/** Findings that call for action, in the run's order: all but notes, defects of ringproof, and what is known of the target. */
export const problemsOf = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.severity !== 'info' && finding.kind !== 'defect' && !isKnown(finding))

/** Whether all rules of a finding are known deviations. */
function isKnown({ broken = [] }: Finding): boolean {
  return broken.length > 0 && broken.every(({ expectedFailure }) => expectedFailure !== undefined)
}
