/**
 * Repeats requests beside the transactions, at even intervals, where the rules say so: intervals that never double, repetitions
 * over TCP. Such a fault switches the transactions' own repetition off.
 */
import type { ClientTransaction } from '../transaction/transaction-layer.js'
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProviderContext } from './context.js'

export class Resender {
  readonly #context: ProviderContext
  readonly #transport: SipTransport

  constructor(context: ProviderContext, transport: SipTransport) {
    this.#context = context
    this.#transport = transport
  }

  static isNeeded(context: ProviderContext): boolean {
    return context.rules.transactions.resendsInvitesEvenly || context.rules.transactions.resendsOnStreams
  }

  watch(client: ClientTransaction): void {
    this.#context.clock.after(this.#context.timers.T1, () => {
      if (client.state !== 'calling' && client.state !== 'trying') return
      const { flow, request } = client
      if (flow?.open === true && this.#isAffected(flow.transport === 'udp', request.method))
        this.#transport.sendOn(flow, request)

      this.watch(client)
    })
  }

  #isAffected(udp: boolean, method: string): boolean {
    const { rules } = this.#context
    return udp ? method === 'INVITE' && rules.transactions.resendsInvitesEvenly : rules.transactions.resendsOnStreams
  }
}
