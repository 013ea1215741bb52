/** IP, UDP and TCP headers around recorded payloads (RFC 791, 8200, 768, 9293), with right checksums. */
import { addressBytes, isNumericAddress } from '../transport/address.js'
import { type Endpoint, familyOf } from '../transport/network.js'

const HOP_LIMIT = 64

/** A packet in parts that follow each other. @param protocol 17 for UDP, 6 for TCP */
export function ipPacket(from: Endpoint, to: Endpoint, protocol: number, payload: readonly Buffer[]): Buffer[] {
  const length = lengthOf(payload)
  if (familyOf(from.address) === 'ipv6') {
    const head = Buffer.alloc(40)
    head.writeUInt32BE(0x60000000, 0)
    head.writeUInt16BE(Math.min(length, 0xffff), 4)
    head[6] = protocol
    head[7] = HOP_LIMIT
    bytesOf(from.address).copy(head, 8)
    bytesOf(to.address).copy(head, 24)
    return [head, ...payload]
  }
  const head = Buffer.alloc(20)
  head[0] = 0x45
  head.writeUInt16BE(Math.min(20 + length, 0xffff), 2)
  // Don't fragment: what was one datagram is shown as one.
  head.writeUInt16BE(0x4000, 6)
  head[8] = HOP_LIMIT
  head[9] = protocol
  bytesOf(from.address).copy(head, 12)
  bytesOf(to.address).copy(head, 16)
  head.writeUInt16BE(checksum([head]), 10)
  return [head, ...payload]
}

export function udpDatagram(from: Endpoint, to: Endpoint, data: Buffer): Buffer[] {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(portOf(from), 0)
  head.writeUInt16BE(portOf(to), 2)
  head.writeUInt16BE(Math.min(8 + data.length, 0xffff), 4)
  const sum = checksum([pseudoHeader(from, to, 17, 8 + data.length), head, data])
  // A computed checksum of zero is sent as all ones: zero says that there is none (RFC 768).
  head.writeUInt16BE(sum === 0 ? 0xffff : sum, 6)
  return [head, data]
}

/** @param flags letters of SYN, ACK, PSH, FIN, RST: `PA` */
export function tcpSegment(
  from: Endpoint,
  to: Endpoint,
  o: { sequence: number; acknowledgement: number; flags: string },
  data: Buffer,
): Buffer[] {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(portOf(from), 0)
  head.writeUInt16BE(portOf(to), 2)
  head.writeUInt32BE(o.sequence >>> 0, 4)
  head.writeUInt32BE(o.flags === 'S' ? 0 : o.acknowledgement >>> 0, 8)
  head[12] = 5 << 4
  head[13] = o.flags.split('').reduce((bits, letter) => bits | ({ F: 1, S: 2, R: 4, P: 8, A: 16 }[letter] ?? 0), 0)
  head.writeUInt16BE(0xffff, 14)
  head.writeUInt16BE(checksum([pseudoHeader(from, to, 6, 20 + data.length), head, data]), 16)
  return [head, data]
}

function pseudoHeader(from: Endpoint, to: Endpoint, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(8)
  tail.writeUInt32BE(length, 0)
  tail[7] = protocol
  return Buffer.concat([bytesOf(from.address), bytesOf(to.address), tail])
}

/** RFC 1071: the complement of the sum of 16-bit words, carries added in; each part but the last has an even length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += ((part[i] ?? 0) << 8) | (part[i + 1] ?? 0)
    if (part.length % 2 === 1) sum += (part.at(-1) ?? 0) << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

export const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0)

const known = new Map<string, Buffer>()

/** What somebody wrote where a port should stand may be none: 0 then, so that the capture tells the rest. */
export const portOf = ({ port }: Endpoint): number => (port >= 0 && port <= 0xffff ? Math.trunc(port) : 0)

/** A capture has few addresses and many packets. What is no numeric address (a name, nothing) is shown as the unspecified one. */
export function bytesOf(address: string): Buffer {
  const found = known.get(address)
  if (found) return found
  if (known.size > 500) known.clear()
  const none = familyOf(address) === 'ipv6' ? '::' : '0.0.0.0'
  const bytes = addressBytes(isNumericAddress(address) ? address : none)
  known.set(address, bytes)
  return bytes
}
