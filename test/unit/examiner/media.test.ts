import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
import { isRtcp } from '../../../src/media/rtp.js'
import type { Endpoint } from '../../../src/transport/network.js'
import { Bench, MEDIA, RELAY, type Stream, sdp, stream } from './bench.js'

const offer = sdp({ address: MEDIA.address, port: MEDIA.port })
const called = (bench = new Bench()): Bench => bench.call(offer, sdp())
const heard = (o: Stream): string[] => stream(called().after(3000), o).alarms

describe('streams of the target', () => {
  const fine: [string, Stream][] = [
    ['a good one', {}],
    ['a sequence number that wraps', { sequence: (i) => 65_520 + i }],
    ['a timestamp that wraps', { timestamp: (i) => 4_294_967_000 + 160 * i }],
    ['lost packets', { sequence: (i) => 2 * i, timestamp: (i) => 320 * i, every: 40 }],
    ['packets that overtake each other', { sequence: (i) => i ^ 1, timestamp: (i) => 160 * (i ^ 1) }],
    ['packets that the wire doubles', { sequence: (i) => i >> 1, timestamp: (i) => 160 * (i >> 1), every: 10 }],
    [
      'a digit: one timestamp, then audio goes on',
      { type: (i) => (i > 20 && i < 30 ? 101 : 8), timestamp: (i) => 160 * (i > 20 && i < 30 ? 21 : i) },
    ],
    ['comfort noise that was not agreed', { type: (i) => (i % 10 === 0 ? 13 : 8) }],
    [
      'packets without payload that keep a path open, of a type that nobody knows (RFC 6263 §4.6)',
      { type: (i) => (i % 10 === 0 ? 120 : 8), payload: (i) => Buffer.alloc(i % 10 === 0 ? 0 : 160, i) },
    ],
    ['silence suppression', { every: 200, timestamp: (i) => 1600 * i, marker: () => true, count: 40 }],
    [
      'a source that begins anew once',
      { sequence: (i) => (i < 25 ? i : 30_000 + i), timestamp: (i) => (i < 25 ? 160 * i : 900_000 + 160 * i) },
    ],
    ['bursts', { every: 0, count: 30 }],
  ]
  it.each(fine)('%s is no alarm', (_, o) => expect(heard(o)).toEqual([]))

  const bad: [string, Stream, string][] = [
    ['timestamps that stand still', { timestamp: () => 5 }, 'fail EXAM-RTP-TIMING'],
    ['timestamps that run backwards', { timestamp: (i) => 100_000 - 160 * i }, 'fail EXAM-RTP-TIMING'],
    ['timestamps at twice the rate', { timestamp: (i) => 320 * i, count: 400 }, 'fail EXAM-RTP-TIMING'],
    ['timestamps that jump ahead', { timestamp: (i) => 160 * i + 8000 * (i >> 2) }, 'warn EXAM-RTP-TIMING'],
    ['a sequence number for several packets', { sequence: (i) => i >> 1 }, 'fail EXAM-RTP-SEQUENCE'],
    ['numbers that begin anew again and again', { sequence: (i) => i + 10_000 * (i >> 3) }, 'warn EXAM-RTP-SEQUENCE'],
    ['a payload type that was not agreed', { type: 0 }, 'fail EXAM-RTP-PAYLOAD-TYPE'],
    [
      'digits under a number that was not agreed',
      { type: (i) => (i > 20 && i < 30 ? 96 : 8) },
      'fail EXAM-RTP-PAYLOAD-TYPE',
    ],
    [
      'a relay that is not published',
      { from: { address: '203.0.113.200', port: 20000 } },
      'fail EXAM-PUBLISHED-RELAYS',
    ],
    ['a port that is not published', { from: { ...RELAY, port: 9000 } }, 'fail EXAM-PUBLISHED-RELAYS'],
  ]
  it.each(bad)('%s', (_, o, alarm) => expect(heard(o)).toContain(alarm))

  it('that never end their search for a name', () => {
    const bench = called().after(3000)
    for (let i = 0; i < 70; i++) stream(bench, { count: 1, ssrc: i })
    expect(bench.alarms).toEqual(['warn EXAM-RTP-SEQUENCE'])
  })
  it('a stall of the harness looks like a stall, not like a wrong clock', () => {
    const bench = stream(called().after(3000), { count: 150, every: 0 })
    stream(bench, { count: 300, sequence: (i) => 1150 + i, timestamp: (i) => 5000 + 160 * (150 + i) })
    expect(bench.alarms).toEqual([])
  })
  it('may begin anew after a new offer', () => {
    const bench = called()
    for (let i = 2; i < 8; i++) {
      const fields = {
        CSeq: `${i} INVITE`,
        Via: `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours${i};rport`,
        To: '<sip:0211550002@test>;tag=theirs',
      }
      bench.out('INVITE sip:x SIP/2.0', fields, offer).in('SIP/2.0 200 OK', fields, sdp())
      stream(bench, { count: 10, sequence: (n) => 9000 * i + n, timestamp: (n) => 77_777 * i + 160 * n })
    }
    expect(bench.alarms).toEqual([])
  })
  it('a stray packet from anywhere is not the provider’s, nor are our own devices', () => {
    expect(heard({ from: { address: '198.51.100.1', port: 4000 }, count: 2 })).toEqual([])
    const bench = called(new Bench({ isOwn: ({ address }) => address === '192.0.2.2' })).after(3000)
    expect(stream(bench, { from: { address: '192.0.2.2', port: 31000 }, type: 77 }).alarms).toEqual([])
  })
  it('before the answer are not held against it', () => {
    const bench = new Bench().out('INVITE sip:0211550002@test SIP/2.0', {}, offer)
    expect(stream(bench, { type: 18 }).alarms).toEqual([])
  })
})

describe('after the end of the call', () => {
  const bye = {
    CSeq: '2 BYE',
    Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2;rport',
    To: '<sip:0211550002@test>;tag=theirs',
  }
  const hangsUp = (bench: Bench): Bench =>
    bench.out('BYE sip:x SIP/2.0', bye).in('SIP/2.0 200 OK', { ...bye, Contact: null })
  const theirs = { CSeq: '2 BYE', To: '<sip:0211550001@test>;tag=ours' }

  it('nothing comes half a second later', () => {
    expect(stream(hangsUp(called()), { count: 20 }).alarms).toEqual([])
    expect(stream(hangsUp(called()).after(600), { count: 20 }).alarms).toEqual(['warn EXAM-RTP-AFTER-BYE'])
    expect(stream(hangsUp(called()).after(600), { count: 20, every: 0 }).alarms).toEqual([])
  })
  it('of two calls that our callee answered under one INVITE, the other goes on', () => {
    const bench = new Bench()
      .out('REGISTER sip:test SIP/2.0', { 'Call-ID': 'r' })
      .in('INVITE sip:0211550001@192.0.2.1 SIP/2.0', {}, sdp())
    bench.out('SIP/2.0 200 OK', {}, offer).out('SIP/2.0 200 OK', { To: '<sip:0211550001@test>;tag=second' }, offer)
    const second = {
      To: '<sip:0211550001@test>;tag=second',
      CSeq: '2 BYE',
      Via: 'SIP/2.0/UDP 203.0.113.71;branch=z9hG4bKbye',
    }
    expect(stream(bench.in('BYE sip:a SIP/2.0', second).after(600)).alarms).toEqual([])
  })
  it('a BYE that is challenged has not ended it', () => {
    const bench = called()
      .out('BYE sip:x SIP/2.0', bye)
      .in('SIP/2.0 407 Log in', { ...bye, Contact: null })
    expect(stream(bench.after(600), { count: 20 }).alarms).toEqual([])
  })
  it('a BYE of another device of ours ends it with the answer to that: till then audio is on its way', () => {
    const own = { CSeq: '7 BYE', From: '<sip:0211550002@test>;tag=theirs', To: '<sip:0211550001@test>;tag=ours' }
    const via = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKbob7;rport'
    const passedOn = () =>
      called()
        .on({ device: 'bob' })
        .out('BYE sip:a SIP/2.0', { ...own, Via: via })
        .on({})
        .in('BYE sip:a SIP/2.0', { ...own, 'Max-Forwards': '69' })
    expect(stream(passedOn().after(600)).alarms).toEqual([])
    const answered = passedOn()
      .on({ device: 'bob' })
      .in('SIP/2.0 200 OK', { ...own, Via: via, Contact: null })
      .on({})
    expect(stream(answered.after(600)).alarms).toEqual(['warn EXAM-RTP-AFTER-BYE'])
  })
  it('whoever ends it must stop', () => {
    expect(stream(called().in('BYE sip:a SIP/2.0', theirs).after(600)).alarms).toEqual(['fail EXAM-RTP-AFTER-BYE'])
  })
  it('a refused call has ended, a challenged one goes on', () => {
    const refused = new Bench().out('INVITE sip:0211550002@test SIP/2.0', {}, offer).in('SIP/2.0 183 P', {}, sdp())
    expect(stream(refused.in('SIP/2.0 486 Busy').after(600)).alarms).toEqual(['warn EXAM-RTP-AFTER-BYE'])
    const challenged = new Bench().out('INVITE sip:0211550002@test SIP/2.0', {}, offer).in('SIP/2.0 407 Log in')
    const again = { CSeq: '2 INVITE', Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2;rport' }
    challenged.out('INVITE sip:0211550002@test SIP/2.0', again, offer).in('SIP/2.0 200 OK', again, sdp())
    expect(stream(challenged.after(600)).alarms).toEqual([])
    const copied = new Bench().out('INVITE sip:0211550002@test SIP/2.0', {}, offer).in('SIP/2.0 407 Log in')
    copied.out('INVITE sip:0211550002@test SIP/2.0', again, offer).in('SIP/2.0 407 Log in')
    copied.in('SIP/2.0 200 OK', again, sdp())
    expect(stream(copied.after(600)).alarms).toEqual([])
  })
  it('of one fork the other goes on', () => {
    const bench = called().in('SIP/2.0 200 OK', { To: '<sip:0211550002@test>;tag=second' }, sdp({ port: 20010 }))
    expect(stream(hangsUp(bench).after(600)).alarms).toEqual([])
  })
})

describe('encryption that was agreed', () => {
  const secure = (o: Stream, answer = 'RTP/SAVP'): string[] => {
    const ours = sdp({ address: MEDIA.address, port: MEDIA.port, protocol: 'RTP/SAVP' })
    return stream(
      new Bench()
        .on({ transport: 'tls' })
        .call(ours, sdp({ protocol: answer }))
        .after(3000),
      o,
    ).alarms
  }
  it('is used', () => {
    expect(secure({ payload: () => Buffer.alloc(170) })).toEqual([])
    expect(secure({ payload: () => Buffer.alloc(164) })).toEqual([])
    expect(secure({})).toEqual(['fail EXAM-SRTP-CLEAR'])
    expect(secure({}, 'RTP/AVP')).toEqual([])
  })
  it('is told from audio in clear where its tags are missing', () => {
    const random = new SeededRandom(3)
    const pattern = new AudioPattern(4711)
    for (const octets of [80, 160, 240, 320, 480]) {
      expect(secure({ payload: () => random.bytes(octets), count: 400 })).toEqual([])
      expect(secure({ payload: (i) => pattern.read(i * octets, octets, 'PCMA') })).toEqual(['fail EXAM-SRTP-CLEAR'])
    }
  })
})

describe('what is no RTP', () => {
  const garbage = (
    make: (i: number) => Buffer,
    o: { from?: Endpoint; every?: number; fault?: string } = {},
  ): string[] => {
    const bench = stream(called().after(3000))
    for (let i = 0; i < 20; i++) {
      const raw = make(i)
      const kind = isRtcp(raw) ? 'rtcp' : 'rtp'
      const { from: remote = RELAY, every = 100, fault } = o
      bench.packet({
        at: bench.at,
        direction: 'in',
        kind,
        local: MEDIA,
        remote,
        raw,
        plain: raw,
        ...(fault ? { fault } : {}),
      })
      bench.after(every)
    }
    return bench.notes.filter(({ id }) => id === 'EXAM-RTP-FORM').map(({ actual }) => actual)
  }
  it('is noted, with the address that sends it and what is wrong with the first', () => {
    const note = [`10 datagrams within 900 ms from ${RELAY.address}:${RELAY.port} (rtp-version)`]
    expect(garbage(() => Buffer.from('0123456789 abcdef'))).toEqual(note)
    expect(garbage(() => Buffer.from('abcdef'))).toEqual(note)
    expect(garbage(() => Buffer.alloc(172, 0x40))).toEqual(note)
    expect(garbage(() => Buffer.alloc(172, 0x8f), { fault: 'rtp-csrc' })).toEqual([note[0]!.replace('version', 'csrc')])
    const broken = Buffer.from([0x80, 201, 0xff, 0xff, 1, 2, 3, 4])
    expect(garbage(() => broken, { fault: 'rtcp-length' })).toEqual([note[0]!.replace('rtp-version', 'rtcp-length')])
  })
  it('is not noted where it may share the port, keeps a path open, or comes from elsewhere', () => {
    expect(garbage(() => Buffer.alloc(0))).toEqual([])
    expect(garbage(() => Buffer.from([22, 254, 253, 0, 0, 0, 0, 0]))).toEqual([])
    expect(garbage(() => Buffer.from('\u0010\u0000\u0000\u0001ZRTP\u0000'))).toEqual([])
    expect(garbage(() => Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(16, 9)]))).toEqual([])
    expect(garbage(() => Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12)]))).toEqual(
      [],
    )
    expect(garbage(() => Buffer.from('abcdef'), { every: 600 })).toEqual([])
    expect(garbage(() => Buffer.from('abcdef'), { from: { address: '203.0.113.200', port: 9 } })).toEqual([])
  })
  it('is not taken for a source with another payload type', () => {
    const random = new SeededRandom(5)
    const bench = called().after(3000)
    for (let i = 0; i < 40; i++)
      stream(bench, { count: 1, type: 1 + (i % 7), ssrc: random.uint32(), sequence: () => random.uint32() & 0xffff })
    expect(bench.alarms).toEqual([])
  })
  it('is found in telephone-events', () => {
    const events = (octets: number) =>
      stream(called().after(3000), {
        type: (i) => (i % 5 === 0 ? 101 : 8),
        payload: (i) => Buffer.alloc(i % 5 === 0 ? octets : 160, 1),
      })
    expect(events(4).alarms).toEqual([])
    expect(events(8).alarms).toEqual([])
    expect(events(3).notes.map(({ title, actual }) => [title, actual])).toContainEqual([
      'Telephone-events are malformed',
      `3 octets of payload, from ${RELAY.address}:${RELAY.port}`,
    ])
    expect(events(0).alarms).toEqual(['warn EXAM-RTP-FORM'])
  })
})

describe('what passes through', () => {
  const payload = (i: number): Buffer => Buffer.alloc(160, i)
  const through = (o: Stream, count = 20): Bench => {
    const bench = called().after(3000)
    stream(bench, { direction: 'out', count, ssrc: 5, payload, every: 0 })
    return stream(bench, { count, ssrc: 5, payload, ...o })
  }
  it('is what was sent', () => {
    expect(through({}).alarms).toEqual([])
    expect(through({ payload: (i) => Buffer.alloc(160, i + 1) }).alarms).toEqual(['warn EXAM-RTP-ALTERED'])
  })
  it('or was transcoded, or renumbered', () => {
    expect(through({ type: 101, payload: () => Buffer.alloc(160, 1) }).alarms).toEqual([])
    expect(through({ timestamp: (i) => 160 * i, payload: () => Buffer.alloc(160, 1) }).alarms).toEqual([])
  })
  it('keeps the faults of its source: they are ours', () => {
    const stuck = { timestamp: () => 7 }
    const bench = called().after(3000)
    stream(bench, { direction: 'out', ssrc: 5, every: 0, ...stuck })
    expect(stream(bench, { ssrc: 5, ...stuck }).alarms).toEqual([])
  })
  it('is not compared where a story imitates the stream', () => {
    const bench = called().after(3000)
    stream(bench, { direction: 'out', ssrc: 5, payload, every: 0 })
    const raw = Buffer.alloc(172)
    raw[0] = 0x80
    raw[11] = 5
    bench.packet({ at: bench.at, direction: 'out', kind: 'rtp', local: MEDIA, remote: RELAY, raw, plain: undefined })
    expect(stream(bench, { ssrc: 5, payload: () => Buffer.alloc(160, 99) }).alarms).toEqual([])
  })
})

it('malformed RTCP counts, but not what could not be decrypted', () => {
  const raw = Buffer.from('80c9000100000009', 'hex')
  const event = { at: 1, direction: 'in', kind: 'rtcp', local: MEDIA, remote: RELAY, raw } as const
  const talking = (bench = called()) => stream(bench, { ssrc: 9 })
  expect(talking().packet({ ...event, plain: raw, fault: 'rtcp-cname' }).alarms).toEqual(['warn EXAM-RTCP'])
  expect(talking().packet({ ...event, plain: undefined, fault: 'authentication' }).alarms).toEqual([])
  expect(talking().packet({ ...event, plain: raw }).alarms).toEqual([])
  const ours = sdp({ address: MEDIA.address, port: MEDIA.port, protocol: 'RTP/SAVP' })
  const secure = new Bench().on({ transport: 'tls' }).call(ours, sdp({ protocol: 'RTP/SAVP' }))
  for (const port of [MEDIA.port, MEDIA.port + 1])
    expect(secure.packet({ ...event, local: { ...MEDIA, port }, plain: raw, fault: 'rtcp-length' }).alarms).toEqual([])

  const decrypted = { ...event, plain: Buffer.from(raw), fault: 'rtcp-length' }
  expect(talking(secure).packet(decrypted).alarms).toContain('warn EXAM-RTCP')
})

it('RTCP in clear is noted where SRTP was agreed on, and only of a source of this call', () => {
  const local = { ...MEDIA, port: MEDIA.port + 1 }
  const remote = { ...RELAY, port: RELAY.port + 1 }
  const clear = Buffer.from('80c9000100000009', 'hex')
  const reports = (raw: Buffer, protocol = 'RTP/SAVP', from = remote) => {
    const ours = sdp({ address: MEDIA.address, port: MEDIA.port, protocol })
    const bench = new Bench().on({ transport: 'tls' }).call(ours, sdp({ protocol }))
    // Encrypted audio: ten octets of tag.
    stream(bench, { ssrc: 9, payload: () => Buffer.alloc(170) })
    return bench.packet({ at: 1, direction: 'in', kind: 'rtcp', local, remote: from, raw, plain: undefined }).alarms
  }
  expect(reports(clear)).toEqual(['fail EXAM-SRTP-CLEAR'])
  expect(reports(Buffer.concat([clear, Buffer.alloc(14)]))).toEqual([])
  expect(reports(clear, 'RTP/AVP')).toEqual([])
  expect(reports(clear, 'RTP/SAVP', { address: '203.0.113.99', port: 20_001 })).not.toContain('fail EXAM-SRTP-CLEAR')
  expect(reports(Buffer.from('80c9000100000008', 'hex'))).toEqual([])
})

it('malformed RTCP is held against the source of the audio, or what sits beside it, and not against strangers', () => {
  const local = { ...MEDIA, port: MEDIA.port + 1 }
  const beside = { ...RELAY, port: RELAY.port + 1 }
  const alarms = (remote: typeof RELAY, raw: Buffer, fault = 'rtcp-version') =>
    stream(called(), { ssrc: 9 }).packet({
      at: 1,
      direction: 'in',
      kind: 'rtcp',
      local,
      remote,
      raw,
      plain: raw,
      fault,
    }).alarms
  // A receiver's report may bear another SSRC.
  expect(alarms(beside, Buffer.from('80c900010000000a01ca0001', 'hex'))).toEqual(['warn EXAM-RTCP'])
  expect(alarms({ ...RELAY, port: 20_099 }, Buffer.from('80c900010000000901ca0001', 'hex'))).toEqual(['warn EXAM-RTCP'])
  // Left over from who had the port before: encrypted reports of another call, a retransmission of SIP.
  expect(alarms({ ...RELAY, port: 20_099 }, Buffer.from('80c80006deadbeef3f91c2d7', 'hex'))).toEqual([])
  expect(alarms({ ...RELAY, port: 5060 }, Buffer.from('SIP/2.0 200 OK\r\n'))).toEqual([])
})
