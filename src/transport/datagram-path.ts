/** One direction between two endpoints: delays datagrams, and keeps or breaks their order. */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { LinkConditions } from './link-conditions.js'

/** A datagram that is held back goes on after this time though nothing overtook it. */
const LONGEST_HOLD_MS = 100

export class DatagramPath {
  readonly #clock: Clock
  readonly #random: Random
  #lastArrival = 0
  #held: { deliver: () => void; limit: Timer } | undefined

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** @param deliver hands the datagram over; called once, or twice where the link duplicates it */
  carry(link: LinkConditions, deliver: (again: boolean) => void): void {
    const now = this.#clock.now()
    if (this.#held === undefined && link.reorder > 0 && this.#random.float() < link.reorder) {
      const limit = this.#clock.after(link.delayMs + LONGEST_HOLD_MS, () => {
        this.#held = undefined
        deliver(false)
      })
      this.#held = { deliver: () => deliver(false), limit }
      return
    }
    const jitter = link.jitterMs > 0 ? this.#random.float() * link.jitterMs : 0
    this.#lastArrival = Math.max(this.#lastArrival, now + link.delayMs + jitter)
    const overtaken = this.#held
    overtaken?.limit.cancel()
    this.#held = undefined
    const twice = link.duplicate > 0 && this.#random.float() < link.duplicate
    this.#clock.after(this.#lastArrival - now, () => {
      deliver(false)
      if (twice) this.#clock.after(0, () => deliver(true))
      if (overtaken !== undefined) this.#clock.after(0, overtaken.deliver)
    })
  }
}
