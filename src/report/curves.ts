/** Which curves a load is shown by. */
import type { LoadResult } from '../result/result.js'

export type Sample = NonNullable<LoadResult['series']>[number]

export interface Curve {
  readonly title: string
  readonly unit: string
  readonly lines: readonly { readonly key: Exclude<keyof Sample, 'atMs'>; readonly label: string }[]
}

export const CURVES: readonly Curve[] = [
  { title: 'Calls at once', unit: 'calls', lines: [{ key: 'activeCalls', label: 'calls' }] },
  { title: 'Setup delay', unit: 'ms, p95', lines: [{ key: 'setupP95Ms', label: 'setup' }] },
  { title: 'Packets lost', unit: '%', lines: [{ key: 'lossPercent', label: 'lost' }] },
  { title: 'Jitter', unit: 'ms, p95', lines: [{ key: 'jitterP95Ms', label: 'jitter' }] },
  { title: 'MOS', unit: 'worst twentieth', lines: [{ key: 'mosP5', label: 'MOS' }] },
  {
    title: 'The generator itself',
    unit: 'ms',
    lines: [
      { key: 'sendLatenessP99Ms', label: 'sent late, p99' },
      { key: 'eventLoopLagMs', label: 'event loop lag' },
    ],
  },
]

/** Whether there is anything to draw. */
export function hasCurve({ lines }: Curve, series: readonly Sample[]): boolean {
  return lines.some(({ key }) => series.some((sample) => sample[key] !== undefined))
}
