import { describe, expect, it } from 'vitest'
import { checkAnswer } from '../../../src/sdp/offer-answer-rules.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1']
const description = (...lines: string[]) =>
  SessionDescription.fromLines([...HEAD, ...(lines[0]?.startsWith('t=') ? [] : ['t=0 0']), ...lines])
const judge = (offer: readonly string[], answer: readonly string[]) => {
  const found = checkAnswer(description(...offer), description(...answer))
  for (const { rule } of found) expect(rule).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
  return found.map(({ code, expected, actual }) => `${code}: ${expected} | ${actual}`)
}
const AUDIO = 'm=audio 4000 RTP/AVP 8'
const SECURE = 'm=audio 4000 RTP/SAVP 8'
const key = (letter: string) => Buffer.alloc(30, letter).toString('base64')
const crypto = (tag: number, keys: string, suite = 'AES_CM_128_HMAC_SHA1_80') =>
  `a=crypto:${tag} ${suite} ${keys
    .split('')
    .map((letter, at) => `inline:${key(letter)}${keys.length > 1 ? `|${at + 1}:1` : ''}`)
    .join(';')}`

describe('an answer (RFC 3264 §6)', () => {
  it.each([
    [[], []],
    [[AUDIO], [AUDIO]],
    [[AUDIO], ['m=audio 0 RTP/AVP 8']],
    // What is refused needs nothing of the rest (§6).
    [[AUDIO], ['m=audio 0 RTP/SAVP 18', 'a=rtcp-mux']],
    [['m=audio 0 RTP/AVP 8'], ['m=audio 0 RTP/AVP 8']],
    [[AUDIO], ['m=audio 4000 rtp/avp 8']],
    // Further formats may be there, in any spelling (§6.1).
    [
      ['m=audio 4000 RTP/AVP 8 96', 'a=rtpmap:96 Telephone-Event/8000'],
      ['m=audio 1 RTP/AVP 18 8 96', 'a=rtpmap:96 telephone-event/8000'],
    ],
    [
      [AUDIO, 'a=rtcp-mux'],
      [AUDIO, 'a=rtcp-mux'],
    ],
    [[AUDIO, 'a=rtcp-mux'], [AUDIO]],
    [
      ['t=1111111111 0', 't=0 0', AUDIO],
      ['t=1111111111 0', 't=0 0', AUDIO],
    ],
  ])('%j is answered by %j', (offer, answer) => {
    expect(judge(offer, answer)).toEqual([])
  })

  it.each([
    [[AUDIO], [], ['answer-media-count: 1 m= lines | 0']],
    [[AUDIO], [AUDIO, AUDIO], ['answer-media-count: 1 m= lines | 2']],
    [[AUDIO], ['t=1 1', AUDIO], ['answer-time: t=0 0 | t=1 1']],
    [['t=1 1', 't=2 2', AUDIO], [AUDIO], ['answer-time: t=1 1, 2 2 | t=0 0']],
    [[AUDIO], ['t=1 1', 't=2 2', AUDIO], ['answer-time: t=0 0 | t=1 1, 2 2']],
    [[AUDIO], ['m=video 0 RTP/AVP 8'], ['answer-media-type: audio | video']],
    [['m=audio 0 RTP/AVP 8'], [AUDIO], ['answer-port-zero: port 0 | 4000']],
    [[AUDIO], [SECURE], ['answer-protocol: RTP/AVP | RTP/SAVP']],
    [[AUDIO], ['m=audio 1 RTP/AVP 0 18'], ['answer-no-common-format: a format of the offer | 0 18']],
    [[AUDIO, 'a=rtpmap:8 PCMA/8000/2'], [AUDIO], ['answer-no-common-format: a format of the offer | 8']],
    [[AUDIO], [AUDIO, 'a=rtcp-mux'], ['answer-rtcp-mux: no a=rtcp-mux | a=rtcp-mux']],
    [
      ['m=audio 1 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000'],
      ['m=audio 1 RTP/AVP 96', 'a=rtpmap:96 TELEPHONE-EVENT/8000'],
      ['answer-no-common-format: a format of the offer | 96'],
    ],
    [['m=audio 1 RTP/AVP 96', 'a=rtpmap:96 PCMA/8000'], [AUDIO], ['answer-payload-type: 96 for pcma/8000/1 | 8']],
  ])('%j is not answered by %j', (offer, answer, expected) => {
    expect(judge(offer, answer)).toEqual(expected)
  })

  const allowed: Record<string, string[]> = {
    sendrecv: ['sendrecv', 'sendonly', 'recvonly', 'inactive'],
    sendonly: ['recvonly', 'inactive'],
    recvonly: ['sendonly', 'inactive'],
    inactive: ['inactive'],
  }
  it.each(Object.keys(allowed))('to %s has one of the directions of §6.1', (offered) => {
    for (const direction of Object.keys(allowed)) {
      const found = judge([AUDIO, `a=${offered}`], [AUDIO, `a=${direction}`])
      const broken = [
        ...(/sendrecv|sendonly/.test(direction) && /sendonly|inactive/.test(offered)
          ? [`answer-direction: nothing sent to ${offered} | ${direction}`]
          : []),
        ...(/sendrecv|recvonly/.test(direction) && /recvonly|inactive/.test(offered)
          ? [`answer-direction: nothing received from ${offered} | ${direction}`]
          : []),
      ]
      expect(found).toEqual(broken)
      expect(broken.length === 0).toBe(allowed[offered]?.includes(direction))
    }
  })
})

describe('an answer with SRTP (RFC 4568 §5.1.2, §7.1.2)', () => {
  const offer = [SECURE, crypto(1, 'a'), crypto(2, 'bc', 'AES_CM_128_HMAC_SHA1_32')]
  it.each([
    [[SECURE, crypto(1, 'x')], []],
    [[SECURE, crypto(2, 'x', 'AES_CM_128_HMAC_SHA1_32')], []],
    [[SECURE], ['answer-crypto-count: one a=crypto | 0']],
    [[SECURE, crypto(1, 'x'), crypto(2, 'y')], ['answer-crypto-count: one a=crypto | 2']],
    // Other key management.
    [[SECURE, `a=fingerprint:sha-1 ${Array.from({ length: 20 }, () => 'AB').join(':')}`], []],
    [[SECURE, crypto(3, 'x')], ['answer-crypto-tag: a tag of the offer | 3']],
    [[SECURE, 'a=crypto:'], ['answer-crypto-tag: a tag of the offer | none']],
    [[SECURE, crypto(2, 'x')], ['answer-crypto-suite: AES_CM_128_HMAC_SHA1_32 | AES_CM_128_HMAC_SHA1_80']],
    [[SECURE, 'a=crypto:1'], ['answer-crypto-suite: AES_CM_128_HMAC_SHA1_80 | none']],
    [[SECURE, crypto(1, 'a')], ["answer-crypto-key-reused: a key of its own | the offer's key"]],
    [[SECURE, crypto(1, 'xc')], ["answer-crypto-key-reused: a key of its own | the offer's key"]],
  ])('%#: %j has %j', (answer, expected) => {
    expect(judge(offer, answer)).toEqual(expected)
  })

  it('is looked at in the profiles of SRTP only, and where the offer had keys', () => {
    expect(judge([AUDIO, crypto(1, 'a')], [AUDIO])).toEqual([])
    expect(judge([SECURE], [SECURE])).toEqual([])
    expect(judge(['m=audio 1 RTP/SAVPX 8', crypto(1, 'a')], ['m=audio 1 RTP/SAVPX 8'])).toEqual([])
    expect(judge(['m=audio 1 rtp/savpf 8', crypto(1, 'a')], ['m=audio 1 RTP/SAVPF 8'])).toEqual([
      'answer-crypto-count: one a=crypto | 0',
    ])
  })
})
