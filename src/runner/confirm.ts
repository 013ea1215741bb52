/** Runs again, at the end and with little beside it, what failed or was left open by chance: a fail is confirmed before it is told. */
import type { ScenarioResult } from '../result/result.js'
import { confirmed, wantsAgain } from '../verdict/confirmation.js'
import { settled } from '../verdict/conclude.js'
import type { KnownDeviations } from '../verdict/facts.js'
import type { FinishedScenario, PerformOptions } from './perform.js'
import { keyOf, type PlanEntry } from './plan.js'

/** So many at once: what failed among fifty others is seen again without them. */
const AT_ONCE = 4
/** Milliseconds that confirming may take on a shared stage, by what the scenarios took before. */
const MOST_MS = 90_000

export interface Confirming {
  readonly entries: readonly PlanEntry[]
  /** By `keyOf`; what was run again is replaced by what all attempts come to. */
  readonly finished: Map<string, FinishedScenario>
  readonly options: PerformOptions
  readonly known: KnownDeviations | undefined
  readonly perform: (o: PerformOptions, entries: readonly PlanEntry[]) => Promise<Map<string, FinishedScenario>>
  /** Told before a round. */
  readonly onRound?: ((count: number) => void) | undefined
}

export async function confirm({ entries, finished, options, known, perform, onRound }: Confirming): Promise<void> {
  const attempts = new Map<string, FinishedScenario[]>()
  const settle = (result: ScenarioResult) => settled(result, { foreign: options.watch?.seen, known })
  const seen = (entry: PlanEntry): FinishedScenario[] => {
    const key = keyOf(entry)
    const once = finished.get(key)
    return attempts.get(key) ?? (once === undefined ? [] : [once])
  }
  const wanting = entries.filter((entry) => wantsAgain(seen(entry).map(({ result }) => settle(result))))
  let chosen = inBudget(
    wanting,
    (entry) => seen(entry)[0]?.result.durationMs ?? 0,
    options.stages.separate ? Number.POSITIVE_INFINITY : MOST_MS * AT_ONCE,
  )
  for (let attempt = 2; chosen.length > 0 && options.signal?.aborted !== true; attempt++) {
    onRound?.(chosen.length)
    // oxlint-disable-next-line no-await-in-loop -- a third attempt is decided by the second
    const again = await perform({ ...options, attempt, atOnce: AT_ONCE, reporter: quiet(options) }, chosen)
    for (const [key, one] of again) {
      const before = attempts.get(key) ?? [finished.get(key)].flatMap((found) => found ?? [])
      attempts.set(key, [...before, one])
    }
    chosen = chosen.filter(
      (entry) => again.has(keyOf(entry)) && wantsAgain(seen(entry).map(({ result }) => settle(result))),
    )
  }
  for (const entry of wanting) {
    const key = keyOf(entry)
    const merged = mergedOf(seen(entry))
    if (merged === undefined) continue
    finished.set(key, merged)
    options.reporter?.confirmed?.(entry, merged.result)
  }
}

function mergedOf(attempts: readonly FinishedScenario[]): FinishedScenario | undefined {
  const [first, ...more] = attempts
  if (first === undefined) return undefined
  return {
    result: confirmed([first.result, ...more.map(({ result }) => result)]),
    notes: attempts.flatMap(({ notes }) => notes),
    noise: attempts.flatMap(({ noise }) => noise),
  }
}

/** That they run shows; what they came to is told when all attempts are over. */
const quiet = ({ reporter }: PerformOptions): PerformOptions['reporter'] => ({
  begins: (entry) => reporter?.begins?.(entry),
  ended: (entry) => reporter?.leaves?.(entry),
})

/** As many as the time allows: of each scenario one variant before any second one. What is left out stays as it came. */
function inBudget(entries: readonly PlanEntry[], costOf: (entry: PlanEntry) => number, budgetMs: number): PlanEntry[] {
  const ranks = new Map<string, number>()
  const ranked = entries.map((entry) => {
    const rank = ranks.get(entry.definition.id) ?? 0
    ranks.set(entry.definition.id, rank + 1)
    return { entry, rank }
  })
  let spent = 0
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .flatMap(({ entry }) => {
      spent += costOf(entry)
      return spent <= budgetMs ? [entry] : []
    })
}
