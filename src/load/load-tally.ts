/** Adds up the records of all calls and the samples of all threads while a load runs: the truth that k6 is held against. */
import { availableParallelism, loadavg } from 'node:os'
import { Lateness } from '../media/lateness.js'
import type { LoadResult } from '../result/load-result.js'
import type { TargetDocument } from '../target/target-schema.js'
import { breakpointOf, type SearchStep } from './breakpoint.js'
import { type CallFact, factOf } from './call-facts.js'
import { callFindings } from './call-findings.js'
import { badness } from './badness.js'
import { type CallRecord, isInterrupted } from './call-record.js'
import { distributionOf, rounded } from './distribution.js'
import { pointOf } from './load-series.js'
import { GeneratorWatch } from './generator-watch.js'
import { IncidentBook } from './incident-book.js'
import { LoadMetrics } from './load-metrics.js'
import type { AgentCounts } from './reconciliation.js'
import type { StormReport } from './registration-storm.js'
import { OwnTraffic } from './relay-control/own-traffic.js'
import { relaySecond } from './relay-second.js'
import { RelayTable } from './relay-table.js'
import type { GeneratorFacts } from '../verdict/load-validity.js'
import type { RelayCounts, RelaySample, WorkerSample } from './worker-protocol.js'

/** What is known of a load at this moment. */
export interface LoadGauges {
  readonly started: number
  readonly ended: number
  readonly completed: number
  readonly failed: number
  readonly interrupted: number
  readonly twoWay: number
  readonly oneWay: number
  readonly wrongAudio: number
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly sendLatenessP99Ms: number
  readonly sendLatenessMaxMs: number
  readonly eventLoopLagP99Ms: number
  readonly socketDrops: number
  /** Calls that began later than ordered, since the target's limits did not allow them yet. */
  readonly heldBack: number
}

/** Calls of which is kept what went on when they began: enough to tell beyond which load something happens. */
const MOST_FACTS = 100_000
/** A call that begins so much later than it should makes the load another one, ms. */
const LATE_BEGIN_MS = 500

export class LoadTally {
  /** Unix ms. */
  readonly startedAt: number
  readonly relays: RelayTable
  /** What relays that can be asked for their counters should have counted. */
  readonly traffic: OwnTraffic
  readonly #lateness = new Lateness()
  readonly #metrics = new LoadMetrics()
  readonly #setupMs: number[] = []
  readonly #jitterMs: number[] = []
  readonly #roundTripMs: number[] = []
  readonly #mouthToEarMs: number[] = []
  readonly #byStatus: Record<string, number> = {}
  readonly #troubles = new Map<string, number>()
  readonly #crashes: string[] = []
  /** What happened when. */
  readonly book: IncidentBook
  readonly #series: NonNullable<LoadResult['series']> = []
  /** Of each thread, since its first call. */
  readonly #lagP99 = new Map<number, number>()
  readonly #samples = new Map<number, WorkerSample[]>()
  readonly #begunAt: number[] = []
  readonly #facts: CallFact[] = []
  readonly #steps: (SearchStep & { atMs: number })[] = []
  readonly #transports = new Set<string>()
  readonly #watches = new Set<GeneratorWatch>()
  #newSetupMs: number[] = []
  #worstFailed: CallRecord[] = []
  #started = 0
  /** Calls that had begun by the last second. */
  #startedBefore = 0
  #completed = 0
  #failed = 0
  #interrupted = 0
  #twoWay = 0
  #oneWay = 0
  #wrongAudio = 0
  #packetsSent = 0
  #packetsReceived = 0
  #packetsLost = 0
  #sentSoFar = 0
  #sendErrors = 0
  readonly #storms: NonNullable<LoadResult['registrations']> = []
  #begunLate = 0
  #heldBack = 0
  readonly #dialled = { echo: 0, account: 0, other: 0 }
  readonly #outcomes = new Map<string, number>()
  readonly #failedByStatus: Record<string, number> = {}
  #undelivered: AgentCounts = { started: 0, completed: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 }
  socketDrops = 0
  /** Calls that are up at each relay, and what was received and lost through it since the beginning. */
  readonly relaysSoFar = new Map<string, RelayCounts>()
  /** The last second: calls that hear what they should, and what went on at each relay. */
  now: { readonly hearing: number; readonly relays: ReadonlyMap<string, RelaySample> } = {
    hearing: 0,
    relays: new Map(),
  }

  constructor(document: TargetDocument, startedAt: number) {
    this.startedAt = startedAt
    this.relays = new RelayTable(document)
    this.traffic = new OwnTraffic(document)
    this.book = new IncidentBook(startedAt)
  }

  /** @param lateMs how much later than it should @param now ms */
  begun(lateMs = 0, now = performance.now()): void {
    this.#started += 1
    this.#begunAt.push(now)
    if (lateMs > LATE_BEGIN_MS) this.#begunLate += 1
  }

  /** A call begins later than ordered, since the target's limits do not allow it yet. */
  heldBack(): void {
    this.#heldBack += 1
  }

  /** Registrations that were ordered are over. */
  storm(report: StormReport, kind: 'again' | 'flapping'): void {
    const { delaysMs, tookMs, ...rest } = report
    const delay = distributionOf(delaysMs)
    this.#metrics.registrations({ ...report, stormMs: kind === 'again' ? tookMs : undefined })
    this.#storms.push({
      kind,
      ...rest,
      tookMs: Math.round(tookMs),
      ...(delay === undefined ? {} : { delayMs: delay }),
    })
  }

  /** Devices registered before the first call, each after so long. */
  registered(delaysMs: readonly number[]): void {
    this.#metrics.registered(delaysMs)
  }

  /** A step of a search for the most that is carried is over. @param now Unix ms */
  step(step: SearchStep, now: number): void {
    this.#steps.push({ ...step, atMs: Math.round(now - this.startedAt) })
  }

  /** Looks at the generator from now on. @returns ends it, and tells what was wrong meanwhile */
  watch(): () => string[] {
    const watch = new GeneratorWatch()
    this.#watches.add(watch)
    return () => {
      this.#watches.delete(watch)
      return watch.problems
    }
  }

  /** Calls that ended, but whose records nobody was there to take. */
  undelivered(counts: AgentCounts): void {
    this.#undelivered = {
      started: this.#undelivered.started + counts.started,
      completed: this.#undelivered.completed + counts.completed,
      packetsSent: this.#undelivered.packetsSent + counts.packetsSent,
      packetsReceived: this.#undelivered.packetsReceived + counts.packetsReceived,
      packetsLost: this.#undelivered.packetsLost + counts.packetsLost,
    }
  }

  /** Calls a second at which the first `calls` of them began; undefined where there were not as many. */
  rateOfFirst(calls: number): number | undefined {
    const [first, last] = [this.#begunAt[0], this.#begunAt[calls - 1]]
    return calls < 2 || first === undefined || last === undefined ? undefined : ((calls - 1) * 1000) / (last - first)
  }

  answered(setupMs: number | undefined): void {
    if (setupMs !== undefined) this.#newSetupMs.push(setupMs)
  }

  add(record: CallRecord): void {
    this.#byStatus[String(record.status)] = (this.#byStatus[String(record.status)] ?? 0) + 1
    const interrupted = isInterrupted(record)
    const kind = record.outcome ?? 'answered'
    this.#dialled[record.far] += 1
    this.#transports.add(record.transport)
    this.#outcomes.set(kind, (this.#outcomes.get(kind) ?? 0) + 1)
    this.relays.add(record, interrupted)
    this.traffic.add(record)
    if (!interrupted) this.#metrics.add(record)
    if (interrupted) this.#interrupted += 1
    else if (record.success) this.#completed += 1
    else this.#failed += 1
    if (record.twoWay) this.#twoWay += 1
    // Who was cut short had no time to be heard.
    if (record.oneWay !== undefined && !interrupted) this.#oneWay += 1
    if (record.wrongAudio) this.#wrongAudio += 1
    const { packetsSent, packetsReceived, packetsLost } = record
    this.#packetsSent += packetsSent
    this.#packetsReceived += packetsReceived
    this.#packetsLost += packetsLost
    if (interrupted) this.undelivered({ started: 1, completed: 0, packetsSent, packetsReceived, packetsLost })
    if (record.generatorTrouble !== undefined)
      this.#troubles.set(record.generatorTrouble, (this.#troubles.get(record.generatorTrouble) ?? 0) + 1)

    // RFC 6076 §4.3: delays of failed requests must not be mixed with those of successful ones.
    if (record.setupMs !== undefined && record.status < 300) this.#setupMs.push(record.setupMs)
    for (const leg of record.legs) {
      if (leg.jitterMs !== undefined) this.#jitterMs.push(leg.jitterMs)
      if (leg.roundTripMs !== undefined) this.#roundTripMs.push(leg.roundTripMs)
      if (leg.mouthToEarMs !== undefined) this.#mouthToEarMs.push(leg.mouthToEarMs)
    }
    if (interrupted) return
    if (this.#facts.length < MOST_FACTS) this.#facts.push(factOf(record))
    if (!record.success) this.#fail(record)
  }

  /** @param calls that were going on in the thread */
  crashed(what: string, calls = 0): void {
    this.#crashes.push(what)
    this.book.threadDied(what, calls)
  }

  sample(worker: number, sample: WorkerSample): void {
    const list = this.#samples.get(worker) ?? []
    list.push(sample)
    this.#samples.set(worker, list)
    this.#lateness.addCounts(sample.lateness)
    if (this.#started > 0) this.#lagP99.set(worker, sample.lagP99Ms)
    this.#sentSoFar += sample.sent
    for (const watch of this.#watches) watch.add(sample)
    this.#sendErrors += sample.sendErrors
  }

  /** Closes the second: what came since the last one becomes an entry of the series. @param now Unix ms */
  second(now: number, activeCalls: number): void {
    const atMs = Math.round(now - this.startedAt)
    const lists = [...this.#samples.values()]
    const samples = lists.flat()
    this.#samples.clear()
    const byRelay = relaySecond(lists)
    let received = 0
    let lost = 0
    for (const [relay, sum] of byRelay) {
      received += sum.received
      lost += sum.lost
      this.book.second(atMs, relay, sum)
    }
    for (const [relay, { calls, received, lost }] of byRelay) {
      const before = this.relaysSoFar.get(relay)
      this.relaysSoFar.set(relay, {
        calls,
        received: received + (before?.received ?? 0),
        lost: lost + (before?.lost ?? 0),
      })
    }
    if (samples.length > 0) {
      const hearing = lists.reduce((sum, list) => sum + (list.at(-1)?.hearing ?? 0), 0)
      this.now = { hearing, relays: byRelay }
    }
    const begun = this.#started - this.#startedBefore
    this.#startedBefore = this.#started
    this.#series.push(pointOf({ atMs, activeCalls, begun, setupMs: this.#newSetupMs, received, lost, samples }))
    this.#newSetupMs = []
  }

  get gauges(): LoadGauges {
    return {
      started: this.#started,
      ended: this.#completed + this.#failed + this.#interrupted,
      completed: this.#completed,
      failed: this.#failed,
      interrupted: this.#interrupted,
      twoWay: this.#twoWay,
      oneWay: this.#oneWay,
      wrongAudio: this.#wrongAudio,
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      packetsLost: this.#packetsLost,
      sendLatenessP99Ms: rounded(this.#lateness.percentileMs(99) ?? 0),
      sendLatenessMaxMs: rounded(this.#lateness.maxMs ?? 0),
      eventLoopLagP99Ms: rounded(this.#lag),
      socketDrops: this.socketDrops,
      heldBack: this.#heldBack,
    }
  }

  /** Counts of the calls whose client saw them through. */
  get counts(): AgentCounts {
    const own = this.#undelivered
    return {
      started: this.#started - own.started,
      completed: this.#completed - own.completed,
      packetsSent: this.#packetsSent - own.packetsSent,
      packetsReceived: this.#packetsReceived - own.packetsReceived,
      packetsLost: this.#packetsLost - own.packetsLost,
    }
  }

  /** Calls whose evidence is worth keeping: the worst of each relay, then the worst that failed. */
  get remarkable(): CallRecord[] {
    return [...new Map([...this.relays.worst, ...this.#worstFailed].map((record) => [record.id, record])).values()]
  }

  generatorFacts(brokenOff: string | undefined): GeneratorFacts {
    return {
      sendLatenessP99Ms: this.#lateness.percentileMs(99),
      sendLatenessP999Ms: this.#lateness.percentileMs(99.9),
      eventLoopLagP99Ms: this.#lag,
      socketDrops: this.socketDrops,
      packetsSent: Math.max(this.#packetsSent, this.#sentSoFar),
      sendErrors: this.#sendErrors,
      troubles: this.#troubles,
      crashes: this.#crashes,
      late: { calls: this.#begunLate, of: this.#started, ms: LATE_BEGIN_MS },
      machine: { loadAverage: loadavg()[0] ?? 0, cores: availableParallelism() },
      brokenOff,
    }
  }

  /** The measured part of the result. @param evidence files by call */
  result(
    peakConcurrent: number,
    evidence: ReadonlyMap<string, readonly string[]>,
  ): Pick<
    LoadResult,
    | 'startedAt'
    | 'calls'
    | 'relays'
    | 'refusals'
    | 'failures'
    | 'slow'
    | 'breakpoint'
    | 'outages'
    | 'series'
    | 'incidents'
    | 'setupDelayMs'
    | 'jitterMs'
    | 'roundTripMs'
    | 'mouthToEarMs'
    | 'registrations'
    | 'metrics'
  > {
    const setupDelayMs = distributionOf(this.#setupMs)
    const jitterMs = distributionOf(this.#jitterMs)
    const roundTripMs = distributionOf(this.#roundTripMs)
    const mouthToEarMs = distributionOf(this.#mouthToEarMs)
    const breakpoint = breakpointOf(this.#steps)
    return {
      startedAt: new Date(this.startedAt).toISOString(),
      calls: {
        started: this.#started,
        completed: this.#completed,
        failed: this.#failed,
        oneWay: this.#oneWay,
        twoWay: this.#twoWay,
        wrongAudio: this.#wrongAudio,
        interrupted: this.#interrupted,
        peakConcurrent,
        byStatus: this.#byStatus,
        failedByStatus: this.#failedByStatus,
        dialled: this.#dialled,
        meant: Object.fromEntries(this.#outcomes),
        heldBack: this.#heldBack,
      },
      relays: this.relays.result(this.startedAt, evidence),
      ...callFindings(this.#facts, this.startedAt),
      ...(breakpoint === undefined ? {} : { breakpoint }),
      series: this.#series,
      incidents: this.book.incidents(this.#facts, {
        series: this.#series,
        relays: this.relays.used,
        transports: this.#transports.size,
      }),
      ...(this.#storms.length === 0 ? {} : { registrations: this.#storms }),
      ...(setupDelayMs === undefined ? {} : { setupDelayMs }),
      ...(jitterMs === undefined ? {} : { jitterMs }),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
      ...(mouthToEarMs === undefined ? {} : { mouthToEarMs }),
      metrics: this.#metrics.records(),
    }
  }

  get #lag(): number {
    return Math.max(0, ...this.#lagP99.values())
  }

  #fail(record: CallRecord): void {
    this.#failedByStatus[String(record.status)] = (this.#failedByStatus[String(record.status)] ?? 0) + 1
    this.book.failed(record)
    this.#worstFailed = [...this.#worstFailed, record].toSorted((a, b) => badness(b) - badness(a)).slice(0, 5)
  }
}
