/**
 * The blocks of capture files that are written (draft-ietf-opsawg-pcapng), little end first: one link type, Ethernet, and one snap length, as
 * libpcap opens no others.
 *
 *   Section Header · Interface Description · … · Decryption Secrets · Enhanced Packet · Enhanced Packet · …
 */
import { lengthOf } from './ip-headers.js'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const DECRYPTION_SECRETS = 10
/** `TLSK`: lines of an NSS key log. */
const TLS_KEY_LOG = 0x544c534b
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

export function sectionHeader(): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(0x1a2b3c4d, 0)
  body.writeUInt16LE(1, 4)
  body.writeUInt16LE(0, 6)
  // Section length: not said.
  body.writeBigInt64LE(-1n, 8)
  return block(SECTION_HEADER, body)
}

export function interfaceDescription(name: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(LINK_ETHERNET, 0)
  head.writeUInt32LE(SNAP_LENGTH, 4)
  return block(INTERFACE_DESCRIPTION, Buffer.concat([head, options([OPTION_INTERFACE_NAME, name])]))
}

/** What decrypts the TLS in the packets after it. @param keys lines of an NSS key log */
export function decryptionSecrets(keys: readonly string[]): Buffer {
  const text = Buffer.from(keys.map((line) => `${line}\n`).join(''), 'latin1')
  const body = Buffer.alloc(8 + padded(text.length))
  body.writeUInt32LE(TLS_KEY_LOG, 0)
  body.writeUInt32LE(text.length, 4)
  text.copy(body, 8)
  return block(DECRYPTION_SECRETS, body)
}

/** A block around an IP packet, in parts that follow each other. @param unixMs time stamp, written in microseconds */
export function enhancedPacket(
  interfaceId: number,
  unixMs: number,
  ip: readonly Buffer[],
  comment: string | undefined,
): Buffer[] {
  const data = [ethernetHeader(ip[0]), ...ip]
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
