/** What a router test and its reflector say to each other, over UDP and, with two bytes of length before each, over TCP. */
import { addressBytes, addressFromBytes, type Endpoint } from '../transport/network.js'

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |                        0x8b 'R' 'P' 'F'                       |
// |  version = 1  |     type      |     place     |     flags     |
// |                 transaction id (8 bytes)                      |
// |  body, all of it XORed with the transaction id, repeated …
//
// The first byte is neither a letter nor STUN's, so that nobody takes this for SIP or STUN; the mask keeps routers from finding
// addresses to rewrite, or SIP, in the body.

const MAGIC = Buffer.from([0x8b, 0x52, 0x50, 0x46])
const VERSION = 1
export const HEADER_BYTES = 16
export const COOKIE_BYTES = 16
const ENDPOINT_BYTES = 19
/** Places that a `seen` tells of at most, and a `hello` with room for such an answer. */
export const MOST_PLACES = 8
export const HELLO_BYTES = HEADER_BYTES + ENDPOINT_BYTES + COOKIE_BYTES + MOST_PLACES * ENDPOINT_BYTES

const TYPES = ['hello', 'seen', 'wake', 'waking', 'poke', 'size', 'sized', 'mirror', 'speak'] as const
export type ReflectorMessageType = (typeof TYPES)[number]

/**
 * `hello`: how am I seen? · `seen`: so, and the cookie that proves it · `wake`: send a `poke` to another socket of mine, from the
 * place named; the body proves that it is mine · `waking`: it was sent · `size`: did so many bytes arrive? With `echo` as many
 * are to come back · `mirror`: what of SIP has arrived · `speak`: send these bytes to me, unmasked.
 */
export interface ReflectorMessage {
  readonly type: ReflectorMessageType
  /** Which of the reflector's places is meant; 0 is the first. */
  readonly place: number
  /** Of `size`: as many bytes are to come back. Of `wake`: the socket is a TCP connection. */
  readonly flag: boolean
  /** 8 bytes. */
  readonly id: Buffer
  readonly body: Buffer
}

export function encodeReflector(message: ReflectorMessage): Buffer {
  const out = Buffer.alloc(HEADER_BYTES + message.body.length)
  MAGIC.copy(out)
  out[4] = VERSION
  out[5] = TYPES.indexOf(message.type)
  out[6] = message.place
  out[7] = message.flag ? 1 : 0
  message.id.copy(out, 8)
  masked(message.body, message.id).copy(out, HEADER_BYTES)
  return out
}

/** Undefined: it is none. */
export function parseReflector(data: Buffer): ReflectorMessage | undefined {
  if (data.length < HEADER_BYTES || !data.subarray(0, 4).equals(MAGIC) || data[4] !== VERSION) return undefined
  const type = TYPES[data[5] ?? TYPES.length]
  if (type === undefined) return undefined
  const id = Buffer.from(data.subarray(8, HEADER_BYTES))
  return { type, place: data[6] ?? 0, flag: data[7] === 1, id, body: masked(data.subarray(HEADER_BYTES), id) }
}

function masked(data: Buffer, id: Buffer): Buffer {
  const out = Buffer.alloc(data.length)
  // Never zero, or a mask of a zero byte would hide nothing.
  for (let at = 0; at < data.length; at += 1) out[at] = (data[at] ?? 0) ^ ((id[at % 8] ?? 0) | 0x80)
  return out
}

/** Family, port, and the address in 16 bytes. */
export function endpointBytes({ address, port }: Endpoint): Buffer {
  const bytes = addressBytes(address)
  const out = Buffer.alloc(ENDPOINT_BYTES)
  out[0] = bytes.length
  out.writeUInt16BE(port, 1)
  bytes.copy(out, 3)
  return out
}

export function endpointFrom(body: Buffer, at: number): Endpoint | undefined {
  const length = body[at]
  if ((length !== 4 && length !== 16) || body.length < at + ENDPOINT_BYTES) return undefined
  return { address: addressFromBytes(body.subarray(at + 3, at + 3 + length)), port: body.readUInt16BE(at + 1) }
}

/** Body of `seen`. */
export interface Seen {
  /** How the reflector sees who asked. */
  readonly mapped: Endpoint
  /** 16 bytes: who shows them has received them at `mapped`. */
  readonly cookie: Buffer
  /** Where it can send from; the first is where `hello` went to. */
  readonly places: readonly Endpoint[]
}

export function encodeSeen({ mapped, cookie, places }: Seen): Buffer {
  return Buffer.concat([endpointBytes(mapped), cookie, ...places.map(endpointBytes)])
}

export function parseSeen(body: Buffer): Seen | undefined {
  const mapped = endpointFrom(body, 0)
  if (mapped === undefined || body.length < ENDPOINT_BYTES + COOKIE_BYTES) return undefined
  const places: Endpoint[] = []
  for (let at = ENDPOINT_BYTES + COOKIE_BYTES; at + ENDPOINT_BYTES <= body.length; at += ENDPOINT_BYTES) {
    const place = endpointFrom(body, at)
    if (place !== undefined) places.push(place)
  }
  return { mapped, cookie: Buffer.from(body.subarray(ENDPOINT_BYTES, ENDPOINT_BYTES + COOKIE_BYTES)), places }
}

/** Body of `wake`: whom, what proves that it asked for it, and the id that its `poke` is to have. */
interface Wake {
  readonly whom: Endpoint
  readonly cookie: Buffer
  readonly pokeId: Buffer
}

export function encodeWake({ whom, cookie, pokeId }: Wake): Buffer {
  return Buffer.concat([endpointBytes(whom), cookie, pokeId])
}

export function parseWake(body: Buffer): Wake | undefined {
  const whom = endpointFrom(body, 0)
  if (whom === undefined || body.length < ENDPOINT_BYTES + COOKIE_BYTES + 8) return undefined
  const rest = body.subarray(ENDPOINT_BYTES)
  return {
    whom,
    cookie: Buffer.from(rest.subarray(0, COOKIE_BYTES)),
    pokeId: Buffer.from(rest.subarray(COOKIE_BYTES, COOKIE_BYTES + 8)),
  }
}

/** The header field by which the reflector knows SIP of a router test; its value is the transaction id in hexadecimal. */
export const PROBE_HEADER = 'X-Ringproof-Probe'

/** The id that SIP of a router test carries; undefined: it is none. */
export function probeIdOf(data: Buffer): Buffer | undefined {
  const [, hex] = /\r\nX-Ringproof-Probe: ([\da-f]{16})\r\n/.exec(data.toString('latin1')) ?? []
  return hex === undefined ? undefined : Buffer.from(hex, 'hex')
}
