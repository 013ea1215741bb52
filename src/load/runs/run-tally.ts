/** Adds up what runs of scenarios came to: by scenario, variant and verdict, and by the checks that did not hold. */
import type { AudioLoss } from '../../result/audio.js'
import type { CheckResult, ScenarioResult } from '../../result/scenario-result.js'
import type { LoadResult } from '../../result/load-result.js'
import type { RunsFacts } from '../../verdict/load-validity.js'
import { distributionOf } from '../distribution.js'
import type { RunOutcome } from './run-protocol.js'

type RunsOfScenario = NonNullable<LoadResult['scenarios']>[number]
type CheckOfRuns = RunsOfScenario['checks'][number]

interface Sum {
  readonly id: string
  title: string
  readonly variant: RunOutcome['variant']
  readonly verdicts: Record<string, number>
  readonly reasons: Record<string, number>
  readonly durationsMs: number[]
  readonly checks: Map<string, Omit<CheckOfRuns, 'losses'> & { losses: Map<string, AudioLoss> }>
  firstFailAt: number | undefined
}

/** A run that begins so much later than it should makes the load another one, ms. */
const LATE_BEGIN_MS = 500

export class RunTally {
  readonly #sums = new Map<string, Sum>()
  readonly #startedAt: number
  #begun = 0
  #begunLate = 0
  #ended = 0
  #interrupted = 0
  #late = 0
  #decided = 0
  #undelivered = 0
  #lagMaxMs = 0

  /** @param startedAt Unix ms */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  begun(lateMs: number): void {
    this.#begun += 1
    if (lateMs > LATE_BEGIN_MS) this.#begunLate += 1
  }

  /** How late a thread was at worst, ms. */
  lag(lagMaxMs: number): void {
    this.#lagMaxMs = Math.max(this.#lagMaxMs, lagMaxMs)
  }

  undelivered(count: number): void {
    this.#undelivered += count
  }

  add(outcome: RunOutcome): void {
    this.#ended += 1
    const { id, title, variant, verdict, reasonCode, durationMs, checks } = outcome
    if (reasonCode === 'interrupted') {
      this.#interrupted += 1
      return
    }
    if (reasonCode === 'harness-late') this.#late += 1
    if (isDecided(verdict)) this.#decided += 1
    const key = `${id} ${variant.transport}/${variant.family}`
    const sum: Sum = this.#sums.get(key) ?? {
      id,
      title,
      variant: { ...variant },
      verdicts: {},
      reasons: {},
      durationsMs: [],
      checks: new Map(),
      firstFailAt: undefined,
    }
    this.#sums.set(key, sum)
    if (sum.title === '') sum.title = title
    sum.verdicts[verdict] = (sum.verdicts[verdict] ?? 0) + 1
    if (reasonCode !== undefined) sum.reasons[reasonCode] = (sum.reasons[reasonCode] ?? 0) + 1
    if (verdict === 'fail') sum.firstFailAt ??= Math.round(outcome.endedAt - this.#startedAt)
    sum.durationsMs.push(durationMs)
    for (const check of checks) addCheck(sum, check)
  }

  /** Runs so far: those that ended in time for whoever ordered them, too. */
  get counts(): { readonly started: number; readonly ended: number; readonly delivered: number } {
    return { started: this.#begun, ended: this.#ended, delivered: this.#ended - this.#undelivered }
  }

  /** Runs that failed. */
  get failed(): number {
    return [...this.#sums.values()].reduce((sum, { verdicts }) => sum + (verdicts['fail'] ?? 0), 0)
  }

  /** Whether this machine kept up with what was ordered of it; undefined where no run was ordered. */
  get facts(): RunsFacts | undefined {
    if (this.#begun === 0) return undefined
    const runs = this.#ended - this.#interrupted
    return { runs, begunLate: this.#begunLate, late: this.#late, decided: this.#decided, ms: LATE_BEGIN_MS }
  }

  /** The measured part of the result; nothing where no run was ordered. @param kept results of the first failures */
  result(kept: readonly ScenarioResult[], peak: number): Pick<LoadResult, 'scenarios' | 'runs'> {
    if (this.#begun === 0) return {}
    return {
      runs: {
        started: this.#begun,
        ended: this.#ended,
        interrupted: this.#interrupted,
        begunLate: this.#begunLate,
        harnessLate: this.#late,
        peakConcurrent: peak,
        worstLagMs: Math.round(this.#lagMaxMs),
      },
      scenarios: [...this.#sums.values()]
        .toSorted((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1))
        .map((sum) => ofScenario(sum, kept)),
    }
  }
}

/** Whether a verdict says something of the target. */
const isDecided = (verdict: RunOutcome['verdict']): boolean =>
  verdict === 'pass' || verdict === 'warn' || verdict === 'fail'

function addCheck(sum: Sum, check: CheckResult): void {
  const { id, level, rule, verdict, paraphrase = id, losses = [] } = check
  const fresh = {
    id,
    level,
    rule,
    paraphrase,
    held: 0,
    failed: 0,
    warned: 0,
    open: 0,
    losses: new Map<string, AudioLoss>(),
  }
  const known = sum.checks.get(id) ?? fresh
  if (verdict === 'pass') known.held += 1
  else if (verdict === 'fail') known.failed += 1
  else if (verdict === 'warn') known.warned += 1
  else known.open += 1
  for (const { relay, expected, lost, gaps } of losses) {
    const before = known.losses.get(relay) ?? { relay, expected: 0, lost: 0, gaps: 0 }
    known.losses.set(relay, {
      relay,
      expected: before.expected + expected,
      lost: before.lost + Math.max(0, lost),
      gaps: before.gaps + Math.max(0, gaps),
    })
  }
  sum.checks.set(id, known)
}

function ofScenario(sum: Sum, kept: readonly ScenarioResult[]): RunsOfScenario {
  const { id, title, variant, verdicts, reasons, durationsMs, checks, firstFailAt } = sum
  const duration = distributionOf(durationsMs)
  const own = kept.filter(
    (one) => one.id === id && one.variant.transport === variant.transport && one.variant.family === variant.family,
  )
  return {
    id,
    title,
    variant,
    runs: durationsMs.length,
    verdicts,
    reasons,
    ...(duration === undefined ? {} : { durationMs: duration }),
    checks: [...checks.values()].map(({ losses, ...check }) => ({
      ...check,
      ...(losses.size === 0 ? {} : { losses: [...losses.values()] }),
    })),
    ...(firstFailAt === undefined ? {} : { firstFailAtMs: firstFailAt }),
    first: own.toSorted((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0)),
  }
}
