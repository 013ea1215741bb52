import type { NameAddr } from '../message/message.js'
import type { Exchange, RequestOptions } from './exchange.js'

export interface RegisterOptions extends RequestOptions {
  /** Seconds asked for; `undefined` asks for the agent's default. */
  readonly expires?: number
  /** Where the interval is asked for: `Expires` header field (default), `expires` parameter, both, or nowhere. */
  readonly expiresIn?: 'header' | 'parameter' | 'both' | 'nowhere'
  /** Contact header values instead of the agent's own: several, `*`, or none (a query, RFC 3261 §10.2.3). */
  readonly contacts?: readonly string[]
  readonly callId?: string
  readonly cseq?: number
  /** Address-of-record in To (and From unless `from`). */
  readonly to?: string
  readonly from?: string
}

/** What came of a registration. */
export interface RegisterOutcome {
  readonly ok: boolean
  /** Final status; 408 after a timeout, 503 after a transport error (RFC 3261 §8.1.3.1). */
  readonly status: number
  /** The last exchange; requests of the 423 retry are in it too. */
  readonly exchange: Exchange
  /** Seconds granted to this agent's contact, undefined where the response does not list it. */
  readonly expires: number | undefined
  /** All bindings that the response lists. */
  readonly contacts: readonly NameAddr[]
  /** This agent's own among them (compared by RFC 3261 §19.1.4). */
  readonly own: NameAddr | undefined
  /** Address and port that the target saw (`received`, `rport`), where told. */
  readonly seenAs: { readonly address: string; readonly port: number } | undefined
  /** Milliseconds from the first request to the final response. */
  readonly tookMs: number
}
