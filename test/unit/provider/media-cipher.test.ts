import { describe, expect, it } from 'vitest'
import { MediaCipher } from '../../../src/provider/media-cipher.js'
import { RIGHT_ENCRYPTION } from '../../../src/provider/rules/encryption.js'
import type { CryptoAttribute } from '../../../src/sdp/crypto-attribute.js'

const line = (octet: number): CryptoAttribute => ({
  tag: '1',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  keys: [{ keySalt: Buffer.alloc(30, octet) }],
  parameters: {},
})

describe('SRTP that ends at the relay', () => {
  it.each([
    ['by the rules', {}],
    ['with all that can be wrong', { countsRollover: false, checksTags: false, checksReplays: false }],
  ])('takes datagrams of any length: %s', (_, wrong) => {
    const cipher = new MediaCipher(line(1), line(2), { ...RIGHT_ENCRYPTION, ...wrong })
    for (let length = 0; length < 40; length++) {
      for (const octet of [0, 0x80, 0xff]) {
        expect(() => {
          const datagram = Buffer.alloc(length, octet)
          cipher.unprotect(datagram)
          cipher.unprotectRtcp(datagram)
          cipher.protect(datagram)
          cipher.protectRtcp(datagram)
        }).not.toThrow()
      }
    }
  })
})
