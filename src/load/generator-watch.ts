/** Whether the generator kept up during a part of a load. */
import { Lateness } from '../media/lateness.js'
import { problemsOf } from '../verdict/load-validity.js'
import { percentile } from './distribution.js'
import type { WorkerSample } from './worker-protocol.js'

export class GeneratorWatch {
  readonly #lateness = new Lateness()
  readonly #lagMs: number[] = []
  #sent = 0
  #errors = 0

  add({ lateness, lagMaxMs, sent, sendErrors }: WorkerSample): void {
    this.#lateness.addCounts(lateness)
    this.#lagMs.push(lagMaxMs)
    this.#sent += sent
    this.#errors += sendErrors
  }

  /** In words, as of a whole load; none where it kept up. */
  get problems(): string[] {
    return problemsOf({
      sendLatenessP99Ms: this.#lateness.percentileMs(99),
      // Of the longest one in each second, half: one that collects garbage now and then is not too busy.
      eventLoopLagP99Ms: percentile(this.#lagMs, 50) ?? 0,
      socketDrops: 0,
      packetsSent: this.#sent,
      sendErrors: this.#errors,
      troubles: new Map(),
      crashes: [],
      brokenOff: undefined,
    })
  }
}
