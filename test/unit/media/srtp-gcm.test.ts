import { describe, expect, it } from 'vitest'
import { compound } from '../../../src/media/rtcp.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { GcmKeys, openRtcp, openRtp, sealRtcp, sealRtp } from '../../../src/media/srtp-gcm.js'
import { SrtpContext, SrtpError, type SrtpOptions, suiteOf } from '../../../src/media/srtp.js'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const code = (result: Buffer | SrtpError) => (result instanceof SrtpError ? result.code : 'accepted')

// RFC 7714 §16, §17: what is encrypted, the keys, and the salt "Quid pro quo".
const salt = hex('51756964 2070726f 2071756f')
const key128 = hex('000102030405060708090a0b0c0d0e0f')
const key256 = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
  61727465 73207472 6573`)
const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
  deadbeef deadbeef deadbeef`)
const INDEX = 0x5d4
const ENCRYPTED = 0x80000000

describe('AES-GCM with the vectors of RFC 7714', () => {
  it.each([
    [
      '§16.1 AEAD_AES_128_GCM',
      key128,
      `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf
       8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
    ],
    [
      '§16.2 AEAD_AES_256_GCM',
      key256,
      `8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799
       b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
    ],
  ])('%s: SRTP', (_, key, text) => {
    const keys = new GcmKeys(key, salt)
    const sealed = sealRtp(keys, 0xf17b, rtp, 12)
    expect(sealed).toEqual(hex(text))
    expect(openRtp(keys, 0xf17b, sealed, 12, sealed.length - 16)).toEqual(rtp)
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed)
      forged[at] = forged[at]! ^ 1
      expect(openRtp(keys, 0xf17b, forged, 12, sealed.length - 16)).toBeUndefined()
    }
  })

  it.each([
    [
      '§17.1 AEAD_AES_128_GCM, encrypted',
      key128,
      INDEX + ENCRYPTED,
      `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded
       0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
    ],
    [
      '§17.2 AEAD_AES_256_GCM, encrypted',
      key256,
      INDEX + ENCRYPTED,
      `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658 c61de047
       6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
    ],
    [
      '§17.3 AEAD_AES_128_GCM, authenticated only',
      key128,
      INDEX,
      `81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef
       deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4`,
    ],
    [
      '§17.4 AEAD_AES_256_GCM, authenticated only',
      key256,
      INDEX,
      `81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef
       deadbeef 91db4afb feee5a97 8fab4393 ed2615fe 000005d4`,
    ],
  ])('%s: SRTCP', (_, key, field, text) => {
    const keys = new GcmKeys(key, salt)
    const sealed = sealRtcp(keys, field, rtcp)
    expect(sealed).toEqual(hex(text))
    expect(openRtcp(keys, sealed, sealed.length - 4)).toEqual(rtcp)
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed)
      forged[at] = forged[at]! ^ 1
      expect(openRtcp(keys, forged, sealed.length - 4)).toBeUndefined()
    }
  })
})

describe.each(['AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const)('a context of %s', (suite) => {
  const { keyBytes } = suiteOf(suite)
  const keys = (mki?: string, fill = 7) => ({
    key: Buffer.alloc(keyBytes, fill),
    salt: Buffer.alloc(12, 9),
    ...(mki === undefined ? {} : { mki: hex(mki) }),
  })
  const context = (o: Partial<SrtpOptions> = {}) => new SrtpContext({ suite, keys: [keys()], ...o })
  const packet = (sequence: number, bytes = 160) =>
    serializeRtp({
      marker: false,
      payloadType: 8,
      sequenceNumber: sequence & 0xffff,
      timestamp: (160 * sequence) >>> 0,
      ssrc: 0xdecafbad,
      payload: Buffer.alloc(bytes, sequence),
    })
  const report = compound({ type: 'RR', ssrc: 0xdecafbad, reports: [] }, 'alice@example.com')

  it('carries packets of any size, 16 octets longer each; also none at all of payload', () => {
    const [out, into] = [context(), context()]
    for (const [sequence, bytes] of [0, 1, 15, 16, 17, 160, 1200].entries()) {
      const sealed = out.protect(packet(sequence, bytes))
      expect(sealed.length).toBe(12 + bytes + 16)
      expect(into.unprotect(sealed)).toEqual(packet(sequence, bytes))
    }
  })

  it('refuses replays, forged packets, other keys and packets without room for a tag', () => {
    const [out, into] = [context(), context()]
    const sealed = out.protect(packet(1))
    const forged = Buffer.from(sealed)
    forged[20] = forged[20]! ^ 1
    expect(code(into.unprotect(forged))).toBe('authentication')
    expect(code(context({ keys: [keys(undefined, 8)] }).unprotect(sealed))).toBe('authentication')
    expect(code(into.unprotect(sealed))).toBe('accepted')
    expect(code(into.unprotect(sealed))).toBe('replayed')
    expect(code(into.unprotect(sealed.subarray(0, 27)))).toBe('too-short')
    const control = out.protectRtcp(report)
    expect(code(into.unprotectRtcp(control))).toBe('accepted')
    expect(code(into.unprotectRtcp(control))).toBe('replayed')
    expect(code(into.unprotectRtcp(control.subarray(0, 27)))).toBe('too-short')
  })

  it('keeps count through a wrap, and finds one that it has not heard', () => {
    const [out, into, late] = [context(), context(), context()]
    for (const sequence of [65_534, 65_535, 65_536, 65_537])
      expect(into.unprotect(out.protect(packet(sequence)))).toEqual(packet(sequence))

    expect(into.rolloverCounter(0xdecafbad)).toBe(1)
    expect(late.unprotect(out.protect(packet(65_538)))).toEqual(packet(65_538))
  })

  it('puts the MKI behind the tag, and behind the index of SRTCP', () => {
    const out = context({ keys: [keys('0a0b')] })
    const into = context({ keys: [keys('0102', 1), keys('0a0b')] })
    const sealed = out.protect(packet(5))
    expect(sealed.subarray(-2)).toEqual(hex('0a0b'))
    expect(sealed.subarray(0, -2)).toEqual(context().protect(packet(5)))
    expect(into.unprotect(sealed)).toEqual(packet(5))
    const control = out.protectRtcp(report)
    expect(control.subarray(-6)).toEqual(hex('80000000 0a0b'))
    expect(into.unprotectRtcp(control)).toEqual(report)
    expect(code(into.unprotect(context({ keys: [keys('0c0d')] }).protect(packet(6))))).toBe('unknown-mki')
  })

  it('SRTCP goes unencrypted where that was agreed on, and is authenticated all the same', () => {
    const out = context({ unencryptedSrtcp: true })
    const sealed = out.protectRtcp(report)
    expect(sealed.subarray(0, report.length)).toEqual(report)
    expect(context().unprotectRtcp(sealed)).toEqual(report)
    sealed[12] = sealed[12]! ^ 1
    expect(code(context().unprotectRtcp(sealed))).toBe('authentication')
  })

  it('takes no wish for less (RFC 7714 §8.2)', () => {
    expect(() => context({ unencryptedSrtp: true })).toThrow('RFC 7714 §8.2')
    expect(() => context({ unauthenticatedSrtp: true })).toThrow('RFC 7714 §8.2')
  })
})
