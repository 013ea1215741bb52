import { describe, expect, it } from 'vitest'
import { isRejection, OfferAnswer } from '../../../src/sdp/offer-answer.js'
import type { LocalAudio } from '../../../src/sdp/audio-stream.js'
import { checkAnswer } from '../../../src/sdp/offer-answer-rules.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'
import { checkSuccessor } from './successor.js'

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
let drawn = 0
const side = (id: string) =>
  new OfferAnswer({ sessionId: id, makeKey: (octets) => Buffer.alloc(octets, (drawn = (drawn % 255) + 1)) })
const local = (o: Partial<LocalAudio> = {}): LocalAudio => ({
  address: '192.0.2.1',
  port: 4000,
  codecs: ['PCMA', 'PCMU'],
  dtmfPayloadType: 101,
  suites: [],
  ...o,
})
const secure = (o: Partial<LocalAudio> = {}) =>
  local({ suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'], srtpRequired: true, ...o })
const offerOf = (...media: string[]) =>
  SessionDescription.fromLines(
    ['v=0', 'o=- 7 7 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=100 200', ...media].map((l) =>
      l === 't=100 200' ? 't=3724394400 3724398000' : l,
    ),
  )

function answered(offer: SessionDescription, capabilities = local()) {
  const result = side('2').answer(offer, capabilities)
  if (isRejection(result)) throw new Error(result.rejected)
  expect(result.answer.violations).toEqual([])
  expect(checkAnswer(offer, result.answer)).toEqual([])
  return result
}

describe('answers (RFC 3264 §6)', () => {
  it('keep the order and number of m= lines and reject what is not audio with port 0', () => {
    const { answer, negotiated } = answered(
      offerOf(
        'm=video 5000 RTP/AVP 34',
        'm=audio 6000 RTP/AVP 0 8',
        'm=audio 6002 RTP/AVP 8',
        'm=image 7000 udptl t38',
      ),
    )
    expect(answer.media.map((m) => [m.media, m.port])).toEqual([
      ['video', 0],
      ['audio', 4000],
      ['audio', 0],
      ['image', 0],
    ])
    expect(negotiated).toMatchObject({ mediaIndex: 1, codec: 'PCMU', sendPayloadType: 0, remote: { port: 6000 } })
    expect(answer.session.lines('t')).toEqual(['3724394400 3724398000'])
  })

  it('take payload types and preference from the offer', () => {
    const { answer, negotiated } = answered(
      offerOf(
        'm=audio 6000 RTP/AVP 18 97 99 8',
        'a=rtpmap:97 PCMU/8000',
        'a=rtpmap:99 telephone-event/8000',
        'a=fmtp:99 0-11',
      ),
    )
    expect(answer.media[0]?.formats).toEqual(['97', '99', '8'])
    expect(negotiated).toMatchObject({
      codec: 'PCMU',
      sendPayloadType: 97,
      dtmf: { send: 99, receive: 99, events: '0-11' },
    })
    expect([...negotiated!.receivePayloadTypes]).toEqual([
      [97, 'PCMU'],
      [8, 'PCMA'],
    ])
  })

  it.each([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'inactive', 'inactive'],
  ] as const)('an offer of %s, wishing %s, gets %s', (offered, wish, expected) => {
    const { answer, negotiated } = answered(
      offerOf('m=audio 6000 RTP/AVP 8', `a=${offered}`),
      local({ direction: wish }),
    )
    expect(answer.media[0]?.direction).toBe(expected)
    expect(negotiated?.direction).toBe(expected)
  })

  it('refuse what has no codec in common, and offers without a stream that can be used', () => {
    const result = side('2').answer(offerOf('m=audio 6000 RTP/AVP 18 9'), local())
    expect(result).toMatchObject({ status: 488, rejected: expect.stringContaining('no codec in common') })
    expect(side('2').answer(offerOf('m=audio 6000 RTP/SAVPF 8'), local())).toMatchObject({ status: 488 })
    expect(
      side('2').answer(offerOf('m=audio 6000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'), local()),
    ).toMatchObject({ status: 488 })
  })

  it('answer no m= lines with none, and port 0 with port 0', () => {
    expect(answered(offerOf()).answer.media).toEqual([])
    const { answer, negotiated } = answered(offerOf('m=audio 0 RTP/AVP 8'))
    expect(answer.media[0]?.port).toBe(0)
    expect(negotiated).toBeUndefined()
  })

  it('send nothing to 0.0.0.0 (§8.4)', () => {
    expect(answered(offerOf('m=audio 6000 RTP/AVP 8', 'c=IN IP4 0.0.0.0')).negotiated).toMatchObject({
      remote: undefined,
      remoteRtcp: undefined,
    })
  })

  it('find RTCP by rtcp-mux, a=rtcp, or the next port', () => {
    const rtcp = (lines: string[], o = {}) =>
      answered(offerOf('m=audio 6000 RTP/AVP 8', ...lines), local(o)).negotiated?.remoteRtcp
    expect(rtcp([])).toEqual({ address: '192.0.2.9', port: 6001 })
    expect(rtcp(['a=rtcp:7001'])).toEqual({ address: '192.0.2.9', port: 7001 })
    expect(rtcp(['a=rtcp:7001 IN IP4 192.0.2.77'])).toEqual({ address: '192.0.2.77', port: 7001 })
    expect(rtcp(['a=rtcp-mux'])).toEqual({ address: '192.0.2.9', port: 6001 })
    expect(rtcp(['a=rtcp-mux'], { rtcpMux: true })).toEqual({ address: '192.0.2.9', port: 6000 })
  })

  it('say IP6 for an IPv6 address and refuse the other family', () => {
    const offer = offerOf('m=audio 6000 RTP/AVP 8', 'c=IN IP6 2001:db8::9')
    expect(answered(offer, local({ address: '2001:db8::1' })).answer.toString()).toContain('c=IN IP6 2001:db8::1\r\n')
    expect(side('2').answer(offer, local())).toMatchObject({ status: 488 })
  })
})

describe('answers to SRTP offers (RFC 4568 §5.1.2, §7.1.2)', () => {
  const crypto = (tag: number | string, suite = 'AES_CM_128_HMAC_SHA1_80', rest = '') =>
    `a=crypto:${tag} ${suite} inline:${KEY}${rest}`
  const take = (...lines: string[]) => {
    const { answer, negotiated } = answered(offerOf('m=audio 6000 RTP/SAVP 8', ...lines), secure())
    expect(answer.media[0]?.crypto.length).toBe(1)
    return { line: answer.media[0]!.crypto[0]!, negotiated: negotiated! }
  }

  it('echo tag and suite with a key of their own', () => {
    const { line, negotiated } = take(crypto(5))
    expect(line).toMatchObject({ tag: '5', suite: 'AES_CM_128_HMAC_SHA1_80', faults: [] })
    expect(line.text).not.toContain(KEY)
    expect(negotiated.crypto?.receive.keys[0]?.keySalt.toString('base64')).toBe(KEY)
    expect(line.attribute?.keys[0]?.keySalt).toEqual(negotiated.crypto?.send.keys[0]?.keySalt)
  })

  it('choose by suite, not by place, and pass invalid lines over', () => {
    expect(take(crypto(1, 'F8_128_HMAC_SHA1_80'), crypto(2, 'AES_CM_128_HMAC_SHA1_32')).line.tag).toBe('2')
    expect(take('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short', crypto(2)).line.tag).toBe('2')
    expect(take(crypto(1, undefined, ' MANDATORY_THING'), crypto(9)).line.tag).toBe('9')
    expect(take(crypto(1, undefined, ' UNENCRYPTED_SRTP'), crypto(3)).line.tag).toBe('3')
    expect(take(crypto(1, undefined, '|2^20|1:4 KDR=1 WSH=128 -ignore')).line.text).not.toMatch(/KDR|WSH|ignore|\|/)
  })

  it('echo negotiated session parameters where they are allowed', () => {
    const offer = offerOf('m=audio 6000 RTP/SAVP 8', crypto(1, undefined, ' UNENCRYPTED_SRTCP'))
    const result = answered(offer, secure({ allowWeakened: true }))
    expect(result.answer.toString()).toContain(' UNENCRYPTED_SRTCP\r\n')
  })

  it.each([
    [[], 'without key management'],
    [[crypto(1, 'NO_SUCH_SUITE')], 'no valid crypto'],
    [['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short'], 'no valid crypto'],
    [[`a=key-mgmt:mikey ${Buffer.from('01000500deadbeef0000', 'hex').toString('base64')}`], 'mikey'],
    [[`a=fingerprint:sha-1 ${Array.from({ length: 20 }, () => 'AB').join(':')}`, 'a=setup:actpass'], 'dtls-srtp'],
  ])('refuse %j: %s', (lines, reason) => {
    const result = side('2').answer(offerOf('m=audio 6000 RTP/SAVP 8', ...lines), secure())
    expect(result).toMatchObject({ status: 488, rejected: expect.stringContaining(reason) })
  })

  it('refuse plain RTP where SRTP is required, and SRTP where it is not spoken', () => {
    expect(side('2').answer(offerOf('m=audio 6000 RTP/AVP 8'), secure())).toMatchObject({ status: 488 })
    expect(side('2').answer(offerOf('m=audio 6000 RTP/SAVP 8', crypto(1)), local())).toMatchObject({ status: 488 })
    expect(
      answered(offerOf('m=audio 6000 RTP/AVP 8'), secure({ srtpRequired: false })).negotiated?.crypto,
    ).toBeUndefined()
  })
})

describe('an offer and its answer', () => {
  const settle = (a = local(), b = local({ address: '192.0.2.2', port: 5000 })) => {
    const alice = side('1')
    const bob = side('2')
    const offer = alice.offer(a)
    expect(offer.violations).toEqual([])
    const reply = bob.answer(offer, b)
    if (isRejection(reply)) throw new Error(reply.rejected)
    const taken = alice.accept(reply.answer)
    if (isRejection(taken)) throw new Error(taken.rejected)
    expect(taken.violations).toEqual([])
    return { alice, bob, offer, answer: reply.answer, hers: taken.negotiated!, his: reply.negotiated! }
  }

  it('agree about codec, numbers and places', () => {
    const { hers, his } = settle(local({ dtmfPayloadType: 96 }))
    expect(hers).toMatchObject({
      codec: 'PCMA',
      remote: { address: '192.0.2.2', port: 5000 },
      dtmf: { send: 96, receive: 96 },
    })
    expect(his).toMatchObject({ codec: 'PCMA', remote: { address: '192.0.2.1', port: 4000 } })
  })

  it('agree about keys, one for each direction', () => {
    const { hers, his } = settle(secure(), secure({ address: '192.0.2.2', suites: ['AES_CM_128_HMAC_SHA1_32'] }))
    expect(hers.crypto?.send.suite).toBe('AES_CM_128_HMAC_SHA1_32')
    expect(hers.crypto?.send.tag).toBe('2')
    expect(hers.crypto?.send.keys).toEqual(his.crypto?.receive.keys)
    expect(hers.crypto?.receive.keys).toEqual(his.crypto?.send.keys)
    expect(hers.crypto?.send.keys).not.toEqual(hers.crypto?.receive.keys)
  })

  it('raise the version by one for a change, keep it for the same description (§8)', () => {
    const { alice, bob, offer, answer } = settle(secure(), secure({ address: '192.0.2.2', port: 5000 }))
    expect(alice.offer(secure()).toString()).toBe(offer.toString())
    alice.withdraw()
    const held = alice.offer(secure({ direction: 'sendonly' }))
    expect(checkSuccessor(offer, held)).toEqual([])
    expect(BigInt(held.origin!.version) - BigInt(offer.origin!.version)).toBe(1n)
    expect(held.media[0]?.crypto[0]?.text).toBe(offer.media[0]?.crypto[0]?.text)
    const reply = bob.answer(held, secure({ address: '192.0.2.2', port: 5000 }))
    if (isRejection(reply)) throw new Error(reply.rejected)
    expect(reply.answer.media[0]?.direction).toBe('recvonly')
    expect(checkSuccessor(answer, reply.answer)).toEqual([])
    expect(reply.answer.media[0]?.crypto[0]?.text).toBe(answer.media[0]?.crypto[0]?.text)
  })

  it('change keys when asked, and when the place changes (RFC 4568 §7.1.4)', () => {
    const { alice, bob, offer, answer } = settle(secure(), secure({ address: '192.0.2.2', port: 5000 }))
    const rekeyed = alice.offer(secure(), { rekey: true })
    expect(rekeyed.media[0]?.crypto[0]?.text).not.toBe(offer.media[0]?.crypto[0]?.text)
    const reply = bob.answer(rekeyed, secure({ address: '192.0.2.2', port: 5000 }))
    if (isRejection(reply)) throw new Error(reply.rejected)
    expect(reply.answer.media[0]?.crypto[0]?.text).not.toBe(answer.media[0]?.crypto[0]?.text)
    alice.accept(reply.answer)
    expect(alice.offer(secure({ port: 4444 })).media[0]?.crypto[0]?.text).not.toBe(rekeyed.media[0]?.crypto[0]?.text)
  })

  it('forget an offer that was refused, but not its version: another description never has it (§8)', () => {
    const { alice, offer } = settle()
    const refused = alice.offer(local({ direction: 'inactive' }))
    alice.withdraw()
    expect(alice.localDescription?.toString()).toBe(offer.toString())
    expect(alice.offer(local({ direction: 'inactive' })).toString()).toBe(refused.toString())
    alice.withdraw()
    expect(alice.offer(local({ direction: 'sendonly' })).origin?.version).toBe('3')
  })

  it('keep places of rejected streams in later offers', () => {
    const bob = side('2')
    bob.answer(offerOf('m=video 5000 RTP/AVP 34', 'm=audio 6000 RTP/AVP 8'), local())
    const offer = bob.offer(local({ direction: 'sendonly' }))
    expect(offer.media.map((m) => [m.media, m.port])).toEqual([
      ['video', 0],
      ['audio', 4000],
    ])
    expect(offer.session.lines('t')).toEqual(['3724394400 3724398000'])
  })

  it('keep places of streams that others have offered in its name, closed', () => {
    const alice = side('1')
    const bob = side('2')
    bob.answer(alice.offer(local()), local())
    const previous = offerOf('m=audio 0 RTP/AVP 8', 'm=image 7000 udptl t38', 'a=T38FaxVersion:0')
    const offer = bob.offer(local(), { previous })
    expect(offer.media.map((m) => [m.media, m.port])).toEqual([
      ['audio', 4000],
      ['image', 0],
    ])
    expect(isRejection(bob.accept(answered(offer).answer))).toBe(false)
  })

  const judge = (capabilities: LocalAudio, change: (answer: string) => string) => {
    const alice = side('1')
    const reply = side('2').answer(alice.offer(capabilities), {
      ...capabilities,
      address: '192.0.2.2',
      direction: 'sendrecv',
    })
    if (isRejection(reply)) throw new Error(reply.rejected)
    return alice.accept(SessionDescription.parse(change(reply.answer.toString())))
  }

  it.each([
    ['no port', (s: string) => s.replace(/m=audio \d+/, 'm=audio 0'), 'port 0'],
    ['another m= line', (s: string) => `${s}m=video 0 RTP/AVP 34\r\n`, '2 m= lines'],
    ['another transport', (s: string) => s.replace('RTP/SAVP', 'RTP/AVP'), 'answers RTP/SAVP'],
    ['another tag', (s: string) => s.replace('a=crypto:1', 'a=crypto:8'), 'tag 8'],
    ['another suite', (s: string) => s.replace(/SHA1_80/, 'SHA1_32'), 'suite'],
    ['no crypto', (s: string) => s.replace(/a=crypto.*\r\n/, ''), 'without a crypto'],
    ['two cryptos', (s: string) => s.replace(/(a=crypto.*\r\n)/, '$1$1'), '2 crypto'],
    ['a broken key', (s: string) => s.replace('inline:', 'inline:AAAA'), 'invalid crypto'],
    ['no codec', (s: string) => s.replace('RTP/SAVP 8 0 101', 'RTP/SAVP 101'), 'no codec'],
  ])('an answer with %s is refused', (_, change, reason) => {
    expect(judge(secure(), change)).toMatchObject({ status: 488, rejected: expect.stringContaining(reason) })
  })

  it('names wrong directions, times and payload types, and goes on', () => {
    const result = judge(local({ direction: 'sendonly' }), (s) =>
      s.replace('a=recvonly', 'a=sendrecv').replace('t=0 0', 't=0 3724394400').replaceAll('101', '97'),
    )
    if (isRejection(result)) throw new Error(result.rejected)
    expect(result.violations.map((one) => one.code)).toEqual(['answer-time', 'answer-direction', 'answer-payload-type'])
    expect(result.negotiated).toMatchObject({ direction: 'sendonly', dtmf: { send: 97, receive: 101 } })
  })

  it('tells when an offer breaks §8', () => {
    const { offer } = settle()
    const successor = (change: (s: string) => string) =>
      checkSuccessor(offer, SessionDescription.parse(change(offer.toString()))).map((one) => one.code)
    expect(successor((s) => s)).toEqual([])
    expect(successor((s) => s.replace('a=sendrecv', 'a=sendonly'))).toEqual(['successor-version'])
    expect(successor((s) => s.replace('o=- 1 1 ', 'o=- 1 3 ').replace('a=sendrecv', 'a=sendonly'))).toEqual([
      'successor-version',
    ])
    expect(successor((s) => s.replace('o=- 1 1 ', 'o=- 9 2 ').replace('a=sendrecv', 'a=sendonly'))).toEqual([
      'successor-origin',
    ])
    expect(successor((s) => s.replace('o=- 1 1 ', 'o=- 1 2 ').replace('101 telephone-event', '101 opus'))).toEqual([
      'successor-payload-type',
    ])
  })
})
