/** Calls that were refused or answered slowly, of several parts of a load together. */
import type { LoadResult } from '../result/load-result.js'

type Refusal = NonNullable<LoadResult['refusals']>[number]
type Beyond = NonNullable<Refusal['beyond']>

/** What the first part's result would say in place of all. */
export function joinedRefusals(loads: readonly LoadResult[]): Pick<LoadResult, 'refusals' | 'slow'> {
  const rows = loads.flatMap(({ refusals = [] }) => refusals)
  const started = loads.reduce((sum, { calls }) => sum + calls.started, 0)
  const refusals = [...new Set(rows.map(({ status }) => status))].map((status): Refusal => {
    const own = rows.filter((row) => row.status === status)
    const waits = own.flatMap(({ retryAfterS }) => retryAfterS ?? [])
    const only = [...new Set(own.map((row) => row.only))]
    const beyond = joinedBeyond(own, loads.length)
    return {
      status,
      calls: own.reduce((sum, { calls }) => sum + calls, 0),
      of: started,
      ...(waits.length === 0 ? {} : { retryAfterS: Math.max(...waits) }),
      ...(beyond === undefined ? {} : { beyond }),
      ...(only.length === 1 && only[0] !== undefined ? { only: only[0] } : {}),
    }
  })
  const slow = joinedSlow(loads)
  return {
    ...(refusals.length === 0 ? {} : { refusals: refusals.toSorted((a, b) => b.calls - a.calls) }),
    ...(slow === undefined ? {} : { slow }),
  }
}

function joinedSlow(loads: readonly LoadResult[]): LoadResult['slow'] {
  const all = loads.flatMap(({ slow }) => slow ?? [])
  const beyond = joinedBeyond(all, loads.length)
  if (beyond === undefined) return undefined
  return {
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    of: all.reduce((sum, { of }) => sum + of, 0),
    slowMs: Math.max(...all.map(({ slowMs }) => slowMs)),
    usualMs: Math.max(...all.map(({ usualMs }) => usualMs)),
    beyond,
  }
}

/** Parts share one load: where all of them saw the same limit, each its share of it, it is their sum. */
function joinedBeyond(rows: readonly { readonly beyond?: Beyond | undefined }[], parts: number): Beyond | undefined {
  const all = rows.flatMap(({ beyond }) => beyond ?? [])
  const [first] = all
  if (first === undefined || all.length < parts) return undefined
  if (!all.every(({ what, relay }) => what === first.what && relay === first.relay)) return undefined
  return {
    what: first.what,
    upTo: all.reduce((sum, { upTo }) => sum + upTo, 0),
    ...(first.relay === undefined ? {} : { relay: first.relay }),
  }
}
