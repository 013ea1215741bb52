// Flows of calls: so many a second, as waves. Each gives the options of a k6 scenario and orders its waves.
import exec from 'k6/execution'
import type { Scenario } from 'k6/options'
import {
  type CallOrder,
  longestHoldMs,
  type Mix,
  type RunMix,
  type RunOrder,
  type RunWaveOrder,
  show,
  type WaveOrder,
} from './orders.ts'
import { parts as loadParts } from './parts.ts'
import { secondsOf } from './time.ts'

/** A flow of calls, or of scenarios: so many a second. */
interface FlowOf<Order> {
  /** Options of a k6 scenario that carries it out; spread them to add others, `exec` above all. */
  readonly options: Scenario
  /** Calls that it comes to. */
  readonly expected: number
  /** Seconds that calls begin for, and that the longest one lasts. */
  readonly seconds: number
  readonly holdSeconds: number
  /** The most calls a second. */
  readonly peak: number
  /** The wave of this iteration; undefined where no call is due. */
  next(): Order | undefined
}

/** A flow of calls. */
export interface Flow extends FlowOf<WaveOrder> {
  readonly calls: CallOrder | Mix
}

/** A flow of scenarios. */
export interface RunFlow extends FlowOf<RunWaveOrder> {
  readonly scenarios: RunMix
}

interface Spacing {
  /** Evenly spaced, or as independent callers begin (the default). */
  spacing?: 'even' | 'poisson'
  /** The same seed gives the same calls at the same times. Default: RINGPROOF_SEED, else different ones each time. */
  seed?: number
}

interface FlowOptions extends Spacing {
  calls: CallOrder | Mix
}

interface RunFlowOptions extends Spacing {
  /** Ids, or parts of them with `*`. */
  scenarios: readonly (string | (RunOrder & { weight?: number }))[]
}

/** A step of a flow, as k6's own `stages`: the rate changes evenly to `target` calls a second. */
export interface Stage {
  duration: string | number
  target: number
}

/** The same number of calls a second all the time. */
export function arrivals(o: FlowOptions & { rate: number; duration: string | number }): Flow {
  return callsOf(o, steady(o))
}

/** Scenarios at the same rate all the time, so many a second. */
export function scenarioArrivals(o: RunFlowOptions & { rate: number; duration: string | number }): RunFlow {
  return runsOf(o, steady(o))
}

/** A rate of calls that changes by stages, as k6's `ramping-arrival-rate`. */
export function rampingArrivals(o: FlowOptions & Ramp): Flow {
  return callsOf(o, ramp(o))
}

/** A rate of scenarios that changes by stages. */
export function rampingScenarios(o: RunFlowOptions & Ramp): RunFlow {
  return runsOf(o, ramp(o))
}

interface Ramp {
  startRate?: number
  stages: readonly Stage[]
}

/** All flows of this script. */
export const flows: Flow[] = []
export const runFlows: RunFlow[] = []

function callsOf(o: FlowOptions, parts: readonly Part[]): Flow {
  const order = 'mix' in o.calls ? o.calls : { call: o.calls }
  const flow = { ...flowOf(o, parts, longestHoldMs(o.calls) / 1000, order), calls: o.calls }
  flows.push(flow)
  return flow
}

function runsOf(o: RunFlowOptions, parts: readonly Part[]): RunFlow {
  const scenarios = { mix: o.scenarios.map((one) => (typeof one === 'string' ? { scenario: one } : one)) }
  const flow = { ...flowOf(o, parts, LONGEST_RUN_S, scenarios), scenarios }
  runFlows.push(flow)
  return flow
}

const steady = (o: { rate: number; duration: string | number }): Part[] => {
  const rate = numberA('rate', o.rate)
  return [{ from: rate, to: rate, seconds: secondsOf(o.duration) }]
}

function ramp({ startRate = 0, stages }: Ramp): Part[] {
  let from = numberA('startRate', startRate)
  return stages.map(({ duration, target }) => {
    const part = { from, to: numberA('target', target), seconds: secondsOf(duration) }
    from = target
    return part
  })
}

/** Scripts in JavaScript, and variables of the environment, may bring anything. */
function numberA(name: string, value: number): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`${name} is ${show(value)}: give a number a second`)
  return value
}

interface Part {
  from: number
  to: number
  seconds: number
}

/** Waves that are under way at a time, each with a virtual user of its own: beyond that they become longer than a second. */
const MOST_WAVES = 300
/** Seconds that setting up and ending a call may take beyond its time. */
const SLACK_S = 90
/** Seconds that a scenario which is fit for load takes at most. */
const LONGEST_RUN_S = 40

/** @param holdSeconds of the longest call or scenario @param what of each wave is ordered */
function flowOf<What extends object>(
  { spacing = 'poisson', seed }: Spacing,
  parts: readonly Part[],
  holdSeconds: number,
  what: What,
): FlowOf<What & Omit<WaveOrder, 'call' | 'mix'>> {
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0)
  const expected = Math.floor(begunBy(parts, seconds))
  const waveS = Math.min(seconds, Math.max(1, Math.ceil(holdSeconds / MOST_WAVES)))
  // Sums of fractions may be a little more than they are meant to.
  const waves = Math.ceil(seconds / waveS - 1e-6)
  const atATime = Math.ceil(holdSeconds / waveS) + 3
  const base = seed ?? (Number(__ENV.RINGPROOF_SEED) || undefined)
  return {
    expected,
    seconds,
    holdSeconds,
    peak: Math.max(...parts.flatMap(({ from, to }) => [from, to])),
    options: {
      executor: 'constant-arrival-rate',
      // Each part of a load that is split makes its share of every wave.
      rate: loadParts,
      timeUnit: `${waveS}s`,
      // At the very end k6 may begin one more, which has no calls; and it wants a second at least.
      duration: `${Math.max(1000, Math.round(waves * waveS * 1000 - 1))}ms`,
      preAllocatedVUs: loadParts * Math.min(waves + 1, atATime),
      maxVUs: loadParts * Math.min(waves + 1, 2 * atATime + Math.ceil(SLACK_S / waveS)),
      // Calls that are up when time is over may end as they should.
      gracefulStop: `${Math.ceil(holdSeconds + SLACK_S)}s`,
    },
    next() {
      // Counted over all parts of the load.
      const number = exec.scenario.iterationInTest
      const [second, turn] = [Math.floor(number / loadParts) * waveS, number % loadParts]
      const [from, to] = [Math.min(seconds, second), Math.min(seconds, second + waveS)]
      // Every call has a number, and the parts take them by turns.
      const taken = (second: number) =>
        Math.floor((Math.floor(begunBy(parts, second)) + loadParts - 1 - turn) / loadParts)
      const count = taken(to) - taken(from)
      if (count === 0) return undefined
      return {
        count,
        overMs: Math.round((to - from) * 1000),
        arrivals: spacing,
        ...(base === undefined ? {} : { seed: (base + number * 2_654_435_761) % 2 ** 32 }),
        ...what,
      }
    },
  }
}

/** Calls that have begun by a moment. */
function begunBy(parts: readonly Part[], second: number): number {
  let left = second
  let begun = 0
  for (const { from, to, seconds } of parts) {
    const spent = Math.min(left, seconds)
    if (spent <= 0) break
    begun += from * spent + ((to - from) * spent * spent) / (2 * seconds)
    left -= spent
  }
  // What is meant to be a whole number may fall short of it by rounding.
  return begun + 1e-9
}
