/** What a media session did and saw, and how it is put together. */
import type { CodecName, MediaAddress, NegotiatedAudio } from '../sdp/audio-stream.js'
import type { Endpoint } from '../transport/network.js'
import type { MediaReceiver, SourceReport } from './media-receiver.js'
import type { MediaSender } from './media-sender.js'
import { qualityOfReception } from './quality.js'
import type { RtcpReporter } from './rtcp-reporter.js'

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
    /** 99th percentile of actual less due time; undefined when nothing was sent by the clock, and under load, where the clock keeps it. */
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
    /** Runs of lost packets. */
    readonly gaps: number
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

/** Counters of a session at a moment: what is looked at every second of hundreds of calls, and so makes no more objects than one. */
export interface MediaGlance {
  readonly sent: number
  readonly errors: number
  readonly received: number
  readonly expected: number
  readonly lost: number
  readonly reordered: number
  readonly late: number
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
  readonly jitterMs: number | undefined
  readonly roundTripMs: number | undefined
}

/** The parts of a session, and what it knows itself. */
export interface Reported {
  readonly sender: MediaSender
  readonly receiver: MediaReceiver
  readonly rtcp: RtcpReporter | undefined
  readonly negotiated: NegotiatedAudio | undefined
  readonly local: Endpoint
  /** From mouth to ear, the network left out. */
  readonly delayMs: number
}

export function glanceAt({ sender, receiver, rtcp }: Pick<Reported, 'sender' | 'receiver' | 'rtcp'>): MediaGlance {
  const { expected, lost, reordered, late, jitterMs } = receiver.table.counts()
  const { packets, firstAt, lastAt } = receiver
  return {
    sent: sender.packets,
    errors: sender.errors,
    received: packets,
    expected,
    lost,
    reordered,
    late,
    firstAt,
    lastAt,
    jitterMs: packets > 1 ? jitterMs : undefined,
    roundTripMs: rtcp?.roundTripMs,
  }
}

export function reportOf({ sender, receiver, rtcp, negotiated, local, delayMs }: Reported): MediaReport {
  const total = receiver.table.total()
  const roundTripMs = rtcp?.roundTripMs
  const oneWayMs = (roundTripMs ?? 0) / 2 + delayMs
  const quality = receiver.packets === 0 ? undefined : qualityOfReception(total, oneWayMs)
  const latest = rtcp?.latest
  return {
    codec: negotiated?.codec,
    srtp: negotiated?.crypto?.send.suite,
    local,
    remote: negotiated?.remote,
    sent: {
      packets: sender.packets,
      bytes: sender.bytes,
      firstAt: sender.firstAt,
      lastAt: sender.lastAt,
      lateP99Ms: sender.lateness?.percentileMs(99),
      lateMaxMs: sender.lateness?.maxMs,
      errors: sender.errors,
    },
    received: {
      packets: receiver.packets,
      bytes: receiver.bytes,
      expected: total?.expected ?? 0,
      lost: total?.lost ?? 0,
      gaps: total?.gaps ?? 0,
      duplicates: total?.duplicates ?? 0,
      reordered: total?.reordered ?? 0,
      late: total?.late ?? 0,
      jitterMs: receiver.packets > 1 ? total?.jitterMs : undefined,
      firstAt: receiver.firstAt,
      lastAt: receiver.lastAt,
      sources: receiver.sources,
      ssrcs: receiver.table.sources().map((source) => source.ssrc),
      refused:
        receiver.waiting === 0
          ? receiver.refused
          : { ...receiver.refused, 'before-answer': receiver.waiting + (receiver.refused['before-answer'] ?? 0) },
    },
    heard: receiver.heard().map(({ id, ...rest }) => ({ patternId: id, ...rest })),
    digits: receiver.events.digits,
    rtcp: {
      sent: rtcp?.sent ?? 0,
      received: rtcp?.received ?? 0,
      bye: rtcp?.byeReceived ?? false,
      cname: rtcp?.cname,
      remoteLossRatio: latest === undefined ? undefined : latest.fractionLost / 256,
      remoteLost: latest?.cumulativeLost,
      remoteJitterMs: latest === undefined ? undefined : latest.jitter / 8,
      faults: { ...rtcp?.faults },
    },
    mos: quality?.mos,
    roundTripMs,
  }
}
