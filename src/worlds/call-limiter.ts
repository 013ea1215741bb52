/** The target's limits on calls, held whatever a scenario asks (target file: `limits`). */
import type { Clock } from '../clock/clock.js'

export class CallLimiter {
  readonly #clock: Clock
  readonly #gapMs: number
  readonly #most: number
  #active = 0
  #nextAt = 0
  readonly #waiting: (() => void)[] = []

  /** @param callsPerSecond calls begun a second at most @param concurrentCalls calls at a time at most */
  constructor(clock: Clock, { callsPerSecond, concurrentCalls }: { callsPerSecond: number; concurrentCalls: number }) {
    this.#clock = clock
    this.#gapMs = 1000 / callsPerSecond
    this.#most = concurrentCalls
  }

  /** Waits for a place; what it returns gives the place back, once. */
  async admit(): Promise<() => void> {
    if (this.#active >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#active += 1
    const now = this.#clock.now()
    const at = Math.max(now, this.#nextAt)
    this.#nextAt = at + this.#gapMs
    if (at > now) await this.#clock.sleep(at - now)
    let given = false
    return () => {
      if (given) return
      given = true
      const next = this.#waiting.shift()
      // The place goes straight to the next in line, so that nobody can slip in between.
      if (next) next()
      else this.#active -= 1
    }
  }
}
