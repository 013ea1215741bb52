import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { Flow, Hop, SipTransport } from '../transport/sip-transport.js'
import type { TimerTable } from './timers.js'
import type { ClientTransaction, ClientUser, ServerTransaction } from './transaction.js'

export type { CancelOptions, ClientTransaction, ClientUser, ServerTransaction } from './transaction.js'

export interface TransactionLayerOptions {
  readonly transport: SipTransport
  readonly clock: Clock
  readonly timers: TimerTable
  readonly random: Random
  /** Send 100 when the user is slow (RFC 3261 §17.2.1, RFC 4320 §4.1). Default true. */
  readonly automaticTrying?: boolean
  /** Path MTU in bytes; requests within 200 bytes of it leave UDP (§18.1.1). Unknown when absent: 1300 bytes. `Infinity`: never. */
  readonly pathMtu?: number
}

export interface RequestOptions {
  /** `add` (default): puts our Via on top. `keep`: the topmost Via is already the right one. */
  readonly via?: 'add' | 'keep'
  /** The branch to use; a fresh one when absent. */
  readonly branch?: string
  /** Ask for RFC 3581 `rport`. Default true. */
  readonly rport?: boolean
}

export class TransactionLayer {
  /** A new request; a CANCEL only when no transaction took it; never an ACK. */
  onRequest: ((tx: ServerTransaction) => void) | undefined
  /** An ACK that no transaction absorbed: for a 2xx, or stray. */
  onAck: ((ack: SipRequest, flow: Flow) => void) | undefined
  /** A response that belongs to no transaction. Dropped unless somebody wants to see it (RFC 6026 §7.2). */
  onStray: ((response: SipResponse, flow: Flow) => void) | undefined
  /** A message without what transactions need (Via, CSeq, …). */
  onMalformed: ((message: SipRequest | SipResponse, flow: Flow, violations: readonly Violation[]) => void) | undefined

  constructor(_o: TransactionLayerOptions) {}

  get timers(): TimerTable {
    throw new Error('not yet')
  }
  /** Live transactions. */
  get size(): { client: number; server: number } {
    throw new Error('not yet')
  }
  request(_request: SipRequest, _hop: Hop, _user: ClientUser, _o?: RequestOptions): ClientTransaction {
    throw new Error('not yet')
  }
  /** Sends a request outside any transaction: the ACK for a 2xx, or what a stateless proxy forwards. */
  sendStateless(_request: SipRequest, _hop: Hop, _o?: RequestOptions): Promise<Flow> {
    throw new Error('not yet')
  }
  newBranch(): string {
    throw new Error('not yet')
  }
  /** Ends all transactions without a word. */
  close(): void {
    throw new Error('not yet')
  }
}
