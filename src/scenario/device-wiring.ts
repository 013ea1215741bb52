/** What a device is made of: an address of this machine, a recorded wire to the target, a user agent on it. */
import type { MediaWish } from '../agent/media-factory.js'
import { UserAgent } from '../agent/user-agent.js'
import type { Clock } from '../clock/clock.js'
import { GuardedClock } from '../clock/guarded-clock.js'
import { within } from '../clock/within.js'
import type { ScenarioRecord } from '../evidence/record.js'
import type { DtlsMediaOptions } from '../media/dtls-keying.js'
import { makeIdentity } from '../media/dtls/certificate.js'
import { type MediaPacketEvent, MediaSession, type MediaSessionOptions } from '../media/media-session.js'
import { NatNetwork } from '../nat/nat-network.js'
import type { TargetAccount } from '../target/target-file.js'
import type { Hop } from '../transport/flow.js'
import { GatedNetwork } from '../transport/gated-network.js'
import type { Endpoint, Family, Network } from '../transport/network.js'
import { RecordingNetwork } from '../transport/recording-network.js'
import { CallAudio } from './call-audio.js'
import type { DeviceOptions } from './device-options.js'
import { ScenarioMistake } from './mistake.js'
import { inconclusive } from './outcome.js'
import { whyThrown } from './reasons.js'
import { wantsSrtp } from './target.js'
import type { Variant } from './variant.js'
import type { World } from './world.js'

/** The NAT that another device of the story is behind. */
export type NatOf = (name: string) => NatNetwork | undefined

/** Address of the first device behind a NAT. */
const INSIDE = { ipv4: '10.0.0.2', ipv6: 'fd00::2' } as const

/** After a call its sockets listen so long (ms): what the target still sends is seen, and meets no ICMP error that would stop it. */
const LINGER_MS = 1_500

/** A NAT, and the address of one more device behind it. */
function homeOf(
  wish: NonNullable<DeviceOptions['nat']>,
  o: { readonly family: Family; readonly address: string; readonly world: World; readonly natOf: NatOf },
): { readonly nat: NatNetwork; readonly address: string } {
  const { family, address, world, natOf } = o
  if ('sameAs' in wish) {
    const nat = natOf(wish.sameAs)
    if (nat === undefined) throw new ScenarioMistake(`no device '${wish.sameAs}' behind a NAT was named before`)
    return { nat, address: nat.nextInside() }
  }
  const inside = wish.insideAddress ?? INSIDE[family]
  const { network, clock } = world
  const nat = new NatNetwork({ inner: network, clock, publicAddress: address, ...wish, insideAddress: inside })
  return { nat, address: nat.nextInside() }
}

export class DeviceWiring {
  readonly name: string
  readonly account: TargetAccount
  readonly options: DeviceOptions
  readonly variant: Variant
  readonly world: World
  readonly record: ScenarioRecord
  readonly clock: Clock
  readonly agent: UserAgent
  readonly network: Network
  /** Where its requests go. */
  hop: Hop
  readonly localAddress: string
  readonly nat: NatNetwork | undefined
  readonly packets: MediaPacketEvent[] = []
  readonly mediaSessions: MediaSession[] = []
  readonly callAudio = new CallAudio()
  /** Sockets that the story has bound; closed when it is over. */
  readonly sockets: { close(): void }[] = []
  readonly #thrown: (error: unknown) => void

  constructor(
    name: string,
    account: TargetAccount,
    options: DeviceOptions,
    variant: Variant,
    world: World,
    record: ScenarioRecord,
    natOf: NatOf,
  ) {
    this.name = name
    this.account = account
    this.options = options
    this.variant = { transport: options.transport ?? variant.transport, family: options.family ?? variant.family }
    this.world = world
    this.record = record
    const { transport, family } = this.variant
    const address = world.address(family, options.whose)
    const hop = world.target.hop(this.variant)
    if (!address) inconclusive(`this machine has no ${family} address that reaches the target`, 'no-local-address')
    if (!hop) inconclusive(`the target has no ${transport} on ${family}`, 'no-connection')
    this.hop = hop
    const home = options.nat && homeOf(options.nat, { family, address, world, natOf })
    this.nat = home?.nat
    this.localAddress = home?.address ?? address
    // What the target sends must not bring down more than this story, whatever it makes our own code do.
    this.#thrown = (error) => {
      if (whyThrown(error) === undefined) record.defects.push(error)
    }
    this.clock = new GuardedClock(world.clock, this.#thrown)
    const { reach } = world.target
    if (this.nat) reach.isInside(this.localAddress)
    // Before the record, so that it holds what was sent and no more; ours are told by the world's own gate.
    this.network = new GatedNetwork(
      new RecordingNetwork(this.nat ?? world.network, record.tap(name), this.#thrown),
      {
        refuses: (remote) => reach.refuses(remote),
        forbids: (uri) => reach.forbids(uri),
        // What is inside a NAT is nobody's place to send to; the world's gate is told of its mappings.
        ...(this.nat ? {} : { opened: (local: Endpoint) => reach.opened(local) }),
      },
      (refusal) => record.refused(name, refusal),
    )
    this.agent = this.#makeAgent()
  }

  /** What it calls telephone-events in its session descriptions. */
  get eventPayloadType(): number {
    return this.options.dtmfPayloadType || (this.world.target.document.media.dtmfPayloadType ?? 101)
  }

  /** @param wish of the call that it is for */
  async opensMedia(options: Partial<MediaSessionOptions> = {}, wish?: MediaWish): Promise<MediaSession> {
    const { target, random } = this.world
    const { media } = target.document
    const session = await MediaSession.open({
      clock: this.clock,
      network: this.network,
      random: random.fork(`${this.name} media`),
      localAddress: this.localAddress,
      codecs: this.options.codecs ?? media.codecs,
      dtmfPayloadType: this.options.dtmfPayloadType !== false && this.eventPayloadType,
      // Where the target wants encryption, a plain telephone is one with encryption.
      ...(this.options.srtp === 'dtls'
        ? { srtp: false, dtls: this.#dtls(), rtcpMux: true }
        : { srtp: (this.options.srtp ?? wantsSrtp(target, this.variant.transport)) ? media.srtp : false }),
      ...(this.options.rtcpMux ? { rtcpMux: true } : {}),
      ...(this.options.packetMs ? { ptimeMs: this.options.packetMs, sendsPtimeMs: this.options.packetMs } : {}),
      ...(this.options.comfortNoise ? { comfortNoise: true } : {}),
      patternId: random.int(2 ** 24),
      onPacket: (event) => this.packets.push(event),
      lingerMs: LINGER_MS,
      ...options,
    })
    this.mediaSessions.push(session)
    if (wish !== undefined) this.callAudio.opened(session, wish)
    return session
  }

  /** The device is leaving: what a story that was broken off would still have it do is not done. */
  isLeaving = false

  /** @throws Outcome where the device is leaving: that ends a story that was broken off */
  stays(): void {
    if (this.isLeaving) inconclusive('the story is over', 'interrupted')
  }

  /** A line of the story. */
  note(text: string): void {
    this.record.note(this.clock.now(), text)
  }

  /** Resolves when the work is done, also where it fails: what the target or the wire did is on record, a defect of ours, too. */
  async attempts(work: Promise<unknown>): Promise<void> {
    await work.catch(this.#thrown)
  }

  within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    return within(this.clock, promise, ms)
  }

  #dtls(): DtlsMediaOptions {
    const { key: kind = 'ecdsa', expired = false, showsAnother = false, ...rest } = this.options.dtls ?? {}
    const one = () => makeIdentity({ kind, unixMs: this.clock.unixMs(), expired })
    return { identity: one(), ...(showsAnother ? { told: one() } : {}), ...rest }
  }

  #makeAgent(): UserAgent {
    const { account, options, world } = this
    const way = () => this.hop
    const { target } = world
    const { transport } = this.variant
    return new UserAgent({
      name: this.name,
      clock: this.clock,
      network: this.network,
      random: world.random.fork(this.name),
      account: {
        user: account.user,
        password: account.password ?? '',
        domain: target.domain(transport),
        ...(account.authUser ? { authUser: account.authUser } : {}),
        ...(account.displayName ? { displayName: account.displayName } : {}),
      },
      get outbound() {
        return way()
      },
      localAddress: this.localAddress,
      timers: target.timers,
      parseMode: 'strict',
      listen: transport === 'tls' ? ['tcp'] : ['udp', 'tcp'],
      tls: { verify: true, ...(target.authority ? { ca: target.authority } : {}) },
      expires: options.expires ?? 600,
      userAgentHeader: 'ringproof',
      onDefect: this.#thrown,
      ...(options.transfers ? { transfers: true } : {}),
      ...(options.knowsPrack === false ? { knowsPrack: false } : {}),
      ...(options.sessionTimer ? { sessionTimer: options.sessionTimer } : {}),
      ...(options.keepAlive ? { keepAlive: options.keepAlive } : {}),
      ...(options.audio === false ? {} : { media: (wish: MediaWish) => this.opensMedia({}, wish) }),
    })
  }
}
