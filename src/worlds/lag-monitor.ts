/** How late this process was: a tick that should come every 20 ms and says when it did not. The generator judges itself. */
import type { Clock, Timer } from '../clock/clock.js'

const TICK_MS = 20
/** Ticks later than this are remembered. */
const NOTABLE_MS = 5

export class LagMonitor {
  readonly #clock: Clock
  readonly #late: { at: number; ms: number }[] = []
  #timer: Timer | undefined
  #due: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#due = clock.now() + TICK_MS
    // In virtual time nothing is ever late.
    if (clock.kind === 'wall') this.#arm()
  }

  /** The worst lateness (ms) of a tick between two moments, both ends included. */
  between(fromMs: number, toMs: number): number {
    return this.#late.reduce((most, { at, ms }) => (at >= fromMs && at - ms <= toMs && ms > most ? ms : most), 0)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #arm(): void {
    this.#timer = this.#clock.after(Math.max(0, this.#due - this.#clock.now()), () => {
      const at = this.#clock.now()
      const ms = at - this.#due
      if (ms > NOTABLE_MS) this.#late.push({ at, ms })
      this.#due = at + TICK_MS
      this.#arm()
    })
  }
}
