/** Messages for a collector: which are sent, and how they are encoded. */
import { describe, expect, test } from 'vitest'
import { HEP_AGENT, hepPacket } from '../../../src/evidence/hep.js'
import { serializeRtcp } from '../../../src/media/rtcp.js'
import { HepTap } from '../../../src/evidence/hep-tap.js'
import type { WireEvent } from '../../../src/transport/recording-network.js'

const LOCAL = { address: '127.0.0.1', port: 40_000 }
const REMOTE = { address: '127.0.0.71', port: 5060 }

const message = (body = '', first = 'OPTIONS sip:bob@example.com SIP/2.0') =>
  [
    first,
    'Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: call-1@here',
    'CSeq: 1 OPTIONS',
    'Authorization: Digest username="alice", response="0123456789abcdef0123456789abcdef"',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')

/** Chunks by number; those of other vendors fail. */
function chunksOf(packet: Buffer): Map<number, Buffer> {
  expect(packet.toString('latin1', 0, 4)).toBe('HEP3')
  expect(packet.readUInt16BE(4)).toBe(packet.length)
  const chunks = new Map<number, Buffer>()
  for (let at = 6; at < packet.length; at += packet.readUInt16BE(at + 4)) {
    expect(packet.readUInt16BE(at)).toBe(0)
    chunks.set(packet.readUInt16BE(at + 2), packet.subarray(at + 6, at + packet.readUInt16BE(at + 4)))
  }
  return chunks
}

function tapped(events: readonly Partial<WireEvent>[]): Map<number, Buffer>[] {
  const sent: Map<number, Buffer>[] = []
  const tap = new HepTap({
    unixAt: (clockMs) => 1_700_000_000_000 + clockMs,
    send: (datagram) => sent.push(chunksOf(datagram)),
  })
  for (const event of events)
    tap.see({ at: 250.5, kind: 'datagram', direction: 'out', transport: 'udp', local: LOCAL, remote: REMOTE, ...event })
  return sent
}

const datagram = (text: string | Buffer, o: Partial<WireEvent> = {}) => ({ data: Buffer.from(text), ...o })
const segment = (text: string, o: Partial<WireEvent> = {}): Partial<WireEvent> => ({
  kind: 'data',
  transport: 'tls',
  connection: 1,
  data: Buffer.from(text),
  ...o,
})

describe('a message', () => {
  test('with its addresses, its time, its Call-ID and what stood in it, secrets masked', () => {
    const [chunks] = tapped([datagram(message('v=0'))])
    const number = (chunk: number) => chunks?.get(chunk)?.readUIntBE(0, chunks.get(chunk)?.length ?? 0)
    expect([1, 2, 7, 8, 9, 0x0a, 0x0b, 0x0c].map(number)).toEqual([
      2,
      17,
      40_000,
      5060,
      1_700_000_000,
      250_500,
      1,
      HEP_AGENT,
    ])
    expect([...(chunks?.get(3) ?? [])]).toEqual([127, 0, 0, 1])
    expect([...(chunks?.get(4) ?? [])]).toEqual([127, 0, 0, 71])
    expect(chunks?.get(0x11)?.toString()).toBe('call-1@here')
    const payload = chunks?.get(0x0f)?.toString() ?? ''
    expect(payload).toMatch(/^OPTIONS sip:bob@example\.com SIP\/2\.0\r\n[^]*\r\n\r\nv=0$/)
    expect(payload).toContain('response="********************************"')
    expect(payload.length).toBe(message('v=0').length)
  })
  test('that came in goes from them to us, over IPv6 with its long addresses', () => {
    const [chunks] = tapped([
      datagram(message('', 'SIP/2.0 200 OK'), {
        direction: 'in',
        local: { address: '::1', port: 1 },
        remote: { address: '2001:db8::2', port: 5060 },
      }),
    ])
    expect(chunks?.get(1)?.[0]).toBe(10)
    expect(chunks?.get(5)?.toString('hex')).toBe('20010db8000000000000000000000002')
    expect(chunks?.get(6)?.toString('hex')).toBe(`${'0'.repeat(31)}1`)
    expect(chunks?.get(7)?.readUInt16BE(0)).toBe(5060)
  })
  test('of a stream is put together from its pieces, and told once', () => {
    const text = message('v=0\r\n')
    const pieces = [text.slice(0, 70), text.slice(70) + text.slice(0, 10), text.slice(10)]
    const sent = tapped([
      ...pieces.map((piece) => segment(piece)),
      segment('\r\n\r\n'),
      segment(text.slice(0, 50), { connection: 2 }),
    ])
    expect(sent.map((chunks) => [chunks.get(2)?.[0], chunks.get(0x0f)?.length])).toEqual([
      [6, text.length],
      [6, text.length],
    ])
  })
  test('too large for a datagram is not sent', () => {
    const captured = {
      kind: 'sip' as const,
      transport: 'tcp' as const,
      source: LOCAL,
      destination: REMOTE,
      at: 0,
      correlation: 'x',
    }
    expect(hepPacket({ ...captured, payload: Buffer.alloc(66_000) })).toBeUndefined()
    expect(hepPacket({ ...captured, payload: Buffer.alloc(60_000) })?.length).toBeGreaterThan(60_000)
  })
})

test('audio, keep-alives, STUN, DNS and garbage are not sent', () => {
  const rtp = Buffer.concat([Buffer.from([0x80, 8, 0, 1]), Buffer.alloc(168, 0xd5)])
  const stun = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(40)])
  const dns = Buffer.from('aa01010000010000000000000353495003323030076578616d706c6503636f6d0000010001', 'hex')
  expect(
    tapped([rtp, stun, dns, Buffer.from('\r\n\r\n'), Buffer.from('x'.repeat(80))].map((data) => datagram(data))),
  ).toEqual([])
})

describe('RTCP', () => {
  const SDP = (address: string, port: number, more = '') =>
    `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n${more}`
  const invite = (sdp: string) =>
    message(sdp, 'INVITE sip:bob@example.com SIP/2.0').replace(
      'Content-Length',
      'Content-Type: application/sdp\r\nContent-Length',
    )
  const report = serializeRtcp([
    {
      type: 'SR',
      ssrc: 7,
      ntp: { seconds: 3_900_000_000, fraction: 5 },
      rtpTimestamp: 9,
      packets: 3,
      octets: 480,
      reports: [
        { ssrc: 8, fractionLost: 1, cumulativeLost: 2, highestSequence: 3, jitter: 4, lastSr: 5, delaySinceLastSr: 6 },
      ],
    },
    { type: 'SDES', chunks: [{ ssrc: 7, items: [{ type: 1, text: 'cname' }] }] },
  ])
  const rtcp = (port: number, data = report) =>
    datagram(data, { direction: 'in', local: { address: '127.0.0.1', port } })
  const kindsAndCalls = (chunks: readonly Map<number, Buffer>[]) =>
    chunks.map((one) => `${one.get(0x0b)?.[0]} ${one.get(0x11)?.toString()}`)

  test('of a call has its Call-ID, and says what was reported', () => {
    const sent = tapped([datagram(invite(SDP('127.0.0.1', 4000))), rtcp(4001)])
    expect(kindsAndCalls(sent)).toEqual(['1 call-1@here', '5 call-1@here'])
    expect(JSON.parse(sent[1]?.get(0x0f)?.toString() ?? '')).toEqual({
      sender_information: {
        ntp_timestamp_sec: 3_900_000_000,
        ntp_timestamp_usec: 5,
        rtp_timestamp: 9,
        packets: 3,
        octets: 480,
      },
      ssrc: 7,
      type: 200,
      report_count: 1,
      report_blocks: [
        { source_ssrc: 8, fraction_lost: 1, packets_lost: 2, highest_seq_no: 3, ia_jitter: 4, lsr: 5, dlsr: 6 },
      ],
    })
  })
  test('is found by the port that a=rtcp names, and by the port of the audio where both share it', () => {
    const named = datagram(invite(SDP('127.0.0.1', 4000, 'a=rtcp:4711\r\n')))
    expect(kindsAndCalls(tapped([named, rtcp(4711), rtcp(4000), rtcp(4001)]))).toEqual([
      '1 call-1@here',
      '5 call-1@here',
      '5 call-1@here',
    ])
  })
  test('is found by what the other side named', () => {
    const theirs = { address: '127.0.0.71', port: 6001 }
    const sent = tapped([
      datagram(invite(SDP('127.0.0.71', 6000)), { direction: 'in' }),
      { ...rtcp(9), remote: theirs },
    ])
    expect(kindsAndCalls(sent)).toEqual(['1 call-1@here', '5 call-1@here'])
  })
  test('of no known call, and SRTCP, are not sent', () => {
    const sealed = Buffer.concat([report.subarray(0, 8), Buffer.alloc(60, 0xa5)])
    const sent = tapped([rtcp(4001), datagram(invite(SDP('127.0.0.1', 4000))), rtcp(4001, sealed)])
    expect(kindsAndCalls(sent)).toEqual(['1 call-1@here'])
  })
})
