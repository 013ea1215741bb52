/** What chance alone could have brought about: the few formulas of statistics that verdicts rest on. */

/** What is less likely than this is no chance: a load asks for several relays, and a project for many loads. */
export const NO_CHANCE = 0.001

/** A part of something, such as calls without audio of all calls. */
export interface Share {
  readonly hit: number
  readonly of: number
}

/**
 * How likely at least `own.hit` of the hits fall on `own.of` of all, where they fall anywhere: the hypergeometric tail, as in
 * Fisher's exact test.
 */
export function byChance(own: Share, others: Share): number {
  const [hits, all] = [own.hit + others.hit, own.of + others.of]
  let sum = 0
  for (let hit = own.hit; hit <= Math.min(hits, own.of); hit++)
    sum += Math.exp(logChoose(own.of, hit) + logChoose(others.of, hits - hit) - logChoose(all, hits))
  return Math.min(1, sum)
}

/**
 * The rank of the value that is below the median of what `n` values were drawn from with a confidence of 99.9 %, by their order alone;
 * counted from the largest, it is above. 0 where they are too few: ten at least.
 */
export function rankBelowMedian(n: number): number {
  // The kth smallest is below the median unless fewer than k of n values are: a toss of n coins.
  let rank = 0
  for (let sum = 0; rank < n; rank++) {
    sum += Math.exp(logChoose(n, rank) - n * Math.LN2)
    if (sum > NO_CHANCE) break
  }
  return rank
}

/** Ways to choose, as a logarithm; minus infinity where there are none. */
export function logChoose(of: number, chosen: number): number {
  if (chosen < 0 || chosen > of) return Number.NEGATIVE_INFINITY
  return logFactorial(of) - logFactorial(chosen) - logFactorial(of - chosen)
}

const FACTORIALS: number[] = [0, 0]

function logFactorial(n: number): number {
  // Stirling's series: exact to ten digits from here on.
  if (n >= 256) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3)
  for (let i = FACTORIALS.length; i <= n; i++) FACTORIALS.push((FACTORIALS[i - 1] ?? 0) + Math.log(i))
  return FACTORIALS[n] ?? 0
}
