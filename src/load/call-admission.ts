/** The target's limits on calls (target file: `limits`), at the door of the call agent: what is beyond them is refused. */

export interface Limits {
  readonly callsPerSecond: number
  readonly concurrentCalls: number
}

export interface Refusal {
  readonly why: string
  readonly retryAfterMs: number
}

/** No window of a second, or of the time that one call takes at lower rates, has more calls than allowed. */
export class CallAdmission {
  readonly #limits: Limits
  readonly #windowMs: number
  /** Moments at which the latest calls began, a ring of as many as a window may have. */
  readonly #begun: Float64Array
  #next = 0
  #active = 0

  constructor(limits: Limits) {
    this.#limits = limits
    const perWindow = Math.max(1, Math.floor(limits.callsPerSecond))
    this.#windowMs = (perWindow * 1000) / limits.callsPerSecond
    this.#begun = new Float64Array(perWindow).fill(-Infinity)
  }

  get active(): number {
    return this.#active
  }

  /** Takes a place, to be given back with `release`; or why there is none. @param now ms */
  admit(now: number): Refusal | undefined {
    const { callsPerSecond, concurrentCalls } = this.#limits
    if (this.#active >= concurrentCalls) {
      return {
        why: `${concurrentCalls} calls are up, the most that the target file allows (limits.concurrentCalls)`,
        retryAfterMs: 1000,
      }
    }
    const since = now - (this.#begun[this.#next] ?? -Infinity)
    if (since < this.#windowMs) {
      return {
        why: `the target file allows at most ${callsPerSecond} new calls per second (limits.callsPerSecond)`,
        retryAfterMs: this.#windowMs - since,
      }
    }
    this.#begun[this.#next] = now
    this.#next = (this.#next + 1) % this.#begun.length
    this.#active += 1
    return undefined
  }

  release(): void {
    this.#active -= 1
  }
}
