import type { TimerTable } from '../transaction/timers.js'
import type { Faults } from './faults.js'

const NEVER = Number.POSITIVE_INFINITY

/** The timers of a stack that has these defects. */
export function faultyTimers(timers: TimerTable, faults: Faults): TimerTable {
  const changed: { -readonly [name in keyof TimerTable]?: number } = {}
  if (faults.has('invite-not-resent') || faults.has('invite-interval-even')) changed.A = NEVER
  if (faults.has('request-not-resent')) changed.E = NEVER
  if (faults.has('request-interval-unbounded')) changed.T2 = 64 * timers.T1
  if (faults.has('final-not-repeated')) changed.G = NEVER
  if (faults.has('final-repeated-for-ever')) changed.H = NEVER
  if (faults.has('gives-up-early')) {
    changed.B = 8 * timers.T1
    changed.F = 8 * timers.T1
  }
  if (faults.has('never-gives-up')) {
    changed.B = NEVER
    changed.F = NEVER
  }
  if (faults.has('answers-not-kept')) changed.J = 0
  if (faults.has('invite-answers-not-kept')) {
    changed.H = 0
    changed.L = 0
  }
  if (faults.has('timer-c-short')) changed.C = 60_000
  if (faults.has('stray-2xx-lost')) changed.M = 0
  if (faults.has('early-100-for-non-invite')) changed.tryingNonInvite = 10
  return { ...timers, ...changed }
}
