/** libsrtp2 through koffi: the reference implementation of RFC 3711 as a peer of tests and benchmarks. */
import koffi from 'koffi'
import type { LibraryHandle } from 'koffi'
import type { SuiteName } from '../../src/media/srtp.js'

export const installLibsrtp = 'apt-get install -y libsrtp2-1'

/** Status codes of srtp.h that tests ask for. */
export const Status = { ok: 0, authFail: 7, replayFail: 9, replayOld: 10, badMki: 25 } as const

export interface LibsrtpOptions {
  readonly suite: SuiteName
  /** Master key and salt, one after the other. */
  readonly key: Buffer
  readonly mki?: Buffer
  readonly direction: 'inbound' | 'outbound'
}

/** One direction. Results are the packet, or the status code of a refusal. */
export interface LibsrtpSession {
  protect(packet: Buffer): Buffer | number
  unprotect(packet: Buffer): Buffer | number
  protectRtcp(packet: Buffer): Buffer | number
  unprotectRtcp(packet: Buffer): Buffer | number
  /** For measuring: no copies, the packet is changed in place; returns its new length. */
  protectInPlace(field: Buffer, length: number): number
  unprotectInPlace(field: Buffer, length: number): number
}

type Call = (session: bigint, packet: Buffer, length: Int32Array, useMki: number, mkiIndex?: number) => number

const policySetters: Record<SuiteName, string> = {
  AES_CM_128_HMAC_SHA1_80: 'srtp_crypto_policy_set_rtp_default',
  AES_CM_128_HMAC_SHA1_32: 'srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32',
  AES_256_CM_HMAC_SHA1_80: 'srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80',
  AES_256_CM_HMAC_SHA1_32: 'srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32',
  AEAD_AES_128_GCM: 'srtp_crypto_policy_set_aes_gcm_128_16_auth',
  AEAD_AES_256_GCM: 'srtp_crypto_policy_set_aes_gcm_256_16_auth',
}
// SRTCP's tag has 80 bits with either suite of a key length.
const rtcpPolicySetters: Record<SuiteName, string> = {
  AES_CM_128_HMAC_SHA1_80: 'srtp_crypto_policy_set_rtcp_default',
  AES_CM_128_HMAC_SHA1_32: 'srtp_crypto_policy_set_rtcp_default',
  AES_256_CM_HMAC_SHA1_80: 'srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80',
  AES_256_CM_HMAC_SHA1_32: 'srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80',
  AEAD_AES_128_GCM: 'srtp_crypto_policy_set_aes_gcm_128_16_auth',
  AEAD_AES_256_GCM: 'srtp_crypto_policy_set_aes_gcm_256_16_auth',
}

// srtp_policy_t of srtp.h 2.5 on 64-bit machines: ssrc {type, value}, rtp and rtcp of six ints each, then pointers.
const at = { ssrcType: 0, rtp: 8, rtcp: 32, key: 56, keys: 64, keyCount: 72, window: 88, allowRepeat: 96, next: 120 }
const POLICY_BYTES = 128
const CRYPTO_POLICY_BYTES = 24
const MAX_TRAILER = 144 + 128

/** The library, or undefined where it is not installed. */
export function loadLibsrtp(): { version: string; session(o: LibsrtpOptions): LibsrtpSession } | undefined {
  let library: LibraryHandle
  try {
    library = koffi.load(process.platform === 'darwin' ? 'libsrtp2.dylib' : 'libsrtp2.so.1')
  } catch {
    return undefined
  }
  const init: () => number = library.func('int srtp_init()')
  const version: () => string = library.func('const char *srtp_get_version_string()')
  const create: (session: BigInt64Array, policy: Buffer) => number = library.func('int srtp_create(void *s, void *p)')
  const call = (name: string, protects: boolean): Call =>
    library.func(
      `int ${name}(uint64_t s, void *packet, void *length, unsigned int useMki${protects ? ', unsigned int mkiIndex' : ''})`,
    )
  const calls = {
    protect: call('srtp_protect_mki', true),
    unprotect: call('srtp_unprotect_mki', false),
    protectRtcp: call('srtp_protect_rtcp_mki', true),
    unprotectRtcp: call('srtp_unprotect_rtcp_mki', false),
  }
  if (init() !== Status.ok) throw new Error('srtp_init failed')

  function cryptoPolicy(setter: string): Buffer {
    const policy = Buffer.alloc(CRYPTO_POLICY_BYTES)
    const set: (policy: Buffer) => void = library.func(`void ${setter}(void *p)`)
    set(policy)
    return policy
  }

  function session(o: LibsrtpOptions): LibsrtpSession {
    const policy = Buffer.alloc(POLICY_BYTES)
    policy.writeUInt32LE(o.direction === 'inbound' ? 2 : 3, at.ssrcType)
    cryptoPolicy(policySetters[o.suite]).copy(policy, at.rtp)
    cryptoPolicy(rtcpPolicySetters[o.suite]).copy(policy, at.rtcp)
    policy.writeBigUInt64LE(128n, at.window)
    // srtp_create copies all of this.
    const masterKey = Buffer.alloc(24)
    const keys = Buffer.alloc(8)
    if (o.mki) {
      masterKey.writeBigUInt64LE(koffi.address(o.key), 0)
      masterKey.writeBigUInt64LE(koffi.address(o.mki), 8)
      masterKey.writeUInt32LE(o.mki.length, 16)
      keys.writeBigUInt64LE(koffi.address(masterKey), 0)
      policy.writeBigUInt64LE(koffi.address(keys), at.keys)
      policy.writeBigUInt64LE(1n, at.keyCount)
    } else {
      policy.writeBigUInt64LE(koffi.address(o.key), at.key)
    }
    const handle = new BigInt64Array(1)
    const status = create(handle, policy)
    if (status !== Status.ok) throw new Error(`srtp_create: status ${status}`)
    const pointer = handle[0]!
    const mki = o.mki ? 1 : 0
    const length = new Int32Array(1)

    const copying = (f: Call) => (packet: Buffer) => {
      const field = Buffer.alloc(packet.length + MAX_TRAILER)
      packet.copy(field)
      length[0] = packet.length
      const result = f(pointer, field, length, mki, 0)
      return result === Status.ok ? field.subarray(0, length[0]) : result
    }
    const inPlace = (f: Call) => (field: Buffer, octets: number) => {
      length[0] = octets
      const result = f(pointer, field, length, mki, 0)
      if (result !== Status.ok) throw new Error(`status ${result}`)
      return length[0]
    }
    return {
      protect: copying(calls.protect),
      unprotect: copying((s, p, l, m) => calls.unprotect(s, p, l, m)),
      protectRtcp: copying(calls.protectRtcp),
      unprotectRtcp: copying((s, p, l, m) => calls.unprotectRtcp(s, p, l, m)),
      protectInPlace: inPlace(calls.protect),
      unprotectInPlace: inPlace((s, p, l, m) => calls.unprotect(s, p, l, m)),
    }
  }
  return { version: version(), session }
}
