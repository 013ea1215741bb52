/**
 * What else was going on when something went wrong. What goes together now and then may be coincidence: it is said how often it does,
 * and how often it was there with nothing going wrong.
 */
import type { LoadResult } from '../result/load-result.js'
import { byChance, NO_CHANCE } from '../verdict/chance.js'

type Series = NonNullable<LoadResult['series']>
type Point = Series[number]

/** When something went wrong, ms since the start of the load, and where. */
export interface Moment {
  readonly fromMs: number
  readonly toMs: number
  readonly relay?: string | undefined
  /** Transports of the calls that it concerns; empty where that is not known. */
  readonly transports: readonly string[]
}

/** What the load is made of. */
export interface LoadFacts {
  readonly series: Series
  /** Relays and transports that calls went over. */
  readonly relays: number
  readonly transports: number
}

/** Something that may have to do with it. */
interface Factor {
  /** Of a second and those before it, in words; undefined where it was not so. */
  readonly holds: (point: Point, before: readonly Point[]) => string | undefined
}

/** Seconds that the second of an incident is held against. */
const BEFORE = 10
/** The series says what was so at the end of each second. */
const SECOND_MS = 1_000
/** We were so late ourselves that it shows, ms: as for the whole load. */
const OWN_LATENESS_MS = 20
const OWN_LAG_MS = 40

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const FACTORS: readonly Factor[] = [
  {
    holds: ({ callsPerSecond = 0 }, before) => {
      const usual = median(before.map((one) => one.callsPerSecond ?? 0))
      if (before.length === 0 || callsPerSecond < usual * 1.5 || callsPerSecond < usual + 3) return undefined
      return `calls a second had risen from ${usual} to ${callsPerSecond}`
    },
  },
  {
    holds: ({ activeCalls }, before) => {
      const most = Math.max(0, ...before.map((one) => one.activeCalls))
      if (before.length === 0 || activeCalls < most * 1.2 || activeCalls < most + 3) return undefined
      return `calls at a time had risen from ${most} to ${activeCalls}`
    },
  },
]

/** One line for each moment, in their order. */
export function contextOf(moments: readonly Moment[], facts: LoadFacts): string[] {
  const { series } = facts
  const at = (index: number) => ({ point: series[index], before: series.slice(Math.max(0, index - BEFORE), index) })
  const indexes = moments.map((moment) => secondsOf(moment, series))
  const hit = new Set(indexes.flat())
  const calm = series.flatMap((_, index) => (hit.has(index) ? [] : [index]))
  const said = FACTORS.map(({ holds }) => {
    const words = (index: number) => {
      const { point, before } = at(index)
      return point && holds(point, before)
    }
    // The second in which it began counts: what it brings about comes after it.
    const first = indexes.map(([index]) => (index === undefined ? undefined : words(index)))
    const own = { hit: first.filter((one) => one !== undefined).length, of: moments.length }
    const others = { hit: calm.filter((index) => words(index) !== undefined).length, of: calm.length }
    const isChance = own.hit === 0 || byChance(own, others) >= NO_CHANCE
    const often = isChance ? ' (may be coincidence)' : ` (as in ${own.hit} of ${own.of} incidents)`
    return first.map((one) => one && `${one}${often}`)
  })
  return moments.map((moment, index) => {
    const changes = said.flatMap((words) => words[index] ?? [])
    const parts = [
      whereOf(moment, moments, facts),
      ownPart((indexes[index] ?? []).flatMap((second) => series[second] ?? [])),
      changes.length > 0 ? changes.join(', and ') : series.length > 0 ? 'calls were as many as before' : '',
    ]
    return parts.filter((part) => part !== '').join('; ')
  })
}

/** The entries of the series that it falls into, the first one at least. */
function secondsOf({ fromMs, toMs }: Moment, series: Series): number[] {
  const found = series.flatMap(({ atMs }, index) => (atMs >= fromMs && atMs - SECOND_MS < toMs ? [index] : []))
  return found.length > 0 ? found : series.length > 0 ? [series.length - 1] : []
}

/** Whether it was one relay, or one transport, and whether others had it at the same time. */
function whereOf(own: Moment, all: readonly Moment[], { relays, transports }: LoadFacts): string {
  const { relay, transports: over } = own
  const parts: string[] = []
  if (relay !== undefined && relays > 1) {
    const others = all.filter(
      (one) =>
        one.relay !== undefined &&
        one.relay !== relay &&
        one.fromMs <= own.toMs + SECOND_MS &&
        one.toMs >= own.fromMs - SECOND_MS,
    )
    const also = new Set(others.map((one) => one.relay)).size
    parts.push(also === 0 ? `on none of the other ${relays - 1} relays` : `on ${also + 1} of ${relays} relays at once`)
  }
  if (over.length === 1 && transports > 1) parts.push(`only over ${(over[0] ?? '').toUpperCase()}`)
  return parts.join(', ')
}

/** Said where we were late ourselves. */
function ownPart(points: readonly Point[]): string {
  const late = Math.max(0, ...points.map(({ sendLatenessP99Ms = 0 }) => sendLatenessP99Ms))
  const lag = Math.max(0, ...points.map(({ eventLoopLagMs = 0 }) => eventLoopLagMs))
  if (late <= OWN_LATENESS_MS && lag <= OWN_LAG_MS) return ''
  return `this generator was ${Math.max(late, lag).toFixed(0)} ms late itself then, so that it may be ours`
}
