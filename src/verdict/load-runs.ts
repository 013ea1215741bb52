/** What scenarios that were run as load showed to be wrong: each check that failed, and in how many of the runs. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { LoadResult, RunsOfScenario } from '../result/load-result.js'
import { type Breakage, breakageOfCheck } from './breakage.js'
import { lossInWords, verdictByRelay } from './loss.js'
import { placeOfLoad } from './place.js'
import { counted } from '../result/texts.js'

const PASS_LIMIT = 'scenario_pass'

/**
 * The checks that did not hold. What the load's own limit on them does not object to warns: one of a thousand, where the user allowed
 * it. Lost packets are judged over all runs.
 */
export function breakagesOfRuns(load: LoadResult): Breakage[] {
  const limits = (load.thresholds ?? []).filter(({ metric }) => metric.startsWith(PASS_LIMIT))
  const isAllowed = limits.length > 0 && limits.every(({ ok }) => ok)
  return (load.scenarios ?? []).flatMap((runs) =>
    runs.checks.flatMap((sum): Breakage[] => {
      const isLossy = sum.failed === 0 && sum.open > 0 && verdictByRelay(sum.losses ?? []) === 'fail'
      const count = sum.failed > 0 ? sum.failed : isLossy ? sum.open : sum.warned
      if (count === 0) return []
      const shown = exampleOf(runs, sum.id)
      if (shown === undefined) return []
      const verdict = sum.failed > 0 || isLossy ? 'fail' : 'warn'
      const [result, check] = shown
      const told = breakageOfCheck(result, { ...check, verdict })
      const actual = isLossy ? lossInWords(sum.losses ?? []) : check.actual
      const times = `${count} of ${counted(runs.runs, 'run')} under load`
      return [
        {
          ...told,
          kind: 'load',
          severity: verdict === 'fail' && isAllowed ? 'warn' : told.severity,
          place: placeOfLoad(load.profile),
          title: `${told.title} (${runs.id}, ${times})`,
          rule: { ...told.rule, actual: `${actual} (${times})` },
          count,
        },
      ]
    }),
  )
}

/** Runs that ended with a defect of a scenario, or of ringproof: a kind once. */
export const defectiveRuns = (load: LoadResult | undefined): ScenarioResult[] =>
  (load?.scenarios ?? []).flatMap(({ first }) => first.filter(({ verdict }) => verdict === 'error'))

/** A run that shows that a check did not hold. */
function exampleOf(
  { first }: RunsOfScenario,
  id: string,
): [ScenarioResult, ScenarioResult['checks'][number]] | undefined {
  for (const wanted of ['fail', 'inconclusive', 'warn'] as const) {
    for (const result of first) {
      const check = result.checks.find((one) => one.id === id && one.verdict === wanted)
      if (check !== undefined) return [result, check]
    }
  }
  return undefined
}

/** How the runs of all scenarios came out: `all 400 runs of 12 scenarios passed`; empty where there were none. */
export function runsInWords({ scenarios = [] }: Pick<LoadResult, 'scenarios'>): string {
  const all = scenarios.reduce((sum, { runs }) => sum + runs, 0)
  if (all === 0) return ''
  const of = (...verdicts: string[]) =>
    scenarios.reduce((sum, runs) => sum + verdicts.reduce((part, one) => part + (runs.verdicts[one] ?? 0), 0), 0)
  const kinds = new Set(scenarios.map(({ id }) => id)).size
  const [passed, failed, open] = [of('pass', 'warn'), of('fail'), of('inconclusive', 'error')]
  const share = passed === all ? 'all' : `${passed} of`
  const rest = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(open > 0 ? [`${open} could not be decided`] : []),
    ...(of('unsupported', 'not applicable') > 0 ? [`${of('unsupported', 'not applicable')} did not apply`] : []),
  ]
  const what = `${share} ${counted(all, 'run')} of ${counted(kinds, 'scenario')} passed`
  return rest.length === 0 ? what : `${what} (${rest.join(', ')})`
}
