/**
 * Audio that a story makes packet by packet: own session descriptions, own keys, sequence numbers and payload types of its
 * choice. For what a telephone would never do, and for looking at single packets.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { AudioPattern, CYCLE_SAMPLES, type HeardPattern, PatternListener } from '../media/audio-pattern.js'
import { MediaError } from '../media/media-error.js'
import { compound, serializeRtcp } from '../media/rtcp.js'
import { isFault, isRtcp, parseRtp, type RtpPacket, serializeRtp } from '../media/rtp.js'
import { EventReceiver } from '../media/telephone-event.js'
import { type SrtpContext, SrtpError } from '../media/srtp.js'
import { srtpContextOf } from '../media/srtp-setup.js'
import { looksLikeStun } from '../nat/stun-message.js'
import {
  type CryptoAttribute,
  type CryptoKey,
  formatCrypto,
  keyOctets,
  type SuiteName,
} from '../sdp/crypto-attribute.js'
import type { Direction } from '../sdp/direction.js'
import type { MediaDescription } from '../sdp/section.js'
import { SessionDescription } from '../sdp/session-description.js'
import { isUnicastAddress } from '../sdp/audio-stream.js'
import { connectionFor } from '../sdp/values.js'
import { canonicalAddress, type Endpoint, type UdpSocket } from '../transport/network.js'

/** One packet of audio or of a telephone-event, as it came and in clear. */
export interface HandPacket {
  readonly at: number
  readonly from: Endpoint
  readonly raw: Buffer
  readonly packet: RtpPacket
}

/** What a session description by hand says; everything has a default. */
export interface HandDescription {
  /** Payload types in the m= line. Default 8 (PCMA) and the type of events. */
  readonly formats?: readonly number[]
  /** Default: RTP/SAVP where there are keys, else RTP/AVP. Where neither this nor keys are given, what the target wants. */
  readonly protocol?: string
  /** Lines as they are, without `a=crypto:`; see `keyLine`. */
  readonly crypto?: readonly string[]
  readonly direction?: Direction
  /** Further lines of the audio's section, `a=…`. */
  readonly lines?: readonly string[]
  /** Further sections after the audio's, lines. */
  readonly sections?: readonly string[]
  /** Default 1; a description that differs from the one before needs one more (RFC 3264 §8). */
  readonly version?: number
  /** Where it says that it listens. Default: where it does. */
  readonly address?: string
  readonly port?: number
}

const FRAME_MS = 20
const FRAME_TICKS = 160
const PCMA = 8
/** A stranger may write any source address into each packet. */
const MOST_SOURCES = 100
const PATTERN_CYCLE_MS = CYCLE_SAMPLES / 8

export class RawRtp {
  /** What came, in the order of arrival. */
  readonly heard: HandPacket[] = []
  /** What came on the RTP port and could not be read, by reason. */
  readonly unread: { readonly at: number; readonly why: string; readonly from: Endpoint }[] = []
  /** Every address that anything came from. */
  readonly sources: Endpoint[] = []
  readonly ssrc: number
  /** Of the next packet. */
  sequence: number
  timestamp: number
  /** Where packets go: see `follows`. */
  to: Endpoint | undefined
  /** What packets are encrypted with; undefined: nothing. */
  encrypts: SrtpContext | undefined
  decrypts: SrtpContext | undefined
  /** Takes what comes of STUN. */
  onStun: ((data: Buffer, from: Endpoint) => void) | undefined
  readonly #socket: UdpSocket
  readonly #clock: Clock
  readonly #random: Random
  readonly #sessionId: number
  /** One for each source: the packets of two in turn are no melody. */
  readonly #listeners = new Map<number, PatternListener>()
  readonly #events = new EventReceiver()
  readonly #dtmfPayloadType: number
  readonly #suite: SuiteName | undefined
  /** The key that descriptions give unless they are told otherwise. */
  #own: CryptoAttribute | undefined

  constructor(o: {
    readonly socket: UdpSocket
    readonly clock: Clock
    readonly random: Random
    readonly dtmfPayloadType: number
    /** What calls have to be encrypted with, where they have to be. */
    readonly suite?: SuiteName | undefined
  }) {
    this.#socket = o.socket
    this.#clock = o.clock
    this.#random = o.random
    this.#dtmfPayloadType = o.dtmfPayloadType
    this.#suite = o.suite
    this.ssrc = o.random.uint32()
    this.sequence = o.random.int(2 ** 15)
    this.timestamp = o.random.uint32()
    this.#sessionId = o.random.uint32()
    o.socket.onMessage = (data, from, at) => this.#receives(data, from, at)
    o.socket.onError = () => undefined
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  /** A session description that leads here. */
  describes(o: HandDescription = {}): string {
    const { addrType, address } = connectionFor(o.address ?? this.local.address)
    const formats = o.formats ?? [PCMA, this.#dtmfPayloadType]
    const crypto = o.crypto ?? (o.protocol === undefined ? this.#ownLines() : [])
    const protocol = o.protocol ?? (crypto.length > 0 ? 'RTP/SAVP' : 'RTP/AVP')
    const maps = formats.flatMap((type) => {
      if (type === 0) return ['a=rtpmap:0 PCMU/8000']
      if (type === PCMA) return ['a=rtpmap:8 PCMA/8000']
      return type === this.#dtmfPayloadType ? [`a=rtpmap:${type} telephone-event/8000`, `a=fmtp:${type} 0-15`] : []
    })
    return [
      'v=0',
      `o=- ${this.#sessionId} ${o.version ?? 1} IN ${addrType} ${address}`,
      's=-',
      `c=IN ${addrType} ${address}`,
      't=0 0',
      `m=audio ${o.port ?? this.local.port} ${protocol} ${formats.join(' ')}`,
      ...maps,
      ...crypto.map((line) => `a=crypto:${line}`),
      ...(o.lines ?? []),
      `a=${o.direction ?? 'sendrecv'}`,
      ...(o.sections ?? []),
      '',
    ].join('\r\n')
  }

  /**
   * A new key for what goes out, and the line that tells it (without `a=crypto:`).
   * @param more lifetime (packets) and MKI of the key
   */
  keyLine(
    tag: number,
    suite: SuiteName = 'AES_CM_128_HMAC_SHA1_80',
    more: Pick<CryptoKey, 'lifetime' | 'mki'> = {},
  ): { attribute: CryptoAttribute; line: string } {
    const attribute: CryptoAttribute = {
      tag: String(tag),
      suite,
      // RFC 4568 §6.1: the suite determines the length.
      keys: [{ keySalt: this.#random.bytes(keyOctets(suite) ?? 30), ...more }],
      parameters: {},
    }
    return { attribute, line: formatCrypto(attribute) }
  }

  /**
   * Takes the other side's description: packets go where it says from now on. Returns its audio section.
   * @throws MediaError where that is no address: a host name, which RFC 8866 §5.7 permits, is not looked up
   */
  follows(sdp: string | undefined): MediaDescription | undefined {
    const media =
      sdp === undefined ? undefined : SessionDescription.parse(sdp).media.find((one) => one.media === 'audio')
    const address = media?.connection?.address
    this.to = undefined
    if (media && media.port > 0 && address !== undefined && !isUnicastAddress(address)) {
      throw new MediaError(
        'no-address',
        `the session description names no unicast address that packets could be sent to: ${address.slice(0, 60)}`,
      )
    }
    this.to = media && media.port > 0 && address ? { address: canonicalAddress(address), port: media.port } : undefined
    const theirs = media?.crypto.map(({ attribute }) => attribute).find((one) => one?.suite === this.#own?.suite)
    if (this.#own !== undefined && theirs !== undefined && this.encrypts === undefined) this.protects(this.#own, theirs)
    return media
  }

  /** The key of this side, the same in each description. */
  #ownLines(): string[] {
    if (this.#suite === undefined) return []
    this.#own ??= this.keyLine(1, this.#suite).attribute
    return [formatCrypto(this.#own)]
  }

  /** From now on encrypts with `ours` and decrypts with `theirs`. */
  protects(ours: CryptoAttribute, theirs: CryptoAttribute): void {
    this.encrypts = srtpContextOf(ours)
    this.decrypts = srtpContextOf(theirs)
  }

  /** One packet; sequence number and timestamp go on by themselves. Returns what went out. */
  sends(
    payload: Uint8Array,
    o: {
      readonly payloadType?: number
      readonly marker?: boolean
      readonly timestamp?: number
      /** Last look at what goes out; undefined: it is lost on the way. */
      readonly edit?: ((wire: Buffer) => Buffer | undefined) | undefined
      readonly to?: Endpoint
    } = {},
  ): Buffer | undefined {
    const plain = serializeRtp({
      marker: o.marker ?? false,
      payloadType: o.payloadType ?? PCMA,
      sequenceNumber: this.sequence,
      timestamp: o.timestamp ?? this.timestamp,
      ssrc: this.ssrc,
      payload,
    })
    this.sequence = (this.sequence + 1) & 0xffff
    const whole = this.encrypts === undefined ? plain : this.encrypts.protect(plain)
    const wire = o.edit === undefined ? whole : o.edit(whole)
    if (wire !== undefined) this.throws(wire, o.to)
    return wire
  }

  /** A report about nothing, as it goes on the wire: SRTCP where there are keys. */
  reportsAs(cname: string): Buffer {
    return this.#control(compound({ type: 'RR', ssrc: this.ssrc, reports: [] }, cname))
  }

  /** A BYE alone, as it goes on the wire. */
  leaves(): Buffer {
    return this.#control(serializeRtcp([{ type: 'BYE', sources: [this.ssrc] }]))
  }

  #control(rtcp: Buffer): Buffer {
    return this.encrypts === undefined ? rtcp : this.encrypts.protectRtcp(rtcp)
  }

  /** Puts bytes on the wire as they are. */
  throws(wire: Uint8Array, to: Endpoint | undefined = this.to): void {
    if (to !== undefined) this.#socket.send(wire, to)
  }

  /** Plays a pattern for so many milliseconds, 20 ms a packet; `edit` sees each one, with its number. */
  async speaks(
    patternId: number,
    ms: number,
    edit?: (wire: Buffer, index: number) => Buffer | undefined,
  ): Promise<void> {
    const pattern = new AudioPattern(patternId)
    const start = this.#clock.now()
    for (let index = 0; index * FRAME_MS < ms; index++) {
      this.sends(pattern.frame(index, 'PCMA'), { marker: index === 0, edit: edit && ((wire) => edit(wire, index)) })
      this.timestamp = (this.timestamp + FRAME_TICKS) >>> 0
      await this.#clock.sleep(Math.max(0, start + (index + 1) * FRAME_MS - this.#clock.now()))
    }
  }

  /**
   * Plays a pattern until it is recognised in what comes, at most for so many milliseconds: an echo test may say something
   * first. Returns whether it was.
   */
  async speaksUntilHeard(patternId: number, withinMs: number): Promise<boolean> {
    const end = this.#clock.now() + withinMs
    // In whole cycles: begun anew in the middle of one, it would spell something else.
    while (this.secondsOf(patternId) === 0 && this.#clock.now() < end) await this.speaks(patternId, PATTERN_CYCLE_MS)
    return this.secondsOf(patternId) > 0
  }

  /** Seconds for which a pattern was recognised in what came. */
  secondsOf(patternId: number): number {
    return this.#heard.filter(({ id }) => id === patternId).reduce((sum, { seconds }) => sum + seconds, 0)
  }

  /** Patterns that were recognised in what came. */
  get patterns(): number[] {
    return [...new Set(this.#heard.map(({ id }) => id))]
  }

  get #heard(): readonly HeardPattern[] {
    return [...this.#listeners.values()].flatMap((listener) => listener.heard())
  }

  /** Digits that came as telephone-events. */
  get digits(): string {
    return this.#events.digits
  }

  close(): void {
    this.#socket.close()
  }

  #receives(raw: Buffer, from: Endpoint, at: number): void {
    const isNew = !this.sources.some((one) => one.address === from.address && one.port === from.port)
    if (isNew && this.sources.length < MOST_SOURCES) this.sources.push(from)
    if (this.onStun !== undefined && looksLikeStun(raw)) {
      this.onStun(raw, from)
      return
    }
    if (isRtcp(raw)) return
    const plain = this.decrypts === undefined ? raw : this.decrypts.unprotect(raw)
    const packet = plain instanceof SrtpError ? plain : parseRtp(plain)
    if (packet instanceof SrtpError || isFault(packet)) {
      this.unread.push({ at, why: packet.code, from })
      return
    }
    this.heard.push({ at, from, raw, packet })
    if (packet.payloadType === this.#dtmfPayloadType)
      this.#events.push(packet.payload, packet.timestamp, packet.marker, at)

    const codec = packet.payloadType === PCMA ? 'PCMA' : packet.payloadType === 0 ? 'PCMU' : undefined
    if (codec) this.#listenerFor(packet.ssrc)?.push(packet.payload, codec, packet.timestamp, at)
  }

  /** Undefined for those that come after too many others. */
  #listenerFor(ssrc: number): PatternListener | undefined {
    const known = this.#listeners.get(ssrc)
    if (known !== undefined || this.#listeners.size >= MOST_SOURCES) return known
    const listener = new PatternListener()
    this.#listeners.set(ssrc, listener)
    return listener
  }
}
