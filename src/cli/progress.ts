/** Shows a conformance run while it goes: the survey, then the scenarios. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { NotRun } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import { keyOf, type PlanEntry } from '../runner/plan.js'
import type { RunReporter } from '../runner/run.js'
import { surveyLines } from '../survey/lines.js'
import type { KnownDeviations } from '../verdict/facts.js'
import { mayChange } from '../verdict/confirmation.js'
import { withKnownDeviations } from '../verdict/known-deviations.js'
import { type Console, oneLine, type Style } from './console.js'

type Shown = ScenarioResult['verdict'] | 'known'

const SIGNS: Readonly<Record<Shown, { readonly text: string; readonly style: Style }>> = {
  fail: { text: 'FAIL', style: 'red' },
  error: { text: 'ERROR', style: 'red' },
  warn: { text: 'warning', style: 'yellow' },
  known: { text: 'known', style: 'yellow' },
  inconclusive: { text: 'inconclusive', style: 'cyan' },
  pass: { text: 'pass', style: 'green' },
  unsupported: { text: 'unsupported', style: 'dim' },
  'not applicable': { text: 'not applicable', style: 'dim' },
}

const SIGN_WIDTH = 'inconclusive'.length

/** What the counts are called. */
const COUNTED: readonly (readonly [Shown, string])[] = [
  ['fail', 'failed'],
  ['error', 'errors'],
  ['known', 'known'],
  ['warn', 'warnings'],
  ['inconclusive', 'inconclusive'],
]

/** Of these only the number is shown. */
const QUIET: readonly Shown[] = ['pass', 'not applicable', 'unsupported']

/** Where no line can be overwritten, how far the run is is said so often. */
const PLAIN_EVERY_MS = 15_000

export interface ProgressOptions {
  readonly known?: KnownDeviations | undefined
  /** Milliseconds. */
  readonly now?: () => number
}

/**
 * A line for each scenario that did not pass, as it ends. On a terminal, one line more that is kept up to date; elsewhere, a
 * line now and then.
 */
export class Progress implements RunReporter {
  readonly #console: Console
  readonly #known: KnownDeviations | undefined
  readonly #now: () => number
  readonly #running = new Map<string, PlanEntry>()
  readonly #counts = new Map<Shown, number>()
  #planned = 0
  #done = 0
  #toldAt: number

  constructor(console: Console, { known, now = () => performance.now() }: ProgressOptions = {}) {
    this.#console = console
    this.#known = known
    this.#now = now
    this.#toldAt = now()
  }

  planned(entries: readonly PlanEntry[], notRun: readonly NotRun[]): void {
    this.#planned = entries.filter((entry) => entry.unsupported === undefined).length
    const out = notRun.reduce((sum, { count = 1 }) => sum + count, 0)
    const left = out === 0 ? '' : `; ${out} not tested (the report says why)`
    this.#console.tell(`${this.#planned} ${this.#planned === 1 ? 'test' : 'tests'} to run${left}`)
    this.#toldAt = this.#now()
  }

  begins(entry: PlanEntry): void {
    this.#running.set(keyOf(entry), entry)
    this.#update()
  }

  ended(entry: PlanEntry, result: ScenarioResult): void {
    this.#running.delete(keyOf(entry))
    this.#done += 1
    // A fail is confirmed before it is told.
    if (mayChange(withKnownDeviations(result, this.#known))) this.#update()
    else this.#tell(entry, result)
  }

  confirms(count: number): void {
    this.#console.tell(
      `${count} ${count === 1 ? 'test is' : 'tests are'} run again, to confirm or decide what they came to`,
    )
  }

  leaves(entry: PlanEntry): void {
    this.#running.delete(keyOf(entry))
    this.#update()
  }

  confirmed(entry: PlanEntry, result: ScenarioResult): void {
    this.#tell(entry, result)
  }

  #tell(entry: PlanEntry, result: ScenarioResult): void {
    const judged = withKnownDeviations(result, this.#known)
    const shown: Shown = judged.reasonCode === 'known-deviation' ? 'known' : judged.verdict
    this.#counts.set(shown, (this.#counts.get(shown) ?? 0) + 1)
    if (!QUIET.includes(shown)) {
      const reason = judged.reason === '' ? '' : `: ${oneLine(judged.reason)}`
      this.#console.tell([
        { ...SIGNS[shown], text: SIGNS[shown].text.padEnd(SIGN_WIDTH) },
        ` ${keyOf(entry)}`,
        { style: 'dim', text: ` (${duration(result.durationMs)})` },
        reason,
      ])
    }
    this.#update()
  }

  #update(): void {
    const counts = COUNTED.flatMap(([verdict, name]) => {
      const count = this.#counts.get(verdict) ?? 0
      return count === 0 ? [] : [`${count} ${name}`]
    })
    const done = `${this.#done} of ${this.#planned} done`
    if (this.#console.terminal) {
      const longest = [...this.#running.values()].sort((a, b) => b.definition.seconds - a.definition.seconds)[0]
      const running = longest === undefined ? [] : [`${this.#running.size} running, ${keyOf(longest)}`]
      this.#console.status([done, ...counts, ...running].join(' · '))
    } else if (this.#now() - this.#toldAt >= PLAIN_EVERY_MS) {
      this.#toldAt = this.#now()
      this.#console.tell([done, ...counts].join(', '))
    }
  }
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** What was learned about the target. */
export function tellSurvey(console: Console, result: SurveyResult): void {
  const lines = surveyLines(result)
  if (lines.length === 0) return
  console.tell([{ style: 'bold', text: 'What we learned about the target' }])
  for (const line of lines) {
    const isMissing = line.startsWith('✗')
    console.tell(['  ', isMissing ? { style: 'red', text: line } : line])
  }
}
