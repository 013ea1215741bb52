/** Offer and answer (RFC 3264). Signatures first; bodies follow. */
import type { CryptoAttribute, SuiteName } from './crypto-attribute.js'
import type { Direction, SessionDescription } from './session-description.js'
import type { SdpViolation } from './violation.js'

export type CodecName = 'PCMA' | 'PCMU'
export interface MediaAddress {
  readonly address: string
  readonly port: number
}
/** What our side can do and where it listens, for one audio stream. */
export interface LocalAudio {
  readonly address: string
  readonly port: number
  /** Undefined: the next port (or none). */
  readonly rtcpPort?: number
  readonly rtcpMux?: boolean
  /** In order of preference. */
  readonly codecs: readonly CodecName[]
  /** Payload type of telephone-event in our offers; undefined: not offered, not accepted. */
  readonly dtmfPayloadType?: number
  readonly ptimeMs?: number
  readonly direction?: Direction
  /** Suites in order of preference; empty: no SRTP. */
  readonly suites: readonly SuiteName[]
  /** With suites: RTP/AVP offers are refused too. */
  readonly srtpRequired?: boolean
}
/** The outcome of an exchange for the audio stream. */
export interface NegotiatedAudio {
  readonly mediaIndex: number
  /** Undefined: nothing is to be sent (0.0.0.0, port 0). */
  readonly remote: MediaAddress | undefined
  readonly remoteRtcp: MediaAddress | undefined
  readonly rtcpMux: boolean
  /** What we may do. */
  readonly direction: Direction
  readonly codec: CodecName
  /** With the peer's number (RFC 3264 §5.1, §6.1). */
  readonly sendPayloadType: number
  /** Payload type -> codec of what may arrive. */
  readonly receivePayloadTypes: ReadonlyMap<number, CodecName>
  readonly dtmf?: { readonly send: number; readonly receive: number; readonly events: string }
  readonly ptimeMs: number
  /** Present for SRTP. */
  readonly crypto?: { readonly send: CryptoAttribute; readonly receive: CryptoAttribute }
}
/** The offer cannot be answered, or the answer cannot be used. */
export interface Rejection {
  /** For SIP: 488 as a rule. */
  readonly status: number
  readonly rejected: string
  readonly violations: readonly SdpViolation[]
}
export interface OfferAnswerOptions {
  /** `username` and `sess-id` of o=. */
  readonly username?: string
  readonly sessionId: string
  /** 30 octets or as many as asked for: master key and salt. */
  readonly makeKey: (octets: number) => Buffer
}
/** The state of one dialog's offers and answers: pure, no time, no sockets. */
export class OfferAnswer {
  readonly options: OfferAnswerOptions
  constructor(options: OfferAnswerOptions) {
    this.options = options
  }
  offer(local: LocalAudio, o?: { rekey?: boolean }): SessionDescription {
    throw new Error(`not yet ${local.port} ${o?.rekey}`)
  }
  answer(
    offer: SessionDescription,
    local: LocalAudio,
  ): { answer: SessionDescription; negotiated: NegotiatedAudio } | Rejection {
    throw new Error(`not yet ${offer.media.length} ${local.port}`)
  }
  accept(answer: SessionDescription): { negotiated: NegotiatedAudio } | Rejection {
    throw new Error(`not yet ${answer.media.length}`)
  }
  /** The offer was refused (488, 491): everything is as before it (RFC 3264 §8). */
  withdraw(): void {
    throw new Error('not yet')
  }
}
export function isRejection(x: object): x is Rejection {
  return 'rejected' in x
}
