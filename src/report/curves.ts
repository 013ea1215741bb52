/** Which curves a load is shown by, and how its incidents are numbered on them. */
import type { LoadResult } from '../result/load-result.js'

export type Sample = NonNullable<LoadResult['series']>[number]

export interface Curve {
  readonly title: string
  readonly unit: string
  readonly lines: readonly { readonly key: Exclude<keyof Sample, 'atMs'>; readonly label: string }[]
}

export const CURVES: readonly Curve[] = [
  { title: 'Concurrent calls', unit: 'calls', lines: [{ key: 'activeCalls', label: 'calls' }] },
  { title: 'New calls', unit: 'a second', lines: [{ key: 'callsPerSecond', label: 'new calls' }] },
  { title: 'Setup delay', unit: 'ms, p95', lines: [{ key: 'setupP95Ms', label: 'setup' }] },
  { title: 'Packets lost', unit: '%', lines: [{ key: 'lossPercent', label: 'lost' }] },
  { title: 'Jitter', unit: 'ms, p95', lines: [{ key: 'jitterP95Ms', label: 'jitter' }] },
  { title: 'MOS', unit: 'worst 5 %', lines: [{ key: 'mosP5', label: 'MOS' }] },
  {
    title: 'The load generator',
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

/**
 * Numbers of incidents for the places on a curve: those that would overprint are one label, `1–3` or `1, 3`.
 * @param places x of each incident, in pixels, in the order of their numbers; undefined where it is not shown
 * @param width pixels that a label takes, by its text
 */
export function incidentLabels(
  places: readonly (number | undefined)[],
  width: (text: string) => number,
): { readonly x: number; readonly text: string }[] {
  const shown = places
    .flatMap((x, index) => (x === undefined ? [] : [{ x, number: index + 1 }]))
    .toSorted((a, b) => a.x - b.x || a.number - b.number)
  const labels: { x: number; numbers: number[] }[] = []
  for (const { x, number } of shown) {
    const last = labels.at(-1)
    if (last && x < last.x + width(listed(last.numbers))) last.numbers.push(number)
    else labels.push({ x, numbers: [number] })
  }
  return labels.map(({ x, numbers }) => ({ x, text: listed(numbers) }))
}

/** `1`, `1–3`, `1, 4`; of more that do not follow each other `1 +5`. */
function listed(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const ranges: { from: number; to: number }[] = []
  for (const number of sorted) {
    const last = ranges.at(-1)
    if (last && number === last.to + 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  if (ranges.length > 2) return `${sorted[0]} +${sorted.length - 1}`
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')
}
