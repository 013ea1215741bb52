import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtcpPacketConverter, RtcpSrPacket } from 'werift-rtp'
import {
  compound,
  ntpFromUnixMs,
  ntpMiddle,
  parseRtcp,
  roundTripMs,
  SdesType,
  serializeRtcp,
} from '../../../src/media/rtcp.js'
import type { ReceiverReport, ReportBlock, RtcpPacket, SenderReport } from '../../../src/media/rtcp.js'

const block: ReportBlock = {
  ssrc: 0x11223344,
  fractionLost: 12,
  cumulativeLost: -3,
  highestSequence: 0x1fffe,
  jitter: 77,
  lastSr: 0xb7052000,
  delaySinceLastSr: 0x54000,
}
const report: SenderReport = {
  type: 'SR',
  ssrc: 0xdeadbeef,
  ntp: { seconds: 0xb44db705, fraction: 0x20000000 },
  rtpTimestamp: 160_000,
  packets: 1000,
  octets: 160_000,
  reports: [block],
}
const codes = (bytes: Buffer) => parseRtcp(bytes).faults.map((f) => f.code)

describe('RTCP packets (RFC 3550 §6)', () => {
  it('writes and reads a compound of all five types', () => {
    const packets: RtcpPacket[] = [
      report,
      { type: 'RR', ssrc: 1, reports: [block, block] },
      {
        type: 'SDES',
        chunks: [
          { ssrc: 1, items: [{ type: SdesType.cname, text: 'alice@192.0.2.1' }] },
          {
            ssrc: 2,
            items: [
              { type: SdesType.cname, text: 'ü' },
              { type: SdesType.tool, text: 'ringproof' },
            ],
          },
        ],
      },
      { type: 'APP', subtype: 5, ssrc: 3, name: 'test', data: Buffer.from('12345678') },
      { type: 'BYE', sources: [1, 2], reason: 'gone' },
    ]
    expect(parseRtcp(serializeRtcp(packets))).toEqual({ packets, faults: [] })
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('ends an SDES chunk after %i octets of text at a word (§6.5)', (length) => {
    const items = [{ type: SdesType.cname, text: 'x'.repeat(length) }]
    const sdes: RtcpPacket = {
      type: 'SDES',
      chunks: [
        { ssrc: 1, items },
        { ssrc: 2, items },
      ],
    }
    const bytes = serializeRtcp([report, sdes])
    expect(bytes.length % 4).toBe(0)
    expect(parseRtcp(bytes).packets[1]).toEqual(sdes)
  })

  it('composes by the rules of §6.1: report, SDES with CNAME, BYE last, 31 blocks a packet', () => {
    const rr: ReceiverReport = { type: 'RR', ssrc: 9, reports: Array.from({ length: 40 }, () => block) }
    const bytes = compound(rr, 'bob@example.com', [
      { type: 'BYE', sources: [9] },
      { type: 'APP', subtype: 0, ssrc: 9, name: 'last', data: Buffer.alloc(0) },
    ])
    const { packets, faults } = parseRtcp(bytes)
    expect(faults).toEqual([])
    expect(packets.map((p) => p.type)).toEqual(['RR', 'RR', 'SDES', 'APP', 'BYE'])
    expect(packets.flatMap((p) => (p.type === 'RR' ? [p.reports.length] : []))).toEqual([31, 9])
  })

  it('is read by werift, and reads it', () => {
    const [theirs] = RtcpPacketConverter.deSerialize(serializeRtcp([report]))
    if (!(theirs instanceof RtcpSrPacket)) throw new Error('werift saw no SR')
    expect(theirs.ssrc).toBe(report.ssrc)
    expect(theirs.senderInfo).toMatchObject({ rtpTimestamp: 160_000, packetCount: 1000, octetCount: 160_000 })
    expect(theirs.reports[0]).toMatchObject({ ssrc: block.ssrc, jitter: 77, lsr: 0xb7052000, dlsr: 0x54000 })
    expect(parseRtcp(theirs.serialize()).packets[0]).toMatchObject({ type: 'SR', ntp: report.ntp })
  })

  it('refuses the whole where the framing does not hold (A.2)', () => {
    const good = compound(report, 'a@b')
    expect(parseRtcp(good).faults).toEqual([])
    expect(codes(Buffer.alloc(0))).toEqual(['rtcp-length'])
    expect(parseRtcp(good.subarray(0, -1))).toMatchObject({ packets: [], faults: [{ code: 'rtcp-length' }] })
    expect(codes(Buffer.concat([good, Buffer.from('80')]))).toEqual(['rtcp-length'])
    const wrongVersion = Buffer.from(good)
    wrongVersion[52] = 0x41
    expect(codes(wrongVersion)).toEqual(['rtcp-version'])
  })

  it('names what a compound packet lacks, and gives the rest', () => {
    const sdes: RtcpPacket = { type: 'SDES', chunks: [{ ssrc: 1, items: [{ type: SdesType.cname, text: 'a' }] }] }
    expect(codes(serializeRtcp([sdes, report]))).toEqual(['rtcp-first'])
    expect(codes(serializeRtcp([report]))).toEqual(['rtcp-cname'])
    expect(codes(serializeRtcp([report, { type: 'BYE', sources: [1] }, sdes]))).toEqual(['rtcp-bye'])
    const tooMany = compound(report, 'a')
    tooMany[0] = 0x82
    expect(parseRtcp(tooMany)).toMatchObject({ packets: [{ type: 'SDES' }], faults: [{ code: 'rtcp-truncated' }] })
  })

  it('allows padding on the last packet alone (§6.4.1)', () => {
    const last = compound(report, 'a@b')
    const padded = Buffer.concat([last, Buffer.from('00000004', 'hex')])
    padded[52] = 0xa1
    padded.writeUInt16BE(padded.readUInt16BE(54) + 1, 54)
    expect(parseRtcp(padded)).toEqual(parseRtcp(last))
    const first = Buffer.from(last)
    first[0] = 0xa1
    expect(codes(first)).toEqual(['rtcp-padding'])
    padded[padded.length - 1] = 3
    expect(codes(padded)).toContain('rtcp-padding')
  })

  it('ignores types that it does not know (§6.1)', () => {
    const unknown: RtcpPacket = { type: 'unknown', packetType: 207, count: 3, body: Buffer.alloc(8, 1) }
    const bytes = Buffer.concat([compound(report, 'a'), serializeRtcp([unknown])])
    expect(parseRtcp(bytes)).toMatchObject({ faults: [], packets: [{ type: 'SR' }, { type: 'SDES' }, unknown] })
  })

  it('never throws, whatever comes', () => {
    const anyOctets = fc.uint8Array({ maxLength: 120 })
    fc.assert(
      fc.property(anyOctets, fc.integer({ min: 192, max: 210 }), (octets, type) => {
        const bytes = Buffer.from(octets)
        parseRtcp(bytes)
        if (bytes.length < 4) return
        bytes[0] = 0x80 | (bytes[0]! & 0x3f)
        bytes[1] = type
        bytes.writeUInt16BE(Math.floor(bytes.length / 4) - 1, 2)
        parseRtcp(bytes.subarray(0, bytes.length - (bytes.length % 4)))
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses to write what has no form', () => {
    const sources = Array.from({ length: 32 }, (_, i) => i)
    expect(() => serializeRtcp([{ type: 'BYE', sources }])).toThrow('31 at most')
    expect(() => serializeRtcp([{ type: 'BYE', sources: [], reason: 'x'.repeat(256) }])).toThrow('255 at most')
    expect(() => serializeRtcp([{ type: 'APP', subtype: 0, ssrc: 1, name: 'abc', data: Buffer.alloc(0) }])).toThrow(
      'four',
    )
  })
})

describe('NTP time and round trip (RFC 3550 §4, §6.4.1)', () => {
  it('reckons the example of figure 2: 6.125 s', () => {
    // 10 Nov 1995 11:33:25.125 UTC; the answer comes at :36.5, 5.25 s of that spent at the other end.
    const sent = ntpFromUnixMs(Date.UTC(1995, 10, 10, 11, 33, 25, 125))
    expect(sent).toEqual({ seconds: 0xb44db705, fraction: 0x20000000 })
    expect(ntpMiddle(sent)).toBe(0xb7052000)
    expect(roundTripMs(block, Date.UTC(1995, 10, 10, 11, 33, 36, 500))).toBe(6125)
  })

  it('survives the wrap of the middle 32 bits, and clocks that disagree by a tick', () => {
    const unixMs = (0xd0000 - (2_208_988_800 % 0x10000) + 0x10000 * 40_000) * 1000
    const lastSr = ntpMiddle(ntpFromUnixMs(unixMs - 30))
    expect(roundTripMs({ ...block, lastSr, delaySinceLastSr: 0 }, unixMs)).toBeCloseTo(30, 1)
    expect(roundTripMs({ ...block, lastSr, delaySinceLastSr: 66 * 30 }, unixMs)).toBe(0)
  })

  it('has no round trip where no SR was answered', () => {
    expect(roundTripMs({ ...block, lastSr: 0, delaySinceLastSr: 0 }, 1e12)).toBeUndefined()
  })
})
