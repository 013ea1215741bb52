/** What was meant to become of the calls of a load. */
import type { LoadResult } from './load-result.js'

type Calls = Pick<LoadResult['calls'], 'started' | 'meant'>

/** Calls that were meant to end unanswered, by how: busy, declined, cancelled, unanswered. */
export function meantUnanswered({ meant = {} }: Calls): readonly (readonly [string, number])[] {
  return Object.entries(meant).filter(([how]) => how !== 'answered' && how !== 'signalling')
}

/** Calls that were set up and ended without audio. */
export function meantSignalling({ meant = {} }: Calls): number {
  return meant['signalling'] ?? 0
}

/** Calls that were meant to be answered, with audio. */
export function meantAnswered(calls: Calls): number {
  return calls.started - meantSignalling(calls) - meantUnanswered(calls).reduce((sum, [, count]) => sum + count, 0)
}
