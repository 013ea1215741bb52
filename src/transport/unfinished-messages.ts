/** Connections on which a message has begun: closed when its end does not come in time, so that slow peers hold none of them. */
import type { Clock, Timer } from '../clock/clock.js'
import type { StreamFlow } from './sip-flow.js'

export class UnfinishedMessages {
  readonly #timers = new Map<StreamFlow, Timer>()
  readonly #clock: Clock
  readonly #withinMs: number | undefined

  /** @param withinMs undefined: nobody is closed for it */
  constructor(clock: Clock, withinMs: number | undefined) {
    this.#clock = clock
    this.#withinMs = withinMs
  }

  /** A message has begun on the connection. */
  begun(flow: StreamFlow): void {
    this.over(flow)
    if (this.#withinMs === undefined || !flow.open) return
    this.#timers.set(
      flow,
      this.#clock.after(this.#withinMs, () => flow.close()),
    )
  }

  /** It has come to its end, or the connection has. */
  over(flow: StreamFlow): void {
    this.#timers.get(flow)?.cancel()
    this.#timers.delete(flow)
  }
}
