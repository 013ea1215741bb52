/** What keys are derived from secrets with: RFC 5246 §5 and §6.3, RFC 2246 for older versions, RFC 8446 §7.1 and §7.3. */
import { createHmac } from 'node:crypto'
import type { Suite } from './suites.js'

export const TLS_1_0 = 0x0301
export const TLS_1_2 = 0x0303
export const TLS_1_3 = 0x0304

const hmac = (hash: string, key: Buffer, data: Buffer): Buffer => createHmac(hash, key).update(data).digest()

/** RFC 5246 §5: P_hash. */
function expanded(hash: string, secret: Buffer, seed: Buffer, bytes: number): Buffer {
  const parts: Buffer[] = []
  let a = seed
  for (let have = 0; have < bytes; ) {
    a = hmac(hash, secret, a)
    const part = hmac(hash, secret, Buffer.concat([a, seed]))
    parts.push(part)
    have += part.length
  }
  return Buffer.concat(parts).subarray(0, bytes)
}

/** The pseudorandom function of a version. */
function prf(version: number, hash: string, secret: Buffer, seed: Buffer, bytes: number): Buffer {
  if (version >= TLS_1_2) return expanded(hash, secret, seed, bytes)
  // RFC 2246: halves, which share a byte where their number is odd; MD5 of one, SHA-1 of the other.
  const half = Math.ceil(secret.length / 2)
  const one = expanded('md5', secret.subarray(0, half), seed, bytes)
  const other = expanded('sha1', secret.subarray(secret.length - half), seed, bytes)
  return Buffer.from(one.map((byte, i) => byte ^ (other[i] ?? 0)))
}

export interface Keys {
  readonly key: Buffer
  readonly iv: Buffer
  readonly mac: Buffer
}

const MAC_BYTES = { sha1: 20, sha256: 32, sha384: 48 } as const

/** RFC 5246 §6.3: the key block, of client and server. */
export function keysOf(
  version: number,
  { mode, cipher, hash, keyBytes, mac }: Suite,
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): { client: Keys; server: Keys } {
  const macBytes = mac === undefined ? 0 : MAC_BYTES[mac]
  const blockBytes = cipher.startsWith('des') ? 8 : 16
  const cbcBytes = version === TLS_1_0 ? blockBytes : 0
  const ivBytes = { gcm: 4, ccm: 4, chacha: 12, cbc: cbcBytes }[mode]
  const seed = Buffer.concat([Buffer.from('key expansion'), serverRandom, clientRandom])
  const block = prf(version, hash, master, seed, 2 * (macBytes + keyBytes + ivBytes))
  let at = 0
  const take = (bytes: number): Buffer => block.subarray(at, (at += bytes))
  const macs = [take(macBytes), take(macBytes)] as const
  const keys = [take(keyBytes), take(keyBytes)] as const
  const ivs = [take(ivBytes), take(ivBytes)] as const
  return {
    client: { mac: macs[0], key: keys[0], iv: ivs[0] },
    server: { mac: macs[1], key: keys[1], iv: ivs[1] },
  }
}

/** RFC 8446 §7.1: HKDF-Expand-Label with an empty context. */
function expandLabel(hash: string, secret: Buffer, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const head = Buffer.from([bytes >> 8, bytes & 255, name.length, ...name, 0])
  // RFC 5869 None that is asked for here is longer than one block.
  return hmac(hash, secret, Buffer.concat([head, Buffer.from([1])])).subarray(0, bytes)
}

/** RFC 8446 §7.3. */
export const trafficKeys = ({ hash, keyBytes }: Suite, secret: Buffer): Keys => ({
  key: expandLabel(hash, secret, 'key', keyBytes),
  iv: expandLabel(hash, secret, 'iv', 12),
  mac: Buffer.alloc(0),
})

/** RFC 8446 §7.2: the secret after a KeyUpdate. */
export const nextSecret = ({ hash }: Suite, secret: Buffer): Buffer =>
  expandLabel(hash, secret, 'traffic upd', secret.length)
