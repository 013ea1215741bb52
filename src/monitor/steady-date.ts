/** Whether the date can be trusted: one that was set wrong, and is set right later, must not make everything old at once. */
import type { Clock } from '../clock/clock.js'

/** Date and clock may part by so much between two looks, ms: more is a date that was set, or a machine that slept. */
const MOST_DRIFT_MS = 60_000
/** A date that has gone on with the clock for so long is right, ms. */
const STEADY_MS = 3_600_000
/** What was written so long ago at most, ms, by the date of the start, says that nobody has set it meanwhile. */
const KNOWN_MS = 24 * 3_600_000

export class SteadyDate {
  readonly #clock: Clock
  readonly #date: () => number
  #aheadMs: number
  #sinceMs: number

  /** @param known Unix ms: a date from before the start */
  constructor(clock: Clock, date: () => number, known: number) {
    this.#clock = clock
    this.#date = date
    this.#aheadMs = date() - clock.now()
    const age = date() - known
    this.#sinceMs = clock.now() - (age >= 0 && age < KNOWN_MS ? STEADY_MS : 0)
  }

  /** Unix ms; undefined where it has jumped within the hour, or may have before the start. To be asked in every round. */
  now(): number | undefined {
    const [now, date] = [this.#clock.now(), this.#date()]
    const ahead = date - now
    if (Math.abs(ahead - this.#aheadMs) > MOST_DRIFT_MS) this.#sinceMs = now
    this.#aheadMs = ahead
    return now - this.#sinceMs >= STEADY_MS ? date : undefined
  }
}
