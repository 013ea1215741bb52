/** Makes the calls of one worker, as the main thread orders them: telephones, calls with audio, and the records of them. */
import type { IncomingCall } from '../agent/call.js'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { MediaClock } from '../media/media-clock.js'
import { PublishedList } from '../target/published-list.js'
import type { Network } from '../transport/network.js'
import type { WireEvent } from '../transport/recording-network.js'
import { CallIndex } from './call-index.js'
import type { CallOrder } from './call-order.js'
import { type CallResources, CallRun } from './call-run.js'
import { KeptCaptures } from './kept-captures.js'
import { endWhatIsLeft } from './left-behind.js'
import { Leg, type LegResources } from './leg.js'
import { type Line, Lines } from './line.js'
import { ReachPolicy } from '../target/reach-policy.js'
import { GatedNetwork } from '../transport/gated-network.js'
import { RefusalTally } from './refusal-tally.js'
import { Sampler, type SamplerOptions } from './sampler.js'
import type { TrafficExaminer } from './traffic.js'
import { type StormOrder, type StormReport, Storms } from './registration-storm.js'
import { WaveStarter } from './wave-starter.js'
import type { CallEvent, FromWorker, ToWorker, WorkerData } from './worker-protocol.js'

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
  readonly thread?: SamplerOptions['thread'] | undefined
}

export class CallMaker {
  readonly #o: CallMakerOptions
  readonly #lines: Lines
  readonly #index = new CallIndex<CallRun>()
  readonly #runs = new Map<string, CallRun>()
  readonly #captures = new KeptCaptures()
  readonly #refusals = new RefusalTally()
  readonly #sampler: Sampler
  readonly #resources: CallResources
  readonly #waves: WaveStarter
  readonly #storms: Storms
  #patterns = 0
  #stopping = false

  constructor(o: CallMakerOptions) {
    this.#o = o
    const { clock, random, data, examiner } = o
    const reach = new ReachPolicy(data.document, data.reach)
    const gated = (wire: Network) => new GatedNetwork(wire, reach, (refusal) => this.#refusals.add(refusal))
    const network = gated(o.network)
    const mediaNetwork = o.mediaNetwork === undefined ? network : gated(o.mediaNetwork)
    const mediaClock = MediaClock.of(clock)
    this.#lines = new Lines({
      data,
      clock,
      network,
      random,
      onWire: (event) => this.#heard(event),
      onCall: (line, call) => this.#called(line, call),
    })
    const published = new PublishedList(data.document)
    const { media } = data.document
    const shared: LegResources = { clock, random, mediaNetwork, mediaClock, media, published, examiner }
    this.#resources = {
      clock,
      lines: this.#lines,
      leg: (about) => new Leg(shared, { ...about, pattern: this.#nextPattern() }),
    }
    this.#waves = new WaveStarter({
      clock,
      begin: (id, order) => this.#begin(id, order),
      end: (id, why) => this.#runs.get(id)?.end(why),
      send: (events) => o.send({ kind: 'events', events }),
    })
    this.#storms = new Storms(clock, random)
    this.#sampler = new Sampler({
      clock,
      mediaClock,
      runs: () => this.#runs.values(),
      thread: o.thread ?? (() => ({ lagP99Ms: 0, lagMaxMs: 0, busy: 0 })),
      send: (sample) => o.send({ kind: 'second', sample }),
    })
  }

  /** Registers the accounts, then reports ready. */
  async start(): Promise<void> {
    const { data, clock } = this.#o
    if (data.left !== undefined) await endWhatIsLeft(data.left, this.#lines, clock)
    const { delaysMs, troubles } = await this.#lines.register()
    this.#sampler.start()
    this.#o.send({ kind: 'ready', registered: delaysMs.length, delaysMs, troubles, contacts: this.#lines.contacts() })
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'call':
        this.#begin(message.id, message.order)
        return
      case 'wave':
        this.#waves.add(message.wave, message.calls)
        return
      case 'end-wave':
        this.#waves.end(message.wave, message.why)
        return
      case 'register-again':
        void this.#storm(message.order).then((report) => this.#o.send({ kind: 'stormed', report }))
        return
      case 'calm':
        this.#storms.calm()
        return
      case 'hang-up':
        this.#runs.get(message.id)?.end(message.why)
        return
      case 'retire':
        void this.#lines.retire().then(() => this.#o.send({ kind: 'retired' }))
        return
      case 'captures':
        this.#o.send({ kind: 'captures', captures: this.#captures.of(message.ids) })
        return
      case 'notes':
        this.#o.send({ kind: 'notes', notes: [...(this.#o.examiner?.notes?.() ?? []), ...this.#refusals.notes()] })
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
    this.#storms.calm()
    this.#waves.stop()
    const over = this.#o.clock.sleep(withinMs)
    const runs = [...this.#runs.values()]
    for (const run of runs) run.end('agent-stopped')
    await Promise.race([Promise.all(runs.map((run) => run.over)), over])
    for (const run of this.#runs.values()) run.giveUp()
    this.#waves.flush()
    await this.#lines.stop()
    this.#sampler.stop()
  }

  #nextPattern(): number {
    const { patternBase, index, workers } = this.#o.data
    this.#patterns += 1
    return (patternBase + index + this.#patterns * workers) & 0xffffff
  }

  async #storm(order: StormOrder): Promise<StormReport> {
    return 'again' in order
      ? this.#storms.again(this.#lines.devices(), order)
      : this.#storms.flap(await this.#lines.flapping(), order.flap)
  }

  #begin(id: string, order: CallOrder): void {
    const tell = (event: CallEvent) => (this.#waves.has(id) ? this.#waves.tell(event) : this.#o.send(event))
    const run: CallRun = new CallRun(this.#resources, id, order, {
      dialled: (callId) => this.#index.know(callId, run),
      toRing: (line) => this.#index.expect(line, run),
      answered: (answer) => tell({ kind: 'answered', id, answer }),
      ended: (record) => {
        this.#runs.delete(id)
        this.#index.forget(run)
        this.#captures.consider(record, () => run.capture())
        this.#o.examiner?.onCallEnded?.(id)
        tell({ kind: 'ended', id, record })
      },
    })
    this.#runs.set(id, run)
    if (this.#stopping) run.end('agent-stopped')
    run.begin()
  }

  #heard(event: WireEvent): void {
    const callId = this.#index.heard(event)
    this.#o.examiner?.onMessage?.(event, callId)
  }

  /** Somebody calls one of our accounts. */
  #called(line: Line, call: IncomingCall): void {
    const run = this.#index.arrived(line, call)
    if (run === undefined) {
      void call.reject(480)
      return
    }
    run.called(line, call)
  }
}
