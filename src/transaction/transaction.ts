/** What a transaction user (agent, proxy, service) sees of its transactions. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { Flow } from '../transport/flow.js'

export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated'
export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type ClientState = InviteClientState | NonInviteClientState
export type ServerState = InviteServerState | NonInviteServerState

/** Who is told what becomes of a request. None of these is called before `TransactionLayer.request` has returned. */
export interface ClientUser {
  /** Every provisional, and the final answer once; for INVITE every further 2xx too (RFC 6026 §7.2). */
  onResponse?(response: SipResponse, flow: Flow): void
  /** Timer B or F, or a cancelled INVITE that stays unanswered: to be treated as 408 (RFC 3261 §8.1.3.1). */
  onTimeout?(): void
  /** The request could not be sent: to be treated as 503 (§8.1.3.1). Failover to the next hop is the user's (RFC 3263 §4.3). */
  onTransportError?(error: Error): void
  /** The last word: the transaction is gone. */
  onTerminated?(): void
}

export interface CancelOptions {
  /** Extra header fields of the CANCEL, e.g. Reason (RFC 3326). */
  readonly headers?: Iterable<readonly [string, string]>
  readonly user?: ClientUser
  /** Told when the CANCEL really leaves, which may be later than the call of `cancel`. */
  readonly onSent?: (cancel: ClientTransaction) => void
}

export interface ClientTransaction {
  /** As it goes out: with our Via on top once it is sent. */
  readonly request: SipRequest
  readonly branch: string
  readonly state: ClientState
  /** Known once the request has left. */
  readonly flow: Flow | undefined
  /** The ACK that the transaction itself made for a 300–699 (§17.1.1.3). */
  readonly ack: SipRequest | undefined
  /**
   * Cancels the INVITE by a transaction of its own (RFC 3261 §9.1). Before the first provisional it waits for one and
   * returns undefined; after a final answer it does nothing and returns undefined; a second call does nothing.
   */
  cancel(options?: CancelOptions): ClientTransaction | undefined
  /** Somebody else hears of it from now on. */
  handOver(user: ClientUser): void
  /** Ends it at once, silently but for `onTerminated`. */
  terminate(): void
}

export interface ServerTransaction {
  readonly request: SipRequest
  /** The flow that the request came on. */
  readonly flow: Flow
  /** Of the topmost Via; empty when it has none (RFC 2543). */
  readonly branch: string
  readonly state: ServerState
  /** When the request arrived, ms of the clock. */
  readonly at: number
  /** What the parser found wrong with the request in strict mode. */
  readonly violations: readonly Violation[]
  /** The latest response given to `respond`, or the automatic 100. */
  readonly lastResponse: SipResponse | undefined
  /** Another transaction that has the same From tag, Call-ID and CSeq: the user may answer 482 (§8.2.2.2). */
  readonly merged: ServerTransaction | undefined
  /** For a CANCEL: the transaction that it cancels, if there is one (§9.2). */
  readonly cancels: ServerTransaction | undefined
  /**
   * Sends a response: provisionals, one final, and for INVITE any number of 2xx, whose repetition is the user's
   * (RFC 6026 §7.1). Returns false when the state forbids it and nothing was sent.
   */
  respond(response: SipResponse): boolean
  /** Ends it at once, silently but for `onTerminated`. */
  terminate(): void
  /** A CANCEL came for this transaction; the user answers both (§9.2). Without it the layer's `onRequest` gets the CANCEL. */
  onCancel: ((cancel: ServerTransaction) => void) | undefined
  /** An ACK that belongs to this INVITE's 2xx by its branch (RFC 6026 §7.1); without it the layer's `onAck` gets it. */
  onAck: ((ack: SipRequest) => void) | undefined
  /** Timer H: no ACK came for a 300–699; or nobody answered a non-INVITE in time (RFC 4320 §4.2). */
  onTimeout: (() => void) | undefined
  /** A response could not be sent; the transaction lives on (RFC 6026 §8.8). */
  onTransportError: ((error: Error) => void) | undefined
  onTerminated: (() => void) | undefined
}
