// A call agent's API, as k6 uses it.
import { sleep } from 'k6'
import http, { type RefinedResponse } from 'k6/http'
import { abort } from './abort.ts'
import { type CallOrder, longestHoldMs, type RunOrder, type RunWaveOrder, type WaveOrder } from './orders.ts'
import type {
  AgentStats,
  CallRecord,
  RegistrationOrder,
  RegistrationReport,
  RunRecord,
  RunWaveRecords,
  Step,
  WaveRecords,
} from './records.ts'

const url = __ENV.RINGPROOF_AGENT_URL || 'http://127.0.0.1:8321'
const headers = {
  Authorization: `Bearer ${__ENV.RINGPROOF_AGENT_TOKEN || ''}`,
  'Content-Type': 'application/json',
}
declare const console: { warn(text: string): void }

// oxlint-disable typescript/no-unsafe-type-assertion -- what answers hold, the agent's API says

/** Milliseconds that an answer to INVITE may take: the agent gives up after a minute of ringing. */
const ANSWER_MS = 150_000
/** … and the end of a call, after its time: an unanswered BYE is given up after 32 s. */
const END_MS = 60_000
/** What a wave may take longer since the target's limits hold its calls back. */
const HELD_BACK_MS = 600_000
/** The longest scenario that is fit for load, with its clean-up. */
const RUN_MS = 60_000
/** How often an order that the limits forbid at the moment is tried again. */
const TRIES = 100

/**
 * Makes one call, from the order to the record. A call that the target's limits forbid at the moment waits for its turn.
 * Undefined where the agent did not make it.
 */
export function placeCall(order: CallOrder): CallRecord | undefined {
  const made = post('/v1/calls', order, { status: 201, timeoutMs: ANSWER_MS }) as { id: string } | undefined
  if (made === undefined) return undefined
  const result = http.get(`${url}/v1/calls/${made.id}/result`, {
    headers,
    timeout: longestHoldMs(order) + END_MS,
    tags: { name: 'GET /v1/calls/{id}/result' },
  })
  expect(result, 200)
  return result.status === 200 ? (bodyOf(result) as CallRecord) : undefined
}

/** Makes the calls of a wave, and waits until all are over. Undefined where the agent did not make them. */
export function placeWave(order: WaveOrder): WaveRecords | undefined {
  const calls = 'mix' in order ? { mix: order.mix } : order.call
  const timeoutMs = (order.overMs ?? 1000) + longestHoldMs(calls) + ANSWER_MS + END_MS + HELD_BACK_MS
  return post('/v1/waves', order, { status: 200, timeoutMs }) as WaveRecords | undefined
}

/** Runs one scenario. Undefined where the agent did not. */
export function placeRun(order: RunOrder): RunRecord | undefined {
  return post('/v1/runs', order, { status: 200, timeoutMs: RUN_MS + HELD_BACK_MS }) as RunRecord | undefined
}

/** Runs the scenarios of a wave, and waits until all are over. Undefined where the agent did not. */
export function placeRuns(order: RunWaveOrder): RunWaveRecords | undefined {
  const timeoutMs = (order.overMs ?? 1000) + RUN_MS + HELD_BACK_MS
  return post('/v1/runs', order, { status: 200, timeoutMs }) as RunWaveRecords | undefined
}

/** Has the devices register; waits until all have, or have given up. */
export function placeRegistrations(order: RegistrationOrder): RegistrationReport | undefined {
  const { overMs = 0, withinMs = 60_000 } = 'again' in order ? order : { withinMs: order.flap.forMs }
  const timeoutMs = overMs + withinMs + ANSWER_MS
  return post('/v1/registrations', order, { status: 200, timeoutMs }) as RegistrationReport | undefined
}

/** Tells the agent of a step of a search, for the report. */
export function placeStep(step: Step): void {
  const result = http.post(`${url}/v1/steps`, JSON.stringify(step), { headers, tags: { name: 'POST /v1/steps' } })
  expect(result, 204)
}

/** What the agent says of itself; undefined where it is gone, which ends the test. */
export function stats(): AgentStats | undefined {
  const result = http.get(`${url}/v1/stats`, { headers, timeout: 10_000, tags: { name: 'GET /v1/stats' } })
  expect(result, 200)
  return result.status === 200 ? (bodyOf(result) as AgentStats) : undefined
}

/** Hands the agent k6's summary, for the report that it writes. */
export function handOver(summary: object): void {
  const result = http.post(`${url}/v1/summary`, JSON.stringify(summary), {
    headers,
    timeout: 10_000,
    tags: { name: 'POST /v1/summary' },
  })
  // An agent that writes no report has no use for it.
  if (result.status !== 204 && result.status !== 404)
    console.warn(`the call agent did not take k6's summary (${result.error || result.status})`)
}

/** @returns what was answered; undefined where the agent did not do it */
function post(path: string, order: object, o: { status: number; timeoutMs: number }): unknown {
  for (let tries = 0; tries < TRIES; tries++) {
    const response = http.post(`${url}${path}`, JSON.stringify(order), {
      headers,
      timeout: o.timeoutMs,
      tags: { name: `POST ${path}` },
      // Being told to wait is no failure.
      responseCallback: http.expectedStatuses(o.status, 429),
    })
    if (response.status === o.status) return bodyOf(response)
    if (response.status !== 429) {
      expect(response, o.status)
      return undefined
    }
    // Not all at the same moment again.
    sleep(Number(response.headers['Retry-After'] || '1') * (0.5 + Math.random()))
  }
  return undefined
}

function expect(response: RefinedResponse<'text'>, status: number): void {
  if (response.status === status) return
  // The agent is gone, or this is not its token: there is nothing to be measured any more.
  if (response.status === 0 || response.status === 401)
    abort(`unexpected answer from the call agent at ${url}: ${response.error || response.status}`)
  // Every other call of this kind would be refused as well.
  if (response.status === 400 || response.status === 403)
    abort(`the call agent refused the order: ${refusalOf(response)}`)

  console.warn(`the call agent answered ${response.status}: ${response.body ?? ''}`)
}

/** Which field of an order was refused, and why. */
function refusalOf({ body, status }: RefinedResponse<'text'>): string {
  try {
    const { field, error } = JSON.parse(body ?? '') as { field?: string; error: string }
    return field === undefined ? error : `${field}: ${error}`
  } catch {
    return body || String(status)
  }
}

/** Faster than k6's own `json()`, whose objects are Go's. */
function bodyOf(response: RefinedResponse<'text'>): unknown {
  return JSON.parse(response.body ?? 'null')
}
