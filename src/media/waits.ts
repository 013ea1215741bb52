/** Those who wait for something that packets bring about. */
import type { Clock } from '../clock/clock.js'

interface Waiter {
  readonly met: () => boolean
  readonly done: (met: boolean) => void
}

export class Waits {
  readonly #clock: Clock
  readonly #open = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves true once it is met, with what is so then after the time, or when `end` is called. */
  for(met: () => boolean, withinMs: number): Promise<boolean> {
    if (met()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        met,
        done: (result) => {
          this.#open.delete(waiter)
          timer.cancel()
          resolve(result)
        },
      }
      const timer = this.#clock.after(withinMs, () => waiter.done(met()))
      this.#open.add(waiter)
    })
  }

  /** Something came: those whose wish is met by it go on. */
  look(): void {
    for (const waiter of this.#open) if (waiter.met()) waiter.done(true)
  }

  /** Nothing more will come. */
  end(): void {
    for (const waiter of this.#open) waiter.done(waiter.met())
  }
}
