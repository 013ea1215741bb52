/** Known deviations: rules that did not hold and are listed, with a reason, as known of this target. */
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { BrokenRule } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { groupBy } from './parts.js'
import { executionsOf, isPlaceOf } from './places.js'

export interface KnownDeviation {
  readonly check: Pick<CheckResult, 'id' | 'level' | 'rule' | 'paraphrase'>
  readonly reason: string
  /** Of the scenario, or of the standing check. */
  readonly id: string
  readonly executions: readonly ScenarioResult[]
}

/** Each rule of a scenario once, and what standing checks found, with where it did not hold. */
export function knownDeviations(result: Pick<RunResult, 'survey' | 'scenarios' | 'findings'>): KnownDeviation[] {
  return [...ofScenarios(result), ...ofStandingChecks(result)]
}

function ofScenarios(result: Pick<RunResult, 'survey' | 'scenarios'>): KnownDeviation[] {
  const all = executionsOf(result).flatMap((execution) =>
    deviating(execution).map((check) => ({ execution, check, reason: check.expectedFailure ?? '' })),
  )
  const groups = groupBy(all, ({ execution, check, reason }) => JSON.stringify([execution.id, check.id, reason]))
  return [...groups.values()].flatMap((some) => {
    const [first] = some
    if (!first) return []
    const { check, reason, execution } = first
    return [{ check, reason, id: execution.id, executions: some.map((one) => one.execution) }]
  })
}

function ofStandingChecks(result: Pick<RunResult, 'survey' | 'scenarios' | 'findings'>): KnownDeviation[] {
  const all = executionsOf(result)
  return result.findings
    .flatMap(({ broken = [] }) => broken)
    .flatMap((rule) => {
      const { check: id, expectedFailure: reason, scenarios } = rule
      if (reason === undefined || !isOfStandingCheck(rule)) return []
      const executions = all.filter((one) => scenarios.some((place) => isPlaceOf(place, one)))
      return [{ check: { ...rule, id }, reason, id, executions }]
    })
}

/** Names of rules are camel case. */
const isOfStandingCheck = ({ check }: BrokenRule): boolean => check.startsWith('EXAM-')

/** The checks of an execution that are known not to hold. */
export function deviating({ checks }: Pick<ScenarioResult, 'checks'>): CheckResult[] {
  return checks.filter(({ verdict, expectedFailure }) => expectedFailure !== undefined && verdict !== 'pass')
}
