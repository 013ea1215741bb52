/** Capture files of others: what comes out of them, whatever is around it. */
import { describe, expect, it, test } from 'vitest'
import { CaptureError, readCapture } from '../../../src/capture/read-capture.js'
import { A, A6, B, B6, ethernet, type Made, pcap, tcp, udp } from './files.js'

const packets = (...list: Buffer[]): Made[] => list.map((data, i) => ({ data, nanoseconds: i * 20_000_000 }))
const read = (...list: Buffer[]) => readCapture(pcap(packets(...list)))
/** What was told, short: kind, frame, text. */
const story = (...list: Buffer[]) =>
  read(...list).events.map((event) => {
    const text = 'data' in event ? event.data.toString('latin1') : ''
    const missing = event.kind === 'gap' ? String(event.missing) : ''
    return `${event.kind} ${event.frame} ${text}${missing}`.trim()
  })

describe('a pcap file', () => {
  it.each([
    ['little-endian', { little: true }, 1_700_000_000_123.456],
    ['big-endian', { little: false }, 1_700_000_000_123.456],
    ['with nanoseconds', { magic: 0xa1b23c4d }, 1_700_000_000_123.457],
    ['with longer packet headers', { magic: 0xa1b2cd34 }, 1_700_000_000_123.456],
  ])('%s is read, times and all', (_name, form, at) => {
    const file = pcap([{ data: udp(A, B, 'one'), nanoseconds: 123_456_789 }], form)
    const { events, troubles, from, until, packets: count, links } = readCapture(file)
    expect(events).toEqual([
      { kind: 'datagram', hops: 64, at: expect.closeTo(at, 2), from: A, to: B, frame: 1, data: Buffer.from('one') },
    ])
    expect([troubles, count, links, from === until]).toEqual([[], 1, ['Raw IP'], true])
  })
  it('that cut packets short says how much is missing', () => {
    const { events } = readCapture(pcap([{ data: udp(A, B, 'one two'), cut: 4 }]))
    expect(events).toMatchObject([{ data: Buffer.from('one'), cut: 4 }])
  })
  it('that was cut at any byte tells what it has, and that it ends too early', () => {
    const whole = pcap(packets(udp(A, B, 'one'), ...[0, 1].map((i) => tcp(A, B, 'PA', i * 3, 'two'))))
    for (let length = 24; length < whole.length; length++) {
      const { packets: count, troubles } = readCapture(whole.subarray(0, length))
      expect(troubles.length, `of ${length} bytes`).toBe(
        [24, 24 + 16 + 31, 24 + 2 * 16 + 31 + 43].includes(length) ? 0 : 1,
      )
      expect(count).toBeLessThan(3)
    }
  })
})

describe('what is no capture', () => {
  test.each([
    ['', /empty/],
    ['INVITE sip:bob@example.com', /neither a pcap nor a pcapng/],
    ['\x28\xb5\x2f\xfd and more', /zstd -d/],
    ['\x1f\x8b nonsense', /cannot be unpacked/],
  ])('%j is refused in words', (text, words) => {
    expect(() => readCapture(Buffer.from(text, 'latin1'))).toThrow(CaptureError)
    expect(() => readCapture(Buffer.from(text, 'latin1'))).toThrow(words)
  })
})

describe('links', () => {
  const four = udp(A, B, 'four')
  const six = udp(A6, B6, 'six')
  const head = (hex: string, ip: Buffer) => Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), ip])
  it.each([
    ['Ethernet', 1, ethernet(four), ethernet(six)],
    ['Ethernet with tags', 1, ethernet(four, 0x81000005), ethernet(six, 0x88a80005, 0x81000006)],
    [
      'Ethernet with PPPoE',
      1,
      head('020000000002020000000001 8864 1100 0001 0026 0021', four),
      head('020000000002020000000001 8864 1100 0001 0026 0057', six),
    ],
    [
      'Ethernet with MPLS',
      1,
      head('020000000002020000000001 8847 00010040 00011140', four),
      head('020000000002020000000001 8847 00011140', six),
    ],
    [
      'Linux cooked',
      113,
      head('0000 0001 0006 020000000001 0000 0800', four),
      head('0000 0001 0006 020000000001 0000 8100 0005 86dd', six),
    ],
    [
      'Linux cooked v2',
      276,
      head('0800 0000 00000002 0001 00 06 0200000000010000', four),
      head('8100 0000 00000002 0001 00 06 0200000000010000 0005 86dd', six),
    ],
    ['raw', 12, four, six],
    ['raw of one version', 228, four, six],
    ['null', 0, head('02000000', four), head('0000001e', six)],
    ['loop', 108, head('00000002', four), head('00000018', six)],
    ['PPP', 9, head('ff03 0021', four), head('57', six)],
  ])('%s is read', (_name, link, one, other) => {
    const { events, troubles } = readCapture(pcap(packets(one, other), { link }))
    expect(troubles).toEqual([])
    expect(events).toMatchObject([
      { from: A, to: B, data: Buffer.from('four') },
      { from: A6, to: B6, data: Buffer.from('six') },
    ])
  })
  it('that nobody knows are told, once', () => {
    const { events, troubles } = readCapture(pcap(packets(four, four, four), { link: 147 }))
    expect([events, troubles]).toEqual([[], [{ text: 'Packets of link type 147 cannot be read.', count: 3, frame: 1 }]])
  })
  it('that pad short packets add nothing to them', () => {
    const padded = Buffer.concat([ethernet(udp(A, B, 'x')), Buffer.alloc(17)])
    expect(readCapture(pcap(packets(padded), { link: 1 })).events).toMatchObject([{ data: Buffer.from('x') }])
  })
})

describe('a TCP stream', () => {
  const hands = [tcp(A, B, 'S', 999), tcp(B, A, 'SA', 4999, '', 1000)]
  it('from its first to its last packet', () => {
    expect(
      story(
        ...hands,
        tcp(A, B, 'A', 1000, '', 5000),
        tcp(A, B, 'PA', 1000, 'one', 5000),
        tcp(B, A, 'PA', 5000, 'two', 1003),
        tcp(A, B, 'FA', 1003, '', 5003),
        tcp(B, A, 'FA', 5003, '', 1004),
      ),
    ).toEqual(['attempt 1', 'open 2', 'segment 4 one', 'segment 5 two', 'close 6', 'close 7'])
  })
  it('out of order, retransmitted, overlapping, kept alive: each byte once', () => {
    expect(
      story(
        ...hands,
        tcp(A, B, 'PA', 1003, 'two'),
        tcp(A, B, 'PA', 1000, 'one'),
        tcp(A, B, 'PA', 1000, 'one'),
        tcp(A, B, 'PA', 1004, 'wo three'),
        tcp(A, B, 'A', 1011, 'e'),
      ),
    ).toEqual(['attempt 1', 'open 2', 'segment 4 one', 'segment 3 two', 'segment 6  three'])
  })
  it('whose numbers wrap around', () => {
    expect(
      story(
        tcp(A, B, 'PA', 0xfffffffe, 'one'),
        tcp(A, B, 'PA', 4, 'three'),
        tcp(A, B, 'PA', 1, 'two'),
        tcp(A, B, 'PA', 9, 'four'),
      ),
    ).toEqual(['segment 1 one', 'segment 3 two', 'segment 2 three', 'segment 4 four'])
  })
  it('with bytes that the capture lacks: a gap, once the peer acknowledged them', () => {
    expect(story(tcp(A, B, 'PA', 1000, 'one'), tcp(A, B, 'PA', 1010, 'three'), tcp(B, A, 'A', 5000, '', 1015))).toEqual(
      ['segment 1 one', 'gap 2 7', 'segment 2 three'],
    )
  })
  it('with bytes that never came: a gap at the end', () => {
    expect(story(...hands, tcp(A, B, 'PA', 1002, 'late'))).toEqual(['attempt 1', 'open 2', 'gap 3 2', 'segment 3 late'])
  })
  it('from its middle on, and another between the same ports', () => {
    const { events } = read(
      tcp(A, B, 'A', 77, 'x'),
      tcp(A, B, 'PA', 78, 'one'),
      tcp(A, B, 'S', 5),
      tcp(B, A, 'RA', 0, '', 6),
    )
    expect(events).toMatchObject([
      { kind: 'segment', stream: 1, data: Buffer.from('one') },
      { kind: 'attempt', stream: 2, from: A },
      { kind: 'reset', stream: 2, from: B },
    ])
  })
})

describe('fragments', () => {
  /** An IP packet in parts of 16 bytes. */
  const parts = (text: string): Buffer[] => {
    const whole = udp(A, B, text)
    return [...Array(Math.ceil((whole.length - 20) / 16)).keys()].map((i) => {
      const piece = whole.subarray(20 + 16 * i, 20 + 16 * (i + 1))
      const head = Buffer.from(whole.subarray(0, 20))
      head.writeUInt16BE(20 + piece.length, 2)
      head.writeUInt16BE(7, 4)
      head.writeUInt16BE((20 + 16 * (i + 1) < whole.length ? 0x2000 : 0) | (2 * i), 6)
      return Buffer.concat([head, piece])
    })
  }
  const text = 'a text that needs some parts to arrive'
  it('in any order, twice, make one datagram', () => {
    const [one, two, three] = [parts(text)[0]!, parts(text)[1]!, parts(text)[2]!]
    expect(parts(text)).toHaveLength(3)
    expect(story(one, two, three)).toEqual([`datagram 3 ${text}`])
    expect(story(three, two, two, one)).toEqual([`datagram 4 ${text}`])
  })
  it('that are missing leave what is before them', () => {
    const [one, three] = [parts(text)[0]!, parts(text)[2]!]
    const { events, troubles } = read(one, three)
    expect(events).toMatchObject([{ data: Buffer.from('a text t'), cut: 30, frame: 2 }])
    expect(troubles).toEqual([{ text: 'Fragments of an IP packet are missing.', count: 1, frame: 1 }])
  })
})

it('a packet that two interfaces saw counts once, one that is sent again counts', () => {
  const file = pcap([
    { data: udp(A, B, 'x') },
    { data: udp(A, B, 'x'), nanoseconds: 500_000 },
    { data: udp(A, B, 'x'), nanoseconds: 500_000_000 },
  ])
  const { events, troubles } = readCapture(file)
  expect(events.map(({ frame }) => frame)).toEqual([1, 3])
  expect(troubles).toMatchObject([{ count: 1, frame: 2 }])
})

it('an ICMP error names the packet that it is about', () => {
  const quoted = udp(A, B, 'x')
  const head = Buffer.from(udp(B, A, ''))
  head[9] = 1
  head.writeUInt16BE(20 + 8 + quoted.length, 2)
  const error = Buffer.concat([head.subarray(0, 20), Buffer.from('0303000000000000', 'hex'), quoted])
  expect(read(error).events).toMatchObject([
    {
      kind: 'icmp',
      says: 'port unreachable',
      about: { from: A, to: B, protocol: 'udp' },
      from: { address: B.address },
    },
  ])
})
