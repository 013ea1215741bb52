/** Problems counted in words. */
import type { Finding } from '../result/finding.js'
import { fails } from '../result/what-fails.js'
import { counted, listed } from '../result/texts.js'

/** Whether customers or operations notice: then the target is not fit for release. */
export const isGrave = (finding: Finding): boolean => fails(finding) && finding.gravity !== 'letter'

/** `4 problems (1 of them formal) and 3 warnings`; empty of none. Tests fail, and problems are why. */
export function problemsInWords(problems: readonly Finding[]): string {
  const failures = problems.filter(fails)
  const formal = failures.filter((one) => !isGrave(one)).length
  const parts = [
    ...(failures.length > 0 ? [failuresInWords(failures.length, formal)] : []),
    ...(problems.length > failures.length ? [counted(problems.length - failures.length, 'warning')] : []),
  ]
  return listed(parts)
}

function failuresInWords(all: number, formal: number): string {
  if (formal === all) return counted(all, 'formal problem')
  return `${counted(all, 'problem')}${formal > 0 ? ` (${formal} of them formal)` : ''}`
}
