/** Relays' own counters against those of all parts of a load together: each part asked them, and saw what the others sent, too. */
import type { RelayCounts, RelayFacts } from '../result/load-relays.js'
import type { LoadResult } from '../result/load-result.js'
import { relayCountsOf } from '../verdict/relay-counts.js'

/** @param partial parts are missing, so that others used the relays besides */
export function joinedRelayCounts(loads: readonly LoadResult[], partial: boolean): Pick<LoadResult, 'relayCounts'> {
  const groups = new Map<string, [RelayCounts, ...RelayCounts[]]>()
  for (const row of loads.flatMap(({ relayCounts = [] }) => relayCounts)) {
    const known = groups.get(row.control)
    if (known === undefined) groups.set(row.control, [row])
    else known.push(row)
  }
  if (groups.size === 0) return {}
  // A part that did not ask knows nothing of its own packets by relay.
  return {
    relayCounts: [...groups.values()].map((rows) => relayCountsOf(joined(rows, partial || rows.length < loads.length))),
  }
}

/** From the earliest reading to the latest: what moved meanwhile may be another part's. */
function joined(rows: readonly [RelayCounts, ...RelayCounts[]], partial: boolean): RelayFacts {
  const [{ relays, control }] = rows
  const byBefore = rows.toSorted((a, b) => (a.before?.at ?? 0) - (b.before?.at ?? 0))
  const byAfter = rows.toSorted((a, b) => (b.after?.at ?? 0) - (a.after?.at ?? 0))
  const [first, last] = [byBefore[0], byAfter[0]]
  const why = rows.find((row) => row.before === undefined || row.after === undefined)?.why
  const sum = (of: keyof RelayFacts['ours']) => rows.reduce((all, row) => all + row.ours[of], 0)
  return {
    relays,
    control,
    ...(why === undefined ? { before: first?.before, after: last?.after } : { why }),
    ...(first?.movedBefore === undefined ? {} : { movedBefore: first.movedBefore }),
    ...(last?.movedAfter === undefined ? {} : { movedAfter: last.movedAfter }),
    settled: rows.every(({ settled }) => settled),
    waitedMs: last?.waitedMs ?? 0,
    ours: {
      calls: sum('calls'),
      farEnds: sum('farEnds'),
      unplaced: sum('unplaced'),
      runs: sum('runs'),
      sent: sum('sent'),
      received: sum('received'),
      rtcpSent: sum('rtcpSent'),
      rtcpReceived: sum('rtcpReceived'),
      lost: sum('lost'),
      dropped: sum('dropped'),
      edges: sum('edges'),
    },
    ...(partial ? { partial } : {}),
  }
}
