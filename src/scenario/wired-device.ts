/** A device of a story on the network: what it is, what it puts on the wire by hand, and all that it has heard and said. */
import type { Exchange, OutOfDialogOptions } from '../agent/exchange.js'
import type { MediaWish } from '../agent/media-factory.js'
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'
import type { MediaPacketEvent, MediaSession, MediaSessionOptions } from '../media/media-session.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import type { NatNetwork } from '../nat/nat-network.js'
import type { RecordedAnnouncement, TargetAccount } from '../target/target-file.js'
import type { Flow, Hop } from '../transport/flow.js'
import type { ConnectOptions, Network, StreamConnection, UdpSocket } from '../transport/network.js'
import type { CallAudio } from './call-audio.js'
import type { DeviceOptions } from './device-options.js'
import { DeviceWiring, type NatOf } from './device-wiring.js'
import { Hearing, type HearingFilter, type Sound } from './hearing.js'
import { type AnswerByHand, MessagesByHand, type RequestByHand } from './messages-by-hand.js'
import type { RawRtp } from './raw-rtp.js'
import { type Facts, patienceMs } from './facts.js'
import { numberOf } from './target.js'
import type { Variant } from './variant.js'
import type { SourceAddress, World } from './world.js'

/** A device's place on the network: whatever of it does not need a registration or a call. */
export class WiredDevice {
  readonly name: string
  protected readonly wiring: DeviceWiring
  protected readonly byHand: MessagesByHand

  constructor(
    name: string,
    account: TargetAccount,
    options: DeviceOptions,
    variant: Variant,
    world: World,
    record: ScenarioRecord,
    natOf: NatOf = () => undefined,
  ) {
    this.name = name
    this.wiring = new DeviceWiring(name, account, options, variant, world, record, natOf)
    this.byHand = new MessagesByHand(this.wiring)
    this.account = this.wiring.account
    this.options = this.wiring.options
    this.variant = this.wiring.variant
    this.network = this.wiring.network
    this.localAddress = this.wiring.localAddress
    this.nat = this.wiring.nat
    this.packets = this.wiring.packets
    this.mediaSessions = this.wiring.mediaSessions
    this.callAudio = this.wiring.callAudio
  }

  // ── what it is ────────────────────────────────────────────────────────────────────────────────────────────────

  readonly account: TargetAccount
  readonly options: DeviceOptions
  /** Its own, where it is on another transport or family than the scenario. */
  readonly variant: Variant
  /** The device's own wire: what it sends and receives over it is on record. */
  readonly network: Network
  /** Where its requests go. */
  get hop(): Hop {
    return this.wiring.hop
  }
  readonly localAddress: string
  readonly nat: NatNetwork | undefined
  /** Every audio packet of its calls, in clear and as it was on the wire. */
  readonly packets: readonly MediaPacketEvent[]
  readonly mediaSessions: readonly MediaSession[]
  readonly callAudio: CallAudio
  /** What it calls telephone-events in its session descriptions. */
  get eventPayloadType(): number {
    return this.wiring.eventPayloadType
  }
  /** Address-of-record, `sip:user@domain`. */
  get aor(): string {
    return this.wiring.agent.aor
  }
  /** Host part of its address-of-record. */
  get domain(): string {
    return this.wiring.agent.account.domain
  }
  /** The URI that it registers, as in Contact. */
  get contactUri(): string {
    return this.wiring.agent.contactUri
  }
  /** The number that others dial. */
  get number(): string {
    return numberOf(this.account)
  }

  /** What the survey learned of the echo test that it may call; undefined where it did not. */
  get echoFacts(): Facts['echo'] {
    return this.wiring.world.target.facts.echo
  }

  /** The target file says that the DTMF test tells digits back by voice, one by one. */
  get expectsSpokenDigits(): boolean {
    return this.wiring.world.target.document.services.dtmf?.tellsBackBy === 'speech'
  }

  /** Announcements that were recorded for the target. */
  get recordedAnnouncements(): readonly RecordedAnnouncement[] {
    const { announcements } = this.wiring.world.target.document
    return typeof announcements === 'object' ? announcements : []
  }

  // ── single messages ───────────────────────────────────────────────────────────────────────────────────────────

  /** Sends a request outside of calls, log-in answered, and returns all that came of it. */
  async sends(method: string, uri: string, options: OutOfDialogOptions = {}): Promise<Exchange> {
    this.wiring.stays()
    this.wiring.note(`${this.name} sends ${method}`)
    return this.wiring.agent.request(method, uri, options)
  }

  /**
   * A request as this device would write it, with a Via of its own, for sending by hand with `transmits`.
   * `cseq` and `callId` are as given, so that a story can repeat, skip or contradict itself.
   */
  composes(method: string, uri: string, o: RequestByHand = {}): SipRequest {
    return this.byHand.composes(method, uri, o)
  }

  /** The way to a server, by default its own: over streams the connection, opened where there is none. @throws NetworkError */
  opensFlow(hop: Hop = this.hop): Promise<Flow> {
    return this.wiring.agent.stack.transport.flowTo(hop)
  }

  /** Puts a message on the wire as it is, past all transactions; answers are heard, not handled. */
  transmits(message: SipMessage | Buffer | string, hop?: Hop): Promise<Flow> {
    return this.byHand.transmits(message, hop)
  }

  /**
   * Sends a request by hand, over UDP again after T1 and 2·T1 (a datagram may be lost on its way), and returns its final
   * answer, credentials not asked for. `bytes`: what is sent in place of the request as it is written usually.
   */
  asks(request: SipRequest, bytes: Buffer = request.toBytes(), withinMs = 4_000): Promise<SipSighting | undefined> {
    return this.byHand.asks(request, bytes, withinMs)
  }

  /** The same request with this account's answer to a challenge, its CSeq one higher and a new branch (RFC 3261 §22.2). */
  answersChallenge(request: SipRequest, response: SipResponse, o: AnswerByHand = {}): SipRequest {
    return this.byHand.answersChallenge(request, response, o)
  }

  /** The header field, by name, with this account's answer to the challenge that the request earned. */
  credentialsFor(request: SipRequest, response: SipResponse, o: AnswerByHand = {}): Readonly<Record<string, string>> {
    return this.byHand.credentialsFor(request, response, o)
  }

  /** A socket of this machine that is no telephone: on record under the device's name. */
  bindsSocket(whose: SourceAddress = 'own'): Promise<UdpSocket> {
    return this.byHand.bindsSocket(whose)
  }

  /** Audio that the story makes packet by packet, from a socket of this device or of somebody else. */
  speaksByHand(whose: SourceAddress = 'own'): Promise<RawRtp> {
    return this.byHand.speaksByHand(whose)
  }

  /** A connection to the target beside the telephone's own; the scenario is inconclusive where there is none. */
  connects(options: Partial<ConnectOptions> = {}): Promise<StreamConnection> {
    return this.byHand.connects(options)
  }

  /** Opens an audio session of this device: for the call that `wish` is about, or outside of calls. */
  opensMedia(options: Partial<MediaSessionOptions> = {}, wish?: MediaWish): Promise<MediaSession> {
    return this.wiring.opensMedia(options, wish)
  }

  // ── what was heard ────────────────────────────────────────────────────────────────────────────────────────────

  /** Messages that reached this device. */
  hears(sound?: Sound, filter: HearingFilter = {}): Hearing {
    const { record, clock, world } = this.wiring
    return new Hearing(record, clock, this.name, 'in', sound, filter, patienceMs(world.target.facts, this.variant))
  }
  /** Messages that it sent. */
  says(sound?: Sound, filter: HearingFilter = {}): Hearing {
    return new Hearing(this.wiring.record, this.wiring.clock, this.name, 'out', sound, filter)
  }
}
