import { describe, expect, it } from 'vitest'
import { HmacSha1 } from '../../../src/media/hmac-sha1.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { isSuiteName, SrtpContext, SrtpError, suiteOf, type SrtpOptions } from '../../../src/media/srtp.js'

const key = (mki?: number) => ({
  key: Buffer.alloc(16, 'k'),
  salt: Buffer.alloc(14, 's'),
  ...(mki === undefined ? {} : { mki: Buffer.alloc(mki, 1) }),
})
const context = (o: Partial<SrtpOptions> = {}) =>
  new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', keys: [key()], ...o })
const rtp = (sequenceNumber: number, bytes = 20) =>
  serializeRtp({
    marker: false,
    payloadType: 8,
    sequenceNumber,
    timestamp: 0,
    ssrc: 7,
    payload: Buffer.alloc(bytes, 1),
  })
const rtcp = (octets = 8) => Buffer.concat([Buffer.from('80c9000100000007', 'hex'), Buffer.alloc(octets - 8, 2)])
const outcome = (act: () => Buffer | SrtpError) => {
  let result: unknown
  try {
    result = act()
  } catch (error) {
    result = error
  }
  if (!(result instanceof SrtpError)) return 'accepted'
  expect(result.name).toBe('SrtpError')
  expect(result.rule).toMatch(/^RFC 3711 §\d+(\.\d+)+$/)
  expect(result.message).toMatch(/^\w.*\w \(RFC 3711 §[\d.]+\)$/)
  expect(result.message).toContain(`(${result.rule})`)
  return result.code
}

describe('SRTP at its edges (RFC 3711)', () => {
  it.each<[string, () => Buffer | SrtpError, string]>([
    ['RTP without payload', () => context().unprotect(context().protect(rtp(1, 0))), 'accepted'],
    ['eleven octets of RTP', () => context().protect(rtp(1).subarray(0, 11)), 'not-rtp'],
    ['a version that is none', () => context().unprotect(Buffer.alloc(60)), 'not-rtp'],
    ['one octet too few', () => context().unprotect(context().protect(rtp(1, 0)).subarray(1)), 'too-short'],
    ['RTCP of eight octets', () => context().unprotectRtcp(context().protectRtcp(rtcp())), 'accepted'],
    ['RTCP of nine octets', () => context().unprotectRtcp(context().protectRtcp(rtcp(9))), 'accepted'],
    ['RTCP of seven octets', () => context().protectRtcp(rtcp().subarray(0, 7)), 'not-rtcp'],
    ['RTCP of version 1', () => context().protectRtcp(Buffer.alloc(8, 0x40)), 'not-rtcp'],
    [
      'a changed tag',
      () => context({ suite: 'AES_CM_128_HMAC_SHA1_32' }).unprotect(Buffer.alloc(40, 0x80)),
      'authentication',
    ],
    [
      'another MKI',
      () =>
        context({ keys: [key(2)] }).unprotect(context({ keys: [{ ...key(2), mki: Buffer.alloc(2) }] }).protect(rtp(1))),
      'unknown-mki',
    ],
  ])('%s: %#', (_, act, code) => {
    expect(outcome(act)).toBe(code)
  })

  it('what is sent twice, or before the start, is refused (§9.1)', () => {
    const sender = context()
    sender.protect(rtp(0))
    expect(outcome(() => sender.protect(rtp(0)))).toBe('replayed')
    expect(outcome(() => sender.protect(rtp(65_535)))).toBe('too-old')
    const receiver = context()
    const packet = context().protect(rtp(0))
    receiver.unprotect(packet)
    expect(outcome(() => receiver.unprotect(packet))).toBe('replayed')
  })

  it('a roll-over that was not heard is found for a first packet just behind it only (§3.3.1)', () => {
    const late = (sequence: number) => {
      const sender = context()
      sender.setRolloverCounter(7, 1)
      return sender.protect(rtp(sequence))
    }
    expect(outcome(() => context().unprotect(late(0x7fff)))).toBe('accepted')
    expect(outcome(() => context().unprotect(late(0x8000)))).toBe('authentication')
    const receiver = context()
    receiver.unprotect(context().protect(rtp(0)))
    expect(outcome(() => receiver.unprotect(late(1)))).toBe('authentication')
  })

  it('the indices of a key end (§9.2)', () => {
    const sender = context()
    sender.setRolloverCounter(7, 2 ** 32)
    const packet = context().protect(rtp(0))
    expect(outcome(() => sender.protect(rtp(0)))).toBe('key-exhausted')
    expect(outcome(() => sender.unprotect(packet))).toBe('key-exhausted')
  })

  it('a key serves fewer packets than its lifetime, SRTP and SRTCP apart (RFC 4568 §6.1)', () => {
    const short = () => context({ keys: [{ ...key(), lifetime: 3 }] })
    const [sender, endless] = [short(), context()]
    const receiver = short()
    for (const sequence of [0, 1]) {
      expect(outcome(() => sender.protect(rtp(sequence)))).toBe('accepted')
      expect(outcome(() => sender.protectRtcp(rtcp(20)))).toBe('accepted')
    }
    expect(outcome(() => sender.protect(rtp(2)))).toBe('key-exhausted')
    expect(outcome(() => sender.protectRtcp(rtcp(20)))).toBe('key-exhausted')
    for (const sequence of [0, 1, 2]) {
      expect(outcome(() => receiver.unprotect(endless.protect(rtp(sequence))))).toBe('accepted')
      expect(outcome(() => receiver.unprotectRtcp(endless.protectRtcp(rtcp(20))))).toBe('accepted')
    }
    expect(outcome(() => receiver.unprotect(endless.protect(rtp(3))))).toBe('key-exhausted')
    expect(outcome(() => receiver.unprotectRtcp(endless.protectRtcp(rtcp(20))))).toBe('key-exhausted')
  })

  it('SRTCP keys are derived anew at the rate, too (§4.3.1)', () => {
    const [often, once] = [context({ keyDerivationRate: 2 }), context()]
    const same = [0, 1, 2, 3].map(() => often.protectRtcp(rtcp(20)).equals(once.protectRtcp(rtcp(20))))
    expect(same).toEqual([true, true, false, false])
  })

  it('sizes that are just right, and just not', () => {
    for (const keyDerivationRate of [1, 2 ** 24]) expect(() => context({ keyDerivationRate })).not.toThrow()
    expect(() => context({ keyDerivationRate: 0.5 })).toThrow('power of two')
    expect(() => context({ keys: [key(128)] })).not.toThrow()
    expect(() => context({ keys: [key(129)] })).toThrow('excessive length')
    expect(() => context({ keys: [{ ...key(), salt: Buffer.alloc(13) }] })).toThrow('not 16 and 13')
    for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32', 'AES_CM_128_HMAC_SHA1_32'])
      expect(isSuiteName(suite) && suiteOf(suite).name).toBe(suite)
  })

  it('a short tag is written and no octet more (§4.2.1)', () => {
    const into = Buffer.alloc(8, 0xee)
    new HmacSha1(Buffer.alloc(20, 1)).write(Buffer.alloc(64), 64, 1, into, 0, 4)
    expect(into.subarray(4)).toEqual(Buffer.alloc(4, 0xee))
  })
})
