/**
 * Handshake messages in fragments (RFC 6347 §4.2.2, §4.2.3): cut to what a datagram holds, and put together again.
 *
 *  0       1                       4               6                       9                       12
 *  +-------+-----------------------+---------------+-----------------------+-----------------------+---------
 *  | type  |        length         |  message_seq  |    fragment_offset    |    fragment_length    | body …
 *  +-------+-----------------------+---------------+-----------------------+-----------------------+---------
 */
import { DtlsFault } from './alert.js'
import { uint16, uint24 } from './octets.js'

export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const

export const HANDSHAKE_HEADER_BYTES = 12

export interface HandshakeMessage {
  readonly type: number
  readonly sequence: number
  readonly body: Buffer
}

export interface HandshakeFragment {
  readonly type: number
  readonly length: number
  readonly sequence: number
  readonly offset: number
  readonly body: Buffer
}

/** As one fragment: what goes into the hash of the handshake, too (RFC 6347 §4.2.6). */
export function serializeHandshake(message: HandshakeMessage, offset = 0, end = message.body.length): Buffer {
  const { type, sequence, body } = message
  const header = [Buffer.from([type]), uint24(body.length), uint16(sequence), uint24(offset), uint24(end - offset)]
  return Buffer.concat([...header, body.subarray(offset, end)])
}

/** The fragments in a record; those after one that does not fit are lost with it. */
export function parseFragments(record: Buffer): HandshakeFragment[] {
  const fragments: HandshakeFragment[] = []
  for (let at = 0; at + HANDSHAKE_HEADER_BYTES <= record.length; ) {
    const length = record.readUIntBE(at + 1, 3)
    const offset = record.readUIntBE(at + 6, 3)
    const octets = record.readUIntBE(at + 9, 3)
    const start = at + HANDSHAKE_HEADER_BYTES
    if (start + octets > record.length || offset + octets > length) break
    fragments.push({
      type: record.readUInt8(at),
      length,
      sequence: record.readUInt16BE(at + 4),
      offset,
      body: record.subarray(start, start + octets),
    })
    at = start + octets
  }
  return fragments
}

/** Messages ahead of the next one that are kept: a flight has six. */
const MOST_AHEAD = 8
/** A certificate chain of one is some hundred octets; chains of others have some thousand. */
const MOST_BYTES = 32_768
/** Pieces of one message with gaps between. */
const MOST_PIECES = 256

interface Partial {
  readonly type: number
  readonly bytes: Buffer
  /** What is there, as [from, to), in order and apart. */
  had: readonly (readonly [number, number])[]
}

/** Puts fragments together, in whatever order and however often they come; holds 256 KiB at most. */
export class Reassembler {
  /** message_seq of the message that is due. */
  next = 0
  readonly #partial = new Map<number, Partial>()

  /** Messages that are there in part, or ahead of the one that is due. */
  get kept(): number {
    return this.#partial.size
  }

  /** Takes a fragment in; passes over what was had, what is too far ahead, and what contradicts what came before. */
  add(fragment: HandshakeFragment): void {
    const { type, length, sequence, offset, body } = fragment
    if (sequence < this.next || sequence >= this.next + MOST_AHEAD) return
    if (length > MOST_BYTES) throw new DtlsFault('illegal_parameter', `a handshake message of ${length} octets`)
    const known = this.#partial.get(sequence)
    const partial = known ?? { type, bytes: Buffer.alloc(length), had: [] }
    if (partial.type !== type || partial.bytes.length !== length) return
    if (known === undefined) this.#partial.set(sequence, partial)
    // What comes in crumbs that never meet is nobody's message.
    if (partial.had.length >= MOST_PIECES || (body.length === 0 && length > 0)) return
    partial.bytes.set(body, offset)
    partial.had = joined([...partial.had, [offset, offset + body.length]])
  }

  /** The message that is due, once it is whole. */
  take(): HandshakeMessage | undefined {
    const partial = this.#partial.get(this.next)
    if (partial === undefined) return undefined
    const [first] = partial.had
    if (partial.had.length !== 1 || first?.[0] !== 0 || first[1] !== partial.bytes.length) return undefined
    this.#partial.delete(this.next)
    return { type: partial.type, sequence: this.next++, body: partial.bytes }
  }
}

function joined(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const merged: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}
