/** IP headers of both versions (RFC 791 §3.1, RFC 8200 §3 and §4), with what tunnels put around IP. Checksums are not looked at: network cards fill them in after a capture. */
import { addressFromBytes } from '../transport/network.js'

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMP6 = 58
const FRAGMENT = 44
const AUTHENTICATION = 51
const IPV4_IN_IP = 4
const IPV6_IN_IP = 41
const GRE = 47

/** Hop-by-hop, routing, destination options, mobility, host identity, shim6: each begins with the next header and its own length. */
const EXTENSIONS = new Set([0, 43, 60, 135, 139, 140])
/** A packet within a packet within a packet. */
const MOST_TUNNELS = 4
/** RFC 8200 §4.1 wants each at most once or twice. */
const MOST_EXTENSIONS = 16

export interface Fragment {
  readonly id: number
  /** Bytes. */
  readonly offset: number
  readonly more: boolean
}

export interface IpPacket {
  readonly from: string
  readonly to: string
  readonly protocol: number
  readonly payload: Buffer
  /** Bytes that the payload has on the wire. */
  readonly length: number
  readonly fragment?: Fragment
  /** Hop limit, as it was captured. */
  readonly hops: number
  /** Fragments that it was put together from; absent where it came whole. */
  readonly pieces?: number
}

/** What the header says, as far as it was captured; undefined where it is no IP packet. */
export function readIp(data: Buffer): IpPacket | undefined {
  let packet = readOne(data)
  for (let depth = 0; depth < MOST_TUNNELS && packet && !packet.fragment; depth++) {
    const inner = tunnelled(packet)
    if (inner === undefined) break
    packet = readOne(inner)
  }
  return packet
}

function tunnelled({ protocol, payload }: IpPacket): Buffer | undefined {
  if (protocol === IPV4_IN_IP || protocol === IPV6_IN_IP) return payload
  if (protocol !== GRE || payload.length < 4) return undefined
  // RFC 2784, RFC 2890: checksum, key and sequence number each add a word.
  const flags = payload.readUInt16BE(0)
  const type = payload.readUInt16BE(2)
  const words = [0x8000, 0x2000, 0x1000].filter((bit) => (flags & bit) !== 0).length
  return (flags & 7) === 0 && (type === 0x0800 || type === 0x86dd) ? payload.subarray(4 + 4 * words) : undefined
}

function readOne(data: Buffer): IpPacket | undefined {
  const version = (data[0] ?? 0) >> 4
  if (version === 4) return readIpv4(data)
  return version === 6 ? readIpv6(data) : undefined
}

function readIpv4(data: Buffer): IpPacket | undefined {
  const header = ((data[0] ?? 0) & 15) * 4
  if (header < 20 || data.length < header) return undefined
  // Network cards cut what is handed to them in one piece: a capture before that has no length.
  const total = data.readUInt16BE(2) || data.length
  if (total < header) return undefined
  const flags = data.readUInt16BE(6)
  const [more, offset] = [(flags & 0x2000) !== 0, (flags & 0x1fff) * 8]
  return {
    from: addressAt(data, 12, 4),
    to: addressAt(data, 16, 4),
    protocol: data[9] ?? 0,
    payload: data.subarray(header, Math.min(total, data.length)),
    length: total - header,
    hops: data[8] ?? 0,
    ...(more || offset > 0 ? { fragment: { id: data.readUInt16BE(4), offset, more } } : {}),
  }
}

function readIpv6(data: Buffer): IpPacket | undefined {
  if (data.length < 40) return undefined
  const end = 40 + (data.readUInt16BE(4) || data.length - 40)
  let [protocol, at] = [data[6] ?? 0, 40]
  let fragment: Fragment | undefined
  for (let count = 0; count < MOST_EXTENSIONS && at + 8 <= Math.min(end, data.length); count++) {
    const next = data[at] ?? 0
    const words = data[at + 1] ?? 0
    if (EXTENSIONS.has(protocol)) {
      at += 8 + 8 * words
    } else if (protocol === AUTHENTICATION) {
      at += 8 + 4 * words
    } else if (protocol === FRAGMENT) {
      const place = data.readUInt16BE(at + 2)
      const [more, offset] = [(place & 1) === 1, place & 0xfff8]
      // RFC 6946: a fragment that is alone is a packet like any other.
      if (more || offset > 0) fragment = { id: data.readUInt32BE(at + 4), offset, more }
      at += 8
    } else {
      break
    }
    protocol = next
    // What follows the header of a later fragment is no header.
    if (fragment && fragment.offset > 0) break
  }
  if (end < at) return undefined
  return {
    from: addressAt(data, 8, 16),
    to: addressAt(data, 24, 16),
    protocol,
    payload: data.subarray(Math.min(at, data.length), Math.min(end, data.length)),
    length: end - at,
    hops: data[7] ?? 0,
    ...(fragment ? { fragment } : {}),
  }
}

/** A capture has few addresses and many packets. */
const known = new Map<string, string>()

/** @param bytes 4 or 16 */
export function addressAt(data: Buffer, at: number, bytes: number): string {
  const key = data.toString('latin1', at, at + bytes)
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size > 4000) known.clear()
  const address = addressFromBytes(data.subarray(at, at + bytes))
  known.set(key, address)
  return address
}
