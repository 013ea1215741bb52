import { describe, expect, it } from 'vitest'
import { compound, serializeRtcp } from '../../../src/media/rtcp.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { srtpContextOf } from '../../../src/media/srtp-setup.js'
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

  it.each([
    ['the rules', {}, [true, false, false, true]],
    ['no look at the tags of reports', { checksReportTags: false }, [true, true, false, true]],
    ['no list of reports that were had', { checksReportReplays: false }, [true, false, true, true]],
    ['a BYE believed before its tag', { believesByesWithTag: false }, [true, false, false, false]],
  ])('with %s takes a report, a forged BYE, a report again, and audio: %j', (_, wrong, taken) => {
    const cipher = new MediaCipher(line(1), line(2), { ...RIGHT_ENCRYPTION, ...wrong })
    const device = srtpContextOf(line(1))
    const report = device.protectRtcp(compound({ type: 'RR', ssrc: 5, reports: [] }, 'a@192.0.2.1'))
    const bye = device.protectRtcp(serializeRtcp([{ type: 'BYE', sources: [5] }]))
    bye[bye.length - 1]! ^= 1
    const header = { marker: false, payloadType: 8, sequenceNumber: 1, timestamp: 160, ssrc: 5 }
    const audio = device.protect(serializeRtp({ ...header, payload: Buffer.alloc(160) }))
    const opened = [report, bye, report].map((packet) => cipher.unprotectRtcp(packet))
    expect([...opened, cipher.unprotect(audio)].map((plain) => plain !== undefined)).toEqual(taken)
  })
})
