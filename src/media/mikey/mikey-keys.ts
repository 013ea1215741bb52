/** Keys of MIKEY (RFC 3830 §4.1, §4.2): derived from a pre-shared key, carried in KEMAC, and made into keys of SRTP. */
import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { MikeyError } from './mikey-error.js'
import { Reader, sized16 } from './mikey-octets.js'

/** What else derived keys depend on. */
export interface Bundle {
  readonly csbId: number
  /** RAND of the initiator. */
  readonly rand: Buffer
}

/** RFC 3830 §4.1.3, §4.1.4: constants of the label. */
const Constant = {
  tek: 0x2ad01c64,
  trafficSalt: 0x39a2c14b,
  encryption: 0x150533e1,
  authentication: 0x2d22ac75,
  salt: 0x29b88916,
} as const

/** §4.1.4: in place of the number of a crypto session, for keys of MIKEY itself. */
const OWN_KEYS = 0xff
const BLOCK_OCTETS = 32
const HASH_OCTETS = 20
const SALT_OCTETS = 14

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha1', key).update(data).digest()

/** The default pseudo-random function, MIKEY-1 (RFC 3830 §4.1.2). @param octets how many of it are wanted */
export function mikeyPrf(key: Uint8Array, label: Uint8Array, octets: number): Buffer {
  const out = Buffer.alloc(octets)
  for (let at = 0; at < key.length; at += BLOCK_OCTETS) {
    const part = key.subarray(at, at + BLOCK_OCTETS)
    let chained: Uint8Array = label
    for (let done = 0; done < octets; done += HASH_OCTETS) {
      chained = hmac(part, chained)
      const block = hmac(part, Buffer.concat([chained, label]))
      for (let i = 0; i < HASH_OCTETS && done + i < octets; i++) out[done + i] = (out[done + i] ?? 0) ^ (block[i] ?? 0)
    }
  }
  return out
}

function derived(key: Buffer, constant: number, session: number, { csbId, rand }: Bundle, octets: number): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt32BE(constant, 0)
  head.writeUInt8(session, 4)
  head.writeUInt32BE(csbId, 5)
  return mikeyPrf(key, Buffer.concat([head, rand]), octets)
}

/** The MAC of a message and of its verification (RFC 3830 §4.2.4): HMAC-SHA-1-160. */
export function mikeyMac(preSharedKey: Buffer, bundle: Bundle, covered: Buffer): Buffer {
  return hmac(derived(preSharedKey, Constant.authentication, OWN_KEYS, bundle, HASH_OCTETS), covered)
}

export const sameMac = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other)

/** Encrypts, or decrypts, the keys of KEMAC by AES-CM-128 (RFC 3830 §4.2.3). @param timestamp 8 octets, a counter padded */
export function cryptKeys(preSharedKey: Buffer, bundle: Bundle, timestamp: Buffer, data: Buffer): Buffer {
  const key = derived(preSharedKey, Constant.encryption, OWN_KEYS, bundle, 16)
  const iv = Buffer.alloc(16)
  iv.writeUInt32BE(bundle.csbId, 2)
  timestamp.copy(iv, 14 - timestamp.length)
  for (const [i, octet] of derived(preSharedKey, Constant.salt, OWN_KEYS, bundle, SALT_OCTETS).entries())
    iv[i] = (iv[i] ?? 0) ^ octet
  return createCipheriv('aes-128-ctr', key, iv).update(data)
}

/** A key data sub-payload (RFC 3830 §6.13). */
export interface KeyData {
  /** TGK: keys of the streams are derived from it. TEK: it is the key of all of them. */
  readonly type: 'TGK' | 'TEK'
  readonly key: Buffer
  /** The master salt of SRTP. */
  readonly salt?: Buffer
  /** The master key identifier of SRTP (§6.14). */
  readonly mki?: Buffer
}

export function serializeKeyData({ type, key, salt, mki }: KeyData): Buffer {
  const kind = (type === 'TEK' ? 2 : 0) + (salt === undefined ? 0 : 1)
  return Buffer.concat([
    Buffer.from([0, (kind << 4) | (mki === undefined ? 0 : 1)]),
    sized16(key),
    salt === undefined ? Buffer.alloc(0) : sized16(salt),
    mki === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.from([mki.length]), mki]),
  ])
}

/** @throws MikeyError where it is none, or more than one, or has a lifetime as a range of indices */
export function parseKeyData(data: Buffer): KeyData {
  const from = new Reader(data)
  const next = from.uint8()
  if (next !== 0) throw new MikeyError('unsupported', 'more than one key', 'RFC 3830 §6.13')
  const kind = from.uint8()
  if (kind >> 4 > 3 || (kind & 0xf) > 1)
    throw new MikeyError('unsupported', 'a key of another type, or with a lifetime', 'RFC 3830 §6.13')
  const key = from.take(from.uint16())
  if (key.length === 0) throw new MikeyError('malformed', 'a key of no octets', 'RFC 3830 §6.13')
  const salt = (kind & 0x10) === 0 ? undefined : from.take(from.uint16())
  const mki = (kind & 0xf) === 0 ? undefined : from.take(from.uint8())
  if (from.left > 0) throw new MikeyError('malformed', 'octets behind the key', 'RFC 3830 §6.13')
  return {
    type: (kind & 0x20) === 0 ? 'TGK' : 'TEK',
    key,
    ...(salt === undefined ? {} : { salt }),
    ...(mki === undefined ? {} : { mki }),
  }
}

/**
 * Master key and master salt of one stream of SRTP (RFC 3830 §4.1.3), concatenated.
 * @param session its number, from 1 @throws MikeyError where the key is not one for such a stream
 */
export function streamKey(
  data: KeyData,
  session: number,
  bundle: Bundle,
  lengths: { readonly keyBytes: number; readonly saltBytes: number },
): Buffer {
  const { keyBytes, saltBytes } = lengths
  const isTek = data.type === 'TEK'
  const key = isTek ? data.key : derived(data.key, Constant.tek, session, bundle, keyBytes)
  const salt = data.salt ?? (isTek ? undefined : derived(data.key, Constant.trafficSalt, session, bundle, saltBytes))
  if (key.length !== keyBytes || salt?.length !== saltBytes)
    throw new MikeyError('unsupported', `${key.length} octets of key, ${salt?.length ?? 0} of salt`, 'RFC 3830 §6.13')
  return Buffer.concat([key, salt])
}
