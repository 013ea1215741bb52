// People who call: each virtual user makes a call, holds it, and perhaps calls again. One more watches the agent.
import { sleep } from 'k6'
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { call, type CallOrder, stats } from './agent.ts'
import { countCall, countRegistrations, showAgent } from './metrics.ts'

export interface Plan {
  /** People, so calls at a time. */
  calls: number
  /** Seconds that a call is held. */
  hold: number
  /** People a second who begin. */
  rate: number
  /** Calls that each makes, one after the other. */
  rounds: number
}

/** Seconds between two calls of one person. */
const PAUSE_S = 1
/** Seconds that setting up and ending a call may take beyond its time. */
const SLACK_S = 90

/**
 * A plan from the environment (RINGPROOF_CALLS, _HOLD, _RATE, _DURATION), where it says anything; within the target's limits
 * (RINGPROOF_MOST_CALLS, _MOST_RATE).
 */
export function planOf(usual: { calls: number; hold: number; rate: number }): Plan {
  const calls = Math.max(1, Math.round(Math.min(given('CALLS') ?? usual.calls, given('MOST_CALLS') ?? Infinity)))
  const hold = given('HOLD') ?? usual.hold
  const rate = Math.min(given('RATE') ?? usual.rate, given('MOST_RATE') ?? Infinity)
  const duration = given('DURATION')
  const rounds = duration === undefined ? 1 : Math.max(1, Math.floor((duration - calls / rate) / (hold + PAUSE_S)))
  return { calls, hold, rate, rounds }
}

/** Options of a test that carries the plan out, with the thresholds that hold for every load. */
export function optionsOf(plan: Plan): Options {
  const expected = plan.calls * plan.rounds
  const seconds = plan.calls / plan.rate + plan.rounds * (plan.hold + PAUSE_S)
  return {
    scenarios: {
      people: {
        executor: 'per-vu-iterations',
        exec: 'person',
        vus: plan.calls,
        iterations: plan.rounds,
        maxDuration: `${Math.ceil(seconds + SLACK_S)}s`,
        // Calls that are up when time is over may end as they should.
        gracefulStop: `${Math.ceil(plan.hold + SLACK_S)}s`,
      },
      monitor: {
        executor: 'per-vu-iterations',
        exec: 'monitor',
        vus: 1,
        iterations: 1,
        maxDuration: `${Math.ceil(seconds + 2 * SLACK_S + plan.hold)}s`,
        gracefulStop: '2s',
      },
    },
    thresholds: {
      // Rates over nothing pass: the count shows that there was something.
      sip_calls_completed: [`count>=${expected}`],
      sip_call_success: ['rate>0.99'],
      rtp_two_way_audio: ['rate>0.99'],
      rtp_loss_ratio: ['p(95)<0.01'],
      rtp_jitter: ['p(95)<30'],
      voip_mos: ['p(5)>4.0'],
      sip_session_request_delay: ['p(95)<2000'],
      dropped_iterations: ['count==0'],
    },
    summaryTrendStats: ['count', 'min', 'med', 'avg', 'p(5)', 'p(90)', 'p(95)', 'p(99)', 'max'],
    userAgent: 'ringproof-k6',
  }
}

/** What is ordered of each call: RINGPROOF_TO, _CODEC, _SRTP, _TRANSPORT, _FAMILY. */
export function orderOf(plan: Plan): CallOrder {
  const { RINGPROOF_TO, RINGPROOF_CODEC, RINGPROOF_SRTP, RINGPROOF_TRANSPORT, RINGPROOF_FAMILY } = __ENV
  const media = {
    ...(RINGPROOF_CODEC ? { codec: RINGPROOF_CODEC } : {}),
    ...(RINGPROOF_SRTP ? { srtp: RINGPROOF_SRTP === 'true' } : {}),
  }
  return {
    to: RINGPROOF_TO || 'auto',
    holdMs: Math.round(plan.hold * 1000),
    media,
    ...(RINGPROOF_TRANSPORT ? { transport: RINGPROOF_TRANSPORT } : {}),
    ...(RINGPROOF_FAMILY ? { family: RINGPROOF_FAMILY } : {}),
  }
}

/** One call of one person. */
export function oneCall(plan: Plan, order: CallOrder): void {
  const first = exec.vu.iterationInScenario === 0
  // Not all at once: the first calls are spread over the time that the rate asks for.
  if (first) sleep((exec.scenario.iterationInTest % plan.calls) / plan.rate)
  else sleep(PAUSE_S)
  const record = call(order)
  if (record !== undefined) countCall(record)
}

/** Watches the agent once a second until nothing goes on any more. */
export function watch(plan: Plan): void {
  const expected = plan.calls * plan.rounds
  let idle = 0
  for (let second = 0; idle < 5; second++) {
    const seen = stats()
    if (seen === undefined) return
    if (second === 0) countRegistrations(seen)
    showAgent(seen)
    if (seen.ended >= expected) return
    idle = seen.started > 0 && seen.activeCalls + seen.settingUp === 0 && seen.ended >= seen.started ? idle + 1 : 0
    // Whoever pauses between two calls is not idle for longer than this.
    sleep(1)
  }
}

/** Writes k6's summary, with the plan, where RINGPROOF_SUMMARY says; otherwise k6 prints its own. */
export function summary(data: object, plan: Plan, order: CallOrder): Record<string, string> | undefined {
  const file = __ENV.RINGPROOF_SUMMARY
  return file ? { [file]: JSON.stringify({ ...data, plan, order }) } : undefined
}

function given(name: string): number | undefined {
  const text = __ENV[`RINGPROOF_${name}`]
  const value = Number(text)
  return text && Number.isFinite(value) && value > 0 ? value : undefined
}
