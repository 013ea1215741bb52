import { describe, expect, it } from 'vitest'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { srtpContextOf } from '../../../src/media/srtp-setup.js'
import { eventOfDigit, serializeEvent } from '../../../src/media/telephone-event.js'
import { Eavesdropper } from '../../../src/scenario/eavesdropper.js'
import { formatCrypto } from '../../../src/sdp/crypto-attribute.js'

const VOICE = 0x51a7e
const key = (letter: string, suite = 'AES_CM_128_HMAC_SHA1_80', octets = 30) => ({
  tag: '1',
  suite,
  keys: [{ keySalt: Buffer.alloc(octets, letter) }],
  parameters: {},
})
const invite = (lines: readonly string[]) =>
  Buffer.from(['INVITE sip:bob@example.com SIP/2.0', '', 'm=audio 40000 RTP/SAVP 8', ...lines, ''].join('\r\n'))
const sip = (transport: string, data: Buffer) => ({ at: 0, transport, packet: 'sip', data })

/** Three seconds of a voice, then the digit 4, by payload type 101. */
function call(protect: (rtp: Buffer) => Buffer) {
  const pattern = new AudioPattern(VOICE)
  const packets = []
  for (let index = 0; index < 156; index++) {
    const isEvent = index >= 150
    const report = { event: eventOfDigit('4') ?? 0, end: index > 152, volume: 10, duration: (index - 149) * 160 }
    const rtp = serializeRtp({
      marker: index === 0 || index === 150,
      payloadType: isEvent ? 101 : 8,
      sequenceNumber: index,
      timestamp: 160 * Math.min(index, 150),
      ssrc: 7,
      payload: isEvent ? serializeEvent(report) : pattern.frame(index, 'PCMA'),
    })
    packets.push({ at: 20 * index, transport: 'udp', packet: 'rtp', data: protect(rtp) })
  }
  return packets
}

describe('an eavesdropper', () => {
  it('hears what is in clear, and needs no key for it', () => {
    const ear = new Eavesdropper([sip('udp', invite([])), ...call((rtp) => rtp)])
    expect([ear.keys, ear.voices, ear.digits, ear.decrypted]).toEqual([0, [VOICE], ['4'], false])
  })

  it.each([
    ['AES_CM_128_HMAC_SHA1_80', 30],
    ['AES_CM_128_HMAC_SHA1_32', 30],
    ['AEAD_AES_256_GCM', 44],
  ])('decrypts %s with the key that it reads, among others', (suite, octets) => {
    const own = key('k', suite, octets)
    const context = srtpContextOf(own)
    const lines = [key('x'), own, key('y')].map((line) => `a=crypto:${formatCrypto(line)}`)
    const ear = new Eavesdropper([...call((rtp) => context.protect(rtp)), sip('tcp', invite(lines))])
    expect([ear.keys, ear.voices, ear.digits, ear.decrypted]).toEqual([3, [VOICE], ['4'], true])
  })

  it('hears nothing of SRTP whose key went over TLS, or is another one', () => {
    const context = srtpContextOf(key('k'))
    const packets = call((rtp) => context.protect(rtp))
    for (const message of [
      sip('tls', invite([`a=crypto:${formatCrypto(key('k'))}`])),
      sip('udp', invite([`a=crypto:${formatCrypto(key('x'))}`])),
    ]) {
      const ear = new Eavesdropper([message, ...packets])
      expect([ear.voices, ear.digits.join(''), ear.decrypted]).toEqual([[], '', false])
    }
  })
})
