/**
 * More and more calls a second, in steps up to one and a half times the rate, then back. What gives way, and does it recover?
 * --rate: calls per second that should be carried, --hold: duration of each call, --duration: of it all.
 */
import { asked, askedCall, loadOptions, rampingArrivals, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const STEPS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 0.25]
const usual = asked({ calls: Infinity, rate: 20, hold: 15, duration: 180 })
const { hold, duration, most } = usual
// The highest step stays within the target file's limits.
const rate = Math.min(usual.rate, most.rate / 1.5, most.calls / hold / 1.5)
const each = duration / STEPS.length
const flow = rampingArrivals({
  startRate: rate * 0.25,
  // A step is reached in a fifth of its time, and kept for the rest.
  stages: STEPS.flatMap((step) => [
    { target: rate * step, duration: each / 5 },
    { target: rate * step, duration: (each * 4) / 5 },
  ]),
  calls: { ...askedCall(), holdMs: Math.round(hold * 1000) },
})
tellPlan({ rate: flow.peak, hold, duration })

export const options = loadOptions({ scenarios: { callers: flow.options } })

export default function callers(): void {
  wave(flow)
}
