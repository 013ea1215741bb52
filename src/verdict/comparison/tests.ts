/** What one side of a comparison knows of a test: whether it was decided, and whether rules held in it. */
import type { Baseline, BaselineTest } from '../../result/baseline.js'
import type { Verdict } from '../../result/terms.js'

type Counts = Readonly<Record<string, number>>

/** A test in all runs of a side. */
export interface TestRuns {
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
  readonly broken: Counts
  readonly open: Counts
  readonly unsteady: number
  readonly why: string | undefined
  /** Its scenario's rules. */
  readonly rules: ReadonlySet<string>
}

/**
 * Of some rules of a test in the runs of a side. `held`: all of them, wherever they were decided; `broken`: one of them at least, each
 * time; `mixed`: now this, now that; `open`: not decided; `unknown`: that side knew no such rule; `untested`: no verdict at all.
 */
export type Standing = 'held' | 'broken' | 'mixed' | 'open' | 'unknown' | 'untested'

const DECIDED: readonly Verdict[] = ['pass', 'warn', 'fail']

/** `registrar/refresh udp/ipv4` of each test, in order. */
export const testKeys = ({ tests }: Baseline): string[] =>
  Object.entries(tests).flatMap(([id, { on }]) => Object.keys(on).map((variant) => keyOf(id, variant)))

const keyOf = (id: string, variant: string): string => (variant === 'load' ? id : `${id} ${variant}`)

export function testOf({ tests }: Baseline, key: string): TestRuns | undefined {
  const [id = '', variant = 'load'] = key.split(' ')
  const scenario = tests[id]
  const test: BaselineTest | undefined = scenario?.on[variant]
  if (scenario === undefined || test === undefined) return undefined
  const rules = new Set(scenario.rules.split(' '))
  if (typeof test === 'string')
    return { verdicts: { [test]: 1 }, broken: {}, open: {}, unsteady: 0, why: undefined, rules }
  const { verdicts, broken = {}, open = {}, unsteady = 0, why } = test
  return { verdicts, broken, open, unsteady, why, rules }
}

/** In how many runs of a side a test was decided. */
export const decidedIn = (test: TestRuns | undefined): number =>
  DECIDED.reduce((sum, verdict) => sum + (test?.verdicts[verdict] ?? 0), 0)

/** @param rules names; empty: whatever may break in it */
export function standingOf(test: TestRuns | undefined, rules: readonly string[]): Standing {
  if (test === undefined) return 'untested'
  const decided = decidedIn(test)
  const asked = rules.length === 0 ? Object.keys(test.broken) : rules
  const breaks = Math.max(0, ...asked.map((rule) => test.broken[rule] ?? 0))
  // A rule that broke in a test which ended undecided broke all the same.
  if (breaks > 0) return breaks >= Math.max(1, decided) ? 'broken' : 'mixed'
  if (decided === 0) return 'untested'
  const known = asked.filter((rule) => test.rules.has(rule))
  if (asked.length > 0 && known.length === 0) return 'unknown'
  const isOpen = asked.length > 0 && known.every((rule) => (test.open[rule] ?? 0) >= decided)
  return isOpen ? 'open' : 'held'
}

/** Rules that broke in a test, in any run. */
export const brokenIn = (test: TestRuns | undefined): string[] => Object.keys(test?.broken ?? {})
