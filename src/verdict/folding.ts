/**
 * Consequences: what broke because something else did. A rule names the causes that may bring its breaking about (`follows`);
 * where one of them is broken too, at a place where it can have had that effect, the rule's breaking is told there.
 */
import { type Breakage, isExpected } from './breakage.js'
import type { Executions } from './executions.js'
import { compareWeight } from './order.js'
import { distinct } from '../result/texts.js'

/** What is told of one cause: its own breakages, and those that it brought about, by their causes. */
export interface Folded {
  readonly cause: string
  readonly own: Breakage[]
  readonly consequences: Map<string, Breakage[]>
}

/**
 * @param executions in which the rules were looked at
 * @returns one for each cause that stands by itself; every breakage is in exactly one
 */
export function fold(breakages: readonly Breakage[], executions: Executions): Folded[] {
  const byCause = new Map<string, Breakage[]>()
  for (const one of breakages) byCause.set(one.cause, [...(byCause.get(one.cause) ?? []), one])
  const reaches = new Map([...byCause].map(([cause, all]) => [cause, reachOf(all, executions)]))
  const leads = withoutCircles(byCause)

  const isBroughtAbout = (one: Breakage, by: string) =>
    leads.get(one.cause)?.has(by) === true &&
    // What is lived with excuses nothing that is not.
    (isExpected(one) || (byCause.get(by) ?? []).some((other) => !isExpected(other))) &&
    reaches.get(by)?.(one) === true
  const roots = new Map<Breakage, string>()
  /** The cause at the beginning of the chain: what brought about what brought it about. */
  const rootOf = (one: Breakage): string => {
    const known = roots.get(one)
    if (known !== undefined) return known
    const parents = distinct(one.follows)
      .filter((by) => isBroughtAbout(one, by))
      .map((by) => nearest(one, byCause.get(by) ?? []))
      .sort((a, b) => b.nearness - a.nearness)
    const [parent] = parents
    const beginnings = (parent?.breakages ?? []).map(rootOf)
    const by = parent?.breakages[0]?.cause
    const root = by === undefined ? one.cause : beginnings.includes(by) ? by : (beginnings[0] ?? by)
    roots.set(one, root)
    return root
  }

  const told = new Map<string, Folded>()
  const toldOf = (cause: string): Folded => {
    const known = told.get(cause) ?? { cause, own: [], consequences: new Map() }
    told.set(cause, known)
    return known
  }
  for (const one of breakages) {
    const root = rootOf(one)
    if (root === one.cause) {
      toldOf(root).own.push(one)
    } else {
      const { consequences } = toldOf(root)
      consequences.set(one.cause, [...(consequences.get(one.cause) ?? []), one])
    }
  }
  return [...told.values()]
}

/** Those of `breakages` that are nearest to `one`: in the same execution, on the same transport and family, or anywhere. */
function nearest(one: Breakage, breakages: readonly Breakage[]): { nearness: number; breakages: readonly Breakage[] } {
  const { scenario, transport, family } = one.place
  const here = breakages.filter(({ place }) => place.transport === transport && place.family === family)
  const within = here.filter(({ place }) => place.scenario === scenario)
  if (within.length > 0) return { nearness: 2, breakages: within }
  return here.length > 0 ? { nearness: 1, breakages: here } : { nearness: 0, breakages }
}

/** Whether a cause can have had an effect at a place: it broke there, or was not seen to hold there. */
function reachOf(breakages: readonly Breakage[], executions: Executions): (effect: Breakage) => boolean {
  const name = ({ transport, family }: { transport: string; family: string }) => `${transport}/${family}`
  const broke = new Set(breakages.map(({ place }) => name(place)))
  const held = new Set(
    breakages.flatMap(({ rule }) => (executions.get(rule.key) ?? []).filter((one) => one.held).map(name)),
  )
  return ({ place }) => place.transport === '' || broke.has(name(place)) || !held.has(name(place))
}

/**
 * Which cause may be told under which: as rules say, but never in a circle. Where rules name each other, the graver one, or the
 * one that was seen first, stays.
 */
function withoutCircles(byCause: ReadonlyMap<string, readonly Breakage[]>): Map<string, Set<string>> {
  const lightestFirst = [...byCause.values()]
    .map((breakages) => [...breakages].sort(compareWeight)[0])
    .flatMap((gravest) => gravest ?? [])
    .sort((a, b) => compareWeight(b, a))
    .map(({ cause }) => cause)
  const leads = new Map<string, Set<string>>()
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return [...(leads.get(from) ?? [])].some((next) => leadsTo(next, to, seen))
  }
  for (const cause of lightestFirst) {
    for (const by of new Set((byCause.get(cause) ?? []).flatMap(({ follows }) => follows))) {
      if (by === cause || !byCause.has(by) || leadsTo(by, cause)) continue
      leads.set(cause, (leads.get(cause) ?? new Set()).add(by))
    }
  }
  return leads
}
