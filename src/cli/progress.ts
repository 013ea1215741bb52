import type { ScenarioResult } from '../result/result.js'
import { keyOf, type PlanEntry } from '../runner/plan.js'
import type { RunReporter } from '../runner/run.js'
import type { CliContext } from './context.js'

const signs: Readonly<Record<ScenarioResult['verdict'], string>> = {
  pass: 'pass ',
  warn: 'warn ',
  fail: 'FAIL ',
  inconclusive: 'incon',
  unsupported: 'unsup',
  'not applicable': 'n/a  ',
  error: 'ERROR',
}

/**
 * Shows a run while it goes: on a terminal one line that is kept up to date, with failures staying above it;
 * elsewhere a line for each scenario that ended.
 */
export class Progress implements RunReporter {
  readonly #context: CliContext
  readonly #columns: () => number
  readonly #running = new Map<string, PlanEntry>()
  readonly #counts = new Map<ScenarioResult['verdict'], number>()
  #planned = 0
  #done = 0
  #lineShown = false

  constructor(context: CliContext, columns: () => number = () => process.stderr.columns ?? 100) {
    this.#context = context
    this.#columns = columns
  }

  planned(entries: readonly PlanEntry[], notRun: readonly unknown[]): void {
    this.#planned = entries.filter((entry) => entry.unsupported === undefined).length
    const left = notRun.length === 0 ? '' : `; ${notRun.length} not run (the report says why)`
    this.line(`${this.#planned} ${this.#planned === 1 ? 'scenario' : 'scenarios'} to run${left}`)
  }

  begins(entry: PlanEntry): void {
    this.#running.set(keyOf(entry), entry)
    this.#update()
  }

  ended(entry: PlanEntry, result: ScenarioResult): void {
    this.#running.delete(keyOf(entry))
    this.#done++
    this.#counts.set(result.verdict, (this.#counts.get(result.verdict) ?? 0) + 1)
    const quiet = result.verdict === 'pass' || result.verdict === 'not applicable' || result.verdict === 'unsupported'
    if (!this.#context.terminal || !quiet) {
      const place = this.#context.terminal
        ? ''
        : `${String(this.#done).padStart(String(this.#planned).length)}/${this.#planned} `
      const reason = quiet || result.reason === '' ? '' : `: ${oneLine(result.reason)}`
      this.line(`${place}${signs[result.verdict]} ${keyOf(entry)} (${duration(result.durationMs)})${reason}`)
    }
    this.#update()
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.clear()
    this.#context.tell(text)
  }

  /** Takes the updating line away; to be called before anything else is written, and at the end. */
  clear(): void {
    if (!this.#lineShown) return
    process.stderr.write('\r\u001b[2K')
    this.#lineShown = false
  }

  #update(): void {
    if (!this.#context.terminal) return
    const counts = [...this.#counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
    const longest = [...this.#running.values()].sort((a, b) => b.definition.seconds - a.definition.seconds)[0]
    const waiting = longest === undefined ? '' : ` · ${this.#running.size} running, ${keyOf(longest)}`
    const text = `${this.#done}/${this.#planned}${counts === '' ? '' : ` · ${counts}`}${waiting}`
    process.stderr.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.#columns() - 1))}`)
    this.#lineShown = true
  }
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** Text for a line of the terminal: what a target sent may be part of it, and must not steer the terminal. */
export function oneLine(text: string, most = 240): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
