/** Runs again, at the end and with little beside it, what failed or was left open by chance: a fail is confirmed before it is told. */
import type { ScenarioResult } from '../result/scenario-result.js'
import { settled, settledAll } from '../verdict/conclude.js'
import { confirmed, mayChange, wantsAgain, wantsMorePackets } from '../verdict/confirmation.js'
import { losesPackets } from '../verdict/loss.js'
import type { KnownDeviations } from '../verdict/facts.js'
import { deviationsOf } from '../verdict/known-deviations.js'
import type { FinishedScenario, PerformOptions } from './perform.js'
import { pathOf } from './path-loss.js'
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
  const attempts = new Map([...finished].map(([key, one]): [string, FinishedScenario[]] => [key, [one]]))
  const budget = new Budget(options.stages.separate ? Number.POSITIVE_INFINITY : MOST_MS * AT_ONCE)
  const attemptsAt = (entry: PlanEntry) => attempts.get(keyOf(entry)) ?? []
  const facts = () => ({ foreign: options.watch?.seen, known })
  /** What all attempts come to, decided over the whole run. */
  const ofRun = () => {
    const merged = entries.flatMap((entry) => mergedOf(attemptsAt(entry), known) ?? [])
    const path = pathOf(merged)
    const all = settledAll(
      merged.map(({ result }) => result),
      { ...facts(), path },
    )
    return { results: new Map(all.map((one) => [keyOfResult(one), one])), loses: losesPackets(path) }
  }
  const wanting = () => {
    const { results, loses } = ofRun()
    return entries.filter((entry) => {
      const key = keyOf(entry)
      const all = attemptsAt(entry).map(({ result }) => settled(result, facts()))
      const result = results.get(key)
      return wantsAgain(all, loses) || (result !== undefined && wantsMorePackets(all.length, result))
    })
  }
  for (let attempt = 2, round = wanting(); options.signal?.aborted !== true; attempt++, round = wanting()) {
    const chosen = budget.takes(round, attemptsAt)
    if (chosen.length === 0) break
    onRound?.(chosen.length)
    // oxlint-disable-next-line no-await-in-loop -- what comes next depends on what this one comes to
    const again = await perform({ ...options, attempt, atOnce: AT_ONCE, reporter: quiet(options) }, chosen)
    for (const [key, one] of again) {
      budget.spends(one.result.durationMs)
      // One that was broken off says nothing about what failed before.
      if (one.result.reasonCode !== 'interrupted') attempts.get(key)?.push(one)
    }
    if (again.size === 0) break
  }
  const { results } = ofRun()
  for (const entry of entries) {
    const key = keyOf(entry)
    const [once, ...more] = attemptsAt(entry)
    const merged = mergedOf(attemptsAt(entry), known)
    if (once === undefined || merged === undefined) continue
    if (more.length > 0) finished.set(key, merged)
    if (more.length > 0 || mayChange(settled(once.result, facts())))
      options.reporter?.confirmed?.(entry, results.get(key) ?? merged.result)
  }
}

const keyOfResult = ({ id, variant }: ScenarioResult): string => `${id} ${variant.transport}/${variant.family}`

function mergedOf(
  attempts: readonly FinishedScenario[] = [],
  known: KnownDeviations | undefined,
): FinishedScenario | undefined {
  const [first, ...more] = attempts
  if (first === undefined || more.length === 0) return first
  return {
    result: confirmed(
      [first.result, ...more.map(({ result }) => result)],
      deviationsOf(first.result, known).map(({ check }) => check),
    ),
    notes: attempts.flatMap(({ notes }) => notes),
    noise: attempts.flatMap(({ noise }) => noise),
    path: pathOf(attempts) ?? first.path,
  }
}

/** That they run shows; what they came to is told when all attempts are over. */
const quiet = ({ reporter }: PerformOptions): PerformOptions['reporter'] => ({
  begins: (entry) => reporter?.begins?.(entry),
  ended: (entry) => reporter?.leaves?.(entry),
})

/**
 * As many as the time allows: of each scenario one variant before any second one, and what was tried least often first. What is left
 * out stays as it came.
 */
class Budget {
  #leftMs: number

  constructor(ms: number) {
    this.#leftMs = ms
  }

  /** Those that fit, if they take as long as they took at most. */
  takes(entries: readonly PlanEntry[], attemptsAt: (entry: PlanEntry) => readonly FinishedScenario[]): PlanEntry[] {
    const ranks = new Map<string, number>()
    const ranked = entries.map((entry) => {
      const rank = ranks.get(entry.definition.id) ?? 0
      ranks.set(entry.definition.id, rank + 1)
      const attempts = attemptsAt(entry)
      // A machine that was too slow made it take longer than it does.
      const took = Math.min(...attempts.map(({ result }) => result.durationMs))
      return { entry, rank, attempts: attempts.length, cost: Math.min(took, entry.definition.seconds * 1000) }
    })
    let leftMs = this.#leftMs
    return ranked
      .sort((a, b) => a.attempts - b.attempts || a.rank - b.rank)
      .flatMap(({ entry, cost }) => {
        if (cost > leftMs) return []
        leftMs -= cost
        return [entry]
      })
  }

  /** What it really took. */
  spends(ms: number): void {
    this.#leftMs -= ms
  }
}
