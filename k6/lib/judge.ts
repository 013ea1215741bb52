// Holds the calls of a wave against thresholds, as k6 holds a whole test against them: by relay where they are about audio.
import type { Crossing, WaveRecords } from './records.ts'
import type { Thresholds } from './thresholds.ts'

type Column = readonly (number | null)[]
type Tags = WaveRecords['tags']

/** What a wave tells of a metric. Thresholds of others cannot be judged by a wave. */
const COLUMNS: Record<string, { rows: 'calls' | 'legs'; column: string; byRelay: boolean }> = {
  sip_call_success: { rows: 'calls', column: 'success', byRelay: false },
  rtp_two_way_audio: { rows: 'calls', column: 'twoWay', byRelay: true },
  sip_session_request_delay: { rows: 'calls', column: 'setupMs', byRelay: false },
  sip_session_disconnect_delay: { rows: 'calls', column: 'disconnectMs', byRelay: false },
  rtp_loss_ratio: { rows: 'legs', column: 'lossRatio', byRelay: true },
  rtp_jitter: { rows: 'legs', column: 'jitterMs', byRelay: true },
  rtp_round_trip: { rows: 'legs', column: 'roundTripMs', byRelay: true },
  voip_mos: { rows: 'legs', column: 'mos', byRelay: true },
}

/** All thresholds that the calls of a wave cross. */
export function crossedBy(records: WaveRecords, thresholds: Thresholds): Crossing[] {
  const { tags } = records
  return Object.entries(thresholds).flatMap(([name, conditions]) => {
    const [, metric = name, given] = /^([^{]+)\{(.*)\}$/.exec(name) ?? []
    const about = COLUMNS[metric]
    if (about === undefined) return []
    const table: Record<string, Column> = records[about.rows]
    const rows = rowsOf(table['tags'] ?? [], table[about.column] ?? [], tags).filter((row) => isAbout(row.tags, given))
    const groups = about.byRelay ? byRelay(rows) : [{ relay: undefined, rows }]
    return groups.flatMap(({ relay, rows: own }) =>
      conditions.flatMap((one) => {
        const condition = typeof one === 'string' ? one : one.threshold
        const measured = valueOf(
          condition,
          own.map(({ value }) => value),
        )
        if (measured === undefined || holds(condition, measured)) return []
        return [{ metric: name, condition, measured, ...(relay === undefined ? {} : { relay }) }]
      }),
    )
  })
}

/** Calls by the relay of their answer. */
export function relaysOf({ tags, calls }: WaveRecords): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const row of calls.tags) {
    const relay = tags[row ?? 0]?.['relay'] ?? 'none'
    if (relay !== 'none') sums[relay] = (sums[relay] ?? 0) + 1
  }
  return sums
}

interface Row {
  tags: Record<string, string>
  value: number
}

function rowsOf(numbers: Column, column: Column, tags: Tags): Row[] {
  return column.flatMap((value, row) => (value === null ? [] : [{ tags: tags[numbers[row] ?? 0] ?? {}, value }]))
}

/** `relay:relay-1,leg:caller`; whatever it is where nothing is given. */
function isAbout(tags: Record<string, string>, given: string | undefined): boolean {
  return (given ?? '')
    .split(',')
    .filter((tag) => tag !== '')
    .every((tag) => {
      const at = tag.indexOf(':')
      return tags[tag.slice(0, at).trim()] === tag.slice(at + 1).trim()
    })
}

function byRelay(rows: readonly Row[]): { relay: string | undefined; rows: Row[] }[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const relay = row.tags['relay'] ?? 'none'
    const group = groups.get(relay)
    if (group === undefined) groups.set(relay, [row])
    else group.push(row)
  }
  return [...groups].map(([relay, own]) => ({ relay: relay === 'none' ? undefined : relay, rows: own }))
}

/** `p(95)` of `p(95)<250`. Undefined where nothing was measured, or k6 alone knows it. */
function valueOf(condition: string, values: readonly number[]): number | undefined {
  const [, of, percentile] = /^\s*(rate|avg|med|min|max|p\(\s*([\d.]+)\s*\))/.exec(condition) ?? []
  if (of === undefined || values.length === 0) return undefined
  const sorted = values.slice().sort((a, b) => a - b)
  const at = (percent: number) => sorted[Math.max(1, Math.ceil((sorted.length * percent) / 100)) - 1]
  if (percentile !== undefined) return at(Number(percentile))
  if (of === 'med') return at(50)
  if (of === 'min') return sorted[0]
  if (of === 'max') return sorted[sorted.length - 1]
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function holds(condition: string, value: number): boolean {
  const [, sign, text] = /(<=?|>=?|={2,3}|!=)\s*([-+\d.eE]+)\s*$/.exec(condition) ?? []
  const limit = Number(text)
  if (sign === '<') return value < limit
  if (sign === '<=') return value <= limit
  if (sign === '>') return value > limit
  if (sign === '>=') return value >= limit
  return sign === '!=' ? value !== limit : value === limit
}
