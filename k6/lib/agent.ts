// A call agent's API, as k6 uses it.
import { sleep } from 'k6'
import http, { type RefinedResponse } from 'k6/http'
import { abort } from './abort.ts'

export interface CallOrder {
  to: string
  holdMs: number
  media?: { codec?: string; srtp?: boolean }
  transport?: string
  family?: string
}

export interface LegRecord {
  role: 'caller' | 'callee'
  relay: string
  packetsSent: number
  packetsReceived: number
  packetsLost: number
  packetsExpected: number
  jitterMs?: number
  roundTripMs?: number
  mos?: number
}

export interface CallRecord {
  id: string
  status: number
  end: string
  relay: string
  codec?: string
  transport: string
  family: string
  success: boolean
  twoWay: boolean
  setupMs?: number
  disconnectMs?: number
  legs: LegRecord[]
}

export interface AgentStats {
  activeCalls: number
  settingUp: number
  started: number
  ended: number
  sendLatenessP99Ms: number
  eventLoopLagP99Ms: number
  registrations: { delaysMs: number[] }
}

const url = __ENV.RINGPROOF_AGENT_URL || 'http://127.0.0.1:8321'
const headers = {
  Authorization: `Bearer ${__ENV.RINGPROOF_AGENT_TOKEN || ''}`,
  'Content-Type': 'application/json',
}
declare const console: { warn(text: string): void }

/** Milliseconds that an answer to INVITE may take: the agent gives up after a minute of ringing. */
const ANSWER_MS = 150_000
/** … and the end of a call, after its time: an unanswered BYE is given up after 32 s. */
const END_MS = 60_000
/** How often a call that the limits forbid at the moment is tried again. */
const TRIES = 100

/**
 * Makes one call, from the order to the record. A call that the target's limits forbid at the moment waits for its turn.
 * Undefined where the agent did not make it.
 */
export function call(order: CallOrder): CallRecord | undefined {
  const made = place(order)
  if (made === undefined) return undefined
  const result = http.get(`${url}/v1/calls/${made}/result`, {
    headers,
    timeout: order.holdMs + END_MS,
    tags: { name: 'GET /v1/calls/{id}/result' },
  })
  expect(result, 200)
  return result.status === 200 ? recordOf(result) : undefined
}

/** What the agent says of itself; undefined where it is gone, which ends the test. */
export function stats(): AgentStats | undefined {
  const result = http.get(`${url}/v1/stats`, { headers, timeout: 10_000, tags: { name: 'GET /v1/stats' } })
  expect(result, 200)
  return result.status === 200 ? statsOf(result) : undefined
}

function place(order: CallOrder): string | undefined {
  for (let tries = 0; tries < TRIES; tries++) {
    const response = http.post(`${url}/v1/calls`, JSON.stringify(order), {
      headers,
      timeout: ANSWER_MS,
      tags: { name: 'POST /v1/calls' },
      // Being told to wait is no failure.
      responseCallback: http.expectedStatuses(201, 429),
    })
    if (response.status === 201) return idOf(response)
    if (response.status !== 429) {
      expect(response, 201)
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

  console.warn(`the call agent answered ${response.status}: ${response.body ?? ''}`)
}

// oxlint-disable typescript/no-unsafe-type-assertion -- the agent's API says so
function recordOf(response: RefinedResponse<'text'>): CallRecord {
  return response.json() as unknown as CallRecord
}

function idOf(response: RefinedResponse<'text'>): string {
  return response.json('id') as unknown as string
}

function statsOf(response: RefinedResponse<'text'>): AgentStats {
  return response.json() as unknown as AgentStats
}
