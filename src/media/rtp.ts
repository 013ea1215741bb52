/**
 * RTP packets (RFC 3550 §5.1, §5.3.1).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |V=2|P|X|  CC   |M|     PT      |        sequence number        |
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |                           timestamp                           |
 * +---------------------------------------------------------------+
 * |                             SSRC                              |
 * +---------------------------------------------------------------+
 * |                       CSRC, CC of them                        |
 * +-------------------------------+-------------------------------+
 * |  X: extension's profile bits  |  its length in 32-bit words   |
 * +-------------------------------+-------------------------------+
 * |              extension, payload, P: padding, count            |
 */

/** The fields of the first twelve octets. */
export interface RtpHeader {
  readonly marker: boolean
  readonly payloadType: number
  readonly sequenceNumber: number
  /** In ticks of the payload's clock rate. */
  readonly timestamp: number
  readonly ssrc: number
}

/** What whoever plays or sends back a packet needs of it. */
export interface RtpAudio extends RtpHeader {
  /** A view into the datagram. */
  readonly payload: Buffer
}

export interface RtpExtension {
  /** The 16 bits that a profile defines (RFC 3550 §5.3.1). */
  readonly profile: number
  /** A multiple of four octets. */
  readonly data: Uint8Array
}

export interface RtpPacket extends RtpAudio {
  readonly csrc: readonly number[]
  readonly extension?: RtpExtension
  /** Octets of padding at the end, the count octet included; 0 = none. */
  readonly padding: number
}

/** Why bytes are not a valid RTP or RTCP packet: a stable code and the section that says so. */
export interface PacketFault {
  readonly code: string
  readonly rule: string
  /** Octet of the datagram at which it shows. */
  readonly offset: number
  readonly expected: string
  readonly actual: string
}

export const RTP_HEADER_BYTES = 12
const NO_SOURCES: readonly number[] = []

/**
 * A packet that is read where it lies: one reader serves many packets, one after the other, and makes no object for any of
 * them. Its fields are those of the packet that was read last.
 */
export class RtpReader implements RtpAudio {
  bytes: Buffer = NOTHING
  marker = false
  payloadType = 0
  sequenceNumber = 0
  timestamp = 0
  ssrc = 0
  /** Octets of the datagram at which the extension and the payload begin, and at which the payload ends. */
  extensionAt = 0
  payloadAt = 0
  payloadEnd = 0

  /** Reads a datagram, with the validity checks of RFC 3550 A.1 that need no knowledge of the source. @returns what is wrong with it */
  read(bytes: Buffer): PacketFault | undefined {
    const length = bytes.length
    // RFC 3550 §5.1: twelve octets are present in every packet.
    if (length < RTP_HEADER_BYTES)
      return fault('rtp-short', 'RFC 3550 §5.1', 0, 'at least 12 octets', `${length} octets`)

    const first = bytes[0] ?? 0
    const second = bytes[1] ?? 0
    // RFC 3550 A.1: the version must be 2.
    if (first >>> 6 !== 2) return fault('rtp-version', 'RFC 3550 A.1', 0, 'version 2', `version ${first >>> 6}`)
    // RFC 3550 A.1: the payload type must not be that of an SR or RR (with the marker bit, 200 or 201).
    if (second === 200 || second === 201)
      return fault('rtp-is-rtcp', 'RFC 3550 A.1', 1, 'a payload type of media', `RTCP packet type ${second}`)

    // RFC 3550 A.1: the length must be consistent with CC.
    const sources = first & 0x0f
    let at = RTP_HEADER_BYTES + 4 * sources
    if (at > length) {
      return fault(
        'rtp-csrc',
        'RFC 3550 A.1',
        RTP_HEADER_BYTES,
        `${4 * sources} octets of CSRC`,
        `${length - 12} octets`,
      )
    }

    this.extensionAt = at
    // RFC 3550 A.1: the extension must fit into the packet.
    if (first & 0x10) {
      if (at + 4 > length)
        return fault('rtp-extension', 'RFC 3550 §5.3.1', at, '4 octets of extension header', `${length - at} octets`)

      const end = at + 4 + 4 * bytes.readUInt16BE(at + 2)
      if (end > length) {
        return fault(
          'rtp-extension',
          'RFC 3550 A.1',
          at + 2,
          `${end - at} octets of extension`,
          `${length - at} octets`,
        )
      }

      at = end
    }

    // RFC 3550 A.1: the padding count is not zero and leaves the header whole.
    const padding = first & 0x20 ? (bytes[length - 1] ?? 0) : 0
    if (first & 0x20 && (padding === 0 || at + padding > length))
      return fault('rtp-padding', 'RFC 3550 A.1', length - 1, `a count from 1 to ${length - at}`, `${padding}`)

    this.bytes = bytes
    this.marker = second >= 0x80
    this.payloadType = second & 0x7f
    this.sequenceNumber = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
    this.timestamp = uint32At(bytes, 4)
    this.ssrc = uint32At(bytes, 8)
    this.payloadAt = at
    this.payloadEnd = length - padding
    return undefined
  }

  /** A view into the datagram. */
  get payload(): Buffer {
    return this.bytes.subarray(this.payloadAt, this.payloadEnd)
  }
}

const NOTHING = Buffer.alloc(0)

/** Parses a datagram as `RtpReader` reads it. */
export function parseRtp(bytes: Buffer): RtpPacket | PacketFault {
  const reader = new RtpReader()
  const refused = reader.read(bytes)
  if (refused !== undefined) return refused
  const { marker, payloadType, sequenceNumber, timestamp, ssrc, extensionAt, payloadAt, payloadEnd, payload } = reader
  let csrc = NO_SOURCES
  if (extensionAt > RTP_HEADER_BYTES) {
    const list: number[] = []
    for (let i = RTP_HEADER_BYTES; i < extensionAt; i += 4) list.push(bytes.readUInt32BE(i))
    csrc = list
  }
  const padding = bytes.length - payloadEnd
  const packet = { marker, payloadType, sequenceNumber, timestamp, ssrc, csrc, padding, payload }
  if (payloadAt === extensionAt) return packet
  const extension = { profile: bytes.readUInt16BE(extensionAt), data: bytes.subarray(extensionAt + 4, payloadAt) }
  return { ...packet, extension }
}

/** Tells a refused datagram from a packet. */
export function isFault(value: RtpPacket | PacketFault): value is PacketFault {
  return 'code' in value
}

/**
 * Writes a packet. Throws RangeError for more than 15 CSRCs, an extension that is not a multiple of four octets, or more
 * than 255 octets of padding.
 */
export function serializeRtp(
  packet: RtpHeader & {
    readonly payload: Uint8Array
    readonly csrc?: readonly number[]
    readonly extension?: RtpExtension
    readonly padding?: number
  },
): Buffer {
  const { csrc = NO_SOURCES, extension, padding = 0 } = packet
  if (csrc.length > 15) throw new RangeError(`${csrc.length} CSRCs; 15 at most (RFC 3550 §5.1)`)
  if (padding < 0 || padding > 255) throw new RangeError(`${padding} octets of padding; 255 at most (RFC 3550 §5.1)`)
  const extensionBytes = extension ? 4 + extension.data.length : 0
  if (extensionBytes % 4 !== 0 || extensionBytes > 4 + 4 * 0xffff)
    throw new RangeError(`an extension of ${extensionBytes - 4} octets is no count of 32-bit words (RFC 3550 §5.3.1)`)

  let at = RTP_HEADER_BYTES + 4 * csrc.length
  const bytes = Buffer.allocUnsafe(at + extensionBytes + packet.payload.length + padding)
  writeRtpHeader(bytes, packet)
  bytes[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrc.length
  for (let i = 0; i < csrc.length; i++) bytes.writeUInt32BE(csrc[i] ?? 0, RTP_HEADER_BYTES + 4 * i)
  if (extension) {
    bytes.writeUInt16BE(extension.profile, at)
    bytes.writeUInt16BE(extension.data.length / 4, at + 2)
    bytes.set(extension.data, at + 4)
    at += extensionBytes
  }
  bytes.set(packet.payload, at)
  if (padding > 0) {
    bytes.fill(0, bytes.length - padding)
    bytes[bytes.length - 1] = padding
  }
  return bytes
}

/** Writes the twelve octets of a header without CSRC, extension or padding: what a telephone sends. */
export function writeRtpHeader(into: Uint8Array, header: RtpHeader): void {
  into[0] = 0x80
  into[1] = (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f)
  into[2] = header.sequenceNumber >>> 8
  into[3] = header.sequenceNumber
  into[4] = header.timestamp >>> 24
  into[5] = header.timestamp >>> 16
  into[6] = header.timestamp >>> 8
  into[7] = header.timestamp
  into[8] = header.ssrc >>> 24
  into[9] = header.ssrc >>> 16
  into[10] = header.ssrc >>> 8
  into[11] = header.ssrc
}

/** Octets before the payload of the first `length` octets; -1 if they are not RTP. SRTP keeps the header in clear. */
export function rtpHeaderBytes(bytes: Uint8Array, length: number): number {
  const first = bytes[0] ?? 0
  if (length < RTP_HEADER_BYTES || first >>> 6 !== 2) return -1
  let at = RTP_HEADER_BYTES + 4 * (first & 0x0f)
  if (first & 0x10) {
    if (at + 4 > length) return -1
    at += 4 + 4 * (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  }
  return at > length ? -1 : at
}

/** True if a datagram on a port shared by both is RTCP: packet types 192 to 223 (RFC 5761 §4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1] ?? 0
  return bytes.length >= 4 && (bytes[0] ?? 0) >>> 6 === 2 && type >= 192 && type <= 223
}

/** An unsigned 32-bit field. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  )
}

export function fault(code: string, rule: string, offset: number, expected: string, actual: string): PacketFault {
  return { code, rule, offset, expected, actual }
}
