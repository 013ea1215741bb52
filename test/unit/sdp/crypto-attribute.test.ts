import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCrypto, parseCrypto } from '../../../src/sdp/crypto-attribute.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
const OTHER = 'MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm'
const faults = (value: string) => parseCrypto(value).faults.map((fault) => fault.code)

describe('a=crypto (RFC 4568)', () => {
  it('reads every field', () => {
    const line = parseCrypto(
      `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4;inline:${OTHER}|1066|2:4 KDR=3 UNENCRYPTED_SRTCP UNENCRYPTED_SRTP ` +
        `UNAUTHENTICATED_SRTP FEC_ORDER=SRTP_FEC FEC_KEY=inline:${KEY.replace('W', 'X')} WSH=128 -hint`,
    )
    expect(line.faults).toEqual([])
    expect(line.attribute).toMatchObject({
      tag: '1',
      suite: 'AES_CM_128_HMAC_SHA1_80',
      keys: [
        { keySalt: Buffer.from(KEY, 'base64'), lifetime: 1048576n, mki: { value: 1n, length: 4 } },
        { keySalt: Buffer.from(OTHER, 'base64'), lifetime: 1066n, mki: { value: 2n, length: 4 } },
      ],
      parameters: {
        kdr: 3,
        unencryptedSrtcp: true,
        unencryptedSrtp: true,
        unauthenticatedSrtp: true,
        fecOrder: 'SRTP_FEC',
        wsh: 128,
        optional: ['-hint'],
      },
    })
  })

  it('takes an MKI without lifetime (§6.1), any case (§4) and unknown suites', () => {
    expect(parseCrypto(`1 aes_cm_128_hmac_sha1_80 INLINE:${KEY}|1066:4`).attribute?.keys[0]?.mki).toEqual({
      value: 1066n,
      length: 4,
    })
    expect(parseCrypto('7 DOUBLE_ROT13 inline:AAAA').attribute?.suite).toBe('DOUBLE_ROT13')
    expect(parseCrypto(`2 AES_256_CM_HMAC_SHA1_80 inline:${Buffer.alloc(46, 1).toString('base64')}`).faults).toEqual([])
  })

  it.each([
    ['', 'crypto-fields'],
    ['1 AES_CM_128_HMAC_SHA1_80', 'crypto-fields'],
    [`01 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag'],
    [`x AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag'],
    [`1234567890 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag'],
    [`1 AES-CM inline:${KEY}`, 'crypto-suite'],
    [`1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`, 'crypto-key-method'],
    ['1 AES_CM_128_HMAC_SHA1_80 inline:', 'crypto-key-base64'],
    ['1 AES_CM_128_HMAC_SHA1_80 inline:!!!!', 'crypto-key-base64'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(4)}`, 'crypto-key-length'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|0`, 'crypto-lifetime'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|020`, 'crypto-lifetime'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^49`, 'crypto-lifetime'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:`, 'crypto-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:129`, 'crypto-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|01:4`, 'crypto-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|256:1`, 'crypto-mki'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4|x`, 'crypto-key-fields'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY};inline:${OTHER}`, 'crypto-mki-missing'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:4;inline:${OTHER}|2:2`, 'crypto-mki-length'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:4;inline:${KEY}|2:4`, 'crypto-key-repeated'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=0`, 'crypto-kdr'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=25`, 'crypto-kdr'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=03`, 'crypto-kdr'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} WSH=63`, 'crypto-wsh'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} FEC_ORDER=X`, 'crypto-fec-order'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} MANDATORY=1`, 'crypto-parameter'],
  ])('calls %j invalid: %s', (value, code) => {
    expect(faults(value)).toContain(code)
    expect(parseCrypto(value).attribute).toBeUndefined()
    expect(JSON.stringify(parseCrypto(value).faults)).not.toContain(KEY)
  })

  it('writes what it reads', () => {
    const key = fc.record({
      keySalt: fc.uint8Array({ minLength: 30, maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      lifetime: fc.bigInt({ min: 2n, max: 1n << 48n }),
      mki: fc.record({ value: fc.bigInt({ min: 1n, max: (1n << 32n) - 1n }), length: fc.constant(4) }),
    })
    fc.assert(
      fc.property(fc.nat(999_999_999), key, fc.integer({ min: 1, max: 24 }), fc.boolean(), (tag, one, kdr, plain) => {
        const attribute = {
          tag: String(tag),
          suite: 'AES_CM_128_HMAC_SHA1_32',
          keys: [one],
          parameters: { kdr, ...(plain ? { unencryptedSrtp: true } : {}) },
        }
        expect(parseCrypto(formatCrypto(attribute))).toMatchObject({ faults: [], attribute })
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (value) => parseCrypto(value).text === value))
    fc.assert(
      fc.property(fc.stringMatching(/^1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/=|^:;0-9 =_-]{0,90}$/), (value) => {
        parseCrypto(value)
      }),
    )
  })
})

describe('key management', () => {
  const media = (lines: string[], session: string[] = []) =>
    SessionDescription.fromLines([
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      ...session,
      ...lines,
    ]).media[0]!.keyManagement

  it('tells SDES, MIKEY, DTLS-SRTP and none', () => {
    expect(media(['m=audio 4000 RTP/AVP 8'])).toMatchObject({ kinds: [], secureProfile: false })
    expect(media(['m=audio 4000 RTP/SAVP 8'])).toMatchObject({ kinds: [], secureProfile: true })
    expect(media(['m=audio 4000 RTP/SAVP 8', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`]).kinds).toEqual([
      'sdes',
    ])
    const mikey = Buffer.from('01000500deadbeef0000', 'hex').toString('base64')
    expect(media(['m=audio 4000 RTP/SAVP 8'], [`a=key-mgmt:mikey ${mikey}`])).toMatchObject({
      kinds: ['mikey'],
      messages: [{ protocol: 'mikey', version: 1, dataType: 'pre-shared', csbId: 0xdeadbeef }],
    })
    const print = Array.from({ length: 32 }, () => 'ab').join(':')
    expect(
      media([`m=audio 4000 UDP/TLS/RTP/SAVP 8`, `a=fingerprint:SHA-256 ${print}`, 'a=setup:actpass']),
    ).toMatchObject({
      kinds: ['dtls-srtp'],
      secureProfile: true,
      setup: 'actpass',
      fingerprints: [{ hash: 'sha-256', value: print.toUpperCase() }],
    })
  })
})
