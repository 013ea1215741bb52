/**
 * Histograms that can be added up: of the parts of one load, or of the calls of one relay. Buckets are the same everywhere, 512 to
 * each doubling (decision 0023), so that the histogram of all values is the sum of the histograms of any parts of them.
 */
import { z } from 'zod'

export const histogramSchema = z.object({
  count: z.number(),
  sum: z.number(),
  min: z.number(),
  max: z.number(),
  /** Number of each bucket that is not empty and how many values are in it, by turns; ascending. */
  buckets: z.array(z.number()),
})
/** A histogram as it is written. */
export type HistogramRecord = z.infer<typeof histogramSchema>

const PER_DOUBLING = 512
/** Smaller values are 0: no packet, ratio or score that is measured is between the two. */
const LEAST_EXPONENT = -20

/** A percentile is wrong by at most this share of its value. */
export const HISTOGRAM_ERROR = 1 / (2 * PER_DOUBLING)

export class Histogram {
  readonly #counts = new Map<number, number>()
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity

  static of(records: readonly HistogramRecord[]): Histogram {
    const histogram = new Histogram()
    for (const record of records) histogram.merge(record)
    return histogram
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** Infinity where there is no value; `max` is then -Infinity. */
  get min(): number {
    return this.#min
  }

  get max(): number {
    return this.#max
  }

  /** @param value 0 or more */
  add(value: number): void {
    this.#put(bucketOf(value), 1)
    this.#count += 1
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  merge({ count, sum, min, max, buckets }: HistogramRecord): void {
    for (let i = 0; i + 1 < buckets.length; i += 2) this.#put(buckets[i] ?? 0, buckets[i + 1] ?? 0)
    if (count === 0) return
    this.#count += count
    this.#sum += sum
    this.#min = Math.min(this.#min, min)
    this.#max = Math.max(this.#max, max)
  }

  /** Nearest rank, to within `HISTOGRAM_ERROR`; undefined where there is no value. @param wanted 0 to 100 */
  percentile(wanted: number): number | undefined {
    if (this.#count === 0) return undefined
    const rank = Math.min(this.#count, Math.max(1, Math.ceil((this.#count * wanted) / 100)))
    let below = 0
    for (const [bucket, count] of this.#ascending()) {
      below += count
      // The smallest and the largest value are known exactly.
      if (below >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)))
    }
    return this.#max
  }

  record(): HistogramRecord {
    return {
      count: this.#count,
      sum: Number(this.#sum.toPrecision(12)),
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#count === 0 ? 0 : this.#max,
      buckets: this.#ascending().flat(),
    }
  }

  #put(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
  }

  #ascending(): [number, number][] {
    return [...this.#counts].toSorted(([a], [b]) => a - b)
  }
}

/** 0: the value 0. */
function bucketOf(value: number): number {
  const exponent = Math.floor(Math.log2(value))
  if (!(exponent >= LEAST_EXPONENT)) return 0
  const step = Math.floor((value / 2 ** exponent - 1) * PER_DOUBLING)
  // A value just below a power of two may be taken for one by the logarithm.
  return 1 + (exponent - LEAST_EXPONENT) * PER_DOUBLING + Math.min(PER_DOUBLING - 1, Math.max(0, step))
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  const exponent = Math.floor((bucket - 1) / PER_DOUBLING) + LEAST_EXPONENT
  const step = (bucket - 1) % PER_DOUBLING
  return 2 ** exponent * (1 + (step + 0.5) / PER_DOUBLING)
}
