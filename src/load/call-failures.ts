/** How calls failed that were not refused: what went wrong in how many of them. */
import type { LoadResult } from '../result/load-result.js'
import type { CallFact } from './call-facts.js'
import { percentile } from './distribution.js'

type Failure = NonNullable<LoadResult['failures']>[number]

/** The most frequent first. What only this machine was to blame for is told with the generator. */
export function failuresOf(facts: readonly CallFact[]): Failure[] {
  const kinds = new Map<string, { readonly why: string; readonly end: string; readonly calls: CallFact[] }>()
  for (const fact of facts) {
    if (fact.failed === undefined || fact.status === 0) continue
    const { end, why } = fact.failed
    const kind = kinds.get(`${end} ${why}`) ?? { why, end, calls: [] }
    kind.calls.push(fact)
    kinds.set(`${end} ${why}`, kind)
  }
  return [...kinds.values()]
    .toSorted((a, b) => b.calls.length - a.calls.length)
    .map(({ why, end, calls }) => {
      const lasted = calls.flatMap(({ answeredAt, endedAt }) =>
        answeredAt === undefined ? [] : [endedAt - answeredAt],
      )
      const afterMs = end === 'bye-from-far-side' ? percentile(lasted, 50) : undefined
      return {
        why,
        end,
        calls: calls.length,
        of: facts.length,
        ...(afterMs === undefined ? {} : { afterMs: Math.round(afterMs) }),
      }
    })
}

/** Of several parts of a load together. */
export function joinedFailures(loads: readonly LoadResult[]): Pick<LoadResult, 'failures'> {
  const rows = loads.flatMap(({ failures = [] }) => failures)
  if (rows.length === 0) return {}
  const of = loads.reduce((sum, { calls }) => sum + calls.started, 0)
  const kinds = new Map<string, Failure>()
  for (const row of rows) {
    const known = kinds.get(`${row.end} ${row.why}`)
    const calls = row.calls + (known?.calls ?? 0)
    // A percentile of the whole cannot be made of theirs: that of the part with the most such calls stands for all.
    const { afterMs } = known === undefined || row.calls > known.calls ? row : known
    kinds.set(`${row.end} ${row.why}`, { ...row, calls, of, ...(afterMs === undefined ? {} : { afterMs }) })
  }
  return { failures: [...kinds.values()].toSorted((a, b) => b.calls - a.calls) }
}
