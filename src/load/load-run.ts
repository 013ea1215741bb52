/** One load, from the start of k6 to what was measured. */
import { storageTrouble } from '../evidence/storage-trouble.js'
import type { LoadPart, LoadResult } from '../result/load-result.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import type { CallAgent } from './call-agent.js'
import { writeCallEvidence } from './call-evidence.js'
import { capacityOf, readCalibration } from './capacity.js'
import type { K6Program } from './k6-program.js'
import { K6_ABORTED, K6_THRESHOLDS_CROSSED, type K6End, type K6Order, startK6 } from './k6-run.js'
import type { Profile } from './profiles.js'
import { ceilingOf } from '../verdict/breakpoint.js'
import { type GeneratorFacts, validityOf } from '../verdict/load-validity.js'
import { kindsInWords } from './kinds.js'
import type { LoadTally } from './load-tally.js'
import { type PartNumber, segmentOf, shareOf } from './parts.js'
import type { RelayWatch } from './relay-control/relay-watch.js'
import { countOf, type K6Summary, metricsOfK6, reconcile, thresholdsOf } from './reconciliation.js'

/** What is to be loaded with. */
export interface LoadShape {
  readonly profile: Profile
  /** Calls at a time. */
  readonly calls?: number | undefined
  /** Calls a second. */
  readonly rate?: number | undefined
  /** Seconds that a call is held. */
  readonly hold?: number | undefined
  /** Seconds. */
  readonly duration?: number | undefined
  /** `echo`, `account`, `auto` or a number. Default: as the profile has it, of ours both the echo test and accounts. */
  readonly to?: string | undefined
  /** Which calls use, an equal share each. Default: the first that reaches the target. */
  readonly transports?: readonly TransportName[] | undefined
  readonly families?: readonly Family[] | undefined
  /** False: calls are signalling alone. Default: true. */
  readonly audio?: boolean | undefined
  /** The part of the load that is made here; absent: all of it. */
  readonly part?: PartNumber | undefined
  /** Devices that are registered, whether they call or not. Default: 48, or as many as the target has. */
  readonly accounts?: number | undefined
  /** Addresses of this machine, or prefixes of them, that the devices are spread over. */
  readonly local?: readonly string[] | undefined
  /** More arguments of k6. */
  readonly k6Args?: readonly string[] | undefined
}

interface Running {
  readonly agent: CallAgent
  readonly program: K6Program
  readonly token: string
  readonly shape: LoadShape
  readonly limits: K6Order['limits']
  /** The target file's. */
  readonly thresholds: K6Order['thresholds']
  /** The run's. */
  readonly folder: string
  readonly env: K6Order['env']
  /** Asks k6 to end. */
  readonly signal: AbortSignal
  readonly show?: K6Order['show']
}

/** Lets k6 run its profile against an agent, to its end. */
export async function runK6({ agent, shape, signal, ...order }: Running): Promise<K6End> {
  const { profile, k6Args: args, ...numbers } = shape
  const run = startK6({ ...order, ...numbers, script: profile.script, agentUrl: agent.url, args })
  const stop = () => run.stop()
  signal.addEventListener('abort', stop, { once: true })
  // Between the last look and this one it may have come.
  if (signal.aborted) stop()
  try {
    return await run.ended
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Calls that are still up when k6 is gone have lost their client: the agent hangs them up, which takes a moment. */
const LAST_CALLS_MS = 8_000

interface Done {
  readonly agent: CallAgent
  readonly program: K6Program
  readonly end: K6End
  readonly shape: LoadShape
  /** Where captures of remarkable calls are written. */
  readonly folder: string
  readonly interrupted: boolean
  /** Asks the relays for their own counters, where the target file allows it. */
  readonly relayWatch?: RelayWatch | undefined
}

/** Waits for the last calls, writes the captures of the remarkable ones, and puts together what was measured. */
export async function resultOfLoad(done: Done): Promise<LoadResult> {
  const { agent, program, end, shape, folder, interrupted } = done
  agent.drain()
  const { tally } = agent
  tellEnd(tally, agent.load.up + agent.load.settingUp, end, interrupted)
  const isIdle = await agent.idle(LAST_CALLS_MS)
  const evidence = new Map<string, readonly string[]>()
  for (const capture of await agent.captures(tally.remarkable)) {
    if (capture.packets.length === 0) continue
    try {
      evidence.set(capture.id, [writeCallEvidence(folder, capture)])
    } catch (error) {
      // What was counted stands without its packets; that the disk is full is told with the report.
      if (storageTrouble(error) === undefined) throw error
    }
  }
  const cpuPercent = agent.cpuPercent
  // What the last calls did is not in any full second yet.
  agent.closeSecond()
  const relayCounts = await relayCountsAfter(done, isIdle)
  const brokenOff = interrupted ? undefined : brokenOffBy(end)
  const { summary } = end
  const plan = summary?.ordered?.plan ?? {}
  const part = partOf(shape, summary)
  const pace = interrupted ? undefined : paceOf(summary, tally, part)
  const measured = tally.result(agent.load.peak, evidence)
  const capacity = capacityOf(readCalibration(), measured.series ?? [], pace?.began)
  const facts = {
    ...tally.generatorFacts(brokenOff),
    ...(pace === undefined ? {} : { pace }),
    capacity,
    runs: agent.runs.facts,
    neighbour: agent.neighbour,
  }
  // Interrupted iterations have lost their counts; then there is nothing to be compared.
  const reconciliation =
    summary === undefined || interrupted ? undefined : reconcile(summary, tally.counts, agent.runs.counts.delivered)
  const runs = await agent.resultOfRuns(folder)
  const { valid, sound, problems } = validityOf(
    measured.breakpoint ? bySteps(facts, measured.breakpoint) : facts,
    reconciliation,
  )
  const { metrics = [] } = measured
  return {
    profile: summary?.ordered?.profile ?? shape.profile.name,
    valid,
    ...(part === undefined ? {} : { part }),
    ...given('seed', summary?.ordered?.seed),
    generator: {
      sendLatenessP99Ms: facts.sendLatenessP99Ms ?? 0,
      ...given('sendLatenessP999Ms', facts.sendLatenessP999Ms),
      eventLoopLagP99Ms: Math.round(facts.eventLoopLagP99Ms * 1000) / 1000,
      sound,
      problems,
      ...(sound ? {} : { capacity }),
      cpuPercent,
      socketDrops: facts.socketDrops,
      workers: agent.workers,
    },
    ...measured,
    devices: devicesOf(agent),
    ...runs,
    metrics: [
      ...metrics,
      ...(summary === undefined ? [] : metricsOfK6(summary, new Set(metrics.map(({ metric }) => metric)))),
    ],
    ...(summary === undefined ? {} : { thresholds: thresholdsOf(summary) }),
    ...(reconciliation === undefined ? {} : { reconciliation }),
    ...(relayCounts === undefined ? {} : { relayCounts }),
    k6: {
      version: program.version,
      exitCode: end.code ?? -1,
      ...(summary === undefined
        ? {}
        : { iterations: countOf(summary, 'iterations'), droppedIterations: countOf(summary, 'dropped_iterations') }),
    },
    order: {
      ...given('calls', plan.calls ?? shape.calls),
      ...given('holdS', plan.hold ?? shape.hold),
      ...given('rate', plan.rate ?? shape.rate),
      ...given('durationS', plan.duration ?? shape.duration),
      ...(plan.to === undefined && shape.to === undefined ? {} : { to: plan.to ?? shape.to }),
      kinds: (summary?.ordered?.flows ?? []).flatMap((flow) => kindsInWords(flow, measured.calls.dialled)),
    },
  }
}

/** Reasons that are kept. */
const MOST_WHY = 5

/** Accounts that the target refused are left out, and the load is one of the others. */
function devicesOf({ readiness: { registered, troubles } }: Pick<CallAgent, 'readiness'>): LoadResult['devices'] {
  return { wanted: registered + troubles.length, registered, why: troubles.slice(0, MOST_WHY) }
}

/** What the relays counted themselves. One that was started again explains what else was seen then. */
async function relayCountsAfter(
  { agent, end, shape, interrupted, relayWatch }: Done,
  isIdle: boolean,
): Promise<LoadResult['relayCounts']> {
  const { tally } = agent
  const rows = await relayWatch?.close({
    traffic: tally.traffic,
    runs: agent.runs.counts.started,
    dropped: tally.socketDrops,
    // What calls of a thread that died had sent, and how they ended, is not known.
    settled: isIdle && !interrupted && tally.generatorFacts(undefined).crashes.length === 0,
    partial: partOf(shape, end.summary) !== undefined,
  })
  for (const { relays, restartedAt } of rows ?? []) {
    if (restartedAt === undefined) continue
    const names = relays.join(', ')
    tally.book.happened(`the relay program of ${names} was started again: its own counters began anew`, restartedAt)
  }
  return rows
}

/** Where the most was searched for, each step was judged by itself: one that this machine could not make spoils no other. */
const bySteps = (facts: GeneratorFacts, breakpoint: NonNullable<LoadResult['breakpoint']>): GeneratorFacts => ({
  ...facts,
  sendLatenessP99Ms: undefined,
  eventLoopLagP99Ms: 0,
  ceilings: ceilingOf(breakpoint),
})

/** The part that it was: as k6 had it, which may have been told by arguments of the user's own. */
function partOf({ part }: LoadShape, summary: K6Summary | undefined): LoadPart | undefined {
  return summary?.ordered?.part ?? (part === undefined ? undefined : segmentOf(part))
}

/** That the load was cut short, and what became of the calls that were going on. */
function tellEnd(tally: LoadTally, calls: number, end: K6End, interrupted: boolean): void {
  const { thrown, abortedBy } = end
  if (thrown !== undefined) {
    tally.book.happened(
      `${thrown.count} ${thrown.count === 1 ? 'iteration' : 'iterations'} of the script ended with an error, the first: ${thrown.first}`,
    )
  }
  if (abortedBy !== undefined)
    tally.book.happened(`k6 ended the load: a threshold of ${abortedBy} with abortOnFail was crossed`)
  const why = interrupted ? 'the load was interrupted' : brokenOffBy(end)
  if (why === undefined) return
  const hungUp =
    calls === 0
      ? ''
      : `; ${calls} ${calls === 1 ? 'call' : 'calls'} that went on ${calls === 1 ? 'was' : 'were'} hung up`
  tally.book.happened(`${why}${hungUp}`)
}

/** Calls a second that were ordered and that began, where they were to begin at one rate. */
function paceOf(summary: K6Summary | undefined, tally: LoadTally, part: LoadPart | undefined): GeneratorFacts['pace'] {
  const { plan, flows = [] } = summary?.ordered ?? {}
  const [flow] = flows
  const share = part === undefined ? 1 : shareOf(part)
  const ordered = scaled(flow?.peak ?? plan?.rate, share)
  // Waves are whole calls, so that a part may have one less.
  const calls = scaled(flow?.expected ?? plan?.calls, share, share === 1 ? undefined : Math.floor)
  const isSteady = flows.length < 2 && (flow === undefined || Math.abs(flow.peak * flow.seconds - flow.expected) < 1)
  if (!isSteady || ordered === undefined || calls === undefined) return undefined
  const began = tally.rateOfFirst(calls)
  return began === undefined ? undefined : { ordered, began, calls }
}

function scaled(value: number | undefined, share: number, round = (x: number) => x): number | undefined {
  return value === undefined ? undefined : round(value * share)
}

function given<K extends string>(name: K, value: number | undefined): { [P in K]?: number } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: number }
}

/** Why the load was not completed; undefined where k6 came to its end, with or without crossed thresholds. */
function brokenOffBy({ code, signal, summary, said, lacking, reason }: K6End): string | undefined {
  if (lacking !== undefined) return lacking
  if ((code === 0 || code === K6_THRESHOLDS_CROSSED) && summary !== undefined) return undefined
  const last = reason ?? said.split('\n').at(-1) ?? ''
  const how =
    signal === undefined
      ? code === undefined
        ? 'could not be started'
        : code === K6_ABORTED
          ? 'was told to stop'
          : `exited with ${code}`
      : `was killed by ${signal}`
  return `k6 ${how}${last === '' ? '' : ` (${last.slice(0, 300)})`}: the load was not completed`
}
