/**
 * Wireshark's exported PDUs (LINKTYPE_WIRESHARK_UPPER_PDU): messages without the packets they came in. Tags of two octets and a length of two
 * octets tell addresses and ports; then the message.
 */
import type { Endpoint } from '../transport/network.js'
import { addressAt } from './ip.js'

const END = 0
const PROTOCOL = 12
const FROM4 = 20
const TO4 = 21
const FROM6 = 22
const TO6 = 23
const PORT_TYPE = 24
const FROM_PORT = 25
const TO_PORT = 26

const TCP_PORTS = 2
const UDP_PORTS = 3

export interface ExportedPdu {
  /** The dissector's name. */
  readonly protocol: string
  readonly transport: 'udp' | 'tcp'
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Buffer
}

/** Undefined where it does not say from where to where it went. */
export function readExportedPdu(bytes: Buffer): ExportedPdu | undefined {
  const tags = new Map<number, Buffer>()
  let at = 0
  for (let tag = -1; tag !== END; ) {
    if (at + 4 > bytes.length) return undefined
    tag = bytes.readUInt16BE(at)
    const length = bytes.readUInt16BE(at + 2)
    if (at + 4 + length > bytes.length) return undefined
    tags.set(tag, bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  const number = (tag: number): number | undefined => {
    const value = tags.get(tag)
    return value && value.length >= 4 ? value.readUInt32BE(0) : undefined
  }
  const address = (four: number, six: number): string | undefined => {
    const [v4, v6] = [tags.get(four), tags.get(six)]
    if (v4 && v4.length >= 4) return addressAt(v4, 0, 4)
    return v6 && v6.length >= 16 ? addressAt(v6, 0, 16) : undefined
  }
  const [from, to] = [address(FROM4, FROM6), address(TO4, TO6)]
  const type = number(PORT_TYPE)
  if (from === undefined || to === undefined || (type !== TCP_PORTS && type !== UDP_PORTS)) return undefined
  return {
    protocol: (tags.get(PROTOCOL) ?? Buffer.alloc(0)).toString('latin1').replace(/\0+$/, ''),
    transport: type === TCP_PORTS ? 'tcp' : 'udp',
    from: { address: from, port: number(FROM_PORT) ?? 0 },
    to: { address: to, port: number(TO_PORT) ?? 0 },
    data: bytes.subarray(at),
  }
}
