import { createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift-rtp'
import { HmacSha1 } from '../../../src/media/hmac-sha1.js'
import { compound, isClearRtcp } from '../../../src/media/rtcp.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { deriveKey, KeyLabel, KeyStream } from '../../../src/media/srtp-keys.js'
import { isSuiteName, SrtpContext, SrtpError } from '../../../src/media/srtp.js'
import type { MasterKey, SrtpOptions } from '../../../src/media/srtp.js'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const keys = (mki?: string): MasterKey => ({
  key: hex('E1F97A0D3E018BE0D64FA32C06DE4139'),
  salt: hex('0EC675AD498AFEEBB6960B3AABE6'),
  ...(mki ? { mki: hex(mki) } : {}),
})
const context = (o: Partial<SrtpOptions> = {}) =>
  new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', keys: [keys()], ...o })
const SSRC = 0xdecafbad
const rtp = (sequence: number, ssrc = SSRC, bytes = 160) =>
  serializeRtp({
    marker: false,
    payloadType: 0,
    sequenceNumber: sequence & 0xffff,
    timestamp: (sequence * 160) >>> 0,
    ssrc,
    payload: Buffer.alloc(bytes, sequence),
  })
const rtcp = (text = 'alice@192.0.2.1') => compound({ type: 'RR', ssrc: SSRC, reports: [] }, text)
const code = (result: Buffer | SrtpError) => (result instanceof SrtpError ? result.code : 'accepted')
const refusal = (f: () => unknown) => {
  try {
    f()
    return 'accepted'
  } catch (error) {
    return error instanceof SrtpError ? error.code : String(error)
  }
}

describe('RTCP in clear is told from SRTCP (RFC 3711 §3.4)', () => {
  const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const
  it.each(suites)('with %s, encrypted or authenticated only, with MKI and without', (suite) => {
    for (const unencryptedSrtcp of [true, false]) {
      for (const mki of [undefined, '01', '00000001']) {
        const out = context({ suite, unencryptedSrtcp, keys: [keys(mki)] })
        for (const text of ['a', 'ab', 'abc', 'abcd', 'alice@192.0.2.1']) {
          expect(isClearRtcp(rtcp(text))).toBe(true)
          for (let n = 0; n < 50; n++) expect(isClearRtcp(out.protectRtcp(rtcp(text)))).toBe(false)
        }
      }
    }
  })
  it('what is no RTCP is none', () => {
    expect(isClearRtcp(Buffer.alloc(0))).toBe(false)
    expect(isClearRtcp(rtp(1))).toBe(false)
    expect(isClearRtcp(rtcp().subarray(0, 12))).toBe(false)
  })
})

describe('HMAC-SHA1 with saved pads', () => {
  it('is that of OpenSSL for every length, with and without trailer', () => {
    const key = randomBytes(20)
    const hmac = new HmacSha1(key)
    for (let length = 0; length < 300; length++) {
      const bytes = randomBytes(length + 20)
      const message = bytes.subarray(0, length)
      for (const trailer of [undefined, 0xfedcba98]) {
        const last = Buffer.alloc(trailer === undefined ? 0 : 4)
        if (trailer !== undefined) last.writeUInt32BE(trailer)
        const expected = createHmac('sha1', key).update(message).update(last).digest()
        const tag = Buffer.alloc(20)
        hmac.write(bytes, length, trailer, tag, 0, 20)
        expect(tag.equals(expected)).toBe(true)
        expected.copy(bytes, length)
        expect(hmac.matches(bytes, length, trailer, length, 20)).toBe(true)
        bytes[length + 19] = bytes[length + 19]! ^ 1
        expect(hmac.matches(bytes, length, trailer, length, 20)).toBe(false)
      }
    }
  })

  it('takes keys up to a block', () => {
    const key = randomBytes(64)
    const tag = Buffer.alloc(20)
    new HmacSha1(key).write(Buffer.from('x'), 1, undefined, tag, 0, 20)
    expect(tag).toEqual(createHmac('sha1', key).update('x').digest())
    expect(() => new HmacSha1(randomBytes(65))).toThrow('64 at most')
  })
})

describe('test vectors', () => {
  const keyStream = (key: string) => {
    const stream = new KeyStream(hex(key), hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD')).generate(0, 0, 1, 65_282)
    expect(stream).toHaveLength(1_044_512)
    return [0, 1, 2, 0xfeff, 0xff00, 0xff01].map((block) => stream.toString('hex', 16 * block, 16 * block + 16))
  }

  it('RFC 3711 B.2: AES-CM key stream', () => {
    expect(keyStream('2B7E151628AED2A6ABF7158809CF4F3C')).toEqual([
      'e03ead0935c95e80e166b16dd92b4eb4',
      'd23513162b02d0f72a43a2fe4a5f97ab',
      '41e95b3bb0a2e8dd477901e4fca894c0',
      'ec8cdf7398607cb0f2d21675ea9ea1e4',
      '362b7c3c6773516318a077d7fc5073ae',
      '6a2cc3787889374fbeb4c81b17ba6c44',
    ])
  })

  it('RFC 3711 B.3: key derivation', () => {
    const derived = (label: number, octets: number) => deriveKey(keys(), label, 0, octets).toString('hex')
    expect(derived(KeyLabel.rtpEncryption, 16)).toBe('c61e7a93744f39ee10734afe3ff7a087')
    expect(derived(KeyLabel.rtpSalt, 14)).toBe('30cbbc08863d8c85d49db34a9ae1')
    expect(derived(KeyLabel.rtpAuthentication, 94)).toBe(
      'cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef7227098' +
        '6371c10c9a369ac2f94a8c5fbcdddc256d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2',
    )
  })

  it('RFC 6188 §7.1: AES-256-CM key stream', () => {
    expect(keyStream('57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98')).toEqual([
      '92bdd28a93c3f52511c677d08b5515a4',
      '9da71b2378a854f67050756ded165bac',
      '63c4868b7096d88421b563b8c94c9a31',
      'cea518c90fd91ced9cbb18c078a54711',
      '3dbc4814f4da5f00a08772b63c6a046d',
      '6eb246913062a16891433e97dd01a57f',
    ])
  })

  it('RFC 6188 §7.2: AES-256 key derivation', () => {
    const master = {
      key: hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6'),
      salt: hex('3b04803de51ee7c96423ab5b78d2'),
    }
    const derived = (label: number, octets: number) => deriveKey(master, label, 0, octets).toString('hex')
    expect(derived(KeyLabel.rtpEncryption, 32)).toBe('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4')
    expect(derived(KeyLabel.rtpSalt, 14)).toBe('fa31791685ca444a9e07c6c64e93')
    expect(derived(KeyLabel.rtpAuthentication, 20)).toBe('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05')
  })

  it('a whole packet under the keys of B.3, as libsrtp2 makes it', () => {
    const packet = hex('800f1234decafbadcafebabe abababababababababababababababab')
    const expected = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb')
    expect(context().protect(packet)).toEqual(expected)
    expect(context().unprotect(expected)).toEqual(packet)
  })
})

describe('SRTP with werift as the peer', () => {
  const profile = 1
  const theirKeys = {
    localMasterKey: Buffer.from(keys().key),
    localMasterSalt: Buffer.from(keys().salt),
    remoteMasterKey: Buffer.from(keys().key),
    remoteMasterSalt: Buffer.from(keys().salt),
  }

  it('is understood both ways', () => {
    const theirs = new SrtpSession({ keys: theirKeys, profile })
    const out = context()
    const into = context()
    for (let i = 0; i < 120; i++) {
      const packet = rtp(i, SSRC, 1 + ((i * 13) % 200))
      expect(theirs.decrypt(out.protect(packet))).toEqual(packet)
      const made = theirs.encrypt(packet.subarray(12), RtpHeader.deSerialize(packet))
      expect(into.unprotect(made)).toEqual(packet)
    }
  })

  it('is understood both ways in SRTCP', () => {
    const theirs = new SrtcpSession({ keys: theirKeys, profile })
    const out = context()
    const into = context()
    for (let i = 0; i < 20; i++) {
      const packet = rtcp('x'.repeat(i))
      expect(theirs.decrypt(out.protectRtcp(packet))).toEqual(packet)
      expect(into.unprotectRtcp(theirs.encrypt(packet))).toEqual(packet)
    }
  })
})

describe('packet index (RFC 3711 §3.3.1)', () => {
  it('survives loss, duplication and reordering over several wraps', () => {
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 30_000 }), swap: fc.boolean() }), {
      minLength: 5,
      maxLength: 60,
    })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 65_535 }), (plan, first) => {
        const sender = context()
        const receiver = context()
        let sequence = first
        const sent = [rtp(sequence)]
        for (const { gap, swap } of plan) {
          sequence += gap
          if (swap) sent.push(rtp(sequence + 1), rtp(sequence++))
          else sent.push(rtp(sequence))
        }
        for (const packet of sent) {
          const secured = sender.protect(packet)
          expect(receiver.unprotect(secured)).toEqual(packet)
          expect(code(receiver.unprotect(secured))).toBe('replayed')
        }
        expect(receiver.rolloverCounter(SSRC)).toBe(sender.rolloverCounter(SSRC))
      }),
      { numRuns: 100 },
    )
  })

  it('finds the counter when everything before the first wrap was lost', () => {
    const sender = context()
    for (let i = 65_530; i < 65_540; i++) sender.protect(rtp(i))
    const receiver = context()
    expect(receiver.unprotect(sender.protect(rtp(65_540)))).toEqual(rtp(65_540))
    expect(receiver.rolloverCounter(SSRC)).toBe(1)
  })

  it('does not go back behind the start', () => {
    const receiver = context()
    expect(code(receiver.unprotect(context().protect(rtp(3))))).toBe('accepted')
    expect(code(receiver.unprotect(context().protect(rtp(65_530))))).toBe('too-old')
  })

  it('can be told the counter of a session joined late', () => {
    const sender = context()
    sender.setRolloverCounter(SSRC, 70_000)
    const receiver = context()
    const packet = sender.protect(rtp(5))
    expect(code(context().unprotect(packet))).toBe('authentication')
    receiver.setRolloverCounter(SSRC, 70_000)
    expect(receiver.unprotect(packet)).toEqual(rtp(5))
  })

  it('belongs to each source by itself', () => {
    const sender = context()
    const receiver = context()
    for (let i = 0; i < 200; i++) {
      for (const [ssrc, start] of [
        [1, 0],
        [2, 65_500],
      ] as const)
        expect(receiver.unprotect(sender.protect(rtp(start + i, ssrc)))).toEqual(rtp(start + i, ssrc))
    }
    expect([receiver.rolloverCounter(1), receiver.rolloverCounter(2)]).toEqual([0, 1])
  })
})

describe('replay protection (RFC 3711 §3.3.2)', () => {
  it('accepts each packet of the window once, in any order, and nothing older', () => {
    const sender = context()
    const packets = Array.from({ length: 300 }, (_, i) => sender.protect(rtp(65_400 + i)))
    const receiver = context()
    expect(code(receiver.unprotect(packets[299]!))).toBe('accepted')
    // The default window has 127 packets behind the newest.
    expect(code(receiver.unprotect(packets[299 - 128]!))).toBe('too-old')
    for (const i of [299 - 127, 250, 290, 298]) {
      expect(code(receiver.unprotect(packets[i]!))).toBe('accepted')
      expect(code(receiver.unprotect(packets[i]!))).toBe('replayed')
    }
  })

  it('wants a window of 64', () => {
    expect(() => context({ window: 63 })).toThrow('64 at least')
    const receiver = context({ window: 64 })
    const sender = context()
    const old = sender.protect(rtp(0))
    receiver.unprotect(sender.protect(rtp(64)))
    expect(code(receiver.unprotect(old))).toBe('accepted')
  })

  it('does not let a forgery move it, or anything else', () => {
    const sender = context()
    const receiver = context()
    receiver.unprotect(sender.protect(rtp(10)))
    const forged = context({ keys: [{ key: randomBytes(16), salt: randomBytes(14) }] })
    for (let i = 0; i < 50; i++) expect(code(receiver.unprotect(forged.protect(rtp(i * 1300))))).not.toBe('accepted')
    expect(code(receiver.unprotect(forged.protect(rtp(1, 77))))).toBe('authentication')
    expect(receiver.rolloverCounter(77)).toBeUndefined()
    expect(receiver.rolloverCounter(SSRC)).toBe(0)
    expect(receiver.unprotect(sender.protect(rtp(11)))).toEqual(rtp(11))
  })

  it('never uses key stream twice when sending (§9.1)', () => {
    const sender = context()
    sender.protect(rtp(500))
    expect(refusal(() => sender.protect(rtp(500)))).toBe('replayed')
    expect(refusal(() => sender.protect(rtp(200)))).toBe('too-old')
    expect(refusal(() => sender.protect(rtp(499)))).toBe('accepted')
  })
})

describe('authentication', () => {
  it.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const)('covers every octet of %s', (suite) => {
    const secured = context({ suite }).protect(rtp(1, SSRC, 20))
    expect(secured).toHaveLength(32 + (suite.endsWith('80') ? 10 : 4))
    const receiver = context({ suite })
    for (let bit = 0; bit < 8 * secured.length; bit++) {
      const forged = Buffer.from(secured)
      forged[bit >> 3] = forged[bit >> 3]! ^ (1 << (bit & 7))
      expect(code(receiver.unprotect(forged))).not.toBe('accepted')
    }
    expect(code(receiver.unprotect(secured))).toBe('accepted')
  })

  it('leaves the input as it was', () => {
    const packet = rtp(1)
    const secured = context().protect(packet)
    expect(packet).toEqual(rtp(1))
    const copy = Buffer.from(secured)
    context().unprotect(secured)
    expect(secured).toEqual(copy)
  })

  it('refuses what is too short or no RTP, and never throws on what comes', () => {
    const receiver = context()
    expect(code(receiver.unprotect(Buffer.alloc(21)))).toBe('too-short')
    expect(code(receiver.unprotect(Buffer.alloc(60)))).toBe('not-rtp')
    expect(code(receiver.unprotectRtcp(Buffer.alloc(21)))).toBe('too-short')
    expect(code(receiver.unprotectRtcp(Buffer.alloc(60)))).toBe('not-rtcp')
    expect(refusal(() => receiver.protect(Buffer.alloc(5)))).toBe('not-rtp')
    expect(refusal(() => receiver.protectRtcp(Buffer.alloc(5)))).toBe('not-rtcp')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        octets[0] = 0x80 | ((octets[0] ?? 0) & 0x3f)
        expect(code(receiver.unprotect(Buffer.from(octets)))).not.toBe('accepted')
        expect(code(receiver.unprotectRtcp(Buffer.from(octets)))).not.toBe('accepted')
      }),
    )
  })
})

describe('SRTCP (RFC 3711 §3.4)', () => {
  it('counts its index from zero, with the E flag, and a tag of 80 bits in either suite', () => {
    for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const) {
      const sender = context({ suite })
      const packet = rtcp()
      for (const index of [0, 1, 2]) {
        const secured = sender.protectRtcp(packet)
        expect(secured).toHaveLength(packet.length + 14)
        expect(secured.readUInt32BE(packet.length)).toBe(0x80000000 + index)
        expect(secured.subarray(0, 8)).toEqual(packet.subarray(0, 8))
        expect(secured.subarray(8, packet.length)).not.toEqual(packet.subarray(8))
      }
    }
  })

  it('can go unencrypted, but not unauthenticated', () => {
    const o = { unencryptedSrtcp: true, unauthenticatedSrtp: true }
    const packet = rtcp()
    const secured = context(o).protectRtcp(packet)
    expect(secured.subarray(0, packet.length)).toEqual(packet)
    expect(secured.readUInt32BE(packet.length)).toBe(0)
    expect(context(o).unprotectRtcp(secured)).toEqual(packet)
    const forged = Buffer.from(secured)
    forged[packet.length] = 0x80
    expect(code(context(o).unprotectRtcp(forged))).toBe('authentication')
  })

  it('refuses replays by a list of its own', () => {
    const sender = context()
    const receiver = context()
    const first = sender.protectRtcp(rtcp())
    const others = Array.from({ length: 200 }, () => sender.protectRtcp(rtcp()))
    expect(code(receiver.unprotectRtcp(first))).toBe('accepted')
    expect(code(receiver.unprotectRtcp(first))).toBe('replayed')
    expect(code(receiver.unprotect(sender.protect(rtp(0))))).toBe('accepted')
    expect(code(receiver.unprotectRtcp(others[199]!))).toBe('accepted')
    expect(code(receiver.unprotectRtcp(others[100]!))).toBe('accepted')
    expect(code(receiver.unprotectRtcp(others[10]!))).toBe('too-old')
  })
})

describe('limits of a key (RFC 3711 §9.2)', () => {
  it('ends SRTP after the 2^48th index', () => {
    const sender = context()
    sender.setRolloverCounter(SSRC, 2 ** 32 - 1)
    const receiver = context()
    receiver.setRolloverCounter(SSRC, 2 ** 32 - 1)
    for (let i = 65_500; i < 65_536; i++) expect(receiver.unprotect(sender.protect(rtp(i)))).toEqual(rtp(i))
    expect(refusal(() => sender.protect(rtp(65_536)))).toBe('key-exhausted')
  })

  it('ends SRTCP after the 2^31st packet', () => {
    const sender = context()
    sender.setRtcpIndex(SSRC, 2 ** 31 - 1)
    expect(context().unprotectRtcp(sender.protectRtcp(rtcp()))).toEqual(rtcp())
    expect(refusal(() => sender.protectRtcp(rtcp()))).toBe('key-exhausted')
  })
})

describe('master keys', () => {
  it('are chosen by MKI', () => {
    const old = keys('0001')
    const next = { key: randomBytes(16), salt: randomBytes(14), mki: hex('0002') }
    const receiver = context({ keys: [old, next] })
    const sender = context({ keys: [old] })
    const packet = sender.protect(rtp(1))
    expect(packet.toString('hex', 172, 174)).toBe('0001')
    expect(receiver.unprotect(packet)).toEqual(rtp(1))
    sender.rekey([next])
    expect(receiver.unprotect(sender.protect(rtp(2)))).toEqual(rtp(2))
    expect(receiver.unprotectRtcp(sender.protectRtcp(rtcp()))).toEqual(rtcp())
    const stranger = context({ keys: [{ ...next, mki: hex('0003') }] })
    expect(code(receiver.unprotect(stranger.protect(rtp(3))))).toBe('unknown-mki')
    expect(code(receiver.unprotectRtcp(stranger.protectRtcp(rtcp())))).toBe('unknown-mki')
  })

  it('may change without the counters starting anew (§3.3.1, §3.4)', () => {
    const sender = context()
    const receiver = context()
    for (const i of [65_535, 65_536]) receiver.unprotect(sender.protect(rtp(i)))
    receiver.unprotectRtcp(sender.protectRtcp(rtcp()))
    const next = [{ key: randomBytes(16), salt: randomBytes(14) }]
    sender.rekey(next)
    receiver.rekey(next)
    expect(receiver.unprotect(sender.protect(rtp(65_537)))).toEqual(rtp(65_537))
    expect(sender.protectRtcp(rtcp()).readUInt32BE(rtcp().length)).toBe(0x80000001)
    expect(sender.rolloverCounter(SSRC)).toBe(1)
  })

  it('are derived anew at the rate agreed, and only then (§4.3.1)', () => {
    const sender = context({ keyDerivationRate: 16 })
    const receiver = context({ keyDerivationRate: 16 })
    for (const i of [...Array.from({ length: 100 }, (_, k) => 65_480 + k), 65_600, 65_598, 65_599, 65_601])
      expect(receiver.unprotect(sender.protect(rtp(i)))).toEqual(rtp(i))

    for (let i = 0; i < 40; i++) expect(receiver.unprotectRtcp(sender.protectRtcp(rtcp()))).toEqual(rtcp())
    // Within the first epoch nothing tells a rate from none; after it everything does.
    expect(context().protect(rtp(15))).toEqual(context({ keyDerivationRate: 16 }).protect(rtp(15)))
    expect(context().protect(rtp(16))).not.toEqual(context({ keyDerivationRate: 16 }).protect(rtp(16)))
    expect(deriveKey(keys(), 0, 1, 16)).not.toEqual(deriveKey(keys(), 0, 0, 16))
  })

  it('must have the sizes of the suite', () => {
    expect(() => context({ keys: [] })).toThrow('without a master key')
    expect(() => context({ keys: [{ key: Buffer.alloc(15), salt: Buffer.alloc(14) }] })).toThrow('16 octets of key')
    expect(() => context({ suite: 'AES_256_CM_HMAC_SHA1_80' })).toThrow('32 octets of key')
    expect(() => context({ keys: [keys(), keys()] })).toThrow('need an MKI')
    expect(() => context({ keys: [keys('01'), keys('0002')] })).toThrow('unequal')
    expect(() => context({ keyDerivationRate: 3 })).toThrow('power of two')
    expect(() => context({ keyDerivationRate: 2 ** 25 })).toThrow('power of two')
  })
})

describe('session parameters (RFC 4568 §6.3)', () => {
  it('leave the payload in clear, or the tag away', () => {
    const clear = context({ unencryptedSrtp: true })
    const packet = clear.protect(rtp(1))
    expect(packet.subarray(0, 172)).toEqual(rtp(1))
    expect(context({ unencryptedSrtp: true }).unprotect(packet)).toEqual(rtp(1))
    const bare = context({ unauthenticatedSrtp: true }).protect(rtp(1))
    expect(bare).toHaveLength(172)
    expect(context({ unauthenticatedSrtp: true }).unprotect(bare)).toEqual(rtp(1))
  })

  it('knows its suites by their exact names', () => {
    expect(isSuiteName('AES_CM_128_HMAC_SHA1_80')).toBe(true)
    expect(isSuiteName('aes_cm_128_hmac_sha1_80')).toBe(false)
    expect(isSuiteName('toString')).toBe(false)
  })
})

describe('key stream made ahead', () => {
  it('is the right one for every size, in and out of order, large and empty', () => {
    const sender = context()
    const receiver = context()
    const one = (sequence: number, bytes: number) => {
      const packet = rtp(sequence, SSRC, bytes)
      const secured = sender.protect(packet)
      // A fresh context has nothing made ahead.
      expect(secured).toEqual(context().protect(packet))
      expect(receiver.unprotect(secured)).toEqual(packet)
    }
    for (let i = 0; i < 200; i++) one(i, 160)
    for (let i = 200; i < 400; i++) one(i, (i * 37) % 330)
    for (const i of [402, 401, 404, 400, 403, 460, 430]) one(i, 160)
    for (let i = 461; i < 470; i++) one(i, 9000)
    for (let i = 470; i < 480; i++) one(i, 0)
  })
})
