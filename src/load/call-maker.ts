/** Makes the calls of one worker: telephones that share one stack, calls with audio, and the records of them. */
import type { IncomingCall } from '../agent/call.js'
import { SharedStack } from '../agent/stack.js'
import { UserAgent } from '../agent/user-agent.js'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { MediaClock } from '../media/media-clock.js'
import { PublishedList } from '../target/published-list.js'
import type { TargetAccount } from '../target/target-schema.js'
import { timerTable, type TimerTable } from '../transaction/timers.js'
import type { TransportName } from '../transport/flow.js'
import type { Family, Network } from '../transport/network.js'
import { RecordingNetwork, type WireEvent } from '../transport/recording-network.js'
import { CallRun, type Line } from './call-run.js'
import { callIdsIn } from './call-recorder.js'
import { badness } from './call-record.js'
import { Sampler } from './sampler.js'
import type { TrafficExaminer } from './traffic.js'
import type { CallCapture, FromWorker, ToWorker, Way, WorkerData } from './worker-protocol.js'

export interface CallMakerOptions {
  readonly data: WorkerData
  readonly clock: Clock
  readonly network: Network
  /** Of audio; default: the same. */
  readonly mediaNetwork?: Network | undefined
  readonly random: Random
  readonly send: (message: FromWorker) => void
  readonly examiner?: TrafficExaminer | undefined
  /** Lag and load of the thread since the last call; absent in tests. */
  readonly thread?: (() => { lagP99Ms: number; lagMaxMs: number; busy: number }) | undefined
}

/** Seconds that accounts register for; they are refreshed. */
const EXPIRES_S = 600
/** Registrations under way at a time. */
const REGISTERING = 8
/** Captures of failed calls that are kept besides the worst of each relay. */
const MOST_FAILED = 12
/** Call-IDs whose call is not known yet. */
const MOST_PENDING = 256

export class CallMaker {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly mediaNetwork: Network
  readonly mediaClock: MediaClock
  readonly data: WorkerData
  readonly published: PublishedList
  readonly timers: TimerTable
  readonly examiner: TrafficExaminer | undefined
  readonly #o: CallMakerOptions
  readonly #stacks = new Map<Family, SharedStack>()
  readonly #lines = new Map<string, Promise<Line>>()
  readonly #home: Line[] = []
  readonly #runs = new Map<string, CallRun>()
  readonly #byCallId = new Map<string, CallRun>()
  readonly #pending = new Map<string, WireEvent[]>()
  readonly #sampler: Sampler
  /** Captures by call, the worst of each relay and some that failed. */
  readonly #captures = new Map<string, CallCapture>()
  readonly #worst = new Map<string, { id: string; badness: number }>()
  readonly #failed: string[] = []
  #next = 0
  #patterns = 0
  #strays = 0
  #stopping = false

  constructor(o: CallMakerOptions) {
    this.#o = o
    this.clock = o.clock
    this.random = o.random
    this.network = o.network
    this.mediaNetwork = o.mediaNetwork ?? o.network
    this.data = o.data
    this.examiner = o.examiner
    this.mediaClock = MediaClock.of(o.clock)
    this.published = new PublishedList(o.data.document)
    this.timers = timerTable(o.data.document.timers)
    this.#sampler = new Sampler({
      clock: o.clock,
      mediaClock: this.mediaClock,
      runs: () => this.#runs.values(),
      thread: o.thread ?? (() => ({ lagP99Ms: 0, lagMaxMs: 0, busy: 0 })),
      strays: () => {
        const strays = this.#strays
        this.#strays = 0
        return strays
      },
      send: (sample) => o.send({ kind: 'second', sample }),
    })
  }

  /** Registers the accounts, then reports ready; accounts that the target refuses are told and left out. */
  async start(): Promise<void> {
    const delaysMs: number[] = []
    const troubles: string[] = []
    const waiting = [...this.data.accounts]
    const register = async () => {
      for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
        if (this.#stopping) return
        const trouble = await this.#register(account, delaysMs)
        if (trouble !== undefined) troubles.push(trouble)
      }
    }
    await Promise.all(Array.from({ length: REGISTERING }, register))
    this.#sampler.start()
    this.#o.send({ kind: 'ready', registered: delaysMs.length, delaysMs, troubles })
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'call':
        this.#begin(message)
        return
      case 'hang-up':
        this.#runs.get(message.id)?.end(message.why)
        return
      case 'captures': {
        const captures = message.ids.flatMap((id) => this.#captures.get(id) ?? [])
        this.#o.send({ kind: 'captures', captures })
        return
      }
      case 'notes':
        this.#o.send({ kind: 'notes', notes: this.examiner?.notes?.() ?? [] })
        return
      case 'stop':
        void this.stop(message.withinMs).then(() => this.#o.send({ kind: 'stopped' }))
        return
      default: {
        const never: never = message
        throw new Error(`unknown order ${String(never)}`)
      }
    }
  }

  /** Hangs up all calls, removes the bindings, closes the sockets. Bounded even where the target is mute. */
  async stop(withinMs: number): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    const over = this.clock.sleep(withinMs)
    const runs = [...this.#runs.values()]
    for (const run of runs) run.end('agent-stopped')
    await Promise.race([Promise.all(runs.map((run) => run.over)), over])
    for (const run of this.#runs.values()) run.giveUp()
    const lines = await Promise.allSettled(this.#lines.values())
    const agents = lines.flatMap((line) => (line.status === 'fulfilled' ? [line.value.agent] : []))
    await Promise.allSettled(agents.map((agent) => agent.stop({ withinMs: 1500 })))
    this.#sampler.stop()
    await Promise.allSettled([...this.#stacks.values()].map((stack) => stack.close()))
  }

  // --- for the runs -------------------------------------------------------------------------------------------------

  nextPattern(): number {
    this.#patterns += 1
    return (this.data.patternBase + this.data.index + this.#patterns * this.data.workers) & 0xffffff
  }

  /** The telephone of an account for this transport and family, made when it is first wanted. */
  line(account: TargetAccount, transport: TransportName, family: Family): Promise<Line> {
    const key = `${account.user} ${transport} ${family}`
    const known = this.#lines.get(key) ?? this.#makeLine(account, transport, family)
    this.#lines.set(key, known)
    return known
  }

  /** An account for the next call. */
  nextAccount(): TargetAccount | undefined {
    const { accounts } = this.data
    return accounts[this.#next++ % accounts.length]
  }

  /** The telephone with the fewest calls, other than the caller's. */
  callee(other: TargetAccount): Line | undefined {
    let best: Line | undefined
    for (const line of this.#home) {
      if (line.account !== other && line.agent.registered && (best === undefined || line.calls < best.calls))
        best = line
    }
    return best
  }

  know(callId: string, run: CallRun): void {
    this.#byCallId.set(callId, run)
    for (const event of this.#pending.get(callId) ?? []) run.messages.add(event)
    this.#pending.delete(callId)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  async #register(account: TargetAccount, delaysMs: number[]): Promise<string | undefined> {
    const { transport, family } = this.data.home
    try {
      const line = await this.line(account, transport, family)
      const outcome = await line.agent.register()
      if (!outcome.ok) return `${account.user} could not register: ${outcome.status}`
      delaysMs.push(outcome.tookMs)
      this.#home.push(line)
      return undefined
    } catch (error) {
      return `${account.user} could not register: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async #makeLine(account: TargetAccount, transport: TransportName, family: Family): Promise<Line> {
    const way = this.#way(transport, family)
    const stack = await this.#stack(family)
    const agent = new UserAgent({
      name: account.user,
      clock: this.clock,
      network: this.network,
      random: this.random,
      account: {
        user: account.user,
        password: account.password,
        domain: way.domain,
        ...(account.authUser === undefined ? {} : { authUser: account.authUser }),
        ...(account.displayName === undefined ? {} : { displayName: account.displayName }),
      },
      outbound: way.hop,
      localAddress: this.#address(family),
      timers: this.timers,
      parseMode: 'fast',
      stack,
      expires: EXPIRES_S,
      userAgentHeader: 'ringproof',
    })
    agent.onCall = (call) => this.#called(line, call)
    const line: Line = { account, agent, way, localAddress: this.#address(family), calls: 0, expected: [] }
    await agent.start()
    return line
  }

  async #stack(family: Family): Promise<SharedStack> {
    let stack = this.#stacks.get(family)
    if (stack === undefined) {
      const { authority } = this.data
      stack = new SharedStack({
        network: new RecordingNetwork(this.network, (event) => this.#heard(event)),
        clock: this.clock,
        random: this.random,
        timers: this.timers,
        parseMode: 'fast',
        localAddress: this.#address(family),
        listen: ['udp', 'tcp'],
        tlsClient: { verify: true, ...(authority === undefined ? {} : { ca: authority }) },
      })
      this.#stacks.set(family, stack)
    }
    await stack.start()
    return stack
  }

  #way(transport: TransportName, family: Family): Way {
    const way = this.data.ways.find((one) => one.transport === transport && one.family === family)
    if (way === undefined) throw new Error(`no way by ${transport} over ${family}`)
    return way
  }

  #address(family: Family): string {
    const address = this.data.addresses[family]
    if (address === undefined) throw new Error(`no ${family} address`)
    return address
  }

  #begin({ id, order }: { readonly id: string; readonly order: CallRun['order'] }): void {
    const run: CallRun = new CallRun(this, id, order, {
      answered: (answer) => this.#o.send({ kind: 'answered', id, answer }),
      ended: (record) => {
        this.#runs.delete(id)
        for (const callId of run.callIds) this.#byCallId.delete(callId)
        this.#keepCapture(run, record)
        this.examiner?.onCallEnded?.(id)
        this.#o.send({ kind: 'ended', id, record })
      },
    })
    this.#runs.set(id, run)
    if (this.#stopping) run.end('agent-stopped')
    run.begin()
  }

  /** Somebody calls one of our accounts. */
  #called(line: Line, call: IncomingCall): void {
    // RFC 3261 §16.6: proxies leave the Call-ID alone; what changes it is known by who was to be called by whom.
    const known = this.#byCallId.get(call.id)
    const expected = line.expected
    const from = call.invite.from.uri
    const run =
      known !== undefined && expected.includes(known)
        ? known
        : (expected.find((one) => from.includes(one.callerUser)) ?? (known === undefined ? expected[0] : undefined))
    if (run === undefined) {
      this.#strays += 1
      void call.reject(480)
      return
    }
    expected.splice(expected.indexOf(run), 1)
    run.callIds.add(call.id)
    this.know(call.id, run)
    run.called(line, call)
  }

  /** Signalling on the shared socket: kept with the call that it belongs to. */
  #heard(event: WireEvent): void {
    if (event.data === undefined || event.data.length < 32) return
    let call: string | undefined
    for (const callId of callIdsIn(event.data)) {
      const run = this.#byCallId.get(callId)
      if (run !== undefined) {
        call = run.id
        run.messages.add(event)
      } else if (event.direction === 'in' && isInvite(event.data)) {
        this.#keepForLater(callId, event)
      }
    }
    this.examiner?.onMessage?.(event, call)
  }

  #keepForLater(callId: string, event: WireEvent): void {
    const list = this.#pending.get(callId)
    if (list !== undefined) {
      if (list.length < 8) list.push(event)
      return
    }
    const oldest = this.#pending.keys().next()
    if (this.#pending.size >= MOST_PENDING && oldest.done !== true) this.#pending.delete(oldest.value)
    this.#pending.set(callId, [event])
  }

  /** Keeps the capture of a call if it is its relay's worst so far, or failed. */
  #keepCapture(run: CallRun, record: Parameters<typeof badness>[0]): void {
    const bad = badness(record)
    const before = this.#worst.get(record.relay)
    const isWorst = before === undefined || bad > before.badness
    const failed = !record.success && this.#failed.length < MOST_FAILED
    if (!isWorst && !failed) return
    this.#captures.set(record.id, run.capture())
    if (failed) this.#failed.push(record.id)
    if (!isWorst) return
    this.#worst.set(record.relay, { id: record.id, badness: bad })
    if (before !== undefined && !this.#failed.includes(before.id)) this.#captures.delete(before.id)
  }
}

function isInvite(data: Buffer): boolean {
  return data.toString('latin1', 0, 7) === 'INVITE '
}
