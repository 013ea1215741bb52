/** Cipher suites, and the protection of records with them (RFC 5246 §6.2.3, RFC 5288, RFC 8422, RFC 6347 §4.1.2). */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { keyBlock, type Randoms } from './key-schedule.js'

export interface CipherSuite {
  readonly id: number
  readonly name: string
  /** What the server's certificate signs with. */
  readonly signature: 'ecdsa' | 'rsa'
  readonly mode: 'gcm' | 'cbc'
}

/** In order of preference. All with ephemeral keys and AES-128: RFC 8422 §6, RFC 5289. */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  { id: 0xc02b, name: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', signature: 'ecdsa', mode: 'gcm' },
  { id: 0xc02f, name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', signature: 'rsa', mode: 'gcm' },
  { id: 0xc009, name: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', signature: 'ecdsa', mode: 'cbc' },
  { id: 0xc013, name: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', signature: 'rsa', mode: 'cbc' },
]

/** What of a record's header is authenticated, beside its length. */
export interface RecordHeader {
  readonly type: number
  readonly version: number
  readonly epoch: number
  readonly sequence: number
}

/** One direction of one epoch. */
export interface RecordCipher {
  /** How much longer a record may become. */
  readonly overhead: number
  protect(header: RecordHeader, plain: Uint8Array): Buffer
  /** Undefined: not authentic, and to be passed over (RFC 6347 §4.1.2.7). */
  unprotect(header: RecordHeader, body: Buffer): Buffer | undefined
}

const KEY_BYTES = 16
const BLOCK_BYTES = 16
const GCM = { salt: 4, explicit: 8, tag: 16 }
const MAC_BYTES = 20

/** The ciphers of epoch 1, by who writes. */
export function recordCiphers(
  { mode }: CipherSuite,
  master: Uint8Array,
  randoms: Randoms,
): { readonly client: RecordCipher; readonly server: RecordCipher } {
  const [macBytes, ivBytes] = mode === 'gcm' ? [0, GCM.salt] : [MAC_BYTES, 0]
  const block = keyBlock(master, randoms, 2 * (macBytes + KEY_BYTES + ivBytes))
  let at = 0
  const next = (octets: number) => block.subarray(at, (at += octets))
  // RFC 5246 §6.3: MAC keys, keys, IVs; the client's first.
  const [clientMac, serverMac, clientKey, serverKey] = [
    next(macBytes),
    next(macBytes),
    next(KEY_BYTES),
    next(KEY_BYTES),
  ]
  const [clientIv, serverIv] = [next(ivBytes), next(ivBytes)]
  return mode === 'gcm'
    ? { client: gcm(clientKey, clientIv), server: gcm(serverKey, serverIv) }
    : { client: cbc(clientKey, clientMac), server: cbc(serverKey, serverMac) }
}

/** RFC 6347 §4.1.2.1: the sequence number is epoch and sequence number; RFC 5246 §6.2.3.3: then type, version, length. */
function authenticatedHeader({ type, version, epoch, sequence }: RecordHeader, length: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt16BE(epoch, 0)
  header.writeUIntBE(sequence, 2, 6)
  header.writeUInt8(type, 8)
  header.writeUInt16BE(version, 9)
  header.writeUInt16BE(length, 11)
  return header
}

function gcm(key: Uint8Array, salt: Uint8Array): RecordCipher {
  return {
    overhead: GCM.explicit + GCM.tag,
    protect(header, plain) {
      const aad = authenticatedHeader(header, plain.length)
      // RFC 5288 §3: the explicit part may be the sequence number, which never comes twice.
      const explicit = aad.subarray(0, GCM.explicit)
      const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([salt, explicit]))
      cipher.setAAD(aad)
      return Buffer.concat([explicit, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    unprotect(header, body) {
      const length = body.length - GCM.explicit - GCM.tag
      if (length < 0) return undefined
      const nonce = Buffer.concat([salt, body.subarray(0, GCM.explicit)])
      const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: GCM.tag })
      decipher.setAAD(authenticatedHeader(header, length))
      decipher.setAuthTag(body.subarray(GCM.explicit + length))
      const plain = decipher.update(body.subarray(GCM.explicit, GCM.explicit + length))
      try {
        return Buffer.concat([plain, decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

/** MAC, then padding, then encryption (RFC 5246 §6.2.3.2). */
function cbc(key: Uint8Array, macKey: Uint8Array): RecordCipher {
  const macOf = (header: RecordHeader, plain: Uint8Array) =>
    createHmac('sha1', macKey).update(authenticatedHeader(header, plain.length)).update(plain).digest()
  return {
    overhead: BLOCK_BYTES + MAC_BYTES + BLOCK_BYTES,
    protect(header, plain) {
      const padding = BLOCK_BYTES - 1 - ((plain.length + MAC_BYTES) % BLOCK_BYTES)
      const iv = randomBytes(BLOCK_BYTES)
      const cipher = createCipheriv('aes-128-cbc', key, iv)
      cipher.setAutoPadding(false)
      const padded = Buffer.concat([plain, macOf(header, plain), Buffer.alloc(padding + 1, padding)])
      return Buffer.concat([iv, cipher.update(padded), cipher.final()])
    },
    unprotect(header, body) {
      if (body.length < 3 * BLOCK_BYTES || body.length % BLOCK_BYTES !== 0) return undefined
      const decipher = createDecipheriv('aes-128-cbc', key, body.subarray(0, BLOCK_BYTES))
      decipher.setAutoPadding(false)
      const padded = Buffer.concat([decipher.update(body.subarray(BLOCK_BYTES)), decipher.final()])
      const told = padded.at(-1) ?? 0
      const fits = told + 1 + MAC_BYTES <= padded.length
      const isPadding = fits && padded.subarray(-told - 1).every((octet) => octet === told)
      // RFC 5246 §6.2.3.2: where the padding is wrong, a MAC is reckoned all the same.
      const length = padded.length - MAC_BYTES - (isPadding ? told + 1 : 0)
      const plain = padded.subarray(0, length)
      const isAuthentic = timingSafeEqual(macOf(header, plain), padded.subarray(length, length + MAC_BYTES))
      return isAuthentic && isPadding ? plain : undefined
    },
  }
}
