/** Ends calls after a fixed time, as servers do whose state of a call is never refreshed. */
import { createRequest } from '../message/build.js'
import type { TransactionLayer } from '../transaction/transaction-layer.js'
import type { CallLeg, CallSide, CallTable, ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import { hopOfSide } from './hops.js'

export class CallLimit {
  readonly #context: ProviderContext
  readonly #layer: TransactionLayer
  readonly #calls: CallTable
  readonly #begun = new WeakSet<ProxiedCall>()

  constructor(context: ProviderContext, layer: TransactionLayer, calls: CallTable) {
    this.#context = context
    this.#layer = layer
    this.#calls = calls
  }

  /** The call is on; told of every ACK. */
  begins(call: ProxiedCall): void {
    const { clock, rules } = this.#context
    const { callLifetimeMs, atLifetimesEnd } = rules.proxy
    if (callLifetimeMs === Number.POSITIVE_INFINITY || this.#begun.has(call)) return
    this.#begun.add(call)
    clock.after(callLifetimeMs, () => {
      if (call.ended) return
      if (atLifetimesEnd === 'it is forgotten') {
        call.forgotten = true
        return
      }
      this.ends(call)
    })
  }

  /** The call ends now, for both ends. */
  ends(call: ProxiedCall): void {
    for (const leg of call.legs.values()) if (leg.state === 'confirmed') this.#hangUp(call, leg)
    this.#calls.end(call)
  }

  /** BYE to both ends, each as if the other had sent it. */
  #hangUp(call: ProxiedCall, leg: CallLeg): void {
    const caller = call.shownFrom ?? call.from
    this.#bye(call, leg.callee, { from: caller, to: leg.to, cseq: call.cseqs.caller + 1 })
    this.#bye(call, call.caller, { from: leg.to, to: call.from, cseq: call.cseqs.callee + 1 })
  }

  #bye({ callId }: ProxiedCall, side: CallSide, o: { from: string; to: string; cseq: number }): void {
    const uri = side.contact
    const hop = uri === undefined ? undefined : hopOfSide(side, uri)
    if (uri !== undefined && hop !== undefined)
      this.#layer.request(createRequest({ method: 'BYE', uri, callId, ...o }), hop, {})
  }
}
