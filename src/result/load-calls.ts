/** What was meant to become of the calls of a load. */
import type { LoadResult } from './result.js'

type Calls = Pick<LoadResult['calls'], 'started' | 'meant'>

/** Calls that were meant to end unanswered, by how: busy, declined, cancelled, unanswered. */
export function meantUnanswered({ meant = {} }: Calls): readonly (readonly [string, number])[] {
  return Object.entries(meant).filter(([how]) => how !== 'answered')
}

/** Calls that were meant to be answered: only they have audio. */
export function meantAnswered(calls: Calls): number {
  return calls.started - meantUnanswered(calls).reduce((sum, [, count]) => sum + count, 0)
}
