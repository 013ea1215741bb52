/** What all calls of a load together tell: who was refused, what was slow, when calls failed for a while. */
import type { LoadResult } from '../result/load-result.js'
import { type CallFact, refusalsOf, slownessOf } from './call-facts.js'
import { failuresOf } from './call-failures.js'
import { outagesOf } from './lapses.js'

/** @param startedAt of the load, Unix ms */
export function callFindings(
  facts: readonly CallFact[],
  startedAt: number,
): Pick<LoadResult, 'refusals' | 'failures' | 'slow' | 'outages'> {
  const failures = failuresOf(facts)
  const refusals = refusalsOf(facts)
  const slow = slownessOf(facts)
  const outages = outagesOf(facts, startedAt)
  return {
    ...(refusals.length === 0 ? {} : { refusals }),
    ...(failures.length === 0 ? {} : { failures }),
    ...(slow === undefined ? {} : { slow }),
    ...(outages.length === 0 ? {} : { outages }),
  }
}
