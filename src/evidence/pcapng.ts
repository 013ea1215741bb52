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
import { ipPacket, udpDatagram } from './ip-headers.js'
import { enhancedPacket, interfaceDescription, sectionHeader } from './pcapng-blocks.js'
import type { ScenarioRecord, WireEntry } from './record.js'
import { TcpWriter } from './tcp-writer.js'

/** @throws the file system's error when the file cannot be written */
export function writePcapng(path: string, record: ScenarioRecord): void {
  writeFileSync(path, pcapngOf(record))
}

/** The bytes of the capture file. */
export function pcapngOf(record: ScenarioRecord): Buffer {
  const blocks: Buffer[] = [sectionHeader()]
  const interfaces = new Map<string, number>()
  const packets: Buffer[] = []
  const streams = new Map<string, TcpWriter>()
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
    packets.push(...enhancedPacket(interfaceOf(entry), record.unixAtZero + entry.at, ip, comment))
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

function segments(entry: WireEntry, data: Buffer | undefined, streams: Map<string, TcpWriter>): Buffer[][] {
  const { local, remote, connection, direction } = entry
  const key = `${entry.device} ${connection}`
  const tcp = streams.get(key) ?? new TcpWriter(local, remote, connection ?? 0)
  streams.set(key, tcp)
  if (entry.kind === 'connect') return tcp.open('out')
  if (entry.kind === 'accept') return tcp.open('in')
  if (entry.kind === 'close') return tcp.close(direction)
  if (entry.kind === 'error') return connection === undefined ? [] : tcp.reset(direction)
  return data ? tcp.data(direction, data) : []
}
