/** A request with all that came of it: what may be chosen for it, and what is kept of it. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Flow, Hop } from '../transport/sip-transport.js'

/**
 * Header fields a caller adds: each name replaces every field of that name which the agent would have put there;
 * `undefined` removes the field.
 */
export type ExtraHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What may be chosen for a single request. Everything has the default that the RFCs ask for. */
export interface RequestOptions {
  /** Added or replaced after the agent has composed the request (credentials apart). */
  readonly headers?: ExtraHeaders
  readonly body?: string | Buffer
  /** Default `application/sdp` where the body starts with `v=`, else `text/plain`. */
  readonly contentType?: string
  /** Answer 401 and 407 with credentials (default: `automatic.authenticate` of the agent). */
  readonly authenticate?: boolean
  /** Other credentials than the account's. */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Where to send it, instead of where the agent would. */
  readonly hop?: Hop
  /** Last look at the request before every transmission attempt (first try, authenticated retry); `undefined` swallows it. */
  readonly edit?: (request: SipRequest) => SipRequest | undefined
  readonly onProvisional?: (response: SipResponse) => void
}

/** Out-of-dialog choices; in a dialog these are given by the dialog (RFC 3261 §12.2.1.1). */
export interface OutOfDialogOptions extends RequestOptions {
  /** Addresses as header values, with or without a tag: `"Eve" <sip:eve@example.com>`. */
  readonly from?: string
  readonly to?: string
  readonly callId?: string
  /** First CSeq number; retries count on from it. */
  readonly cseq?: number
  /** Preloaded route set (RFC 3261 §8.1.1.1), URIs. */
  readonly route?: readonly string[]
  readonly maxForwards?: number
}

/** Why an exchange has no final response. RFC 3261 §8.1.3.1 reads `timeout` as 408 and a transport error as 503. */
export type ExchangeError = 'timeout' | 'swallowed' | 'stopped' | Error

/**
 * One question and all that came of it: the request as sent, its authenticated retries, every provisional response and
 * the final one. Filled while it runs; complete once its promise is fulfilled.
 */
export interface Exchange {
  readonly method: string
  /** As sent: first try, then the retries. */
  readonly requests: SipRequest[]
  /** Of all tries, 100 included. */
  readonly provisionals: SipResponse[]
  /** 401 and 407 that were answered, 423 and 491 that were obeyed. */
  readonly challenges: SipResponse[]
  /** The response that ended it. */
  final: SipResponse | undefined
  error: ExchangeError | undefined
  /** `final.status`, or what stands for it: 408 after a timeout, 503 after a transport error, undefined while pending. */
  readonly status: number | undefined
  /** Milliseconds of the agent's clock: first transmission, last try's transmission, end. */
  startedAt: number
  lastSentAt: number
  endedAt: number | undefined
  /** Of the last response, or of the last request where none came. */
  flow: Flow | undefined
}
