// Flows of calls: so many a second, as waves. Each gives the options of a k6 scenario and orders its waves.
import exec from 'k6/execution'
import type { Scenario } from 'k6/options'
import { type CallOrder, longestHoldMs, type Mix, type WaveOrder } from './orders.ts'
import { parts as loadParts } from './parts.ts'
import { secondsOf } from './time.ts'

/** A flow of calls. */
export interface Flow {
  /** Options of a k6 scenario that carries it out; spread them to add others, `exec` above all. */
  readonly options: Scenario
  /** Calls that it comes to. */
  readonly expected: number
  /** Seconds that calls begin for, and that the longest one lasts. */
  readonly seconds: number
  readonly holdSeconds: number
  /** The most calls a second. */
  readonly peak: number
  readonly calls: CallOrder | Mix
  /** The wave of this iteration; undefined where no call is due. */
  next(): WaveOrder | undefined
}

interface FlowOptions {
  calls: CallOrder | Mix
  /** Evenly spaced, or as independent callers begin (the default). */
  spacing?: 'even' | 'poisson'
  /** The same seed gives the same calls at the same times. Default: RINGPROOF_SEED, else different ones each time. */
  seed?: number
}

/** A step of a flow, as k6's own `stages`: the rate changes evenly to `target` calls a second. */
export interface Stage {
  duration: string | number
  target: number
}

/** The same number of calls a second all the time. */
export function arrivals(o: FlowOptions & { rate: number; duration: string | number }): Flow {
  return flowOf(o, [{ from: o.rate, to: o.rate, seconds: secondsOf(o.duration) }])
}

/** A rate of calls that changes by stages, as k6's `ramping-arrival-rate`. */
export function rampingArrivals(o: FlowOptions & { startRate?: number; stages: readonly Stage[] }): Flow {
  let from = o.startRate ?? 0
  const parts = o.stages.map(({ duration, target }) => {
    const part = { from, to: target, seconds: secondsOf(duration) }
    from = target
    return part
  })
  return flowOf(o, parts)
}

/** All flows of this script. */
export const flows: Flow[] = []

interface Part {
  from: number
  to: number
  seconds: number
}

/** Waves that are under way at a time, each with a virtual user of its own: beyond that they become longer than a second. */
const MOST_WAVES = 300
/** Seconds that setting up and ending a call may take beyond its time. */
const SLACK_S = 90

function flowOf({ calls, spacing = 'poisson', seed }: FlowOptions, parts: readonly Part[]): Flow {
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0)
  const expected = Math.floor(begunBy(parts, seconds))
  const holdSeconds = longestHoldMs(calls) / 1000
  const waveS = Math.min(seconds, Math.max(1, Math.ceil(holdSeconds / MOST_WAVES)))
  // Sums of fractions may be a little more than they are meant to.
  const waves = Math.ceil(seconds / waveS - 1e-6)
  const atATime = Math.ceil(holdSeconds / waveS) + 3
  const base = seed ?? (Number(__ENV.RINGPROOF_SEED) || undefined)
  const flow: Flow = {
    expected,
    seconds,
    holdSeconds,
    peak: Math.max(...parts.flatMap(({ from, to }) => [from, to])),
    calls,
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
        ...('mix' in calls ? calls : { call: calls }),
      }
    },
  }
  flows.push(flow)
  return flow
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
