/** A device of a story: a telephone with an account, whose every message and packet is on record. */
import { within } from '../clock/within.js'
import type { Call, IncomingCall, InviteOptions, OutgoingCall } from '../agent/call.js'
import type { Exchange, OutOfDialogOptions } from '../agent/exchange.js'
import type { RegisterOptions, RegisterOutcome } from '../agent/registration.js'
import { UserAgent } from '../agent/user-agent.js'
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'
import { type MediaPacketEvent, MediaSession, type MediaSessionOptions } from '../media/media-session.js'
import { createRequest } from '../message/build.js'
import { answerChallenge, chooseChallenge, parseChallenges } from '../message/digest.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { NatNetwork } from '../nat/nat-network.js'
import type { TargetAccount } from '../target/target-file.js'
import type { ConnectOptions, Network, StreamConnection, UdpSocket } from '../transport/network.js'
import { RecordingNetwork } from '../transport/recording-network.js'
import type { Flow, Hop } from '../transport/flow.js'
import type { DeviceOptions } from './device-options.js'
import { Hearing, type HearingFilter, type Sound } from './hearing.js'
import { inconclusive, loginTaken, precondition, unsupported } from './outcome.js'
import { RawRtp } from './raw-rtp.js'
import { numberOf } from './target.js'
import type { Variant } from './variant.js'
import type { SourceAddress, World } from './world.js'

/** A REGISTER by hand: see `asksRegistrar`. */
export interface RegisterByHand extends OutOfDialogOptions {
  /** Contact header values, `<sip:…>` with parameters or `*`. Default: none, which is a query (RFC 3261 §10.2.3). */
  readonly contacts?: readonly string[]
  /** Value of the Expires header field, seconds. Default: no such field. */
  readonly expires?: number
  /**
   * Whether a 423 is obeyed, once (RFC 3261 §10.2.8): `expires` becomes what its Min-Expires says, and the CSeq number goes
   * on. Default: yes, where the log-in is left to the device, too.
   */
  readonly obeysMinimum?: boolean
}

/** How a challenge is answered by hand: whatever is not said is as it should be. */
export interface AnswerByHand {
  readonly password?: string
  readonly user?: string
  /** Nonce count. Default 1. */
  readonly nc?: number
  /** Digest URI; default: the Request-URI. */
  readonly uri?: string
  /** Instead of the nonce that was given. */
  readonly nonce?: string
  /** Answers the challenge with this algorithm; default: the topmost that can be answered. */
  readonly algorithm?: string
}

/** How a device treats calls that ring it. */
export type IncomingCallPolicy =
  | { readonly kind: 'answers'; readonly ringMs: number; readonly answer?: Parameters<IncomingCall['answer']>[0] }
  | { readonly kind: 'rings' }
  | { readonly kind: 'rejects'; readonly status: number; readonly reason?: string | undefined }
  | { readonly kind: 'by hand' }

/** A call between two of our devices that both ends agree is up. */
export interface EstablishedCall {
  readonly caller: OutgoingCall
  readonly callee: IncomingCall
}

const CALL_SETUP_MS = 8_000
const TAKE_BACK_MS = 1_500

/** What a request by hand says to belong to a call: options for `sends`, and the URI it goes to. */
export interface InsideCall {
  readonly uri: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly route: readonly string[]
}

/** Of the call's dialog as it is now; `remoteTag` in place of the other side's. */
export function insideOf(call: Call, o: { readonly remoteTag?: string } = {}): InsideCall {
  const { dialog } = call
  precondition(dialog, 'there is no dialog yet')
  const tagged = (uri: string, tag: string | undefined) => `<${uri}>${tag === undefined ? '' : `;tag=${tag}`}`
  return {
    uri: dialog.remoteTarget,
    from: tagged(dialog.local.uri, dialog.localTag),
    to: tagged(dialog.remote.uri, o.remoteTag ?? dialog.remoteTag),
    callId: dialog.callId,
    route: dialog.routeSet,
  }
}
/** The announcement of a service code has been heard, or will not end. */
const CODE_MS = 8_000

export class Device {
  readonly name: string
  readonly account: TargetAccount
  readonly options: DeviceOptions
  readonly variant: Variant
  readonly agent: UserAgent
  /** The device's own wire: what it sends and receives over it is on record. */
  readonly network: Network
  /** Where its requests go. */
  readonly hop: Hop
  readonly localAddress: string
  readonly nat: NatNetwork | undefined
  /** Every audio packet of its calls, in clear and as it was on the wire. */
  readonly packets: MediaPacketEvent[] = []
  readonly mediaSessions: MediaSession[] = []
  /** Sockets that the story has bound; closed when it is over. */
  readonly sockets: { close(): void }[] = []
  readonly #world: World
  readonly #record: ScenarioRecord
  #manners: IncomingCallPolicy = { kind: 'answers', ringMs: 50 }
  readonly #incoming: IncomingCall[] = []
  readonly #waiting: ((call: IncomingCall) => void)[] = []
  /** Codes that put the account back as it was found. */
  readonly #owed: string[] = []
  #uuid: string | undefined
  /** How the flows that were registered are taken back. */
  readonly #flows: (() => Promise<RegisterOutcome>)[] = []

  constructor(
    name: string,
    account: TargetAccount,
    options: DeviceOptions,
    variant: Variant,
    world: World,
    record: ScenarioRecord,
  ) {
    this.name = name
    this.account = account
    this.options = options
    this.variant = { transport: options.transport ?? variant.transport, family: options.family ?? variant.family }
    this.#world = world
    this.#record = record
    const { transport, family } = this.variant
    const address = world.address(family, options.whose)
    const hop = world.target.hop(this.variant)
    if (!address) inconclusive(`this machine has no ${family} address that reaches the target`)
    if (!hop) inconclusive(`the target has no ${transport} on ${family}`)
    this.hop = hop
    this.nat =
      options.nat &&
      new NatNetwork({
        inner: world.network,
        clock: world.clock,
        publicAddress: address,
        filtering: 'address-and-port-dependent',
        ...(family === 'ipv6' ? { insideAddress: 'fd00::2' } : {}),
        ...options.nat,
      })
    this.localAddress = this.nat ? (family === 'ipv6' ? 'fd00::2' : '10.0.0.2') : address
    this.network = new RecordingNetwork(this.nat ?? world.network, record.tap(name))
    const random = world.random.fork(name)
    this.agent = new UserAgent({
      name,
      clock: world.clock,
      network: this.network,
      random,
      account: {
        user: account.user,
        password: account.password ?? '',
        domain: world.target.domain(transport),
        ...(account.authUser ? { authUser: account.authUser } : {}),
        ...(account.displayName ? { displayName: account.displayName } : {}),
      },
      outbound: hop,
      localAddress: this.localAddress,
      timers: world.target.timers,
      parseMode: 'strict',
      listen: transport === 'tls' ? ['tcp'] : ['udp', 'tcp'],
      tls: { verify: true, ...(world.target.authority ? { ca: world.target.authority } : {}) },
      expires: options.expires ?? 600,
      userAgentHeader: 'ringproof',
      ...(options.keepAlive ? { keepAlive: options.keepAlive } : {}),
      ...(options.audio === false ? {} : { media: () => this.opensMedia() }),
    })
    this.agent.onCall = (call) => this.#isCalled(call)
  }

  /** The UUID that tells this device from all others (RFC 5626 §4.1). */
  get instance(): string {
    this.#uuid ??= this.#world.random
      .bytes(16)
      .toString('hex')
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
    return this.#uuid
  }

  /** `sip:user@domain`. */
  get aor(): string {
    return this.agent.aor
  }
  /** The number that others dial. */
  get number(): string {
    return numberOf(this.account)
  }

  /** What it calls telephone-events in its session descriptions. */
  get eventPayloadType(): number {
    return this.options.dtmfPayloadType ?? this.#world.target.document.media.dtmfPayloadType ?? 101
  }

  // ── registration ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Registers, or the scenario is inconclusive: a precondition, not a check. */
  async registers(options: RegisterOptions = {}): Promise<RegisterOutcome> {
    const outcome = await this.asksToRegister(options)
    precondition(
      outcome.ok,
      `${this.name} could not register: ${outcome.status === 408 ? 'no answer' : `the target answered ${outcome.status}`}`,
    )
    return outcome
  }

  /** Sends REGISTER (log-in answered) and returns what came of it, whatever it is. */
  async asksToRegister(options: RegisterOptions = {}): Promise<RegisterOutcome> {
    const outcome = await this.agent.register(options)
    this.#note(`${this.name} registers: ${outcome.status} after ${Math.round(outcome.tookMs)} ms`)
    return outcome
  }

  /**
   * Registers one flow of a device as RFC 5626 §4.2 wants it, or the scenario is inconclusive; where the target does not agree
   * on outbound it is unsupported. `instance`: of another device, for one that is the same after a restart. The runner takes
   * the binding back.
   */
  async registersFlow(
    o: { readonly instance?: string; readonly regId?: number; readonly callId?: string; readonly cseq?: number } = {},
  ): Promise<RegisterOutcome> {
    const { instance = this.instance, regId = 1, ...rest } = o
    const contact = `<${this.agent.contactUri}>;reg-id=${regId};+sip.instance="<urn:uuid:${instance}>"`
    const headers = { Supported: 'path, outbound' }
    const outcome = await this.registers({ ...rest, headers, contacts: [contact] })
    this.#flows.push(() => this.agent.register({ headers, contacts: [`${contact};expires=0`], expires: 0 }))
    const { final } = outcome.exchange
    if (!final?.headers.values('Require').some((tag) => tag.toLowerCase() === 'outbound'))
      unsupported('the target does not agree on outbound (RFC 5626): its answer to REGISTER does not require it')
    return outcome
  }

  /** The bindings that the registrar lists now (a query: REGISTER without Contact). */
  async bindings(): Promise<RegisterOutcome['contacts']> {
    const outcome = await this.agent.register({ contacts: [] })
    precondition(outcome.ok, `${this.name} could not ask for its bindings: ${outcome.status}`)
    return outcome.contacts
  }

  /** Removes every binding of the account, whoever made it, or the scenario is inconclusive. */
  async clearsBindings(): Promise<RegisterOutcome> {
    const outcome = await this.agent.unregister({ all: true })
    precondition(outcome?.ok, `${this.name} could not remove all its bindings: ${outcome?.status}`)
    return outcome
  }

  /**
   * Sends a REGISTER that the device's own registration knows nothing of: any contacts, address-of-record, Call-ID and CSeq
   * number (that of the first try; with the log-in it is one higher). What it stores is for the story to remove.
   */
  async asksRegistrar(o: RegisterByHand = {}): Promise<Exchange> {
    const { contacts = [], expires, headers, obeysMinimum = o.authenticate !== false, ...rest } = o
    const asks = (seconds: number | undefined, options: OutOfDialogOptions) =>
      this.sends('REGISTER', `sip:${this.agent.account.domain}`, {
        to: `<${this.aor}>`,
        ...options,
        headers: {
          ...(contacts.length > 0 ? { Contact: contacts } : {}),
          ...(seconds === undefined ? {} : { Expires: String(seconds) }),
          ...headers,
        },
      })
    const asked = await asks(expires, rest)
    const least = Number(asked.final?.headers.get('Min-Expires'))
    if (!obeysMinimum || asked.status !== 423 || !(least > (expires ?? least))) return asked
    return asks(least, rest.cseq === undefined ? rest : { ...rest, cseq: rest.cseq + asked.requests.length })
  }

  /** URI of one more contact on this device's own socket, told from its main one by the user part. */
  contactAs(user: string): string {
    return this.agent.contactUri.replace(/^(sips?:)[^@]*@/, `$1${user}@`)
  }

  // ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends INVITE to a device or a number, within the target's limits. What comes of it is for the story to tell. */
  async invites(whom: Device | string, options: InviteOptions = {}): Promise<OutgoingCall> {
    const number = whom instanceof Device ? whom.number : whom
    const decision = this.#world.target.dialPolicy.decide(number)
    if (!decision.allowed) inconclusive(decision.reason)
    const release = await this.#world.admitCall()
    const call = this.agent.invite(
      number.startsWith('sip') ? number : `sip:${escapeDialled(number)}@${this.agent.account.domain}`,
      options,
    )
    void call.ended.then((end) => {
      release()
      this.#note(`the call of ${this.name} ended: ${end.cause}${end.status ? ` (${end.status})` : ''}`)
    })
    this.#note(`${this.name} calls ${whom instanceof Device ? whom.name : number}`)
    return call
  }

  /**
   * Calls a device and listens whether the call arrives there; one that does not is given up. A caller whom the target does
   * not let in (401, 403, 407) makes the scenario inconclusive: that says nothing of the other end.
   */
  async tries(whom: Device, withinMs = 3_000): Promise<{ call: OutgoingCall; arrived: SipSighting | undefined }> {
    const hearing = whom.hears('INVITE', { since: this.#world.clock.now() })
    const call = await this.invites(whom)
    const over = call.ended.then(() => undefined)
    const arrived = (await Promise.race([hearing.next(withinMs), over])) ?? hearing.first
    if (arrived) return { call, arrived }
    const status = call.final?.status ?? 0
    if ([401, 403, 407].includes(status)) inconclusive(`${this.name} was not let in to call: ${status}`)
    if (call.state !== 'ended') void call.hangUp()
    return { call, arrived }
  }

  /** Calls a device and has the call up at both ends, or the scenario is inconclusive. */
  async calls(whom: Device, options: InviteOptions = {}): Promise<EstablishedCall> {
    const ringing = whom.nextCall(CALL_SETUP_MS)
    const caller = await this.reaches(whom, options)
    const callee = await ringing
    precondition(callee, `${whom.name} was not rung, though ${this.name}'s call was answered`)
    precondition(await this.#within(callee.acknowledged, CALL_SETUP_MS), `${whom.name} got no ACK`)
    return { caller, callee }
  }

  /** Calls a device or number and has it answered with a 2xx, or the scenario is inconclusive. */
  async reaches(whom: Device | string, options: InviteOptions = {}): Promise<OutgoingCall> {
    const call = await this.invites(whom, options)
    const final = await this.#within(call.answered, CALL_SETUP_MS + 4_000)
    const who = whom instanceof Device ? whom.name : whom
    precondition(final, `${this.name}'s call to ${who} got no final answer`)
    precondition(final.status < 300, `${this.name}'s call to ${who} was answered ${final.status} ${final.reason}`)
    return call
  }

  /**
   * Dials a service code and, where it is answered, listens until the target hangs up. What it has changed is put back at
   * the end of the scenario by dialling `undo` (default: the same code, a toggle; false: it changes nothing), unless the
   * story does so itself. Whether the code was understood, `final` of the call tells.
   */
  async switches(code: string, undo: string | false = code): Promise<OutgoingCall> {
    const call = await this.invites(code)
    const final = await this.#within(call.answered, CALL_SETUP_MS)
    loginTaken(final)
    if (final !== undefined && final.status < 300) {
      const owed = this.#owed.indexOf(code)
      if (owed >= 0) this.#owed.splice(owed, 1)
      else if (undo !== false) this.#owed.unshift(undo)
    }
    await this.#within(call.ended, CODE_MS)
    if (call.state !== 'ended') await this.#within(call.hangUp(), CALL_SETUP_MS)
    return call
  }

  /** Has it switched something that is not put back yet? */
  get owes(): boolean {
    return this.#owed.length > 0
  }

  /** Puts back what `switches` has changed and the story has not. The runner calls it at the end. */
  async leavesAsFound(): Promise<void> {
    for (const takeBack of this.#flows.splice(0)) {
      await this.#within(
        takeBack().catch(() => undefined),
        TAKE_BACK_MS,
      )
    }
    for (const code of this.#owed.splice(0)) {
      const call = await this.reaches(code).catch(() => undefined)
      if (call) await this.#within(call.ended, CODE_MS)
    }
  }

  /** From now on answers calls after ringing for a moment (how every device begins). */
  answers(answer?: Parameters<IncomingCall['answer']>[0], ringMs = 50): void {
    this.#manners = { kind: 'answers', ringMs, ...(answer ? { answer } : {}) }
  }
  /** From now on rings (180) and never answers. */
  rings(): void {
    this.#manners = { kind: 'rings' }
  }
  /** From now on refuses calls. */
  rejects(status: number, reason?: string): void {
    this.#manners = { kind: 'rejects', status, reason }
  }
  /** From now on leaves calls to the story: see `nextCall`. */
  waitsForTheStory(): void {
    this.#manners = { kind: 'by hand' }
  }
  /** Hears everything and says nothing, as a device that lost its power. */
  staysMute(): void {
    this.agent.automatic.listen = false
  }
  speaksAgain(): void {
    this.agent.automatic.listen = true
  }
  /** From now on what it sends and `which` picks is lost on the way: neither sent nor on record. Default: nothing. */
  loses(which?: (message: SipMessage) => boolean): void {
    this.agent.beforeTransmit = which && ((message) => (which(message) ? undefined : message))
  }
  /** From now on it misses what arrives and `which` picks, as if that had been lost; on record all the same. Default: nothing. */
  misses(which?: (message: SipMessage) => boolean): void {
    this.agent.stack.intercept = which
  }

  /** The next call that rings here and was not taken yet; undefined when none comes in time. */
  nextCall(withinMs = CALL_SETUP_MS): Promise<IncomingCall | undefined> {
    const call = this.#incoming.shift()
    if (call) return Promise.resolve(call)
    return new Promise((resolve) => {
      const take = (found: IncomingCall | undefined) => {
        timer.cancel()
        this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((w) => w !== take))
        resolve(found)
      }
      const timer = this.#world.clock.after(withinMs, () => take(undefined))
      this.#waiting.push(take)
    })
  }

  // ── single messages ───────────────────────────────────────────────────────────────────────────────────────────

  /** Sends a request outside of calls, log-in answered, and returns all that came of it. */
  sends(method: string, uri: string, options: OutOfDialogOptions = {}): Promise<Exchange> {
    this.#note(`${this.name} sends ${method}`)
    return this.agent.request(method, uri, options)
  }

  /**
   * A request as this device would write it, with a Via of its own, for sending by hand with `transmits`.
   * `cseq` and `callId` are as given, so that a story can repeat, skip or contradict itself.
   */
  composes(
    method: string,
    uri: string,
    o: {
      readonly callId?: string
      readonly cseq?: number
      readonly branch?: string
      readonly to?: string
      readonly from?: string
      readonly contact?: string | false
      readonly headers?: readonly (readonly [string, string])[]
      readonly body?: string
      readonly contentType?: string
      readonly maxForwards?: number | null
      /** Sent-by of the Via; default the device's own. */
      readonly sentBy?: string
      /** Default: `rport` asked for (RFC 3581). */
      readonly rport?: boolean
    } = {},
  ): SipRequest {
    const random = this.#world.random
    const { transport } = this.variant
    // A device on TLS listens for no connections; what stands in its Via is where it could be reached over TCP.
    const own = this.agent.stack.advertised(this.agent.stack.transport.listensOn(transport) ? transport : 'tcp')
    const host = own.address.includes(':') ? `[${own.address}]` : own.address
    const via = `SIP/2.0/${transport.toUpperCase()} ${o.sentBy ?? `${host}:${own.port}`};branch=${o.branch ?? `z9hG4bK${random.token(16)}`}${o.rport === false ? '' : ';rport'}`
    return createRequest({
      method,
      uri,
      from: o.from ?? `<${this.aor}>;tag=${random.token(10)}`,
      to: o.to ?? `<${this.aor}>`,
      callId: o.callId ?? random.token(24),
      cseq: o.cseq ?? 1,
      via,
      maxForwards: o.maxForwards,
      contact: o.contact === false ? undefined : (o.contact ?? `<${this.agent.contactUri}>`),
      headers: o.headers,
      body: o.body,
      contentType: o.contentType,
    })
  }

  /** Puts a message on the wire as it is, past all transactions; answers are heard, not handled. */
  async transmits(message: SipMessage | Buffer | string, hop: Hop = this.hop): Promise<Flow> {
    const bytes =
      typeof message === 'string' ? Buffer.from(message) : Buffer.isBuffer(message) ? message : message.toBytes()
    const flow = await this.agent.stack.transport.flowTo(hop)
    flow.sendRaw(bytes)
    return flow
  }

  /**
   * Sends a request by hand, over UDP again after T1 and 2·T1 (a datagram may be lost on its way), and returns its final
   * answer, credentials not asked for. `bytes`: what is sent in place of the request as it is written usually.
   */
  async asks(
    request: SipRequest,
    bytes: Buffer = request.toBytes(),
    withinMs = 4_000,
  ): Promise<SipSighting | undefined> {
    const answers = this.hears(undefined, {
      callId: request.callId,
      // Of a call that has been answered before there are others.
      where: ({ message }) =>
        message.kind === 'response' && message.status >= 200 && answersTo(message, request.method),
    })
    const { T1 } = this.#world.target.timers
    const until = this.#world.clock.now() + withinMs
    for (const pause of this.variant.transport === 'udp' ? [T1, 2 * T1] : []) {
      await this.transmits(bytes)
      if (await answers.reaches(1, pause)) return answers.first
    }
    await this.transmits(bytes)
    return answers.next(Math.max(T1, until - this.#world.clock.now()))
  }

  /** The same request with this account's answer to a challenge, its CSeq one higher and a new branch (RFC 3261 §22.2). */
  answersChallenge(request: SipRequest, response: SipResponse, o: AnswerByHand = {}): SipRequest {
    const next = request.clone()
    const branch = `z9hG4bK${this.#world.random.token(16)}`
    next.headers.set('Via', (request.headers.get('Via') ?? '').replace(/branch=[^;]+/, `branch=${branch}`))
    next.headers.set('CSeq', `${request.cseq.number + 1} ${request.method}`)
    for (const [name, value] of Object.entries(this.credentialsFor(request, response, o))) next.headers.set(name, value)
    return next
  }

  /** The header field, by name, with this account's answer to the challenge that the request earned. */
  credentialsFor(request: SipRequest, response: SipResponse, o: AnswerByHand = {}): Readonly<Record<string, string>> {
    const proxy = response.status === 407
    const challenges = parseChallenges(response.headers.all(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'))
    const { algorithm } = o
    const challenge = chooseChallenge(
      algorithm === undefined
        ? challenges
        : challenges.filter((one) => (one.algorithm ?? 'MD5').toUpperCase() === algorithm.toUpperCase()),
    )
    precondition(challenge, `the ${response.status} carries no challenge that can be answered`)
    return {
      [proxy ? 'Proxy-Authorization' : 'Authorization']: answerChallenge({
        challenge: o.nonce === undefined ? challenge : { ...challenge, nonce: o.nonce },
        method: request.method,
        uri: o.uri ?? request.uri,
        user: o.user ?? this.account.authUser ?? this.account.user,
        password: o.password ?? this.account.password ?? '',
        nc: o.nc ?? 1,
        cnonce: this.#world.random.token(16),
        body: request.body,
      }),
    }
  }

  /** A socket of this machine that is no telephone: on record under the device's name. */
  async bindsSocket(whose: SourceAddress = 'own'): Promise<UdpSocket> {
    const address = whose === 'own' ? this.localAddress : this.#world.address(this.variant.family, whose)
    precondition(address, 'this machine has no other address to send from')
    const socket = await this.network.bindUdp({ address, port: 0 })
    this.sockets.push(socket)
    return socket
  }

  /** Audio that the story makes packet by packet, from a socket of this device or of somebody else. */
  async speaksByHand(whose: SourceAddress = 'own'): Promise<RawRtp> {
    return new RawRtp({
      socket: await this.bindsSocket(whose),
      clock: this.#world.clock,
      random: this.#world.random.fork(`${this.name} by hand`),
      dtmfPayloadType: this.eventPayloadType,
    })
  }

  /** A connection to the target beside the telephone's own; the scenario is inconclusive where there is none. */
  async connects(options: Partial<ConnectOptions> = {}): Promise<StreamConnection> {
    const kind = options.kind ?? (this.variant.transport === 'tls' ? 'tls' : 'tcp')
    const connection = await this.network
      .connect({
        kind,
        remote: this.hop.remote,
        localAddress: this.localAddress,
        ...(kind === 'tls'
          ? {
              tls: {
                serverName: this.hop.serverName ?? this.hop.remote.address,
                verify: true,
                ...(this.#world.target.authority ? { ca: this.#world.target.authority } : {}),
              },
            }
          : {}),
        ...options,
      })
      .catch((error: unknown) =>
        inconclusive(`no connection to the target: ${error instanceof Error ? error.message : String(error)}`),
      )
    this.sockets.push(connection)
    return connection
  }

  // ── what was heard ────────────────────────────────────────────────────────────────────────────────────────────

  /** Messages that reached this device. */
  hears(sound?: Sound, filter: HearingFilter = {}): Hearing {
    return new Hearing(this.#record, this.#world.clock, this.name, 'in', sound, filter)
  }
  /** Messages that it sent. */
  says(sound?: Sound, filter: HearingFilter = {}): Hearing {
    return new Hearing(this.#record, this.#world.clock, this.name, 'out', sound, filter)
  }

  /** Opens an audio session of this device outside of a call, where a story speaks SDP by hand. */
  async opensMedia(options: Partial<MediaSessionOptions> = {}): Promise<MediaSession> {
    const { document } = this.#world.target
    const session = await MediaSession.open({
      clock: this.#world.clock,
      network: this.network,
      random: this.#world.random.fork(`${this.name} media`),
      localAddress: this.localAddress,
      codecs: this.options.codecs ?? document.media.codecs,
      dtmfPayloadType: this.eventPayloadType,
      srtp: this.options.srtp ? document.media.srtp : false,
      ...(this.options.rtcpMux ? { rtcpMux: true } : {}),
      patternId: this.#world.random.int(2 ** 24),
      onPacket: (event) => this.packets.push(event),
      ...options,
    })
    this.mediaSessions.push(session)
    return session
  }

  #isCalled(call: IncomingCall): void {
    this.#note(`${this.name} is called`)
    const waiting = this.#waiting[0]
    if (waiting) waiting(call)
    else this.#incoming.push(call)
    const manners = this.#manners
    // A call that its caller takes back meanwhile cannot be rung or answered any more, and need not be.
    const step = (what: Promise<void>) => what.catch(() => undefined)
    if (manners.kind === 'by hand') return
    if (manners.kind === 'rejects') {
      void step(call.reject(manners.status, manners.reason))
      return
    }
    void step(call.ring())
    if (manners.kind === 'rings') return
    this.#world.clock.after(manners.ringMs, () => {
      if (call.state !== 'ended') void step(call.answer(manners.answer))
    })
  }

  #note(text: string): void {
    this.#record.note(this.#world.clock.now(), text)
  }

  #within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    return within(this.#world.clock, promise, ms)
  }
}

/** Is it an answer to that method, as far as its CSeq can be read? */
function answersTo(response: SipResponse, method: string): boolean {
  try {
    return response.cseq.method === method
  } catch {
    return true
  }
}

/** `#` cannot stand in a user part and travels as %23; `*` may travel as it is. */
const escapeDialled = (number: string): string => number.replaceAll('#', '%23')
