/** The receiving half of a media session: who sends, how well it arrives, what is heard. */
import type { CodecName } from '../sdp/audio-stream.js'
import type { Endpoint } from '../transport/network.js'
import { sameEndpoint } from '../transport/network.js'
import { PatternListener, type HeardPattern } from './audio-pattern.js'
import { encodeG711 } from './g711.js'
import { G722Decoder } from './g722.js'
import { type MediaTap, rtpEvent } from './media-events.js'
import { type RtpAudio, RtpReader } from './rtp.js'
import { SrtpError, type SrtpContext } from './srtp.js'
import { SourceTable } from './statistics.js'
import { EventReceiver } from './telephone-event.js'

/** What an exchange of offer and answer has settled for what we receive. */
export interface ReceivePath {
  readonly payloadTypes: ReadonlyMap<number, CodecName>
  readonly dtmfPayloadType: number | undefined
  /** Payload type of comfort noise, where it was agreed. */
  readonly comfortNoise: number | undefined
  /** 'unknown': SRTP will come, but the peer's key has not been told yet. */
  readonly srtp: SrtpContext | undefined | 'unknown'
  /** The context before a change of keys: what is under way still comes with it (RFC 4568 §7.1.4). */
  readonly srtpBefore: SrtpContext | undefined
}

/** An address that packets came from. */
export interface SourceReport {
  readonly address: string
  readonly port: number
  readonly packets: number
  /** ms of the clock. */
  readonly firstAt: number
  readonly lastAt: number
}

export interface MediaReceiverOptions {
  readonly ownSsrc: number
  readonly local: Endpoint
  /** Depth of the jitter buffer that `late` is judged by. */
  readonly lateAfterMs: number
  readonly tap: MediaTap | undefined
  /** See `UdpSocket.lends`. */
  readonly lends: boolean
  readonly onCollision: () => void
  /** Each accepted packet, lent. */
  readonly onAccepted: (packet: RtpAudio, codec: CodecName | 'event' | 'noise', at: number) => void
}

interface EarlyPacket {
  readonly data: Buffer
  readonly from: Endpoint
  readonly at: number
}

type Source = { -readonly [K in keyof SourceReport]: SourceReport[K] }

const MOST_LISTENERS = 8
const MOST_SOURCES = 32
const MOST_EARLY = 100
/** Receivers take packets in one after the other. */
const READER = new RtpReader()

export class MediaReceiver {
  readonly #o: MediaReceiverOptions
  readonly table: SourceTable
  readonly events = new EventReceiver()
  readonly #listeners = new Map<number, PatternListener>()
  #lastListener: PatternListener | undefined
  #lastSsrc = -1
  #wideband: G722Decoder | undefined
  readonly #sources: Source[] = []
  #lastFrom: Endpoint | undefined
  #lastSource: Source | undefined
  readonly #refused: Record<string, number> = {}
  #path: ReceivePath = {
    payloadTypes: new Map(),
    dtmfPayloadType: undefined,
    comfortNoise: undefined,
    srtp: undefined,
    srtpBefore: undefined,
  }
  #early: EarlyPacket[] = []
  packets = 0
  bytes = 0
  firstAt: number | undefined
  lastAt: number | undefined

  constructor(o: MediaReceiverOptions) {
    this.#o = o
    this.table = new SourceTable({ ownSsrc: o.ownSsrc, clockRate: 8000, lateAfterMs: o.lateAfterMs, countLoops: true })
  }

  get refused(): Readonly<Record<string, number>> {
    return { ...this.#refused }
  }

  get sources(): readonly SourceReport[] {
    return this.#sources.map((source) => ({ ...source }))
  }

  /** All that was heard, by pattern. */
  heard(): HeardPattern[] {
    const merged = new Map<number, HeardPattern>()
    for (const listener of this.#listeners.values()) {
      for (const one of listener.heard()) {
        const other = merged.get(one.id)
        merged.set(one.id, other === undefined ? one : together(one, other))
      }
    }
    return [...merged.values()].sort((a, b) => a.firstAt - b.firstAt)
  }

  /** Whether this pattern was heard, and nothing else. */
  hearsOnly(id: number): boolean {
    let hears = false
    for (const listener of this.#listeners.values()) {
      const one = listener.hearsOnly(id)
      if (one === false) return false
      hears ||= one === true
    }
    return hears
  }

  configure(path: ReceivePath): void {
    this.#path = path
    if (path.srtp === 'unknown' || this.#early.length === 0) return
    const early = this.#early
    this.#early = []
    for (const { data, from, at } of early) this.#accept(data, from, at)
  }

  /** One datagram of the RTP port that is not RTCP. */
  receive(data: Buffer, from: Endpoint, at: number): void {
    this.#countSource(from, at)
    // RFC 4568 §5.1.1: media may come before the answer tells its key; it is kept for it.
    if (this.#path.srtp === 'unknown') {
      if (this.#early.length < MOST_EARLY) this.#early.push({ data: Buffer.from(data), from, at })
      else this.#refuse('before-answer', data, from, at)
      return
    }
    this.#accept(data, from, at)
  }

  /** Packets that wait for a key. */
  get waiting(): number {
    return this.#early.length
  }

  #accept(data: Buffer, from: Endpoint, at: number): void {
    const path = this.#path
    let plain = data
    if (path.srtp !== undefined && path.srtp !== 'unknown') {
      let result = path.srtp.unprotect(data)
      if (result instanceof SrtpError && path.srtpBefore !== undefined && result.code === 'authentication') {
        const before = path.srtpBefore.unprotect(data)
        if (!(before instanceof SrtpError)) result = before
      }
      if (result instanceof SrtpError) {
        this.#refuse(result.code, data, from, at)
        return
      }
      plain = result
    }
    const packet = READER
    const wrong = packet.read(plain)
    if (wrong !== undefined) {
      this.#refuse(wrong.code, data, from, at)
      return
    }
    const { payloadType } = packet
    const codec =
      path.payloadTypes.get(payloadType) ??
      (payloadType === path.dtmfPayloadType ? 'event' : payloadType === path.comfortNoise ? 'noise' : undefined)
    if (codec === undefined) {
      // RFC 3550 §5.1: a payload type that is not understood is ignored; the sequence still counts it.
      this.table.receive(packet, from, at, false)
      this.#refuse('unknown-payload-type', data, from, at, plain)
      return
    }
    // RFC 4733 §2.5.1.2: an event's timestamp is a sampling instant in its first packet only.
    const reception = this.table.receive(packet, from, at, codec !== 'event' || packet.marker)
    if (reception === 'collision-own') this.#o.onCollision()
    if (reception === 'collision') {
      this.#refuse('ssrc-collision', data, from, at, plain)
      return
    }
    this.packets++
    this.bytes += data.length
    this.firstAt ??= at
    this.lastAt = at
    const { tap, lends, local } = this.#o
    if (tap !== undefined) tap(rtpEvent(lends, at, 'in', local, from, data, plain))

    if (reception === 'duplicate') return
    if (codec === 'event') {
      if (!this.events.push(packet.payload, packet.timestamp, packet.marker, at)) this.#count('event-form')
    } else if (codec !== 'noise') {
      this.#listen(packet, codec, at)
    }
    this.#o.onAccepted(packet, codec, at)
  }

  #listen(packet: RtpReader, codec: CodecName, at: number): void {
    if (packet.ssrc !== this.#lastSsrc || this.#lastListener === undefined) {
      let listener = this.#listeners.get(packet.ssrc)
      if (listener === undefined) {
        if (this.#listeners.size >= MOST_LISTENERS) return
        listener = new PatternListener()
        this.#listeners.set(packet.ssrc, listener)
      }
      this.#lastListener = listener
      this.#wideband = undefined
      this.#lastSsrc = packet.ssrc
    }
    if (codec !== 'G722') {
      this.#lastListener.read(packet.bytes, packet.payloadAt, packet.payloadEnd, codec, packet.timestamp, at)
      return
    }
    const heard = (this.#wideband ??= new G722Decoder()).decode(packet.payload)
    this.#lastListener.push(encodeG711(heard, 'PCMU'), 'PCMU', packet.timestamp, at)
  }

  #countSource(from: Endpoint, at: number): void {
    const source = from === this.#lastFrom ? this.#lastSource : this.#source(from, at)
    if (source === undefined) return
    source.packets++
    source.lastAt = at
  }

  /** Undefined where there are too many. */
  #source(from: Endpoint, at: number): Source | undefined {
    let source = this.#sources.find((one) => sameEndpoint(one, from))
    if (source === undefined && this.#sources.length < MOST_SOURCES) {
      source = { address: from.address, port: from.port, packets: 0, firstAt: at, lastAt: at }
      this.#sources.push(source)
    }
    this.#lastFrom = from
    this.#lastSource = source
    return source
  }

  #count(code: string): void {
    this.#refused[code] = (this.#refused[code] ?? 0) + 1
  }

  #refuse(fault: string, raw: Buffer, remote: Endpoint, at: number, plain?: Buffer): void {
    this.#count(fault)
    const { tap, lends, local } = this.#o
    tap?.(rtpEvent(lends, at, 'in', local, remote, raw, plain, fault))
  }
}

function together(a: HeardPattern, b: HeardPattern): HeardPattern {
  const seconds = a.seconds + b.seconds
  return {
    id: a.id,
    seconds,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    confidence: seconds === 0 ? 0 : (a.confidence * a.seconds + b.confidence * b.seconds) / seconds,
  }
}
