/** SRTP and SRTCP (RFC 3711, RFC 6188). Signatures first; bodies follow. */
export type SuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
/** Octets of master key and salt, and of the tags, by suite (RFC 4568 §6.2, RFC 6188). */
export interface Suite {
  readonly name: SuiteName
  readonly keyBytes: number
  readonly saltBytes: number
  readonly rtpTagBytes: number
  readonly rtcpTagBytes: number
}
export function suiteOf(name: SuiteName): Suite {
  throw new Error(`not yet ${name}`)
}
export interface MasterKey {
  readonly key: Uint8Array
  readonly salt: Uint8Array
  /** The MKI as it stands in the packet; its length must be the same for all keys of a context. */
  readonly mki?: Uint8Array
}
export interface SrtpOptions {
  readonly suite: SuiteName
  /** The first one protects; all of them unprotect (chosen by MKI). */
  readonly keys: readonly MasterKey[]
  /** 0 (default) or a power of two up to 2^24 (RFC 3711 §4.3.1). */
  readonly keyDerivationRate?: number
  /** Replay window in packets, at least 64 (RFC 3711 §3.3.2); default 128. */
  readonly window?: number
  /** RFC 4568 §6.3.2 UNENCRYPTED_SRTP, UNENCRYPTED_SRTCP, UNAUTHENTICATED_SRTP. */
  readonly unencryptedSrtp?: boolean
  readonly unencryptedSrtcp?: boolean
  readonly unauthenticatedSrtp?: boolean
}
export type SrtpErrorCode =
  | 'not-rtp'
  | 'too-short'
  | 'authentication'
  | 'replayed'
  | 'too-old'
  | 'unknown-mki'
  | 'key-exhausted'
/** A refused packet. The instances are shared, one per code, so that a flood of forgeries costs no stack traces. */
export class SrtpError extends Error {
  readonly code: SrtpErrorCode
  readonly rule: string
  constructor(code: SrtpErrorCode, rule: string, message: string) {
    super(message)
    this.code = code
    this.rule = rule
  }
}
/** One direction of one media stream's cryptographic contexts, all SSRCs of it. */
export class SrtpContext {
  readonly suite: Suite
  constructor(options: SrtpOptions) {
    this.suite = suiteOf(options.suite)
  }
  /** Encrypts and authenticates an RTP packet. Throws SrtpError for what is not RTP and when the key is used up. */
  protect(rtp: Uint8Array): Buffer {
    throw new Error(`not yet ${rtp.length}`)
  }
  /** Authenticates and decrypts; the input is left as it was. */
  unprotect(packet: Uint8Array): Buffer | SrtpError {
    throw new Error(`not yet ${packet.length}`)
  }
  protectRtcp(rtcp: Uint8Array): Buffer {
    throw new Error(`not yet ${rtcp.length}`)
  }
  unprotectRtcp(packet: Uint8Array): Buffer | SrtpError {
    throw new Error(`not yet ${packet.length}`)
  }
  /** The roll-over counter of a source, undefined if it was never seen. */
  rolloverCounter(ssrc: number): number | undefined {
    throw new Error(`not yet ${ssrc}`)
  }
}
