/** RTCP packets (RFC 3550 §6.4 to §6.7). Signatures first; bodies follow. */
import type { PacketFault } from './rtp.js'

/** 64-bit NTP timestamp in two halves. */
export interface NtpTime {
  readonly seconds: number
  readonly fraction: number
}
export interface ReportBlock {
  readonly ssrc: number
  /** Loss in the last interval, 0 to 255 (in 1/256). */
  readonly fractionLost: number
  /** Signed 24 bits. */
  readonly cumulativeLost: number
  readonly highestSequence: number
  /** In timestamp ticks. */
  readonly jitter: number
  /** Middle 32 bits of the last SR's NTP time; 0 = none. */
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
  readonly name: string
  readonly data: Buffer
}
export interface UnknownRtcp {
  readonly type: 'unknown'
  readonly packetType: number
  readonly count: number
  readonly body: Buffer
}
export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye | App | UnknownRtcp

/** Parses a compound packet; `packets` is empty when the whole is refused. */
export function parseRtcp(bytes: Buffer): { packets: RtcpPacket[]; faults: PacketFault[] } {
  throw new Error(`not yet ${bytes.length}`)
}
export function serializeRtcp(packets: readonly RtcpPacket[]): Buffer {
  throw new Error(`not yet ${packets.length}`)
}
/** Unix milliseconds to NTP time. */
export function ntpFromUnixMs(unixMs: number): NtpTime {
  throw new Error(`not yet ${unixMs}`)
}
/** The middle 32 bits of an NTP time, as LSR carries them. */
export function ntpMiddle(ntp: NtpTime): number {
  throw new Error(`not yet ${ntp.seconds}`)
}
/** Round trip in ms from a report block about us, undefined if it carries no LSR (RFC 3550 §6.4.1). */
export function roundTripMs(block: ReportBlock, arrivalUnixMs: number): number | undefined {
  throw new Error(`not yet ${block.ssrc} ${arrivalUnixMs}`)
}
