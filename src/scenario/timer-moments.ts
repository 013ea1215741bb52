/** Moments at which a timer of the target fired, held against those that are expected. */

/**
 * How far (share of the interval) a timer of the target may fire from its time. No RFC says; servers keep timers in wheels
 * whose slots are a tenth of a second and more, and start them some slots late: 420, 1105 and 1758 ms for 500, 1000 and 2000.
 */
export const TIMER_WHEEL = 0.15

/** Are the intervals between the moments those that are expected? */
export function keepsTime(got: readonly number[], expected: readonly number[], withinMs: number): boolean {
  return (
    got.length === expected.length &&
    expected.every(Number.isFinite) &&
    intervals(expected).every((interval, n) => {
      const off = Math.abs((intervals(got)[n] ?? Number.NaN) - interval)
      return off <= Math.max(withinMs, TIMER_WHEEL * interval)
    })
  )
}

/** Is all there in its place but one? Two moments are the least that tell that anything was sent again. */
export function lacksOne(got: readonly number[], expected: readonly number[], withinMs: number): boolean {
  return got.length >= 2 && expected.some((_, lost) => keepsTime(got, expected.toSpliced(lost, 1), withinMs))
}

const intervals = (moments: readonly number[]): number[] =>
  moments.slice(1).map((ms, n) => ms - (moments[n] ?? Number.NaN))
