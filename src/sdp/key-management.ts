/** Which key management a media description asks for. Signatures first; bodies follow. */
import type { CryptoLine } from './crypto-attribute.js'
export type KeyManagementKind = 'sdes' | 'mikey' | 'dtls-srtp' | 'none'
export interface Fingerprint {
  readonly hash: string
  readonly value: string
}
export interface Mikey {
  /** Key management protocol id, 'mikey' as a rule. */
  readonly protocol: string
  readonly version?: number
  readonly dataType?: string
  readonly bytes?: Buffer
}
export interface KeyManagement {
  /** All that are offered; empty = none. */
  readonly kinds: readonly Exclude<KeyManagementKind, 'none'>[]
  /** True for RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVP(F). */
  readonly secureProfile: boolean
  readonly crypto: readonly CryptoLine[]
  readonly mikey: readonly Mikey[]
  readonly fingerprints: readonly Fingerprint[]
  readonly setup?: string
}
