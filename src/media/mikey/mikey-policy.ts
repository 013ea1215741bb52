/** The policy of SRTP in MIKEY (RFC 3830 §6.10.1), and the suites of a=crypto that mean the same. */
import type { SuiteName } from '../../sdp/crypto-attribute.js'
import { MikeyError } from './mikey-error.js'

/** Types of parameters. */
const Type = {
  encryption: 0,
  keyLength: 1,
  authentication: 2,
  authenticationKeyLength: 3,
  saltLength: 4,
  prf: 5,
  derivationRate: 6,
  encryptsRtp: 7,
  encryptsRtcp: 8,
  fecOrder: 9,
  authenticates: 10,
  tagLength: 11,
  prefixLength: 12,
} as const

/** AES-CM with HMAC-SHA-1 and a tag of 80 bits: all else that a policy may say, and stands for when it says nothing (RFC 3711 §8.2). */
const USUAL: ReadonlyMap<number, number> = new Map([
  [Type.encryption, 1],
  [Type.keyLength, 16],
  [Type.authentication, 1],
  [Type.authenticationKeyLength, 20],
  [Type.saltLength, 14],
  [Type.prf, 0],
  [Type.derivationRate, 0],
  [Type.encryptsRtp, 1],
  [Type.encryptsRtcp, 1],
  [Type.fecOrder, 0],
  [Type.authenticates, 1],
  [Type.tagLength, 10],
  [Type.prefixLength, 0],
])

/** The parameters of AES_CM_128_HMAC_SHA1_80, those that are told as a rule. */
export function usualPolicy(): Map<number, Buffer> {
  const left: readonly number[] = [Type.prf, Type.derivationRate, Type.fecOrder, Type.prefixLength]
  return new Map([...USUAL].flatMap(([type, value]) => (left.includes(type) ? [] : [[type, Buffer.from([value])]])))
}

/** @throws MikeyError where they are those of no suite that MIKEY and this stack both have */
export function suiteOfPolicy(parameters: ReadonlyMap<number, Buffer>): SuiteName {
  let keyLength = 16
  for (const [type, bytes] of parameters) {
    // No number of more octets is one that is spoken here.
    const value = bytes.length >= 1 && bytes.length <= 6 ? bytes.readUIntBE(0, bytes.length) : -1
    if (type === Type.keyLength && value === 32) keyLength = 32
    else if (USUAL.get(type) !== value)
      throw new MikeyError('unsupported', `SRTP policy parameter ${type} of value ${value}`, 'RFC 3830 §6.10.1')
  }
  return keyLength === 32 ? 'AES_256_CM_HMAC_SHA1_80' : 'AES_CM_128_HMAC_SHA1_80'
}
