/**
 * A telephone: registers, calls, is called, watches. RFC 3261 §8 to §15, §22; RFC 6665.
 * Longer than 400 lines: it is where all that an agent does begins; how each thing is done is elsewhere.
 */
import type { Timer } from '../clock/clock.js'
import { within } from '../clock/within.js'
import { createRequest } from '../message/build.js'
import { parseNameAddr, type SipRequest } from '../message/message.js'
import { escapeUser } from '../message/uri.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { Flow } from '../transport/flow.js'
import { AgentCore } from './agent-core.js'
import { type Automatic, automaticDefaults } from './automatic.js'
import { ShortLivedMap } from './short-lived-map.js'
import type { Answer, Call, IncomingCall, InviteOptions, OutgoingCall } from './call.js'
import { CalleeLeg } from './callee-leg.js'
import { CallerLeg } from './caller-leg.js'
import type { CallLeg } from './call-leg.js'
import { refusal } from './capabilities.js'
import type { Exchange, OutOfDialogOptions } from './exchange.js'
import { bodyOf } from './exchange-record.js'
import { FlowKeepAlive } from './flow-keep-alive.js'
import { Listening } from './listening.js'
import type { TransmitHook } from './hooked-transport.js'
import type { Account, UserAgentOptions } from './options.js'
import { type RegisterOptions, type RegisterOutcome, Registration } from './registration.js'
import { replacedBy } from './replaces.js'
import { tooBrief } from './session-timer.js'
import { SharedStack, type StackUser } from './stack.js'
import type { SubscribeOptions, Subscription } from './subscription.js'
import { Subscriptions } from './subscriptions.js'

/** The longest that `stop` takes, milliseconds. */
const STOP_WITHIN_MS = 3000
/** For so long (ms) at most `stop` waits for a missing ACK: an answer that was lost comes again in it. */
const ACK_WITHIN_MS = 1000

export class UserAgent {
  readonly name: string
  /** Decides about a new call. Absent: 480. */
  onCall: ((call: IncomingCall) => void) | undefined
  /**
   * Decides about any request outside of calls, INVITE included, before the agent does; `undefined` leaves it to the
   * agent, `'nothing'` leaves it unanswered.
   */
  onRequest: ((request: SipRequest) => Answer | 'nothing' | undefined) | undefined
  readonly #core: AgentCore
  readonly #options: UserAgentOptions
  readonly #ownsStack: boolean
  readonly #calls = new ShortLivedMap<number, CallLeg>()
  #lastCall = 0
  readonly #user: StackUser
  #registration: Registration | undefined
  #subscriptions: Subscriptions | undefined
  #keepAlive: FlowKeepAlive | undefined
  #stopped: Promise<void> | undefined
  #started = false

  constructor(o: UserAgentOptions) {
    this.name = o.name
    this.#options = o
    this.#ownsStack = o.stack === undefined
    const stack =
      o.stack ??
      new SharedStack({
        network: o.network,
        clock: o.clock,
        random: o.random,
        timers: o.timers,
        parseMode: o.parseMode,
        localAddress: o.localAddress,
        ...(o.localPort === undefined ? {} : { localPort: o.localPort }),
        ...(o.listen === undefined ? {} : { listen: o.listen }),
        ...(o.tls === undefined ? {} : { tlsClient: o.tls }),
        ...(o.tlsServer === undefined ? {} : { tlsServer: o.tlsServer }),
        ...(o.advertise === undefined ? {} : { advertise: o.advertise }),
        ...(o.automaticTrying === undefined ? {} : { automaticTrying: o.automaticTrying }),
      })
    const contactUser = o.contactUser ?? (this.#ownsStack ? o.account.user : o.random.token(12))
    this.#core = new AgentCore(o, stack, this.#switches(o, stack), contactUser)
    this.#user = new UserAgent.#Attached(this)
  }

  get account(): Account {
    return this.#options.account
  }

  get stack(): SharedStack {
    return this.#core.stack
  }

  /** Live switches; new calls copy them. */
  get automatic(): Automatic {
    return this.#core.automatic
  }

  /** Calls that have not ended, as of now. */
  get calls(): ReadonlySet<Call> {
    return new Set(this.#legs())
  }

  /**
   * Sees every message that is about to be put on the wire, repeats and what transactions make themselves included; may
   * alter it, `undefined` swallows it as if the wire had lost it. It is the stack's: a shared stack has but one.
   */
  get beforeTransmit(): TransmitHook | undefined {
    return this.stack.beforeTransmit
  }
  set beforeTransmit(hook: TransmitHook | undefined) {
    this.stack.beforeTransmit = hook
  }

  /** `onRefer` decides about a REFER within a call: accepts it and calls, or refuses. Absent: declined. */
  get transfers(): Pick<AgentCore, 'onRefer'> {
    return this.#core
  }
  /** Address-of-record, `sip:user@domain`. */
  get aor(): string {
    return this.#core.aor
  }

  /** The URI it is reached at, as in Contact: over the transport of a static `outbound`, else UDP. */
  get contactUri(): string {
    const { outbound, localAddress } = this.#options
    return this.#core.contactFor(
      typeof outbound === 'function' ? { transport: 'udp', remote: { address: localAddress, port: 5060 } } : outbound,
    )
  }

  /** Is there, as far as the agent knows, a binding of its own? */
  get registered(): boolean {
    return this.#registration?.bound === true
  }

  /** Binds its sockets. @throws NetworkError */
  async start(): Promise<void> {
    if (!this.#started) {
      this.#started = true
      this.#core.stack.attach(this.#user)
      await this.#core.stack.start()
    }
  }

  /** Adds or refreshes the binding and keeps it (RFC 3261 §10.2); never throws for what the target does. */
  register(o: RegisterOptions = {}): Promise<RegisterOutcome> {
    return this.#registrar().register(o)
  }

  /** Removes this agent's binding (`all`: Contact `*`). Resolves undefined where there is none. */
  async unregister(o: RegisterOptions & { readonly all?: boolean } = {}): Promise<RegisterOutcome | undefined> {
    this.#stopKeepAlive()
    return (o.all === true ? this.#registrar() : this.#registration)?.unregister(o)
  }

  /** Forgets its binding without removing it, as a device that was switched off: the next registration is its first. */
  forgetBinding(): void {
    this.#stopKeepAlive()
    this.#registration?.stop()
    this.#registration = undefined
  }

  /** A request outside of dialogs. `uri`: a SIP URI, or a user or number of the account's domain. */
  request(method: string, uri: string, o: OutOfDialogOptions = {}): Promise<Exchange> {
    const core = this.#core
    const target = this.#target(uri)
    const callId = o.callId ?? core.random.token(26)
    let cseq = (o.cseq ?? core.random.int(2 ** 16) + 1) - 1
    const from = o.from === undefined ? undefined : parseNameAddr(o.from)
    const tag = from?.tag ?? core.random.token(12)
    const { displayName, domain } = core.account
    return core.converse({
      method,
      hop: () => core.hopFor(target, method, false),
      compose: () => {
        cseq += 1
        const request = createRequest({
          method,
          uri: target,
          from: {
            ...(displayName === undefined ? {} : { display: displayName }),
            uri: `sip:${escapeUser(core.account.user)}@${domain}`,
            ...from,
            tag,
          },
          to: o.to ?? { uri: target },
          callId,
          cseq,
          maxForwards: o.maxForwards,
          headers: [
            ...(o.route ?? []).map((one): [string, string] => ['Route', `<${one}>`]),
            // RFC 3261 §11.1
            ...(method === 'OPTIONS'
              ? [['Accept', core.capabilities.headers['Accept'] ?? ''] satisfies [string, string]]
              : []),
          ],
          ...bodyOf(o),
        })
        core.sign(request)
        return request
      },
      credentials: core.newCredentials(o),
      options: o,
      automatic: core.automatic,
    })
  }

  /** Calls a SIP URI, or a user or number of the account's domain. Returns at once. */
  invite(to: string, o: InviteOptions = {}): OutgoingCall {
    const number = ++this.#lastCall
    const call = new CallerLeg(this.#core, this.#user, this.#target(to), o, () => this.#calls.delete(number))
    this.#calls.set(number, call)
    const placed = call.place().catch((error: unknown) => {
      call.abandon()
      throw error
    })
    this.#core.unattended(placed)
    return call
  }

  /** Its subscriptions, and what it is told unasked. */
  get subscriptions(): Subscriptions {
    this.#subscriptions ??= new Subscriptions(this.#core, this.#user)
    return this.#subscriptions
  }

  /**
   * A subscription to an event package (RFC 6665), not asked for yet: see `subscribe` of it.
   * @param to what is watched: a SIP URI, or a user or number of the account's domain
   */
  watches(event: string, to: string, o: SubscribeOptions = {}): Subscription {
    return this.subscriptions.add(event, this.#target(to), o)
  }

  /**
   * Hangs up every call, removes the binding, closes what it owns; ends within `withinMs` (default 3000) even if the
   * target is mute. `besides`: what its owner does meanwhile in place of removing the binding.
   */
  stop(o: { readonly withinMs?: number; readonly besides?: Promise<unknown> } = {}): Promise<void> {
    this.#stopped ??= this.#stop(o.withinMs ?? STOP_WITHIN_MS, o.besides)
    return this.#stopped
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #legs(): CallLeg[] {
    return this.#calls.entries().map(([, call]) => call)
  }

  async #stop(withinMs: number, besides: Promise<unknown> | undefined): Promise<void> {
    const core = this.#core
    this.#stopKeepAlive()
    this.onCall = undefined
    const goodbyes: Promise<unknown>[] = this.#legs().map(async (call) => {
      await this.#hangUp(call, Math.min(ACK_WITHIN_MS, withinMs / 3))
      await call.ended
    })
    if (this.#subscriptions !== undefined) goodbyes.push(this.#subscriptions.unsubscribeAll())
    if (besides === undefined) {
      // One that is under way makes a binding, too.
      if (this.#registration?.bindable === true) goodbyes.push(this.unregister())
    } else {
      goodbyes.push(besides)
    }

    let timer: Timer | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = core.clock.after(withinMs, resolve)
    })
    await Promise.race([Promise.allSettled(goodbyes), deadline])
    timer?.cancel()
    this.#registration?.stop()
    this.#subscriptions?.stop()
    for (const call of this.#legs()) call.abandon()

    core.abort()
    core.stack.detach(this.#user)
    if (!this.automatic.listen) core.stack.countMute(-1)

    if (this.#ownsStack) await core.stack.close()
  }

  /** RFC 3261 §15: no BYE before the ACK, or the end of the wait for it, which a stop shortens. @param ackWithinMs the wait */
  async #hangUp(call: CallLeg, ackWithinMs: number): Promise<void> {
    if (call.direction === 'incoming') {
      const goodbye = call.hangUp()
      if ((await within(this.#core.clock, call.ended, ackWithinMs)) !== undefined) {
        await goodbye
        return
      }
    }
    await call.hangUp({ impatient: true })
  }

  /** The switches, with `listen` told to the stack. */
  #switches(o: UserAgentOptions, stack: SharedStack): Automatic {
    const { listen, ...others } = { ...automaticDefaults(), ...o.automatic }
    return Object.assign(new Listening(stack, listen), others)
  }

  /** The agent as its stack knows it. (A class: functions of each agent's own would cost it a third of a kilobyte.) */
  static readonly #Attached = class implements StackUser {
    // oxlint-disable-next-line no-unused-private-class-members -- all methods below use it
    readonly #agent: UserAgent

    constructor(agent: UserAgent) {
      this.#agent = agent
    }

    get contactUser(): string {
      return this.#agent.#core.contactUser
    }

    get aorUser(): string {
      return this.#agent.#options.account.user
    }

    listening(): boolean {
      return this.#agent.#core.automatic.listen
    }

    handleRequest(tx: ServerTransaction): void {
      this.#agent.#handleRequest(tx)
    }

    handleFlowClosed(flow: Flow): void {
      this.#agent.#handleFlowClosed(flow)
    }

    handlePong(flow: Flow): void {
      const keepAlive = this.#agent.#keepAlive
      if (flow === keepAlive?.flow) keepAlive.pong()
    }

    handleStun(bytes: Buffer, flow: Flow, at: number): boolean {
      return this.#agent.#keepAlive?.receive(bytes, flow, at) ?? false
    }
  }

  #registrar(): Registration {
    this.#registration ??= new Registration(this.#core, () => this.#startKeepAlive())
    return this.#registration
  }

  #target(to: string): string {
    if (/^[a-z][a-z0-9+.-]*:/i.test(to)) return to

    return to.includes('@') ? `sip:${to}` : `sip:${escapeUser(to)}@${this.#options.account.domain}`
  }

  #respond(tx: ServerTransaction, answer: Answer): void {
    this.#core.respond(tx, this.#core.random.token(12), answer)
  }

  /** A request outside of known dialogs (RFC 3261 §8.2). */
  // oxlint-disable-next-line no-unused-private-class-members -- its stack calls it, see #Attached
  #handleRequest(tx: ServerTransaction): void {
    const { request } = tx
    const core = this.#core
    const decided = this.onRequest?.(request)
    if (decided === 'nothing') return

    if (decided !== undefined) {
      this.#respond(tx, decided)
      return
    }
    if (request.method === 'NOTIFY') {
      this.subscriptions.handleNotify(tx)
      return
    }
    if (request.method === 'MESSAGE' && request.to.tag === undefined) {
      this.#receiveText(tx)
      return
    }
    if (core.automatic.refuse) {
      const { sessionTimer } = core.options
      const timer = sessionTimer && { tooBrief: (one: SipRequest) => tooBrief(sessionTimer, one) }
      const refused = refusal(request, core.random.token(12), tx.violations, core.capabilities, timer)
      if (refused !== undefined) {
        core.sign(refused)
        tx.respond(refused)
        return
      }
      // RFC 3261 §12.2.2: a dialog that is not, or no longer, ours. §9.2: a CANCEL that matches nothing.
      if (request.to.tag !== undefined || request.method === 'CANCEL') {
        this.#respond(tx, { status: 481 })
        return
      }
      // RFC 3261 §8.2.2.2
      if (tx.merged !== undefined) {
        this.#respond(tx, { status: 482 })
        return
      }
    }
    switch (request.method) {
      case 'INVITE':
        this.#receiveCall(tx)
        return
      case 'OPTIONS':
        // RFC 3261 §11.2: what an INVITE would get. DEVIATION: without a description of media, for which sockets would have
        // to be opened.
        this.#respond(tx, { status: this.onCall === undefined ? 480 : 200, headers: core.capabilities.headers })
        return
      default:
        // BYE, INFO, PRACK, UPDATE live in dialogs only.
        if (core.automatic.refuse) this.#respond(tx, { status: 481 })
    }
  }

  /** RFC 3428 §7: answered at once, without a body and without Contact. */
  #receiveText(tx: ServerTransaction): void {
    const { request } = tx
    const type = request.contentType?.split(';')[0]?.trim().toLowerCase()
    if (request.body.length > 0 && type !== 'text/plain')
      this.#respond(tx, { status: 415, headers: { Accept: 'text/plain' } })
    else this.#respond(tx, { status: 200 })
  }

  #receiveCall(tx: ServerTransaction): void {
    const { onCall } = this
    if (onCall === undefined) return this.#respond(tx, { status: 480 })

    const replaced = replacedBy(tx.request, this.#core.capabilities, () => this.#legs())
    if (typeof replaced === 'number') return this.#respond(tx, { status: replaced })

    const number = ++this.#lastCall
    const call = new CalleeLeg(this.#core, this.#user, tx, replaced, () => this.#calls.delete(number))
    this.#calls.set(number, call)
    onCall(call)
  }

  // oxlint-disable-next-line no-unused-private-class-members -- its stack calls it, see #Attached
  #handleFlowClosed(flow: Flow): void {
    if (flow === this.#keepAlive?.flow) this.#stopKeepAlive()

    this.#registration?.flowClosed(flow)
  }

  #startKeepAlive(): void {
    const wish = this.#options.keepAlive
    const flow = this.#registration?.flow
    if (wish === undefined || flow === undefined || this.#keepAlive?.flow === flow) return

    this.#stopKeepAlive()
    this.#keepAlive = new FlowKeepAlive(this.#core, flow, wish, () => {
      this.#keepAlive = undefined
      // RFC 5626 §4.4.1: the flow has failed; its end sets off the recovery (§4.5).
      flow.close()
      this.#registration?.flowClosed(flow)
    })
    this.#keepAlive.start()
  }

  #stopKeepAlive(): void {
    this.#keepAlive?.stop()
    this.#keepAlive = undefined
  }
}
