/** What this machine's own lateness leaves to be told of a target. */
import type { ReasonCode } from '../result/terms.js'

/** Where the harness itself stood still for so long (ms), it cannot tell what failed to come: neither audio nor answers. */
const STALLED_MS = 250

/** So long (ms), and what came may be the target's answer to the harness's own silence: a timer of its ran out. */
const STOPPED_MS = 1_000

/** Reasons that say that something did not come, or not in time. */
const OF_ABSENCE: readonly ReasonCode[] = [
  'timed-out',
  'no-answer',
  'no-connection',
  'no-audio',
  'call-not-arrived',
  'not-reached',
  'feature-lacking',
]

/** Whether what did not hold may be so because the harness was late. @param came told by what came, not by what failed to */
export const explainsFailure = (lagMs: number, came: boolean): boolean => lagMs > (came ? STOPPED_MS : STALLED_MS)

/** Whether what a standing check read off the clock may be the harness's own lateness. */
export const spoilsClock = (lagMs: number): boolean => lagMs > STALLED_MS

/** Whether a story may have ended early because the harness was late. */
export function explainsEnd(lagMs: number, code: ReasonCode | undefined): boolean {
  if (code === undefined) return false
  if (OF_ABSENCE.includes(code)) return lagMs > STALLED_MS
  // 408 or 480, say: the called device did not answer in time.
  return code === 'call-refused' && lagMs > STOPPED_MS
}

/** What was seen, and how late it may have been seen. */
export const withLag = (seen: string, lagMs: number): string =>
  `${seen}; the harness itself was up to ${Math.round(lagMs)} ms late`
