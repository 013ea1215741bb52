/**
 * 100 callers at the same time, each with one call with audio both ways. With --duration each calls again and again.
 * --calls: number of callers, --rate: how many start per second, --hold: duration of each call.
 */
import { oneCall, optionsOf, orderOf, planOf, summary, watch } from '../lib/people.ts'

const plan = planOf({ calls: 100, hold: 15, rate: 20 })
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
