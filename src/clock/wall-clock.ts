/** The machine's time, never early and never stepping back. */
import { performance } from 'node:perf_hooks'
import type { Clock, Timer } from './clock.js'

/** The longest delay that the runtime's timers take; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

class WallTimer implements Timer {
  #handle: NodeJS.Timeout | undefined
  readonly #due: number
  readonly #fire: () => void

  constructor(delayMs: number, fire: () => void) {
    this.#due = performance.now() + delayMs
    this.#fire = fire
    this.#arm(delayMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
    this.#handle = undefined
  }

  #arm(delayMs: number): void {
    this.#handle = setTimeout(this.#expired, Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS))
  }

  // The runtime counts from its loop's cached time in whole milliseconds, and so calls back too early after a busy turn.
  readonly #expired = (): void => {
    const left = this.#due - performance.now()
    if (left > 0) {
      this.#arm(left)
      return
    }
    this.#handle = undefined
    this.#fire()
  }
}

/** Whole milliseconds since 1970, as `WallClock.unixMs` has them: moments and what lies between them do not mind a step of the system's clock. */
export const unixNow = (): number => Math.round(performance.timeOrigin + performance.now())

/**
 * The machine's time. `unixMs` runs on from the Unix time at which the process started, so that a step of the system's
 * clock in the middle of a run does not tear the record apart.
 */
export class WallClock implements Clock {
  readonly kind = 'wall'
  readonly #aheadMs: number

  /** @param aheadMs how far `unixMs` is ahead of the machine's time, as on a machine whose clock was set wrong; ms, may be negative */
  constructor(aheadMs = 0) {
    this.#aheadMs = aheadMs
  }

  now(): number {
    return performance.now()
  }

  unixMs(): number {
    return performance.timeOrigin + performance.now() + this.#aheadMs
  }

  after(delayMs: number, fire: () => void): Timer {
    return new WallTimer(delayMs > 0 ? delayMs : 0, fire)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }
}
