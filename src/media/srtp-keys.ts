/** SRTP suites, key derivation and session keys (RFC 3711 §4.3, RFC 4568 §6.2, RFC 6188, RFC 7714). */
import { createCipheriv } from 'node:crypto'
import type { SuiteName } from '../sdp/crypto-attribute.js'
import { HmacSha1 } from './hmac-sha1.js'
import { uint32At } from './rtp.js'

export type { SuiteName } from '../sdp/crypto-attribute.js'

/** A crypto suite as SDP names it; lengths in octets. */
export interface Suite {
  readonly name: SuiteName
  readonly keyBytes: number
  readonly saltBytes: number
  readonly rtpTagBytes: number
  readonly rtcpTagBytes: number
  /** One operation encrypts and authenticates (RFC 7714); what it makes, tag included, stands in front of the MKI. */
  readonly aead: boolean
}

const SALT_BYTES = 14
/** RFC 3711 §8.2: the session authentication key has 160 bits. */
const AUTH_KEY_BYTES = 20

// RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §12. The tag of SRTCP has 80 bits even where that of SRTP has 32.
const suites: Readonly<Record<SuiteName, Suite>> = {
  AES_CM_128_HMAC_SHA1_80: suite('AES_CM_128_HMAC_SHA1_80', 16, 10),
  AES_CM_128_HMAC_SHA1_32: suite('AES_CM_128_HMAC_SHA1_32', 16, 4),
  AES_256_CM_HMAC_SHA1_80: suite('AES_256_CM_HMAC_SHA1_80', 32, 10),
  AES_256_CM_HMAC_SHA1_32: suite('AES_256_CM_HMAC_SHA1_32', 32, 4),
  AEAD_AES_128_GCM: aeadSuite('AEAD_AES_128_GCM', 16),
  AEAD_AES_256_GCM: aeadSuite('AEAD_AES_256_GCM', 32),
}

function suite(name: SuiteName, keyBytes: number, rtpTagBytes: number): Suite {
  return { name, keyBytes, saltBytes: SALT_BYTES, rtpTagBytes, rtcpTagBytes: 10, aead: false }
}

function aeadSuite(name: SuiteName, keyBytes: number): Suite {
  return { name, keyBytes, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16, aead: true }
}

export function suiteOf(name: SuiteName): Suite {
  return suites[name]
}

export interface MasterKey {
  readonly key: Uint8Array
  readonly salt: Uint8Array
  /** The MKI as it stands in the packet; its length must be the same for all keys of a context. */
  readonly mki?: Uint8Array
  /** Fewer packets of SRTP than this, and of SRTCP too, are protected with it (RFC 4568 §6.1). Default: no limit of its own. */
  readonly lifetime?: number
}

/** RFC 3711 §4.3.1 and §4.3.2. */
export const KeyLabel = {
  rtpEncryption: 0,
  rtpAuthentication: 1,
  rtpSalt: 2,
  rtcpEncryption: 3,
  rtcpAuthentication: 4,
  rtcpSalt: 5,
} as const

/**
 * The AES-CM pseudo-random function (RFC 3711 §4.3.3; AES-256 by RFC 6188 §3).
 * @param epoch the packet index DIV the key derivation rate; 0 where the rate is 0
 * @param octets of key wanted
 */
export function deriveKey(master: MasterKey, label: number, epoch: number, octets: number): Buffer {
  // x = (label || r) XOR salt, aligned right, then times 2^16: the counter block's last two octets.
  const block = Buffer.alloc(16)
  block.set(master.salt)
  block[7] = (block[7] ?? 0) ^ label
  for (let i = 13, rest = epoch; i > 7; i--, rest = Math.floor(rest / 256)) block[i] = (block[i] ?? 0) ^ (rest % 256)
  const cipher = createCipheriv(master.key.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', master.key, block)
  return cipher.update(Buffer.alloc(octets))
}

// One counter field for all: everything here is synchronous. 256 blocks are 25 packets of 160 octets.
export const LOOK_AHEAD_BLOCKS = 256
const counters = new ArrayBuffer(16 * LOOK_AHEAD_BLOCKS)

/** AES in counter mode (RFC 3711 §4.1.1, RFC 6188 §2) under one session key. */
export class KeyStream {
  readonly #cipher: ReturnType<typeof createCipheriv>
  readonly #salt: readonly [number, number, number, number]

  constructor(key: Uint8Array, salt: Uint8Array) {
    const shifted = Buffer.concat([salt, Buffer.alloc(2)])
    this.#salt = [uint32At(shifted, 0), uint32At(shifted, 4), uint32At(shifted, 8), uint32At(shifted, 12)]
    // Counter mode by hand: one ECB call covers the counters of many packets, where CTR needs a cipher for each.
    this.#cipher = createCipheriv(key.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb', key, null)
    this.#cipher.setAutoPadding(false)
  }

  /**
   * Key stream of `packets` successive indices from `index`, `blocks` blocks of 16 octets each (RFC 3711 §4.1.1:
   * IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16, blocks counted in the low 16 bits).
   */
  generate(ssrc: number, index: number, packets: number, blocks: number): Buffer {
    const octets = 16 * packets * blocks
    const field = octets <= counters.byteLength ? counters : new ArrayBuffer(octets)
    // A DataView compiles to plain stores; Buffer's writeInt32BE costs more than the cipher.
    const view = new DataView(field)
    const [salt0, salt1, salt2, salt3] = this.#salt
    const word1 = salt1 ^ ssrc
    let at = 0
    for (let packet = 0; packet < packets; packet++) {
      const word2 = salt2 ^ Math.floor((index + packet) / 0x10000)
      const word3 = salt3 ^ (((index + packet) & 0xffff) << 16)
      for (let block = 0; block < blocks; block++, at += 16) {
        view.setInt32(at, salt0)
        view.setInt32(at + 4, word1)
        view.setInt32(at + 8, word2)
        view.setInt32(at + 12, word3 | block)
      }
    }
    return this.#cipher.update(new Uint8Array(field, 0, octets))
  }
}

/** What encrypts and authenticates one kind of packet under one master key, for one epoch of key derivation. */
export class SessionKeys {
  readonly epoch: number
  readonly auth: HmacSha1
  readonly stream: KeyStream

  constructor(master: MasterKey, kind: 'rtp' | 'rtcp', epoch: number) {
    const base = kind === 'rtp' ? KeyLabel.rtpEncryption : KeyLabel.rtcpEncryption
    this.epoch = epoch
    this.auth = new HmacSha1(deriveKey(master, base + 1, epoch, AUTH_KEY_BYTES))
    this.stream = new KeyStream(
      deriveKey(master, base, epoch, master.key.length),
      deriveKey(master, base + 2, epoch, SALT_BYTES),
    )
  }
}
