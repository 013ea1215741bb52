/** `ringproof/agent`, the client, against the agent's own server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { AgentClient, AgentError, type CallOrder } from '../../src/agent-client/index.js'
import { AgentServer } from '../../src/load/agent-server.js'
import type { callRequestSchema } from '../../src/load/call-order.js'
import { call as recordOf } from '../unit/load/samples.js'
import { facts, FakeEngine } from './fake-engine.js'

const TOKEN = 'the-token'

let engine: FakeEngine
let server: AgentServer
let client: AgentClient
/** Settles when the engine was asked for something. */
let asked: Promise<void>

class WatchedEngine extends FakeEngine {
  readonly #told: () => void

  constructor(told: () => void) {
    super()
    this.#told = told
  }

  override place(...order: Parameters<FakeEngine['place']>): ReturnType<FakeEngine['place']> {
    const placed = super.place(...order)
    this.#told()
    return placed
  }

  override placeWave(...order: Parameters<FakeEngine['placeWave']>): void {
    super.placeWave(...order)
    this.#told()
  }

  override end(...what: Parameters<FakeEngine['end']>): void {
    super.end(...what)
    this.#told()
  }
}

const nextOrder = () => {
  asked = new Promise((resolve) => (tell = resolve))
}
let tell: () => void

beforeEach(async () => {
  nextOrder()
  engine = new WatchedEngine(() => tell())
  server = await AgentServer.start({
    engine,
    runs: { begin: () => Promise.reject(new Error('nobody runs scenarios here')), proceed: () => {} },
    facts,
    token: TOKEN,
    port: 0,
    stats: () => ({ activeCalls: engine.placed.length, problems: [] }),
    metrics: () => Promise.resolve({ type: 'text/plain', text: 'ringproof_agent_active_calls 0\n' }),
  })
  client = new AgentClient({ url: server.url, token: TOKEN })
})
afterEach(async () => {
  client.close()
  await server.close()
})

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no refusal',
    (error: unknown) => error,
  )

describe('a client of a call agent', () => {
  test('hears its state, its gauges and its metrics', async () => {
    expect(await client.health()).toEqual({ ready: true, workers: 2 })
    expect(await client.stats()).toMatchObject({ draining: false, activeCalls: 0, problems: [] })
    expect(await client.metrics()).toBe('ringproof_agent_active_calls 0\n')
  })

  test('orders a call, hears its answer, and has the record when it is over', async () => {
    const answer = client.call({ to: 'echo', holdMs: 10_000, media: { codec: 'PCMA' } })
    await asked
    const [placed] = engine.placed
    placed?.answer({ status: 200, setupMs: 12.5, relay: 'relay-1' })
    expect(await answer).toEqual({ id: 'call-1', status: 200, setupMs: 12.5, relay: 'relay-1' })
    const result = client.result('call-1')
    placed?.finish({ mos: 4.4 })
    expect(await result).toMatchObject({ id: 'call-1', end: 'normal', mos: 4.4, success: true })
    expect(engine.ended).toEqual([])
  })

  test('hangs up', async () => {
    const answer = client.call()
    await asked
    engine.placed[0]?.answer({ status: 200, setupMs: 1, relay: '' })
    const { id, relay } = await answer
    expect(relay).toBeNull()
    expect(await client.hangUp(id)).toMatchObject({ id, end: 'normal' })
  })

  test('has the records of a wave', async () => {
    const wave = client.wave({ count: 2, overMs: 0, call: { to: 'echo' } })
    await asked
    const [placed] = engine.waves
    for (const _ of placed?.calls ?? []) placed?.events.ended(recordOf({}))
    expect(await wave).toMatchObject({ count: 2, heldBack: 0, failed: {}, generator: [] })
  })

  test('whoever gives up waiting has the call ended', async () => {
    const gone = new AbortController()
    const answer = refusal(client.call({ to: 'echo' }, { signal: gone.signal }))
    await asked
    nextOrder()
    gone.abort()
    expect(await answer).toMatchObject({ name: 'AbortError' })
    await asked
    expect(engine.ended).toEqual([{ id: 'call-1', why: 'client-gone' }])
  })
})

describe('what is refused is told with', () => {
  test('the field that is wrong', async () => {
    // @ts-expect-error -- so that programs in JavaScript hear it, too
    const error = await refusal(client.call({ to: 'echo', media: { codec: 'OPUS' } }))
    expect(error).toBeInstanceOf(AgentError)
    expect(error).toMatchObject({ status: 400, field: 'media.codec' })
    expect(String(error)).toMatch(/^AgentError: POST \/v1\/calls: media\.codec: /)
  })

  test('the status, where the token is wrong', async () => {
    const stranger = new AgentClient({ url: server.url, token: 'another' })
    expect(await refusal(stranger.health())).toMatchObject({ status: 401 })
    stranger.close()
  })

  test('when to order again', async () => {
    const orders = [1, 2, 3, 4].map(() => refusal(client.call({ to: 'echo' })))
    const error = await Promise.race(orders)
    expect(error).toMatchObject({ status: 429, retryAfterMs: 1000 })
    for (const { answer } of engine.placed) answer({ status: 486, setupMs: undefined, relay: '' })
    expect(await Promise.all(orders)).toContain('no refusal')
  })

  test('the address, where nobody answers', async () => {
    await server.close()
    const error = await refusal(client.health())
    expect(error).toMatchObject({ name: 'AgentError', status: undefined })
    expect(String(error)).toContain(`no answer from a call agent at ${client.url}: connect ECONNREFUSED`)
  })
})

test('the words of an order are those that the agent takes', () => {
  type Fields = keyof z.input<typeof callRequestSchema>
  const both: [Exclude<Fields, keyof CallOrder>, Exclude<keyof CallOrder, Fields>][] = []
  expect(both satisfies [never, never][]).toEqual([])
})
