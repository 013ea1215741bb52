/** From what security descriptions say (RFC 4568) to SRTP contexts. */
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import { SrtpContext, isSuiteName, suiteOf, type MasterKey, type SrtpOptions } from './srtp.js'

/** The context of one direction. Throws RangeError for a suite that is not spoken here. */
export function srtpContextOf(attribute: CryptoAttribute): SrtpContext {
  return new SrtpContext(srtpOptionsOf(attribute))
}

/** What a context is made from. Throws RangeError for a suite that is not spoken here. */
export function srtpOptionsOf(attribute: CryptoAttribute): SrtpOptions {
  const { suite, parameters: p } = attribute
  if (!isSuiteName(suite)) throw new RangeError(`no such suite: ${suite}`)
  return {
    suite,
    keys: masterKeysOf(attribute),
    ...(p.kdr === undefined ? {} : { keyDerivationRate: 2 ** p.kdr }),
    ...(p.wsh === undefined ? {} : { window: Math.max(127, Math.min(p.wsh, 1023)) }),
    ...(p.unencryptedSrtp ? { unencryptedSrtp: true } : {}),
    ...(p.unencryptedSrtcp ? { unencryptedSrtcp: true } : {}),
    ...(p.unauthenticatedSrtp ? { unauthenticatedSrtp: true } : {}),
  }
}

export function masterKeysOf(attribute: CryptoAttribute): MasterKey[] {
  if (!isSuiteName(attribute.suite)) throw new RangeError(`no such suite: ${attribute.suite}`)
  const { keyBytes } = suiteOf(attribute.suite)
  return attribute.keys.map(({ keySalt, mki, lifetime }) => ({
    key: keySalt.subarray(0, keyBytes),
    salt: keySalt.subarray(keyBytes),
    // RFC 4568 §6.1: an integer, big-endian.
    ...(mki === undefined ? {} : { mki: Buffer.from(mki.value.toString(16).padStart(2 * mki.length, '0'), 'hex') }),
    ...(lifetime === undefined ? {} : { lifetime: Number(lifetime) }),
  }))
}

/** Whether two attributes mean the same keys, so that a context can go on. */
export function sameKeys(a: CryptoAttribute | undefined, b: CryptoAttribute): boolean {
  if (a === undefined || a.suite !== b.suite || a.keys.length !== b.keys.length) return false
  return a.keys.every((key, at) => key.keySalt.equals(b.keys[at]?.keySalt ?? Buffer.alloc(0)))
}
