/** pcapng files of others, block by block: sections, interfaces, kinds of packets, times, secrets, damage. */
import { describe, expect, it } from 'vitest'
import { readCapture } from '../../../src/capture/read-capture.js'
import { A, B, ethernet, udp } from './files.js'

/** Blocks in one byte order. */
function writer(little: boolean) {
  const half = (value: number) => {
    const bytes = Buffer.alloc(2)
    if (little) bytes.writeUInt16LE(value)
    else bytes.writeUInt16BE(value)
    return bytes
  }
  const word = (value: number) => {
    const bytes = Buffer.alloc(4)
    if (little) bytes.writeUInt32LE(value)
    else bytes.writeUInt32BE(value)
    return bytes
  }
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  const block = (type: number, ...parts: readonly Buffer[]) => {
    const body = padded(Buffer.concat(parts))
    return Buffer.concat([word(type), word(body.length + 12), body, word(body.length + 12)])
  }
  const option = (code: number, value: Buffer) => Buffer.concat([half(code), half(value.length), padded(value)])
  return {
    section: () => block(0x0a0d0d0a, word(0x1a2b3c4d), half(1), half(0), Buffer.alloc(8, 255)),
    on: (link: number, snap = 0, ...options: readonly Buffer[]) =>
      block(1, half(link), half(0), word(snap), ...options),
    option,
    packet: (number: number, high: number, low: number, data: Buffer, ...options: readonly Buffer[]) =>
      block(6, word(number), word(high), word(low), word(data.length), word(data.length), padded(data), ...options),
    old: (number: number, low: number, data: Buffer) =>
      block(2, half(number), half(7), word(0), word(low), word(data.length), word(data.length), padded(data)),
    simple: (data: Buffer, original = data.length) => block(3, word(original), padded(data)),
    secrets: (text: string) => block(10, word(0x544c534b), word(text.length), padded(Buffer.from(text))),
    /** Interface Statistics Block: packets received and dropped. */
    statistics: (number: number) =>
      block(5, word(number), word(0), word(9), option(4, Buffer.alloc(8, 1)), option(5, Buffer.alloc(8, 2))),
    unknown: () => block(0x0bad, Buffer.from('whatever')),
  }
}

const one = udp(A, B, 'one')
const little = writer(true)

describe.each([
  ['little-endian', little],
  ['big-endian', writer(false)],
])('a file, %s', (_name, w) => {
  it('has packets of all kinds, on interfaces of their own links', () => {
    const file = Buffer.concat([
      w.section(),
      w.on(101),
      w.unknown(),
      w.on(1),
      w.packet(0, 0, 1_000_000, one, w.option(1, Buffer.from('a comment')), w.option(0, Buffer.alloc(0))),
      w.old(1, 2_000_000, ethernet(udp(A, B, 'two'))),
      w.statistics(0),
      w.simple(udp(A, B, 'three')),
      w.statistics(1),
    ])
    const { events, troubles, links } = readCapture(file)
    expect(events).toEqual([
      {
        kind: 'datagram',
        hops: 64,
        at: 1000,
        from: A,
        to: B,
        frame: 1,
        data: Buffer.from('one'),
        comment: 'a comment',
      },
      { kind: 'datagram', hops: 64, at: 2000, from: A, to: B, frame: 2, data: Buffer.from('two') },
      { kind: 'datagram', hops: 64, at: 2000, from: A, to: B, frame: 3, data: Buffer.from('three') },
    ])
    expect([troubles, links]).toEqual([[], ['Raw IP', 'Ethernet']])
  })
  it('has the clock that its interface says', () => {
    const clock = (resolution: number) => w.option(9, Buffer.from([resolution]))
    // 1,700,000,000.123456789 s in nanoseconds; half a second in 1/1024.
    const nanoseconds = 1_700_000_000_123_456_789n
    const file = Buffer.concat([
      w.section(),
      w.on(101, 0, clock(9)),
      w.on(101, 0, clock(0x8a)),
      w.packet(0, Number(nanoseconds >> 32n), Number(nanoseconds & 0xffffffffn), one),
      w.packet(1, 0, 512, udp(A, B, 'two')),
    ])
    expect(readCapture(file).events.map(({ at, frame }) => [frame, at])).toEqual([
      [2, 500],
      [1, expect.closeTo(1_700_000_000_123.457, 2)],
    ])
  })
})

it('another section has another byte order, and interfaces of its own', () => {
  const big = writer(false)
  const file = Buffer.concat([
    little.section(),
    little.on(101),
    little.packet(0, 0, 1_000_000, one),
    big.section(),
    big.on(1),
    big.packet(0, 0, 2_000_000, ethernet(udp(A, B, 'two'))),
  ])
  expect(readCapture(file).events).toMatchObject([{ data: Buffer.from('one') }, { data: Buffer.from('two'), frame: 2 }])
})

describe('damage', () => {
  const whole = Buffer.concat([
    little.section(),
    little.on(101),
    little.packet(0, 0, 1_000_000, one),
    little.packet(0, 0, 2_000_000, udp(A, B, 'two')),
  ])
  it('at any byte of its end leaves what is before it', () => {
    for (let length = 12; length < whole.length; length++) {
      const { packets, troubles } = readCapture(whole.subarray(0, length))
      expect(packets).toBeLessThan(2)
      expect(troubles.length, `of ${length} bytes`).toBeLessThanOrEqual(1)
    }
  })
  it('in any byte is no exception, and never more than was there', () => {
    for (let at = 12; at < whole.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const broken = Buffer.from(whole)
        broken[at] = value
        expect(readCapture(broken).packets).toBeLessThanOrEqual(2)
      }
    }
  })
  it.each([
    ['a packet of an interface that is not there', little.packet(7, 0, 0, one), 'A packet names an interface'],
    ['a length of 4 GB', Buffer.concat([little.unknown().subarray(0, 4), Buffer.alloc(8, 0xfc)]), 'The file ends in'],
    ['a length of nothing', Buffer.concat([little.unknown().subarray(0, 4), Buffer.alloc(8)]), 'impossible length'],
  ])('%s is told', (_name, block, text) => {
    const { troubles } = readCapture(Buffer.concat([little.section(), little.on(101), block]))
    expect(troubles).toMatchObject([{ text: expect.stringContaining(text), count: 1 }])
  })
})
