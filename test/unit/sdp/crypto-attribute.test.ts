import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCrypto, isSuiteName, keyOctets, parseCrypto } from '../../../src/sdp/crypto-attribute.js'
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

  const long = `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`
  // Behind the key, what is wrong with it, and what the fault says was there.
  it.each([
    ['', 'crypto-fields', '1 fields'],
    ['1  AES_CM_128_HMAC_SHA1_80', 'crypto-fields', '2 fields'],
    [`01 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag', '01'],
    [`x AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag', '*'],
    [` AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag', 'nothing'],
    [`1234567890 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`, 'crypto-tag', '1234567890'],
    [`1 AES-CM inline:${KEY}`, 'crypto-suite', '******'],
    [`1 (AES inline:${KEY}`, 'crypto-suite', '****'],
    [`1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`, 'crypto-key-method', 'another method'],
    [`1 AES_CM_128_HMAC_SHA1_80 ${KEY}`, 'crypto-key-method', 'no method'],
    [`1 AES_CM_128_HMAC_SHA1_80 :${KEY}`, 'crypto-key-method', 'another method'],
    ['1 AES_CM_128_HMAC_SHA1_80 inline:', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:==', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:AAAAA', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:!AAA', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:AAA!', 'crypto-key-base64', 'something else'],
    ['1 DOUBLE_ROT13 inline:AAAA===', 'crypto-key-base64', 'something else'],
    [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(4)}`, 'crypto-key-length', '27 octets'],
    [`${long}|0`, 'crypto-lifetime', '0'],
    [`${long}|020`, 'crypto-lifetime', '020'],
    [`${long}|2^49`, 'crypto-lifetime', '2^49'],
    [`${long}|281474976710657`, 'crypto-lifetime', '281474976710657'],
    [`${long}|12^2`, 'crypto-lifetime', '12^2'],
    [`${long}|2^2x`, 'crypto-lifetime', '****'],
    [`${long}|2x`, 'crypto-lifetime', '**'],
    [`${long}|2^02`, 'crypto-lifetime', '2^02'],
    [`${long}|1:`, 'crypto-mki', '1:'],
    [`${long}|1:129`, 'crypto-mki', '1:129'],
    [`${long}|1:1x`, 'crypto-mki', '****'],
    [`${long}|01:4`, 'crypto-mki', '01:4'],
    [`${long}|256:1`, 'crypto-mki', '256:1'],
    [`${long}|2^20|x`, 'crypto-mki', '*'],
    [`${long}|2^20|1:4|x`, 'crypto-key-fields', '4 fields'],
    [`${long}|1:4|2^20`, 'crypto-key-fields', '3 fields'],
    [`${long};inline:${OTHER}`, 'crypto-mki-missing', 'a key without'],
    [`${long}|1:4;inline:${OTHER}`, 'crypto-mki-missing', 'a key without'],
    [`${long}|1:4;inline:${OTHER}|2:2`, 'crypto-mki-length', 'different lengths'],
    [`${long}|1:4;inline:${OTHER}|1:4`, 'crypto-mki-repeated', 'two keys with one MKI'],
    [`${long}|1:4;inline:${KEY}|2:4`, 'crypto-key-repeated', 'the same key twice'],
    [`${long} KDR`, 'crypto-kdr', 'KDR'],
    [`${long} KDR=0`, 'crypto-kdr', 'KDR=0'],
    [`${long} KDR=25`, 'crypto-kdr', 'KDR=25'],
    [`${long} KDR=03`, 'crypto-kdr', 'KDR=03'],
    [`${long} KDR=1 KDR=1`, 'crypto-parameter-repeated', 'KDR'],
    [`${long} WSH`, 'crypto-wsh', 'WSH'],
    [`${long} WSH=63`, 'crypto-wsh', 'WSH=63'],
    [`${long} WSH=064`, 'crypto-wsh', 'WSH=064'],
    [`${long} WSH=64x`, 'crypto-wsh', 'WSH=***'],
    [`${long} WSH=1000000000`, 'crypto-wsh', 'WSH=1000000000'],
    [`${long} WSH=1e2`, 'crypto-wsh', 'WSH=***'],
    [`${long} FEC_ORDER`, 'crypto-fec-order', 'FEC_ORDER'],
    [`${long} FEC_ORDER=X`, 'crypto-fec-order', 'FEC_ORDER=*'],
    [`${long} FEC_KEY`, 'crypto-fec-key', 'none'],
    [`${long} FEC_KEY=inline:AAAA`, 'crypto-key-length', '3 octets'],
    [`${long} UNENCRYPTED_SRTP=1`, 'crypto-parameter', 'UNENCRYPTED_SRTP=1'],
    [`${long} UNENCRYPTED_SRTCP=1`, 'crypto-parameter', 'UNENCRYPTED_SRTCP=1'],
    [`${long} UNAUTHENTICATED_SRTP=1`, 'crypto-parameter', 'UNAUTHENTICATED_SRTP=1'],
    [`${long} MANDATORY=1`, 'crypto-parameter', '***********'],
    [`${long} =1`, 'crypto-parameter', '**'],
    [`${long} -`, 'crypto-parameter', '*'],
    [`${long} --x`, 'crypto-parameter', '***'],
    [`${long} ${'X'.repeat(70)}`, 'crypto-parameter', '*'.repeat(60)],
  ])('calls %j invalid: %s', (value, code, actual) => {
    const { faults, attribute } = parseCrypto(value)
    expect(faults.map((fault) => `${fault.code}: ${fault.actual}`)).toEqual([`${code}: ${actual}`])
    for (const { rule, expected } of faults) {
      expect(rule).toMatch(/^RFC 4568 §\d+(\.\d+)*$/)
      expect(expected).not.toBe('')
    }
    expect(attribute).toBeUndefined()
    expect(JSON.stringify(faults)).not.toContain(KEY)
  })

  it.each([
    [`${long}  KDR=24\t WSH=64 `, { kdr: 24, wsh: 64 }],
    [`${long} WSH=999999999`, { wsh: 999999999 }],
    [`${long} kdr=1 fec_order=fec_srtp -A-- -b=c`, { kdr: 1, fecOrder: 'FEC_SRTP', optional: ['-A--', '-b=c'] }],
    [long, {}],
  ])('takes %j', (value, parameters) => {
    expect(parseCrypto(value)).toMatchObject({ tag: '1', faults: [] })
    expect(parseCrypto(value).attribute?.parameters).toEqual(parameters)
  })

  it.each([
    ['2^48', 1n << 48n],
    ['281474976710656', 1n << 48n],
    ['2^0', 1n],
    ['1', 1n],
  ])('takes a lifetime of %s packets (§6.1)', (text, lifetime) => {
    expect(parseCrypto(`${long}|${text}`).attribute?.keys).toEqual([{ keySalt: Buffer.from(KEY, 'base64'), lifetime }])
  })

  it('takes MKIs of 128 octets, and values that just fit (§6.1)', () => {
    expect(parseCrypto(`${long}|255:1`).attribute?.keys[0]?.mki).toEqual({ value: 255n, length: 1 })
    expect(parseCrypto(`${long}|1:128`).attribute?.keys[0]?.mki).toEqual({ value: 1n, length: 128 })
  })

  // RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2.
  it.each([
    ['AES_CM_128_HMAC_SHA1_80', 30, true],
    ['AES_CM_128_HMAC_SHA1_32', 30, true],
    ['F8_128_HMAC_SHA1_80', 30, false],
    ['AES_192_CM_HMAC_SHA1_80', 38, false],
    ['AES_192_CM_HMAC_SHA1_32', 38, false],
    ['AES_256_CM_HMAC_SHA1_80', 46, true],
    ['AES_256_CM_HMAC_SHA1_32', 46, true],
    ['AEAD_AES_128_GCM', 28, true],
    ['AEAD_AES_256_GCM', 44, true],
  ])('knows that %s takes %i octets, and whether it is spoken here: %s', (suite, octets, own) => {
    const of = (length: number) => faults(`1 ${suite} inline:${Buffer.alloc(length, 7).toString('base64')}`)
    expect(keyOctets(suite)).toBe(octets)
    expect(of(octets)).toEqual([])
    expect(of(octets + 3)).toEqual(['crypto-key-length'])
    expect(isSuiteName(suite)).toBe(own)
  })

  it.each(['UNENCRYPTED_SRTP', 'UNAUTHENTICATED_SRTP'])(
    'AES-GCM is never agreed on with %s (RFC 7714 §8.2)',
    (word) => {
      const line = (suite: string, octets: number) =>
        faults(`1 ${suite} inline:${Buffer.alloc(octets, 7).toString('base64')} ${word}`)
      expect(line('AEAD_AES_128_GCM', 28)).toEqual(['crypto-parameter'])
      expect(line('AES_CM_128_HMAC_SHA1_80', 30)).toEqual([])
    },
  )

  it('says what a broken line still tells', () => {
    expect(parseCrypto('')).toMatchObject({ tag: undefined, suite: undefined })
    expect(parseCrypto('5 aes')).toMatchObject({ tag: '5', suite: 'AES', text: '5 aes' })
  })

  it('writes every parameter', () => {
    const value =
      `9 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4;inline:${OTHER}|3|2:4 KDR=1 UNENCRYPTED_SRTP UNENCRYPTED_SRTCP ` +
      `UNAUTHENTICATED_SRTP FEC_ORDER=FEC_SRTP FEC_KEY=inline:${OTHER.replace('M', 'N')}|1|7:1 WSH=64 -a -b=c`
    const { attribute } = parseCrypto(value)
    expect(formatCrypto(attribute!)).toBe(value)
    expect(formatCrypto(parseCrypto(long).attribute!)).toBe(long)
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

  // Letters alone: nothing else in these lines has so many of them in a row, in this order.
  const letters = fc.string({
    unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')),
    minLength: 40,
    maxLength: 40,
  })
  const tells = (value: string) => {
    const { tag, suite, faults } = parseCrypto(value)
    const grammar = SessionDescription.fromLines(['m=audio 4000 RTP/SAVP 8', `a=crypto:${value}`]).violations
    return JSON.stringify([tag, suite, faults, grammar])
  }
  const holdsPartOf = (text: string, key: string) =>
    Array.from({ length: key.length - 8 }, (_, at) => key.slice(at, at + 9).toLowerCase()).some((part) =>
      text.toLowerCase().includes(part),
    )

  it.each([
    ['a space behind the method', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 inline: ${key}`],
    ['a key in the place of the MKI', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|${key}`],
    ['a key in the place of the lifetime', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|${key}`],
    ['no tag', (key: string) => `AES_CM_128_HMAC_SHA1_80 inline:${key}`],
    ['no suite', (key: string) => `1 inline:${key} KDR=1`],
    ['neither', (key: string) => `inline:${key} 1 1`],
    ['a key in the place of the suite', (key: string) => `1 ${key} inline:AAAA|x`],
    ['a key as method', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 ${key}:inline`],
    ['a key twice', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 inline: ${key} ${key}`],
    ['a key as value', (key: string) => `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=${key} UNENCRYPTED_SRTP=${key}`],
  ])('never tells the key: %s', (_, line) => {
    const key = KEY.replaceAll(/[0-9+/]/g, 'q').slice(0, 40)
    expect(parseCrypto(line(key)).faults).not.toEqual([])
    expect(holdsPartOf(tells(line(key)), key)).toBe(false)
  })

  it('never tells the key, whatever happened to its line', () => {
    type Harm = (line: string) => string
    const at = fc.nat(120)
    const stray = fc.constantFrom(' ', '\t', '|', ':', ';', '=', '-', '1', '"', '|2^20|', ' KDR=', '\0')
    const damage = fc.oneof(
      fc.tuple(at, stray).map(
        ([place, put]): Harm =>
          (line) =>
            line.slice(0, place) + put + line.slice(place),
      ),
      fc.tuple(at, fc.integer({ min: 1, max: 40 })).map(
        ([place, octets]): Harm =>
          (line) =>
            line.slice(0, place) + line.slice(place + octets),
      ),
      fc.nat(3).map(
        (field): Harm =>
          (line) =>
            line.split(' ').toSpliced(field, 1).join(' '),
      ),
    )
    fc.assert(
      fc.property(letters, fc.array(damage, { minLength: 1, maxLength: 4 }), (key, damages) => {
        let line = `1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4 KDR=3 WSH=128`
        for (const harm of damages) line = harm(line)
        expect(holdsPartOf(tells(line), key)).toBe(false)
      }),
      { numRuns: 1_000 },
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
