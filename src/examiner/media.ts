/** The standing checks of media: by the headers of RTP alone, and by what was agreed for the port. */
import type { MediaPacketEvent } from '../media/media-events.js'
import { rtpHeaderBytes, uint32At } from '../media/rtp.js'
import type { PublishedList } from '../target/published-list.js'
import { canonicalAddress, type Endpoint, formatEndpoint } from '../transport/network.js'
import { Memory } from './memory.js'
import type { NoteCollector } from './note-collector.js'

/** What is agreed for one RTP port of ours, and what comes there. */
export interface Leg {
  /** 1: a payload type of either description; 2: a telephone-event. */
  readonly types: Uint8Array
  /** An exchange of descriptions was seen. */
  agreed: boolean
  ourProtocol: string
  theirProtocol: string
  /** When a description last changed something: streams may begin anew. */
  changedAt: number
  endedAt: number
  /** The target ended the call by a BYE of its own. */
  endedByTarget: boolean
  lastRemote: Endpoint | undefined
  lastStream: Stream | undefined
  readonly streams: Map<number, Stream>
  unknownTypes: number
  clear: number
  late: number
  firstLateAt: number
  unpublished: number
}

/** One SSRC of the target at one port. */
interface Stream {
  readonly ssrc: number
  /** A device of ours is its source: the target only passes it on. */
  readonly ours: Sent | undefined
  packets: number
  sequence: number
  timestamp: number
  at: number
  /** The packet before was audio, so that timestamps can be compared. */
  comparable: boolean
  restarts: number
  repeated: number
  backwards: number
  jumps: number
  altered: number
  // Clock rate, by seconds.
  windowAt: number
  windowTimestamp: number
  windows: number
  wrongWindows: number
  rate: number
}

/** A stream that one of our devices sends: its last packets, by sequence number. */
interface Sent {
  /** A story sends under the same SSRC from elsewhere: what comes out may be that. */
  imitated: boolean
  readonly recent: (MediaPacketEvent | undefined)[]
}

const RECENT = 512
const MOST_STREAMS = 64
/** RFC 3550 A.1: MAX_DROPOUT and MAX_MISORDER. */
const DROPOUT = 3000
const MISORDER = 100
/** ms after an exchange of descriptions in which a stream may begin anew. */
const SETTLING_MS = 2_000
/** Packets under way, and what the wire holds back, may arrive this much (ms) after the end. */
const GRACE_MS = 500
const AUDIO_TICKS_PER_MS = 8

export interface MediaOptions {
  readonly published: PublishedList | undefined
  readonly isOwn: (endpoint: Endpoint) => boolean
  /** Compare what passes through with what we sent. */
  readonly comparesPayload: boolean
  readonly limit: number
}

export class MediaChecks {
  readonly #o: MediaOptions
  readonly #notebook: NoteCollector
  readonly #byEndpoint: Memory<Endpoint, Leg>
  readonly #byText: Memory<string, Leg>
  readonly #sent: Memory<number, Sent>
  #lastSent = -1

  constructor(o: MediaOptions, notebook: NoteCollector) {
    this.#o = o
    this.#notebook = notebook
    this.#byEndpoint = new Memory(o.limit)
    this.#byText = new Memory(o.limit)
    this.#sent = new Memory(o.limit)
  }

  /** What is known of one of our RTP ports. */
  leg(address: string, port: number): Leg {
    const key = `${canonicalAddress(address)} ${port}`
    const known = this.#byText.get(key)
    if (known !== undefined) return known
    const leg = newLeg()
    this.#byText.set(key, leg)
    return leg
  }

  packet(event: MediaPacketEvent): void {
    const { raw } = event
    if (event.direction === 'out') {
      if (event.kind === 'rtp') this.#remember(event, raw)
      return
    }
    let leg = this.#byEndpoint.get(event.local)
    if (leg === undefined) {
      leg = this.leg(event.local.address, event.local.port)
      this.#byEndpoint.set(event.local, leg)
    }
    const { remote } = event
    const last = leg.lastRemote
    if (last === undefined || last.port !== remote.port || last.address !== remote.address) {
      // Our own devices may talk to each other directly, and stories throw stray packets at them.
      if (this.#o.isOwn(remote)) return
      leg.lastRemote = this.#isPublished(leg, remote) ? remote : undefined
    }
    if (event.kind === 'rtcp') {
      if (event.fault !== undefined) this.#badRtcp(leg, event)
      return
    }
    if (raw.length < 12 || (raw[0] ?? 0) >>> 6 !== 2) return
    const ssrc = uint32At(raw, 8)
    let stream = leg.lastStream
    if (stream === undefined || stream.ssrc !== ssrc) {
      stream = this.#stream(leg, ssrc)
      if (stream === undefined) return
      leg.lastStream = stream
    }
    this.#judge(leg, stream, event, raw)
  }

  #judge(leg: Leg, stream: Stream, event: MediaPacketEvent, raw: Buffer): void {
    const { at } = event
    const second = raw[1] ?? 0
    const type = second & 0x7f
    const sequence = ((raw[2] ?? 0) << 8) | (raw[3] ?? 0)
    const timestamp = uint32At(raw, 4)
    const kind = leg.types[type] ?? 0
    if (at > leg.endedAt + GRACE_MS) this.#late(leg, at)
    if (leg.agreed) {
      // RFC 6263 §4.2, §4.6: comfort noise, and packets without payload of a type that nobody knows, keep a path open.
      const keepsAlive = type === 13 || type === 19 || raw.length === rtpHeaderBytes(raw, raw.length)
      if (kind === 0 && !keepsAlive && ++leg.unknownTypes >= 3) this.#unknownType(leg, type)
      if (isSecure(leg.ourProtocol) && isSecure(leg.theirProtocol) && looksClear(raw, type)) this.#clear(leg)
    }
    if (stream.ours !== undefined) {
      if (this.#o.comparesPayload && !stream.ours.imitated)
        this.#compare(stream, stream.ours, event, sequence, timestamp, second, kind === 2)
      return
    }
    const settled = at - leg.changedAt > SETTLING_MS
    const audio = kind !== 2 && isNarrowBand(type)
    if (stream.packets++ > 0) {
      const step = (sequence - stream.sequence) & 0xffff
      if (step === 0) {
        // The wire may double a packet, but not change it.
        if (timestamp !== stream.timestamp && audio && stream.comparable && ++stream.repeated === 5) this.#stuck()
        return
      }
      if (step >= DROPOUT && step < 0x10000 - MISORDER) {
        if (settled && ++stream.restarts === 3) this.#restarts()
        stream.comparable = false
      } else if (step >= DROPOUT) {
        // Overtaken by others on the way.
        return
      } else if (step === 1 && audio && stream.comparable) {
        this.#timing(stream, at, timestamp, settled)
      }
    }
    stream.sequence = sequence
    stream.timestamp = timestamp
    stream.at = at
    stream.comparable = audio
    this.#clock(stream, at, timestamp, audio)
  }

  /** Two audio packets, one right behind the other. */
  #timing(stream: Stream, at: number, timestamp: number, settled: boolean): void {
    const ticks = (timestamp - stream.timestamp) | 0
    if (ticks <= 0) {
      // RFC 3550 §5.1: the clock is monotonic and linear.
      if (settled && ++stream.backwards === 5) {
        this.#notebook.add('EXAM-RTP-TIMING', {
          title: 'Timestamps of RTP stand still or run backwards',
          expected: 'each packet of audio later than the one before',
          actual: `${ticks} ticks from one packet to the next, five times`,
        })
      }
      return
    }
    const ahead = ticks / AUDIO_TICKS_PER_MS - (at - stream.at)
    if (ahead > 200 && settled && ++stream.jumps === 5) {
      this.#notebook.add('EXAM-RTP-TIMING', {
        severity: 'warn',
        title: 'Timestamps of RTP jump ahead of the time',
        expected: 'timestamps that advance as time does',
        actual: `${Math.round(ahead)} ms more than went by, five times in one stream`,
      })
    }
  }

  /** RFC 3550 §5.1: linear in time; of narrow-band audio, 8000 ticks a second. */
  #clock(stream: Stream, at: number, timestamp: number, audio: boolean): void {
    if (!audio) {
      stream.windowAt = -1
      return
    }
    if (stream.windowAt < 0) {
      stream.windowAt = at
      stream.windowTimestamp = timestamp
      return
    }
    const elapsed = at - stream.windowAt
    if (elapsed < 1000) return
    const ticks = (timestamp - stream.windowTimestamp) | 0
    stream.windowAt = at
    stream.windowTimestamp = timestamp
    // After a pause some senders go on where they stopped.
    if (elapsed > 1500) return
    stream.windows++
    const rate = ticks / elapsed
    if (rate >= 0.7 * AUDIO_TICKS_PER_MS && rate <= 1.4 * AUDIO_TICKS_PER_MS) return
    stream.rate = rate
    // A stall of the harness can spoil a second, not all of them.
    if (++stream.wrongWindows === 4 && stream.windows === 4) {
      this.#notebook.add('EXAM-RTP-TIMING', {
        title: 'The clock of RTP timestamps runs at the wrong rate',
        expected: '8000 ticks a second',
        actual: `${Math.round(rate * 1000)} ticks a second`,
      })
    }
  }

  #compare(
    stream: Stream,
    sent: Sent,
    event: MediaPacketEvent,
    sequence: number,
    timestamp: number,
    second: number,
    isEvent: boolean,
  ): void {
    const origin = sent.recent[sequence % RECENT]
    if (origin === undefined || event.plain === undefined || origin.plain === undefined) return
    const mine = origin.plain
    if ((((mine[2] ?? 0) << 8) | (mine[3] ?? 0)) !== sequence || uint32At(mine, 4) !== timestamp) return
    // Another payload type or length: transcoded, which a relay may do.
    if (((mine[1] ?? 0) & 0x7f) !== (second & 0x7f) || mine.length !== event.plain.length) return
    const at = rtpHeaderBytes(mine, mine.length)
    if (at < 0 || mine.subarray(at).equals(event.plain.subarray(at))) return
    // RFC 4733 §2.3: volume and duration are the relay's to tell where it sends events of its own; the key is not.
    if (isEvent && mine[at] === event.plain[at]) return
    if (++stream.altered !== 3) return
    this.#notebook.add('EXAM-RTP-ALTERED', {
      expected: 'the payload as it was sent, under the same payload type',
      actual: `other octets in three packets of one stream, the first seen with sequence number ${sequence}`,
    })
  }

  #remember(event: MediaPacketEvent, raw: Buffer): void {
    const ssrc = uint32At(raw, 8)
    if (!this.#o.comparesPayload && ssrc === this.#lastSent) return
    this.#lastSent = ssrc
    let sent = this.#sent.get(ssrc)
    if (sent === undefined) {
      sent = { imitated: false, recent: [] }
      this.#sent.set(ssrc, sent)
    }
    if (event.plain === undefined) sent.imitated = true
    else if (this.#o.comparesPayload) sent.recent[(((raw[2] ?? 0) << 8) | (raw[3] ?? 0)) % RECENT] = event
  }

  #stream(leg: Leg, ssrc: number): Stream | undefined {
    const known = leg.streams.get(ssrc)
    if (known !== undefined) return known
    if (leg.streams.size >= MOST_STREAMS) {
      this.#notebook.add('EXAM-RTP-SEQUENCE', {
        title: 'The source of RTP (SSRC) changes all the time',
        expected: 'one SSRC for a source (RFC 3550 §8)',
        actual: `more than ${MOST_STREAMS} at one port`,
      })
      return undefined
    }
    const stream: Stream = {
      ssrc,
      ours: this.#sent.get(ssrc),
      packets: 0,
      sequence: 0,
      timestamp: 0,
      at: 0,
      comparable: false,
      restarts: 0,
      repeated: 0,
      backwards: 0,
      jumps: 0,
      altered: 0,
      windowAt: -1,
      windowTimestamp: 0,
      windows: 0,
      wrongWindows: 0,
      rate: 0,
    }
    leg.streams.set(ssrc, stream)
    return stream
  }

  #isPublished(leg: Leg, remote: Endpoint): boolean {
    const { published } = this.#o
    if (published === undefined || !published.listsRelays) return true
    if (published.isPublished(remote.address, remote.port, 'udp')) return true
    // A single stray packet from anywhere in the Internet is not the provider's.
    if (++leg.unpublished === 3) {
      this.#notebook.add('EXAM-PUBLISHED-RELAYS', {
        expected: 'RTP from a published relay',
        actual: `RTP from ${formatEndpoint(remote)}`,
      })
    }
    return false
  }

  #unknownType(leg: Leg, type: number): void {
    if (leg.unknownTypes > 3) return
    const agreed = [...leg.types.keys()].filter((one) => leg.types[one] !== 0)
    this.#notebook.add('EXAM-RTP-PAYLOAD-TYPE', { expected: `one of ${agreed.join(', ')}`, actual: String(type) })
  }

  #clear(leg: Leg): void {
    if (++leg.clear !== 3) return
    this.#notebook.add('EXAM-SRTP-CLEAR', {
      expected: `packets with an authentication tag, as ${leg.ourProtocol} was agreed`,
      actual: 'packets of just the size of clear audio',
    })
  }

  #late(leg: Leg, at: number): void {
    if (leg.late++ === 0) leg.firstLateAt = at
    // Not what was under way, nor what a stalled harness reads late and all at once.
    if (leg.late < 3 || at - leg.firstLateAt < 40) return
    const times = leg.late === 3 ? 3 : 1
    const expected = `nothing ${GRACE_MS} ms after the end of the call`
    const actual = `a packet ${Math.round(at - leg.endedAt)} ms after it`
    // §15.1.1: who sends BYE MUST stop; §15.1.2: who gets it SHOULD.
    if (leg.endedByTarget)
      this.#notebook.add('EXAM-RTP-AFTER-BYE', { severity: 'fail', rule: 'RFC 3261 §15.1.1', expected, actual }, times)
    else this.#notebook.add('EXAM-RTP-AFTER-BYE', { expected, actual }, times)
  }

  #badRtcp(own: Leg, { local, raw, plain, fault }: MediaPacketEvent): void {
    // RTCP has the port of its RTP, or the next.
    const leg = own.ourProtocol === '' ? this.leg(local.address, local.port - 1) : own
    // What was not decrypted is not readable: no key yet, or none any more. What is of ours was only passed on.
    if (isSecure(leg.ourProtocol) && plain === raw) return
    if (plain === undefined || raw.length < 8 || this.#sent.get(uint32At(raw, 4)) !== undefined) return
    this.#notebook.add('EXAM-RTCP', { expected: 'a compound packet in the form of the section', actual: fault ?? '' })
  }

  #stuck(): void {
    this.#notebook.add('EXAM-RTP-SEQUENCE', {
      severity: 'fail',
      title: 'Sequence numbers of RTP are used for several packets',
      expected: 'a sequence number one higher for each packet',
      actual: 'the same number with another timestamp, five times',
    })
  }

  #restarts(): void {
    this.#notebook.add('EXAM-RTP-SEQUENCE', {
      expected: 'numbers that run on, or a new SSRC',
      actual: 'numbers that began anew under the same SSRC, three times, with no new offer before',
    })
  }
}

function newLeg(): Leg {
  return {
    types: new Uint8Array(128),
    agreed: false,
    ourProtocol: '',
    theirProtocol: '',
    changedAt: -Infinity,
    endedAt: Infinity,
    endedByTarget: false,
    lastRemote: undefined,
    lastStream: undefined,
    streams: new Map(),
    unknownTypes: 0,
    clear: 0,
    late: 0,
    firstLateAt: 0,
    unpublished: 0,
  }
}

/** Audio whose timestamps count 8000 a second (RFC 3551 §6): PCMU, GSM, PCMA, G722, G729. */
function isNarrowBand(type: number): boolean {
  return type === 8 || type === 0 || type === 9 || type === 18 || type === 3
}

export function isSecure(protocol: string): boolean {
  return protocol.endsWith('RTP/SAVP') || protocol.endsWith('RTP/SAVPF')
}

/** G.711 in packets of tens of milliseconds, without the 4 or more octets that SRTP appends. */
function looksClear(raw: Buffer, type: number): boolean {
  return (type === 0 || type === 8) && raw[0] === 0x80 && raw.length > 12 && (raw.length - 12) % 80 === 0
}
