/** Transfers as users of the agent see them: REFER, and the NOTIFYs that tell what comes of it (RFC 3515). */
import type { SipRequest } from '../message/message.js'
import type { Exchange, RequestOptions } from './exchange.js'

export interface ReferOptions extends RequestOptions {
  /** `Referred-By` (RFC 3892); `false`: none. Default: the agent's address-of-record. */
  readonly referredBy?: string | false
}

/** A transfer that this side has asked for. */
export interface Referral {
  /** The REFER and its answers. */
  readonly exchange: Exchange
  /** NOTIFYs that belong to it, in order. */
  readonly notices: readonly SipRequest[]
  /** The status of each notice's body that begins with a status line. */
  readonly statuses: readonly number[]
  /** The final status that was told; undefined where the subscription, or the call, ended without one. */
  readonly outcome: Promise<number | undefined>
}

/** A transfer that the other side asks for: somebody has to decide about it, or the REFER gets no answer. */
export interface IncomingReferral {
  readonly request: SipRequest
  /** Whom to call: the URI in Refer-To without its header fields. */
  readonly to: string
  /** Header fields that the call is to carry: those of the URI in Refer-To, unescaped, and Referred-By. */
  readonly headers: Readonly<Record<string, string>>
  /** 202, and a NOTIFY that the transfer is tried. */
  accept(): void
  refuse(status: number, reason?: string): void
  /** Tells the other side how the new call goes; a final status ends the subscription. Nothing where the call is over. */
  tells(status: number, reason: string): void
}
