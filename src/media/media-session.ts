/**
 * The media of one call leg: one RTP session over a Network. It negotiates (RFC 3264, RFC 4568), sends a pattern of its
 * own or echoes, listens, keeps RTCP, and reports what happened.
 * Longer than 400 lines: it is all that a call asks of its audio, and hands everything on to the parts that do it.
 */
import {
  type CodecName,
  comfortNoise,
  type MediaAddress,
  type NegotiatedAudio,
  staticType,
} from '../sdp/audio-stream.js'
import { canSend } from '../sdp/direction.js'
import { isRejection, OfferAnswer, type Rejection } from '../sdp/offer-answer.js'
import type { Direction } from '../sdp/direction.js'
import { SessionDescription } from '../sdp/session-description.js'
import { canonicalAddress, type Endpoint } from '../transport/network.js'
import { kindOfDatagram } from './dtls/demultiplex.js'
import { DtlsKeying } from './dtls-keying.js'
import { MediaClock } from './media-clock.js'
import { MediaError } from './media-error.js'
import type { MediaSessionOptions } from './media-options.js'
import { bindMediaPorts, type MediaPorts, PortCloser } from './media-ports.js'
import { MediaReceiver } from './media-receiver.js'
import { glanceAt, type MediaGlance, type MediaReport, reportOf } from './media-report.js'
import { MediaSender } from './media-sender.js'
import { MediaWish } from './media-wish.js'
import { RtcpReporter } from './rtcp-reporter.js'
import { isRtcp, type RtpAudio } from './rtp.js'
import { SrtpContexts } from './srtp-contexts.js'
import type { HeardEvent } from './telephone-event.js'
import { Waits } from './waits.js'

export { isRejection } from '../sdp/offer-answer.js'
export type { Rejection } from '../sdp/offer-answer.js'
export type { MediaPacketEvent } from './media-events.js'
export type { MediaSessionOptions } from './media-options.js'
export type { MediaReport } from './media-report.js'

/** Packet times that are sent; what a peer asks for beyond them becomes 20 ms. */
const PACKET_TIMES: readonly number[] = [10, 20, 30, 40, 60]
const JITTER_BUFFER_MS = 60

export class MediaSession {
  readonly #o: MediaSessionOptions
  readonly #ports: MediaPorts
  readonly #sender: MediaSender
  readonly #receiver: MediaReceiver
  readonly #rtcp: RtcpReporter | undefined
  readonly #exchange: OfferAnswer
  readonly #waits: Waits
  readonly #wish: MediaWish
  #negotiated: NegotiatedAudio | undefined
  readonly #contexts = new SrtpContexts()
  /** Where keys come of a handshake over the port of RTP. */
  readonly dtls: DtlsKeying | undefined
  #stopped: boolean
  #closed = false
  readonly #closer: PortCloser

  private constructor(o: MediaSessionOptions, ports: MediaPorts) {
    this.#o = o
    this.#ports = ports
    this.#closer = new PortCloser(ports, o.clock)
    this.#waits = new Waits(o.clock)
    this.#wish = new MediaWish(o)
    this.#stopped = o.autoStart === false
    this.#exchange = new OfferAnswer({
      // RFC 8866 §5.2: unique digits.
      sessionId: String(o.random.uint32()),
      makeKey: (octets) => o.random.bytes(octets),
    })
    this.#sender = new MediaSender({
      clock: o.clock,
      mediaClock: o.mediaClock ?? MediaClock.of(o.clock),
      random: o.random,
      socket: ports.rtp,
      patternId: o.patternId,
      play: o.play ?? 'pattern',
      echo: o.echo ?? false,
      tap: o.onPacket,
    })
    this.#receiver = new MediaReceiver({
      ownSsrc: this.#sender.ssrc,
      local: ports.rtp.local,
      lateAfterMs: JITTER_BUFFER_MS,
      tap: o.onPacket,
      lends: ports.rtp.lends === true,
      onCollision: () => this.#resolveCollision(),
      onAccepted: (packet, codec, at) => this.#accepted(packet, codec, at),
    })
    if (o.rtcp !== false) {
      this.#rtcp = new RtcpReporter({
        clock: o.clock,
        random: o.random,
        cname: o.cname ?? `${o.random.token(16)}@ringproof.invalid`,
        sender: this.#sender,
        table: this.#receiver.table,
        tap: o.onPacket,
      })
    }
    const dtls =
      o.dtls &&
      new DtlsKeying({
        ...o.dtls,
        clock: o.clock,
        random: o.random,
        opensPath: true,
        send: (datagram, to) => to && ports.rtp.send(datagram, to),
        onChange: () => this.#keysChanged(),
      })
    this.dtls = dtls
    ports.rtp.onMessage = (data, from, at) => {
      if (dtls !== undefined && kindOfDatagram(data) === 'dtls') {
        dtls.receive(data, from)
        return
      }
      // RFC 5761 §4: told apart by the packet type, whatever was agreed.
      if (isRtcp(data)) this.#rtcp?.receive(data, from, ports.rtp.local, at)
      else this.#receiver.receive(data, from, at)
    }
    ports.rtp.onError = () => {
      this.#sender.errors++
    }
    const rtcpSocket = ports.rtcp
    if (rtcpSocket !== undefined)
      rtcpSocket.onMessage = (data, from, at) => this.#rtcp?.receive(data, from, rtcpSocket.local, at)
  }

  /** Binds RTP on an even port and RTCP on the next. Throws NetworkError 'port-taken' when no pair is free. */
  static async open(o: MediaSessionOptions): Promise<MediaSession> {
    if (o.codecs.length === 0) throw new RangeError('a media session without a codec')
    const ports = await bindMediaPorts(o.network, o.localAddress, o.random, {
      range: o.portRange,
      rtcp: o.rtcp !== false,
    })
    return new MediaSession(o, ports)
  }

  get local(): Endpoint {
    return this.#ports.rtp.local
  }

  /** Where media goes. */
  get remote(): MediaAddress | undefined {
    return this.#negotiated?.remote
  }

  get negotiated(): NegotiatedAudio | undefined {
    return this.#negotiated
  }

  get localDescription(): SessionDescription | undefined {
    return this.#exchange.localDescription
  }

  get remoteDescription(): SessionDescription | undefined {
    return this.#exchange.remoteDescription
  }

  /** Of our present stream. */
  get ssrc(): number {
    return this.#sender.ssrc
  }

  get patternId(): number {
    return this.#o.patternId
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Direction that the next offer or answer asks for. */
  get direction(): Direction {
    return this.#wish.direction
  }

  set direction(direction: Direction) {
    this.#wish.direction = direction
  }

  /** Codecs that the next offer or answer has, in order of preference (RFC 3264 §8.3.2). */
  set codecs(codecs: readonly CodecName[]) {
    this.#wish.codecs = codecs
  }

  /**
   * An offer, the first one or one that changes the session. `rekey`: fresh SRTP keys. `previous`: what the other side was given
   * last, where others wrote it: its further streams keep their places, with port 0 (RFC 3264 §8).
   */
  offer(
    o: { readonly direction?: Direction; readonly rekey?: boolean; readonly previous?: SessionDescription } = {},
  ): SessionDescription {
    this.#wish.offers()
    this.#wish.direction = o.direction ?? this.#wish.direction
    const local = this.#wish.audio(this.local, this.dtls)
    const description = this.#exchange.offer(local, { rekey: o.rekey ?? false, previous: o.previous })
    // RFC 3264 §5.1: from now on media may come, by our numbers.
    if (this.#negotiated === undefined) {
      this.#receiver.configure({
        payloadTypes: new Map(local.codecs.map((codec) => [staticType(codec), codec])),
        comfortNoise: local.comfortNoise === true ? comfortNoise.payloadType : undefined,
        dtmfPayloadType: local.dtmfPayloadType,
        srtp: local.suites.length > 0 || local.dtls !== undefined ? 'unknown' : undefined,
        srtpBefore: undefined,
      })
    }
    return description
  }

  /** Answers an offer, and may send from then on (RFC 3264 §6.1). */
  answer(offer: SessionDescription | string | Uint8Array): SessionDescription | Rejection {
    const result = this.#exchange.answer(descriptionOf(offer), this.#wish.audio(this.local, this.dtls))
    if (isRejection(result)) return result
    this.#wish.settles()
    this.#agree(result.negotiated)
    return result.answer
  }

  /** Takes the answer to our offer; undefined = agreed. */
  accept(answer: SessionDescription | string | Uint8Array): Rejection | undefined {
    const result = this.#exchange.accept(descriptionOf(answer))
    if (isRejection(result)) return result
    this.#wish.settles()
    this.#agree(result.negotiated)
    return undefined
  }

  /** Our offer was refused: all stays as it was. @param comesAgain the next offer asks for the same once more (491) */
  withdrawOffer(o: { readonly comesAgain?: boolean } = {}): void {
    this.#exchange.withdraw()
    if (o.comesAgain !== true) this.#sender.muted = this.#wish.goesBack() ?? this.#sender.muted
  }

  /** Sends, as soon as and as long as the negotiation allows it. */
  start(): void {
    this.#stopped = false
    if (!this.#closed && this.#negotiated !== undefined) this.#sender.start()
  }

  /** Sends no more audio; still listens. */
  stop(): void {
    this.#stopped = true
    this.#sender.stop()
  }

  /** Sends nothing more, reports neither, as a telephone that lost its power. */
  dies(): void {
    this.stop()
    this.#rtcp?.stop()
  }

  /**
   * Puts the other side on hold, or takes it off: the next offer says so (RFC 3264 §8.4), and we are mute meanwhile.
   * @param how old telephones give 0.0.0.0 for their address instead of a direction
   */
  hold(on: boolean, how: 'by direction' | 'by address' = 'by direction'): void {
    this.#wish.holds(on, { nowhere: how === 'by address', muted: this.#sender.muted })
    this.#sender.muted = on
  }

  /** True: silence is suppressed (RFC 3551 §4.1): no audio is sent, comfort noise where that was agreed, and nothing else changes. */
  set muted(muted: boolean) {
    this.#sender.muted = muted
  }

  /** From now on every nth packet is numbered and not sent, as if the network had lost it; 0: none. */
  withholds(every: number): void {
    this.#sender.withholdEvery = every
  }

  /** When packets were withheld, ms of the clock. */
  get withheldAt(): readonly number[] {
    return this.#sender.withheldAt
  }

  /**
   * Plays digits after those that still wait (RFC 4733); resolves when the last end packet is out. Rejects where they
   * cannot be sent, or when the session is closed before.
   */
  sendDigits(digits: string, o: { readonly durationMs?: number; readonly gapMs?: number } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(new MediaError('closed', 'the media session was closed'))
    return this.#sender.sendDigits(digits, o)
  }

  /** Plays keys as tones in the audio (ITU-T Q.23), as telephones without telephone-events do; resolves when the last one was played. */
  playKeys(digits: string, o: { readonly durationMs?: number; readonly gapMs?: number } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(new MediaError('closed', 'the media session was closed'))
    return this.#sender.playKeys(digits, o)
  }

  /** Resolves true when the pattern is heard at or after `since` (ms of the clock), false after the time or when closed. */
  hears(patternId: number, withinMs: number, o: { readonly since?: number } = {}): Promise<boolean> {
    const since = o.since ?? -Infinity
    return this.#await(
      () => this.#receiver.heard().some((one) => one.id === patternId && one.lastAt >= since),
      withinMs,
    )
  }

  /** Resolves with all digits once there are so many, or with what came by then. */
  async hearsDigits(count: number, withinMs: number): Promise<string> {
    await this.#await(() => this.#receiver.events.digits.length >= count, withinMs)
    return this.#receiver.events.digits
  }

  /** Resolves true when a packet comes at or after `since` (ms of the clock), false after the time or when closed. */
  receives(withinMs: number, o: { readonly since?: number } = {}): Promise<boolean> {
    const since = o.since ?? -Infinity
    return this.#await(() => (this.#receiver.lastAt ?? -Infinity) >= since && this.#receiver.packets > 0, withinMs)
  }

  /** Telephone events, packet counts and durations included. */
  get events(): readonly HeardEvent[] {
    return this.#receiver.events.events
  }

  report(): MediaReport {
    this.#fetch()
    return reportOf({
      sender: this.#sender,
      receiver: this.#receiver,
      rtcp: this.#rtcp,
      negotiated: this.#negotiated,
      local: this.local,
      // Mouth to ear, beside the network: one packet, the jitter buffer.
      delayMs: (this.#o.ptimeMs ?? 20) + JITTER_BUFFER_MS,
    })
  }

  /** Counters, cheaply: see `MediaGlance`. What came to the port of RTCP and was not fetched yet is left out. */
  glance(): MediaGlance {
    this.#ports.rtp.fetch?.()
    return glanceAt({ sender: this.#sender, receiver: this.#receiver, rtcp: this.#rtcp })
  }

  /** Whether this pattern was heard so far, and no other one. */
  hearsOnly(patternId: number): boolean {
    return this.#receiver.hearsOnly(patternId)
  }

  /**
   * How long (ms) the packets of another session of this process took to here, on average: both share a clock. Undefined where
   * none came, or relays wrote their own numbers.
   */
  delayFrom(speaker: MediaSession): number | undefined {
    return this.#receiver.table.source(speaker.ssrc)?.delayMs((at) => speaker.#sender.timestampAt(at))
  }

  /**
   * RTCP BYE, then the sockets are closed, at once or after `lingerMs`, and in any case when it is called again; digits and
   * waits that are open end.
   */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#fetch()
      this.#closed = true
      this.#sender.close()
      this.#rtcp?.close()
      this.dtls?.close()
      this.#waits.end()
    }
    this.#closer.close(this.#o.lingerMs ?? 0)
    return Promise.resolve()
  }

  /** What has come by now counts, also where it was not looked for yet. */
  #fetch(): void {
    this.#ports.rtp.fetch?.()
    this.#ports.rtcp?.fetch?.()
  }

  #agree(agreed: NegotiatedAudio | undefined): void {
    const { dtls, remote } = agreed ?? {}
    if (dtls !== undefined) this.dtls?.agree(dtls, remote && endpointOf(remote))
    this.#configure(agreed)
  }

  /** A handshake is over, or has failed. */
  #keysChanged(): void {
    if (!this.#closed && this.#negotiated?.dtls !== undefined) this.#configure(this.#negotiated)
  }

  #configure(agreed: NegotiatedAudio | undefined): void {
    const before = this.#negotiated
    const negotiated = agreed?.dtls === undefined ? agreed : withKeys(agreed, this.dtls?.crypto)
    this.#negotiated = negotiated
    if (negotiated === undefined) {
      // RFC 3264 §8.2: the stream is no more, its RTCP neither.
      this.#sender.configure(undefined)
      this.#rtcp?.configure(undefined)
      return
    }
    this.#contexts.agree(before, negotiated, this.#receiver.table)
    const { remote, remoteRtcp, dtmf } = negotiated
    const ptimeMs = packetTime(this.#o.sendsPtimeMs ?? negotiated.ptimeMs, negotiated.maxPtimeMs)
    // Until there are keys nothing is sent, and what comes is kept.
    const waits = negotiated.dtls !== undefined && negotiated.crypto === undefined
    this.#sender.configure(
      remote === undefined || waits
        ? undefined
        : {
            remote: endpointOf(remote),
            codec: negotiated.codec,
            payloadType: negotiated.sendPayloadType,
            payloadTypes: negotiated.sendPayloadTypes,
            ptimeMs,
            dtmf: dtmf === undefined ? undefined : { payloadType: dtmf.send, events: dtmf.events },
            comfortNoise: negotiated.comfortNoise,
            srtp: this.#contexts.send,
            audible: canSend(negotiated.direction),
          },
    )
    this.#receiver.configure({
      payloadTypes: negotiated.receivePayloadTypes,
      dtmfPayloadType: dtmf?.receive,
      comfortNoise: negotiated.comfortNoise,
      srtp: waits ? 'unknown' : this.#contexts.receive,
      srtpBefore: this.#contexts.receiveBefore,
    })
    // RFC 5764 §4.2: a port of its own would take a handshake of its own.
    const socket = negotiated.rtcpMux ? this.#ports.rtp : negotiated.dtls === undefined ? this.#ports.rtcp : undefined
    this.#rtcp?.configure(
      remoteRtcp === undefined || socket === undefined || waits
        ? undefined
        : { remote: endpointOf(remoteRtcp), socket, send: this.#contexts.send, receive: this.#contexts.receive },
    )
    if (!this.#stopped && !this.#closed) this.#sender.start()
  }

  #accepted(packet: RtpAudio, codec: CodecName | 'event' | 'noise', at: number): void {
    if (this.#o.echo && codec !== 'noise') this.#sender.echo(packet, codec, at)
    this.#waits.look()
  }

  #resolveCollision(): void {
    // RFC 3550 §8.2: BYE for the old SSRC, and another one.
    this.#rtcp?.bye()
    this.#sender.renumber()
    this.#receiver.table.ownSsrc = this.#sender.ssrc
  }

  #await(met: () => boolean, withinMs: number): Promise<boolean> {
    return this.#closed ? Promise.resolve(met()) : this.#waits.for(met, withinMs)
  }
}

/** Of packets that are sent, ms. @param mostMs what the peer takes at the most */
function packetTime(wishMs: number, mostMs = Number.POSITIVE_INFINITY): number {
  const wish = Math.round(wishMs)
  const ms = PACKET_TIMES.includes(wish) ? wish : 20
  return ms <= mostMs ? ms : (PACKET_TIMES.findLast((one) => one <= mostMs) ?? 10)
}

function withKeys(agreed: NegotiatedAudio, keys: NegotiatedAudio['crypto']): NegotiatedAudio {
  const { crypto: _, ...rest } = agreed
  return keys === undefined ? rest : { ...rest, crypto: keys }
}

function descriptionOf(description: SessionDescription | string | Uint8Array): SessionDescription {
  return description instanceof SessionDescription ? description : SessionDescription.parse(description)
}

function endpointOf(address: MediaAddress): Endpoint {
  return { address: canonicalAddress(address.address), port: address.port }
}
