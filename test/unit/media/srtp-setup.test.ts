import { describe, expect, it } from 'vitest'
import { serializeRtp } from '../../../src/media/rtp.js'
import { SrtpContexts } from '../../../src/media/srtp-contexts.js'
import { masterKeysOf, sameKeys, srtpContextOf } from '../../../src/media/srtp-setup.js'
import type { SrtpContext } from '../../../src/media/srtp.js'
import type { NegotiatedAudio } from '../../../src/sdp/audio-stream.js'
import { type CryptoAttribute, parseCrypto } from '../../../src/sdp/crypto-attribute.js'

const SSRC = 7
const attribute = (letter: string, rest = '', suite = 'AES_CM_128_HMAC_SHA1_80') => {
  const octets = suite.startsWith('AES_256') ? 46 : 30
  const line = parseCrypto(`1 ${suite} inline:${Buffer.alloc(octets, letter).toString('base64')}${rest}`)
  expect(line.faults).toEqual([])
  return line.attribute!
}
const rtp = (sequenceNumber: number) =>
  serializeRtp({
    marker: false,
    payloadType: 8,
    sequenceNumber,
    timestamp: 0,
    ssrc: SSRC,
    payload: Buffer.alloc(20, 'audio'),
  })
const rtcp = Buffer.from('80c9000100000007', 'hex')
const opens = (receiver: SrtpContext | undefined, packet: Buffer) => Buffer.isBuffer(receiver?.unprotect(packet))

describe('a context of an a=crypto line (RFC 4568 §6)', () => {
  it('has key and salt of the suite’s lengths', () => {
    for (const [suite, key] of [
      ['AES_CM_128_HMAC_SHA1_32', 16],
      ['AES_256_CM_HMAC_SHA1_80', 32],
    ] as const) {
      const [master] = masterKeysOf(attribute('k', '', suite))
      expect([master?.key.length, master?.salt.length, master?.mki]).toEqual([key, 14, undefined])
      expect(srtpContextOf(attribute('k', '', suite)).suite.name).toBe(suite)
    }
  })

  it.each([
    ['1:1', '01'],
    ['255:1', 'ff'],
    ['1:4', '00000001'],
    ['4660:3', '001234'],
  ])('has the MKI %s as the octets %s, big-endian (§6.1)', (mki, octets) => {
    expect(Buffer.from(masterKeysOf(attribute('k', `|${mki}`))[0]?.mki ?? []).toString('hex')).toBe(octets)
    const packet = srtpContextOf(attribute('k', `|${mki}`)).protect(rtp(1))
    expect(packet.subarray(32, packet.length - 10).toString('hex')).toBe(octets)
  })

  it('of a suite that is not spoken here there is none', () => {
    const other = { ...attribute('k'), suite: 'F8_128_HMAC_SHA1_80' }
    expect(() => srtpContextOf(other)).toThrow('no such suite: F8_128_HMAC_SHA1_80')
    expect(() => masterKeysOf(other)).toThrow(new RangeError('no such suite: F8_128_HMAC_SHA1_80'))
  })

  it('derives keys as often as KDR says (§6.3.1)', () => {
    const [plain, often] = [attribute('k'), attribute('k', ' KDR=4')].map((one) => srtpContextOf(one))
    expect(plain!.protect(rtp(15))).toEqual(often!.protect(rtp(15)))
    expect(plain!.protect(rtp(16))).not.toEqual(often!.protect(rtp(16)))
  })

  // §6.3.6: a hint.
  it.each([
    ['', 127],
    [' WSH=64', 127],
    [' WSH=255', 255],
    [' WSH=100000', 1023],
  ])('with%s takes packets %i behind the newest, and none further back', (wsh, window) => {
    const sender = srtpContextOf(attribute('k'))
    const packets = Array.from({ length: window + 2 }, (_, at) => sender.protect(rtp(at)))
    const receiver = srtpContextOf(attribute('k', wsh))
    expect([packets[window + 1], packets[1], packets[0]].map((packet) => opens(receiver, packet!))).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each([
    [' UNENCRYPTED_SRTP', true, true, false],
    [' UNAUTHENTICATED_SRTP', false, false, false],
    [' UNENCRYPTED_SRTCP', false, true, true],
    ['', false, true, false],
  ])('with%s: clear RTP %s, RTP tag %s, clear RTCP %s (§6.3.2, §6.3.3)', (words, clear, tag, clearRtcp) => {
    const context = srtpContextOf(attribute('k', words))
    const packet = context.protect(rtp(1))
    expect(packet.subarray(0, 32).equals(rtp(1))).toBe(clear)
    expect(packet.length).toBe(tag ? 42 : 32)
    expect(context.protectRtcp(rtcp).readUInt32BE(8)).toBe(clearRtcp ? 0 : 0x80000000)
  })

  it('goes on while suite and keys are the same', () => {
    const a = attribute('a')
    const two = { ...a, keys: [...a.keys, ...attribute('b').keys] }
    expect(sameKeys(a, attribute('a', ' WSH=64'))).toBe(true)
    expect(sameKeys(two, { ...two, tag: '2' })).toBe(true)
    for (const other of [attribute('b'), attribute('a', '', 'AES_CM_128_HMAC_SHA1_32'), two, { ...a, keys: [] }])
      expect([sameKeys(a, other), sameKeys(other, a)]).toEqual([false, false])
    expect(sameKeys({ ...a, keys: [...a.keys, ...a.keys] }, two)).toBe(false)
    expect(sameKeys(undefined, a)).toBe(false)
  })
})

describe('the contexts of a session, through its changes (RFC 4568 §7.1.4, RFC 3711 §3.3.1)', () => {
  const agreed = (
    send?: CryptoAttribute,
    receive = send,
    remote: NegotiatedAudio['remote'] = { address: '192.0.2.2', port: 4000 },
  ): NegotiatedAudio => ({
    mediaIndex: 0,
    remote,
    remoteRtcp: undefined,
    rtcpMux: false,
    direction: 'sendrecv',
    codec: 'PCMA',
    sendPayloadType: 8,
    sendPayloadTypes: new Map(),
    receivePayloadTypes: new Map(),
    ptimeMs: 20,
    ...(send && receive ? { crypto: { send, receive } } : {}),
  })
  const heard = { sources: () => [{ ssrc: SSRC }, { ssrc: 8 }] }
  /** A session that has sent and heard packets past the first wrap of their numbers. */
  const underWay = (first: NegotiatedAudio) => {
    const contexts = new SrtpContexts()
    contexts.agree(undefined, first, heard)
    const peer = srtpContextOf(first.crypto!.receive)
    for (const sequence of [65_535, 0]) {
      contexts.send!.protect(rtp(sequence))
      expect(opens(contexts.receive, peer.protect(rtp(sequence)))).toBe(true)
    }
    return { contexts, peer }
  }
  const counters = ({ send, receive }: SrtpContexts) => [send?.rolloverCounter(SSRC), receive?.rolloverCounter(SSRC)]

  it('are none without SRTP, before and after', () => {
    const contexts = new SrtpContexts()
    contexts.agree(undefined, agreed(), heard)
    expect([contexts.send, contexts.receive, contexts.receiveBefore]).toEqual([undefined, undefined, undefined])
    const first = agreed(attribute('a'))
    contexts.agree(agreed(), first, heard)
    contexts.agree(first, agreed(attribute('b')), heard)
    expect(contexts.receiveBefore).toBeDefined()
    contexts.agree(agreed(attribute('b')), agreed(), heard)
    expect([contexts.send, contexts.receive, contexts.receiveBefore]).toEqual([undefined, undefined, undefined])
  })

  it('stay while the keys stay, wherever the peer goes', () => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts } = underWay(first)
    const { send, receive } = contexts
    contexts.agree(first, agreed(attribute('a'), attribute('b'), { address: '192.0.2.3', port: 4 }), heard)
    expect([contexts.send === send, contexts.receive === receive, contexts.receiveBefore]).toEqual([
      true,
      true,
      undefined,
    ])
    expect(counters(contexts)).toEqual([1, 1])
  })

  it('take new keys at the same place with their counters going on, and late packets of the old ones', () => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts, peer } = underWay(first)
    const { send, receive } = contexts
    contexts.agree(first, agreed(attribute('c'), attribute('d')), heard)
    expect(contexts.send).toBe(send)
    expect(contexts.receiveBefore).toBe(receive)
    expect(counters(contexts)).toEqual([1, 1])
    // A source that has not been heard has no counter.
    expect(contexts.receive?.rolloverCounter(8)).toBeUndefined()
    expect(opens(contexts.receiveBefore, peer.protect(rtp(1)))).toBe(true)
    peer.rekey(masterKeysOf(attribute('d')))
    expect(opens(contexts.receive, peer.protect(rtp(2)))).toBe(true)
    // The peer hears us under the new key.
    const ears = srtpContextOf(attribute('c'))
    ears.setRolloverCounter(SSRC, 1)
    expect(opens(ears, contexts.send!.protect(rtp(1)))).toBe(true)
  })

  it.each([
    ['address', { address: '192.0.2.3', port: 4000 }],
    ['port', { address: '192.0.2.2', port: 4002 }],
  ])('begin at zero with new keys at another %s', (_, remote) => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts } = underWay(first)
    const { send } = contexts
    contexts.agree(first, agreed(attribute('c'), attribute('d'), remote), heard)
    expect(contexts.send).not.toBe(send)
    expect(counters(contexts)).toEqual([undefined, undefined])
  })

  it('go on through a hold without an address, and begin at zero where it ends elsewhere', () => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts } = underWay(first)
    const held = { ...first, remote: undefined }
    contexts.agree(first, held, heard)
    expect(counters(contexts)).toEqual([1, 1])
    const rekeyed = { ...agreed(attribute('c'), attribute('d')), remote: undefined }
    contexts.agree(held, rekeyed, heard)
    expect(counters(contexts)).toEqual([1, 1])
    contexts.agree(rekeyed, agreed(attribute('e'), attribute('f')), heard)
    expect(counters(contexts)).toEqual([undefined, undefined])
  })

  it('begin anew with another suite', () => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts } = underWay(first)
    const short = (letter: string) => attribute(letter, '', 'AES_CM_128_HMAC_SHA1_32')
    contexts.agree(first, agreed(short('a'), short('b')), heard)
    expect([contexts.send?.suite.name, contexts.receive?.suite.name]).toEqual([
      'AES_CM_128_HMAC_SHA1_32',
      'AES_CM_128_HMAC_SHA1_32',
    ])
  })

  it('change in one direction alone', () => {
    const first = agreed(attribute('a'), attribute('b'))
    const { contexts } = underWay(first)
    const { send, receive } = contexts
    contexts.agree(first, agreed(attribute('a'), attribute('d')), heard)
    expect([contexts.send === send, contexts.receive === receive]).toEqual([true, false])
    const second = contexts.receive
    contexts.agree(agreed(attribute('a'), attribute('d')), agreed(attribute('c'), attribute('d')), heard)
    expect([contexts.receive === second, contexts.receiveBefore === receive]).toEqual([true, true])
  })

  it('keep a counter of zero out of it', () => {
    const first = agreed(attribute('a'))
    const contexts = new SrtpContexts()
    contexts.agree(undefined, first, heard)
    expect(opens(contexts.receive, srtpContextOf(attribute('a')).protect(rtp(1)))).toBe(true)
    contexts.agree(first, agreed(attribute('b')), heard)
    expect(contexts.receive?.rolloverCounter(SSRC)).toBeUndefined()
  })
})
