/**
 * Capture files (pcapng) of a scenario's record, for Wireshark and tshark: one interface a device, IP headers made up to fit
 * the recorded addresses, with right checksums. What went over TLS is written in plain text as exported PDUs, so that a
 * reader needs no keys. Digest responses and SDES keys are masked byte for byte.
 *
 *   Section Header · Interface Description (device, packets) · Interface Description (device, plain text of TLS) · … ·
 *   Enhanced Packet · Enhanced Packet · …
 */
import { writeFileSync } from 'node:fs'
import { maskSecrets } from '../message/mask.js'
import { type Endpoint, familyOf } from '../transport/network.js'
import { bytesOf, ipPacket, lengthOf, tcpSegment, udpDatagram } from './ip-headers.js'
import type { ScenarioRecord, WireEntry } from './record.js'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
/** LINKTYPE_RAW: begins with the IP header. */
const LINK_RAW_IP = 101
/** LINKTYPE_WIRESHARK_UPPER_PDU: tags that name the dissector and the addresses, then the payload. */
const LINK_EXPORTED_PDU = 252
const OPTION_COMMENT = 1
/** Letters; a block's length fields hold 16 bits. */
const MOST_COMMENT = 2_000
const OPTION_INTERFACE_NAME = 2
/** Where a stream is cut into packets: no IP packet holds more than 65,535 bytes. */
const SEGMENT_BYTES = 60_000

/** @throws the file system's error when the file cannot be written */
export function writePcapng(path: string, record: ScenarioRecord): void {
  writeFileSync(path, pcapngOf(record))
}

/** The bytes of the capture file. */
export function pcapngOf(record: ScenarioRecord): Buffer {
  const blocks: Buffer[] = [sectionHeader()]
  const interfaces = new Map<string, number>()
  const packets: Buffer[] = []
  const streams = new Map<string, TcpState>()
  const masked = maskedPayloads(record)
  const interfaceOf = (device: string, link: number): number => {
    const name = link === LINK_EXPORTED_PDU ? `${device} (TLS, plain text)` : device
    const known = interfaces.get(name)
    if (known !== undefined) return known
    blocks.push(interfaceDescription(name, link))
    interfaces.set(name, interfaces.size)
    return interfaces.size - 1
  }
  const add = (entry: WireEntry, link: number, data: readonly Buffer[], comment?: string) =>
    packets.push(...enhancedPacket(interfaceOf(entry.device, link), record.unixAtZero + entry.at, data, comment))
  for (const entry of record.wire) {
    const data = masked.get(entry.sequence)
    if (entry.kind === 'datagram' && data) add(entry, LINK_RAW_IP, datagram(entry, data))
    else if (entry.transport === 'tls' && data) add(entry, LINK_EXPORTED_PDU, [exportedPdu(entry, data)])
    else if (entry.transport === 'tcp')
      for (const segment of segments(entry, data, streams)) add(entry, LINK_RAW_IP, segment, entry.note)
  }
  return Buffer.concat([...blocks, ...packets])
}

/** Secrets may stand across the border of two segments, so a stream is masked as a whole and cut where it was cut. */
function maskedPayloads(record: ScenarioRecord): Map<number, Buffer> {
  const payloads = new Map<number, Buffer>()
  const streams = new Map<string, WireEntry[]>()
  for (const entry of record.wire) {
    if (!entry.data) continue
    if (entry.kind === 'datagram') {
      payloads.set(entry.sequence, entry.packet === 'sip' ? masked(entry.data) : entry.data)
    } else {
      const key = `${entry.device} ${entry.connection} ${entry.direction}`
      const entries = streams.get(key)
      if (entries) entries.push(entry)
      else streams.set(key, [entry])
    }
  }
  for (const entries of streams.values()) {
    const whole = masked(Buffer.concat(entries.flatMap((entry) => entry.data ?? [])))
    let at = 0
    for (const entry of entries) {
      const length = entry.data?.length ?? 0
      payloads.set(entry.sequence, whole.subarray(at, at + length))
      at += length
    }
  }
  return payloads
}

/** The bytes of a capture file, once more without secrets: one that was written so stays as it is. */
export const maskCapture = (file: Buffer): Buffer => masked(file)

/** Readers decode the base64 of SDES keys (RFC 4568 §6.1) and call asterisks malformed: there the mask is the letter of zeros. */
function masked(data: Buffer): Buffer {
  const bytes = maskSecrets(data)
  if (bytes === data) return data
  const text = bytes.toString('latin1')
  return Buffer.from(
    text.replace(/(\binline:)(\*+)/gi, (_all, before: string, mask: string) => before + 'A'.repeat(mask.length)),
    'latin1',
  )
}

const ends = (entry: WireEntry): { from: Endpoint; to: Endpoint } =>
  entry.direction === 'out' ? { from: entry.local, to: entry.remote } : { from: entry.remote, to: entry.local }

function datagram(entry: WireEntry, data: Buffer): Buffer[] {
  const { from, to } = ends(entry)
  return ipPacket(from, to, 17, udpDatagram(from, to, data))
}

interface TcpState {
  /** Next sequence number of either direction. */
  readonly next: { in: number; out: number }
}

function segments(entry: WireEntry, data: Buffer | undefined, streams: Map<string, TcpState>): Buffer[][] {
  const key = `${entry.device} ${entry.connection}`
  const state = streams.get(key) ?? { next: { in: 0, out: 0 } }
  streams.set(key, state)
  const { from, to } = ends(entry)
  const make = (way: 'in' | 'out', flags: string, payload: Buffer = Buffer.alloc(0)): Buffer[] => {
    const [source, destination] = way === entry.direction ? [from, to] : [to, from]
    const back = way === 'in' ? 'out' : 'in'
    const segment = tcpSegment(
      source,
      destination,
      { sequence: state.next[way], acknowledgement: state.next[back], flags },
      payload,
    )
    state.next[way] += payload.length + (/[SF]/.test(flags) ? 1 : 0)
    return ipPacket(source, destination, 6, segment)
  }
  if (entry.kind === 'connect') return [make('out', 'S'), make('in', 'SA'), make('out', 'A')]
  if (entry.kind === 'accept') return [make('in', 'S'), make('out', 'SA'), make('in', 'A')]
  if (entry.kind === 'close') return [make(entry.direction, 'FA')]
  if (!data) return []
  const parts: Buffer[][] = []
  for (let at = 0; at < data.length; at += SEGMENT_BYTES)
    parts.push(make(entry.direction, 'PA', data.subarray(at, at + SEGMENT_BYTES)))
  return parts
}

/** Tags of an exported PDU: 12 dissector, 20/21 IPv4 from/to, 22/23 IPv6 from/to, 24 port type, 25/26 port from/to, 0 end. */
function exportedPdu(entry: WireEntry, data: Buffer): Buffer {
  const { from, to } = ends(entry)
  const v6 = familyOf(from.address) === 'ipv6'
  const tag = (number: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(number, 0)
    head.writeUInt16BE(padded(value.length), 2)
    return Buffer.concat([head, value, Buffer.alloc(padded(value.length) - value.length)])
  }
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const TCP_PORTS = 2
  return Buffer.concat([
    tag(12, Buffer.from('sip')),
    tag(v6 ? 22 : 20, bytesOf(from.address)),
    tag(v6 ? 23 : 21, bytesOf(to.address)),
    tag(24, number(TCP_PORTS)),
    tag(25, number(Math.max(0, from.port) % 0x10000)),
    tag(26, number(Math.max(0, to.port) % 0x10000)),
    tag(0, Buffer.alloc(0)),
    data,
  ])
}

function sectionHeader(): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(0x1a2b3c4d, 0)
  body.writeUInt16LE(1, 4)
  body.writeUInt16LE(0, 6)
  // Section length: not said.
  body.writeBigInt64LE(-1n, 8)
  return block(SECTION_HEADER, body)
}

function interfaceDescription(name: string, link: number): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(link, 0)
  return block(INTERFACE_DESCRIPTION, Buffer.concat([head, options([OPTION_INTERFACE_NAME, name])]))
}

/** A block in parts that follow each other. @param unixMs time stamp, written in microseconds */
function enhancedPacket(
  interfaceId: number,
  unixMs: number,
  data: readonly Buffer[],
  comment: string | undefined,
): Buffer[] {
  const microseconds = Math.round(unixMs * 1000)
  const bytes = lengthOf(data)
  const option = comment ? options([OPTION_COMMENT, comment.slice(0, MOST_COMMENT)]) : Buffer.alloc(0)
  const padding = padded(bytes) - bytes
  const length = 32 + bytes + padding + option.length
  const head = Buffer.allocUnsafe(28)
  head.writeUInt32LE(ENHANCED_PACKET, 0)
  head.writeUInt32LE(length, 4)
  head.writeUInt32LE(interfaceId, 8)
  head.writeUInt32LE(Math.floor(microseconds / 2 ** 32), 12)
  head.writeUInt32LE(microseconds % 2 ** 32, 16)
  head.writeUInt32LE(bytes, 20)
  head.writeUInt32LE(bytes, 24)
  const tail = Buffer.alloc(padding + option.length + 4)
  option.copy(tail, padding)
  tail.writeUInt32LE(length, tail.length - 4)
  return [head, ...data, tail]
}

function options(...list: readonly (readonly [number, string])[]): Buffer {
  const parts = list.map(([code, text]) => {
    const value = Buffer.from(text)
    const head = Buffer.alloc(4)
    head.writeUInt16LE(code, 0)
    head.writeUInt16LE(value.length, 2)
    return Buffer.concat([head, value, Buffer.alloc(padded(value.length) - value.length)])
  })
  return Buffer.concat([...parts, Buffer.alloc(4)])
}

function block(type: number, body: Buffer): Buffer {
  const length = body.length + 12
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(length, 4)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(length, 0)
  return Buffer.concat([head, body, tail])
}

const padded = (length: number): number => Math.ceil(length / 4) * 4
