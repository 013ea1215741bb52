/**
 * HEP3, the Homer encapsulation protocol: captured messages for a collector, one to a datagram. It is in no RFC; chunk numbers are
 * those of Homer's specification, all of vendor 0, and Wireshark's dissector `hep` reads them.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+-------+-------+-------------------------------+
 *   |  'H'  |  'E'  |  'P'  |  '3'  |        length of it all       |
 *   +-------+-------+-------+-------+-------------------------------+
 *   |             vendor            |             chunk             |
 *   +-------------------------------+-------------------------------+
 *   |   length, these six included  |    value …
 *   +-------------------------------+----
 */
import { type Endpoint, familyOf } from '../transport/network.js'
import { bytesOf, portOf } from './ip-headers.js'

/** A message as it was on the wire, or the reports of an RTCP packet in JSON. */
export interface CapturedMessage {
  readonly kind: 'sip' | 'rtcp'

  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly source: Endpoint
  readonly destination: Endpoint
  /** Unix ms. */
  readonly at: number
  readonly payload: Buffer
  /** The call's Call-ID. */
  readonly correlation: string
}

const CHUNK = {
  family: 0x01,
  protocol: 0x02,
  source4: 0x03,
  destination4: 0x04,
  source6: 0x05,
  destination6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  kind: 0x0b,
  agent: 0x0c,
  payload: 0x0f,
  correlation: 0x11,
} as const

/** As operating systems number families. */
const FAMILY = { ipv4: 2, ipv6: 10 } as const
/** IP's numbers of UDP and TCP. */
const UDP = 17
const TCP = 6
/** What the payload is; 5 is RTCP as JSON, and not as it was on the wire. */
const KINDS = { sip: 1, rtcp: 5 } as const
/** Collectors show it beside each message; one number for all that ringproof sends. */
export const HEP_AGENT = 7464

const HEADER_BYTES = 6
/** Of a datagram over IPv4. */
const MOST_BYTES = 65_507

/** One datagram; undefined where the message does not fit into one. */
export function hepPacket({
  kind,
  transport,
  source,
  destination,
  at,
  payload,
  correlation,
}: CapturedMessage): Buffer | undefined {
  const family = familyOf(source.address)
  const isIpv4 = family === 'ipv4'
  const seconds = Math.floor(at / 1000)
  const chunks = [
    chunk(CHUNK.family, number(FAMILY[family], 1)),
    chunk(CHUNK.protocol, number(transport === 'udp' ? UDP : TCP, 1)),
    chunk(isIpv4 ? CHUNK.source4 : CHUNK.source6, bytesOf(source.address)),
    chunk(isIpv4 ? CHUNK.destination4 : CHUNK.destination6, bytesOf(destination.address)),
    chunk(CHUNK.sourcePort, number(portOf(source), 2)),
    chunk(CHUNK.destinationPort, number(portOf(destination), 2)),
    chunk(CHUNK.seconds, number(seconds, 4)),
    chunk(CHUNK.microseconds, number(Math.floor((at - seconds * 1000) * 1000), 4)),
    chunk(CHUNK.kind, number(KINDS[kind], 1)),
    chunk(CHUNK.agent, number(HEP_AGENT, 4)),
    chunk(CHUNK.correlation, Buffer.from(correlation, 'utf8')),
    chunk(CHUNK.payload, payload),
  ]
  const length = HEADER_BYTES + chunks.reduce((sum, one) => sum + one.length, 0)
  if (length > MOST_BYTES) return undefined
  return Buffer.concat([Buffer.from('HEP3'), number(length, 2), ...chunks], length)
}

function chunk(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(type, 2)
  header.writeUInt16BE((HEADER_BYTES + value.length) & 0xffff, 4)
  return Buffer.concat([header, value])
}

function number(value: number, bytes: 1 | 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
