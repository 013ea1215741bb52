/**
 * Scenarios as load, all that are fit for it and many at a time. Each is judged as in a conformance run.
 * --calls: scenarios at the same time, --rate: scenarios per second, --duration: of it all.
 */
import { asked, loadOptions, runScenarios, scenarioArrivals, tellPlan } from '../lib/index.ts'

export { handleSummary, monitor } from '../lib/index.ts'

/** Seconds that a scenario takes on average, and one at least. */
const USUAL_S = 4
const { calls, rate, given, duration } = asked({ calls: 40, rate: 10, hold: USUAL_S, duration: 60 })
const often = given.calls === undefined ? rate : Math.min(calls / USUAL_S, given.rate ?? Infinity)
const only = (__ENV.RINGPROOF_ONLY || '*').split(',')
const flow = scenarioArrivals({ rate: often, duration, scenarios: only })
tellPlan({ rate: often, duration })

export const options = loadOptions({ scenarios: { stories: flow.options } })

export default function stories(): void {
  runScenarios(flow)
}
