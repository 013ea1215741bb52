/**
 * All devices come back at once, as after a power failure, three times, while calls go on. How long until all are registered?
 * --rate, --hold: of the calls meanwhile, --duration: of it all.
 */
import { arrivals, asked, askedCall, loadOptions, register, tellPlan, wave } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

const STORMS = 3
const usual = asked({ calls: Infinity, rate: 2, hold: 5, duration: 60 })
const { hold, duration, most } = usual
const rate = Math.min(usual.rate, most.calls / hold)
const flow = arrivals({ rate, duration, calls: { ...askedCall(), holdMs: Math.round(hold * 1000) } })
tellPlan({ rate, hold, duration })

export const options = loadOptions({
  scenarios: {
    callers: flow.options,
    storm: {
      executor: 'constant-arrival-rate',
      exec: 'storm',
      rate: STORMS,
      timeUnit: `${Math.round(duration * 1000)}ms`,
      duration: `${Math.round(duration * 1000) - 1}ms`,
      preAllocatedVUs: STORMS,
      gracefulStop: '150s',
    },
  },
  thresholds: {
    sip_registration_success: ['rate==1'],
    sip_registration_storm: ['max<30000'],
  },
})

export default function callers(): void {
  wave(flow)
}

export function storm(): void {
  register({ again: true })
}
