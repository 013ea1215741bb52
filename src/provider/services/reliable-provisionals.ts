/** Provisional responses that the caller confirms: RFC 3262. */
import type { SipRequest, SipResponse } from '../../message/message.js'
import type { ProviderContext } from '../context.js'
import { type Repeated, repeat, sentOnce } from './repeated-response.js'
import type { ServiceTransaction } from './service-transaction.js'

export class ReliableProvisionals {
  readonly #context: ProviderContext
  #unconfirmed: (Repeated & { readonly rseq: number; readonly confirmed: () => void }) | undefined
  #rseq: number

  constructor(context: ProviderContext) {
    this.#context = context
    this.#rseq = 1 + context.random.int(2 ** 16)
  }

  /** §3. @param confirmed what follows the PRACK @param giveUp nobody confirmed it */
  send(tx: ServiceTransaction, response: SipResponse, confirmed: () => void, giveUp: () => void): void {
    const { rules } = this.#context
    const rseq = this.#rseq
    this.#rseq += rules.service.rseqStep
    response.headers.set('Require', '100rel')
    response.headers.set('RSeq', String(rseq))
    const repeated = !rules.service.repeatsReliable
      ? sentOnce(tx, response)
      : repeat(this.#context, tx, response, false, giveUp)
    this.#unconfirmed = { ...repeated, rseq, confirmed }
  }

  /** What follows the response that a PRACK confirms; undefined where it confirms none. */
  confirm(prack: SipRequest): (() => void) | undefined {
    const waiting = this.#unconfirmed
    const [rseq, cseq, method] = (prack.headers.get('RAck') ?? '').split(/\s+/)
    const matches =
      waiting !== undefined &&
      Number(rseq) === waiting.rseq &&
      Number(cseq) === waiting.sequence &&
      method?.toUpperCase() === 'INVITE'
    if (waiting === undefined || (!matches && this.#context.rules.service.checksRack)) return undefined
    this.#unconfirmed = undefined
    waiting.stop()
    return waiting.confirmed
  }

  stop(): void {
    this.#unconfirmed?.stop()
  }
}
