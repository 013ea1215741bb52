// Finds the most that is carried within the thresholds: step by step up until something gives way, back, and narrowing.
// It only says what is to be done next, so that it runs wherever calls can be ordered.
import { crossedBy, relaysOf } from './judge.ts'
import type { CallOrder, Mix, WaveOrder } from './orders.ts'
import type { Quantity, Step, WaveRecords } from './records.ts'
import type { Thresholds } from './thresholds.ts'

/** What is to be done next. */
export type Ask = { wave: WaveOrder } | { step: Step } | { pauseS: number }

export interface SearchOptions {
  what: Quantity
  /** Where it begins, and the most that is tried. */
  from: number
  most: number
  /** Seconds of each step at its full level. */
  holdS: number
  /** Calls a second with which calls at a time are built up. */
  rate: number
  calls: CallOrder | Mix
  thresholds: Thresholds
  /** Milliseconds, of any clock. */
  now: () => number
}

/** Steps rise by so much, until something gives way. */
const RISE = 1.5
/** The limit is found when what is carried and what is not are so close. */
const CLOSE = 0.03
/** Calls of a recovery, of what was carried, and how long it is waited for, s. */
const LITTLE = 0.25
const MOST_RECOVERY_S = 120
/** A call's audio is recognised within this, s. */
const SHORT_S = 2
/** Between two steps, s: the ports of the last one are free again. */
const PAUSE_S = 3

/** @returns the most that was carried; 0 where nothing was */
export function* findLimit(o: SearchOptions): Generator<Ask, number, WaveRecords | undefined> {
  // Less than one is nothing to be searched for.
  if (o.most < 1) return 0
  let carried = 0
  let broken = Infinity
  for (let level = Math.min(o.from, o.most); ; level = next(carried, broken, o)) {
    const step = yield* settled(level, o)
    yield { step }
    if (step.generator.length > 0) return carried
    if (step.ok) {
      carried = level
    } else {
      broken = level
      if (!(yield* recover(carried, o))) return carried
    }
    const isClose = broken !== Infinity && broken - carried <= Math.max(1, CLOSE * broken)
    if (carried >= o.most || isClose) return carried
    yield { pauseS: PAUSE_S }
  }
}

function next(carried: number, broken: number, { most }: SearchOptions): number {
  const up = broken === Infinity ? carried * RISE : (carried + broken) / 2
  return Math.min(most, Math.max(carried + 1, Math.round(up)))
}

/**
 * The step that holds, or the outcome that comes twice: another program on this machine may have been in the way, or chance. What gives way
 * twice is a limit.
 */
function* settled(level: number, o: SearchOptions): Generator<Ask, Step, WaveRecords | undefined> {
  const before = { spoiled: 0, broken: 0 }
  for (;;) {
    const step = yield* take(level, o)
    const outcome = step.generator.length > 0 ? 'spoiled' : step.ok ? 'held' : 'broken'
    if (outcome === 'held' || ++before[outcome] > 1) return step
    yield { pauseS: PAUSE_S }
  }
}

/** One step, without telling it. */
function* take(level: number, o: SearchOptions): Generator<Ask, Step, WaveRecords | undefined> {
  const records = yield { wave: waveOf(level, o) }
  const crossed = records === undefined ? [] : crossedBy(records, o.thresholds)
  return {
    what: o.what,
    level,
    ok: crossed.length === 0,
    crossed,
    relays: records === undefined ? {} : relaysOf(records),
    generator: records === undefined ? ['the call agent did not make the calls'] : records.generator,
  }
}

/** Little is ordered again and again until all is well. @returns whether it was in the end */
function* recover(carried: number, o: SearchOptions): Generator<Ask, boolean, WaveRecords | undefined> {
  const since = o.now()
  const little = Math.max(1, Math.round(carried * LITTLE))
  for (;;) {
    const afterS = Math.round((o.now() - since) / 100) / 10
    const step = yield* take(little, { ...o, holdS: Math.min(o.holdS, 3 * SHORT_S) })
    if (step.ok || afterS > MOST_RECOVERY_S) {
      yield { step: { ...step, recovery: true, afterS } }
      return step.ok
    }
    yield { pauseS: 1 }
  }
}

function waveOf(level: number, { what, holdS, rate, calls }: SearchOptions): WaveOrder {
  // All calls of a step are up for so long; calls a second are short, and go on for so long.
  const overS = what === 'calls at a time' ? Math.max(1, level / rate) : holdS
  const holdMs = Math.round(1000 * (what === 'calls at a time' ? overS + holdS : SHORT_S))
  const held = (call: CallOrder): CallOrder => ({ ...call, holdMs })
  return {
    count: Math.max(1, Math.round(what === 'calls at a time' ? level : level * holdS)),
    overMs: Math.round(overS * 1000),
    arrivals: 'even',
    ...('mix' in calls
      ? { mix: calls.mix.map(({ weight, call }) => ({ weight, call: held(call) })) }
      : { call: held(calls) }),
  }
}
