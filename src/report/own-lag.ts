/** In words: how late this machine was, and what that did to the results. Nothing where it was on time. */
import type { RunResult } from '../result/result.js'
import { count, duration } from './format.js'

/** Shorter standstills change nothing that a person would want to know of. */
const NOTABLE_MS = 250

const isLate = ({ reasonCode }: { readonly reasonCode?: string | undefined }) => reasonCode === 'harness-late'

/** `stood still for up to 3.1 s; 12 tests were run again for that reason, 1 stays undecided` */
export function ownLag({ environment, scenarios }: Pick<RunResult, 'environment' | 'scenarios'>): string | undefined {
  const worst = environment?.worstLagMs
  if (worst === undefined || worst < NOTABLE_MS) return undefined
  const again = scenarios.filter(({ attempts = [] }) => attempts.some(isLate)).length
  const open = scenarios.filter((one) => one.verdict === 'inconclusive' && isLate(one)).length
  const parts = [
    `stood still for up to ${duration(worst)}`,
    ...(again === 0 ? [] : [`${count(again, 'test was', 'tests were')} run again for that reason`]),
    ...(open === 0 ? [] : [`${count(open, 'test stays', 'tests stay')} undecided because of it`]),
  ]
  return parts.join('; ')
}
