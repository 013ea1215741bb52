/** What the hellos of a TLS handshake say that decryption needs (RFC 5246 §7.4.1, RFC 8446 §4.1). */
import { TLS_1_2, TLS_1_3 } from './keys.js'

const SESSION_TICKET = 35
const ENCRYPT_THEN_MAC = 22
const SUPPORTED_VERSIONS = 43

/** RFC 8446 §4.1.3: a ServerHello with this random is a HelloRetryRequest. */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

export interface ClientHello {
  readonly random: Buffer
  readonly session: Buffer
  readonly ticket: Buffer
}

export interface ServerHello {
  readonly version: number
  readonly random: Buffer
  readonly session: Buffer
  readonly suite: number
  readonly encryptThenMac: boolean
  /** The client is asked to begin anew: another one follows. */
  readonly retry: boolean
}

/** @throws RangeError where it is cut short */
export function readClientHello(body: Buffer): ClientHello {
  const random = body.subarray(2, 34)
  const session = vector(body, 34, 1)
  const suites = vector(body, 35 + session.length, 2)
  const at = 37 + session.length + suites.length
  const extensions = extensionsOf(body, at + 1 + vector(body, at, 1).length)
  return { random, session, ticket: extensions.get(SESSION_TICKET) ?? Buffer.alloc(0) }
}

/** @throws RangeError where it is cut short */
export function readServerHello(body: Buffer): ServerHello {
  const random = body.subarray(2, 34)
  const session = vector(body, 34, 1)
  const at = 35 + session.length
  const extensions = extensionsOf(body, at + 3)
  const said = extensions.get(SUPPORTED_VERSIONS)
  return {
    // RFC 8446 §4.2.1: 1.3 stands in an extension alone.
    version: said && said.length >= 2 ? said.readUInt16BE(0) : body.readUInt16BE(0),
    random,
    session,
    suite: body.readUInt16BE(at),
    encryptThenMac: extensions.has(ENCRYPT_THEN_MAC),
    retry: random.toString('hex') === RETRY,
  }
}

/** Of TLS 1.2: a lifetime, then the ticket (RFC 5077). @throws RangeError where it is cut short */
export const ticketOf = (body: Buffer): Buffer => vector(body, 4, 2)

export const isKnownVersion = (version: number): boolean =>
  version === TLS_1_3 || (version >= 0x0301 && version <= TLS_1_2)

/** Bytes behind their own length. */
function vector(bytes: Buffer, at: number, lengthBytes: number): Buffer {
  const length = bytes.readUIntBE(at, lengthBytes)
  const start = at + lengthBytes
  if (start + length > bytes.length) throw new RangeError('cut short')
  return bytes.subarray(start, start + length)
}

function extensionsOf(body: Buffer, at: number): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  if (at >= body.length) return found
  const all = vector(body, at, 2)
  for (let place = 0; place < all.length; ) {
    const value = vector(all, place + 2, 2)
    found.set(all.readUInt16BE(place), value)
    place += 4 + value.length
  }
  return found
}
