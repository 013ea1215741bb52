/**
 * A hundred people call at the same time and talk for a while, with audio both ways. Each calls once; with a duration each
 * calls again and again. --calls: people, --rate: how many begin a second, --hold: seconds that each call lasts.
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
