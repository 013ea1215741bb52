/**
 * A load in virtual time: the whole core of a call agent (waves within limits, calls with audio, relays, tally, verdict), without threads
 * and without k6, against the embedded provider.
 */
import { CallAdmission } from '../../src/load/call-admission.js'
import { CallBook, type PendingCall } from '../../src/load/call-book.js'
import type { CallEngine, OrderedCall } from '../../src/load/call-engine.js'
import { CallMaker } from '../../src/load/call-maker.js'
import { usualWay } from '../../src/load/call-order.js'
import type { CallRecord } from '../../src/load/call-record.js'
import { accountsForLoad } from '../../src/load/may-load.js'
import { LoadTally } from '../../src/load/load-tally.js'
import { joined, type StormReport } from '../../src/load/registration-storm.js'
import { waveOf } from '../../src/load/wave-order.js'
import type { WaveAnswer } from '../../src/load/wave-records.js'
import { Waves } from '../../src/load/waves.js'
import type { FromWorker, WorkerSample } from '../../src/load/worker-protocol.js'
import type { EmbeddedProvider, PlantedFault } from '../../src/provider/embedded-provider.js'
import type { LoadResult } from '../../src/result/load-result.js'
import { wantsSrtp } from '../../src/scenario/target.js'
import type { World } from '../../src/scenario/world.js'
import { type Conclusion, conclude } from '../../src/verdict/conclude.js'
import type { AccessLine } from '../../src/transport/access-line.js'
import { validityOf } from '../../src/verdict/load-validity.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'

/** What a script does while the load runs. */
export interface LoadStage {
  readonly world: World
  readonly tally: LoadTally
  readonly provider: EmbeddedProvider
  /** As `POST /v1/waves`: resolves when its calls are over. */
  readonly wave: (order: object) => Promise<WaveAnswer>
}

export interface VirtualLoad {
  readonly load: LoadResult
  readonly records: readonly CallRecord[]
  readonly conclusion: Conclusion
  /** What the curves are drawn of: packets received and lost. */
  readonly sampled: { readonly received: number; readonly lost: number }
}

interface VirtualLoadOptions {
  readonly seed?: number
  readonly faults?: readonly PlantedFault[]
  readonly accounts?: number
  /** The access line that the devices are behind. */
  readonly line?: AccessLine
  readonly limits?: { readonly callsPerSecond: number; readonly concurrentCalls: number }
}

const NO_LIMITS = { callsPerSecond: 10_000, concurrentCalls: 100_000 }

/** Carries out a script against a provider with these faults, and judges what came of it. */
export async function loadVirtually(
  { seed = 1, faults = [], accounts = 14, limits = NO_LIMITS, line }: VirtualLoadOptions,
  script: (stage: LoadStage) => Promise<unknown>,
): Promise<VirtualLoad> {
  let provider: EmbeddedProvider | undefined
  const { stages } = await virtualStages({ seed, faults, line, shows: (shown) => (provider = shown) })
  return stages.on('load', async (world) => {
    if (provider === undefined) throw new Error('no provider')
    const { clock, target } = world
    const document = { ...target.document, limits: { ...target.document.limits, ...limits } }
    const tally = new LoadTally(document, clock.unixMs())
    const records: CallRecord[] = []
    const engine = new VirtualEngine(world, accountsForLoad(document).slice(0, accounts), tally, records)
    const registered = await engine.start()
    const admission = new CallAdmission(document.limits)
    const waves: Waves = new Waves({
      engine,
      admission,
      now: () => clock.now(),
      unixMs: () => clock.unixMs(),
      onHeldBack: () => tally.heldBack(),
    })
    const facts = {
      document,
      dialPolicy: target.dialPolicy,
      reaches: engine.reaches,
      accounts: registered,
      encrypts: (transport: 'udp' | 'tcp' | 'tls') => wantsSrtp(target, transport),
    }
    const state = { isOver: false }
    const seconds = (async () => {
      while (!state.isOver) {
        await clock.sleep(1000)
        tally.second(clock.unixMs(), engine.book.load.up)
      }
    })()
    await script({ world, tally, provider, wave: (order) => waves.begin(waveOf(order, facts)).over })
    await clock.sleep(1000)
    state.isOver = true
    await seconds
    await engine.stop()
    const generator = tally.generatorFacts(undefined)
    // How busy this machine is says nothing of virtual time.
    const { valid, sound, problems } = validityOf({ ...generator, machine: undefined })
    const load: LoadResult = {
      profile: 'virtual',
      valid,
      generator: {
        sendLatenessP99Ms: generator.sendLatenessP99Ms ?? 0,
        eventLoopLagP99Ms: generator.eventLoopLagP99Ms,
        sound,
        problems,
      },
      ...tally.result(engine.book.load.peak, new Map()),
    }
    const nothing = { scenarios: [], notRun: [], notes: [], noise: [], interrupted: false }
    return { load, records, conclusion: conclude({ ...nothing, load }), sampled: { ...engine.sampled } }
  })
}

class VirtualEngine implements CallEngine {
  readonly retired = false
  readonly workers = 1
  readonly book: CallBook
  readonly sampled = { received: 0, lost: 0 }
  readonly #maker: CallMaker
  readonly #calls = new Map<string, PendingCall>()
  readonly #ready: Promise<number>
  #begun = 0

  constructor(
    world: World,
    accounts: World['target']['document']['accounts'],
    tally: LoadTally,
    records: CallRecord[],
  ) {
    const { clock, network, random, target } = world
    this.book = new CallBook({
      onBegun: (lateMs) => tally.begun(lateMs, clock.now()),
      onAnswered: ({ status, setupMs }) => {
        if (status >= 200 && status < 300) tally.answered(setupMs)
      },
      onRecord: (record) => {
        tally.add(record)
        records.push(record)
      },
    })
    const ways = (['udp', 'tcp', 'tls'] as const).flatMap((transport) => {
      const hop = target.hop({ transport, family: 'ipv4' })
      return hop === undefined ? [] : [{ transport, family: 'ipv4' as const, hop, domain: target.domain(transport) }]
    })
    const home = usualWay((transport, family) =>
      ways.some((way) => way.transport === transport && way.family === family),
    )
    if (home === undefined) throw new Error('no way to the target')
    let ready: (registered: number) => void = () => {}
    this.#ready = new Promise((resolve) => (ready = resolve))
    this.#maker = new CallMaker({
      data: {
        index: 0,
        workers: 1,
        reach: [],
        document: target.document,
        accounts,
        ways,
        home,
        addresses: { ipv4: world.address('ipv4') ?? '' },
        authority: undefined,
        patternBase: 1,
      },
      clock,
      network,
      random,
      send: (message: FromWorker) => {
        if (message.kind === 'ready') ready(message.registered)
        else if (message.kind === 'events') for (const event of message.events) this.#happened(event)
        else if (message.kind === 'second') this.#sample(tally, message.sample)
      },
    })
  }

  readonly reaches = (transport: string, family: string): boolean =>
    ['udp', 'tcp', 'tls'].includes(transport) && family === 'ipv4'

  async start(): Promise<number> {
    await this.#maker.start()
    return this.#ready
  }

  stop(): Promise<void> {
    return this.#maker.stop(5_000)
  }

  place(): OrderedCall {
    throw new Error('calls of a virtual load come in waves')
  }

  placeWave(...[wave, calls, { ended, dropped }]: Parameters<CallEngine['placeWave']>): void {
    const own = calls.map(({ startAt, order }) => {
      const id = `${wave}.${++this.#begun}`
      this.#calls.set(id, { order, startedAt: startAt, ended, dropped, state: 'coming' })
      return { id, startAt, order }
    })
    this.#maker.receive({ kind: 'wave', wave, calls: own })
  }

  end(id: string): void {
    this.#maker.receive({ kind: 'hang-up', id, why: 'normal' })
  }

  endWave(...[wave, why]: Parameters<CallEngine['endWave']>): void {
    this.#maker.receive({ kind: 'end-wave', wave, why })
  }

  registerAgain(): Promise<StormReport> {
    return Promise.resolve(joined([]))
  }

  #sample(tally: LoadTally, sample: WorkerSample): void {
    tally.sample(0, sample)
    for (const { received, lost } of Object.values(sample.relays)) {
      this.sampled.received += received
      this.sampled.lost += lost
    }
  }

  #happened(event: Extract<FromWorker, { kind: 'events' }>['events'][number]): void {
    const pending = this.#calls.get(event.id)
    if (pending === undefined) return
    if (event.kind === 'ended' || event.kind === 'dropped') this.#calls.delete(event.id)
    this.book.happened(pending, event)
  }
}
