import type { CodecName, MediaAddress } from '../sdp/offer-answer.js'
import type { Endpoint } from '../transport/network.js'
import type { SourceReport } from './media-receiver.js'

export type { SourceReport } from './media-receiver.js'

export interface HeardAudio {
  readonly patternId: number
  readonly seconds: number
  /** ms of the clock: recognised, about 1 s after it began. */
  readonly firstAt: number
  readonly lastAt: number
  /** 0 to 1. */
  readonly confidence: number
}

/** What a media session did and saw. Times are ms of the clock. What was not measured is undefined, never a good value. */
export interface MediaReport {
  readonly codec: CodecName | undefined
  /** Suite, or undefined for RTP in the clear. */
  readonly srtp: string | undefined
  readonly local: Endpoint
  readonly remote: MediaAddress | undefined
  readonly sent: {
    readonly packets: number
    /** Octets of RTP or SRTP. */
    readonly bytes: number
    readonly firstAt: number | undefined
    readonly lastAt: number | undefined
    /** 99th percentile of actual less due time; undefined when nothing was sent by the clock. */
    readonly lateP99Ms: number | undefined
    readonly lateMaxMs: number | undefined
    /** Packets that the wire or the key refused. */
    readonly errors: number
  }
  readonly received: {
    /** Accepted packets, duplicates included. */
    readonly packets: number
    readonly bytes: number
    readonly expected: number
    readonly lost: number
    readonly duplicates: number
    readonly reordered: number
    /** Came too late for a jitter buffer of 60 ms. */
    readonly late: number
    readonly jitterMs: number | undefined
    readonly firstAt: number | undefined
    readonly lastAt: number | undefined
    /** Every address that packets came from, also such as were refused. */
    readonly sources: readonly SourceReport[]
    readonly ssrcs: readonly number[]
    /** Refused packets by code: authentication, replayed, unknown-payload-type, … */
    readonly refused: Readonly<Record<string, number>>
  }
  readonly heard: readonly HeardAudio[]
  readonly digits: string
  readonly rtcp: {
    readonly sent: number
    readonly received: number
    readonly bye: boolean
    readonly cname: string | undefined
    /** What the peer's latest report says about our stream: loss over its last interval, losses in all, jitter. */
    readonly remoteLossRatio: number | undefined
    readonly remoteLost: number | undefined
    readonly remoteJitterMs: number | undefined
    readonly faults: Readonly<Record<string, number>>
  }
  /** Conversational quality of what was received (G.107); undefined when nothing was. */
  readonly mos: number | undefined
  /** By RTCP (RFC 3550 §6.4.1). */
  readonly roundTripMs: number | undefined
}
