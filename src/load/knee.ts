/** From which load on something goes wrong: calls at a time, or calls a second. */
import { byChance, NO_CHANCE } from '../verdict/chance.js'

/** What became of a call, and what else was going on when it began. */
export interface AtLoad {
  readonly load: number
  readonly bad: boolean
}

export interface Knee {
  /** Up to so much it goes well: of the calls below, hardly one was bad. */
  readonly upTo: number
  /** The share of bad ones above, 0 to 1. */
  readonly share: number
}

/** So few go wrong where it goes well. */
const WELL = 0.01

/** Undefined where it does not depend on the load, or too little is known to say so. */
export function kneeOf(calls: readonly AtLoad[]): Knee | undefined {
  const byLoad = new Map<number, { hit: number; of: number }>()
  for (const { load, bad } of calls) {
    const at = byLoad.get(load) ?? { hit: 0, of: 0 }
    at.of += 1
    if (bad) at.hit += 1
    byLoad.set(load, at)
  }
  const steps = [...byLoad].toSorted(([a], [b]) => a - b)
  const below = { hit: 0, of: 0 }
  let knee: { upTo: number; hit: number; of: number } | undefined
  for (const [load, { hit, of }] of steps) {
    below.hit += hit
    below.of += of
    // What is bad at this load itself is not hidden by the many below.
    if (hit * 2 <= of && below.hit <= below.of * WELL) knee = { upTo: load, ...below }
  }
  if (knee === undefined) return undefined
  const above = { hit: below.hit - knee.hit, of: below.of - knee.of }
  if (above.hit === 0 || byChance(above, knee) * steps.length >= NO_CHANCE) return undefined
  return { upTo: knee.upTo, share: above.hit / above.of }
}

/**
 * How many are going on when each begins, itself included.
 * @param spans from when to when, in any order, ms
 * @returns in the order of `spans`
 */
export function concurrency(spans: readonly { readonly from: number; readonly to: number }[]): number[] {
  const begins = spans.map(({ from }) => from).toSorted((a, b) => a - b)
  const ends = spans.map(({ to }) => to).toSorted((a, b) => a - b)
  return spans.map(({ from }) => upTo(begins, from) - upTo(ends, from))
}

/** How many begin within the second that ends with each, itself included. @param moments ms, in any order */
export function ratesAt(moments: readonly number[]): number[] {
  const sorted = moments.toSorted((a, b) => a - b)
  return moments.map((at) => upTo(sorted, at) - upTo(sorted, at - 1000))
}

/** How many are at or before this. @param sorted ascending */
export function upTo(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}
