/** The sending half of a media session: audio, digits and echo in one RTP stream (RFC 3550 §5.1, RFC 4733 §2.5.1). */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Endpoint, Route, UdpSocket } from '../transport/network.js'
import { AudioPattern, FRAME_SAMPLES, TONE_SAMPLES } from './audio-pattern.js'
import type { CodecName } from '../sdp/audio-stream.js'
import { keySamples } from './dtmf-tones.js'
import { decodeG711, encodeG711, type Law, silence } from './g711.js'
import { G722Encoder } from './g722.js'
import { Lateness } from './lateness.js'
import type { MediaClock, Ticker, Ticking } from './media-clock.js'
import { type MediaTap, rtpEvent } from './media-events.js'
import { MediaError } from './media-error.js'
import { RTP_HEADER_BYTES, writeRtpHeader, type RtpAudio } from './rtp.js'
import { SrtpError, type SrtpContext } from './srtp.js'
import { EventSender, eventOfDigit, includesEvent } from './telephone-event.js'

/** What an exchange of offer and answer has settled for what we send. */
export interface SendPath {
  readonly remote: Endpoint
  readonly codec: CodecName
  readonly payloadType: number
  /** The peer's numbers for every codec in common, for echoes. */
  readonly payloadTypes: ReadonlyMap<CodecName, number>
  readonly ptimeMs: number
  readonly dtmf: { readonly payloadType: number; readonly events: string } | undefined
  /** Payload type of comfort noise, where the peer takes it. */
  readonly comfortNoise: number | undefined
  readonly srtp: SrtpContext | undefined
  /** False on hold: the clock of the stream goes on, nothing is sent. */
  readonly audible: boolean
}

export interface MediaSenderOptions {
  readonly clock: Clock
  readonly mediaClock: MediaClock
  readonly random: Random
  readonly socket: UdpSocket
  readonly patternId: number
  readonly play: 'pattern' | 'silence' | 'nothing'
  readonly echo: boolean
  readonly tap: MediaTap | undefined
}

const TICKS_PER_MS = 8
const DIGIT_MS = 100
const GAP_MS = 60
const NOTHING = Buffer.alloc(0)
/** Level of the noise that a peer makes for itself while we are silent: -60 dBov. */
const COMFORT_NOISE = Buffer.from([60])
/** In a long silence it is told again, ms. */
const COMFORT_EVERY_MS = 480
const SILENT_FRAMES: Readonly<Record<Law, Buffer>> = {
  PCMA: Buffer.alloc(FRAME_SAMPLES, silence('PCMA')),
  PCMU: Buffer.alloc(FRAME_SAMPLES, silence('PCMU')),
}

export class MediaSender implements Ticking {
  readonly #o: MediaSenderOptions
  readonly #pattern: AudioPattern
  #events: EventSender | undefined
  readonly #phase: number
  /** Undefined over sockets of loads: there the clock of all sessions keeps it. */
  readonly lateness: Lateness | undefined
  ssrc: number
  /** All of the session's. */
  packets = 0
  /** Of RTP packets, as they went out. */
  bytes = 0
  /** Of the present SSRC, and their payload octets, as SR counts them (RFC 3550 §6.4.1). */
  streamPackets = 0
  streamOctets = 0
  errors = 0
  muted = false
  /** Every nth packet is numbered and not sent, as if the network had lost it; 0: none. */
  withholdEvery = 0
  /** When packets were withheld, ms of the clock. */
  readonly withheldAt: number[] = []
  #sequence = -1
  #timestampBase: number
  // Not numbers before the first packet: a field that always holds a number is written in place.
  #firstAt = Number.NaN
  #lastAt = Number.NaN
  #path: SendPath | undefined
  #route: Route | undefined
  #ticker: Ticker | undefined
  /** Due time of the first tick: sample 0 of the stream; not a number before. */
  #epoch = Number.NaN
  /** The frame that is played at a tone, as long as it is the same. */
  #tone: Buffer = NOTHING
  #toneCodec: Law | undefined
  #toneNumber = -1
  #talking = false
  /** When comfort noise was told last, in samples of the stream; not a number where nothing was said yet. */
  #comfortAt = Number.NaN
  /** Keypad tones that take the place of what is played, from this sample of the stream on. */
  #keys: { readonly samples: Int16Array; readonly from: number; readonly played: () => void } | undefined
  #wideband: G722Encoder | undefined
  readonly #waiting = new Set<(error: Error) => void>()
  #echoed: { ssrc: number; offset: number } | undefined

  constructor(o: MediaSenderOptions) {
    this.#o = o
    this.#pattern = new AudioPattern(o.patternId)
    // RFC 3550 §5.1, §8.1: SSRC, sequence number and timestamp begin at random.
    this.ssrc = o.random.uint32()
    this.#timestampBase = o.random.uint32()
    this.#phase = o.random.float()
    this.lateness = o.socket.lends === true ? undefined : new Lateness()
  }

  get firstAt(): number | undefined {
    return Number.isNaN(this.#firstAt) ? undefined : this.#firstAt
  }

  get lastAt(): number | undefined {
    return Number.isNaN(this.#lastAt) ? undefined : this.#lastAt
  }

  get running(): boolean {
    return this.#ticker !== undefined
  }

  /** Whether a packet could be sent now. */
  get audible(): boolean {
    return this.#path?.audible === true && !this.muted
  }

  /** RTP timestamp of this moment, for sender reports. */
  timestampAt(now: number): number {
    return Number.isNaN(this.#epoch) ? this.#timestampBase : (this.#timestampBase + this.#sampleAt(now)) >>> 0
  }

  /** What is agreed now; undefined: nothing may be sent. */
  configure(path: SendPath | undefined): void {
    const interval = this.#path?.ptimeMs
    this.#path = path
    this.#route = path === undefined ? undefined : this.#o.socket.route?.(path.remote)
    if (this.#ticker !== undefined && path !== undefined && path.ptimeMs !== interval) {
      this.#ticker.cancel()
      this.#tickEvery(path.ptimeMs)
    }
  }

  start(): void {
    if (this.#ticker === undefined) this.#tickEvery(this.#path?.ptimeMs ?? 20)
  }

  stop(): void {
    this.#ticker?.cancel()
    this.#ticker = undefined
    this.#talking = false
  }

  /** Another SSRC, after a collision (RFC 3550 §8.2). */
  renumber(): void {
    this.ssrc = this.#o.random.uint32()
    this.#sequence = -1
    this.streamPackets = 0
    this.streamOctets = 0
    this.#echoed = undefined
  }

  /** Queues digits; resolves when the last end packet of the last one is out. Rejects where they cannot be sent. */
  sendDigits(digits: string, o: { readonly durationMs?: number; readonly gapMs?: number }): Promise<void> {
    const dtmf = this.#path?.dtmf
    if (dtmf === undefined) return Promise.reject(new MediaError('no-events', 'telephone-event was not negotiated'))
    const events: number[] = []
    for (const digit of digits) {
      const event = eventOfDigit(digit)
      if (event === undefined) return Promise.reject(new RangeError(`'${digit}' is no digit`))
      // RFC 4733 §2.5.1.1: only events that the receiver lists.
      if (!includesEvent(dtmf.events, event))
        return Promise.reject(new MediaError('event-not-taken', `the peer takes events ${dtmf.events}, not ${event}`))

      events.push(event)
    }
    if (events.length === 0) return Promise.resolve()
    const sender = (this.#events ??= new EventSender())
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      for (const [at, event] of events.entries()) {
        const done = () => {
          if (at < events.length - 1) return
          this.#waiting.delete(reject)
          resolve()
        }
        sender.send(event, (o.durationMs ?? DIGIT_MS) * TICKS_PER_MS, (o.gapMs ?? GAP_MS) * TICKS_PER_MS, done)
      }
    })
  }

  /** Plays keys as tones in the audio (ITU-T Q.23), from the next packet on; resolves when the last one was played. */
  playKeys(digits: string, o: { readonly durationMs?: number; readonly gapMs?: number }): Promise<void> {
    const samples = keySamples(digits, { toneMs: o.durationMs ?? DIGIT_MS, gapMs: o.gapMs ?? DIGIT_MS })
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      const played = () => {
        this.#waiting.delete(reject)
        resolve()
      }
      this.#keys = { samples, from: Number.isNaN(this.#epoch) ? 0 : this.#sampleAt(this.#o.clock.now()), played }
    })
  }

  /** Ends for good: digits that still wait are given up. */
  close(): void {
    this.stop()
    this.#events?.clear()
    for (const reject of this.#waiting) reject(new MediaError('closed', 'the media session was closed'))
    this.#waiting.clear()
  }

  /** Sends a received packet back. */
  echo(packet: RtpAudio, codec: CodecName | 'event', at: number): void {
    const path = this.#path
    if (
      path === undefined ||
      !this.audible ||
      !this.running ||
      Number.isNaN(this.#epoch) ||
      this.#events?.busy === true
    )
      return
    const payloadType = codec === 'event' ? path.dtmf?.payloadType : path.payloadTypes.get(codec)
    if (payloadType === undefined) return
    if (this.#echoed?.ssrc !== packet.ssrc) {
      const offset = (this.timestampAt(at) - packet.timestamp) | 0
      this.#echoed = { ssrc: packet.ssrc, offset }
    }
    this.#send(path, payloadType, packet.marker, (packet.timestamp + this.#echoed.offset) >>> 0, packet.payload, at)
  }

  #tickEvery(ptimeMs: number): void {
    this.#ticker = this.#o.mediaClock.every(ptimeMs, this.#phase, this)
  }

  #sampleAt(time: number): number {
    return Math.round((time - this.#epoch) * TICKS_PER_MS)
  }

  /** A packet time: see `Ticking`. */
  tick(dueAt: number, now: number): void {
    if (Number.isNaN(this.#epoch)) this.#epoch = dueAt
    const path = this.#path
    if (path === undefined || !this.audible) {
      if (path?.audible === true) this.#suppress(path, dueAt, now)
      this.#talking = false
      return
    }
    const sample = this.#sampleAt(dueAt)
    const timestamp = (this.#timestampBase + sample) >>> 0
    const samples = path.ptimeMs * TICKS_PER_MS
    // RFC 4733 §2.5.1.2: events take the place of audio in the same stream.
    const event = path.dtmf === undefined ? undefined : this.#events?.next(timestamp, samples)
    if (event !== undefined && path.dtmf !== undefined) {
      this.lateness?.add(now - dueAt)
      this.#send(path, path.dtmf.payloadType, event.marker, event.timestamp, event.payload, now)
      return
    }
    const payload = this.#audio(sample, samples, path.codec)
    if (payload === undefined) {
      this.#talking = false
      return
    }
    this.lateness?.add(now - dueAt)
    // RFC 3551 §4.1: the marker bit stands on the first packet after silence.
    this.#send(path, path.payloadType, !this.#talking, timestamp, payload, now)
    this.#talking = true
  }

  /** RFC 3551 §4.1: nothing is sent in silence, or a packet now and then that says how it sounds. */
  #suppress(path: SendPath, dueAt: number, now: number): void {
    const sample = this.#sampleAt(dueAt)
    const isDue = this.#talking || sample - this.#comfortAt >= COMFORT_EVERY_MS * TICKS_PER_MS
    if (path.comfortNoise === undefined || !isDue) return
    this.#comfortAt = sample
    this.#send(path, path.comfortNoise, false, (this.#timestampBase + sample) >>> 0, COMFORT_NOISE, now)
  }

  #audio(sample: number, samples: number, codec: CodecName): Buffer | undefined {
    if (codec !== 'G722') return this.#octets(sample, samples, codec)
    const octets = this.#octets(sample, samples, 'PCMU')
    return octets && (this.#wideband ??= new G722Encoder()).encode(decodeG711(octets, 'PCMU'))
  }

  #octets(sample: number, samples: number, codec: Law): Buffer | undefined {
    if (this.#keys !== undefined) {
      const { samples: keys, from, played } = this.#keys
      if (sample - from < keys.length) {
        // The first packet may begin before the keys do, or be over by then.
        const frame = Int16Array.from({ length: samples }, (_, i) => keys[sample + i - from] ?? 0)
        return encodeG711(frame, codec)
      }
      this.#keys = undefined
      played()
    }
    const { echo, play } = this.#o
    // An echo speaks first all the same: relays wait for our first packet.
    if (echo ? this.#echoed !== undefined : play === 'nothing') return undefined
    if (echo || play === 'silence')
      return samples === FRAME_SAMPLES ? SILENT_FRAMES[codec] : Buffer.alloc(samples, silence(codec))

    if (samples !== FRAME_SAMPLES || sample % FRAME_SAMPLES !== 0) return this.#pattern.read(sample, samples, codec)
    const tone = Math.floor(sample / TONE_SAMPLES)
    if (tone !== this.#toneNumber || codec !== this.#toneCodec) {
      this.#tone = this.#pattern.frame(sample / FRAME_SAMPLES, codec)
      this.#toneNumber = tone
      this.#toneCodec = codec
    }
    return this.#tone
  }

  #send(path: SendPath, payloadType: number, marker: boolean, timestamp: number, payload: Buffer, now: number): void {
    // RFC 4568 §6.4: below 2^15, so that the roll-over counter is certain although the first packets may be lost.
    if (this.#sequence < 0) this.#sequence = this.#o.random.int(path.srtp === undefined ? 0x10000 : 0x8000)
    const sequenceNumber = this.#sequence
    this.#sequence = (sequenceNumber + 1) & 0xffff
    const { socket, tap } = this.#o
    const packet = socket.room?.(RTP_HEADER_BYTES + payload.length) ?? room(payload.length)
    writeRtpHeader(packet, { marker, payloadType, sequenceNumber, timestamp, ssrc: this.ssrc })
    packet.set(payload, RTP_HEADER_BYTES)
    let wire: Buffer = packet
    if (path.srtp !== undefined) {
      try {
        wire = path.srtp.protect(packet)
      } catch (error) {
        if (!(error instanceof SrtpError)) throw error
        this.errors++
        return
      }
    }
    if (this.withholdEvery > 0 && sequenceNumber % this.withholdEvery === 0) {
      this.withheldAt.push(now)
      return
    }
    if (this.#route === undefined) socket.send(wire, path.remote)
    else this.#route.send(wire)
    this.packets++
    this.bytes += wire.length
    this.streamPackets++
    this.streamOctets += payload.length
    if (this.#firstAt !== this.#firstAt) this.#firstAt = now
    this.#lastAt = now
    if (tap !== undefined) tap(rtpEvent(socket.lends === true, now, 'out', socket.local, path.remote, wire, packet))
  }
}

function room(payloadBytes: number): Buffer {
  return Buffer.allocUnsafe(RTP_HEADER_BYTES + payloadBytes)
}
