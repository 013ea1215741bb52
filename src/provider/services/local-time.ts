/** Times of day on the clocks of a time zone, with its summer time. */

export interface TimeOfDay {
  readonly hour: number
  readonly minute: number
}

export interface ClockTime extends TimeOfDay {
  readonly second: number
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** How far the clocks of a zone are ahead of UTC at a moment, ms. @param timeZone such as Europe/Berlin */
export function offsetAt(unixMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(unixMs)
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const [year, month, day] = [read('year'), read('month') - 1, read('day')]
  const shown = Date.UTC(year, month, day, read('hour'), read('minute'), read('second'))
  return shown - Math.floor(unixMs / 1000) * 1000
}

/**
 * Unix ms at which the clocks show this time next, a moment later than `unixMs` at least. A time that the clocks skip is taken as if they
 * had not been put forward (02:30 comes at 03:30); of one that they show twice, the first.
 */
export function nextTime(unixMs: number, { hour, minute }: TimeOfDay, timeZone: string): number {
  const here = unixMs + offsetAt(unixMs, timeZone)
  const today = Math.floor(here / DAY_MS) * DAY_MS + (hour * 60 + minute) * MINUTE_MS
  for (let day = 0; ; day += 1) {
    const shown = today + day * DAY_MS
    // By the offset of the day before, and by that of the day after: one is right, or both, or the time is skipped.
    const [before = 0, after = 0] = [-DAY_MS, DAY_MS].map((ms) => shown - offsetAt(shown + ms, timeZone))
    const right = [after, before].filter((at) => at + offsetAt(at, timeZone) === shown)
    const found = (right.length > 0 ? right : [before]).toSorted((a, b) => a - b).find((at) => at > unixMs)
    if (found !== undefined) return found
  }
}

/** How far a clock is ahead (below 0: behind) that shows this time at `unixMs`, in ms: at most half a day. */
export function aheadOf(unixMs: number, time: ClockTime, timeZone: string): number {
  const next = nextTime(unixMs, time, timeZone) + time.second * 1000 - unixMs
  return next > DAY_MS / 2 ? next - DAY_MS : next
}
