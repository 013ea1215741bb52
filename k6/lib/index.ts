// ringproof/k6: telephone calls for k6 scripts. See docs/load-testing.md.
import { sleep } from 'k6'
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { handOver, placeCall, placeRegistrations, placeRun, placeRuns, placeStep, placeWave, stats } from './agent.ts'
import { findLimit, type SearchOptions } from './breakpoint.ts'
import { type Flow, flows, type RunFlow, runFlows } from './flow.ts'
import { countCall, countRegistrations, countRun, countRuns, countStorm, countWave, showAgent } from './metrics.ts'
import type { CallOrder, RunOrder, RunWaveOrder, WaveOrder } from './orders.ts'
import { parts, thisPart, thresholdsOfPart } from './parts.ts'
import type {
  CallRecord,
  RegistrationOrder,
  RegistrationReport,
  RunRecord,
  RunWaveRecords,
  WaveRecords,
} from './records.ts'
import { endOfScenarios } from './time.ts'
import { type Kind, type Thresholds, thresholds, trendStatsFor } from './thresholds.ts'

export type {
  CallRecord,
  LegRecord,
  RegistrationOrder,
  RegistrationReport,
  RunRecord,
  RunWaveRecords,
  Verdict,
  WaveRecords,
} from './records.ts'
export { asked, askedCall, type Numbers } from './asked.ts'
export {
  arrivals,
  type Flow,
  rampingArrivals,
  rampingScenarios,
  type RunFlow,
  scenarioArrivals,
  type Stage,
} from './flow.ts'
export {
  type CallOrder,
  type HoldTime,
  type Mix,
  mix,
  type RunMix,
  type RunOrder,
  type RunWaveOrder,
  type WaveOrder,
} from './orders.ts'
export { type Thresholds, thresholds, withStatistics } from './thresholds.ts'

/** Makes one call, waits until it is over, and counts it. Undefined where the call agent did not make it. */
export function call(order: CallOrder): CallRecord | undefined {
  const record = placeCall(order)
  if (record !== undefined) countCall(record)
  return record
}

/**
 * Makes the calls of a flow that are due in this iteration, or of a wave of your own; waits until all of them are over, and
 * counts them. Undefined where none was due, or the call agent did not make them.
 */
export function wave(what: Flow | WaveOrder): WaveRecords | undefined {
  const order = 'next' in what ? what.next() : what
  if (order === undefined) return undefined
  const records = placeWave(order)
  if (records !== undefined) countWave(records)
  return records
}

/**
 * Runs one scenario with accounts of the target, waits for its verdict, and counts it: `runScenario('media/two-way')`. Undefined where
 * the call agent did not run it.
 */
export function runScenario(scenario: string, variant?: RunOrder['variant']): RunRecord | undefined {
  const record = placeRun({ scenario, ...(variant === undefined ? {} : { variant }) })
  if (record !== undefined) countRun(record)
  return record
}

/** Runs the scenarios of a flow that are due in this iteration, or a wave of your own; waits until all are over, and counts them. */
export function runScenarios(what: RunFlow | RunWaveOrder): RunWaveRecords | undefined {
  const order = 'next' in what ? what.next() : what
  if (order === undefined) return undefined
  // A script that has no flow of calls makes none.
  const records = placeRuns('next' in what && flows.length === 0 ? { ...order, alone: true } : order)
  if (records !== undefined) countRuns(records)
  return records
}

/**
 * Finds the most calls at a time, or a second, that are carried within the thresholds: rises by steps until something gives way, waits
 * until all is well again, narrows. The report says what gave way first, and how each relay did.
 * @returns the most that was carried; 0 where nothing was
 */
export function breakpoint(o: Omit<SearchOptions, 'now' | 'thresholds'> & { thresholds?: Thresholds }): number {
  const search = findLimit({ ...o, thresholds: thresholds(o.thresholds), now: Date.now })
  let next = search.next()
  while (!next.done) {
    const ask = next.value
    if ('step' in ask) placeStep(ask.step)
    if ('pauseS' in ask) sleep(ask.pauseS)
    next = 'wave' in ask ? search.next(wave(ask.wave)) : search.next()
  }
  return next.value
}

/** Has the devices of the call agent register, waits until that is over, and counts it. */
export function register(order: RegistrationOrder): RegistrationReport | undefined {
  const report = placeRegistrations(order)
  if (report !== undefined) countStorm(report, 'again' in order)
  return report
}

/** Seconds that the monitor goes on after the last call may have begun. */
const AFTER_S = 180

/** Seconds that the first call of a flow may be late before none is waited for any more. */
const NONE_S = 30

/**
 * k6's options of a load. To your own they add: a scenario `monitor` (export `monitor` from your script), the usual thresholds
 * for metrics that have none of yours, and the statistics that the report shows.
 * @param expected calls that the load comes to; default: those of its flows
 */
export function loadOptions(own: Options & { thresholds?: Thresholds }, expected = expectedOfFlows()): Options {
  const { here: limits, whole } = thresholdsOfPart(thresholds(own.thresholds, expected, kindOfLoad(expected)))
  forTheWhole = whole
  ends = endOfScenarios(own.scenarios)
  const seconds =
    Math.max(ends.over, ...[...flows, ...runFlows].map((flow) => ends.begun + flow.seconds + flow.holdSeconds)) +
    AFTER_S
  return {
    summaryTrendStats: trendStatsFor(limits),
    userAgent: 'ringproof-k6',
    ...own,
    scenarios: {
      ...own.scenarios,
      monitor: {
        executor: 'per-vu-iterations',
        exec: 'monitor',
        // Each part of a load that is split has one.
        vus: parts,
        iterations: 1,
        maxDuration: `${Math.ceil(seconds)}s`,
        gracefulStop: '2s',
      },
    },
    thresholds: limits,
  }
}

function expectedOfFlows(): number | undefined {
  return flows.length === 0 ? undefined : flows.reduce((sum, flow) => sum + flow.expected, 0)
}

function kindOfLoad(expected: number | undefined): Kind {
  if (runFlows.length === 0) return 'calls'
  return expected === undefined ? 'scenarios' : 'both'
}

/** Looks at the call agent once a second until nothing goes on any more. */
export function monitor(): void {
  const all = [...flows, ...runFlows]
  const expected = all.length === 0 ? Infinity : all.reduce((sum, flow) => sum + flow.expected, 0)
  const begunBy = Math.max(ends.begun, ...all.map(({ seconds }) => seconds))
  let idle = 0
  for (let second = 0; second < begunBy || idle < 5; second++) {
    const seen = stats()
    if (seen === undefined) return
    if (second === 0) countRegistrations(seen)
    showAgent(seen)
    const { runs } = seen
    const [started, ended] = [seen.started + runs.started, seen.ended + runs.ended]
    // Scenarios beside the flows make calls, too.
    if (ended >= expected && second >= begunBy) return
    const goingOn = seen.activeCalls + seen.settingUp + runs.running + runs.waiting
    // Whoever pauses between two calls is not idle for longer than this. To a part of a load there may be no call at all, nor to a
    // script that forgets to order those of its flow.
    const patience = parts > 1 ? 0 : all.length > 0 ? NONE_S : AFTER_S
    const hasBegun = started > 0 || second >= begunBy + patience
    idle = hasBegun && goingOn === 0 && ended >= started ? idle + 1 : 0
    sleep(1)
  }
}

/** Spreads the first iterations of virtual users over time, as many a second as asked for, and pauses before later ones. */
export function takeTurns(o: { users: number; rate: number; pause?: number }): void {
  const isFirst = exec.vu.iterationInScenario === 0
  sleep(isFirst ? (exec.scenario.iterationInTest % o.users) / o.rate : (o.pause ?? 1))
}

/** What a script says of its load in k6's summary. */
let told: object = {}
/** Thresholds that only all parts together can be held to. */
let forTheWhole: Record<string, string[]> = {}
/** When the scenarios of the script end, seconds. */
let ends = { begun: 0, over: 0 }

/** Says what the report shows as ordered, where it does not follow from flows: calls at a time, calls a second, seconds. */
export function tellPlan(plan: { calls?: number; rate?: number; hold?: number; duration?: number; to?: string }): void {
  told = plan
}

/**
 * Writes k6's summary, with what was ordered, where ringproof wants it (RINGPROOF_SUMMARY). Where k6 was started by somebody else
 * it goes to the agent (`ringproof agent --out` makes a report of it), and k6 prints its own.
 */
export function handleSummary(data: object): Record<string, string> | undefined {
  const file = __ENV.RINGPROOF_SUMMARY
  const part = thisPart()
  const seed = Number(__ENV.RINGPROOF_SEED) || undefined
  const ordered = {
    plan: told,
    flows: flows.map(({ expected, seconds, peak, calls, holdSeconds }) => ({
      expected,
      seconds,
      peak,
      holdSeconds,
      calls: 'mix' in calls ? calls.mix : [{ weight: 1, call: calls }],
    })),
    whole: forTheWhole,
    profile: __ENV.RINGPROOF_PROFILE || undefined,
    ...(part === undefined ? {} : { part }),
    ...(seed === undefined ? {} : { seed }),
    scenarios: runFlows.flatMap((flow) => flow.scenarios.mix.map(({ scenario }) => scenario)),
  }
  if (file) return { [file]: JSON.stringify({ ...data, ordered }) }
  if (__ENV.RINGPROOF_AGENT_TOKEN) handOver({ ...data, ordered })
  return undefined
}
