/** When calls failed for a while, and worked before and afterwards: how long, how many, what became of those that were up. */
import type { LoadResult } from '../result/load-result.js'
import type { CallFact } from './call-facts.js'

type Outage = NonNullable<LoadResult['outages']>[number]

/** So many calls have to be concerned, and so many to be well before and after it. */
const ENOUGH = 3
/** Calls that go wrong within this are one outage, ms. */
const GAP_MS = 5_000

/** @param startedAt of the load, Unix ms */
export function outagesOf(facts: readonly CallFact[], startedAt: number): Outage[] {
  const calls = facts.toSorted((a, b) => a.startedAt - b.startedAt)
  const bad = calls.flatMap((call) => (call.brokeAt === undefined ? [] : [{ at: call.brokeAt, call }]))
  const groups: (typeof bad)[] = []
  for (const one of bad.toSorted((a, b) => a.at - b.at)) {
    const group = groups.at(-1)
    if (group !== undefined && one.at - (group.at(-1)?.at ?? 0) <= GAP_MS) group.push(one)
    else groups.push([one])
  }
  return groups.flatMap((group) => outageOf(group, calls, startedAt) ?? [])
}

function outageOf(
  group: readonly { readonly at: number; readonly call: CallFact }[],
  calls: readonly CallFact[],
  startedAt: number,
): Outage | undefined {
  const [from, to] = [group[0]?.at ?? 0, group.at(-1)?.at ?? 0]
  const relays = new Set(group.map(({ call }) => call.relay))
  const [relay = ''] = relays
  // Of one relay, only its own calls tell when it was well.
  const own = relays.size === 1 && relay !== '' ? calls.filter((call) => call.relay === relay) : calls
  const before = own.filter((call) => call.brokeAt === undefined && call.startedAt < from)
  const after = own.filter((call) => call.brokeAt === undefined && call.startedAt > to)
  if (group.length < ENOUGH || before.length < ENOUGH || after.length < ENOUGH) return undefined
  const begun = calls.filter((call) => call.startedAt >= from && call.startedAt <= to)
  const failed = group.filter(({ call }) => call.startedAt >= from).length
  const up = own.filter(
    ({ answeredAt = Infinity, startedAt: at, endedAt }) => at < from && answeredAt < from && endedAt > from,
  )
  const cut = group.length - failed
  return {
    fromMs: Math.round(from - startedAt),
    lastedMs: Math.round((after[0]?.startedAt ?? to) - from),
    calls: begun.length,
    failed,
    cut,
    survived: up.length - cut,
    ...(relays.size === 1 && relay !== '' ? { relay } : {}),
  }
}
