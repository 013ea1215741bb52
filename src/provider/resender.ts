import type { ClientTransaction } from '../transaction/transaction-layer.js'
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProviderContext } from './context.js'

/**
 * Repeats requests beside the transactions, at even intervals: the defects "intervals don't double" and "repeats over
 * TCP". The transactions' own repetition over UDP is switched off meanwhile, see `faultyTimers`.
 */
export class Resender {
  readonly #context: ProviderContext
  readonly #transport: SipTransport

  constructor(context: ProviderContext, transport: SipTransport) {
    this.#context = context
    this.#transport = transport
  }

  static isNeeded(context: ProviderContext): boolean {
    return context.faults.has('invite-interval-even') || context.faults.has('resends-on-streams')
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
    const { faults } = this.#context
    return udp ? method === 'INVITE' && faults.has('invite-interval-even') : faults.has('resends-on-streams')
  }
}
