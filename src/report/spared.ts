/** With `--fail-on`, not every failure fails a run: which do, and what is said of the others. */
import type { Comparison, FindingState } from '../result/comparison.js'
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { fails, isGraveEnough, regressionsOf } from '../result/what-fails.js'
import { isPlaceOf } from './places.js'

/** A comparison names so many tests of a finding at most: where it names as many, there may be more. */
const MOST_TESTS = 20

export interface Sparing {
  /** Findings that fail the run. */
  readonly failing: readonly Finding[]
  /** Ids of figures that fail it. */
  readonly figures: ReadonlySet<string>
  /** Why a scenario that failed does not fail the run, in a few words; undefined: it does. */
  whySpared(one: Pick<ScenarioResult, 'id' | 'variant'>): string | undefined
}

const STATES: Readonly<Record<FindingState, string>> = {
  new: 'new',
  worse: 'as before',
  fixed: 'as before',
  still: 'as before',
  unsteady: 'unsteady',
  'newly-tested': 'first seen, and not tested before',
  'not-tested': 'as before',
}

export function sparingOf(result: Pick<RunResult, 'failOn' | 'comparison' | 'findings'>): Sparing {
  const { failOn, comparison } = result
  const all = result.findings.filter(fails)
  if (failOn === undefined) return { failing: all, figures: new Set(), whySpared: () => undefined }
  const { gravity, onlyRegressions } = failOn
  const grave = all.filter((one) => isGraveEnough(one, gravity))
  const worse =
    onlyRegressions && comparison !== undefined ? regressionsOf(comparison, gravity) : { findings: [], figures: [] }
  const failing = onlyRegressions ? grave.filter(({ id }) => worse.findings.some((one) => one.id === id)) : grave
  return {
    failing,
    figures: new Set(worse.figures.map(({ id }) => id)),
    whySpared(one) {
      const own = all.filter((finding) => showsIn(finding, one))
      if (own.length === 0 || own.some((finding) => failing.includes(finding) && isGained(finding, one, comparison)))
        return undefined
      if (own.every((finding) => !grave.includes(finding))) return 'formal, which fails no run with --fail-on harm'
      return wordOf(own, comparison)
    },
  }
}

/** Whether a finding was seen there, as itself or by what follows from it. */
export const showsIn = (
  { scenarios, consequences = [] }: Finding,
  one: Pick<ScenarioResult, 'id' | 'variant'>,
): boolean => [...scenarios, ...consequences.flatMap((of) => of.scenarios)].some((place) => isPlaceOf(place, one))

/** Of what is worse because more tests show it, only those count that did not then. */
function isGained(
  { id, scenarios }: Finding,
  { id: scenario, variant }: Pick<ScenarioResult, 'id' | 'variant'>,
  comparison: Comparison | undefined,
): boolean {
  const { state, tests = [] } = comparison?.findings.find((one) => one.id === id) ?? {}
  if (state !== 'worse' || tests.length === 0 || tests.length >= Math.min(MOST_TESTS, scenarios.length)) return true
  return tests.includes(`${scenario} ${variant.transport}/${variant.family}`)
}

function wordOf(own: readonly Finding[], comparison: Comparison | undefined): string {
  if (comparison === undefined) return 'as before'
  if (!comparison.conclusive) return 'what changed cannot be told'
  const states = comparison.findings.filter(({ id }) => own.some((finding) => finding.id === id))
  const [state] = states
  return `${state === undefined ? 'as before' : STATES[state.state]} (${comparison.base.name})`
}
