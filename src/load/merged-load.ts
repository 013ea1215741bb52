/** Joins what the parts of one load measured, one k6 and one agent each, into one result (decision 0023). */
import { Histogram } from '../result/histogram.js'
import type { MetricRecord } from '../result/metrics.js'
import type { Distribution, LoadPart, LoadResult } from '../result/load-result.js'
import { judgeThresholds } from '../verdict/thresholds.js'
import { joinedFailures } from './call-failures.js'
import { rounded } from './distribution.js'
import { joinedNotes } from './joined-notes.js'
import { joinedRefusals } from './joined-refusals.js'
import { joinedRelayCounts } from './joined-relay-counts.js'
import { histogramOf, joinedRelays } from './joined-relays.js'
import { joinedRuns } from './joined-runs.js'
import { joinedSeries, lagOf, momentOf } from './joined-series.js'
import { K6_THRESHOLDS_CROSSED } from './k6-run.js'
import { numberOfPart, segmentsOf } from './parts.js'

/** A part, and where it was read from. */
export interface Part {
  readonly folder: string
  readonly part: LoadPart
  readonly load: LoadResult
}

/**
 * The one result of all parts. Sums, rates and percentiles are those of the whole; what cannot be added up (curves, lateness) is the
 * worst part's.
 * @param parts in the order of their segments, at least one @param missing why parts of the sequence are not among them
 */
export function mergedLoad(parts: readonly [Part, ...Part[]], missing: readonly string[]): LoadResult {
  const loads = parts.map(({ load }) => load)
  const [{ load: one }] = parts
  const {
    part: _part,
    refusals: _refusals,
    failures: _failures,
    slow: _slow,
    breakpoint: _breakpoint,
    mouthToEarMs: _mouthToEarMs,
    outages: _outages,
    relayCounts: _relayCounts,
    ...first
  } = one
  const metrics = joinedMetrics(loads.flatMap((load) => load.metrics ?? []))
  const { startMs, endMs } = momentOf(loads)
  const judged = judgeThresholds({
    thresholds: loads.map((load) => load.thresholds ?? []),
    metrics,
    seconds: (endMs - startMs) / 1000,
  })
  const series = joinedSeries(loads)
  const troubles = [...problemsOfParts(parts), ...missing, ...apart(parts), ...judged.open]
  const sound = missing.length === 0 && loads.every(({ valid, generator }) => generator.sound ?? valid)
  const distributions = {
    setupDelayMs: distributionAt('sip_session_request_delay', metrics, loads, 'setupDelayMs'),
    jitterMs: distributionAt('rtp_jitter', metrics, loads, 'jitterMs'),
    roundTripMs: distributionAt('rtp_round_trip', metrics, loads, 'roundTripMs'),
  }
  // Each part tells of its own calls.
  const outages = loads.flatMap((load) =>
    (load.outages ?? []).map((one) => ({ ...one, fromMs: one.fromMs + lagOf(load, startMs) })),
  )
  const registrations = loads.flatMap((load) => load.registrations ?? [])
  const notes = joinedNotes(loads.flatMap((load) => load.notes ?? []))
  return {
    ...first,
    startedAt: new Date(startMs).toISOString(),
    joined: parts.map(({ folder, part, load }) => ({ ...part, folder, calls: load.calls.started })),
    valid: troubles.length === 0 && loads.every(({ valid }) => valid),
    generator: {
      sendLatenessP99Ms: Math.max(...loads.map(({ generator }) => generator.sendLatenessP99Ms)),
      ...most(
        'sendLatenessP999Ms',
        loads.map(({ generator }) => generator.sendLatenessP999Ms),
      ),
      eventLoopLagP99Ms: Math.max(...loads.map(({ generator }) => generator.eventLoopLagP99Ms)),
      sound,
      problems: troubles,
      ...most(
        'cpuPercent',
        loads.map(({ generator }) => generator.cpuPercent),
      ),
      ...total(
        'socketDrops',
        loads.map(({ generator }) => generator.socketDrops),
      ),
      ...total(
        'workers',
        loads.map(({ generator }) => generator.workers),
      ),
    },
    calls: joinedCalls(loads, series),
    relays: joinedRelays(loads, metrics, startMs),
    ...joinedRefusals(loads),
    ...joinedFailures(loads),
    ...joinedDevices(loads),
    ...joinedRuns(loads),
    series,
    incidents: loads
      .flatMap((load) => (load.incidents ?? []).map((one) => ({ ...one, atMs: one.atMs + lagOf(load, startMs) })))
      .toSorted((a, b) => a.atMs - b.atMs),
    ...(outages.length === 0 ? {} : { outages }),
    ...(registrations.length === 0 ? {} : { registrations }),
    ...Object.fromEntries(Object.entries(distributions).filter(([, one]) => one !== undefined)),
    thresholds: judged.thresholds,
    reconciliation: joinedCounts(loads),
    ...joinedRelayCounts(loads, missing.length > 0),
    ...joinedK6(
      loads,
      judged.thresholds.some(({ ok }) => !ok),
    ),
    metrics,
    ...(notes.length === 0 ? {} : { notes }),
  }
}

function joinedDevices(loads: readonly LoadResult[]): Pick<LoadResult, 'devices'> {
  const all = loads.flatMap(({ devices }) => devices ?? [])
  if (all.length === 0) return {}
  return {
    devices: {
      wanted: all.reduce((sum, { wanted }) => sum + wanted, 0),
      registered: all.reduce((sum, { registered }) => sum + registered, 0),
      why: all.flatMap(({ why }) => why).slice(0, 5),
    },
  }
}

/** What was wrong with the generators, each with its part's name. */
function problemsOfParts(parts: readonly Part[]): string[] {
  return parts.flatMap((one) => (one.load.generator.problems ?? []).map((problem) => `${nameOf(one)}: ${problem}`))
}

export const nameOf = ({ part, folder }: Pick<Part, 'part' | 'folder'>): string =>
  `part ${numberOfPart(part)} of ${segmentsOf(part).length} (${folder})`

/** Parts that did not run at the same time: the target never carried the whole load. */
function apart(parts: readonly Part[]): string[] {
  const times = parts.map((one) => ({ one, ...momentOf([one.load]) }))
  const begun = Math.max(...times.map(({ startMs }) => startMs))
  return times
    .filter(({ endMs }) => endMs < begun)
    .map(({ one }) => `${nameOf(one)} was over before another began: the target never carried the whole load`)
}

function joinedMetrics(all: readonly MetricRecord[]): MetricRecord[] {
  const groups = new Map<string, MetricRecord[]>()
  for (const one of all) {
    const tags = Object.entries(one.tags).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify([one.kind, one.metric, tags])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].flatMap((group): MetricRecord[] => {
    const [first] = group
    if (first === undefined) return []
    const { metric, tags } = first
    const count = group.reduce((sum, one) => sum + one.count, 0)
    if (first.kind === 'counter') return [{ kind: 'counter', metric, tags, count }]
    if (first.kind === 'rate') {
      const passes = group.reduce((sum, one) => sum + (one.kind === 'rate' ? one.passes : 0), 0)
      return [{ kind: 'rate', metric, tags, passes, count }]
    }
    const trends = group.filter((one) => one.kind === 'trend')
    return [{ kind: 'trend', metric, tags, ...Histogram.of(trends).record() }]
  })
}

function joinedCalls(loads: readonly LoadResult[], series: NonNullable<LoadResult['series']>): LoadResult['calls'] {
  const calls = loads.map((load) => load.calls)
  const sum = (of: (one: LoadResult['calls']) => number) => calls.reduce((all, one) => all + of(one), 0)
  // When each part was at its peak, the others may not have been.
  const atOnce = Math.max(
    0,
    ...series.map(({ activeCalls }) => activeCalls),
    ...calls.map((one) => one.peakConcurrent ?? 0),
  )
  const { dialled } = calls[0] ?? {}
  return {
    started: sum((one) => one.started),
    completed: sum((one) => one.completed),
    failed: sum((one) => one.failed),
    oneWay: sum((one) => one.oneWay),
    ...total(
      'twoWay',
      calls.map((one) => one.twoWay),
    ),
    ...total(
      'wrongAudio',
      calls.map((one) => one.wrongAudio),
    ),
    ...total(
      'interrupted',
      calls.map((one) => one.interrupted),
    ),
    peakConcurrent: atOnce,
    byStatus: joinedTable(calls.map((one) => one.byStatus)),
    failedByStatus: joinedTable(calls.map((one) => one.failedByStatus)),
    ...(dialled === undefined
      ? {}
      : {
          dialled: {
            echo: sum((one) => one.dialled?.echo ?? 0),
            account: sum((one) => one.dialled?.account ?? 0),
            other: sum((one) => one.dialled?.other ?? 0),
          },
        }),
    meant: joinedTable(calls.map((one) => one.meant)),
    ...total(
      'heldBack',
      calls.map((one) => one.heldBack),
    ),
  }
}

function joinedTable(tables: readonly (Readonly<Record<string, number>> | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, count] of tables.flatMap((table) => Object.entries(table ?? {})))
    sums[key] = (sums[key] ?? 0) + count
  return sums
}

/** Percentiles of the joined histogram, and the counts of the parts' own buckets, whose edges are the same. */
function distributionAt(
  metric: string,
  metrics: readonly MetricRecord[],
  loads: readonly LoadResult[],
  field: 'setupDelayMs' | 'jitterMs' | 'roundTripMs',
): Distribution | undefined {
  const histogram = histogramOf(metric, metrics)
  if (histogram.count === 0) return undefined
  const counts = new Map<number, number>()
  for (const { le, count } of loads.flatMap((load) => load[field]?.buckets ?? []))
    counts.set(le, (counts.get(le) ?? 0) + count)
  const at = (wanted: number) => rounded(histogram.percentile(wanted) ?? 0)
  return {
    count: histogram.count,
    min: rounded(histogram.min),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: rounded(histogram.max),
    buckets: [...counts].toSorted(([a], [b]) => a - b).map(([le, count]) => ({ le, count })),
  }
}

function joinedCounts(loads: readonly LoadResult[]): NonNullable<LoadResult['reconciliation']> {
  const rows = loads.flatMap((load) => load.reconciliation ?? [])
  return [...new Set(rows.map(({ what }) => what))].map((what) => {
    const own = rows.filter((row) => row.what === what)
    return {
      what,
      k6: own.reduce((sum, row) => sum + row.k6, 0),
      agents: own.reduce((sum, row) => sum + row.agents, 0),
      ok: own.every(({ ok }) => ok),
    }
  })
}

function joinedK6(loads: readonly LoadResult[], crossed: boolean): Pick<LoadResult, 'k6'> {
  const all = loads.flatMap(({ k6 }) => k6 ?? [])
  if (all.length === 0) return {}
  const failed = all.find(({ exitCode }) => exitCode !== 0 && exitCode !== K6_THRESHOLDS_CROSSED)
  return {
    k6: {
      version: [...new Set(all.map(({ version }) => version))].join(', '),
      exitCode: failed?.exitCode ?? (crossed ? K6_THRESHOLDS_CROSSED : 0),
      ...total(
        'iterations',
        all.map(({ iterations }) => iterations),
      ),
      ...total(
        'droppedIterations',
        all.map(({ droppedIterations }) => droppedIterations),
      ),
    },
  }
}

function total<K extends string>(name: K, values: readonly (number | undefined)[]): { [P in K]?: number } {
  return folded(name, values, (all) => all.reduce((sum, one) => sum + one, 0))
}

function most<K extends string>(name: K, values: readonly (number | undefined)[]): { [P in K]?: number } {
  return folded(name, values, (all) => Math.max(...all))
}

/** Nothing where no part knows it. */
function folded<K extends string>(
  name: K,
  values: readonly (number | undefined)[],
  fold: (all: readonly number[]) => number,
): { [P in K]?: number } {
  const known = values.filter((value) => value !== undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
  return (known.length === 0 ? {} : { [name]: fold(known) }) as { [P in K]?: number }
}
