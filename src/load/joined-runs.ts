/** Scenarios that several parts of a load ran, as those of one load. */
import type { AudioLoss } from '../result/audio.js'
import type { Distribution, LoadResult, RunsOfScenario } from '../result/load-result.js'

type CheckOfRuns = RunsOfScenario['checks'][number]

/** Captures of one scenario that are shown, of all parts. */
const MOST_SHOWN = 3

/** Nothing where no part ran any. */
export function joinedRuns(loads: readonly LoadResult[]): Pick<LoadResult, 'scenarios' | 'runs'> {
  const all = loads.flatMap(({ runs }) => runs ?? [])
  if (all.length === 0) return {}
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((whole, one) => whole + of(one), 0)
  const groups = new Map<string, RunsOfScenario[]>()
  for (const one of loads.flatMap(({ scenarios }) => scenarios ?? [])) {
    const key = `${one.id} ${one.variant.transport} ${one.variant.family}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return {
    runs: {
      started: sum((one) => one.started),
      ended: sum((one) => one.ended),
      interrupted: sum((one) => one.interrupted),
      begunLate: sum((one) => one.begunLate),
      harnessLate: sum((one) => one.harnessLate),
      // When each part was at its peak, the others may not have been: no more than this.
      peakConcurrent: sum((one) => one.peakConcurrent),
      worstLagMs: Math.max(...all.map((one) => one.worstLagMs)),
    },
    scenarios: [...groups.values()].flatMap(joinedScenario),
  }
}

function joinedScenario(parts: readonly RunsOfScenario[]): RunsOfScenario[] {
  const [first] = parts
  if (first === undefined) return []
  const { durationMs: _, firstFailAtMs: __, ...about } = first
  const duration = joinedDurations(parts.flatMap((one) => one.durationMs ?? []))
  const failedAt = parts.flatMap(({ firstFailAtMs }) => firstFailAtMs ?? [])
  return [
    {
      ...about,
      runs: parts.reduce((sum, { runs }) => sum + runs, 0),
      verdicts: added(parts.map(({ verdicts }) => verdicts)),
      reasons: added(parts.map(({ reasons }) => reasons)),
      ...(duration === undefined ? {} : { durationMs: duration }),
      checks: joinedChecks(parts.flatMap(({ checks }) => checks)),
      ...(failedAt.length === 0 ? {} : { firstFailAtMs: Math.min(...failedAt) }),
      first: parts.flatMap((one) => one.first).slice(0, MOST_SHOWN),
    },
  ]
}

function joinedChecks(checks: readonly CheckOfRuns[]): CheckOfRuns[] {
  const sums = new Map<string, CheckOfRuns>()
  for (const check of checks) {
    const known = sums.get(check.id)
    if (known === undefined) {
      sums.set(check.id, check)
      continue
    }
    const losses = joinedLosses([...(known.losses ?? []), ...(check.losses ?? [])])
    sums.set(check.id, {
      ...known,
      held: known.held + check.held,
      failed: known.failed + check.failed,
      warned: known.warned + check.warned,
      open: known.open + check.open,
      ...(losses.length === 0 ? {} : { losses }),
    })
  }
  return [...sums.values()]
}

function joinedLosses(losses: readonly AudioLoss[]): AudioLoss[] {
  const byRelay = new Map<string, AudioLoss>()
  for (const { relay, expected, lost, gaps } of losses) {
    const before = byRelay.get(relay) ?? { relay, expected: 0, lost: 0, gaps: 0 }
    byRelay.set(relay, {
      relay,
      expected: before.expected + expected,
      lost: before.lost + lost,
      gaps: before.gaps + gaps,
    })
  }
  return [...byRelay.values()]
}

/** Percentiles of the whole lie in the bucket that holds so many; its upper edge is told. */
function joinedDurations(all: readonly Distribution[]): Distribution | undefined {
  if (all.length === 0) return undefined
  const count = all.reduce((sum, one) => sum + one.count, 0)
  const counts = new Map<number, number>()
  for (const { le, count: many } of all.flatMap(({ buckets }) => buckets)) counts.set(le, (counts.get(le) ?? 0) + many)
  const buckets = [...counts].toSorted(([a], [b]) => a - b).map(([le, many]) => ({ le, count: many }))
  const [min, max] = [Math.min(...all.map((one) => one.min)), Math.max(...all.map((one) => one.max))]
  const at = (wanted: number) => {
    let seen = 0
    const found = buckets.find((bucket) => (seen += bucket.count) >= (count * wanted) / 100)
    return Math.min(max, found?.le ?? max)
  }
  return { count, min, p50: at(50), p90: at(90), p95: at(95), p99: at(99), max, buckets }
}

function added(tables: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, many] of tables.flatMap((table) => Object.entries(table))) sums[key] = (sums[key] ?? 0) + many
  return sums
}
