import * as fc from 'fast-check'
import { RtpPacket as WeriftPacket } from 'werift-rtp'
import { describe, expect, it } from 'vitest'
import { isFault, isRtcp, parseRtp, rtpHeaderBytes, serializeRtp } from '../../../src/media/rtp.js'

const plain = {
  marker: true,
  payloadType: 8,
  sequenceNumber: 65535,
  timestamp: 4294967295,
  ssrc: 0xdeadbeef,
  payload: Buffer.from('speech'),
}

const parsed = (bytes: Buffer) => {
  const packet = parseRtp(bytes)
  if (isFault(packet)) throw new Error(`${packet.code}: ${packet.expected}, ${packet.actual}`)
  return packet
}
const refusal = (bytes: Buffer) => {
  const packet = parseRtp(bytes)
  return isFault(packet) ? packet.code : undefined
}

describe('RTP packets (RFC 3550 §5.1)', () => {
  it('writes and reads what a telephone sends', () => {
    const bytes = serializeRtp(plain)
    expect(bytes.toString('hex')).toBe(`8088ffffffffffffdeadbeef${Buffer.from('speech').toString('hex')}`)
    expect(parsed(bytes)).toEqual({ ...plain, csrc: [], padding: 0 })
  })

  it('keeps every field, whatever is combined, and reads it as werift does', () => {
    const octets = (o: { minLength?: number; maxLength: number }) => fc.uint8Array(o).map((a) => Buffer.from(a))
    fc.assert(
      fc.property(
        fc.record({
          marker: fc.boolean(),
          payloadType: fc.integer({ min: 0, max: 71 }),
          sequenceNumber: fc.integer({ min: 0, max: 65535 }),
          timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          ssrc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          csrc: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 15 }),
          padding: fc.integer({ min: 0, max: 255 }),
          payload: octets({ minLength: 1, maxLength: 300 }),
        }),
        fc.option(fc.record({ profile: fc.constant(0xabac), words: fc.integer({ min: 0, max: 20 }) }), {
          nil: undefined,
        }),
        (fields, extension) => {
          const packet = extension
            ? { ...fields, extension: { profile: extension.profile, data: Buffer.alloc(4 * extension.words, 7) } }
            : fields
          const bytes = serializeRtp(packet)
          expect(parsed(bytes)).toEqual(packet)
          expect(rtpHeaderBytes(bytes, bytes.length)).toBe(bytes.length - fields.payload.length - fields.padding)
          const { header, payload } = WeriftPacket.deSerialize(bytes)
          expect(header).toMatchObject({
            marker: fields.marker,
            payloadType: fields.payloadType,
            sequenceNumber: fields.sequenceNumber,
            timestamp: fields.timestamp,
            ssrc: fields.ssrc,
            csrc: fields.csrc,
          })
          expect(payload.equals(fields.payload)).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('never throws and never reads past the end, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        const packet = parseRtp(Buffer.from(octets))
        if (!isFault(packet)) expect(packet.payload.length + packet.padding).toBeLessThanOrEqual(octets.length - 12)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['eleven octets', '80080001000000010000000', 'rtp-short'],
    ['version 1', '400800010000000100000001', 'rtp-version'],
    ['an SR', '80c800010000000100000001', 'rtp-is-rtcp'],
    ['an RR', '81c900010000000100000001', 'rtp-is-rtcp'],
    ['a CSRC that is not there', '810800010000000100000001', 'rtp-csrc'],
    ['an extension without header', '900800010000000100000001be', 'rtp-extension'],
    ['an extension longer than the packet', '900800010000000100000001bede000200000000', 'rtp-extension'],
    ['padding of zero octets', 'a0080001000000010000000100000000', 'rtp-padding'],
    ['more padding than payload', 'a0080001000000010000000100000005', 'rtp-padding'],
  ])('refuses %s (RFC 3550 A.1)', (_, hex, code) => {
    expect(refusal(Buffer.from(hex, 'hex'))).toBe(code)
  })

  it('takes a packet that is all padding', () => {
    const packet = parsed(Buffer.from('a0080001000000010000000100000004', 'hex'))
    expect(packet).toMatchObject({ padding: 4, payload: Buffer.alloc(0) })
  })

  it('refuses to write what has no form', () => {
    expect(() => serializeRtp({ ...plain, csrc: Array.from({ length: 16 }, () => 1) })).toThrow('15 at most')
    expect(() => serializeRtp({ ...plain, padding: 256 })).toThrow('255 at most')
    expect(() => serializeRtp({ ...plain, extension: { profile: 1, data: Buffer.alloc(3) } })).toThrow('32-bit words')
  })

  it('tells RTCP from RTP on one port (RFC 5761 §4)', () => {
    expect(isRtcp(Buffer.from('80c80006', 'hex'))).toBe(true)
    expect(isRtcp(Buffer.from('81cf0001', 'hex'))).toBe(true)
    expect(isRtcp(serializeRtp(plain))).toBe(false)
    // PCMA with the marker bit and dynamic types look nothing like it.
    expect(isRtcp(serializeRtp({ ...plain, payloadType: 101 }))).toBe(false)
    expect(isRtcp(Buffer.from('00c80006', 'hex'))).toBe(false)
  })
})
