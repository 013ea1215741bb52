/** When the next round begins. */
import type { Random } from '../clock/random.js'

/** The interval is stretched and shortened by up to this share, so that monitors of one target drift apart. */
const JITTER = 0.1
/** A target has at least so much of the interval for itself after a round that took too long. */
const LEAST_PAUSE = 0.1
/** A second look comes after so long, ms, or sooner where rounds follow each other quickly. */
const LOOK_AGAIN_MS = 30_000
const RETRY_MS = 30_000

/** Milliseconds until the next round. @param tookMs what the last one took, with its second look */
export function pauseOf(everyMs: number, tookMs: number, random: Random): number {
  const jittered = everyMs * (1 + JITTER * (2 * random.float() - 1))
  return Math.max(everyMs * LEAST_PAUSE, jittered - tookMs)
}

/** Milliseconds until the second look. */
export const lookPauseOf = (everyMs: number, random: Random): number =>
  Math.min(LOOK_AGAIN_MS, everyMs / 4) * (0.75 + random.float() / 2)

/** Milliseconds that a monitor which was started again waits: not twice as many rounds for a target because of its own restarts. */
export function firstPauseOf(everyMs: number, lastEndedAt: string | undefined, nowMs: number): number {
  const since = lastEndedAt === undefined ? Number.NaN : nowMs - Date.parse(lastEndedAt)
  return since >= 0 && since < everyMs ? everyMs - since : 0
}

/** Milliseconds until an alert is sent again that was not taken so often: half a minute, and each time twice as long; the eighth time after an hour. */
export const retryPauseOf = (tries: number): number => RETRY_MS * 2 ** (tries - 1)
