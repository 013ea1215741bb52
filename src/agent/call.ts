/** A call leg as users of the agent see it: what they may do with it, and how it ends. */
import type { Dialog } from '../dialog/dialog.js'
import type { MediaSession } from '../media/media-session.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Exchange, ExtraHeaders, OutOfDialogOptions, RequestOptions } from './exchange.js'
import type { Automatic } from './automatic.js'
import type { MediaFactory } from './media-factory.js'
import type { Referral, ReferOptions } from './referral.js'
import type { SessionTimer } from './session-timer.js'

export type CallState = 'calling' | 'early' | 'established' | 'ended'

/** How a call ended. `at`: milliseconds of the agent's clock. */
export interface EndOfCall {
  readonly at: number
  readonly by: 'local' | 'remote' | 'nobody'
  readonly cause:
    | 'bye' // either side hung up an established call
    | 'cancelled' // CANCEL, then 487
    | 'rejected' // a final response of 300 and above
    | 'timeout' // no final response to the INVITE
    | 'no-ack' // 2xx never acknowledged
    | 'lost' // the peer no longer knows the dialog (481, 408 to an in-dialog request)
    | 'error' // transport, offer/answer, missing headers
    | 'stopped' // the agent stopped
  readonly status?: number
  /** The message that ended it: BYE, CANCEL or response. */
  readonly message?: SipRequest | SipResponse
  /** `Reason` header field of that message (RFC 3326). */
  readonly reason?: string
  readonly what?: string
}

export interface SessionOptions extends RequestOptions {
  /** Session description to send instead of the media session's. `false`: none. */
  readonly sdp?: string | false
}

export interface HoldOptions extends RequestOptions {
  /** Default: re-INVITE. */
  readonly by?: 'INVITE' | 'UPDATE'
  /** Default: a=sendonly. By address: c= says 0.0.0.0, as old telephones do (RFC 3264 §8.4). */
  readonly how?: 'by direction' | 'by address'
}

export interface HangUpOptions extends RequestOptions {
  /** An established call that waits for its ACK is hung up only then (RFC 3261 §15); `true` sends BYE at once all the same. */
  readonly impatient?: boolean
}

/** Answer to a request inside the dialog. */
export interface Answer {
  readonly status: number
  readonly reason?: string
  readonly headers?: ExtraHeaders
  readonly body?: string | Buffer
  readonly contentType?: string
}

/** One call leg: what outgoing and incoming calls have in common. */
export interface Call {
  /** Call-ID. */
  readonly id: string
  readonly direction: 'outgoing' | 'incoming'
  /** URI of the other party: the dialled one, or the From of the INVITE. */
  readonly peer: string
  readonly localTag: string
  readonly state: CallState
  /** The confirmed dialog, before that the latest early one. */
  readonly dialog: Dialog | undefined
  /** All dialogs of this call, forked ones included, in the order of their creation. */
  readonly dialogs: readonly Dialog[]
  readonly media: MediaSession | undefined
  /** Final response to the initial INVITE, received or sent. */
  readonly final: SipResponse | undefined
  /** Session descriptions as they went over the wire, latest ones. */
  readonly localSdp: string | undefined
  readonly remoteSdp: string | undefined
  /** Switches of this call, initially the agent's; change any at any moment. */
  readonly automatic: Automatic
  /** Where the agent knows session timers: what is agreed on, and what has come of it (RFC 4028). */
  readonly timer: SessionTimer | undefined
  readonly ended: Promise<EndOfCall>
  /** Requests received inside the dialog(s), in order. */
  readonly received: readonly SipRequest[]
  /**
   * Decides about a request inside the dialog before the agent does; `undefined` leaves it to the agent,
   * `'nothing'` leaves it unanswered.
   */
  onRequest?: ((request: SipRequest) => Answer | 'nothing' | undefined) | undefined
  /** Decides about the session description of a re-INVITE or UPDATE: own description or refusal. `offer` undefined: asked for an offer. */
  onOffer?: ((offer: string | undefined, request: SipRequest) => string | Answer | undefined) | undefined

  /** CANCEL, BYE or a refusal, whatever fits the state (RFC 3261 §15); resolves with the BYE's or CANCEL's exchange, undefined where neither was sent. */
  hangUp(o?: HangUpOptions): Promise<Exchange | undefined>
  /** Changes the session; waits for a running INVITE transaction, obeys 491 (RFC 3261 §14.1). */
  reinvite(o?: SessionOptions): Promise<Exchange>
  /** The same by UPDATE (RFC 3311). */
  update(o?: SessionOptions): Promise<Exchange>
  /** Puts the other side on hold (RFC 3264 §8.4): we are mute meanwhile. Where it is refused, all stays as it was. Throws where there is no media session. */
  hold(o?: HoldOptions): Promise<Exchange>
  /** Takes it back. */
  resume(o?: Omit<HoldOptions, 'how'>): Promise<Exchange>
  /** Any request inside the dialog: INFO, OPTIONS, MESSAGE, UPDATE, BYE with an odd CSeq ... */
  request(method: string, o?: RequestOptions & { readonly dialog?: Dialog }): Promise<Exchange>
  /**
   * Asks the other side to call somebody else (REFER, RFC 3515). `to`: a URI, which may carry header fields such as Replaces
   * (see `referTo`). Resolves with the answer to the REFER; what comes of it the referral tells.
   */
  refer(to: string, o?: ReferOptions): Promise<Referral>
  /** DTMF over the media session (RFC 4733). Throws where there is none. */
  sendDigits(digits: string): Promise<void>
}

export interface InviteOptions extends OutOfDialogOptions {
  /** Session description of the INVITE. `false`: none, the peer has to offer (RFC 3261 §13.2.1, late offer). Default: the media session's, or none. */
  readonly sdp?: string | false
  /** Answer in the ACK after a late offer, where no media session makes it. */
  readonly lateAnswer?: string | ((offer: string) => string)
  /**
   * `false`: no media session although the agent has a factory; the same where `sdp` or `lateAnswer` are given as text,
   * unless a factory stands here too.
   */
  readonly media?: MediaFactory | false
  /** Send an INVITE without offer although there is a media session. */
  readonly lateOffer?: boolean
  /** RFC 3262: `supported` (default), `required` or `no`. */
  readonly reliableProvisionals?: 'supported' | 'required' | 'no'
  /** Overrides of the agent's automatic behaviour for this call. */
  readonly automatic?: Partial<Automatic>
  /** Gives up with CANCEL after so many milliseconds without final response. Default: 180 000; 0 waits for ever. */
  readonly ringTimeoutMs?: number
}

export interface OutgoingCall extends Call {
  readonly direction: 'outgoing'
  /** The latest try; undefined until the first one is sent. */
  readonly invite: SipRequest | undefined
  /** The INVITE and its retries. */
  readonly exchange: Exchange
  /** First 180 to 199, undefined where the call ended without. */
  readonly ringing: Promise<SipResponse | undefined>
  /** Final response, undefined after a timeout or transport error (see `ended`). */
  readonly answered: Promise<SipResponse | undefined>
  /** Every 2xx that arrived, repeats included. */
  readonly successes: readonly SipResponse[]
  /** Every ACK sent for a 2xx, repeats included. */
  readonly acks: readonly SipRequest[]
  /** RFC 3261 §9.1; waits for a provisional response. Resolves with the CANCEL's exchange, undefined where it was too late. */
  cancel(o?: { readonly headers?: ExtraHeaders }): Promise<Exchange | undefined>
  /** ACK by hand, where `automatic.acknowledge` is off. Throws where there was no 2xx. */
  acknowledge(o?: RequestOptions & { readonly sdp?: string }): Promise<void>
}

export interface RingOptions {
  readonly headers?: ExtraHeaders
  readonly reason?: string
  /**
   * Session description. `true`: the media session's (early media); `false`: none. Default: none in provisional
   * responses, in a 2xx the one of the early media, else the media session's: the answer, or the offer where the INVITE had none.
   */
  readonly sdp?: string | boolean
  /** Another To tag, as a downstream fork would have. */
  readonly toTag?: string
  /** Send it reliably (RFC 3262); refused by an Error where the caller does not support it. */
  readonly reliable?: boolean
  readonly edit?: (response: SipResponse) => SipResponse | undefined
}

export interface AnswerOptions extends RingOptions {
  /** Default 200. */
  readonly status?: number
  readonly media?: MediaFactory | false
  /** Contact header field value instead of the agent's. */
  readonly contact?: string
}

export interface IncomingCall extends Call {
  readonly direction: 'incoming'
  readonly invite: SipRequest
  /** The call whose place it takes (RFC 3891): that one is hung up when this one is answered. */
  readonly replaces: Call | undefined
  /** ACK of the 2xx; undefined where none came. */
  readonly acknowledged: Promise<SipRequest | undefined>
  /** Repeats of INVITE are absorbed by the transaction; this is what was sent in answer, repeats of 2xx included. */
  readonly responses: readonly SipResponse[]
  /** Resolves when a CANCEL arrives, undefined where the call ended without one. */
  readonly cancelled: Promise<SipRequest | undefined>
  /** 180 Ringing. */
  ring(o?: RingOptions): Promise<void>
  /** 183 Session Progress. */
  progress183(o?: RingOptions): Promise<void>
  /** Any provisional. */
  provisional(status: number, o?: RingOptions): Promise<void>
  /** 2xx, repeated until ACK (RFC 3261 §13.3.1.4). Resolves when the first one is sent; see `acknowledged`. */
  answer(o?: AnswerOptions): Promise<void>
  /** A final response of 300 to 699. */
  reject(status: number, reason?: string, o?: RingOptions): Promise<void>
}
