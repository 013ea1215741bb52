/** What the checks are shown: messages, session descriptions and packets of the target, with what is known about each. */
import type { MediaPacketEvent } from '../media/media-events.js'
import type { NameAddr, SipRequest, SipResponse, Via } from '../message/message.js'
import type { BranchUse } from './memory/branches.js'
import type { PeerDialog, SentRequest, Side } from './memory/calls.js'
import type { Leg, Stream } from './memory/legs.js'
import type { ScannedSdp } from './sdp-scan.js'
import type { SeenMessage } from './types.js'

/** A request from the target. */
export interface RequestSeen {
  readonly seen: SeenMessage
  readonly request: SipRequest
  readonly callId: string
  readonly cseq: { readonly number: number; readonly method: string }
  readonly from: NameAddr
  readonly to: NameAddr
  readonly via: Via
  /** The request of ours that a proxy made this one of. */
  readonly origin: SentRequest | undefined
  /** The request that came under the same branch before. */
  readonly earlier: BranchUse | undefined
  /** A request of ours that was passed on, by a proxy or a back-to-back user agent: what it says is ours. */
  readonly handedOn: boolean
  readonly side: Side
  readonly dialog: PeerDialog
  /** We sent something that breaks the grammar; what arrives may be that. */
  readonly odd: boolean
}

/** What a response is to copy from its request, where it does not (RFC 3261 §8.2.6.2). */
export interface Difference {
  readonly what: 'CSeq' | 'Call-ID' | 'From tag' | 'To tag' | 'From URI' | 'To URI' | 'Via'
  readonly expected: string
  readonly actual: string
}

/** A response from the target to a request of one of our devices. */
export interface ResponseSeen {
  readonly seen: SeenMessage
  readonly response: SipResponse
  readonly callId: string
  readonly cseq: { readonly number: number; readonly method: string }
  readonly from: NameAddr
  readonly to: NameAddr
  readonly vias: readonly Via[]
  /** The request that it answers. */
  readonly sent: SentRequest
  /** All requests of ours under its branch. */
  readonly candidates: readonly SentRequest[]
  /** Where it differs from the request; empty in nearly all cases. Where it differs, most checks cannot judge it. */
  readonly differences: readonly Difference[]
  readonly odd: boolean
}

/** A session description from the target. */
export interface DescriptionSeen {
  readonly seen: SeenMessage
  readonly sdp: ScannedSdp
  readonly callId: string
  readonly side: Side
  readonly dialog: PeerDialog
  /** The request of ours that it answers. */
  readonly sent: SentRequest | undefined
  readonly odd: boolean
  /** `request 2`: what carried it, with its CSeq number. */
  readonly carrier: string
  /** May it be called the latest of the dialog: request or 2xx? */
  readonly settled: boolean
}

/** Whether a description offers; the others answer. */
export function isOfferIn({ message }: DescriptionSeen['seen'], sent: DescriptionSeen['sent']): boolean {
  return message.kind === 'request' ? message.method !== 'ACK' : sent?.sdp === undefined
}

/**
 * How an RTP packet follows the one before in its stream. `ahead`: packets between them are missing; `anew`: the numbers jumped;
 * `overtaken`: it is older; `passed on`: a device of ours is the source, and the numbers are its own.
 */
export type Progress = 'first' | 'next' | 'ahead' | 'same number' | 'overtaken' | 'anew' | 'passed on'

/** An RTP packet from the target. One object serves for all packets: a check must not keep it. */
export interface RtpSeen {
  readonly event: MediaPacketEvent
  readonly leg: Leg
  /** As the packet before left it. */
  readonly stream: Stream
  readonly type: number
  readonly sequence: number
  readonly timestamp: number
  /** Audio whose timestamps count 8000 a second. */
  readonly isAudio: boolean
  readonly progress: Progress
}
