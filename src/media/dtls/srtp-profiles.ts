/** The use_srtp extension (RFC 5764 §4.1) and the SRTP keys that a handshake gives (§4.2). */
import type { CryptoAttribute } from '../../sdp/crypto-attribute.js'
import { isSuiteName } from '../srtp.js'
import { exportKeyingMaterial, type Randoms } from './key-schedule.js'
import { OctetReader, uint16, vector16, vector8 } from './octets.js'

/** A protection profile: octets of master key and salt, and the name that SDP has for the same transforms. */
export interface SrtpProfile {
  readonly id: number
  readonly name: string
  readonly suite: string
  readonly keyBytes: number
  readonly saltBytes: number
}

// RFC 5764 §4.1.2; RFC 7714 §14.2.
const KNOWN: readonly SrtpProfile[] = [
  profile(0x0001, 'SRTP_AES128_CM_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_80', 16, 14),
  profile(0x0002, 'SRTP_AES128_CM_HMAC_SHA1_32', 'AES_CM_128_HMAC_SHA1_32', 16, 14),
  profile(0x0007, 'SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 16, 12),
  profile(0x0008, 'SRTP_AEAD_AES_256_GCM', 'AEAD_AES_256_GCM', 32, 12),
]

/** Those whose transforms are spoken here, in order of preference. */
export const SRTP_PROFILES: readonly SrtpProfile[] = KNOWN.filter(({ suite }) => isSuiteName(suite))

function profile(id: number, name: string, suite: string, keyBytes: number, saltBytes: number): SrtpProfile {
  return { id, name, suite, keyBytes, saltBytes }
}

/** RFC 5764 §4.1.1: profiles, and no MKI. */
export function useSrtp(profiles: readonly number[]): Buffer {
  return Buffer.concat([vector16(Buffer.concat(profiles.map(uint16))), vector8(Buffer.alloc(0))])
}

/** @throws DtlsFault `decode_error` */
export function parseUseSrtp(body: Buffer): { readonly profiles: readonly number[]; readonly mki: Buffer } {
  const reader = new OctetReader(body)
  const profiles = reader.numbers(2)
  const mki = reader.vector(1)
  reader.end()
  return { profiles, mki }
}

/** Master keys of both directions, in the shape of crypto attributes: what makes contexts of those makes them of these. */
export interface SrtpKeying {
  readonly profile: SrtpProfile
  readonly client: CryptoAttribute
  readonly server: CryptoAttribute
}

/** RFC 5764 §4.2: both keys, then both salts; the client's first. */
export function srtpKeying(of: SrtpProfile, master: Uint8Array, randoms: Randoms): SrtpKeying {
  const { keyBytes, saltBytes, suite } = of
  const material = exportKeyingMaterial(master, 'EXTRACTOR-dtls_srtp', randoms, 2 * (keyBytes + saltBytes))
  const attribute = (index: 0 | 1): CryptoAttribute => {
    const key = material.subarray(index * keyBytes, (index + 1) * keyBytes)
    const saltAt = 2 * keyBytes + index * saltBytes
    const keySalt = Buffer.concat([key, material.subarray(saltAt, saltAt + saltBytes)])
    return { tag: '1', suite, keys: [{ keySalt }], parameters: {} }
  }
  return { profile: of, client: attribute(0), server: attribute(1) }
}
