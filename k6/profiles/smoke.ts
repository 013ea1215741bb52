/** Five short calls, to check that everything a load needs works here. */
import { oneCall, optionsOf, orderOf, planOf, summary, watch } from '../lib/people.ts'

const plan = planOf({ calls: 5, hold: 3, rate: 5 })
const order = orderOf(plan)

export const options = optionsOf(plan)

export function person(): void {
  oneCall(plan, order)
}

export function monitor(): void {
  watch(plan)
}

export function handleSummary(data: object): Record<string, string> | undefined {
  return summary(data, plan, order)
}
