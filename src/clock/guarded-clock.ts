/** A clock whose timers cannot bring the program down: what one throws is reported instead. */
import type { Clock, Timer } from './clock.js'

export class GuardedClock implements Clock {
  readonly kind: Clock['kind']
  readonly #inner: Clock
  readonly #report: (error: unknown) => void

  constructor(inner: Clock, report: (error: unknown) => void) {
    this.kind = inner.kind
    this.#inner = inner
    this.#report = report
  }

  now(): number {
    return this.#inner.now()
  }

  unixMs(): number {
    return this.#inner.unixMs()
  }

  after(delayMs: number, fire: () => void): Timer {
    return this.#inner.after(delayMs, () => {
      try {
        fire()
      } catch (error) {
        this.#report(error)
      }
    })
  }

  sleep(ms: number): Promise<void> {
    return this.#inner.sleep(ms)
  }
}
