import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digitOfEvent,
  eventOfDigit,
  EventReceiver,
  EventSender,
  includesEvent,
  parseEvents,
  serializeEvent,
  type EventPacket,
} from '../../../src/media/telephone-event.js'

const FRAME = 160

/** What a sender sends in so many packet times; undefined where audio may go. */
function play(sender: EventSender, times: number, from = 1000): (EventPacket | undefined)[] {
  return Array.from({ length: times }, (_, i) => sender.next((from + i * FRAME) >>> 0, FRAME))
}
const reports = (packets: (EventPacket | undefined)[]) =>
  packets.map(
    (packet) => packet && { ...parseEvents(packet.payload)![0]!, marker: packet.marker, timestamp: packet.timestamp },
  )

describe('sending telephone events (RFC 4733 §2.5.1)', () => {
  it('keeps the timestamp, grows the duration, ends three times, and is silent underneath', () => {
    const sender = new EventSender()
    let sent = 0
    sender.send(5, 800, 480, () => sent++)
    const seen = reports(play(sender, 12))
    expect(seen.map((one) => one?.duration)).toEqual([160, 320, 480, 640, 800, 800, 800, ...Array(5).fill(undefined)])
    expect(seen.map((one) => one?.end)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
      ...Array(5).fill(undefined),
    ])
    expect(seen.map((one) => one?.marker).slice(0, 7)).toEqual([true, ...Array(6).fill(false)])
    expect(new Set(seen.slice(0, 7).map((one) => one?.timestamp))).toEqual(new Set([1000]))
    expect(sent).toBe(1)
    expect(sender.busy).toBe(false)
  })

  it('leaves the gap between two events', () => {
    const sender = new EventSender()
    sender.send(1, 320, 800, () => undefined)
    sender.send(1, 320, 800, () => undefined)
    const starts = reports(play(sender, 30)).filter((one) => one?.marker)
    expect(starts.map((one) => one?.timestamp)).toEqual([1000, 1000 + 320 + 800])
  })

  it('parts a long event in segments: full duration without E, new timestamp, no M (§2.5.1.3)', () => {
    const sender = new EventSender()
    sender.send(9, 150_000, 0, () => undefined)
    const seen = reports(play(sender, 1000, 0xffff0000)).filter((one) => one !== undefined)
    const starts = [...new Set(seen.map((one) => one.timestamp))]
    expect(starts).toEqual([0xffff0000, 0xffffffff, 0xfffe])
    expect(seen.filter((one) => one.marker).length).toBe(1)
    const [first, second, third] = starts.map((start) => seen.filter((one) => one.timestamp === start))
    for (const segment of [first!, second!]) {
      expect(segment.filter((one) => one.duration === 0xffff).length).toBe(3)
      expect(segment.every((one) => !one.end)).toBe(true)
    }
    expect(third!.filter((one) => one.end).map((one) => one.duration)).toEqual(Array(3).fill(150_000 - 2 * 0xffff))
    const receiver = new EventReceiver()
    for (const one of seen) receiver.push(serializeEvent(one), one.timestamp, one.marker, 0)
    expect(receiver.events).toMatchObject([{ digit: '9', duration: 150_000, segments: 3, endPackets: 3 }])
  })

  it('never sends a duration of zero, nor one that shrinks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150_000 }), fc.constantFrom(80, 160, 240, 480), (duration, frame) => {
        const sender = new EventSender()
        sender.send(3, duration, 0, () => undefined)
        const receiver = new EventReceiver()
        let last = { timestamp: -1, duration: 0 }
        for (let i = 0; sender.busy; i++) {
          const packet = sender.next(i * frame, frame)!
          const [report] = parseEvents(packet.payload)!
          expect(report!.duration).toBeGreaterThan(0)
          if (packet.timestamp === last.timestamp) expect(report!.duration).toBeGreaterThanOrEqual(last.duration)
          last = { timestamp: packet.timestamp, duration: report!.duration }
          receiver.push(packet.payload, packet.timestamp, packet.marker, i)
        }
        expect(receiver.digits).toBe('3')
        expect(receiver.events[0]!.duration).toBe(duration)
      }),
      { numRuns: 15 },
    )
  })
})

describe('receiving telephone events (RFC 4733 §2.5.2)', () => {
  const send = (digits: string) => {
    const sender = new EventSender()
    for (const digit of digits) sender.send(eventOfDigit(digit)!, 800, 480, () => undefined)
    return play(sender, 20 * digits.length).filter((packet) => packet !== undefined)
  }
  const hear = (packets: EventPacket[]) => {
    const receiver = new EventReceiver()
    for (const [i, packet] of packets.entries()) receiver.push(packet.payload, packet.timestamp, packet.marker, i)
    return receiver
  }

  it('counts three end packets as one digit and the same digit twice as two', () => {
    const receiver = hear(send('1123#*'))
    expect(receiver.digits).toBe('1123#*')
    expect(receiver.events[0]).toMatchObject({ packets: 7, endPackets: 3, duration: 800, marker: true })
  })

  it('hears digits of which any packets but one were lost', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9*#A-D]{1,8}$/),
        fc.infiniteStream(fc.integer({ min: 0, max: 6 })),
        (digits, keep) => {
          const packets = send(digits)
          const kept = packets.filter((_, i) => i % 7 === 0).map((_, i) => packets[i * 7 + keep.next().value!]!)
          expect(hear(kept).digits).toBe(digits)
        },
      ),
    )
  })

  it('is not misled by duplicates and by packets that overtake each other', () => {
    const packets = send('55')
    expect(hear(packets.flatMap((packet) => [packet, packet])).digits).toBe('55')
    const swapped = packets.map((_, i) => packets[i ^ 1] ?? packets[i]!)
    expect(hear(swapped).digits).toBe('55')
  })

  it('takes several events in one packet (§2.5.1.5)', () => {
    const receiver = new EventReceiver()
    const packed = Buffer.concat([
      serializeEvent({ event: 1, end: true, volume: 10, duration: 400 }),
      serializeEvent({ event: 2, end: true, volume: 10, duration: 400 }),
    ])
    for (let i = 0; i < 3; i++) expect(receiver.push(packed, 9000, true, i)).toBe(true)
    expect(receiver.digits).toBe('12')
  })

  it('ignores a duration of zero and what is no event', () => {
    const receiver = new EventReceiver()
    receiver.push(serializeEvent({ event: 1, end: false, volume: 0, duration: 0 }), 1, true, 0)
    expect(receiver.push(Buffer.alloc(3), 1, true, 0)).toBe(false)
    expect(receiver.push(Buffer.alloc(0), 1, true, 0)).toBe(false)
    expect(receiver.digits).toBe('')
  })

  it('knows digits and lists of events', () => {
    for (const digit of '0123456789*#ABCD!') expect(digitOfEvent(eventOfDigit(digit)!)).toBe(digit)
    expect(eventOfDigit('x')).toBeUndefined()
    expect(includesEvent('0-15,66,70', 15)).toBe(true)
    expect(includesEvent('0-15,66,70', 66)).toBe(true)
    expect(includesEvent('0-15,66,70', 16)).toBe(false)
    expect(includesEvent('nonsense', 1)).toBe(false)
  })
})
