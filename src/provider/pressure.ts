/** How many calls the proxy takes on within a second, and what becomes of more than it can carry. */
import { createResponse } from '../message/build.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { ProviderContext } from './context.js'

/** What refused callers are told to wait, seconds (RFC 3261 §20.33). */
const RETRY_AFTER_S = 10

export class Pressure {
  readonly #context: ProviderContext
  /** When the calls of the last second came, ms. */
  readonly #moments: number[] = []

  constructor(context: ProviderContext) {
    this.#context = context
  }

  /** A call that was let in goes on its way: at once, unless there are too many. */
  takeOn(tx: ServerTransaction, forward: () => void): void {
    const { clock, rules } = this.#context
    const { refusesAbove, slowAbove, slowMs } = rules.proxy
    const now = clock.now()
    while ((this.#moments[0] ?? now) < now - 1000) this.#moments.shift()
    if (this.#moments.length >= refusesAbove) return this.#answer(tx, 503, [['Retry-After', String(RETRY_AFTER_S)]])
    this.#moments.push(now)
    if (this.#moments.length <= slowAbove) return forward()
    if (rules.transactions.sendsTrying) tx.respond(createResponse(tx.request, 100))
    const waiting = clock.after(slowMs, forward)
    tx.onCancel = (cancel) => {
      waiting.cancel()
      this.#answer(cancel, 200)
      this.#answer(tx, 487)
    }
  }

  #answer(tx: ServerTransaction, status: number, headers: [string, string][] = []): void {
    tx.respond(createResponse(tx.request, status, undefined, { toTag: this.#context.random.token(10), headers }))
  }
}
