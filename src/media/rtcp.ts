/** RTCP: parsing with the checks of RFC 3550 A.2, writing by the rules of §6.1, NTP time and round trip. */
import { BLOCK_BYTES, PacketType, SdesType } from './rtcp-packets.js'
import type {
  App,
  Bye,
  NtpTime,
  ReceiverReport,
  ReportBlock,
  RtcpPacket,
  SdesItem,
  SenderReport,
  SourceDescription,
} from './rtcp-packets.js'
import { fault, uint32At } from './rtp.js'
import type { PacketFault } from './rtp.js'

export { SdesType } from './rtcp-packets.js'
export type {
  App,
  Bye,
  NtpTime,
  ReceiverReport,
  ReportBlock,
  RtcpPacket,
  SenderReport,
} from './rtcp-packets.js'

const MAX_COUNT = 31
/** Seconds from the NTP era of 1900 to 1970 (RFC 3550 §4). */
const NTP_UNIX_OFFSET = 2_208_988_800

/**
 * Parses a compound packet. `packets` is empty where the framing does not hold (RFC 3550 A.2); other faults are named
 * and the rest is given all the same.
 */
export function parseRtcp(bytes: Buffer): { packets: RtcpPacket[]; faults: PacketFault[] } {
  const packets: RtcpPacket[] = []
  const faults: PacketFault[] = []
  const firstType = bytes[1] ?? 0
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return refused('rtcp-length', at, 'a header of 4 octets', `${bytes.length - at} octets`)

    const first = bytes[at] ?? 0
    // RFC 3550 A.2: every header has version 2.
    if (first >>> 6 !== 2) return refused('rtcp-version', at, 'version 2', `version ${first >>> 6}`)
    // RFC 3550 A.2: the lengths add up to that of the datagram.
    const end = at + 4 * (bytes.readUInt16BE(at + 2) + 1)
    if (end > bytes.length) return refused('rtcp-length', at + 2, `${bytes.length - at} octets left`, `${end - at}`)
    let contentEnd = end
    if (first & 0x20) {
      // RFC 3550 §6.4.1: only the last packet is padded, by a multiple of four that is counted in its last octet.
      const padding = bytes[end - 1] ?? 0
      if (end < bytes.length)
        faults.push(fault('rtcp-padding', 'RFC 3550 §6.4.1', at, 'padding on the last packet only', 'P set before it'))
      else if (padding === 0 || padding % 4 !== 0 || at + 4 + padding > end)
        faults.push(fault('rtcp-padding', 'RFC 3550 §6.4.1', end - 1, 'a multiple of four that fits', `${padding}`))
      else contentEnd = end - padding
    }
    const packet = parseOne(bytes, at, contentEnd)
    if ('code' in packet) faults.push(packet)
    else packets.push(packet)
    at = end
  }
  if (bytes.length === 0) return refused('rtcp-length', 0, 'a header of 4 octets', 'nothing')
  // RFC 3550 §6.1, A.2: the first packet of a compound is a report.
  if (firstType !== PacketType.SR && firstType !== PacketType.RR)
    faults.push(fault('rtcp-first', 'RFC 3550 §6.1', 1, 'SR (200) or RR (201) first', `${firstType}`))

  faults.push(...compoundFaults(packets))
  return { packets, faults }
}

/**
 * Writes a compound packet as given; `compound` puts one together by the rules. Throws RangeError for more than 31
 * reports, chunks or sources in one packet, and for texts over 255 octets.
 */
export function serializeRtcp(packets: readonly RtcpPacket[]): Buffer {
  return Buffer.concat(packets.map(serializeOne))
}

/**
 * A compound by the rules of RFC 3550 §6.1: the report first, further report blocks in RRs of 31, SDES with CNAME, the
 * rest after it, BYE last.
 */
export function compound(
  report: SenderReport | ReceiverReport,
  cname: string,
  others: readonly (Bye | App)[] = [],
): Buffer {
  const packets: RtcpPacket[] = [{ ...report, reports: report.reports.slice(0, MAX_COUNT) }]
  for (let i = MAX_COUNT; i < report.reports.length; i += MAX_COUNT)
    packets.push({ type: 'RR', ssrc: report.ssrc, reports: report.reports.slice(i, i + MAX_COUNT) })

  packets.push({
    type: 'SDES',
    chunks: [{ ssrc: report.ssrc, items: [{ type: SdesType.cname, text: cname }] }],
  })
  packets.push(...others.filter((packet) => packet.type === 'APP'), ...others.filter((packet) => packet.type === 'BYE'))
  return serializeRtcp(packets)
}

/** Unix milliseconds as NTP time (RFC 3550 §4). */
export function ntpFromUnixMs(unixMs: number): NtpTime {
  const whole = Math.floor(unixMs / 1000)
  const fraction = Math.min(Math.round(((unixMs - whole * 1000) / 1000) * 2 ** 32), 2 ** 32 - 1)
  return { seconds: (whole + NTP_UNIX_OFFSET) % 2 ** 32, fraction }
}

/** The middle 32 bits of an NTP time, as LSR carries them; in 1/65536 s. */
export function ntpMiddle(ntp: NtpTime): number {
  return (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0
}

/**
 * Round trip in ms, A - LSR - DLSR (RFC 3550 §6.4.1), of a report block about us that came at `arrivalUnixMs`; undefined
 * if it answers no SR. A result below zero by the clocks' resolution is given as 0.
 */
export function roundTripMs(block: ReportBlock, arrivalUnixMs: number): number | undefined {
  if (block.lastSr === 0) return undefined
  const difference = (ntpMiddle(ntpFromUnixMs(arrivalUnixMs)) - block.lastSr - block.delaySinceLastSr) | 0
  return Math.max(0, difference / 65.536)
}

function refused(code: string, offset: number, expected: string, actual: string) {
  return { packets: [], faults: [fault(code, 'RFC 3550 A.2', offset, expected, actual)] }
}

function parseOne(bytes: Buffer, at: number, end: number): RtcpPacket | PacketFault {
  const count = (bytes[at] ?? 0) & 0x1f
  const packetType = bytes[at + 1] ?? 0
  const body = at + 4
  switch (packetType) {
    case PacketType.SR:
    case PacketType.RR: {
      const blocks = body + (packetType === PacketType.SR ? 24 : 4)
      if (blocks + count * BLOCK_BYTES > end) return tooSmall(packetType === PacketType.SR ? '§6.4.1' : '§6.4.2')
      const ssrc = uint32At(bytes, body)
      const reports = Array.from({ length: count }, (_, i) => parseBlock(bytes, blocks + i * BLOCK_BYTES))
      if (packetType === PacketType.RR) return { type: 'RR', ssrc, reports }
      return {
        type: 'SR',
        ssrc,
        ntp: { seconds: uint32At(bytes, body + 4), fraction: uint32At(bytes, body + 8) },
        rtpTimestamp: uint32At(bytes, body + 12),
        packets: uint32At(bytes, body + 16),
        octets: uint32At(bytes, body + 20),
        reports,
      }
    }
    case PacketType.SDES:
      return parseSdes(bytes, body, end, count)
    case PacketType.BYE: {
      const reasonAt = body + 4 * count
      if (reasonAt > end) return tooSmall('§6.6')
      const sources = Array.from({ length: count }, (_, i) => uint32At(bytes, body + 4 * i))
      if (reasonAt === end) return { type: 'BYE', sources }
      const reasonEnd = reasonAt + 1 + (bytes[reasonAt] ?? 0)
      if (reasonEnd > end) return tooSmall('§6.6')
      return { type: 'BYE', sources, reason: bytes.toString('utf8', reasonAt + 1, reasonEnd) }
    }
    case PacketType.APP:
      if (body + 8 > end) return tooSmall('§6.7')
      return {
        type: 'APP',
        subtype: count,
        ssrc: uint32At(bytes, body),
        name: bytes.toString('latin1', body + 4, body + 8),
        data: bytes.subarray(body + 8, end),
      }
    default:
      return { type: 'unknown', packetType, count, body: bytes.subarray(body, end) }
  }

  function tooSmall(section: string): PacketFault {
    return fault('rtcp-truncated', `RFC 3550 ${section}`, at + 2, `room for a count of ${count}`, `${end - at} octets`)
  }
}

function parseBlock(bytes: Buffer, at: number): ReportBlock {
  return {
    ssrc: uint32At(bytes, at),
    fractionLost: bytes[at + 4] ?? 0,
    cumulativeLost: bytes.readIntBE(at + 5, 3),
    highestSequence: uint32At(bytes, at + 8),
    jitter: uint32At(bytes, at + 12),
    lastSr: uint32At(bytes, at + 16),
    delaySinceLastSr: uint32At(bytes, at + 20),
  }
}

function parseSdes(bytes: Buffer, start: number, end: number, count: number): SourceDescription | PacketFault {
  const chunks: { ssrc: number; items: SdesItem[] }[] = []
  let at = start
  for (let i = 0; i < count; i++) {
    if (at + 8 > end) return fault('rtcp-truncated', 'RFC 3550 §6.5', at, `${count} chunks`, `${i} chunks`)
    const items: SdesItem[] = []
    const ssrc = uint32At(bytes, at)
    at += 4
    // RFC 3550 §6.5: the list ends with a null octet, and the chunk at the next 32-bit boundary.
    while (bytes[at] !== 0) {
      const textEnd = at + 2 + (bytes[at + 1] ?? 0)
      if (textEnd >= end) return fault('rtcp-sdes-item', 'RFC 3550 §6.5', at, 'items ended by a null octet', 'none')
      items.push({ type: bytes[at] ?? 0, text: bytes.toString('utf8', at + 2, textEnd) })
      at = textEnd
    }
    at += 4 - ((at - start) % 4)
    chunks.push({ ssrc, items })
  }
  return { type: 'SDES', chunks }
}

function compoundFaults(packets: readonly RtcpPacket[]): PacketFault[] {
  const faults: PacketFault[] = []
  // RFC 3550 §6.1: every compound packet carries the CNAME.
  const named = packets.some(
    (packet) =>
      packet.type === 'SDES' && packet.chunks.some(({ items }) => items.some((i) => i.type === SdesType.cname)),
  )
  if (!named) faults.push(fault('rtcp-cname', 'RFC 3550 §6.1', 0, 'an SDES packet with CNAME', 'none'))
  // RFC 3550 §6.1: BYE is the last packet with its SSRC (SHOULD).
  const bye = packets.findIndex((packet) => packet.type === 'BYE')
  if (bye >= 0 && packets.slice(bye + 1).some((packet) => packet.type !== 'BYE' && packet.type !== 'unknown'))
    faults.push(fault('rtcp-bye', 'RFC 3550 §6.1', 0, 'BYE as the last packet', 'others after it'))

  return faults
}

function serializeOne(packet: RtcpPacket): Buffer {
  switch (packet.type) {
    case 'SR': {
      const bytes = frame(PacketType.SR, packet.reports.length, 24 + packet.reports.length * BLOCK_BYTES)
      const { ntp } = packet
      const fields = [packet.ssrc, ntp.seconds, ntp.fraction, packet.rtpTimestamp, packet.packets, packet.octets]
      fields.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 + 4 * i))
      packet.reports.forEach((block, i) => writeBlock(bytes, 28 + i * BLOCK_BYTES, block))
      return bytes
    }
    case 'RR': {
      const bytes = frame(PacketType.RR, packet.reports.length, 4 + packet.reports.length * BLOCK_BYTES)
      bytes.writeUInt32BE(packet.ssrc, 4)
      packet.reports.forEach((block, i) => writeBlock(bytes, 8 + i * BLOCK_BYTES, block))
      return bytes
    }
    case 'SDES': {
      const chunks = Buffer.concat(packet.chunks.map(serializeChunk))
      const bytes = frame(PacketType.SDES, packet.chunks.length, chunks.length)
      bytes.set(chunks, 4)
      return bytes
    }
    case 'BYE': {
      const reason = packet.reason === undefined ? Buffer.alloc(0) : counted([], packet.reason)
      const bytes = frame(PacketType.BYE, packet.sources.length, 4 * packet.sources.length + reason.length)
      packet.sources.forEach((ssrc, i) => bytes.writeUInt32BE(ssrc, 4 + 4 * i))
      bytes.set(reason, 4 + 4 * packet.sources.length)
      return bytes
    }
    case 'APP': {
      if (!/^[\x20-\x7e]{4}$/.test(packet.name) || packet.data.length % 4 !== 0)
        throw new RangeError('an APP packet has a name of four characters and whole words of data (RFC 3550 §6.7)')

      const bytes = frame(PacketType.APP, packet.subtype, 8 + packet.data.length)
      bytes.writeUInt32BE(packet.ssrc, 4)
      bytes.write(packet.name, 8, 'latin1')
      bytes.set(packet.data, 12)
      return bytes
    }
    case 'unknown': {
      const bytes = frame(packet.packetType, packet.count, packet.body.length)
      bytes.set(packet.body, 4)
      return bytes
    }
    default:
      return packet satisfies never
  }
}

/** A zeroed packet with its header, rounded up to whole words. */
function frame(packetType: number, count: number, bodyBytes: number): Buffer {
  if (count > MAX_COUNT) throw new RangeError(`a count of ${count} in an RTCP packet; 31 at most (RFC 3550 §6.1)`)
  const words = Math.ceil(bodyBytes / 4)
  const bytes = Buffer.alloc(4 + 4 * words)
  bytes[0] = 0x80 | count
  bytes[1] = packetType
  bytes.writeUInt16BE(words, 2)
  return bytes
}

function writeBlock(bytes: Buffer, at: number, block: ReportBlock): void {
  bytes.writeUInt32BE(block.ssrc, at)
  bytes[at + 4] = block.fractionLost
  bytes.writeIntBE(block.cumulativeLost, at + 5, 3)
  bytes.writeUInt32BE(block.highestSequence, at + 8)
  bytes.writeUInt32BE(block.jitter, at + 12)
  bytes.writeUInt32BE(block.lastSr, at + 16)
  bytes.writeUInt32BE(block.delaySinceLastSr, at + 20)
}

function serializeChunk(chunk: { ssrc: number; items: readonly SdesItem[] }): Buffer {
  const items = Buffer.concat(chunk.items.map((item) => counted([item.type], item.text)))
  // At least one null octet after the items, up to the next word (RFC 3550 §6.5).
  const bytes = Buffer.alloc(4 + 4 * Math.ceil((items.length + 1) / 4))
  bytes.writeUInt32BE(chunk.ssrc, 0)
  bytes.set(items, 4)
  return bytes
}

function counted(prefix: readonly number[], text: string): Buffer {
  const octets = Buffer.from(text, 'utf8')
  if (octets.length > 255) throw new RangeError(`a text of ${octets.length} octets; 255 at most (RFC 3550 §6.5)`)
  return Buffer.concat([Buffer.from([...prefix, octets.length]), octets])
}

/**
 * Is it RTCP without protection? Its packets fill the datagram to the last octet; SRTCP has at least its index and tag behind
 * them (RFC 3711 §3.4), and from the ninth octet on nothing that could be read.
 */
export function isClearRtcp(datagram: Buffer): boolean {
  let at = 0
  while (at + 8 <= datagram.length) {
    const type = datagram[at + 1] ?? 0
    // RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2: the types of reports, SDES, BYE, APP, feedback and extended reports.
    if ((datagram[at] ?? 0) >>> 6 !== 2 || type < 200 || type > 207) return false
    at += 4 * (datagram.readUInt16BE(at + 2) + 1)
  }
  return at > 0 && at === datagram.length
}
