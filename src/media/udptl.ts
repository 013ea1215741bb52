/**
 * Facsimile over IP: UDPTL packets that carry one internet facsimile protocol (IFP) packet with HDLC data (ITU-T T.38 §7, §9).
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---------------------------------------------------------------+
 *     |        sequence number        | length of IFP |  IFP packet … |
 *     +---------------------------------------------------------------+
 *     |  error recovery: redundancy (0), number of packets before (0) |
 *     +---------------------------------------------------------------+
 */

/** The IFP type: t30-data of V.21 at 300 bit/s, one field of HDLC data follows. */
const V21_HDLC = Buffer.from([0xc0, 0x01, 0x80])
const NO_REDUNDANCY = Buffer.from([0x00, 0x00])
const MOST_DATA = 100

/** One packet of HDLC data, 1 to 100 octets. */
export function serializeUdptl(sequence: number, data: Uint8Array): Buffer {
  if (data.length < 1 || data.length > MOST_DATA)
    throw new RangeError(`${data.length} octets: expected 1 to ${MOST_DATA}`)
  const head = Buffer.alloc(3)
  head.writeUInt16BE(sequence & 0xffff, 0)
  const length = Buffer.alloc(2)
  // The length of a field is told less one.
  length.writeUInt16BE(data.length - 1, 0)
  head[2] = V21_HDLC.length + length.length + data.length
  return Buffer.concat([head, V21_HDLC, length, data, NO_REDUNDANCY])
}

/** HDLC data of a packet such as these, with its number; undefined: it is none. */
export function parseUdptl(packet: Uint8Array): { readonly sequence: number; readonly data: Buffer } | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
  const end = 3 + (bytes[2] ?? 0)
  if (bytes.length < end + NO_REDUNDANCY.length || !bytes.subarray(3, 6).equals(V21_HDLC)) return undefined
  const data = bytes.subarray(8, end)
  if (end < 9 || data.length !== bytes.readUInt16BE(6) + 1) return undefined
  return { sequence: bytes.readUInt16BE(0), data: Buffer.from(data) }
}
