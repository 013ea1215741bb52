/** What a media session did and saw, and how it is put together. */
import type { CodecName, MediaAddress, NegotiatedAudio } from '../sdp/audio-stream.js'
import type { Endpoint } from '../transport/network.js'
import type { MediaReceiver, SourceReport } from './media-receiver.js'
import type { MediaSender } from './media-sender.js'
import { qualityOfReception } from './quality.js'
import type { RtcpReporter } from './rtcp-reporter.js'

/** One voice that was recognised in what came: each session speaks a pattern of its own (`media.patternId`). */
export interface HeardAudio {
  /** Whose: that of the session that speaks it. */
  readonly patternId: number
  /** For how long it was heard, in all. */
  readonly seconds: number
  /** ms of the clock: recognised, about 1 s after it began. */
  readonly firstAt: number
  /** ms of the clock: heard for the last time. */
  readonly lastAt: number
  /** 0 to 1. */
  readonly confidence: number
}

/** What a media session did and saw. Times are ms of the clock. What was not measured is undefined, never a good value. */
export interface MediaReport {
  /** What both ends agreed on; undefined before that. */
  readonly codec: CodecName | undefined
  /** Suite, or undefined for RTP in the clear. */
  readonly srtp: string | undefined
  /** Our address and port for audio. */
  readonly local: Endpoint
  /** The other side's, as its description says. */
  readonly remote: MediaAddress | undefined
  /** What we sent. */
  readonly sent: {
    /** RTP packets. */
    readonly packets: number
    /** Octets of RTP or SRTP. */
    readonly bytes: number
    /** ms of the clock: the first packet left. */
    readonly firstAt: number | undefined
    /** ms of the clock: the last one. */
    readonly lastAt: number | undefined
    /** 99th percentile of actual less due time; undefined when nothing was sent by the clock, and under load, where the clock keeps it. */
    readonly lateP99Ms: number | undefined
    /** The same of the packet that was latest. */
    readonly lateMaxMs: number | undefined
    /** Packets that the wire or the key refused. */
    readonly errors: number
  }
  /** What came: RTP that fits the description, and decrypts where keys were agreed on. */
  readonly received: {
    /** Accepted packets, duplicates included. */
    readonly packets: number
    /** Octets of them. */
    readonly bytes: number
    /** Packets that were sent to us, by their sequence numbers. */
    readonly expected: number
    /** Those of them that did not come. */
    readonly lost: number
    /** Runs of lost packets. */
    readonly gaps: number
    /** Packets that came again. */
    readonly duplicates: number
    /** Came after one with a higher sequence number. */
    readonly reordered: number
    /** Came too late for a jitter buffer of 60 ms. */
    readonly late: number
    /** Interarrival jitter (RFC 3550 §6.4.1); undefined of fewer than two packets. */
    readonly jitterMs: number | undefined
    /** ms of the clock: the first packet came. */
    readonly firstAt: number | undefined
    /** ms of the clock: the last one. */
    readonly lastAt: number | undefined
    /** Every address that packets came from, also such as were refused. */
    readonly sources: readonly SourceReport[]
    /** Of each stream that came: what its sender chose as its number. */
    readonly ssrcs: readonly number[]
    /** Refused packets by code: authentication, replayed, unknown-payload-type, … */
    readonly refused: Readonly<Record<string, number>>
  }
  /** Whose voices were recognised in it; empty of silence, noise and announcements. */
  readonly heard: readonly HeardAudio[]
  /** Keys that came as telephone-events (RFC 4733): `12#`. */
  readonly digits: string
  /** Reports on the quality of audio. */
  readonly rtcp: {
    /** Compound packets. */
    readonly sent: number
    /** Compound packets that could be read. */
    readonly received: number
    /** The other side ended its stream (RFC 3550 §6.6). */
    readonly bye: boolean
    /** The name that the other side gives itself. */
    readonly cname: string | undefined
    /** What the peer's latest report says about our stream: loss over its last interval, losses in all, jitter. */
    readonly remoteLossRatio: number | undefined
    readonly remoteLost: number | undefined
    readonly remoteJitterMs: number | undefined
    /** Packets that were refused, by code. */
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
