import { describe, expect, it } from 'vitest'
import {
  cryptKeys,
  mikeyMac,
  mikeyPrf,
  parseKeyData,
  serializeKeyData,
  streamKey,
} from '../../../../src/media/mikey/mikey-keys.js'

const hex = (text: string) => Buffer.from(text, 'hex')
const KEY = hex('000102030405060708090a0b0c0d0e0f')
const BUNDLE = { csbId: 0x01020304, rand: hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff') }
const LENGTHS = { keyBytes: 16, saltBytes: 14 }

// The values were worked out by OpenSSL 3.0: P of RFC 3830 §4.1.2 is the P_hash of TLS, which
// `openssl kdf -kdfopt digest:SHA1 -kdfopt hexsecret:KEY -kdfopt hexseed:LABEL TLS1-PRF` gives.
describe('keys of MIKEY, as OpenSSL has them', () => {
  it.each([
    [1, '65ee1157fe1468a1580b3a69b3e7a9f2'],
    [2, '2b6fe7fd44a6a6083e34b1a59ffb90d4'],
  ])('the key of stream %i comes of the TGK', (session, key) => {
    const salt = hex('00112233445566778899aabbccdd')
    const made = streamKey({ type: 'TGK', key: KEY, salt }, session, BUNDLE, LENGTHS)
    expect(made.toString('hex')).toBe(key + salt.toString('hex'))
  })
  it('so does its salt, where the message has none', () => {
    const made = streamKey({ type: 'TGK', key: KEY }, 1, BUNDLE, LENGTHS)
    expect(made.subarray(16).toString('hex')).toBe('134730e1d35909e0be8154871f03')
  })
  it('a TEK is the key of both streams, and needs its salt and its length', () => {
    const tek = { type: 'TEK', key: KEY, salt: hex('00112233445566778899aabbccdd') } as const
    expect(streamKey(tek, 1, BUNDLE, LENGTHS)).toEqual(Buffer.concat([KEY, tek.salt]))
    expect(streamKey(tek, 2, BUNDLE, LENGTHS)).toEqual(streamKey(tek, 1, BUNDLE, LENGTHS))
    expect(() => streamKey({ type: 'TEK', key: KEY }, 1, BUNDLE, LENGTHS)).toThrow('0 of salt')
    expect(() => streamKey({ ...tek, key: hex('00') }, 1, BUNDLE, LENGTHS)).toThrow('1 octets of key')
  })
  it('keys of more than 256 bits are split, and their parts added up', () => {
    const long = Buffer.from(Array.from({ length: 40 }, (_, index) => index))
    expect(mikeyPrf(long, hex('aabb'), 50).toString('hex')).toBe(
      '4d17c5f7b609235cce71744da4e766d7965fa96efeb4552bcc39d1ee301c8cd63c8e93dfc4d4bf559faa4b4379446f09664c',
    )
  })
  it('KEMAC is encrypted by AES-CM, its counter made of salt, bundle and timestamp', () => {
    const clear = hex('00000010101112131415161718191a1b1c1d1e1f')
    const made = cryptKeys(KEY, BUNDLE, hex('e000000080000000'), clear)
    expect(made.toString('hex')).toBe('56b516d110df75756afec0cb71c040d45f33742f')
    expect(cryptKeys(KEY, BUNDLE, hex('e000000080000000'), made)).toEqual(clear)
  })
  it('the MAC is HMAC-SHA-1 with the authentication key of the bundle', () => {
    expect(mikeyMac(KEY, BUNDLE, Buffer.from('covered')).toString('hex')).toBe(
      'e14f95277095bc8aec6ee42ff62bceb0aa21a6e3',
    )
  })
})

describe('key data', () => {
  it.each([
    { type: 'TGK', key: KEY },
    { type: 'TEK', key: KEY, salt: hex('0102') },
    { type: 'TGK', key: KEY, salt: hex('0102'), mki: hex('07') },
  ] as const)('is read as it was written: %o', (data) => {
    expect(parseKeyData(serializeKeyData(data))).toEqual(data)
  })
  it.each([
    ['14000010', 'more than one key'],
    ['0002001000', 'lifetime'],
    ['00400001ff', 'another type'],
    ['00000000', 'no octets'],
    ['00000001ffff', 'behind the key'],
    ['00000002ff', 'are left'],
  ])('%s is refused', (bytes, why) => {
    expect(() => parseKeyData(hex(bytes))).toThrow(why)
  })
})
