/** One device's side of a media stream on a relay. */
import { kindOfDatagram } from '../media/dtls/demultiplex.js'
import type { DtlsKeying } from '../media/dtls-keying.js'
import { isRtcp } from '../media/rtp.js'
import { looksLikeStun } from '../nat/stun-message.js'
import { canonicalAddress, type Endpoint, sameEndpoint } from '../transport/network.js'
import type { IceLite } from './ice-lite.js'
import type { MediaCipher } from './media-cipher.js'
import { MediaPeer, updated } from './media-peer.js'
import type { Recoder } from './recoder.js'
import type { Relay, RelayPort } from './relay.js'

/** Takes packets in the clear: the other leg of a call, or a service that listens. */
export interface MediaSink {
  rtp(packet: Buffer, at: number): void
  rtcp(packet: Buffer, at: number): void
}

/** So long after a description (ms) the device is looked for anew. */
const LEARNS_MS = 3_000

/** A packet that came, in the clear or not. */
interface Packet {
  readonly data: Buffer
  /** ms of the clock. */
  readonly at: number
  /** It came to the port of RTCP. */
  readonly control: boolean
}

/**
 * One device's side of a media stream on a relay: a pair of ports, and the device's real address, which the relay learns
 * from the first packets (RFC 7362 §4) and then holds on to, so that nobody can take the stream over (§5).
 */
export class MediaLeg implements MediaSink {
  readonly port: RelayPort
  /** Where packets of this device go. */
  sink: MediaSink | undefined
  /** Present where this side speaks SRTP that ends here. */
  cipher: MediaCipher | undefined
  /** Nothing is sent to the device. */
  holds = false
  /** Payload types that are sent to the device; undefined: all. */
  leadsOnly: ReadonlySet<number> | undefined
  /** Present where the device is sent another codec than the one that comes. */
  recoder: Recoder | undefined
  /** When the last packet came, ms of the clock. */
  lastAt: number
  /** Present where the keys of this side come of a handshake that ends here. */
  keying: DtlsKeying | undefined
  /** Present where the device checks its paths (ICE). */
  ice: IceLite | undefined
  /** What the device said about ICE does not fit where it wants its audio. */
  iceMismatch = false
  #audioAt: number
  readonly #relay: Relay
  #rtp = new MediaPeer(undefined)
  #rtcp = new MediaPeer(undefined)
  /** Where the device's signalling comes from: behind a NAT its media comes from there too. */
  #host = ''
  #rtpTo: Endpoint | undefined
  #rtcpTo: Endpoint | undefined
  #closed = false
  // Rules, read once because they sit on the path of every packet.
  readonly #dropsEvery: number
  readonly #alter: ((packet: Buffer) => Buffer) | undefined
  readonly #believesAnyone: boolean
  readonly #believesTheFirst: boolean
  readonly #believesItsStream: boolean
  readonly #opensAtChange: boolean
  readonly #takesOneAtChange: boolean
  readonly #believesSdp: boolean
  readonly #followsRtcpSource: boolean
  readonly #delayMs: number
  readonly #holdsUpToMs: number
  readonly #keepsLast: boolean
  readonly #sendsFrom: RelayPort['rtp']
  readonly #dropsEvents: boolean
  /** Payload types that are not led. */
  readonly #drops: ReadonlySet<number>
  readonly #dropsHandshakes: boolean
  readonly #dropsFaxes: boolean
  readonly #leadsUntil: number
  readonly #forgetsQuietMs: number
  #last: Buffer | undefined
  #sent = 0

  constructor(port: RelayPort) {
    this.port = port
    this.#relay = port.relay
    this.lastAt = port.relay.clock.now()
    this.#audioAt = this.lastAt
    const { rules } = port.relay
    this.#dropsEvery = rules.losesEvery
    this.#believesAnyone = rules.believes === 'anyone'
    this.#believesTheFirst = rules.believes === 'the first'
    this.#believesItsStream = rules.believes === 'its stream'
    this.#opensAtChange = rules.believes === 'the first after a change'
    this.#takesOneAtChange = rules.believes === 'one after a change'
    this.#believesSdp = !rules.followsSource
    this.#followsRtcpSource = rules.followsRtcpSource
    this.#delayMs = rules.delayMs
    this.#holdsUpToMs = rules.holdsUpToMs
    this.#keepsLast = !rules.endsWithCall
    this.#leadsUntil = this.lastAt + rules.leadsForMs
    this.#forgetsQuietMs = rules.forgetsQuietMs
    this.#sendsFrom = rules.sendsFromAnnounced ? port.rtp : port.rtcp
    this.#dropsEvents = !rules.passesEvents
    this.#drops = new Set([
      ...(rules.passesComfortNoise ? [] : [COMFORT_NOISE]),
      ...(rules.passesWideband ? [] : [WIDEBAND]),
    ])
    this.#dropsHandshakes = !rules.passesHandshakes
    this.#dropsFaxes = !rules.passesFaxes
    this.#alter = rules.alters
    port.rtp.onMessage = (data, from, at) => this.#received(data, from, at, this.#rtp, false)
    port.rtcp.onMessage = (data, from, at) => this.#received(data, from, at, this.#rtcp, true)
    port.rtp.onError = ignore
    port.rtcp.onError = ignore
  }

  /**
   * What a description from this device says about where it listens.
   * @param host where its signalling comes from
   */
  signalled(rtp: Endpoint | undefined, rtcp: Endpoint | undefined, host: string): void {
    if (this.#rtp.learnt && !this.#relay.rules.learnsAnew) return
    this.#host = canonicalAddress(host)
    this.#rtp = updated(this.#rtp, rtp)
    this.#rtcp = updated(this.#rtcp, rtcp)
    this.#rtp.openUntil = this.#relay.clock.now() + LEARNS_MS
    this.#rtpTo = this.#destination(this.#rtp)
    this.#rtcpTo = this.#destination(this.#rtcp)
  }

  /** @returns what puts back what is known of the device now from descriptions, and where it is */
  kept(): () => void {
    const { holds, leadsOnly, ice, iceMismatch } = this
    const [rtp, rtcp, host, rtpTo, rtcpTo] = [this.#rtp, this.#rtcp, this.#host, this.#rtpTo, this.#rtcpTo]
    return () => {
      Object.assign(this, { holds, leadsOnly, ice, iceMismatch })
      this.#host = host
      // Who was described as before is where it has been found to be meanwhile.
      if (this.#rtp !== rtp) [this.#rtp, this.#rtpTo] = [rtp, rtpTo]
      if (this.#rtcp !== rtcp) [this.#rtcp, this.#rtcpTo] = [rtcp, rtcpTo]
    }
  }

  /** Sends a packet to the device. */
  rtp(packet: Buffer, _at: number): void {
    const to = this.#rtpTo
    if (to === undefined) return
    this.#sent++
    if (!this.port.leads || this.#relay.clock.now() > this.#leadsUntil) return
    // RFC 8445 §12.1.1
    if (this.ice?.isOpen === false) return
    if (this.holds || (this.leadsOnly?.has((packet[1] ?? 0) & 0x7f) === false && kindOfDatagram(packet) !== 'dtls'))
      return
    if (this.#dropsEvents && isDynamic(packet)) return
    if (this.#drops.has((packet[1] ?? 0) & 0x7f)) return
    if (this.#dropsHandshakes && kindOfDatagram(packet) === 'dtls') return
    // UDPTL begins with the packet's number: to RFC 7983 §7 a small one looks like STUN.
    if (this.#dropsFaxes && kindOfDatagram(packet) === 'stun') return
    if (this.#dropsEvery > 0 && this.#sent % this.#dropsEvery === 0) return
    if (!this.#relay.forwards()) return
    const spoken = this.recoder === undefined ? packet : this.recoder.recode(packet)
    const whole = this.#alter === undefined ? spoken : this.#alter(spoken)
    const { cipher } = this
    // RFC 5764 §3: before the handshake is over there is nothing that may be sent.
    if (cipher === undefined && this.keying !== undefined) return
    // RFC 5761: where RTCP shares the port, it is protected in its own way.
    const data = cipher === undefined ? whole : isRtcp(whole) ? cipher.protectRtcp(whole) : cipher.protect(whole)
    if (data === undefined) return
    this.#relay.stats.packets++
    const heldMs = this.#delayMs + (this.#holdsUpToMs > 0 ? this.#relay.random.float() * this.#holdsUpToMs : 0)
    if (heldMs > 0) this.#relay.clock.after(heldMs, () => this.#sendsFrom.send(data, to))
    else this.#sendsFrom.send(data, to)
    if (this.#keepsLast) this.#last = data
  }

  rtcp(packet: Buffer, _at: number): void {
    const to = this.#rtcpTo
    if (to === undefined || !this.#relay.rules.passesRtcp) return
    if (this.cipher === undefined && this.keying !== undefined) return
    const data = this.cipher === undefined ? packet : this.cipher.protectRtcp(packet)
    if (data !== undefined) this.port.rtcp.send(data, to)
  }

  /** The last packet once more, as a relay does that hides losses. */
  repeatLast(): void {
    if (this.#last !== undefined && this.#rtpTo !== undefined) this.port.rtp.send(this.#last, this.#rtpTo)
  }

  /** A datagram of its handshake, to where the device is. */
  handshake(datagram: Buffer): void {
    if (this.#rtpTo !== undefined) this.port.rtp.send(datagram, this.#rtpTo)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.keying?.close()
    this.sink = undefined
    this.port.close()
  }

  #received(data: Buffer, from: Endpoint, at: number, peer: MediaPeer, control: boolean): void {
    if (this.ice !== undefined && looksLikeStun(data)) {
      this.#checked(this.ice, data, from, control)
      return
    }
    if ((from.port !== peer.port || from.address !== peer.address) && !this.#learn(peer, from, { data, at, control })) {
      this.#relay.stats.dropped++
      return
    }
    if (!control && at - this.#audioAt > this.#forgetsQuietMs) {
      this.#relay.stats.dropped++
      return
    }
    this.ice?.heard()
    if (!control) {
      this.#audioAt = at
      peer.note(data, at)
    }
    this.lastAt = at
    const { sink, cipher, keying } = this
    if (keying !== undefined && kindOfDatagram(data) === 'dtls') {
      if (!control) keying.receive(data, from)
      return
    }
    // RFC 8842 §5.2: what comes before the peer is known is of no use here.
    if (keying !== undefined && cipher === undefined) return
    if (sink === undefined) return
    if (cipher === undefined) {
      if (control) sink.rtcp(data, at)
      else sink.rtp(data, at)
      return
    }
    const isControl = control || isRtcp(data)
    const plain = isControl ? cipher.unprotectRtcp(data) : cipher.unprotect(data)
    if (plain === undefined) this.#relay.stats.dropped++
    else if (control) sink.rtcp(plain, at)
    else sink.rtp(plain, at)
  }

  /** A connectivity check; the path that it nominates is that of the device from now on. */
  #checked(ice: IceLite, data: Buffer, from: Endpoint, control: boolean): void {
    const { answer, chosen } = ice.check(data, from, control)
    if (answer !== undefined) (control ? this.port.rtcp : this.port.rtp).send(answer, from)
    for (const path of chosen) {
      this.#follow(path.control ? this.#rtcp : this.#rtp, path.from, path.control)
      if (!path.control && ice.isMuxed) this.#rtcpTo = path.from
    }
  }

  /** Is this where the device really sends from? */
  #learn(peer: MediaPeer, from: Endpoint, packet: Packet): boolean {
    const { control } = packet
    if (this.#believesAnyone || (this.#believesTheFirst && !peer.learnt)) return this.#follow(peer, from, control)
    const { signalled } = peer
    // RFC 7362 §5: before the device was announced there is nobody to believe.
    if (signalled === undefined) return false
    if (peer.learnt) return this.#isBelievedAgain(peer, from, packet) && this.#follow(peer, from, control)
    if (sameEndpoint(signalled, from)) return this.#follow(peer, from, control)
    if (signalled.address === this.#host) {
      // Not behind a NAT: another port of the same host has to be insistent, as a stranger could be there.
      return from.address === this.#host && peer.insists(from) && this.#follow(peer, from, control)
    }
    // Behind a NAT: its outside address is where the signalling comes from.
    return from.address === this.#host && this.#follow(peer, from, control)
  }

  /**
   * Has the device come to another place? RFC 7362 §4 item 6: once it is known it stays where it is until the next offer and
   * answer; who is flexible, as its NAT may give it another port, has to see to it that nobody else gets in.
   */
  #isBelievedAgain(peer: MediaPeer, from: Endpoint, { data, at, control }: Packet): boolean {
    if (this.#believesItsStream && peer.continues(data)) return true
    const isOpen = at < peer.openUntil
    if (this.#opensAtChange && isOpen) return true
    if (this.#takesOneAtChange && isOpen) {
      peer.openUntil = 0
      return true
    }
    const { learnsAgain } = this.#relay.rules
    if (from.address !== this.#host || learnsAgain === 'never') return false
    // RFC 3550 §6.4.1: reports begin with the source that sends them.
    if (control) return data.length >= 8 && data.readUInt32BE(4) === this.#rtp.ssrc
    if (!peer.hasLeft(at) || !(isOpen || (learnsAgain === 'as its audio goes on' && peer.continues(data)))) return false
    return peer.insists(from)
  }

  #follow(peer: MediaPeer, from: Endpoint, control: boolean): true {
    peer.follow(from)
    if (this.#believesSdp || this.ice?.isOfNoAccount === true) return true
    if (!control) this.#rtpTo = from
    if (this.#followsRtcpSource) {
      if (control) this.#rtcpTo = from
    } else if (!control) {
      this.#rtcpTo = { address: from.address, port: from.port + 1 }
    }
    return true
  }

  #destination(peer: MediaPeer): Endpoint | undefined {
    if (peer.learnt && !this.#believesSdp) return { address: peer.address, port: peer.port }
    const { signalled } = peer
    if (signalled === undefined) return undefined
    // An inside address is no place to send to: wait until the device has sent.
    return this.#believesSdp || isRoutableFor(signalled.address, this.#host) ? signalled : undefined
  }
}

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i

/** Private (RFC 1918), shared (RFC 6598) and unique local addresses mean something only where the device is as well. */
function isRoutableFor(address: string, host: string): boolean {
  return address === host || !PRIVATE.test(address)
}

/** Payload types that descriptions give out, 96 to 127. */
function isDynamic(packet: Buffer): boolean {
  return kindOfDatagram(packet) === 'rtp' && !isRtcp(packet) && ((packet[1] ?? 0) & 0x7f) >= 96
}

/** RFC 3551 §6. */
const [COMFORT_NOISE, WIDEBAND] = [13, 9]

function ignore(): void {
  // A device whose port is closed says so by ICMP; the relay goes on until the call ends.
}
