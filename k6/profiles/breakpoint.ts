/**
 * Finds the most calls at a time, and the most calls a second, that are carried within the thresholds, and what gives way first.
 * --calls, --rate: the most that is tried, --hold: how long each step lasts.
 */
import { asked, askedCall, breakpoint, tellPlan, withStatistics } from '../lib/index.ts'

export { handleSummary } from '../lib/index.ts'

const { calls, rate, hold, most } = asked({ calls: 2000, rate: 200, hold: 15, duration: 0 })
const order = { calls: askedCall(), holdS: hold }
tellPlan({ hold })

export const options = withStatistics({
  scenarios: { search: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '12h' } },
})

export default function search(): void {
  const built = Math.min(20, rate)
  const carried = breakpoint({
    ...order,
    what: 'calls at a time',
    from: 5,
    most: Math.min(calls, most.calls),
    rate: built,
  })
  // Calls of two seconds, few enough at a time that it is the signalling that gives way.
  breakpoint({
    ...order,
    what: 'calls a second',
    from: 2,
    most: Math.min(rate, most.rate, Math.floor(carried / 3)),
    rate,
  })
}
