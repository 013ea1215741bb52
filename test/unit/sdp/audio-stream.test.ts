import { describe, expect, it } from 'vitest'
import { isUnicastAddress, type LocalAudio, type NegotiatedAudio } from '../../../src/sdp/audio-stream.js'
import { isRejection, OfferAnswer } from '../../../src/sdp/offer-answer.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
const HEAD = ['v=0', 'o=- 7 7 IN IP4 192.0.2.9', 's=-']
const CONNECTED = [...HEAD, 'c=IN IP4 192.0.2.9', 't=0 0']
let drawn = 0
const side = () =>
  new OfferAnswer({ sessionId: '1', makeKey: (octets) => Buffer.alloc(octets, (drawn = (drawn % 255) + 1)) })
const local = (o: Partial<LocalAudio> = {}): LocalAudio => ({
  address: '192.0.2.1',
  port: 4000,
  codecs: ['PCMA', 'PCMU'],
  suites: [],
  ...o,
})
const secure = (o: Partial<LocalAudio> = {}) => local({ suites: ['AES_CM_128_HMAC_SHA1_80'], ...o })
const crypto = (tag: string, rest = '') => `a=crypto:${tag} AES_CM_128_HMAC_SHA1_80 inline:${KEY}${rest}`
const AUDIO = 'm=audio 6000 RTP/AVP 8'
const SECURE = 'm=audio 6000 RTP/SAVP 8'

const respond = (lines: readonly string[], o: LocalAudio = local()) =>
  side().answer(SessionDescription.fromLines(lines), o)
function answered(lines: readonly string[], o?: LocalAudio) {
  const result = respond(lines, o)
  if (isRejection(result)) throw new Error(result.rejected)
  return result
}
/** What our answer says, and what it makes of the offer. */
const negotiated = (media: readonly string[], o?: LocalAudio) => answered([...CONNECTED, ...media], o).negotiated
const refused = (lines: readonly string[], o?: LocalAudio) => {
  const result = respond(lines, o)
  return isRejection(result) ? `${result.status} ${result.rejected}` : 'taken'
}

describe('what cannot be used of an offer is said (RFC 3264 §6)', () => {
  it.each<[readonly string[], LocalAudio, string]>([
    [[...CONNECTED, 'm=video 6000 RTP/AVP 8'], local(), '488 m= line 1 (video): only audio is spoken here'],
    [
      [...CONNECTED, 'm=audio 0 RTP/AVP 8', 'm=video 1 x 8'],
      local(),
      '488 m= line 2 (video): only audio is spoken here',
    ],
    [
      [...CONNECTED, 'm=audio 6000 RTP/AVPF 8'],
      local(),
      '488 m= line 1 (audio): transport RTP/AVPF is not spoken here',
    ],
    [[...CONNECTED, 'm=audio 6000 RTP/AVP 9'], local(), '488 m= line 1 (audio): no codec in common'],
    [
      [...CONNECTED, 'm=audio 1 RTP/AVP 9', 'm=video 2 RTP/AVP 8'],
      local(),
      '488 m= line 1 (audio): no codec in common; m= line 2 (video): only audio is spoken here',
    ],
    [[...HEAD, 't=0 0', AUDIO], local(), '488 m= line 1 (audio): no c= line (RFC 8866 §5.7)'],
    [
      [...CONNECTED, AUDIO, 'c=IN IP4 pc.example.net'],
      local(),
      '488 m= line 1 (audio): no unicast address literal: pc.example.net',
    ],
    [
      [...CONNECTED, AUDIO, `c=IN IP4 ${'x'.repeat(70)}`],
      local(),
      `488 m= line 1 (audio): no unicast address literal: ${'x'.repeat(60)}`,
    ],
    [
      [...CONNECTED, AUDIO, 'c=IN IP6 2001:db8::1'],
      local(),
      '488 m= line 1 (audio): an address of the other family: 2001:db8::1',
    ],
    [
      [...CONNECTED, AUDIO],
      local({ address: '2001:db8::1' }),
      '488 m= line 1 (audio): an address of the other family: 192.0.2.9',
    ],
    [[...CONNECTED, AUDIO], secure({ srtpRequired: true }), '488 m= line 1 (audio): SRTP is required'],
    // Nothing to require it with.
    [[...CONNECTED, AUDIO], local({ srtpRequired: true }), 'taken'],
    [[...CONNECTED, SECURE, crypto('1')], local(), '488 m= line 1 (audio): SRTP is not spoken here'],
    [[...CONNECTED, SECURE], secure(), '488 m= line 1 (audio): SRTP without key management'],
    [
      [...CONNECTED, SECURE, 'a=fingerprint:sha-1 AB', 'a=key-mgmt:mikey AAAA'],
      secure(),
      '488 m= line 1 (audio): key management by mikey and dtls-srtp is not spoken here',
    ],
    [
      [...CONNECTED, SECURE, crypto('1', ` FEC_KEY=inline:${KEY}`)],
      secure(),
      '488 m= line 1 (audio): no valid crypto attribute of a suite in common',
    ],
    [[], local(), '400 not a session description'],
    [['hello'], local(), '400 not a session description'],
  ])('%#: %j', (lines, o, expected) => {
    expect(refused(lines, o)).toContain(expected)
  })
})

describe('addresses that packets can be sent to', () => {
  it.each([
    ['192.0.2.1', true],
    ['223.255.255.255', true],
    ['224.0.0.1', false],
    ['239.255.255.255', false],
    ['240.0.0.1', true],
    ['2001:db8::1', true],
    ['2001:db8::ff', true],
    ['ff02::1', false],
    ['FF02::1', false],
    ['example.net', false],
    ['ffffoo', false],
  ])('%s: %s', (address, unicast) => {
    expect(isUnicastAddress(address)).toBe(unicast)
  })

  it('the unspecified ones are not sent to (RFC 3264 §8.4)', () => {
    expect(negotiated([AUDIO, 'c=IN IP4 0.0.0.0', 'a=rtcp:7'])).toMatchObject({
      remote: undefined,
      remoteRtcp: undefined,
    })
    const six = local({ address: '2001:db8::1' })
    expect(negotiated([AUDIO, 'c=IN IP6 ::', 'a=rtcp-mux'], { ...six, rtcpMux: true })).toMatchObject({
      remote: undefined,
      remoteRtcp: undefined,
    })
    // An address for RTCP alone does not make it possible.
    expect(negotiated([AUDIO, 'c=IN IP4 0.0.0.0', 'a=rtcp:7 IN IP4 192.0.2.9'])?.remoteRtcp).toBeUndefined()
  })
})

describe('where RTCP goes (RFC 3550 §11, RFC 3605 §2.1, RFC 5761 §5.1.1)', () => {
  it.each([
    [['m=audio 65534 RTP/AVP 8'], 65535],
    [['m=audio 65535 RTP/AVP 8'], undefined],
    [[AUDIO, 'a=rtcp:65535'], 65535],
    [[AUDIO, 'a=rtcp:1'], 1],
    [[AUDIO, 'a=rtcp:0'], undefined],
    [[AUDIO, 'a=rtcp:7 IN IP6 2001:db8::9'], undefined],
    // Neither names nor groups nor nowhere.
    [[AUDIO, 'a=rtcp:7 IN IP4 pc.example.net'], undefined],
    [[AUDIO, 'a=rtcp:7 IN IP4 224.0.0.9'], undefined],
    [[AUDIO, 'a=rtcp:7 IN IP4 0.0.0.0'], undefined],
    [[AUDIO, 'a=rtcp:7 IN IP4 192.0.2.77'], 7],
  ])('%j: port %s', (media, port) => {
    expect(negotiated(media)?.remoteRtcp?.port).toBe(port)
  })
})

it('RTCP goes to no host name in IPv6 either', () => {
  const six = local({ address: '2001:db8::1' })
  const rtcp = (value: string) =>
    negotiated([AUDIO, 'c=IN IP6 2001:db8::9', `a=rtcp:7 IN IP6 ${value}`], six)?.remoteRtcp
  expect(rtcp('pc.example.net')).toBeUndefined()
  expect(rtcp('2001:db8::77')).toEqual({ address: '2001:db8::77', port: 7 })
})

describe('formats', () => {
  const of = (lines: readonly string[], o: Partial<LocalAudio> = {}) => {
    const { answer, negotiated: stream } = answered([...CONNECTED, ...lines], local(o))
    return [answer.media[0]?.formats.join(' '), stream?.codec, stream?.dtmf?.events]
  }
  it.each([
    [['m=audio 1 RTP/AVP 96 8', 'a=rtpmap:96 PCMU/16000'], {}, ['8', 'PCMA', undefined]],
    [['m=audio 1 RTP/AVP 96 8', 'a=rtpmap:96 PCMU/8000/2'], {}, ['8', 'PCMA', undefined]],
    [['m=audio 1 RTP/AVP 96 8', 'a=rtpmap:96 pcmu/8000'], {}, ['96 8', 'PCMU', undefined]],
    [
      ['m=audio 1 RTP/AVP 8 96', 'a=rtpmap:96 Telephone-Event/8000'],
      { dtmfPayloadType: 101 },
      ['8 96', 'PCMA', '0-15'],
    ],
    [
      ['m=audio 1 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-9'],
      { dtmfPayloadType: 101 },
      ['8 96', 'PCMA', '0-9'],
    ],
    [
      ['m=audio 1 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/16000'],
      { dtmfPayloadType: 101 },
      ['8', 'PCMA', undefined],
    ],
    [['m=audio 1 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000'], {}, ['8', 'PCMA', undefined]],
    [['m=audio 1 RTP/AVP 0 8'], { codecs: ['PCMA'] as const }, ['8', 'PCMA', undefined]],
  ])('%j with %j: %j', (lines, o, expected) => {
    expect(of(lines, o)).toEqual(expected)
  })

  it('the first number of a codec is the one that is sent (RFC 3264 §6.1)', () => {
    const stream = negotiated(['m=audio 1 RTP/AVP 8 96 0', 'a=rtpmap:96 PCMA/8000', 'a=ptime:30'])
    expect([...stream!.sendPayloadTypes].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['PCMA', 8],
      ['PCMU', 0],
    ])
    expect(stream).toMatchObject({ ptimeMs: 30, sendPayloadType: 8 })
    expect(stream).not.toHaveProperty('dtmf')
    expect(stream).not.toHaveProperty('crypto')
    expect(negotiated([AUDIO])?.ptimeMs).toBe(20)
  })
})

describe('what we write', () => {
  const lines = (sdp: SessionDescription) => sdp.toString().trimEnd().split('\r\n').slice(5)
  it.each([
    [local(), ['m=audio 4000 RTP/AVP 8 0', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:0 PCMU/8000', 'a=ptime:20', 'a=sendrecv']],
    [
      local({ codecs: ['PCMU'], dtmfPayloadType: 101, ptimeMs: 30, rtcpPort: 4001, direction: 'sendonly' }),
      [
        'm=audio 4000 RTP/AVP 0 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:30',
        'a=sendonly',
      ],
    ],
    [
      local({ codecs: ['PCMA'], rtcpPort: 4007, rtcpMux: true }),
      ['m=audio 4000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=ptime:20', 'a=rtcp:4007', 'a=rtcp-mux', 'a=sendrecv'],
    ],
  ])('%#: an offer', (o, expected) => {
    expect(lines(side().offer(o))).toEqual(expected)
  })

  it('an answer: the offer’s numbers, names as we spell them, what it refuses with port 0', () => {
    const { answer } = answered(
      [
        ...CONNECTED,
        'm=audio 1 RTP/AVP 96 97',
        'a=rtpmap:96 pcmu/8000',
        'a=rtpmap:97 telephone-event/8000',
        'a=rtcp-mux',
        'm= ',
        'm=video 1 x',
      ],
      local({ dtmfPayloadType: 101, rtcpMux: true }),
    )
    expect(lines(answer)).toEqual([
      'm=audio 4000 RTP/AVP 96 97',
      'a=rtpmap:96 PCMU/8000',
      'a=rtpmap:97 telephone-event/8000',
      'a=fmtp:97 0-15',
      'a=ptime:20',
      'a=rtcp-mux',
      'a=sendrecv',
      'm=audio 0 RTP/AVP 0',
      'm=video 0 x 0',
    ])
  })

  it('the time of the offer, and of one that has none the one without bounds', () => {
    const time = (sdp: readonly string[]) => answered(sdp).answer.session.lines('t')
    expect(time([...HEAD, 'c=IN IP4 192.0.2.9', 't=3724394400 0', 't=0 0', AUDIO])).toEqual(['3724394400 0', '0 0'])
    expect(time([...HEAD, 'c=IN IP4 192.0.2.9', AUDIO])).toEqual(['0 0'])
  })
})

describe('our offer and what answers it', () => {
  const settle = (o: LocalAudio, change: (answer: string) => string, theirs: Partial<LocalAudio> = {}) => {
    const alice = side()
    const reply = side().answer(alice.offer(o), { ...o, address: '192.0.2.2', direction: 'sendrecv', ...theirs })
    if (isRejection(reply)) throw new Error(reply.rejected)
    return { alice, result: alice.accept(SessionDescription.parse(change(reply.answer.toString()))) }
  }
  const stream = (...args: Parameters<typeof settle>): NegotiatedAudio | undefined => {
    const { result } = settle(...args)
    if (isRejection(result)) throw new Error(result.rejected)
    return result.negotiated
  }
  const same = (sdp: string) => sdp

  it.each([
    [
      'an unknown address',
      local(),
      (s: string) => s.replace('c=IN IP4 192.0.2.2', 'c=IN IP4 pc.example.net'),
      'no unicast address',
    ],
    ['another kind of medium', local(), (s: string) => s.replace('m=audio', 'm=video'), 'm=video answers m=audio'],
    ['weaker SRTP', secure(), (s: string) => s.replace(/(a=crypto.*)/, '$1 UNENCRYPTED_SRTP'), 'weakens'],
    ['weaker SRTCP', secure(), (s: string) => s.replace(/(a=crypto.*)/, '$1 UNENCRYPTED_SRTCP'), 'weakens'],
    ['no authentication', secure(), (s: string) => s.replace(/(a=crypto.*)/, '$1 UNAUTHENTICATED_SRTP'), 'weakens'],
    [
      'a broken key',
      secure(),
      (s: string) => s.replace(/inline:.*/, 'inline:?'),
      'invalid crypto attribute: crypto-key-base64',
    ],
  ])('%s is refused, and the offer still waits', (_, o, change, reason) => {
    const { alice, result } = settle(o, change)
    expect(result).toMatchObject({ status: 488, rejected: expect.stringContaining(reason) })
    expect(alice.pending).toBe(true)
  })

  it('an answer needs an offer', () => {
    const alice = side()
    const answer = SessionDescription.fromLines([...CONNECTED, AUDIO])
    expect(alice.accept(answer)).toMatchObject({ status: 488, rejected: 'an answer without an offer' })
    alice.answer(answer, local())
    expect(alice.accept(answer)).toMatchObject({ status: 488, rejected: 'an answer without an offer' })
  })

  it('knows whether an offer waits, what was sent and what came', () => {
    const alice = side()
    expect([alice.pending, alice.localDescription, alice.remoteDescription]).toEqual([false, undefined, undefined])
    alice.withdraw()
    const offer = alice.offer(local())
    expect([alice.pending, alice.localDescription?.toString()]).toEqual([true, offer.toString()])
    const reply = side().answer(offer, local({ address: '192.0.2.2' }))
    if (isRejection(reply)) throw new Error(reply.rejected)
    alice.accept(reply.answer)
    expect([alice.pending, alice.remoteDescription?.toString()]).toEqual([false, reply.answer.toString()])
    // Nothing to take back any more.
    alice.withdraw()
    expect(alice.remoteDescription?.toString()).toBe(reply.answer.toString())
  })

  it.each([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'recvonly', 'sendonly'],
    ['sendrecv', 'sendonly', 'recvonly'],
    ['recvonly', 'sendonly', 'recvonly'],
    ['sendonly', 'recvonly', 'sendonly'],
    ['sendonly', 'inactive', 'inactive'],
    ['recvonly', 'inactive', 'inactive'],
  ] as const)('an offer of %s answered with %s is %s', (direction, answer, expected) => {
    const change = (s: string) => s.replace(/a=(sendrecv|sendonly|recvonly)/, `a=${answer}`)
    expect(stream(local({ direction }), change)?.direction).toBe(expected)
  })

  it('shares a port where both say so (RFC 5761 §5.1.1)', () => {
    expect(stream(local({ rtcpMux: true }), same)).toMatchObject({ rtcpMux: true, remoteRtcp: { port: 4000 } })
    expect(stream(local({ rtcpMux: true }), same, { rtcpMux: false })).toMatchObject({ rtcpMux: false })
    expect(stream(local(), (s) => `${s}a=rtcp-mux\r\n`)).toMatchObject({ rtcpMux: false, remoteRtcp: { port: 4001 } })
  })

  it('has telephone-event and keys only where both have', () => {
    const events = local({ dtmfPayloadType: 101 })
    expect(stream(events, same)?.dtmf).toEqual({ send: 101, receive: 101, events: '0-15' })
    expect(stream(events, (s) => s.replaceAll(' 101', ' '))).not.toHaveProperty('dtmf')
    expect(stream(local(), same)).not.toHaveProperty('dtmf')
    expect(stream(local(), same)).not.toHaveProperty('crypto')
  })

  it('without suites has no keys, with them after plain RTP new ones', () => {
    const alice = side()
    expect(alice.offer(local()).media[0]?.crypto).toEqual([])
    expect(alice.offer(secure()).media[0]?.crypto.map((line) => line.tag)).toEqual(['1'])
    expect(alice.offer(local()).media[0]?.crypto).toEqual([])
  })
})

describe('keys of our answers (RFC 4568 §7.1.4)', () => {
  const offer = (line: string) => SessionDescription.fromLines([...CONNECTED, SECURE, line])
  const keyOf = (bob: OfferAnswer, line: string, o = secure()) => {
    const reply = bob.answer(offer(line), o)
    if (isRejection(reply)) throw new Error(reply.rejected)
    return reply.answer.media[0]!.crypto[0]!.attribute!
  }
  const two = secure({ suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] })

  it('stay while theirs and our place stay, under the tag that was offered', () => {
    const bob = side()
    const first = keyOf(bob, crypto('1'))
    const second = keyOf(bob, crypto('7'))
    expect(second.keys).toEqual(first.keys)
    expect(second.tag).toBe('7')
    expect(keyOf(bob, crypto('1'), secure({ port: 4002 })).keys).not.toEqual(first.keys)
  })

  it('change with theirs, and with the suite', () => {
    const bob = side()
    const first = keyOf(bob, crypto('1'), two)
    const other = crypto('1').replace(KEY, KEY.replace('W', 'X'))
    const second = keyOf(bob, other, two)
    expect(second.keys).not.toEqual(first.keys)
    expect(keyOf(bob, other.replace('SHA1_80', 'SHA1_32'), two).keys).not.toEqual(second.keys)
  })

  it('carry the parameters that were negotiated', () => {
    const weak = secure({ allowWeakened: true })
    for (const word of ['UNENCRYPTED_SRTP', 'UNENCRYPTED_SRTCP', 'UNAUTHENTICATED_SRTP']) {
      const bob = side()
      const reply = bob.answer(offer(crypto('1', ` ${word}`)), weak)
      expect(isRejection(reply) ? '' : reply.answer.media[0]?.crypto[0]?.text).toMatch(
        new RegExp(`= ${word}$|\\w ${word}$`),
      )
      expect(refused([...CONNECTED, SECURE, crypto('1', ` ${word}`)], secure())).toContain('no valid crypto')
    }
  })

  it('are not taken from a tag that is there twice (§4.1)', () => {
    const twice = [...CONNECTED, SECURE, crypto('1').replace('SHA1_80', 'SHA1_32'), crypto('1'), crypto('2')]
    expect(answered(twice, secure()).answer.media[0]?.crypto[0]?.tag).toBe('2')
  })
})
