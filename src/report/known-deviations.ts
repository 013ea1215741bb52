/** Known deviations: rules that did not hold and are listed, with a reason, as known of this target. */
import type { CheckResult, RunResult, ScenarioResult } from '../result/result.js'
import { groupBy } from './parts.js'
import { executionsOf } from './places.js'

export interface KnownDeviation {
  readonly check: CheckResult
  readonly reason: string
  readonly id: string
  readonly executions: readonly ScenarioResult[]
}

/** Each rule of a scenario once, with where it did not hold. */
export function knownDeviations(result: Pick<RunResult, 'survey' | 'scenarios'>): KnownDeviation[] {
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

/** The checks of an execution that are known not to hold. */
export function deviating({ checks }: Pick<ScenarioResult, 'checks'>): CheckResult[] {
  return checks.filter(({ verdict, expectedFailure }) => expectedFailure !== undefined && verdict !== 'pass')
}
