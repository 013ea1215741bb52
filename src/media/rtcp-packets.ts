/**
 * RTCP packets (RFC 3550 §6.1, §6.4 to §6.7), alone and compounded.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+---------+---------------+-------------------------------+
 * |V=2|P|  count  |  packet type  |   length in 32-bit words - 1  |   SR 200, RR 201, SDES 202, BYE 203, APP 204
 * +---+-+---------+---------------+-------------------------------+
 * |                             SSRC                              |
 * +---------------------------------------------------------------+
 * | SR: NTP seconds, NTP fraction, RTP timestamp, packets, octets |
 * +---------------+-----------------------------------------------+
 * |     SSRC of the source reported on                            |   \
 * | fraction lost |        cumulative number of packets lost      |    |
 * |          extended highest sequence number received            |    | a report block of SR and RR
 * |                     interarrival jitter                       |    |
 * |   last SR (LSR)               |  delay since last SR (DLSR)   |   /    32 bits each
 * +---------------------------------------------------------------+
 */

/** 64-bit NTP timestamp: seconds since 1900 and 1/2^32 of a second. */
export interface NtpTime {
  readonly seconds: number
  readonly fraction: number
}

export interface ReportBlock {
  readonly ssrc: number
  /** Loss in the last interval, 0 to 255, in 1/256. */
  readonly fractionLost: number
  /** Signed, 24 bits. */
  readonly cumulativeLost: number
  readonly highestSequence: number
  /** In timestamp ticks. */
  readonly jitter: number
  /** Middle 32 bits of the last SR's NTP time; 0 = none came. */
  readonly lastSr: number
  /** In 1/65536 s. */
  readonly delaySinceLastSr: number
}

export interface SenderReport {
  readonly type: 'SR'
  readonly ssrc: number
  readonly ntp: NtpTime
  readonly rtpTimestamp: number
  readonly packets: number
  readonly octets: number
  readonly reports: readonly ReportBlock[]
}

export interface ReceiverReport {
  readonly type: 'RR'
  readonly ssrc: number
  readonly reports: readonly ReportBlock[]
}

/** Types in `SdesType`. */
export interface SdesItem {
  readonly type: number
  readonly text: string
}

export interface SourceDescription {
  readonly type: 'SDES'
  readonly chunks: readonly { readonly ssrc: number; readonly items: readonly SdesItem[] }[]
}

export interface Bye {
  readonly type: 'BYE'
  readonly sources: readonly number[]
  readonly reason?: string
}

export interface App {
  readonly type: 'APP'
  readonly subtype: number
  readonly ssrc: number
  /** Four ASCII characters. */
  readonly name: string
  /** A multiple of four octets. */
  readonly data: Buffer
}

/** A packet of a type that is not RFC 3550's; to be ignored (§6.1). */
export interface UnknownRtcp {
  readonly type: 'unknown'
  readonly packetType: number
  readonly count: number
  readonly body: Buffer
}

export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye | App | UnknownRtcp

/** SDES item types (RFC 3550 §6.5). */
export const SdesType = { cname: 1, name: 2, email: 3, phone: 4, loc: 5, tool: 6, note: 7, priv: 8 } as const

export const PacketType = { SR: 200, RR: 201, SDES: 202, BYE: 203, APP: 204 } as const
/** Octets of a report block. */
export const BLOCK_BYTES = 24
