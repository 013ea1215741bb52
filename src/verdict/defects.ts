/** What went wrong in ringproof or in a scenario's file: findings of their own, which decide nothing about the target. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import { distinctPlaces, placeOf } from './place.js'
import { counted, distinct, listed } from '../result/texts.js'

/** One finding for each mistake, whatever number of scenarios met it. */
export function defectsOf(scenarios: readonly ScenarioResult[]): Finding[] {
  const groups = new Map<string, ScenarioResult[]>()
  for (const result of scenarios) {
    if (result.verdict !== 'error') continue
    const { defect = { message: result.reason } } = result
    const key = JSON.stringify([defect.file, defect.line, defect.message])
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  return [...groups.values()].map(defectOf)
}

function defectOf(results: readonly ScenarioResult[]): Finding {
  const [first] = results
  const ids = distinct(results.map(({ id }) => id))
  const { file, line, column, message } = first?.defect ?? { message: first?.reason ?? '' }
  const isScenarios = first?.reasonCode === 'scenario-defect'
  const place = file === undefined ? '' : ` (${[file, line, column].filter((part) => part !== undefined).join(':')})`
  const what = ids.length > 3 ? counted(ids.length, 'scenario') : `scenario ${listed(ids)}`
  return {
    id: `DEFECT ${file ?? ids[0] ?? ''}${line === undefined ? '' : `:${line}`}`,
    kind: 'defect',
    severity: 'warn',
    gravity: 'letter',
    title: `${isScenarios ? 'Mistake in' : 'ringproof failed in'} ${what}${place}: ${message}`,
    provider: [],
    evidence: distinct(results.flatMap(({ evidence }) => evidence)).slice(0, 5),
    harm: `${results.length === 1 ? 'One test decides' : `${results.length} tests decide`} nothing about the target. The other results stand.`,
    advice: isScenarios
      ? `Correct ${file ?? 'the scenario'}, and run it again.`
      : 'Report it with the files of this run: it is a defect of ringproof, not of the target.',
    scenarios: distinctPlaces(results.map(placeOf)),
    count: results.length,
    expected: 'the scenario runs to its end',
    actual: message,
  }
}
