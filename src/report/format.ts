/** Numbers with their units, and times, as people read them. */

/** A whole or decimal number with thousands apart: `12,345`, `0.8`. */
export function number(value: number, digits = 1): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** Milliseconds as `0.8 ms`, `812 ms`, `4.2 s`, `72 s`, `2 min 46 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms < 0) return `−${duration(-ms)}`
  if (ms < 10) return `${number(ms, 1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 119_950) return `${number(ms / 1000, 1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  return pair(Math.floor(seconds / 3600), 'h', Math.round((seconds % 3600) / 60), 'min')
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`
}

/** Seconds with milliseconds after a start, as a ladder shows them: `31.504`. */
export function offset(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** A part of a whole in percent: `0.13 %`; `–` of nothing. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '–'
  const value = (part / whole) * 100
  if (value > 0 && value < 0.01) return '< 0.01 %'
  return `${number(value, value < 10 ? 2 : 1)} %`
}

/** `1 call`, `2 calls`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${number(amount, 0)} ${amount === 1 ? one : many}`
}

export interface Moment {
  /** Where the run was made, or undefined where it did not say where that was. */
  readonly local?: string
  readonly utc: string
}

/** An ISO time in the zone of the machine that ran, and in UTC. */
export function moment(iso: string, timezone?: string): Moment {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return { utc: iso }
  const utc = `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const local = timezone === undefined ? undefined : inZone(at, timezone)
  return local === undefined ? { utc } : { local, utc }
}

function inZone(at: Date, timeZone: string): string | undefined {
  try {
    const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at)
    const zone = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' })
      .formatToParts(at)
      .find((part) => part.type === 'timeZoneName')?.value
    return zone === undefined || zone === 'UTC' ? undefined : `${text} ${zone}`
  } catch {
    // A zone that this Node does not know: UTC is said all the same.
    return undefined
  }
}
