/** Distributions of what was measured, for reports: percentiles and a histogram. */
import type { Distribution } from '../result/load-result.js'

/** Upper edges, ms: about three to a decade. */
const EDGES = [
  0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10_000, 60_000,
]

/** Undefined where nothing was measured. */
export function distributionOf(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const max = sorted.at(-1) ?? 0
  const buckets: { le: number; count: number }[] = []
  let from = 0
  for (const le of [...EDGES, ...(max > (EDGES.at(-1) ?? 0) ? [max] : [])]) {
    let to = from
    while (to < sorted.length && (sorted[to] ?? 0) <= le) to++
    buckets.push({ le, count: to - from })
    from = to
  }
  const used = (bucket: { count: number }) => bucket.count > 0
  return {
    count: sorted.length,
    min: rounded(sorted[0] ?? 0),
    p50: rounded(percentileOf(sorted, 50)),
    p90: rounded(percentileOf(sorted, 90)),
    p95: rounded(percentileOf(sorted, 95)),
    p99: rounded(percentileOf(sorted, 99)),
    max: rounded(max),
    buckets: buckets.slice(buckets.findIndex(used), buckets.findLastIndex(used) + 1),
  }
}

/** Nearest rank. @param sorted ascending, not empty @param percentile 0 to 100 */
export function percentileOf(sorted: readonly number[], percentile: number): number {
  const rank = Math.max(1, Math.ceil((sorted.length * percentile) / 100))
  return sorted[Math.min(rank, sorted.length) - 1] ?? 0
}

/** The same for values in any order; undefined where there are none. */
export function percentile(values: readonly number[], wanted: number): number | undefined {
  return values.length === 0
    ? undefined
    : percentileOf(
        values.toSorted((a, b) => a - b),
        wanted,
      )
}

/** To three decimal places. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
