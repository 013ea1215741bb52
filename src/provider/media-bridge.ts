/** Media of one call between two devices, led over a relay. */
import type { Timer } from '../clock/clock.js'
import { formatCrypto, type CryptoAttribute } from '../sdp/crypto-attribute.js'
import { canReceive } from '../sdp/direction.js'
import type { MediaDescription } from '../sdp/section.js'
import { SessionDescription } from '../sdp/session-description.js'
import { connectionFor } from '../sdp/values.js'
import type { Endpoint, Family } from '../transport/network.js'
import type { ProviderContext } from './context.js'
import { aliveAt } from './dead-calls.js'
import { nameAudio } from './fax.js'
import { isUsable, MediaCipher } from './media-cipher.js'
import { noteIce, tellIce } from './ice-descriptions.js'
import { MediaLeg } from './media-leg.js'
import { half, type Half, type Stream } from './media-stream.js'
import { isDatagram, isSecure, secured, unsecured } from './media-profile.js'
import { leaveOutEvents, nameUnofferedCodec } from './services/defective-answer.js'
import { type DescriptionRole, PassedOffers, type SideName } from './passed-offers.js'
import type { Relay, RelayPort } from './relay.js'
import { Transcoder } from './transcoder.js'
import { UndoneOffers } from './undone-offer.js'

/** The call that each relay took last. */
const LATEST = new WeakMap<Relay, MediaBridge>()

/** What the relay has to know of a device. */
export interface MediaParty {
  /** Address that its signalling comes from. */
  readonly host: string
  /** Family of its media. */
  readonly family: Family
  /** Is its signalling on TLS, so that keys may travel in it? */
  readonly secure: boolean
}

/**
 * Media of one call between two devices, led over a relay: session descriptions that pass get the relay's addresses, and
 * SRTP ends at the relay where exactly one of the two sides speaks it; where both do, their keys and packets pass.
 */
export class MediaBridge {
  readonly relay: Relay
  /** Tells offers from answers: what passes has to be shown to it in order. */
  readonly exchange = new PassedOffers()
  readonly #undone = new UndoneOffers()
  readonly #context: ProviderContext
  readonly #parties: Readonly<Record<SideName, MediaParty>>
  readonly #streams: Stream[] = []
  /** True where an offer without SRTP goes on as it is, even to a device on TLS. */
  readonly #neverUpgrade: boolean
  readonly #isTwoWay: boolean
  readonly #swaps: boolean
  /** Did we offer SRTP to a device although the other side offered none? */
  upgraded = false
  /** How many m= lines the last answer had. */
  #lines = 0
  #closed = false
  #afterlife: Timer | undefined

  constructor(
    context: ProviderContext,
    relay: Relay,
    parties: Readonly<Record<SideName, MediaParty>>,
    o: { readonly neverUpgrade?: boolean } = {},
  ) {
    this.#context = context
    this.relay = relay
    this.#parties = parties
    this.#neverUpgrade = o.neverUpgrade ?? false
    this.#isTwoWay = relay.bridges()
    this.#swaps = relay.swaps
  }

  /** Makes room for so many m= lines. @throws NetworkError when the relay has no ports left */
  async reserve(count: number): Promise<void> {
    while (this.#streams.length < count && !this.#closed) {
      const caller = new MediaLeg(await this.relay.openPort(this.#parties.caller.family))
      const callee = new MediaLeg(await this.#openFor('callee', caller))
      caller.sink = callee
      if (this.#isTwoWay) callee.sink = caller
      const transcoder = new Transcoder(this.relay.rules)
      this.#streams.push({ caller: half(caller), callee: half(callee), transcoder })
      if (this.#closed) {
        caller.close()
        callee.close()
      }
    }
    if (this.#swaps) this.#swapWith(LATEST.get(this.relay))
    LATEST.set(this.relay, this)
  }

  /** A pair of ports for one side; where there is none, that of the other side is given back. */
  async #openFor(side: SideName, other: MediaLeg): Promise<RelayPort> {
    try {
      return await this.relay.openPort(this.#parties[side].family)
    } catch (error) {
      other.close()
      throw error
    }
  }

  #swapWith(before: MediaBridge | undefined): void {
    const [own] = this.#streams
    const other = before === undefined || before === this || before.#closed ? undefined : before.#streams[0]
    if (own === undefined || other === undefined) return
    own.callee.leg.sink = other.caller.leg
    other.callee.leg.sink = own.caller.leg
  }

  /** Whether what the callee says goes on to the caller. */
  set leadsToCaller(leads: boolean) {
    for (const { caller } of this.#streams) caller.leg.holds = !leads
  }

  /** A description for the caller before the callee has told one: the caller's own, with the relay's ports. */
  inAdvance(offer: Buffer): Buffer {
    const description = SessionDescription.parse(offer)
    for (const [index, media] of description.media.entries()) {
      const stream = this.#streams[index]
      if (stream !== undefined) this.#readdress(media, stream.caller.leg)
    }
    this.#readdressSession(description, this.#streams[0]?.caller.leg)
    tellIce(this.#context, description, this.#streams, 'caller')
    return description.toBytes()
  }

  /** RFC 3264 §8: does an offer leave out a stream of the session as it is? One that is given up stays, with port 0. */
  leavesOutStream(offer: Buffer): boolean {
    return SessionDescription.parse(offer).media.length < this.#lines
  }

  /** Until when there was a sign of life of both devices, ms of the clock. */
  get aliveAt(): number {
    return aliveAt(this.#streams)
  }

  /**
   * Rewrites a description on its way. What does not parse passes as it is; from one beside the exchange nothing is learnt.
   * @param host where the signalling of the sending device comes from now
   */
  pass(body: Buffer, from: SideName, role: DescriptionRole, host: string): Buffer {
    const description = SessionDescription.parse(body)
    if (description.media.length === 0) return body
    if (role === 'answer') {
      this.#lines = description.media.length
      this.#undone.answered(from)
    }
    if (role === 'offer') this.#undone.offered(this.#streams, from)
    const to = from === 'caller' ? 'callee' : 'caller'
    let leads = false
    for (const [index, media] of description.media.entries()) {
      const stream = this.#streams[index]
      if (media.port === 0 || !isDatagram(media.protocol)) continue
      if (media.media === 'image') {
        const { relaysFax, answersFaxAsFax } = this.#context.rules.proxy
        if (!relaysFax) continue
        if (!answersFaxAsFax && role === 'answer') nameAudio(media)
      }
      leads = true
      if (stream === undefined) {
        // More streams than ports: refused, rather than led past the relay.
        media.port = 0
        continue
      }
      if (role !== 'beside') {
        noteIce(this.#context, description, media, stream[from].leg, role)
        this.#learnWhere(media, stream[from].leg, host)
        stream[from].direction = media.direction
        this.#noteHold(media, stream, from, role)
        if (role === 'offer') this.#passOffer(media, stream[from], stream[to], this.#parties[from], this.#parties[to])
        else this.#passAnswer(media, stream[from], stream[to])
        this.#passCodecs(media, stream, from, role)
      }
      const { namesOfferedCodecs, takesEvents } = this.#context.rules.serviceMedia
      if (role === 'answer' && !namesOfferedCodecs) nameUnofferedCodec(media)
      if (!takesEvents) leaveOutEvents(media)
      this.#readdress(media, stream[to].leg)
    }
    // Where nothing is led the description keeps the address of its own.
    if (leads) this.#readdressSession(description, this.#streams[0]?.[to].leg)
    if (leads) tellIce(this.#context, description, this.#streams, to)
    return description.toBytes()
  }

  /** RFC 3261 §14.1: an offer that was refused changes nothing. @param from who made it */
  refused(from: SideName): void {
    if (this.relay.rules.undoesRefused) this.#undone.refused(from)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.relay.rules.endsWithCall) {
      this.#repeat(150)
      return
    }
    this.#closeLegs()
  }

  #closeLegs(): void {
    this.#afterlife?.cancel()
    for (const { caller, callee } of this.#streams) {
      caller.leg.close()
      callee.leg.close()
    }
  }

  #repeat(times: number): void {
    if (times === 0) {
      this.#closeLegs()
      return
    }
    for (const { caller, callee } of this.#streams) {
      caller.leg.repeatLast()
      callee.leg.repeatLast()
    }
    this.#afterlife = this.#context.clock.after(20, () => this.#repeat(times - 1))
  }

  /** Where both sides are encrypted with keys that pass nothing can be transcoded. */
  #passCodecs(media: MediaDescription, stream: Stream, from: SideName, role: 'offer' | 'answer'): void {
    const [own, other] = from === 'caller' ? [stream.caller, stream.callee] : [stream.callee, stream.caller]
    if (own.secure === true && other.secure === true) return
    if (role === 'offer') stream.transcoder.widen(media, own.leg, other.leg)
    else stream.transcoder.settle(media, own.leg, other.leg)
  }

  /** What a relay makes of a hold and of payload types: nothing, as it leads all that comes. */
  #noteHold(media: MediaDescription, stream: Stream, from: SideName, role: 'offer' | 'answer'): void {
    const { passesHold, endsHold, followsFormats } = this.relay.rules
    const isHold = !canReceive(media.direction)
    if (!passesHold && isHold && role === 'offer') media.direction = 'sendrecv'
    if (!endsHold && isHold) stream[from].leg.holds = true
    if (!followsFormats && role === 'answer')
      for (const { leg } of [stream.caller, stream.callee]) leg.leadsOnly ??= codecOf(media.formats.map(Number))
  }

  #learnWhere(media: MediaDescription, leg: MediaLeg, host: string): void {
    const address = media.connection?.address
    if (address === undefined) return
    const rtp: Endpoint = { address, port: media.port }
    const told = media.rtcp
    const rtcp = { address: told?.connection?.address ?? address, port: told?.port ?? media.port + 1 }
    leg.signalled(rtp, rtcp, host)
  }

  #readdress(media: MediaDescription, leg: MediaLeg): void {
    media.port = leg.port.number
    const own = media.ownConnection
    if (own !== undefined) media.ownConnection = this.#connection(this.#addressFor(own.address, leg))
    if (media.rtcp !== undefined) media.setAttribute('rtcp', String(leg.port.number + 1))
    // RFC 8839: candidates would lead past the relay.
    for (const name of ['candidate', 'remote-candidates', 'ice-ufrag', 'ice-pwd', 'ice-mismatch', 'end-of-candidates'])
      media.removeAttribute(name)
  }

  #readdressSession(description: SessionDescription, leg: MediaLeg | undefined): void {
    if (leg === undefined) return
    const { session, origin } = description
    const own = session.ownConnection
    if (own !== undefined) session.ownConnection = this.#connection(this.#addressFor(own.address, leg))
    if (origin !== undefined) {
      const { netType, addrType, address } = this.#connection(leg.port.address)
      description.origin = { ...origin, netType, addrType, address }
    }
    for (const name of ['ice-ufrag', 'ice-pwd', 'ice-lite', 'ice-options', 'ice-pacing']) session.removeAttribute(name)
  }

  #addressFor(address: string, leg: MediaLeg): string {
    return isZero(address) && this.relay.rules.knowsNowhere ? zero(leg) : leg.port.address
  }

  #connection(address: string): ReturnType<typeof connectionFor> {
    const connection = connectionFor(address)
    return this.relay.rules.tellsFamily ? connection : { ...connection, addrType: 'IP4' }
  }

  #passOffer(media: MediaDescription, from: Half, to: Half, sender: MediaParty, receiver: MediaParty): void {
    const lines = media.crypto.flatMap(({ attribute }) => (isUsable(attribute) ? [attribute] : []))
    from.secure = isSecure(media.protocol)
    from.profile = media.protocol
    from.theirs = lines
    if (from.secure && lines.length === 0) {
      // DTLS-SRTP, MIKEY, suites unknown here: nothing that the relay could end, so it passes.
      to.secure = true
      return
    }
    const secure = to.secure ?? this.#shallBeSecure(from.secure, sender, receiver)
    to.secure = secure
    if (from.secure === secure) return
    if (secure) {
      this.upgraded = true
      media.protocol = secured(media.protocol)
      if (to.ours.length === 0) to.ours = this.#offeredLines()
      for (const line of to.ours) media.addAttribute('crypto', formatCrypto(line))
    } else {
      media.protocol = unsecured(media.protocol)
      media.removeAttribute('crypto')
    }
    to.profile = media.protocol
  }

  #passAnswer(media: MediaDescription, from: Half, to: Half): void {
    const secure = isSecure(media.protocol)
    if (to.secure === undefined || from.secure === undefined || to.secure === from.secure) return
    if (!secure && to.secure) {
      // The answer's side is plain: SRTP towards the other side begins here.
      const [chosen] = to.theirs
      if (chosen === undefined) return
      media.protocol = to.profile
      const ours = this.#answerLine(to, chosen)
      media.addAttribute('crypto', formatCrypto(ours))
      this.#setCipher(to, chosen, ours)
    } else if (secure && !to.secure) {
      const answer = media.crypto.flatMap(({ attribute }) => (isUsable(attribute) ? [attribute] : []))[0]
      const ours = from.ours.find((line) => line.tag === answer?.tag)
      if (answer !== undefined && ours !== undefined) this.#setCipher(from, answer, ours)
      media.removeAttribute('crypto')
      media.protocol = unsecured(media.protocol)
    }
  }

  /** Own keys only where exactly one side is on TLS; where both or none are, what the caller offers passes. */
  #shallBeSecure(offered: boolean, sender: MediaParty, receiver: MediaParty): boolean {
    if (!this.#context.rules.encryption.keepsEncryption) return false
    if (sender.secure === receiver.secure || !this.#context.rules.encryption.keysOverTlsOnly) return offered
    return receiver.secure && (offered || !this.#neverUpgrade)
  }

  #offeredLines(): CryptoAttribute[] {
    return (['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const).map((suite, index) => ({
      tag: String(index + 1),
      suite,
      keys: [{ keySalt: this.#context.random.bytes(30) }],
      parameters: {},
    }))
  }

  #answerLine(half: Half, chosen: CryptoAttribute): CryptoAttribute {
    const before = half.ours.find((line) => line.tag === chosen.tag && line.suite === chosen.suite)
    if (before !== undefined) return before
    const { rules, random } = this.#context
    const theirs = chosen.keys[0]?.keySalt ?? Buffer.alloc(30)
    const line = {
      // RFC 4568 §5.1.2: the tag of the line that is accepted.
      tag: rules.encryption.echoesTag ? chosen.tag : String(Number(chosen.tag) + 1),
      suite: chosen.suite,
      keys: [{ keySalt: rules.encryption.usesOwnKeys ? random.bytes(theirs.length) : Buffer.from(theirs) }],
      parameters: {},
    }
    half.ours = [line]
    return line
  }

  #setCipher(half: Half, theirs: CryptoAttribute, ours: CryptoAttribute): void {
    const text = `${formatCrypto(theirs)} ${formatCrypto(ours)}`
    if (half.keyText === text) return
    half.keyText = text
    // RFC 4568 §7.1.4: a new key of theirs leaves our direction as it is.
    if (half.leg.cipher?.usesForSending(ours) === true) half.leg.cipher.setTheirs(theirs)
    else half.leg.cipher = new MediaCipher(theirs, ours, this.#context.rules.encryption)
  }
}

/** How many m= lines a description has; at least one, for an offer that comes later. */
export function streamCount(body: Buffer): number {
  return body.length === 0 ? 1 : SessionDescription.parse(body).media.length
}

function isZero(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function zero(leg: MediaLeg): string {
  return leg.port.address.includes(':') ? '::' : '0.0.0.0'
}

/** The first audio format of an answer, and what is no codec of its own or has no fixed number (RFC 3551 §6). */
const codecOf = (formats: readonly number[]): Set<number> =>
  new Set(formats.filter((format, index) => index === 0 || format >= 96))
