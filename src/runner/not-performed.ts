/** What stands in the report for a scenario that was planned and of which there is no record. */
import type { Judgement } from '../verdict/scenario.js'
import { NO_PATH } from './path-loss.js'
import type { FinishedScenario } from './perform.js'
import type { PlanEntry } from './plan.js'

export function notPerformed({ definition, variant, file }: PlanEntry, judgement: Judgement): FinishedScenario {
  const { id, title, area, purposes, provider = [], harm, advice } = definition
  const about = { id, title, area, purposes: [...purposes], provider: [...provider], harm, advice, file }
  return {
    result: { ...about, variant: { ...variant }, ...judgement, durationMs: 0, checks: [], evidence: [] },
    notes: [],
    noise: [],
    path: NO_PATH,
  }
}
