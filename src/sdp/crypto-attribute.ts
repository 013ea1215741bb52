/** SDP security descriptions (RFC 4568): a=crypto. Signatures first; bodies follow. */
export type SuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
export interface CryptoKey {
  /** Master key and salt, concatenated. */
  readonly keySalt: Buffer
  /** In packets; absent: the suite's default. */
  readonly lifetime?: bigint
  readonly mki?: { readonly value: bigint; readonly length: number }
}
export interface SessionParameters {
  /** n of 2^n. */
  readonly kdr?: number
  readonly unencryptedSrtp?: boolean
  readonly unencryptedSrtcp?: boolean
  readonly unauthenticatedSrtp?: boolean
  readonly fecOrder?: 'FEC_SRTP' | 'SRTP_FEC'
  readonly fecKeys?: readonly CryptoKey[]
  readonly wsh?: number
  /** With their leading dash. */
  readonly optional?: readonly string[]
}
export interface CryptoAttribute {
  readonly tag: string
  readonly suite: string
  readonly keys: readonly CryptoKey[]
  readonly parameters: SessionParameters
}
/** Why a line is invalid: code, section, expected, actual (never the key). */
export interface CryptoFault {
  readonly code: string
  readonly rule: string
  readonly expected: string
  readonly actual: string
}
export interface CryptoLine {
  /** The attribute's value as it stands. */
  readonly text: string
  readonly tag: string | undefined
  readonly suite: string | undefined
  /** Undefined when invalid. */
  readonly attribute: CryptoAttribute | undefined
  readonly faults: readonly CryptoFault[]
}
export function parseCrypto(value: string): CryptoLine {
  throw new Error(`not yet ${value.length}`)
}
export function formatCrypto(attribute: CryptoAttribute): string {
  throw new Error(`not yet ${attribute.tag}`)
}
