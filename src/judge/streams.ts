/** Streams of RTP and RTCP, put together by where they go and their SSRC: only their figures are kept, never the packets. */
import type { CapturedDatagram } from '../capture/events.js'
import { SourceStatistics } from '../media/source-statistics.js'
import { decodeG711 } from '../media/g711.js'
import { RtpReader, uint32At } from '../media/rtp.js'
import { digitOfEvent, parseEvents } from '../media/telephone-event.js'
import type { Endpoint } from '../transport/network.js'
import { type KeyPressed, ToneReader } from './tone-reader.js'

/** What is known of a payload type where the packets go. */
export interface TypeKnown {
  readonly encoding: string
  readonly clockRate: number
  /** What is in the packets cannot be read. */
  readonly isSecure?: boolean
}

/** What came of an encrypted packet: its clear text. `no key`: nothing is known that could open it. */
export type Opened = Buffer | 'no key' | 'refused' | 'repeated'

/** A silence within a stream. */
export interface Gap {
  readonly at: number
  readonly ms: number
  readonly frame: number
}

/** Numbers that are missing in one piece. */
export interface Break {
  readonly at: number
  readonly frame: number
  readonly missing: number
  /** Time from the packet before to the one behind. */
  readonly ms: number
}

/** RTP with one SSRC from one place to another. */
export interface Stream {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly ssrc: number
  readonly statistics: SourceStatistics
  readonly clockRate: number | undefined
  readonly firstAt: number
  readonly firstFrame: number
  lastAt: number
  lastFrame: number
  packets: number
  /** How many packets of each payload type, and the frame of the first. */
  readonly types: Map<number, { count: number; frame: number; at: number }>
  readonly keys: KeyPressed[]
  /** Keys that were heard as tones, where the audio is G.711 and can be read. */
  readonly tones: KeyPressed[]
  /** The longest first, some few. */
  readonly gaps: Gap[]
  /** Longer than a few lost packets: the sender was elsewhere, on hold or silent, or the network was gone. */
  readonly breaks: Break[]
  sequence: number
  /** Packets of SRTP that its key did not open, of those that were tried; and how many of them came last. */
  refused: number
  tried: number
  refusedInARow: number
  /** Sequence number of the last that was opened; -1: none was. */
  lastOpened: number
  /** Packets of SRTP whose key is not known. */
  unread: number
}

/** Datagrams that are neither SIP nor RTP nor RTCP, from one place to another. */
export interface Flow {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly kind: 'rtcp' | 'stun' | 'dtls' | 'keep-alive' | 'other'
  count: number
  readonly firstAt: number
  readonly firstFrame: number
  lastAt: number
}

/** A flood of sources or ports must not fill the memory. */
const MOST_STREAMS = 20_000
const MOST_FLOWS = 50_000
const MOST_KEYS = 200
const MOST_GAPS = 5
/** Silence that is noted. */
const GAP_MS = 1_000
/** Missing numbers that count as a break; RFC 3550 A.1: beyond 3000 a sender has begun anew. */
const BREAK = { least: 10, most: 3_000 }
const MOST_BREAKS = 50

export class Streams {
  readonly all: Stream[] = []
  readonly flows: Flow[] = []
  /** Packets beyond what is kept. */
  left = 0
  readonly #byKey = new Map<string, Stream>()
  readonly #listeners = new Map<Stream, ToneReader>()
  readonly #reader = new RtpReader()
  readonly #flowByKey = new Map<string, Flow>()
  readonly #typeAt: (to: Endpoint, from: Endpoint, type: number, when: number) => TypeKnown | undefined

  constructor(typeAt: (to: Endpoint, from: Endpoint, type: number, when: number) => TypeKnown | undefined) {
    this.#typeAt = typeAt
  }

  /** @param opened what came of its encryption; absent: it has none */
  rtp({ at, frame, from, to, data, cut }: CapturedDatagram, opened?: Opened): Stream | undefined {
    if (data.length < 12) return undefined
    const ssrc = uint32At(data, 8)
    const key = streamKey(from, to, ssrc)
    const type = (data[1] ?? 0) & 0x7f
    const stream = this.#byKey.get(key) ?? this.#begin(key, { at, frame, from, to, ssrc, type })
    if (stream === undefined) return undefined
    const used = stream.types.get(type)
    if (used === undefined) stream.types.set(type, { count: 1, frame, at })
    else used.count++
    const map = this.#typeAt(to, from, type, at)
    const isEvent = map?.encoding === 'telephone-event'
    const timestamp = uint32At(data, 4)
    const silence = at - stream.lastAt
    if (silence > GAP_MS && stream.packets > 0) noteGap(stream, { at: stream.lastAt, ms: silence, frame })
    const sequence = ((data[2] ?? 0) << 8) | (data[3] ?? 0)
    noteBreak(stream, sequence, { at, frame })
    stream.statistics.receive(sequence, timestamp, at, !isEvent)
    stream.packets++
    stream.lastAt = at
    stream.lastFrame = frame
    noteOpened(stream, opened, sequence)
    const plain = opened === undefined && map?.isSecure !== true ? data : Buffer.isBuffer(opened) ? opened : undefined
    if (isEvent && plain !== undefined) noteKey(stream, plain, { at, frame, timestamp })
    if (plain !== undefined && cut === undefined) this.#listen(stream, map?.encoding, plain, { at, frame })
    return stream
  }

  /** Nothing follows. */
  end(): void {
    for (const [stream, listener] of this.#listeners) noteTones(stream, listener.end())
    this.#listeners.clear()
  }

  /** Hears tones in the audio. Telephone-events may come beside it as well as in its place. */
  #listen(stream: Stream, encoding: string | undefined, plain: Buffer, where: { at: number; frame: number }): void {
    const law = LAWS.get(encoding ?? '')
    if (law === undefined || this.#reader.read(plain) !== undefined) return
    if (this.#reader.payloadEnd === this.#reader.payloadAt) return
    let listener = this.#listeners.get(stream)
    if (listener === undefined) this.#listeners.set(stream, (listener = new ToneReader()))
    const samples = decodeG711(this.#reader.payload, law)
    noteTones(stream, listener.push(this.#reader.timestamp, { samples, ...where }))
  }

  /** Counts what is not RTP. */
  other(kind: Flow['kind'], { at, frame, from, to }: CapturedDatagram): void {
    const key = `${kind} ${from.address} ${from.port} ${to.address} ${to.port}`
    const known = this.#flowByKey.get(key)
    if (known !== undefined) {
      known.count++
      known.lastAt = at
      return
    }
    if (this.flows.length >= MOST_FLOWS) {
      this.left++
      return
    }
    const flow: Flow = { from, to, kind, count: 1, firstAt: at, firstFrame: frame, lastAt: at }
    this.#flowByKey.set(key, flow)
    this.flows.push(flow)
  }

  #begin(
    key: string,
    {
      at,
      frame,
      from,
      to,
      ssrc,
      type,
    }: { at: number; frame: number; from: Endpoint; to: Endpoint; ssrc: number; type: number },
  ): Stream | undefined {
    if (this.all.length >= MOST_STREAMS) {
      this.left++
      return undefined
    }
    const clockRate = this.#typeAt(to, from, type, at)?.clockRate
    const stream: Stream = {
      from,
      to,
      ssrc,
      statistics: new SourceStatistics({ ssrc, clockRate: clockRate ?? 8000 }),
      clockRate,
      firstAt: at,
      firstFrame: frame,
      lastAt: at,
      lastFrame: frame,
      packets: 0,
      types: new Map(),
      keys: [],
      tones: [],
      gaps: [],
      breaks: [],
      sequence: -1,
      refused: 0,
      tried: 0,
      refusedInARow: 0,
      lastOpened: -1,
      unread: 0,
    }
    this.#byKey.set(key, stream)
    this.all.push(stream)
    return stream
  }
}

/** By their names in descriptions, in small letters. */
const LAWS: ReadonlyMap<string, 'PCMA' | 'PCMU'> = new Map([
  ['pcma', 'PCMA'],
  ['pcmu', 'PCMU'],
])

function noteTones({ tones }: Stream, keys: readonly KeyPressed[]): void {
  if (keys.length > 0) tones.push(...keys.slice(0, MOST_KEYS - tones.length))
}

/** Tells streams apart. */
export const streamKey = (from: Endpoint, to: Endpoint, ssrc: number): string =>
  `${from.address} ${from.port} ${to.address} ${to.port} ${ssrc}`

function noteOpened(stream: Stream, opened: Opened | undefined, sequence: number): void {
  if (opened === undefined || opened === 'repeated') return
  if (opened === 'no key') {
    stream.unread++
    return
  }
  stream.tried++
  if (opened === 'refused') {
    stream.refused++
    stream.refusedInARow++
  } else {
    stream.refusedInARow = 0
    stream.lastOpened = sequence
  }
}

function noteGap({ gaps }: Stream, gap: Gap): void {
  gaps.push(gap)
  if (gaps.length <= MOST_GAPS) return
  gaps.sort((a, b) => b.ms - a.ms)
  gaps.length = MOST_GAPS
}

function noteBreak(stream: Stream, sequence: number, { at, frame }: { at: number; frame: number }): void {
  const step = (sequence - stream.sequence) & 0xffff
  if (stream.sequence >= 0 && step > BREAK.least && step <= BREAK.most && stream.breaks.length < MOST_BREAKS)
    stream.breaks.push({ at: stream.lastAt, frame, missing: step - 1, ms: at - stream.lastAt })
  if (stream.sequence < 0 || step < 0x8000) stream.sequence = sequence
}

/** RFC 4733 §2.5.1: all packets of one event carry its timestamp. */
function noteKey({ keys }: Stream, data: Buffer, where: { at: number; frame: number; timestamp: number }): void {
  if (keys.length >= MOST_KEYS || keys.some(({ timestamp }) => timestamp === where.timestamp)) return
  const head = 12 + 4 * ((data[0] ?? 0) & 0x0f)
  const [event] = parseEvents(data.subarray(head, head + 4)) ?? []
  const digit = event === undefined ? undefined : digitOfEvent(event.event)
  if (digit !== undefined) keys.push({ ...where, digit })
}
