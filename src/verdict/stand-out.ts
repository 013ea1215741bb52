/**
 * Which of several that should be alike are not: those are named, and nobody else. Calls may have their two ends on different
 * relays: what a culprit explains is not held against the other.
 */
import { byChance, logChoose, NO_CHANCE, type Share } from './chance.js'
import { distinct } from '../result/texts.js'

/** What was seen of one, and together with which other, if any. */
export interface Seen<T> {
  readonly name: string
  readonly with?: string | undefined
  readonly seen: T
}

/** Tells whether some stand out against the rest, which is not empty; the larger the more so, 0 or less: not. */
export type Contrast<T> = (some: readonly T[], rest: readonly T[], ways: number) => number

/**
 * The names that stand out. The worst is found first, alone or with others that are as bad; then, without all that it had to do
 * with, the next. Where all are alike, nobody does.
 * @param badness by which they are put in order
 */
export function standOut<T>(
  all: readonly Seen<T>[],
  badness: (seen: readonly T[]) => number,
  contrast: Contrast<T>,
): string[] {
  const found: string[] = []
  for (;;) {
    const left = all.filter((one) => !found.includes(one.name) && !found.includes(one.with ?? ''))
    const next = worst(left, badness, contrast)
    if (next.length === 0) return found
    found.push(...next)
  }
}

function worst<T>(all: readonly Seen<T>[], badness: (seen: readonly T[]) => number, contrast: Contrast<T>): string[] {
  const of = (names: readonly string[]) => all.filter(({ name }) => names.includes(name)).map(({ seen }) => seen)
  const names = distinct(all.map(({ name }) => name))
    .map((name) => ({ name, bad: badness(of([name])) }))
    .toSorted((a, b) => b.bad - a.bad)
  let best: { names: string[]; contrast: number } = { names: [], contrast: 0 }
  for (let count = 1; count < names.length; count++) {
    if ((names[count - 1]?.bad ?? 0) <= 0) break
    const some = names.slice(0, count).map(({ name }) => name)
    // Calls that the others share with one of these prove nothing about the others.
    const rest = all.filter((one) => !some.includes(one.name) && !some.includes(one.with ?? ''))
    if (rest.length === 0) break
    const ways = Math.exp(logChoose(names.length, count))
    const found = contrast(
      of(some),
      rest.map(({ seen }) => seen),
      ways,
    )
    if (found > best.contrast) best = { names: some, contrast: found }
  }
  return best.names
}

export const sumOfShares = (shares: readonly Share[]): Share => ({
  hit: shares.reduce((sum, { hit }) => sum + hit, 0),
  of: shares.reduce((sum, { of }) => sum + of, 0),
})

export const partOf = (shares: readonly Share[]): number => {
  const { hit, of } = sumOfShares(shares)
  return of === 0 ? 0 : hit / of
}

/** Events such as calls without audio: more often than chance would have it. */
export const moreOften: Contrast<Share> = (some, rest, ways) => {
  const [own, others] = [sumOfShares(some), sumOfShares(rest)]
  if (others.of === 0 || partOf(some) <= partOf(rest)) return 0
  return Math.log(NO_CHANCE) - Math.log(byChance(own, others) * ways)
}
