/** In which executions a rule was looked at, and whether it held: what "only on TLS" and "in 3 of 12" are computed from. */
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import { keyOfRule } from './breakage.js'

/** One execution of a scenario, or one vital sign, in which a rule was looked at. */
export interface Execution {
  /** Tells executions apart. */
  readonly key: string
  readonly transport: string
  readonly family: string
  readonly held: boolean
  readonly relays: readonly string[]
}

export type Executions = ReadonlyMap<string, readonly Execution[]>

/** By rule, `registrar/refresh#listed`: those in which it came to a verdict. */
export function executionsOf(results: readonly ScenarioResult[]): Executions {
  const found = new Map<string, Execution[]>()
  for (const result of results) {
    const { id, variant, relays = [] } = result
    for (const check of result.checks) {
      if (!wasDecided(check)) continue
      const key = keyOfRule(id, check.id)
      const list = found.get(key) ?? []
      list.push({ key: nameOf(result), ...variant, held: check.verdict === 'pass', relays })
      found.set(key, list)
    }
  }
  return found
}

const wasDecided = ({ verdict, reasonCode }: CheckResult) =>
  verdict === 'pass' || verdict === 'warn' || verdict === 'fail' || reasonCode === 'unsteady'

/** A vital sign is tried for each account too. */
function nameOf({ id, variant, accounts = [] }: ScenarioResult): string {
  return [id, variant.transport, variant.family, ...accounts].join(' ')
}
