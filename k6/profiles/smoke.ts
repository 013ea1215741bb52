/** A few short calls (five unless --calls says otherwise), to check that everything a load needs works here. */
import { asked, askedCall, call, loadOptions, takeTurns, tellPlan } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

// Each virtual user is a person with one call: readable, and dear to k6 above a few calls a second.
const { calls, rate, hold } = asked({ calls: 5, rate: 5, hold: 3, duration: 1 })
const order = { ...askedCall(), holdMs: hold * 1000 }
tellPlan({ calls, rate, hold })

export const options = loadOptions(
  {
    scenarios: {
      people: {
        executor: 'per-vu-iterations',
        vus: calls,
        iterations: 1,
        maxDuration: `${Math.ceil(calls / rate + hold + 90)}s`,
        gracefulStop: `${Math.ceil(hold + 90)}s`,
      },
    },
  },
  calls,
)

export default function person(): void {
  takeTurns({ users: calls, rate })
  call(order)
}
