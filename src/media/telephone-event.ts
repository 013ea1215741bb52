/**
 * Telephone events (RFC 4733 §2.3, §2.5): a sender that is asked at every packet time what to send, and a receiver.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-+-+-----------+-------------------------------+
 * |     event     |E|R|  volume   |           duration            |
 * +---------------+-+-+-----------+-------------------------------+
 */

/** One report, four octets. */
export interface EventReport {
  /** 0 to 255; 0 to 15 are the DTMF digits. */
  readonly event: number
  readonly end: boolean
  /** Power in -dBm0, 0 to 63. */
  readonly volume: number
  /** Since the beginning of the event or segment, in timestamp units. */
  readonly duration: number
}

const DIGITS = '0123456789*#ABCD'
const FLASH = 16
const LONGEST = 0xffff
const END_PACKETS = 3
const DEFAULT_VOLUME = 10

/** Event code of a digit, '!' for flash; undefined if there is none (RFC 4733 §3.2, table 3). */
export function eventOfDigit(digit: string): number | undefined {
  if (digit === '!') return FLASH
  const at = DIGITS.indexOf(digit.toUpperCase())
  return digit.length === 1 && at >= 0 ? at : undefined
}

/** Digit of an event code, undefined for events that are none. */
export function digitOfEvent(event: number): string | undefined {
  return event === FLASH ? '!' : DIGITS[event]
}

/** Reads the `events` parameter, e.g. '0-15,66,70': is this event among them? Never throws. */
export function includesEvent(events: string, event: number): boolean {
  return events.split(',').some((range) => {
    const match = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(range)
    if (match === null) return false
    return event >= Number(match[1]) && event <= Number(match[2] ?? match[1])
  })
}

export function serializeEvent(report: EventReport): Buffer {
  return Buffer.from([
    report.event & 0xff,
    (report.end ? 0x80 : 0) | (report.volume & 0x3f),
    (report.duration >>> 8) & 0xff,
    report.duration & 0xff,
  ])
}

/** All reports of a payload (RFC 4733 §2.5.1.5: several may be packed); undefined if it is no such payload. */
export function parseEvents(payload: Uint8Array): EventReport[] | undefined {
  if (payload.length === 0 || payload.length % 4 !== 0) return undefined
  const reports: EventReport[] = []
  for (let at = 0; at < payload.length; at += 4) {
    const flags = payload[at + 1] ?? 0
    reports.push({
      event: payload[at] ?? 0,
      end: (flags & 0x80) !== 0,
      volume: flags & 0x3f,
      duration: ((payload[at + 2] ?? 0) << 8) | (payload[at + 3] ?? 0),
    })
  }
  return reports
}

/** What goes out instead of audio at one packet time. */
export interface EventPacket {
  readonly marker: boolean
  readonly timestamp: number
  readonly payload: Buffer
}

interface QueuedEvent {
  readonly event: number
  readonly duration: number
  readonly gap: number
  readonly sent: () => void
}

interface RunningEvent extends QueuedEvent {
  /** Timestamp of the beginning of the present segment. */
  timestamp: number
  /** Timestamp of the next packet time. */
  next: number
  /** Of the event, up to the present segment. */
  before: number
  first: boolean
  /** How often the segment's last report has gone out. */
  repeats: number
}

/** The sending side. Durations in timestamp units. */
export class EventSender {
  readonly #queue: QueuedEvent[] = []
  #running: RunningEvent | undefined
  #quietUntil: number | undefined

  /** True while an event is going out or waits: no audio then. */
  get busy(): boolean {
    return this.#running !== undefined || this.#queue.length > 0
  }

  /** Queues an event; `gap` at least passes from its end to the next one's beginning. */
  send(event: number, duration: number, gap: number, sent: () => void): void {
    this.#queue.push({ event, duration: Math.max(1, Math.round(duration)), gap, sent })
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue.length = 0
    this.#running = undefined
  }

  /**
   * What to send at a packet time: `timestamp` is that of the audio frame it stands for, `samples` its length.
   * Undefined: audio may go.
   */
  next(timestamp: number, samples: number): EventPacket | undefined {
    this.#running ??= this.#start(timestamp)
    const run = this.#running
    if (run === undefined) return undefined
    run.next = (timestamp + samples) >>> 0
    const elapsed = (run.next - run.timestamp) >>> 0
    const remaining = run.duration - run.before
    const last = remaining <= LONGEST
    const duration = Math.min(elapsed, remaining, LONGEST)
    const complete = duration === Math.min(remaining, LONGEST)
    const packet: EventPacket = {
      // RFC 4733 §2.5.1.2, §2.5.1.3: M on the first packet of the event, never on that of a further segment.
      marker: run.first,
      // RFC 4733 §2.5.1.2: the timestamp stays, the duration grows.
      timestamp: run.timestamp,
      // RFC 4733 §2.5.1.3: E only where the whole event ends, not at the end of a segment.
      payload: serializeEvent({ event: run.event, end: complete && last, volume: DEFAULT_VOLUME, duration }),
    }
    run.first = false
    // RFC 4733 §2.5.1.4: the last report of each event and segment goes out three times.
    if (complete && ++run.repeats === END_PACKETS) {
      if (last) {
        this.#running = undefined
        this.#quietUntil = (run.timestamp + remaining + Math.round(run.gap)) >>> 0
        run.sent()
      } else {
        run.before += LONGEST
        run.timestamp = (run.timestamp + LONGEST) >>> 0
        run.repeats = 0
      }
    }
    return packet
  }

  #start(timestamp: number): RunningEvent | undefined {
    // RFC 4733 timestamps wrap; a difference of less than half the space lies ahead.
    if (this.#quietUntil !== undefined && this.#queue.length > 0 && ((this.#quietUntil - timestamp) | 0) > 0)
      return undefined

    const event = this.#queue.shift()
    if (event === undefined) return undefined
    return { ...event, timestamp, next: timestamp, before: 0, first: true, repeats: 0 }
  }
}

/** An event as it was received. */
export interface HeardEvent {
  readonly event: number
  /** '' where the event is no digit. */
  readonly digit: string
  /** RTP timestamp of its beginning. */
  readonly timestamp: number
  /** ms, arrival of its first packet. */
  readonly firstAt: number
  /** ms, arrival of its last packet. */
  readonly lastAt: number
  /** All segments together, in timestamp units. */
  readonly duration: number
  readonly packets: number
  /** Packets with the E bit. */
  readonly endPackets: number
  /** The first packet had the M bit. */
  readonly marker: boolean
  readonly segments: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Segment {
  readonly of: Mutable<HeardEvent>
  readonly timestamp: number
  /** Durations of the segments before. */
  readonly before: number
  longest: number
}

const REMEMBERED = 8
/** Of one packet: nobody packs more (RFC 4733 §2.5.2.4), and putting them in order takes quadratic time. */
const MOST_PACKED = 64
/** Of one receiver; digits beyond are not heard. */
const MOST_EVENTS = 2_000

/** The receiving side: however many packets tell of an event, it is one; the same digit again is another. */
export class EventReceiver {
  readonly #events: Mutable<HeardEvent>[] = []
  /** Latest segments, newest last: packets may come late and repeated. */
  readonly #segments: Segment[] = []

  /** Takes a payload of telephone-event; `at` in ms. False if it is no such payload. */
  push(payload: Uint8Array, timestamp: number, marker: boolean, at: number): boolean {
    const reports = parseEvents(payload)
    if (reports === undefined) return false
    let start = timestamp
    for (const report of reports.slice(0, MOST_PACKED)) {
      // RFC 4733 §2.3.5: a duration of zero is for states only.
      if (report.duration > 0) this.#report(report, start, marker, at)
      // RFC 4733 §2.5.2.4: packed events follow each other without a gap.
      start = (start + report.duration) >>> 0
    }
    return true
  }

  get events(): readonly HeardEvent[] {
    return this.#events
  }

  /** All digits in the order of their beginning. */
  get digits(): string {
    return this.#events.map((event) => event.digit).join('')
  }

  #report(report: EventReport, timestamp: number, marker: boolean, at: number): void {
    let segment = this.#segments.findLast((one) => one.timestamp === timestamp && one.of.event === report.event)
    segment ??= this.#open(report, timestamp, marker, at)
    if (segment === undefined) return
    const event = segment.of
    event.packets++
    if (report.end) event.endPackets++
    event.lastAt = at
    segment.longest = Math.max(segment.longest, report.duration)
    event.duration = Math.max(event.duration, segment.before + segment.longest)
  }

  #open(report: EventReport, timestamp: number, marker: boolean, at: number): Segment | undefined {
    const latest = this.#segments.at(-1)
    // Older than what was heard last, and of no event that is remembered: over and gone (RFC 4733 §2.5.2.2).
    if (latest !== undefined && ((timestamp - latest.timestamp) | 0) < 0 && this.#segments.length >= REMEMBERED) {
      const oldest = this.#segments[0]
      if (oldest !== undefined && ((timestamp - oldest.timestamp) | 0) < 0) return undefined
    }
    // RFC 4733 §2.5.2.3: a segment of full length without end, and no gap: the same event goes on. A report that was
    // lost leaves a shorter duration, hence the timestamps decide.
    const continued = this.#segments.findLast(
      (one) =>
        one.of.event === report.event && one.of.endPackets === 0 && timestamp === (one.timestamp + LONGEST) >>> 0,
    )
    if (this.#events.length >= MOST_EVENTS) return undefined
    let segment: Segment
    if (continued !== undefined && !marker) {
      continued.of.segments++
      segment = { of: continued.of, timestamp, before: continued.before + LONGEST, longest: 0 }
    } else {
      const event: Mutable<HeardEvent> = {
        event: report.event,
        digit: digitOfEvent(report.event) ?? '',
        timestamp,
        firstAt: at,
        lastAt: at,
        duration: 0,
        packets: 0,
        endPackets: 0,
        marker,
        segments: 1,
      }
      // In the order of their beginnings, so that two digits whose packets overtook each other keep theirs.
      let place = this.#events.length
      while (place > 0 && (((this.#events[place - 1]?.timestamp ?? 0) - timestamp) | 0) > 0) place--
      this.#events.splice(place, 0, event)
      segment = { of: event, timestamp, before: 0, longest: 0 }
    }
    this.#segments.push(segment)
    this.#segments.sort((a, b) => (a.timestamp - b.timestamp) | 0)
    if (this.#segments.length > REMEMBERED) this.#segments.shift()
    return segment
  }
}
