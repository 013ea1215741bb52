/** The curves of several parts of a load as those of one. */
import type { LoadResult } from '../result/load-result.js'

type Series = NonNullable<LoadResult['series']>
type Point = Series[number]

const SECOND_MS = 1000

/** From when to when the loads went, Unix ms. */
export function momentOf(loads: readonly LoadResult[]): { readonly startMs: number; readonly endMs: number } {
  const times = loads.map((load) => {
    const startMs = Date.parse(load.startedAt ?? '')
    return { startMs, endMs: startMs + (load.series?.at(-1)?.atMs ?? 0) }
  })
  return {
    startMs: Math.min(...times.map(({ startMs }) => startMs)),
    endMs: Math.max(...times.map(({ endMs }) => endMs)),
  }
}

/** Milliseconds that a part began after the first one. */
export const lagOf = (load: LoadResult, startMs: number): number => momentOf([load]).startMs - startMs

/**
 * One entry a second: calls are added up; of what cannot be, such as the 95th percentile of a second, it is the worst part's.
 */
export function joinedSeries(loads: readonly LoadResult[]): Series {
  const { startMs } = momentOf(loads)
  const seconds = new Map<number, Point[]>()
  for (const load of loads) {
    const lag = lagOf(load, startMs)
    for (const point of load.series ?? []) {
      const second = Math.round((point.atMs + lag) / SECOND_MS)
      seconds.set(second, [...(seconds.get(second) ?? []), point])
    }
  }
  return [...seconds]
    .toSorted(([a], [b]) => a - b)
    .map(([second, points]) => ({
      atMs: second * SECOND_MS,
      activeCalls: points.reduce((sum, one) => sum + one.activeCalls, 0),
      ...worst('callsPerSecond', points, (...all) => all.reduce((sum, one) => sum + one, 0)),
      ...worst('setupP95Ms', points, Math.max),
      ...worst('lossPercent', points, Math.max),
      ...worst('jitterP95Ms', points, Math.max),
      ...worst('mosP5', points, Math.min),
      ...worst('sendLatenessP99Ms', points, Math.max),
      ...worst('eventLoopLagMs', points, Math.max),
    }))
}

function worst<K extends Exclude<keyof Point, 'atMs' | 'activeCalls'>>(
  name: K,
  points: readonly Point[],
  of: (...values: number[]) => number,
): { [P in K]?: number } {
  const known = points.flatMap((point) => point[name] ?? [])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
  return (known.length === 0 ? {} : { [name]: of(...known) }) as { [P in K]?: number }
}
