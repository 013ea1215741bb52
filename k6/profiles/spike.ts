/**
 * A quiet flow of calls, a sudden rush at five times its rate, and quiet again.
 * --rate: calls per second of the rush, --hold: duration of each call, --duration: of it all.
 */
import { asked, askedCall, loadOptions, rampingArrivals, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const usual = asked({ calls: Infinity, rate: 25, hold: 10, duration: 60 })
const { hold, duration, most } = usual
const rate = Math.min(usual.rate, most.calls / hold)
const flow = rampingArrivals({
  startRate: rate / 5,
  stages: [
    { target: rate / 5, duration: duration / 3 },
    { target: rate, duration: duration / 60 },
    { target: rate, duration: duration / 6 },
    { target: rate / 5, duration: duration / 60 },
    { target: rate / 5, duration: (duration * 7) / 15 },
  ],
  calls: { ...askedCall(), holdMs: Math.round(hold * 1000) },
})
tellPlan({ rate: flow.peak, hold, duration })

export const options = loadOptions({ scenarios: { callers: flow.options } })

export default function callers(): void {
  wave(flow)
}
