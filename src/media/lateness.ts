/** How late things happened: a histogram of fixed size, mergeable, for percentiles without keeping every value. */

// Upper edges in ms: steps of 0.1 up to 2, then ever wider.
const EDGES = [
  ...Array.from({ length: 20 }, (_, i) => (i + 1) / 10),
  2.5,
  3,
  4,
  5,
  6,
  8,
  10,
  12,
  15,
  20,
  25,
  30,
  40,
  60,
  80,
  100,
  150,
  200,
  300,
  500,
  1000,
  2000,
  5000,
]

/** A histogram that can be sent elsewhere: its bins, and the largest value. */
export interface LatenessCounts {
  readonly bins: readonly number[]
  readonly maxMs: number
}

export class Lateness {
  readonly #counts = new Uint32Array(EDGES.length + 1)
  #count = 0
  #max = 0
  #drained: Uint32Array | undefined
  #maxSince = 0

  /** `ms` behind time; what comes early counts as on time. `times`: of how many. */
  add(ms: number, times = 1): void {
    if (times === 0) return
    let bin: number
    if (ms <= 2) {
      bin = ms <= 0 ? 0 : Math.max(0, Math.ceil(ms * 10 - 1e-6) - 1)
    } else {
      bin = 20
      while (bin < EDGES.length && ms > (EDGES[bin] ?? 0)) bin++
    }
    this.#counts[bin] = (this.#counts[bin] ?? 0) + times
    this.#count += times
    if (ms > this.#max) this.#max = ms
    if (ms > this.#maxSince) this.#maxSince = ms
  }

  merge(other: Lateness): void {
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0)
    this.#count += other.#count
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Adds what was counted elsewhere. */
  addCounts(counts: LatenessCounts): void {
    for (const [bin, count] of counts.bins.entries()) {
      this.#counts[bin] = (this.#counts[bin] ?? 0) + count
      this.#count += count
    }
    this.#max = Math.max(this.#max, counts.maxMs)
  }

  /** What was counted since the last call of this. The maximum stays that of all times, but for what `drain` gives. */
  drain(): LatenessCounts {
    const drained = (this.#drained ??= new Uint32Array(this.#counts.length))
    const bins = Array.from(this.#counts, (count, bin) => count - (drained[bin] ?? 0))
    drained.set(this.#counts)
    const maxMs = this.#maxSince
    this.#maxSince = 0
    return { bins, maxMs }
  }

  get count(): number {
    return this.#count
  }

  /** Undefined when there was nothing. */
  get maxMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#max
  }

  /** Upper edge of the bin that holds the percentile (0 to 100), never above the maximum; undefined without values. */
  percentileMs(percentile: number): number | undefined {
    if (this.#count === 0) return undefined
    let left = Math.ceil((this.#count * percentile) / 100)
    for (let bin = 0; bin < this.#counts.length; bin++) {
      left -= this.#counts[bin] ?? 0
      if (left <= 0) return Math.min(EDGES[bin] ?? this.#max, this.#max)
    }
    return this.#max
  }
}
