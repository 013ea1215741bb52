/** The media end of a service: a user agent that sits right on a relay's ports. */
import type { Timer } from '../../clock/clock.js'
import type { SipRequest } from '../../message/message.js'
import type { ReplayCache } from '../../media/mikey/replay-cache.js'
import { parseRtcp } from '../../media/rtcp.js'
import { isFault, isRtcp, parseRtp, type RtpPacket, serializeRtp } from '../../media/rtp.js'
import { SourceStatistics } from '../../media/statistics.js'
import { EventSender, eventOfDigit } from '../../media/telephone-event.js'
import { isRejection, OfferAnswer, type Rejection } from '../../sdp/offer-answer.js'
import { isLaw } from '../../media/g711.js'
import type { NegotiatedAudio } from '../../sdp/audio-stream.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { Family } from '../../transport/network.js'
import type { ProviderContext } from '../context.js'
import { answerIce } from '../ice-descriptions.js'
import { MediaLeg, type MediaSink } from '../media-leg.js'
import { carelessAnswer } from './careless-answers.js'
import { defectiveAnswer, defectiveRefusal, withoutEncryption } from './defective-answer.js'
import type { Relay } from '../relay.js'
import { KeyReader } from './key-reader.js'
import { misreadOffer } from './misread-keys.js'
import { type AudioSource, FRAME_MS, packetised, packetTimes } from './packetised.js'
import { keyingFor, takeKeys, unsettled, wantsDtls } from './service-dtls.js'
import { takeKeyLines } from './service-keys.js'
import { CLOCK_RATE, reportPacket } from './service-report.js'
import { localAudio } from './service-local.js'
import { CallMikey } from './service-mikey.js'

const TICKS_PER_MS = CLOCK_RATE / 1000
/** Mean time between RTCP reports (RFC 3550 §6.2). */
const REPORT_MS = 5000
/** Where the end of a call is not heeded, audio goes on for three seconds. */
const AFTERLIFE_PACKETS = 150
/** Tone and pause of digits that are told back. */
const DIGIT_TICKS = 100 * (CLOCK_RATE / 1000)
const GAP_TICKS = 80 * (CLOCK_RATE / 1000)

/** What a service does with audio. */
export interface AudioListener {
  /** A packet of audio or of a telephone-event. */
  packet?(packet: RtpPacket, raw: Buffer): void
  digit?(digit: string): void
}

export class ServiceMedia implements MediaSink {
  readonly #context: ProviderContext
  readonly #leg: MediaLeg
  readonly #exchange: OfferAnswer
  readonly #secure: boolean
  readonly #mikey: CallMikey
  #negotiated: NegotiatedAudio | undefined
  /** What follows once the other side knows our answer. */
  #whenTold: (() => void) | undefined
  #listener: AudioListener = {}
  #source: AudioSource | undefined
  readonly #events = new EventSender()
  readonly #keys: KeyReader
  // What we send.
  readonly #ssrc: number
  #sequence: number
  #timestamp: number
  /** Samples of what is played that have been sent. */
  #played = 0
  #packetMs = FRAME_MS
  /** By how much timestamps advance from packet to packet, ms. */
  #stampedMs = FRAME_MS
  #packets = 0
  #octets = 0
  #lastSentAt = 0
  #tick: Timer | undefined
  #nextTickAt = 0
  #paused = true
  /** Timestamp of the telephone-event whose end went out last. */
  #endedAt: number | undefined
  #last: Buffer | undefined
  // What we hear.
  #statistics: SourceStatistics | undefined
  #echoFrom: { ssrc: number; sequence: number; timestamp: number } | undefined
  #report: Timer | undefined
  readonly #cname: string
  #closed = false

  private constructor(context: ProviderContext, leg: MediaLeg, secure: boolean, seen: ReplayCache) {
    const { random } = context
    this.#context = context
    this.#leg = leg
    this.#secure = secure
    this.#mikey = new CallMikey(context, seen)
    leg.sink = this
    this.#ssrc = random.uint32()
    // RFC 4568 §6.4: the first sequence number leaves room before the roll-over.
    this.#sequence = random.int(2 ** 15)
    this.#timestamp = random.uint32()
    this.#keys = new KeyReader(context.rules.serviceMedia)
    this.#cname = `${random.token(16)}@${context.names.domain}`
    this.#exchange = new OfferAnswer({
      sessionId: String(random.uint32()),
      makeKey: (octets) => this.#mikey.ownKey ?? random.bytes(octets),
    })
  }

  /**
   * @param o.secure may keys travel in the signalling of this call? @param o.seen messages of MIKEY of all calls
   * @throws NetworkError when the relay is full
   */
  static async open(
    context: ProviderContext,
    relay: Relay,
    family: Family,
    o: { readonly secure: boolean; readonly seen: ReplayCache },
  ): Promise<ServiceMedia> {
    return new ServiceMedia(context, new MediaLeg(await relay.openPort(family)), o.secure, o.seen)
  }

  // --- offer and answer

  /** `told` is to be called when the answer has gone out. @param host where the caller's signalling comes from */
  answer(offer: SessionDescription, host: string): SessionDescription | Rejection {
    const { answersEncrypted } = this.#context.rules.encryption
    // No key is left in it: the same offer does not come here again.
    if (!answersEncrypted && /^a=crypto:/m.test(offer.toString())) return this.answer(withoutEncryption(offer), host)
    if (wantsDtls(this.#context, offer)) this.#leg.keying ??= keyingFor(this.#context, this.#leg, { offer, host })
    const read = misreadOffer(this.#mikey.read(offer, this.#keysMayTravel), this.#context.rules.encryption)
    const mayEncrypt = this.#keysMayTravel || this.#mikey.isAgreed
    const result = this.#exchange.answer(read, localAudio(this.#context, this.#leg, mayEncrypt, offer))
    if (isRejection(result)) {
      return (
        defectiveRefusal(this.#context, offer, result) ??
        carelessAnswer(offer, this.#context.rules.encryption, (plain) => this.answer(plain, host)) ??
        result
      )
    }
    if (result.negotiated !== undefined) this.#whenTold = this.#configure(result.negotiated, host)
    if (!this.#context.rules.dtls.answersRole) unsettled(result.answer)
    this.#mikey.write(result.answer, this.#ssrc)
    answerIce(this.#context, this.#leg, offer, result.answer)
    return defectiveAnswer(this.#context, offer, result.answer, this.#negotiated)
  }

  get #keysMayTravel(): boolean {
    return this.#secure || !this.#context.rules.encryption.keysOverTlsOnly
  }

  /**
   * The answer has gone out: a handshake may begin. RFC 5763 §5 lets it begin before, but telephones (baresip) do not listen for it
   * until they have the answer, and a ClientHello that is lost is repeated only a second later.
   */
  told(): void {
    const follow = this.#whenTold
    this.#whenTold = undefined
    follow?.()
  }

  /** @param dtls with keys by DTLS-SRTP, in the first offer of a call */
  offer(dtls = false): SessionDescription {
    if (dtls) this.#leg.keying ??= keyingFor(this.#context, this.#leg)
    const isDtls = this.#leg.keying !== undefined
    this.#mikey.forget()
    return this.#exchange.offer(localAudio(this.#context, this.#leg, this.#secure && !isDtls))
  }

  accept(answer: SessionDescription, host: string): Rejection | undefined {
    const result = this.#exchange.accept(answer)
    if (isRejection(result)) return result
    if (result.negotiated !== undefined) this.#configure(result.negotiated, host)?.()
    return undefined
  }

  withdraw(): void {
    this.#exchange.withdraw()
  }

  /** @returns what follows when the other side knows the answer */
  #configure(negotiated: NegotiatedAudio, host: string): (() => void) | undefined {
    this.#negotiated = negotiated
    const { crypto, dtls, remote } = negotiated
    const apart = negotiated.rtcpMux && !this.#context.rules.serviceMedia.multiplexesReports
    const control = apart && remote !== undefined ? { ...remote, port: remote.port + 1 } : negotiated.remoteRtcp
    this.#leg.signalled(remote, control, host)
    const { rules } = this.#context
    const { keying } = this.#leg
    let follow: (() => void) | undefined
    if (dtls !== undefined && keying !== undefined) {
      follow = () => {
        keying.agree(dtls, remote)
        takeKeys(this.#context, this.#leg)
      }
    } else {
      takeKeyLines(this.#leg, crypto, rules.encryption)
    }
    ;[this.#packetMs, this.#stampedMs] = packetTimes(negotiated.ptimeMs, rules.serviceMedia)
    this.#paused = negotiated.direction === 'recvonly' || negotiated.direction === 'inactive'
    if (!rules.serviceMedia.honoursHold) this.#paused = false
    if (this.#report === undefined) this.#scheduleReport()
    return follow
  }

  /** When the last packet came, ms of the clock. */
  get heardAt(): number {
    return this.#leg.lastAt
  }

  // --- what the service does

  listen(listener: AudioListener): void {
    this.#listener = listener
  }

  /** Sends from now on what the source gives. */
  play(source: AudioSource | undefined): void {
    this.#source = source
    this.#played = 0
    if (this.#tick === undefined && source !== undefined) this.#startTicking()
  }

  /** Sends digits as telephone-events (RFC 4733), or nothing if the caller does not take any. */
  sendDigits(digits: string, sent: () => void = () => {}): void {
    const events = digits.split('').flatMap((digit) => eventOfDigit(digit) ?? [])
    for (const [index, event] of events.entries())
      this.#events.send(event, DIGIT_TICKS, GAP_TICKS, index === events.length - 1 ? sent : () => {})
    if (this.#tick === undefined) this.#startTicking()
  }

  /** Sends a packet back to where it came from: own source, own numbers, same payload. */
  echo(packet: RtpPacket, raw: Buffer): void {
    if (this.#paused || this.#closed) return
    const from = this.#echoFrom
    let { sequenceNumber, timestamp } = packet
    if (from === undefined || from.ssrc !== packet.ssrc) {
      this.#echoFrom = {
        ssrc: packet.ssrc,
        sequence: this.#sequence - sequenceNumber,
        timestamp: this.#timestamp - timestamp,
      }
    }
    sequenceNumber = (sequenceNumber + (this.#echoFrom?.sequence ?? 0)) & 0xffff
    timestamp = (timestamp + (this.#echoFrom?.timestamp ?? 0)) >>> 0
    const copy = Buffer.from(raw)
    copy.writeUInt16BE(sequenceNumber, 2)
    copy.writeUInt32BE(timestamp, 4)
    copy.writeUInt32BE(this.#ssrc, 8)
    // A service that numbers for itself goes on from the highest number.
    if (((sequenceNumber - this.#sequence) & 0xffff) < 0x8000) {
      this.#sequence = (sequenceNumber + 1) & 0xffff
      this.#timestamp = (timestamp + packet.payload.length) >>> 0
    }
    this.#send(copy, packet.payload.length)
  }

  /** Sends a packet back as it came. */
  reflect(raw: Buffer): void {
    if (!this.#paused && !this.#closed) this.#send(raw, raw.length - 12)
  }

  rtp(packet: Buffer, at: number): void {
    if (this.#closed) return
    if (isRtcp(packet)) {
      this.rtcp(packet, at)
      return
    }
    const parsed = parseRtp(packet)
    const negotiated = this.#negotiated
    if (isFault(parsed) || negotiated === undefined) return
    const isEvent = parsed.payloadType === negotiated.dtmf?.receive
    if (!isEvent && !negotiated.receivePayloadTypes.has(parsed.payloadType)) return
    if (this.#statistics?.ssrc !== parsed.ssrc)
      this.#statistics = new SourceStatistics({ ssrc: parsed.ssrc, clockRate: CLOCK_RATE })

    this.#statistics.receive(parsed.sequenceNumber, parsed.timestamp, at, !isEvent)
    if (this.#listener.digit !== undefined)
      this.#pressed(isEvent ? this.#keys.event(parsed, at) : this.#keys.audio(parsed, negotiated))
    this.#listener.packet?.(parsed, packet)
  }

  /** An INFO came, which may tell a key. */
  informed(info: SipRequest): void {
    this.#pressed(this.#keys.info(info, this.#context.clock.now()))
  }

  #pressed(digits: readonly string[]): void {
    for (const digit of digits) this.#listener.digit?.(digit)
  }

  get takesEvents(): boolean {
    return this.#negotiated?.dtmf !== undefined
  }

  rtcp(packet: Buffer, at: number): void {
    for (const report of parseRtcp(packet).packets)
      if (report.type === 'SR' && report.ssrc === this.#statistics?.ssrc) this.#statistics.senderReport(report.ntp, at)
  }

  #startTicking(): void {
    const { clock } = this.#context
    this.#nextTickAt = clock.now() + this.#packetMs
    this.#tick = clock.after(this.#packetMs, () => this.#ticked())
  }

  #ticked(): void {
    const { clock } = this.#context
    this.#nextTickAt += this.#packetMs
    this.#tick = clock.after(Math.max(0, this.#nextTickAt - clock.now()), () => this.#ticked())
    const negotiated = this.#negotiated
    const timestamp = this.#timestamp
    const ticks = this.#packetMs * TICKS_PER_MS
    const from = this.#played
    this.#played += ticks
    this.#timestamp = (timestamp + this.#stampedMs * TICKS_PER_MS) >>> 0
    if (negotiated === undefined || this.#paused) return
    const event = negotiated.dtmf === undefined ? undefined : this.#events.next(timestamp, ticks)
    if (event !== undefined && negotiated.dtmf !== undefined) {
      const { rules } = this.#context
      const isEnd = ((event.payload[1] ?? 0) & 0x80) !== 0
      if (isEnd && this.#endedAt === event.timestamp && !rules.serviceMedia.repeatsEventEnd) return
      if (isEnd) this.#endedAt = event.timestamp
      const payloadType = rules.serviceMedia.eventType ?? negotiated.dtmf.send
      const moving = !rules.serviceMedia.keepsEventTimestamp
      this.#packet(payloadType, moving ? timestamp : event.timestamp, event.payload, event.marker)
      return
    }
    const { codec } = negotiated
    const payload = this.#source && isLaw(codec) ? packetised(this.#source, from, ticks, codec) : undefined
    if (payload === undefined) return
    const { rules } = this.#context
    const payloadType = rules.serviceMedia.audioType ?? negotiated.sendPayloadType
    this.#packet(payloadType, timestamp, payload, this.#packets === 0)
  }

  #packet(payloadType: number, timestamp: number, payload: Buffer, marker: boolean): void {
    const sequenceNumber = this.#sequence
    this.#sequence = (sequenceNumber + 1) & 0xffff
    this.#send(
      serializeRtp({ payloadType, sequenceNumber, timestamp, ssrc: this.#ssrc, payload, marker }),
      payload.length,
    )
  }

  #send(packet: Buffer, octets: number): void {
    this.#packets++
    this.#octets += octets
    this.#lastSentAt = this.#context.clock.now()
    if (!this.#context.rules.serviceMedia.endsWithCall) this.#last = packet
    this.#leg.rtp(packet, this.#lastSentAt)
  }

  // --- RTCP: RFC 3550 §6

  #scheduleReport(): void {
    const { clock, random } = this.#context
    this.#report = clock.after(REPORT_MS * (0.5 + random.float()), () => {
      this.#sendReport()
      this.#scheduleReport()
    })
  }

  #sendReport(): void {
    const { clock, rules } = this.#context
    const packet = reportPacket(this.#context, {
      heard: this.#statistics,
      ssrc: this.#ssrc,
      cname: this.#cname,
      packets: this.#packets,
      octets: this.#octets,
      lastSentAt: this.#lastSentAt,
      isSending: this.#packets > 0 && clock.now() - this.#lastSentAt < 2 * REPORT_MS,
      timestamp: this.#timestamp,
    })
    const now = clock.now()
    // RFC 5761 §5.1.1: on the RTP port only where both agreed.
    if (this.#negotiated?.rtcpMux === true && rules.serviceMedia.multiplexesReports) this.#leg.rtp(packet, now)
    else this.#leg.rtcp(packet, now)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#tick?.cancel()
    this.#report?.cancel()
    this.#afterlife(this.#context.rules.serviceMedia.endsWithCall ? 0 : AFTERLIFE_PACKETS)
  }

  /** The last packet, so many times more. */
  #afterlife(times: number): void {
    const { clock } = this.#context
    if (times === 0 || this.#last === undefined) {
      this.#leg.close()
      return
    }
    this.#leg.rtp(this.#last, clock.now())
    clock.after(FRAME_MS, () => this.#afterlife(times - 1))
  }
}
