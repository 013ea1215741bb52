/** The relays side by side, of several parts of a load together. */
import { Histogram } from '../result/histogram.js'
import type { MetricRecord } from '../result/metrics.js'
import type { LoadDirection, RelayResult } from '../result/load-relays.js'
import type { LoadResult } from '../result/load-result.js'
import { rankBelowMedian } from '../verdict/chance.js'
import { percentile, rounded } from './distribution.js'
import { lagOf } from './joined-series.js'

interface Row {
  readonly relay: RelayResult
  readonly load: LoadResult
}

/** @param metrics of all parts together @param startMs when the first part began, Unix ms */
export function joinedRelays(
  loads: readonly LoadResult[],
  metrics: readonly MetricRecord[],
  startMs: number,
): RelayResult[] {
  const groups = new Map<string, [Row, ...Row[]]>()
  for (const row of loads.flatMap((load) => load.relays.map((relay) => ({ relay, load })))) {
    const known = groups.get(row.relay.name)
    if (known === undefined) groups.set(row.relay.name, [row])
    else known.push(row)
  }
  return [...groups.values()]
    .map((rows) => joined(rows, metrics, startMs))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/** The histogram of a metric, of all its tags or of some. */
export function histogramOf(
  metric: string,
  metrics: readonly MetricRecord[],
  has: (tags: MetricRecord['tags']) => boolean = () => true,
): Histogram {
  return Histogram.of(
    metrics.flatMap((one) => (one.kind === 'trend' && one.metric === metric && has(one.tags) ? [one] : [])),
  )
}

function joined(rows: readonly [Row, ...Row[]], metrics: readonly MetricRecord[], startMs: number): RelayResult {
  const relays = rows.map(({ relay }) => relay)
  const [{ relay: first }] = rows
  const { name } = first
  const sum = (of: (one: RelayResult) => number | undefined) => relays.reduce((all, one) => all + (of(one) ?? 0), 0)
  const through = (metric: string) => histogramOf(metric, metrics, (tags) => tags['relay'] === name)
  const mosP5 = through('voip_mos').percentile(5)
  const published = relays.flatMap((one) => one.published ?? [])
  const worst = worstOf(rows, startMs)
  return {
    name,
    // One that carried calls tells which address of a range it is.
    address: relays.find(({ calls }) => calls > 0)?.address ?? first.address,
    calls: sum((one) => one.calls),
    packetsSent: sum((one) => one.packetsSent),
    packetsReceived: sum((one) => one.packetsReceived),
    packetsLost: sum((one) => one.packetsLost),
    oneWayCalls: sum((one) => one.oneWayCalls),
    wrongAudioCalls: sum((one) => one.wrongAudioCalls),
    twoWayCalls: sum((one) => one.twoWayCalls),
    duplicates: sum((one) => one.duplicates),
    reordered: sum((one) => one.reordered),
    jitterP95Ms: rounded(through('rtp_jitter').percentile(95) ?? 0),
    ...(mosP5 === undefined ? {} : { mosP5: rounded(mosP5) }),
    ...(published.length === 0 ? {} : { published: published.every(Boolean) }),
    ...(worst === undefined ? {} : { worst }),
    ...joinedDirections(relays, metrics),
    ...wellUpTo(relays),
  }
}

/** Jitter is of all relays that the other end was on, as the metrics know only one relay of an end. */
function joinedDirections(
  relays: readonly RelayResult[],
  metrics: readonly MetricRecord[],
): Pick<RelayResult, 'directions'> {
  const rows = relays.flatMap(({ name, directions = [] }) => directions.map((row) => ({ ...row, name })))
  const keys = new Map(rows.map((row) => [`${row.to} ${row.with ?? ''}`, row]))
  if (keys.size === 0) return {}
  const directions = [...keys.values()].map(({ name, to, with: other }): LoadDirection => {
    const own = rows.filter((row) => row.to === to && row.with === other)
    const sum = (of: (row: LoadDirection) => number) => own.reduce((all, row) => all + of(row), 0)
    const leg = to === 'caller' ? 'caller' : 'callee'
    const jitter = histogramOf('rtp_jitter', metrics, (tags) => tags['relay'] === name && tags['leg'] === leg)
    const rank = rankBelowMedian(jitter.count)
    const [median, atLeast] = [jitter.percentile(50), jitter.percentile((100 * rank) / Math.max(1, jitter.count))]
    const ended = own.flatMap(({ endedAfterMs }) => endedAfterMs ?? [])
    return {
      to,
      ...(other === undefined ? {} : { with: other }),
      ends: sum((row) => row.ends),
      deaf: sum((row) => row.deaf),
      wrong: sum((row) => row.wrong),
      late: sum((row) => row.late),
      ended: sum((row) => row.ended),
      ...(ended.length === 0 ? {} : { endedAfterMs: percentile(ended, 50) ?? 0 }),
      expected: sum((row) => row.expected),
      lost: sum((row) => row.lost),
      gaps: sum((row) => row.gaps),
      ...(median === undefined ? {} : { jitterMs: rounded(median) }),
      ...(rank === 0 || atLeast === undefined ? {} : { jitterAtLeastMs: rounded(atLeast) }),
    }
  })
  return { directions }
}

/** Each part has its share of a relay's calls: where all saw the limit, it is their sum. */
function wellUpTo(relays: readonly RelayResult[]): Pick<RelayResult, 'wellUpTo'> {
  const limits = relays.flatMap((one) => one.wellUpTo ?? [])
  return limits.length < relays.length ? {} : { wellUpTo: limits.reduce((sum, one) => sum + one, 0) }
}

/** The worst call of all parts, the earliest of those that are as bad; its time is the whole load's. */
function worstOf(rows: readonly Row[], startMs: number): RelayResult['worst'] {
  return rows
    .flatMap(({ relay: { worst }, load }) => {
      if (worst === undefined) return []
      const { startedAtMs } = worst
      return startedAtMs === undefined ? [worst] : [{ ...worst, startedAtMs: startedAtMs + lagOf(load, startMs) }]
    })
    .toSorted((a, b) => (b.badness ?? 0) - (a.badness ?? 0) || (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0))[0]
}
