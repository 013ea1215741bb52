/** A call agent: threads that call, the API in front of them, and the tally of what they did. */
import { type CoreTimes, NeighbourWatch } from './neighbour-watch.js'
import { unixNow } from '../clock/wall-clock.js'
import type { AccessLine } from '../transport/access-line.js'
import { availableParallelism } from 'node:os'
import type { Place } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { LoadResult } from '../result/load-result.js'
import { type Facts, NO_FACTS } from '../scenario/facts.js'
import { type Target, wantsSrtp } from '../scenario/target.js'
import type { Family } from '../transport/network.js'
import type { HepCollector } from '../worlds/hep-sender.js'
import type { LocalAddresses } from '../worlds/local-addresses.js'
import { AgentMetrics } from './agent-metrics.js'
import { AgentServer } from './agent-server.js'
import { usualWay, type OrderFacts } from './call-order.js'
import { type CallRecord, isInterrupted } from './call-record.js'
import { LoadTally } from './load-tally.js'
import { accountsForLoad } from './may-load.js'
import { type MetricsServer, startMetricsServer } from './metrics-server.js'
import { RunDesk } from './runs/run-desk.js'
import { RunTally } from './runs/run-tally.js'
import { SocketDrops } from './socket-drops.js'
import type { ScenarioFolder } from '../runner/scenario-files.js'
import type { KnownDeviations, SeenNote } from '../verdict/facts.js'
import { type Neighbour, problemsOf } from '../verdict/load-validity.js'
import { type Readiness, WorkerPool } from './worker-pool.js'
import type { CallCapture, Way } from './worker-protocol.js'

export interface CallAgentOptions {
  readonly target: Target
  /** Our address towards the target, by family. */
  readonly address: (family: Family) => string | undefined
  readonly token: string
  /** 0: any. */
  readonly port: number
  /** Threads; default one a core, as far as there are accounts for them. */
  readonly workers?: number | undefined
  /** Accounts that are registered and used; default 48. */
  readonly accounts?: number | undefined
  /** Addresses that the devices are spread over. Default: the one of `address`. */
  readonly locals?: LocalAddresses | undefined
  /** Takes the summary of a k6 that somebody else started. */
  readonly onSummary?: ((summary: unknown) => void) | undefined
  /** The access line that its devices are behind. */
  readonly line?: AccessLine | undefined
  /** What a survey learned of the target: scenarios that run as load take their patience from it. */
  readonly facts?: Facts | undefined
  /** What is known of the target and lived with. */
  readonly known?: KnownDeviations | undefined
  /** Of a target whose process on this machine is known. */
  readonly coreTimes?: CoreTimes | undefined
  /** Folders of the user's own scenarios. */
  readonly own?: readonly ScenarioFolder[] | undefined
  /** Where `/metrics` is answered besides; absent: only beside the orders, on loopback. */
  readonly metricsAt?: { readonly host: string; readonly port: number } | undefined
  /** A collector that is sent every SIP message, by its address. */
  readonly hep?: HepCollector | undefined
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined
}

/** So many telephones are enough for any number of calls; targets with fewer accounts lend what they have. */
const ACCOUNTS = 48
const SECOND_MS = 1000
/** A scenario that is broken off hangs up and removes its bindings in so long at most, ms. */
const RUN_ENDS_MS = 5_000

export class CallAgent {
  readonly tally: LoadTally
  readonly readiness: Readiness
  /** What runs of scenarios came to. */
  readonly runs: RunTally
  readonly #pool: WorkerPool
  readonly #desk: RunDesk
  readonly #server: AgentServer
  readonly #scraped: MetricsServer | undefined
  readonly #timer: NodeJS.Timeout
  readonly #drops: SocketDrops
  readonly #neighbour: NeighbourWatch
  readonly #cpuBefore = process.cpuUsage()
  readonly #startedAt = performance.now()
  #stopped: Promise<void> | undefined

  private constructor(o: {
    tally: LoadTally
    readiness: Readiness
    runs: RunTally
    pool: WorkerPool
    desk: RunDesk
    server: AgentServer
    scraped: MetricsServer | undefined
    drops: SocketDrops
    neighbour: NeighbourWatch
  }) {
    this.tally = o.tally
    this.readiness = o.readiness
    this.runs = o.runs
    this.#pool = o.pool
    this.#desk = o.desk
    this.#server = o.server
    this.#scraped = o.scraped
    this.#drops = o.drops
    this.#neighbour = o.neighbour
    this.#timer = setInterval(() => this.#second(), SECOND_MS)
  }

  /**
   * Registers the accounts and listens.
   * @throws where the target cannot be reached or has no account for calls, the port is taken, or when given up
   */
  static async start(o: CallAgentOptions): Promise<CallAgent> {
    const { target } = o
    const { document } = target
    const ways = waysTo(target, o.address)
    const reaches: OrderFacts['reaches'] = (transport, family) =>
      ways.some((way) => way.transport === transport && way.family === family)
    const home = usualWay(reaches)
    if (home === undefined) throw new Error(`${document.name} cannot be reached from here over any transport`)
    const accounts = accountsForLoad(document).slice(0, o.accounts ?? ACCOUNTS)
    const taken = new Set(accounts)
    const workers = Math.min(o.workers ?? availableParallelism(), Math.max(1, Math.floor(accounts.length / 2)))
    const tally = new LoadTally(document, unixNow())
    const metrics = new AgentMetrics((document.published?.relays ?? []).map(({ name }) => name))
    const { pool, readiness } = await WorkerPool.start({
      workers,
      accounts,
      data: {
        document: { ...document, accounts: [] },
        ways,
        home,
        reach: target.reach.addresses,
        line: o.line,
        hep: o.hep,
        addresses: Object.fromEntries(
          (['ipv4', 'ipv6'] as const).flatMap((family) => {
            const address = o.address(family)
            return address === undefined ? [] : [[family, address]]
          }),
        ),
        locals: o.locals,
        authority: target.authority,
      },
      onBegun: (lateMs) => tally.begun(lateMs),
      onAnswered: ({ status, setupMs }) => {
        if (status >= 200 && status < 300) tally.answered(setupMs)
      },
      onRecord: (record) => {
        tally.add(record)
        if (!isInterrupted(record)) metrics.observe(record)
      },
      onSample: (worker, sample) => tally.sample(worker, sample),
      onCrash: (what, calls) => tally.crashed(what, calls),
      onReplaced: () =>
        tally.book.happened(
          'another thread took its place; it hung up what was left at the target, and makes calls again',
        ),
      signal: o.signal,
    })
    tally.registered(readiness.delaysMs)
    const runs = new RunTally(tally.startedAt)
    const desk = new RunDesk({
      data: { document, facts: o.facts ?? NO_FACTS, known: o.known, line: o.line, hep: o.hep, own: o.own ?? [] },
      workers: o.workers ?? availableParallelism(),
      accounts: document.accounts.filter((account) => !taken.has(account)),
      takeOver: async () => ((await pool.retire()) ? document.accounts : undefined),
      startedAt: tally.startedAt,
      onBegun: (lateMs) => runs.begun(lateMs),
      onOutcome: (outcome) => runs.add(outcome),
      onUndelivered: (count) => runs.undelivered(count),
      onLag: (lagMaxMs) => runs.lag(lagMaxMs),
      onCrash: (what) => tally.crashed(what),
    })
    try {
      const gauges = () => ({
        ...tally.gauges,
        runs: { ...runs.counts, ...desk.load },
        activeCalls: pool.load.up,
        settingUp: pool.load.settingUp,
        workers: pool.workers,
      })
      const read = () => metrics.read({ ...gauges(), hearing: tally.now.hearing, relays: tally.relaysSoFar })
      const server = await AgentServer.start({
        engine: pool,
        runs: desk,
        facts: {
          document,
          dialPolicy: target.dialPolicy,
          reaches,
          accounts: readiness.registered,
          encrypts: (transport) => wantsSrtp(target, transport),
        },
        token: o.token,
        port: o.port,
        stats: () => ({
          ...gauges(),
          registrations: { registered: readiness.registered, delaysMs: readiness.delaysMs },
          problems: problemsOf(tally.generatorFacts(undefined)),
        }),
        metrics: read,
        onSummary: o.onSummary,
        onHeldBack: () => tally.heldBack(),
        onUndelivered: (counts) => tally.undelivered(counts),
        onStorm: (report, kind) => tally.storm(report, kind),
        onStep: (step) => tally.step(step, unixNow()),
        watch: () => tally.watch(),
      })
      const scraped =
        o.metricsAt === undefined
          ? undefined
          : await startMetricsServer({ ...o.metricsAt, token: o.token, metrics: read }).catch(
              async (error: unknown) => {
                await server.close()
                throw error
              },
            )
      return new CallAgent({
        tally,
        runs,
        readiness,
        pool,
        desk,
        server,
        scraped,
        drops: new SocketDrops(),
        neighbour: new NeighbourWatch(o.coreTimes ?? (() => undefined)),
      })
    } catch (error) {
      await Promise.all([pool.stop(1000), desk.stop(0)])
      throw error
    }
  }

  get url(): string {
    return this.#server.url
  }

  /** Where `/metrics` is answered besides, if it is. */
  get metricsUrl(): string | undefined {
    return this.#scraped?.url
  }

  get workers(): number {
    return this.#pool.workers
  }

  /** Calls that wait for their answer, that are up, and the most that were up at once. */
  get load(): { readonly settingUp: number; readonly up: number; readonly peak: number } {
    return this.#pool.load
  }

  /** Scenarios that run. */
  get runsOn(): number {
    return this.#desk.load.running
  }

  /** Of one core, of this process since its start: threads, API and all. */
  get cpuPercent(): number {
    const { user, system } = process.cpuUsage(this.#cpuBefore)
    return Math.round((user + system) / 10 / Math.max(1, performance.now() - this.#startedAt))
  }

  /** What a target on this machine had of its cores while calls were up; undefined where that is not known. */
  get neighbour(): Neighbour | undefined {
    return this.#neighbour.facts
  }

  /** Closes the second that has begun, so that what happened in it is told; it is the last one. */
  closeSecond(): void {
    clearInterval(this.#timer)
    this.#second()
  }

  /** No more orders; calls go on. */
  drain(): void {
    this.#server.drain()
  }

  captures(records: readonly CallRecord[]): Promise<CallCapture[]> {
    return this.#pool.captures(records.map((record) => record.id))
  }

  /** What the standing checks noticed, in calls and in runs of scenarios. @param place of the calls */
  async seenNotes(place: Place): Promise<SeenNote[]> {
    const ofCalls = (await this.#pool.notes()).map((note) => ({ note, place, evidence: [] }))
    return [...ofCalls, ...(await this.#desk.notes())]
  }

  /** What runs of scenarios came to; captures of the first failures go into the folder. */
  async resultOfRuns(folder: string): Promise<Pick<LoadResult, 'scenarios' | 'runs'>> {
    const kept: ScenarioResult[] = await this.#desk.kept(folder)
    return this.runs.result(kept, this.#desk.load.peak)
  }

  /** Waits until no call is up or being set up and no scenario runs, or the time is over. @returns whether all are over */
  async idle(withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs
    while (this.load.up + this.load.settingUp + this.#desk.load.running > 0) {
      if (performance.now() > until) return false
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return true
  }

  /** Hangs up what is up, removes the bindings, closes. */
  stop(withinMs = 3_000): Promise<void> {
    this.#stopped ??= this.#stop(withinMs)
    return this.#stopped
  }

  async #stop(withinMs: number): Promise<void> {
    this.drain()
    clearInterval(this.#timer)
    await Promise.all([this.#pool.stop(withinMs), this.#desk.stop(RUN_ENDS_MS)])
    this.#scraped?.close()
    await this.#server.close()
  }

  #second(): void {
    this.tally.socketDrops = this.#drops.count()
    this.tally.second(unixNow(), this.load.up)
    this.#neighbour.look(performance.now(), this.load.up + this.load.settingUp)
  }
}

function waysTo(target: Target, address: CallAgentOptions['address']): Way[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    (['udp', 'tcp', 'tls'] as const).flatMap((transport) => {
      const hop = target.hop({ transport, family })
      if (hop === undefined || address(family) === undefined) return []
      // Flows do not survive the way to another thread.
      const { flow: _flow, ...plain } = hop
      return [{ transport, family, hop: plain, domain: target.domain(transport) }]
    }),
  )
}
