/**
 * Short and long calls go on all the time, while you take a server or a relay away and bring it back. How many calls failed, for how long?
 * --rate: calls per second, --hold: duration of the short calls, --duration: of it all.
 */
import { arrivals, asked, askedCall, loadOptions, mix, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const usual = asked({ calls: Infinity, rate: 5, hold: 4, duration: 180 })
const { hold, duration, most } = usual
// Long enough to be up when it happens.
const long = Math.max(hold, Math.min(60, duration / 3))
const rate = Math.min(usual.rate, most.calls / (0.8 * hold + 0.2 * long))
const call = askedCall()
const flow = arrivals({
  rate,
  duration,
  spacing: 'even',
  calls: mix([
    { weight: 4, call: { ...call, name: 'short', holdMs: Math.round(hold * 1000) } },
    { weight: 1, call: { ...call, name: 'long', holdMs: Math.round(long * 1000) } },
  ]),
})
tellPlan({ rate, hold, duration })

export const options = loadOptions({ scenarios: { callers: flow.options } })

export default function callers(): void {
  wave(flow)
}
