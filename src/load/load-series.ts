/** What is drawn of each second of a load. */
import { Lateness } from '../media/lateness.js'
import type { LoadResult } from '../result/load-result.js'
import { percentile, rounded } from './distribution.js'
import type { WorkerSample } from './worker-protocol.js'

type Point = NonNullable<LoadResult['series']>[number]

/** What one second came to. */
export interface Second {
  readonly atMs: number
  readonly activeCalls: number
  /** Calls that began. */
  readonly begun: number
  readonly setupMs: readonly number[]
  readonly received: number
  readonly lost: number
  readonly samples: readonly WorkerSample[]
}

/** What was not measured is left out. */
export function pointOf({ atMs, activeCalls, begun, setupMs, received, lost, samples }: Second): Point {
  const lateness = new Lateness()
  for (const sample of samples) lateness.addCounts(sample.lateness)
  const all = (of: (sample: WorkerSample) => readonly number[]) => samples.flatMap(of)
  const figures: [string, number | undefined][] = [
    ['setupP95Ms', percentile(setupMs, 95)],
    ['lossPercent', received + lost === 0 ? undefined : (100 * lost) / (received + lost)],
    [
      'jitterP95Ms',
      percentile(
        all(({ jitterMs }) => jitterMs),
        95,
      ),
    ],
    [
      'mosP5',
      percentile(
        all(({ mos }) => mos),
        5,
      ),
    ],
    ['sendLatenessP99Ms', lateness.percentileMs(99)],
    ['eventLoopLagMs', samples.length === 0 ? undefined : Math.max(...samples.map(({ lagMaxMs }) => lagMaxMs))],
  ]
  return {
    atMs,
    activeCalls,
    callsPerSecond: begun,
    ...Object.fromEntries(figures.flatMap(([name, value]) => (value === undefined ? [] : [[name, rounded(value)]]))),
  }
}
