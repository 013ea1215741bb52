/**
 * The calls of a normal day for half an hour. Most are answered and held for different times, some are not answered.
 * --calls: calls at the same time, --hold: median duration of a call, --duration: of it all.
 */
import { arrivals, asked, askedCall, loadOptions, mix, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const { calls, hold, rate, duration, given } = asked({ calls: 50, rate: 20, hold: 60, duration: 1800 })
const SIGMA = 0.8
/** Of a log-normal distribution. */
const mean = hold * Math.exp(SIGMA ** 2 / 2)
const own = { ...askedCall(), holdMs: { medianMs: Math.round(hold * 1000), sigma: SIGMA } }
const between = { ...own, to: 'account' }
const isBetween = own.to === 'auto' || own.to === 'account'
const flow = arrivals({
  rate: Math.min(rate, given.rate ?? calls / mean),
  duration,
  calls: isBetween
    ? mix([
        { weight: 85, call: own },
        { weight: 5, call: { ...between, outcome: 'busy' } },
        { weight: 5, call: { ...between, outcome: 'cancelled' } },
        { weight: 5, call: { ...between, outcome: 'unanswered' } },
      ])
    : own,
})
tellPlan({ calls, rate: flow.peak, hold, duration })

export const options = loadOptions({ scenarios: { callers: flow.options } })

export default function callers(): void {
  wave(flow)
}
