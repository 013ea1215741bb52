/** The media of one call leg. Signatures first; bodies follow. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { CodecName, MediaAddress, NegotiatedAudio, Rejection } from '../sdp/offer-answer.js'
import type { SuiteName } from '../sdp/crypto-attribute.js'
import type { Direction, SessionDescription } from '../sdp/session-description.js'
import type { Endpoint, Network } from '../transport/network.js'

/** One packet as it was on the wire and as it was meant. */
export interface MediaPacketEvent {
  /** ms of the clock. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly kind: 'rtp' | 'rtcp'
  readonly local: Endpoint
  readonly remote: Endpoint
  /** As on the wire. */
  readonly raw: Buffer
  /** Decrypted; the same as raw where there is no SRTP; undefined if it was refused. */
  readonly plain: Buffer | undefined
  /** Why it was refused: an SrtpErrorCode or a PacketFault's code. */
  readonly fault?: string
}
export interface MediaSessionOptions {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly localAddress: string
  /** Address for SDP where it is not the local one. */
  readonly advertisedAddress?: string
  /** In order of preference. */
  readonly codecs: readonly CodecName[]
  /** Default 101; false: no telephone-event. */
  readonly dtmfPayloadType?: number | false
  /** false (default): RTP/AVP only. */
  readonly srtp?: false | readonly SuiteName[]
  /** Default true where suites are given: an offer of plain RTP is refused. */
  readonly srtpRequired?: boolean
  /** 24 bits; what the session plays. */
  readonly patternId: number
  /** Default true. */
  readonly rtcp?: boolean
  /** Offer and accept rtcp-mux; default false. */
  readonly rtcpMux?: boolean
  readonly portRange?: { readonly from: number; readonly to: number }
  /** Default 20. */
  readonly ptimeMs?: number
  /** Send back what is heard, instead of the pattern. */
  readonly echo?: boolean
  /** What to play: default 'pattern'. */
  readonly play?: 'pattern' | 'silence' | 'nothing'
  readonly cname?: string
  /** Default true: sends from the moment the negotiation allows it, without start(). */
  readonly autoStart?: boolean
  readonly onPacket?: (event: MediaPacketEvent) => void
}
export interface HeardAudio {
  readonly patternId: number
  readonly seconds: number
  readonly firstAt: number
  readonly lastAt: number
  readonly confidence: number
}
export interface SourceReport {
  readonly address: string
  readonly port: number
  readonly packets: number
  readonly firstAt: number
  readonly lastAt: number
}
export interface MediaReport {
  readonly codec: CodecName | undefined
  /** Suite, or undefined for RTP in the clear. */
  readonly srtp: string | undefined
  readonly local: Endpoint
  readonly remote: MediaAddress | undefined
  readonly sent: {
    readonly packets: number
    readonly bytes: number
    readonly firstAt: number | undefined
    readonly lastAt: number | undefined
    /** 99th percentile of actual minus due time; undefined when nothing was sent by the clock. */
    readonly lateP99Ms: number | undefined
    readonly lateMaxMs: number | undefined
    readonly errors: number
  }
  readonly received: {
    readonly packets: number
    readonly bytes: number
    readonly expected: number
    readonly lost: number
    readonly duplicates: number
    readonly reordered: number
    readonly jitterMs: number | undefined
    readonly firstAt: number | undefined
    readonly lastAt: number | undefined
    /** Every address that packets came from, also such as were refused. */
    readonly sources: readonly SourceReport[]
    readonly ssrcs: readonly number[]
    /** Refused packets by code (authentication, replayed, unknown-payload-type, …). */
    readonly refused: Readonly<Record<string, number>>
  }
  readonly heard: readonly HeardAudio[]
  readonly digits: string
  readonly rtcp: {
    readonly sent: number
    readonly received: number
    readonly bye: boolean
    readonly cname: string | undefined
    /** What the peer says about our stream, latest. */
    readonly remoteLossRatio: number | undefined
    readonly remoteLost: number | undefined
    readonly remoteJitterMs: number | undefined
  }
  /** Undefined when nothing was received. */
  readonly mos: number | undefined
  readonly roundTripMs: number | undefined
}
/** One RTP session over a Network: negotiates, sends, listens, reports. */
export class MediaSession {
  /** Binds RTP on an even port and RTCP on the next. Throws NetworkError 'port-taken' when none is free. */
  static open(o: MediaSessionOptions): Promise<MediaSession> {
    throw new Error(`not yet ${o.localAddress}`)
  }
  get local(): Endpoint {
    throw new Error('not yet')
  }
  get remote(): MediaAddress | undefined {
    throw new Error('not yet')
  }
  get negotiated(): NegotiatedAudio | undefined {
    throw new Error('not yet')
  }
  /** Latest description sent. */
  get localDescription(): SessionDescription | undefined {
    throw new Error('not yet')
  }
  offer(o?: { direction?: Direction; rekey?: boolean }): SessionDescription {
    throw new Error(`not yet ${o?.rekey}`)
  }
  answer(offer: SessionDescription | string | Uint8Array): SessionDescription | Rejection {
    throw new Error(`not yet ${typeof offer}`)
  }
  /** Takes the answer to our offer; undefined = agreed. */
  accept(answer: SessionDescription | string | Uint8Array): Rejection | undefined {
    throw new Error(`not yet ${typeof answer}`)
  }
  /** Our offer was refused: all stays as it was. */
  withdrawOffer(): void {
    throw new Error('not yet')
  }
  start(): void {
    throw new Error('not yet')
  }
  /** Sends no more audio; still listens. */
  stop(): void {
    throw new Error('not yet')
  }
  /** Direction wanted from now on: the next offer and answer carry it. */
  hold(on: boolean): void {
    throw new Error(`not yet ${on}`)
  }
  /** Plays digits after those still waiting (RFC 4733); resolves when the last end packet is out. */
  sendDigits(digits: string, o?: { durationMs?: number; gapMs?: number }): Promise<void> {
    throw new Error(`not yet ${digits} ${o?.durationMs}`)
  }
  /** Resolves true when the pattern is heard, false after the time or when closed. */
  hears(patternId: number, withinMs: number): Promise<boolean> {
    throw new Error(`not yet ${patternId} ${withinMs}`)
  }
  /** Resolves with all digits once there are so many, or with what came by then. */
  hearsDigits(count: number, withinMs: number): Promise<string> {
    throw new Error(`not yet ${count} ${withinMs}`)
  }
  report(): MediaReport {
    throw new Error('not yet')
  }
  /** RTCP BYE, sockets closed. */
  close(): Promise<void> {
    throw new Error('not yet')
  }
}
