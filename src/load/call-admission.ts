/** The target's limits on calls (target file: `limits`), at the door of the call agent. */

export interface Limits {
  readonly callsPerSecond: number
  readonly concurrentCalls: number
}

export interface Refusal {
  readonly why: string
  readonly retryAfterMs: number
}

/**
 * No window of a second, or of the time that one call takes at lower rates, has more calls than allowed. Calls that begin
 * later have their moments reserved in it.
 */
export class CallAdmission {
  readonly #limits: Limits
  readonly #perWindow: number
  readonly #windowMs: number
  /** Moments at which calls begin, ascending: those of the latest window, and those reserved. */
  #moments: number[] = []
  #active = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#perWindow = Math.max(1, Math.floor(limits.callsPerSecond))
    this.#windowMs = (this.#perWindow * 1000) / limits.callsPerSecond
  }

  get active(): number {
    return this.#active
  }

  /** Takes a place at once, to be given back with `release`; or why there is none. @param now ms */
  admit(now: number): Refusal | undefined {
    const refused = this.refusal(now)
    if (refused === undefined) this.#take(now)
    return refused
  }

  /** Why no call may begin now; undefined where one may. @param now ms */
  refusal(now: number): Refusal | undefined {
    const { callsPerSecond, concurrentCalls } = this.#limits
    if (this.#active >= concurrentCalls) {
      return {
        why: `${concurrentCalls} calls are up, the most that the target file allows (limits.concurrentCalls)`,
        retryAfterMs: 1000,
      }
    }
    const at = this.#nextMoment(now, now)
    if (at === now) return undefined
    return {
      why: `the target file allows at most ${callsPerSecond} new calls per second (limits.callsPerSecond)`,
      retryAfterMs: at - now,
    }
  }

  /**
   * Takes a place for a call that is to begin at a moment, to be given back with `release`.
   * @returns the moment at which it may begin; undefined where too many calls are up, or have their place already
   */
  reserve(wantedAt: number, now: number): number | undefined {
    if (this.#active >= this.#limits.concurrentCalls) return undefined
    const at = this.#nextMoment(wantedAt, now)
    this.#take(at)
    return at
  }

  /** The moment at which one more call may begin in a place that is taken already; takes the moment. */
  another(now: number): number {
    const at = this.#nextMoment(now, now)
    this.#moments.splice(this.#after(at), 0, at)
    return at
  }

  release(): void {
    this.#active -= 1
  }

  #take(at: number): void {
    this.#moments.splice(this.#after(at), 0, at)
    this.#active += 1
  }

  /** The first moment from `wanted` on at which one more call leaves every window within the limit. */
  #nextMoment(wanted: number, now: number): number {
    const past = this.#after(Math.min(now, wanted) - this.#windowMs)
    // Now and then, so that not every call moves all that are kept.
    if (past > 1000) this.#moments.splice(0, past)
    let at = wanted
    let crowded = this.#crowdedFrom(at)
    while (crowded !== undefined) {
      // The earliest call of the crowded window has to be out of it.
      at = Math.max(at, crowded + this.#windowMs)
      crowded = this.#crowdedFrom(at)
    }
    return at
  }

  /** The first moment of a window that one more call at `at` would overcrowd. */
  #crowdedFrom(at: number): number | undefined {
    const index = this.#after(at)
    const moment = (i: number) => (i === index ? at : this.#moments[i < index ? i : i - 1])
    for (let first = index; first >= Math.max(0, index - this.#perWindow); first--) {
      const [from, to] = [moment(first), moment(first + this.#perWindow)]
      if (from !== undefined && to !== undefined && to - from < this.#windowMs) return from
    }
    return undefined
  }

  /** How many moments are at or before this one. */
  #after(at: number): number {
    let [low, high] = [0, this.#moments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#moments[middle] ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return low
  }
}
