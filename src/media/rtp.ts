/** RTP packets (RFC 3550 §5.1). Signatures first; bodies follow. */
export interface RtpHeader {
  readonly marker: boolean
  readonly payloadType: number
  readonly sequenceNumber: number
  /** In ticks of the payload's clock rate. */
  readonly timestamp: number
  readonly ssrc: number
}
export interface RtpExtension {
  readonly profile: number
  readonly data: Uint8Array
}
export interface RtpPacket extends RtpHeader {
  readonly csrc: readonly number[]
  readonly extension?: RtpExtension
  /** Octets of padding at the end, its count octet included; 0 = none. */
  readonly padding: number
  readonly payload: Buffer
}
/** Why bytes are not a valid RTP or RTCP packet: a stable code and the section that says so. */
export interface PacketFault {
  readonly code: string
  readonly rule: string
  readonly offset: number
  readonly expected: string
  readonly actual: string
}
export function parseRtp(bytes: Buffer): RtpPacket | PacketFault {
  throw new Error(`not yet ${bytes.length}`)
}
export function isFault(value: RtpPacket | PacketFault): value is PacketFault {
  return 'code' in value
}
export function serializeRtp(packet: RtpHeader & { payload: Uint8Array } & Partial<RtpPacket>): Buffer {
  throw new Error(`not yet ${packet.ssrc}`)
}
/** True if a datagram on a shared port is RTCP (RFC 5761 §4): packet types 192 to 223. */
export function isRtcp(bytes: Uint8Array): boolean {
  throw new Error(`not yet ${bytes.length}`)
}
