/**
 * Which key management a media description asks for: security descriptions (RFC 4568), MIKEY in a=key-mgmt
 * (RFC 4567, RFC 3830), DTLS-SRTP by a=fingerprint (RFC 5763, RFC 8842), or none.
 */
import type { CryptoLine } from './crypto-attribute.js'

export type KeyManagementKind = 'sdes' | 'mikey' | 'dtls-srtp'

/** a=fingerprint (RFC 8122 §5). */
export interface Fingerprint {
  readonly hash: string
  /** Upper-case octets with colons between. */
  readonly value: string
}

/** a=key-mgmt (RFC 4567 §3.1) with the MIKEY common header (RFC 3830 §6.1) where it can be read. */
export interface KeyManagementMessage {
  /** Key management protocol: 'mikey' as a rule. */
  readonly protocol: string
  readonly version?: number
  readonly dataType?: string
  /** Crypto session bundle. */
  readonly csbId?: number
  readonly bytes: Buffer
}

export interface KeyManagement {
  /** All that are there, empty = none. */
  readonly kinds: readonly KeyManagementKind[]
  /** RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVP and SAVPF. */
  readonly secureProfile: boolean
  readonly crypto: readonly CryptoLine[]
  readonly messages: readonly KeyManagementMessage[]
  readonly fingerprints: readonly Fingerprint[]
  /** active, passive, actpass, holdconn (RFC 4145 §4). */
  readonly setup?: string
}

// RFC 3830 §6.1.a.
const MIKEY_TYPES = [
  'pre-shared',
  'pre-shared-verification',
  'public-key',
  'public-key-verification',
  'dh-init',
  'dh-response',
  'error',
]

interface Attributes {
  attribute(name: string): string | undefined
  attributes(name: string): string[]
}

export function keyManagementOf(
  media: Attributes & { readonly protocol: string; readonly crypto: readonly CryptoLine[] },
  session: Attributes,
): KeyManagement {
  // RFC 4567 §3.1, RFC 8122 §5: the media level overrides the session level.
  const either = (name: string) => {
    const own = media.attributes(name)
    return own.length > 0 ? own : session.attributes(name)
  }
  const crypto = media.crypto
  const messages = either('key-mgmt').flatMap((value) => parseKeyManagement(value) ?? [])
  const fingerprints = either('fingerprint').flatMap((value) => parseFingerprint(value) ?? [])
  const setup = either('setup')[0]
  const kinds: KeyManagementKind[] = []
  if (crypto.length > 0) kinds.push('sdes')
  if (messages.length > 0) kinds.push('mikey')
  if (fingerprints.length > 0) kinds.push('dtls-srtp')
  const secureProfile = /(^|\/)RTP\/SAVPF?$/i.test(media.protocol)
  return { kinds, secureProfile, crypto, messages, fingerprints, ...(setup === undefined ? {} : { setup }) }
}

/** Reads `sha-256 4A:AD:…`; undefined if it is not one. */
export function parseFingerprint(value: string): Fingerprint | undefined {
  const match = /^([A-Za-z0-9-]+) +([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){0,127})\s*$/.exec(value)
  const [, hash, octets] = match ?? []
  return hash === undefined || octets === undefined
    ? undefined
    : { hash: hash.toLowerCase(), value: octets.toUpperCase() }
}

/** Reads `mikey AQAFgM…`; undefined if it is not one. */
export function parseKeyManagement(value: string): KeyManagementMessage | undefined {
  const match = /^ ?([^\s]+) +([A-Za-z0-9+/]+={0,2})\s*$/.exec(value)
  const [, id, base64] = match ?? []
  if (id === undefined || base64 === undefined) return undefined
  const protocol = id.toLowerCase()
  const bytes = Buffer.from(base64, 'base64')
  if (protocol !== 'mikey' || bytes.length < 10) return { protocol, bytes }
  return {
    protocol,
    bytes,
    version: bytes.readUInt8(0),
    dataType: MIKEY_TYPES[bytes.readUInt8(1)] ?? String(bytes.readUInt8(1)),
    csbId: bytes.readUInt32BE(4),
  }
}
