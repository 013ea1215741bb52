/** How fast stories may begin on sockets: no faster than this process can serve those that run. */
import type { Clock } from '../clock/clock.js'

/** Setting up a call with TLS and SRTP takes a few milliseconds of CPU at either end. */
const START_GAP_MS = 40
/** Where things are done so late on average, one more story would make all of them later. */
const LATE_MS = 25
/** So few are not what makes this process late: others on the machine are. */
const FEW = 6
/** How often the lateness is looked at. */
const LOOK_MS = 50
/** What a run waits for in all, at most: a machine that is slow all the time has to do. */
const MOST_MS = 180_000

export interface PaceOptions {
  readonly clock: Clock
  /** How late (ms) things are done at present, on average. */
  readonly lateness: () => number
  /** Milliseconds between two starts at least. Default 40. */
  readonly gapMs?: number
  /** Milliseconds that are waited in all at most. Default: three minutes. */
  readonly mostMs?: number
}

export class Pace {
  readonly #clock: Clock
  readonly #lateness: () => number
  readonly #gapMs: number
  readonly #mostMs: number
  #waitedMs = 0

  constructor({ clock, lateness, gapMs = START_GAP_MS, mostMs = MOST_MS }: PaceOptions) {
    this.#clock = clock
    this.#lateness = lateness
    this.#gapMs = gapMs
    this.#mostMs = mostMs
  }

  /**
   * Resolves when the next story may begin.
   * @param running how many run at the moment
   */
  async next(running: () => number): Promise<void> {
    await this.#clock.sleep(this.#gapMs)
    while (running() > FEW && this.#lateness() > LATE_MS && this.#waitedMs < this.#mostMs) {
      const from = this.#clock.now()
      await this.#clock.sleep(LOOK_MS)
      this.#waitedMs += this.#clock.now() - from
    }
  }
}
