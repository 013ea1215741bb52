/** Which of many calls is the worst, and why. */
import type { CallRecord } from './call-record.js'

/** How bad a call was: the higher, the worse. Calls that failed come before those that were merely of bad quality. */
export function badness(record: CallRecord): number {
  return (
    (record.wrongAudio ? 4e6 : 0) +
    (record.oneWay === undefined ? 0 : 2e6) +
    (record.success ? 0 : 1e6) +
    (record.lossRatio ?? 0) * 1e5 +
    Math.min(1e3, record.duplicates + record.reordered) +
    Math.min(1e3, record.jitterMs ?? 0)
  )
}

/** Why this call is the worst of its relay, in words. */
export function whyBad(record: CallRecord): string {
  if (record.reason !== undefined) return record.reason
  if (record.lossRatio !== undefined && record.lossRatio > 0)
    return `${(record.lossRatio * 100).toFixed(1)} % of the packets lost${record.legs.length > 1 ? ' at one end' : ''}`

  if (record.jitterMs !== undefined) return `highest jitter: ${record.jitterMs.toFixed(1)} ms`
  return 'no problem found'
}
