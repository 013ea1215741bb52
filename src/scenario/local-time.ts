/** Times of day as customers' clocks show them. */

const MINUTE_MS = 60_000

/** The clock of a time zone: tells HHMM of a moment (Unix ms). */
export function clockOf(timeZone: string): (unixMs: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return (unixMs) => format.format(unixMs).replace(':', '')
}

/** HHMM of a moment (Unix ms) on the clocks of a time zone. */
export const timeOfDay = (unixMs: number, timeZone: string): string => clockOf(timeZone)(unixMs)

/** The moments (Unix ms) of the next so many hours at which the clocks show this time: two where they are put back, none where it is skipped. */
export function momentsOf(time: string, fromMs: number, hours: number, timeZone: string): number[] {
  const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS
  const shows = clockOf(timeZone)
  return Array.from({ length: hours * 60 }, (_, nth) => first + nth * MINUTE_MS).filter((at) => shows(at) === time)
}
