/** What is kept of every call for questions that are asked at the end: what was going on when calls failed, or were slow. */
import type { LoadResult } from '../result/load-result.js'
import { byChance, NO_CHANCE } from '../verdict/chance.js'
import type { CallRecord, EndCause } from './call-record.js'
import { percentile, rounded } from './distribution.js'
import { concurrency, type Knee, kneeOf, ratesAt, upTo } from './knee.js'

/** As much of a call's record as is kept. Times are Unix ms. */
export interface CallFact {
  readonly startedAt: number
  readonly answeredAt: number | undefined
  readonly endedAt: number
  readonly status: number
  readonly setupMs: number | undefined
  readonly retryAfterS: number | undefined
  /** Of the answer; empty where there was none. */
  readonly relay: string
  /** Rejected, or not answered, where it was meant to be. */
  readonly refused: boolean
  /** How else it failed: its end, and in words. */
  readonly failed?: { readonly end: EndCause; readonly why: string } | undefined
  /** When it went wrong: at its beginning, or when its audio ended while it was up; undefined where all was well. */
  readonly brokeAt: number | undefined
  readonly transport: string
  readonly family: string
  readonly far: string
}

export const factOf = (record: CallRecord): CallFact => ({
  startedAt: record.startedAt,
  answeredAt: record.answeredAt,
  endedAt: record.endedAt,
  status: record.status,
  setupMs: record.setupMs,
  retryAfterS: record.retryAfterS,
  relay: record.relay,
  refused: isRefused(record),
  failed: record.success || isRefused(record) ? undefined : { end: record.end, why: record.reason ?? record.end },
  brokeAt: brokeAt(record),
  transport: record.transport,
  family: record.family,
  far: record.far,
})

function isRefused({ success, end }: CallRecord): boolean {
  return !success && (end === 'refused' || end === 'no-answer')
}

/** Silence at the end of a call that is longer than this is no network's, ms. */
const CUT_MS = 2_000

function brokeAt({ success, startedAt, endedAt, legs }: CallRecord): number | undefined {
  const silentMs = Math.max(0, ...legs.map(({ silentAtEndMs = 0 }) => silentAtEndMs))
  if (silentMs > CUT_MS) return endedAt - silentMs
  return success ? undefined : startedAt
}

type Refusals = NonNullable<LoadResult['refusals']>
type Beyond = Refusals[number]['beyond']
type Slowness = NonNullable<LoadResult['slow']>

/** Calls that were refused, by status, and where it can be told, beyond which load and by whom. */
export function refusalsOf(facts: readonly CallFact[]): Refusals {
  const statuses = new Map<number, CallFact[]>()
  for (const fact of facts) if (fact.refused) statuses.set(fact.status, [...(statuses.get(fact.status) ?? []), fact])
  return [...statuses]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([status, refused]) => {
      const isBad = (fact: CallFact) => fact.refused && fact.status === status
      const waits = refused.flatMap(({ retryAfterS }) => retryAfterS ?? [])
      const full = fullRelay(facts, isBad)
      const beyond = full ?? beyondOf(facts, isBad)
      const only = onlyOn(facts, isBad)
      return {
        status,
        calls: refused.length,
        of: facts.length,
        ...(waits.length === 0 ? {} : { retryAfterS: percentile(waits, 50) ?? 0 }),
        ...(beyond === undefined ? {} : { beyond }),
        ...(only === undefined ? {} : { only }),
      }
    })
}

/** Slow is what takes four times as long as half of the calls below the knee, and so much longer, ms: callers notice. */
const SLOW_TIMES = 4
const SLOW_MS = 200

/** Beyond which load answers become slow; undefined where they do not, or it is not the load. */
export function slownessOf(facts: readonly CallFact[]): Slowness | undefined {
  const answered = facts.filter(({ setupMs, status }) => setupMs !== undefined && status < 300)
  const quick = percentile(
    answered.map(({ setupMs = 0 }) => setupMs),
    25,
  )
  if (quick === undefined) return undefined
  const isSlow = ({ setupMs = 0 }: CallFact) => setupMs > quick * SLOW_TIMES + SLOW_MS
  const beyond = beyondOf(answered, isSlow)
  if (beyond === undefined) return undefined
  const [slow, fast] = [answered.filter(isSlow), answered.filter((one) => !isSlow(one))]
  const median = (some: readonly CallFact[]) =>
    rounded(
      percentile(
        some.map(({ setupMs = 0 }) => setupMs),
        50,
      ) ?? 0,
    )
  return { calls: slow.length, of: answered.length, slowMs: median(slow), usualMs: median(fast), beyond }
}

/** Where both tell good from bad nearly as well, the load does not tell them apart. */
const ALIKE = 0.9

/** Calls a second, or calls at a time: whichever tells good from bad better. */
function beyondOf(facts: readonly CallFact[], isBad: (fact: CallFact) => boolean): Beyond {
  const rates = ratesAt(facts.map(({ startedAt }) => startedAt))
  const many = concurrency(facts.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt })))
  const knee = (loads: readonly number[]) => kneeOf(facts.map((fact, i) => ({ load: loads[i] ?? 0, bad: isBad(fact) })))
  const [byRate, byNumber] = [knee(rates), knee(many)]
  const isClear = (a: Knee | undefined, b: Knee | undefined) => a !== undefined && (b?.share ?? 0) < a.share * ALIKE
  if (byRate !== undefined && isClear(byRate, byNumber)) return { what: 'calls a second', upTo: byRate.upTo }
  if (byNumber === undefined || byRate === undefined || isClear(byNumber, byRate))
    return byNumber && { what: 'calls at a time', upTo: byNumber.upTo }
  return { what: 'calls a second', upTo: byRate.upTo, orAtATime: byNumber.upTo }
}

/** Of the refusals, so many came while the relay was full. */
const NEARLY_ALL = 0.95

/**
 * A relay that has no room: whenever calls are refused it carries the most that it ever carries, and of the calls that are let in
 * meanwhile none goes over it, although its turn would come. Where none is let in over another relay, it may as well be a limit of
 * the server in front of it.
 */
function fullRelay(facts: readonly CallFact[], isBad: (fact: CallFact) => boolean): Beyond {
  const relays = [...new Set(facts.map(({ relay }) => relay))].filter((relay) => relay !== '')
  const bad = facts.filter(isBad)
  const carried = relays.map((relay) => {
    const own = facts.filter((fact) => fact.relay === relay)
    const begins = own.map(({ answeredAt = 0 }) => answeredAt).toSorted((a, b) => a - b)
    const ends = own.map(({ endedAt }) => endedAt).toSorted((a, b) => a - b)
    const at = (moment: number) => upTo(begins, moment) - upTo(ends, moment)
    return { relay, own: own.length, at, most: Math.max(0, ...begins.map(at)) }
  })
  const full = carried.filter(({ at, most, own, relay }) => {
    if (bad.filter(({ startedAt }) => at(startedAt) >= most).length < bad.length * NEARLY_ALL) return false
    const meanwhile = facts.filter((fact) => fact.relay !== '' && at(fact.startedAt) >= most)
    if (!meanwhile.some((fact) => fact.relay !== relay)) return false
    const before = facts.filter((fact) => fact.relay !== '' && at(fact.startedAt) < most)
    const others = { hit: own - meanwhile.filter((fact) => fact.relay === relay).length, of: before.length }
    const turns = {
      hit: meanwhile.length - meanwhile.filter((fact) => fact.relay === relay).length,
      of: meanwhile.length,
    }
    const passedOver = byChance(turns, { hit: others.of - others.hit, of: others.of })
    const refusedThen = byChance({ hit: bad.length, of: meanwhile.length + bad.length }, { hit: 0, of: before.length })
    // Two things that would be chance: Fisher's way of taking both together.
    const both = passedOver * refusedThen
    return both * (1 - Math.log(both)) < NO_CHANCE
  })
  const [relay] = full
  return full.length === 1 && relay ? { what: 'calls at a time', upTo: relay.most, relay: relay.relay } : undefined
}

const SIDES = ['transport', 'family', 'far'] as const
const WORDS: Readonly<Record<string, string>> = {
  udp: 'over UDP',
  tcp: 'over TCP',
  tls: 'over TLS',
  ipv4: 'over IPv4',
  ipv6: 'over IPv6',
  echo: 'to the echo test',
  account: 'between accounts',
  other: 'to another number',
}

/** On which side alone it happens, in words: `over TLS`; undefined where it is on none alone. */
function onlyOn(facts: readonly CallFact[], isBad: (fact: CallFact) => boolean): string | undefined {
  for (const side of SIDES) {
    const values = [...new Set(facts.filter(isBad).map((fact) => fact[side]))]
    const [value] = values
    const share = (some: readonly CallFact[]) => ({ hit: some.filter(isBad).length, of: some.length })
    const own = share(facts.filter((fact) => fact[side] === value))
    const others = share(facts.filter((fact) => fact[side] !== value))
    if (values.length === 1 && value !== undefined && others.of > 0 && byChance(own, others) < NO_CHANCE)
      return WORDS[value] ?? value
  }
  return undefined
}
