/**
 * Two devices share each account and register by turns, while accounts call each other. Every call must reach one of them.
 * --rate: calls per second, --hold: duration of each call, --duration: of it all.
 */
import { arrivals, asked, askedCall, loadOptions, register, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const usual = asked({ calls: Infinity, rate: 5, hold: 5, duration: 60 })
const { hold, duration, most } = usual
const rate = Math.min(usual.rate, most.calls / hold)
const flow = arrivals({ rate, duration, calls: { ...askedCall(), to: 'account', holdMs: Math.round(hold * 1000) } })
tellPlan({ rate, hold, duration, to: 'account' })

export const options = loadOptions({
  scenarios: {
    callers: flow.options,
    devices: {
      executor: 'per-vu-iterations',
      exec: 'devices',
      vus: 1,
      iterations: 1,
      maxDuration: `${Math.ceil(duration + hold + 150)}s`,
    },
  },
  thresholds: { sip_registration_success: ['rate==1'] },
})

export default function callers(): void {
  wave(flow)
}

export function devices(): void {
  register({ flap: { everyMs: 2000, forMs: Math.round((duration + hold) * 1000) } })
}
