/** What a response context is told when a request is forwarded. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction, TransactionLayer } from '../transaction/transaction-layer.js'
import type { Flow } from '../transport/flow.js'
import type { CallTable, ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import type { CallLines } from './events/call-lines.js'
import type { MediaBridge } from './media-bridge.js'
import type { Resender } from './resender.js'
import type { DeviceTarget, Exhaustion, Target } from './targets.js'

export interface ContextOptions {
  readonly tx: ServerTransaction
  /** The request after route processing: what every copy begins with. */
  readonly request: SipRequest
  /** Of the dialog that the request begins or belongs to. */
  readonly call?: ProxiedCall | undefined
  /** The lines of those who take part in the call that the request begins. */
  readonly lines?: CallLines | undefined
  /** Media that the request and its answers are led over; made for each branch where there is none yet. */
  readonly bridge?: { readonly media: MediaBridge; readonly from: 'caller' | 'callee' } | undefined
  /** Who is asked next when all have declined. */
  readonly onExhausted?: ((why: Exhaustion) => readonly Target[]) | undefined
  /** What becomes of a 3xx: who is asked instead, or the status in its place; undefined: it is a failure like any other. */
  readonly onRedirect?: ((response: SipResponse) => readonly Target[] | number | undefined) | undefined
  /** Milliseconds after which the branches are cancelled and `onExhausted` is asked. */
  readonly noAnswerMs?: number | undefined
  /** A 2xx passed, in a dialog. */
  readonly onSuccess?: ((response: SipResponse, flow: Flow) => void) | undefined
  /** One of the devices has declined it. */
  readonly onDeclined?: ((device: DeviceTarget, status: number) => void) | undefined
  /** Nobody has accepted it: told after the final response has gone back. */
  readonly onRefused?: (() => void) | undefined
  /** The part of the branch that tells a loop from a spiral (RFC 5393 §4.2.1). */
  readonly loopHash: string
  readonly prepare: (copy: SipRequest, target: DeviceTarget) => void
}

/** What a response context needs of the proxy that it belongs to. */
export interface ProxyCore {
  readonly context: ProviderContext
  readonly layer: TransactionLayer
  /** Present where requests are sent more often than the transactions do. */
  readonly resender: Resender | undefined
  readonly calls: CallTable
}
