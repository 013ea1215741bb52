/** Capture files made by hand, byte by byte as the formats say. */
import { ipPacket, tcpSegment, udpDatagram } from '../../../src/evidence/ip-headers.js'
import type { Endpoint } from '../../../src/transport/network.js'

export const A: Endpoint = { address: '192.0.2.1', port: 5060 }
export const B: Endpoint = { address: '198.51.100.7', port: 5062 }
export const A6: Endpoint = { address: '2001:db8::1', port: 5060 }
export const B6: Endpoint = { address: '2001:db8::7', port: 5062 }
export const RAW = 101

/** A packet and its time, Unix seconds and nanoseconds. */
export interface Made {
  readonly data: Buffer
  readonly seconds?: number
  readonly nanoseconds?: number
  /** Bytes that are not captured. */
  readonly cut?: number
}

export const udp = (from: Endpoint, to: Endpoint, text: string | Buffer): Buffer =>
  Buffer.concat(ipPacket(from, to, 17, udpDatagram(from, to, Buffer.from(text))))

export const tcp = (
  from: Endpoint,
  to: Endpoint,
  flags: string,
  sequence: number,
  text: string | Buffer = '',
  ack = 0,
) =>
  Buffer.concat(
    ipPacket(from, to, 6, tcpSegment(from, to, { sequence, acknowledgement: ack, flags }, Buffer.from(text))),
  )

export interface PcapForm {
  readonly little?: boolean
  readonly magic?: number
  readonly link?: number
}

export function pcap(
  packets: readonly Made[],
  { little = true, magic = 0xa1b2c3d4, link = RAW }: PcapForm = {},
): Buffer {
  const words = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => {
      if (little) bytes.writeUInt32LE(value, 4 * i)
      else bytes.writeUInt32BE(value, 4 * i)
    })
    return bytes
  }
  const version = Buffer.alloc(4)
  if (little) version.writeUInt32LE((4 << 16) | 2)
  else version.writeUInt32BE((2 << 16) | 4)
  return Buffer.concat([
    words(magic),
    version,
    words(0, 0, 65_535, link),
    ...packets.flatMap(({ data, seconds = 1_700_000_000, nanoseconds = 0, cut = 0 }) => {
      const part = magic === 0xa1b23c4d ? nanoseconds : Math.floor(nanoseconds / 1000)
      const extra = magic === 0xa1b2cd34 ? [words(0, 0)] : []
      return [words(seconds, part, data.length - cut, data.length), ...extra, data.subarray(0, data.length - cut)]
    }),
  ])
}

export const ethernet = (ip: Buffer, ...tags: number[]): Buffer => {
  const head = Buffer.from('0200000000020200000000010000', 'hex').subarray(0, 12)
  const type = Buffer.from((ip[0] ?? 0) >> 4 === 6 ? '86dd' : '0800', 'hex')
  return Buffer.concat([head, ...tags.map((tag) => Buffer.from(tag.toString(16).padStart(8, '0'), 'hex')), type, ip])
}
