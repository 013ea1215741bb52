/** How late this process was: a tick that should come every 20 ms and says when it did not. The generator judges itself. */
import type { Clock, Timer } from '../clock/clock.js'

const TICK_MS = 20
/** Ticks later than this are remembered. */
const NOTABLE_MS = 5
/** How far back what is going on now reaches. */
const RECENT_MS = 500

/** A time (ms of the clock) in which nothing was done. */
interface Standstill {
  readonly at: number
  readonly ms: number
}

export class LagMonitor {
  readonly #clock: Clock
  readonly #late: Standstill[] = []
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
    // Who asks right after a standstill may come before the tick that was due in it.
    const pending = this.#clock.now() - this.#due
    return this.#late.reduce(
      (most, { at, ms }) => (at >= fromMs && at - ms <= toMs && ms > most ? ms : most),
      pending > NOTABLE_MS && this.#due <= toMs ? pending : 0,
    )
  }

  /** How late (ms) things are done at present, on average over the last half of a second. */
  recently(): number {
    const now = this.#clock.now()
    const from = now - RECENT_MS
    let [sum, ticks] = [0, 0]
    for (let i = this.#late.length - 1; i >= 0; i--) {
      const { at, ms } = this.#late[i] ?? { at: 0, ms: 0 }
      if (at < from) break
      sum += ms
      ticks += 1
    }
    const pending = Math.max(0, now - this.#due)
    // Ticks that came in time are not remembered: they fill what the late ones leave of the time.
    const inTime = Math.max(0, (RECENT_MS - sum - pending) / TICK_MS - ticks)
    return (sum + pending) / Math.max(1, ticks + inTime + (pending > 0 ? 1 : 0))
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
