/** A device of a story: a telephone with an account, whose every message and packet is on record. It hands everything on to the parts that do it. */
import type { Call, IncomingCall, InviteOptions, OutgoingCall } from '../agent/call.js'
import type { Exchange } from '../agent/exchange.js'
import type { Referral } from '../agent/referral.js'
import type { RegisterOptions, RegisterOutcome } from '../agent/registration.js'
import type { UserAgent } from '../agent/user-agent.js'
import type { SipSighting } from '../evidence/record.js'
import type { SipMessage } from '../message/message.js'
import type { Notification } from '../agent/notification.js'
import type { SubscribeOptions, Subscription } from '../agent/subscription.js'
import type { Hop } from '../transport/flow.js'
import { formatEndpoint } from '../transport/network.js'
import { CALL_SETUP_MS, CallingVerbs, type EstablishedCall, nameOf } from './calling-verbs.js'
import { IncomingCalls } from './incoming-calls.js'
import { LeftMessages } from './left-messages.js'
import { type FlowByHand, type RegisterByHand, RegistrationVerbs } from './registration-verbs.js'
import { ServiceCodes } from './service-codes.js'
import { Transfers } from './transfers.js'
import { type Subscribing, SubscriptionVerbs } from './subscription-verbs.js'
import { WiredDevice } from './wired-device.js'

export type { EstablishedCall } from './calling-verbs.js'

export class Device extends WiredDevice {
  readonly #subscriptions: SubscriptionVerbs
  readonly #registration: RegistrationVerbs
  readonly #calling: CallingVerbs
  readonly #incoming: IncomingCalls
  readonly #codes: ServiceCodes
  readonly #left: LeftMessages
  readonly #transfers: Transfers

  constructor(...wired: ConstructorParameters<typeof WiredDevice>) {
    super(...wired)
    this.#registration = new RegistrationVerbs(this.wiring)
    this.#calling = new CallingVerbs(this.wiring)
    this.#subscriptions = new SubscriptionVerbs(this.wiring)
    this.#incoming = new IncomingCalls(this.wiring)
    this.#transfers = new Transfers(this.wiring, (to, o) => this.#calling.invites(to, o, true))
    this.#codes = new ServiceCodes(this.wiring, (code, options) => this.#calling.invites(code, options))
    this.#left = new LeftMessages(this.wiring, (number) => this.#calling.invites(number, {}))
  }

  // ── registration ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The UUID that tells this device from all others (RFC 5626 §4.1). */
  get instance(): string {
    return this.#registration.instance
  }

  /** Registers, or the scenario is inconclusive: a precondition, not a check. */
  registers(options: RegisterOptions = {}): Promise<RegisterOutcome> {
    return this.#registration.registers(options)
  }

  /** Sends REGISTER (log-in answered) and returns what came of it, whatever it is. */
  asksToRegister(options: RegisterOptions = {}): Promise<RegisterOutcome> {
    return this.#registration.asksToRegister(options)
  }

  /** Removes its binding; undefined where it has none. */
  async unregisters(): Promise<RegisterOutcome | undefined> {
    this.wiring.stays()
    return this.wiring.agent.unregister()
  }

  /** From now on its requests go to another of the target's servers, as after RFC 3263 §4.3: see `serversOf`. */
  goesTo(server: Hop): void {
    this.wiring.hop = server
    this.wiring.note(`${this.name} goes to ${formatEndpoint(server.remote)} from now on`)
  }

  /** From now on lets its binding expire. */
  stopsRefreshing(): void {
    this.wiring.agent.automatic.refreshRegistration = false
  }

  /**
   * Registers one flow of a device as RFC 5626 §4.2 wants it, or the scenario is inconclusive; where the target does not
   * support outbound it is unsupported. The binding is taken back at the end of the scenario.
   */
  registersFlow(o: FlowByHand = {}): Promise<RegisterOutcome> {
    return this.#registration.registersFlow(o)
  }

  /** The same, where a target that does not support outbound is of use, too: `agreed` tells. */
  triesFlow(o: FlowByHand = {}): Promise<{ readonly outcome: RegisterOutcome; readonly agreed: boolean }> {
    return this.#registration.triesFlow(o)
  }

  /** The bindings that the registrar lists now (a query: REGISTER without Contact). */
  bindings(): Promise<RegisterOutcome['contacts']> {
    return this.#registration.bindings()
  }

  /** Removes every binding of the account, whoever made it, or the scenario is inconclusive. */
  clearsBindings(): Promise<RegisterOutcome> {
    return this.#registration.clearsBindings()
  }

  /**
   * Sends a REGISTER that the device's own registration knows nothing of: any contacts, address-of-record, Call-ID and CSeq
   * number (that of the first try; with the log-in it is one higher). What it stores is taken back at the end of the scenario.
   */
  asksRegistrar(o: RegisterByHand = {}): Promise<Exchange> {
    return this.#registration.asksRegistrar(o)
  }

  /** URI of one more contact on this device's own socket, told from its main one by the user part. */
  contactAs(user: string): string {
    return this.contactUri.replace(/^(sips?:)[^@]*@/, `$1${user}@`)
  }

  // ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends INVITE to a device or a number, within the target's limits. What comes of it is for the story to tell. */
  async invites(whom: Device | string, options: InviteOptions = {}): Promise<OutgoingCall> {
    this.wiring.stays()
    return this.#calling.invites(whom, options)
  }

  /**
   * Calls a device and listens whether the call arrives there; one that does not is given up. A caller whose call is rejected
   * with 401, 403 or 407 makes the scenario inconclusive: that says nothing of the other end.
   */
  async tries(whom: Device, withinMs = 3_000): Promise<{ call: OutgoingCall; arrived: SipSighting | undefined }> {
    this.wiring.stays()
    return this.#calling.tries(whom, withinMs)
  }

  /** Calls a device and has the call up at both ends, or the scenario is inconclusive. */
  async calls(whom: Device, options: InviteOptions = {}): Promise<EstablishedCall> {
    this.wiring.stays()
    return this.#calling.calls(whom, options)
  }

  /** Calls a device or number and has it answered with a 2xx, or the scenario is inconclusive. */
  async reaches(whom: Device | string, options: InviteOptions = {}): Promise<OutgoingCall> {
    this.wiring.stays()
    return this.#calling.reaches(whom, options)
  }

  /**
   * Dials a service code and, where it is answered, listens until the target hangs up. What it has changed is put back at
   * the end of the scenario by dialling `undo` (default: the same code, a toggle; false: it changes nothing), unless the
   * story does so itself. Whether the code was understood, `final` of the call tells. `options`: for another account of the device.
   */
  switches(code: string, undo: string | false = code, options: InviteOptions = {}): Promise<OutgoingCall> {
    return this.#codes.switches(code, undo, options)
  }

  /**
   * Dials this code at the end of the scenario: what it switches was switched by others, such as by a fault of the target. `by`: only
   * where this call is answered with a 2xx, however early the story is broken off.
   */
  putsBackBy(code: string, by?: OutgoingCall): void {
    if (by === undefined) this.#codes.owe(code)
    else this.#codes.oweOnceTaken(code, by)
  }

  /** The code need not be dialled after all: it has switched nothing. */
  needNotPutBack(code: string): void {
    this.#codes.settle(code)
  }

  /** A call says something in its mailbox: deleted at the end of the scenario, unless `hasDeleted` says that it was before. */
  deletesAtTheEnd(voice: number, call: OutgoingCall): void {
    this.#left.owe(voice, call)
  }
  hasDeleted(voice: number): void {
    this.#left.settle(voice)
  }

  /** From now on answers calls after ringing for a moment (how every device begins). */
  answers(answer?: Parameters<IncomingCall['answer']>[0], ringMs = 50): void {
    this.#incoming.policy = { kind: 'answers', ringMs, ...(answer ? { answer } : {}) }
  }
  /** From now on rings (180) and never answers. */
  rings(): void {
    this.#incoming.policy = { kind: 'rings' }
  }
  /** From now on refuses calls. */
  rejects(status: number, reason?: string, headers?: Readonly<Record<string, string>>): void {
    this.#incoming.policy = { kind: 'rejects', status, reason, headers }
  }
  /** From now on sends calls elsewhere (302), as a telephone with a diversion of its own does. */
  redirects(whom: Device | string, status = 302): void {
    this.#incoming.policy = { kind: 'redirects', status, contact: `<${this.#calling.dialled(whom)}>` }
  }
  /** From now on leaves calls to the story: see `nextCall`. */
  waitsForTheStory(): void {
    this.#incoming.policy = { kind: 'by hand' }
  }
  /** The next call that rings here and was not taken yet; undefined when none comes in time. */
  nextCall(withinMs = CALL_SETUP_MS): Promise<IncomingCall | undefined> {
    return this.#incoming.next(withinMs)
  }
  /**
   * Transfers a call to a device or number, and returns what came of the REFER. `replacing`: the call with that device whose
   * place the new one takes (an attended transfer). All who take part need the option `transfers`.
   */
  async transfers(call: Call, whom: Device | string, o: { readonly replacing?: Call } = {}): Promise<Referral> {
    return this.#transfers.asks(call, this.#calling.dialled(whom), nameOf(whom), o.replacing)
  }
  /** The next call that it makes because it was asked to; undefined where it was not asked in time. */
  nextTransferred(withinMs: number): Promise<OutgoingCall | undefined> {
    return this.#transfers.next(withinMs)
  }
  /** Why it did not call where it was asked to; undefined: it was not asked, or did. */
  get notTransferred(): string | undefined {
    return this.#transfers.refusal
  }
  /** Decides about requests outside of calls before the device does; `'nothing'` leaves one unanswered. Default: it does. */
  answersRequests(decide?: UserAgent['onRequest']): void {
    this.wiring.agent.onRequest = decide
  }
  /** Hears everything and says nothing, as a device that lost its power. */
  staysMute(): void {
    this.wiring.agent.automatic.listen = false
  }
  /** The same in its calls: no audio, no reports. */
  dies(): void {
    this.staysMute()
    for (const session of this.mediaSessions) session.dies()
  }
  speaksAgain(): void {
    this.wiring.agent.automatic.listen = true
  }
  /** From now on what it sends and `which` picks is lost on the way: neither sent nor on record. Default: nothing. */
  loses(which?: (message: SipMessage) => boolean): void {
    this.wiring.agent.beforeTransmit = which && ((message) => (which(message) ? undefined : message))
  }
  /** From now on it misses what arrives and `which` picks, as if that had been lost; on record all the same. Default: nothing. */
  misses(which?: (message: SipMessage) => boolean): void {
    this.wiring.agent.stack.intercept = which
  }

  // ── lamps ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Subscribes to an event package (RFC 6665), such as `message-summary` of its own account or `dialog` of a colleague, log-in
   * answered and a 423 obeyed. Where the target does not serve that the scenario is unsupported. It is refreshed by itself and
   * ended when the device leaves.
   */
  subscribes(event: string, whom: Device | string = this, options: SubscribeOptions = {}): Promise<Subscription> {
    return this.#subscriptions.subscribes(event, watched(whom), options)
  }
  /** The same, whatever is answered. */
  asksToSubscribe(event: string, whom: Device | string = this, options: SubscribeOptions = {}): Promise<Subscribing> {
    return this.#subscriptions.asks(event, watched(whom), options)
  }
  /** What it was told without a subscription: waiting messages, by many servers. */
  get toldUnasked(): readonly Notification[] {
    return this.#subscriptions.unasked
  }

  /**
   * Comes into another network, from Wi-Fi to mobile say: other ports for its signalling, another outside address where it is
   * behind a NAT and this machine has a second one, and nothing arrives any more of what is sent to where it was. Its calls go on;
   * registering, and telling the other side of its calls, is for the story, and so is audio from another port.
   */
  async moves(): Promise<void> {
    const { world, variant, sockets, agent } = this.wiring
    const elsewhere = world.address(variant.family, 'stranger') ?? world.address(variant.family)
    if (this.nat !== undefined && elsewhere !== undefined) this.nat.moves(elsewhere)
    sockets.push(...(await agent.stack.moves()))
    this.wiring.note(`${this.name} is in another network now`)
  }

  // ── for the runner ────────────────────────────────────────────────────────────────────────────────────────────

  /** Binds its sockets. @throws NetworkError */
  start(): Promise<void> {
    return this.wiring.agent.start()
  }

  /** Has it switched something that is not put back yet? */
  get owes(): boolean {
    return this.#codes.owes || this.#left.owes
  }

  /**
   * Puts back what the story has changed and not put back itself, hangs up, unregisters, closes.
   * @param withinMs for hanging up and unregistering, whatever the target does
   */
  async leaves(withinMs: number): Promise<void> {
    const wiring = this.wiring
    wiring.isLeaving = true
    this.#transfers.givesPlacesBack()
    // Whoever was mute for the story's sake must hear the answers to its BYE.
    this.speaksAgain()
    this.loses()
    this.misses()
    // A line that stays diverted is worse than a message that stays.
    await wiring.attempts(this.#codes.putsBack())
    await wiring.attempts(this.#left.deletes())
    const besides = Promise.all([
      wiring.attempts(this.#registration.takesBack()),
      wiring.attempts(this.byHand.rejectsWhatWaits()),
    ])
    await wiring.attempts(wiring.agent.stop({ withinMs, besides }))
    await Promise.all(this.mediaSessions.map((session) => wiring.attempts(session.close())))
    for (const socket of wiring.sockets) socket.close()
    wiring.nat?.close()
  }
}

/** The URI or user part of what is watched. */
const watched = (whom: Device | string): string => (whom instanceof Device ? whom.account.user : whom)
