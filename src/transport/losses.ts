/** Decides which datagrams a link loses: each on its own, or all of them for the length of a burst. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { LinkConditions } from './link-conditions.js'

/**
 * Bursts follow two states, good and bad, each as long as an exponential draw (Gilbert's model, in time instead of
 * packets: a request that is repeated after 500 ms is not lost in the same burst as its first copy). The states belong to
 * the link, so that a burst takes signalling and audio alike.
 */
export class Losses {
  readonly #clock: Clock
  readonly #random: Random
  readonly #bursts = new Map<LinkConditions, { bad: boolean; until: number }>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Is what is sent now over a link with these conditions lost? */
  takes(conditions: LinkConditions): boolean {
    const { loss, burstMs } = conditions
    if (loss === 0) return false
    return burstMs === 0 || loss === 1 ? this.#random.float() < loss : this.#isBad(conditions)
  }

  #isBad(conditions: LinkConditions): boolean {
    const { loss, burstMs } = conditions
    const now = this.#clock.now()
    // As if it had gone on for long: the first packets of a run meet as many bursts as the others.
    const state = this.#bursts.get(conditions) ?? { bad: this.#random.float() >= loss, until: now }
    this.#bursts.set(conditions, state)
    while (state.until <= now) {
      state.bad = !state.bad
      const mean = state.bad ? burstMs : (burstMs * (1 - loss)) / loss
      state.until += -Math.log(1 - this.#random.float()) * mean
    }
    return state.bad
  }
}
