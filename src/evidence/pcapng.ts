/**
 * Capture files (pcapng) of a scenario's record, for Wireshark, tcpdump, sngrep and their like: one interface a device, all of one link type
 * and one snap length, as libpcap opens no others; IP headers made up to fit the recorded addresses, with right checksums. What went over TLS is
 * written in plain text, as if it had gone over TCP, so that a reader needs no keys: its interface says so. Digest responses and SDES keys are
 * masked byte for byte.
 *
 *   Section Header · Interface Description (device) · Interface Description (device, plain text of TLS) · … ·
 *   Enhanced Packet · Enhanced Packet · …
 */
import { writeFileSync } from 'node:fs'
import { TLS_IN_CLEAR } from '../capture/read-capture.js'
import { maskSecrets } from '../message/mask.js'
import type { Endpoint } from '../transport/network.js'
import { ipPacket, lengthOf, tcpSegment, udpDatagram } from './ip-headers.js'
import type { ScenarioRecord, WireEntry } from './record.js'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
/**
 * LINKTYPE_ETHERNET. Raw IP needs no header made up, but libpcap has another number for it than files have, and takes a second interface of it for
 * one of another type.
 */
const LINK_ETHERNET = 1
const LOCALLY_ADMINISTERED = 0x02
/** What tcpdump and Wireshark say where nothing is cut. */
const SNAP_LENGTH = 262_144
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
  const interfaceOf = ({ device, transport }: WireEntry): number => {
    const name = transport === 'tls' ? `${device} ${TLS_IN_CLEAR}` : device
    const known = interfaces.get(name)
    if (known !== undefined) return known
    blocks.push(interfaceDescription(name))
    interfaces.set(name, interfaces.size)
    return interfaces.size - 1
  }
  const add = (entry: WireEntry, ip: readonly Buffer[], comment?: string) =>
    packets.push(
      ...enhancedPacket(interfaceOf(entry), record.unixAtZero + entry.at, [ethernetHeader(ip[0]), ...ip], comment),
    )
  for (const entry of record.wire) {
    const data = masked.get(entry.sequence)
    if (entry.kind === 'datagram' && data) add(entry, datagram(entry, data))
    else if (entry.transport !== 'udp')
      for (const segment of segments(entry, data, streams)) add(entry, segment, entry.note)
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
  // Each begins with numbers of its own: ports that are used again are another connection.
  const first = Math.imul(entry.connection ?? 0, 0x9e3779b1) >>> 0
  const state = streams.get(key) ?? { next: { in: first, out: first } }
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
  if (entry.kind === 'error') return entry.connection === undefined ? [] : [make(entry.direction, 'RA')]
  if (!data) return []
  const parts: Buffer[][] = []
  for (let at = 0; at < data.length; at += SEGMENT_BYTES)
    parts.push(make(entry.direction, 'PA', data.subarray(at, at + SEGMENT_BYTES)))
  return parts
}

/** IEEE 802.3 around an IP packet: addresses of those that are administered locally, made of the IP addresses' ends. */
function ethernetHeader(ip: Buffer = Buffer.alloc(20)): Buffer {
  const isIpv6 = (ip[0] ?? 0) >> 4 === 6
  const [from, to, type] = isIpv6 ? [24, 40, 0x86dd] : [16, 20, 0x0800]
  const head = Buffer.alloc(14)
  head[0] = LOCALLY_ADMINISTERED
  ip.copy(head, 2, to - 4, to)
  head[6] = LOCALLY_ADMINISTERED
  ip.copy(head, 8, from - 4, from)
  head.writeUInt16BE(type, 12)
  return head
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

function interfaceDescription(name: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(LINK_ETHERNET, 0)
  head.writeUInt32LE(SNAP_LENGTH, 4)
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
