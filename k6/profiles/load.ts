/**
 * Many calls at the same time with audio both ways (100 unless --calls says otherwise). With --duration calls begin all the time, as many as keep so many up.
 * --calls: calls at the same time, --rate: new calls per second, --hold: duration of each call.
 */
import { arrivals, asked, askedCall, loadOptions, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const { calls, rate, hold, given } = asked({ calls: 100, rate: 20, hold: 15, duration: 0 })
const steady = given.duration !== undefined
const flow = arrivals({
  rate: steady ? Math.min(rate, calls / hold) : rate,
  duration: given.duration ?? calls / rate,
  spacing: 'even',
  calls: { ...askedCall(), holdMs: Math.round(hold * 1000) },
})
tellPlan({ calls, rate: flow.peak, hold })

export const options = loadOptions({ scenarios: { callers: flow.options } })

export default function callers(): void {
  wave(flow)
}
