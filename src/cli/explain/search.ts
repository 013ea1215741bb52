/** Finds what fits a few words best: by symptom, in the words of a customer or of an engineer. */
import { keysOf, thingsOf } from './words.js'

/** A text of something that can be found, and how much a word in it says. */
export interface SearchField {
  readonly text: string
  readonly weight: number
}

export interface Searchable {
  readonly fields: readonly SearchField[]
  /** How likely it is what was meant, compared with another in which the words stand as prominently. Default: 1. */
  readonly likelihood?: number
}

/** A match by the very word counts more than one by a word that means the same. */
const BY_ITSELF = 1.3
/** Of the best one's score; below that, a match is none. */
const WORTH_SHOWING = 0.4
/** Weight at which saying it more often adds little (the k of BM25). */
const SATURATION = 4

/**
 * What fits `query` best, the best first; empty where no word of it is known. Scored as by BM25 over fields: how rare a word is,
 * and how often and how prominently it stands there.
 */
export function search<T extends Searchable>(query: string, items: readonly T[], most: number): T[] {
  const index = items.map((item) => ({ item, keys: weightsOf(item) }))
  const rarityOf = (key: string) => {
    const having = index.filter(({ keys }) => keys.has(key)).length
    return having === 0 ? 0 : Math.log(1 + index.length / having)
  }
  const things = thingsOf(query).map((keys) => {
    const weighed = [...keys].map((key) => ({ key, rarity: rarityOf(key) }))
    const concepts = weighed.filter(({ key }) => key.startsWith('#')).map(({ rarity }) => rarity)
    // Which of its words somebody chose for a thing matters little.
    const most = concepts.length === 0 ? Infinity : Math.max(...concepts) * BY_ITSELF
    return weighed.map(({ key, rarity }) => ({ key, rarity: Math.min(rarity, most) }))
  })
  // What no text speaks of is no reason to find none.
  const known = things.filter((keys) => keys.some(({ rarity }) => rarity > 0))
  const scored = index.map(({ item, keys }) => {
    const scores = known.map((thing) =>
      Math.max(
        ...thing.map(({ key, rarity }) => {
          const weight = keys.get(key) ?? 0
          return (rarity * weight) / (weight + SATURATION)
        }),
      ),
    )
    const matched = scores.filter((score) => score > 0).length
    // All of what was said is better than much of one word.
    const fits = (scores.reduce((sum, score) => sum + score, 0) * matched) / Math.max(1, known.length)
    return { item, score: fits * (item.likelihood ?? 1) }
  })
  const best = Math.max(0, ...scored.map(({ score }) => score))
  return scored
    .filter(({ score }) => score > 0 && score >= best * WORTH_SHOWING)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item)
}

/** What an item speaks of, and how much: the weights of the fields add up. */
function weightsOf({ fields }: Searchable): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { text, weight } of fields)
    for (const [key, count] of keysOf(text)) weights.set(key, (weights.get(key) ?? 0) + weight * Math.min(count, 3))

  return weights
}
