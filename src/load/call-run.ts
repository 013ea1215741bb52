/** One call of a load, from its order to its record: both ends of it, where both are ours. */
import type { IncomingCall, OutgoingCall } from '../agent/call.js'
import type { Clock, Timer } from '../clock/clock.js'
import { escapeUser } from '../message/uri.js'
import { numberOf } from '../scenario/target.js'
import { requestUri } from '../target/dial-policy.js'
import { type CallOrder, isAnswered } from './call-order.js'
import { callRecord, type CallRecord, type EndCause, type LegRecord } from './call-record.js'
import { amissAtCallee, beCalled, CallSteps, giveUpRinging, NOT_RUNG } from './call-steps.js'
import { MessageLog } from './call-recorder.js'
import { dialogOf } from './left-behind.js'
import { causeOfTheirs, reasonOfTheirs, causeOfOurs, retryAfterOf, troubleOf } from './end-causes.js'
import type { Leg, LegOptions } from './leg.js'
import type { Line, Lines } from './line.js'
import { noAudio } from './no-audio.js'
import type { CallAnswer, CallCapture } from './worker-protocol.js'

/** What a call has of the worker that makes it. */
export interface CallResources {
  readonly clock: Clock
  readonly lines: Pick<Lines, 'nextAccount' | 'line' | 'takeCallee' | 'giveBack'>
  leg(o: Pick<LegOptions, 'role' | 'line' | 'callId' | 'order'>): Leg
}

export interface RunEvents {
  /** The INVITE leaves, with this Call-ID. */
  readonly dialled: (callId: string) => void
  /** The account that is called is to be rung on this line. */
  readonly toRing: (line: Line) => void
  /** The final answer to the INVITE, or the end without one. */
  readonly answered: (answer: CallAnswer) => void
  readonly ended: (record: CallRecord) => void
}

/** Longer nobody waits for an answer. */
const RING_TIMEOUT_MS = 60_000
/** How long the called end may take to hear of the end of the call. */
const CALLEE_END_MS = 3_000

export class CallRun {
  readonly id: string
  readonly order: CallOrder
  readonly messages = new MessageLog()
  /** At the last look, whether every end heard what it should. */
  hearsNow = false
  /** Resolves when the record is made. */
  readonly over: Promise<void>
  readonly #resources: CallResources
  readonly #tell: RunEvents
  readonly #startedAt: number
  #callerLine: Line | undefined
  #caller: Leg | undefined
  #callee: Leg | undefined
  #call: OutgoingCall | undefined
  #overAt: number | undefined
  #incoming: IncomingCall | undefined
  #calleeEnded: Promise<unknown> = Promise.resolve()
  #calleeLine: Line | undefined
  #asked: EndCause | undefined
  #steps: CallSteps | undefined
  #hold: { timer: Timer; done: () => void } | undefined
  #setupMs: number | undefined
  #answeredAt: number | undefined
  #relay = ''
  #done = false
  #finish: () => void = () => {}

  constructor(resources: CallResources, id: string, order: CallOrder, tell: RunEvents) {
    this.#resources = resources
    this.id = id
    this.order = order
    this.#tell = tell
    this.#startedAt = resources.clock.unixMs()
    this.over = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get callerUser(): string {
    return this.#callerLine?.account.user ?? ''
  }

  /** Answered and not over. */
  get up(): boolean {
    return this.#answeredAt !== undefined && !this.#done
  }

  /** Name of the relay, once known. */
  get relay(): string {
    return this.#relay
  }

  /** Ends whose packets can be counted. */
  get legs(): Leg[] {
    return [this.#caller, this.#callee].filter((leg) => leg !== undefined)
  }

  /** The pattern that an end should hear: an echo returns our own; of an account we know what it plays, once it was rung. */
  expects(leg: Leg): number | undefined {
    if (this.order.far === 'other') return undefined
    if (this.order.far === 'echo') return leg.pattern
    return this.other(leg)?.pattern ?? -1
  }

  /** The other end, where that is ours. */
  other(leg: Leg): Leg | undefined {
    return leg.role === 'caller' ? this.#callee : this.#caller
  }

  begin(): void {
    this.#run().catch((error: unknown) => this.#conclude('error', { status: 0, reason: `defect: ${String(error)}` }))
  }

  /** Hangs up, or gives up where there was no answer yet. */
  end(why: EndCause): void {
    this.#asked ??= why
    if (this.#hold !== undefined) this.#hold.done()
    else if (this.#answeredAt === undefined) void this.#call?.hangUp().catch(() => undefined)
  }

  /** The end of the agent: no more waiting. */
  giveUp(): void {
    this.#conclude(this.#asked ?? 'agent-stopped', {
      status: this.#call?.final?.status ?? 0,
      reason: 'the target did not answer in time',
    })
  }

  /** The account that was called is rung. */
  called(line: Line, call: IncomingCall): void {
    const leg = this.#leg('callee', line)
    this.#callee = leg
    this.#incoming = call
    this.#calleeEnded = call.ended
    if (leg !== undefined) void call.ended.then(() => this.#concludeLeg(leg, this.#overSince(this.#now())))
    void beCalled(call, leg, line, this.order, this.#resources.clock).catch(() => undefined)
  }

  capture(): CallCapture {
    const unixAtZero = this.#resources.clock.unixMs() - this.#resources.clock.now()
    const packets = [
      ...this.messages.packets(unixAtZero),
      ...this.legs.flatMap((leg) => leg.packets.packets(leg.role, unixAtZero)),
    ]
    return { id: this.id, packets: packets.sort((a, b) => a.unixMs - b.unixMs) }
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    const { order } = this
    const { clock, lines } = this.#resources
    const account = lines.nextAccount()
    if (account === undefined) throw new Error('this worker has no account')
    const line = await lines.line(account, order.transport, order.family)
    const caller = this.#leg('caller', line)
    this.#callerLine = line
    this.#caller = caller
    const callee = order.dialled === undefined ? lines.takeCallee(account) : undefined
    if (order.dialled === undefined && callee === undefined) {
      this.#conclude('error', {
        status: 0,
        reason: 'no second account of this worker is registered',
        trouble: 'no second account was registered',
      })
      return
    }
    if (callee !== undefined) {
      this.#calleeLine = callee
      this.#tell.toRing(callee)
    }
    if (this.#asked !== undefined) {
      this.#conclude(this.#asked, { status: 0 })
      return
    }
    const { domain } = line.way
    const uri =
      order.dialled === undefined
        ? `sip:${escapeUser(callee === undefined ? '' : numberOf(callee.account))}@${domain}`
        : requestUri(order.dialled, domain)
    const call = line.agent.invite(uri, {
      ...(caller === undefined ? { sdp: noAudio(line.localAddress) } : { media: () => caller.open() }),
      ringTimeoutMs: RING_TIMEOUT_MS,
      onProvisional: (response) => {
        if (response.status > 100) this.#indicated(call)
      },
    })
    this.#call = call
    this.#tell.dialled(call.id)
    if (order.outcome === 'cancelled') void giveUpRinging(call, order, clock).catch(() => undefined)
    const final = await call.answered
    if (final === undefined || final.status >= 300 || call.state !== 'established') {
      await this.#failed(call, final?.status)
      return
    }
    this.#indicated(call)
    this.#answeredAt = clock.unixMs()
    // The relay is where the answer says that media goes.
    this.#relay = caller?.placeBeside(this.#callee)?.relay ?? ''
    const dialog = dialogOf(call, line)
    this.#tell.answered({ status: final.status, setupMs: this.#setupMs, relay: this.#relay, dialog })
    if (this.#isMeantToLast) {
      if (caller !== undefined) {
        this.#steps = new CallSteps(call, caller, order, clock)
        void this.#steps.take()
      }
      await this.#holdIt(call)
    }
    await this.#hangUp(call)
  }

  get #isMeantToLast(): boolean {
    return isAnswered(this.order.outcome)
  }

  /** RFC 6076 §4.3: counted from the INVITE with all that the target wanted, credentials included. */
  #indicated(call: OutgoingCall): void {
    this.#setupMs ??= this.#now() - call.exchange.lastSentAt
  }

  async #failed(call: OutgoingCall, status: number | undefined): Promise<void> {
    const end = await call.ended
    const error = call.exchange.error
    const trouble = troubleOf(error)
    // It rang for as long as we wait: that our CANCEL is answered with 487 says nothing.
    const gaveUp = this.#asked === undefined && end.cause === 'cancelled' && this.order.outcome !== 'cancelled'
    const code = gaveUp ? 408 : (status ?? call.exchange.status ?? 408)
    if (trouble === undefined && status !== undefined) this.#indicated(call)
    const cause: EndCause =
      this.#asked ??
      (trouble !== undefined
        ? 'error'
        : end.cause === 'rejected'
          ? 'refused'
          : end.cause === 'cancelled' && this.order.outcome === 'cancelled' && status !== undefined
            ? 'cancelled'
            : end.cause === 'timeout' || gaveUp
              ? 'no-answer'
              : 'error')
    const reason =
      this.#asked !== undefined
        ? undefined
        : end.cause === 'rejected'
          ? `rejected: ${code} ${call.final?.reason ?? ''}`.trim()
          : gaveUp
            ? `not answered within ${RING_TIMEOUT_MS / 1000} s`
            : end.cause === 'timeout' || end.cause === 'cancelled'
              ? 'no final answer'
              : (end.what ?? 'the call could not be made')
    const isJudged = !this.#isMeantToLast && this.#asked === undefined && trouble === undefined
    const amiss = isJudged ? await amissAtCallee(this.#incoming, this.order, this.#resources.clock) : undefined
    this.#conclude(cause, { status: trouble === undefined ? code : 0, reason, trouble, amiss })
  }

  #holdIt(call: OutgoingCall): Promise<unknown> {
    if (this.#asked !== undefined) return Promise.resolve()
    const held = new Promise<void>((resolve) => {
      const timer = this.#resources.clock.after(this.order.holdMs, resolve)
      this.#hold = { timer, done: resolve }
    })
    return Promise.race([held, call.ended]).finally(() => {
      this.#hold?.timer.cancel()
      this.#hold = undefined
    })
  }

  async #hangUp(call: OutgoingCall): Promise<void> {
    const leg = this.#caller
    if (call.state === 'ended') {
      const end = await call.ended
      if (leg !== undefined) this.#concludeLeg(leg, this.#overSince(end.at))
      await this.#calleeGone()
      this.#conclude(causeOfTheirs(end), { status: call.final?.status ?? 200, reason: reasonOfTheirs(end) })
      return
    }
    const at = this.#overSince(this.#now())
    const hanging = call.hangUp({ impatient: true })
    if (leg !== undefined) this.#concludeLeg(leg, at)
    const exchange = await hanging
    await this.#calleeGone()
    const answer = exchange?.final?.status
    // Whoever asks for the end of a call ends it as it should be: what is left to judge is the answer to BYE.
    const cause: EndCause = this.#asked === undefined || this.#asked === 'normal' ? causeOfOurs(exchange) : this.#asked
    this.#conclude(cause, {
      status: call.final?.status ?? 200,
      byeStatus: answer,
      disconnectMs: exchange?.final === undefined ? undefined : (exchange.endedAt ?? this.#now()) - exchange.startedAt,
      reason:
        cause === 'bye-refused'
          ? `BYE was answered with ${answer}`
          : cause === 'bye-unanswered'
            ? 'BYE was not answered'
            : undefined,
    })
  }

  /** The called end of ours hears of the end, or is ended; it owes nobody a BYE then. */
  async #calleeGone(): Promise<void> {
    const incoming = this.#incoming
    if (incoming === undefined) return
    const gone = await Promise.race([
      this.#calleeEnded.then(() => true),
      this.#resources.clock.sleep(CALLEE_END_MS).then(() => false),
    ])
    if (!gone) await incoming.hangUp({ impatient: true }).catch(() => undefined)
  }

  #conclude(
    end: EndCause,
    o: {
      readonly status: number
      readonly reason?: string | undefined
      readonly trouble?: string | undefined
      readonly byeStatus?: number | undefined
      readonly disconnectMs?: number | undefined
      readonly amiss?: string | undefined
    },
  ): void {
    if (this.#done) return
    const up = this.#answeredAt !== undefined
    this.#done = true
    this.#hold?.timer.cancel()
    if (this.#calleeLine !== undefined) this.#resources.lines.giveBack(this.#calleeLine)
    if (!up) {
      this.#tell.answered({ status: o.status, setupMs: this.#setupMs, relay: this.#relay, reason: o.reason })
      // A call that crossed our giving up may still ring the other end.
      void this.#incoming?.hangUp({ impatient: true }).catch(() => undefined)
    }
    const { order } = this
    const record = callRecord({
      id: this.id,
      callId: this.#call?.id ?? '',
      to: order.dialled?.user ?? 'account',
      far: order.far,
      transport: order.transport,
      family: order.family,
      status: o.status,
      startedAt: this.#startedAt,
      answeredAt: this.#answeredAt,
      endedAt: this.#resources.clock.unixMs(),
      setupMs: this.#setupMs,
      disconnectMs: o.disconnectMs,
      byeStatus: o.byeStatus,
      retryAfterS: retryAfterOf(this.#call),
      end,
      reason: o.reason,
      generatorTrouble: o.trouble,
      outcome: order.outcome,
      name: order.name,
      amiss: o.amiss ?? this.#notRung(up),
      brokenStep: this.#brokenStep(),
      legs: this.legs.map((leg) => this.#concludeLeg(leg, this.#now())),
    })
    this.#tell.ended(record)
    this.#finish()
  }

  /** Of a call without audio, which would tell: whether somebody else than the account of ours answered. */
  #notRung(up: boolean): string | undefined {
    const { far, outcome } = this.order
    return up && outcome === 'signalling' && far === 'account' && this.#incoming === undefined ? NOT_RUNG : undefined
  }

  #brokenStep(): string | undefined {
    // What an unknown end heard is not known.
    const heard = this.#callee?.session?.report().digits
    return this.#steps?.broken ?? this.#steps?.digitsAmiss(heard)
  }

  /** An end with audio; none where the call is signalling alone. */
  #leg(role: Leg['role'], line: Line): Leg | undefined {
    if (this.order.outcome === 'signalling') return undefined
    return this.#resources.leg({ role, line, callId: this.id, order: this.order })
  }

  /** When the first end of ours was done: it sends no more, however long its BYE takes to the other one. */
  #overSince(now: number): number {
    return (this.#overAt ??= now)
  }

  #concludeLeg(leg: Leg, until: number): LegRecord {
    return leg.conclude(this.expects(leg), until, this.other(leg))
  }

  #now(): number {
    return this.#resources.clock.now()
  }
}
