import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AgentServer } from '../../src/load/agent-server.js'
import type { CallEngine, OrderedCall } from '../../src/load/call-engine.js'
import type { CallOrder, OrderFacts } from '../../src/load/call-order.js'
import type { CallRecord, EndCause } from '../../src/load/call-record.js'
import type { CallAnswer } from '../../src/load/worker-protocol.js'
import { DialPolicy } from '../../src/target/dial-policy.js'
import { targetOf } from '../../src/target/target-file.js'
import { call as recordOf } from '../unit/load/samples.js'

const TOKEN = 'the-token'
const GRACE_MS = 1000

class FakeEngine implements CallEngine {
  readonly workers = 2
  readonly placed: {
    id: string
    order: CallOrder
    answer: (answer: CallAnswer) => void
    finish: (facts?: Partial<CallRecord>) => void
  }[] = []
  readonly ended: { id: string; why: EndCause }[] = []

  place(order: CallOrder): OrderedCall {
    const id = `call-${this.placed.length + 1}`
    let answer: (answer: CallAnswer) => void = () => {}
    let end: (record: CallRecord) => void = () => {}
    const call = {
      id,
      answered: new Promise<CallAnswer>((resolve) => (answer = resolve)),
      record: new Promise<CallRecord>((resolve) => (end = resolve)),
    }
    this.placed.push({ id, order, answer, finish: (facts = {}) => end({ ...recordOf({ id }), ...facts }) })
    return call
  }

  end(id: string, why: EndCause): void {
    this.ended.push({ id, why })
    const call = this.placed.find((one) => one.id === id)
    call?.answer({ status: 487, setupMs: undefined, relay: '' })
    call?.finish({ end: why })
  }
}

const document = targetOf(
  {
    name: 'sample',
    domain: 'example.com',
    endpoints: { udp: { host: '127.0.0.71' } },
    media: { codecs: ['PCMA'], srtp: [] },
    accounts: [
      { user: 'alice', password: 'a' },
      { user: 'bob', password: 'b' },
    ],
    services: { echo: '00038799999' },
    limits: { callsPerSecond: 5, concurrentCalls: 3 },
  },
  'sample',
)
const facts: OrderFacts = {
  document,
  dialPolicy: new DialPolicy(document),
  reaches: (transport, family) => transport === 'udp' && family === 'ipv4',
  accounts: 2,
}

let engine: FakeEngine
let server: AgentServer

beforeEach(async () => {
  engine = new FakeEngine()
  server = await AgentServer.start({
    engine,
    facts,
    token: TOKEN,
    port: 0,
    stats: () => ({ activeCalls: engine.placed.length }),
    metrics: () => Promise.resolve({ type: 'text/plain', text: 'ringproof_agent_active_calls 0\n' }),
    graceMs: GRACE_MS,
  })
})
afterEach(() => server.close())

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

/** Waits for the order to reach the engine. */
async function placed(number = 1): Promise<FakeEngine['placed'][number]> {
  for (let i = 0; i < 2000; i++) {
    const call = engine.placed[number - 1]
    if (call !== undefined) return call
    await pause(5)
  }
  throw new Error('nothing was ordered')
}

async function until(met: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !met(); i++) await pause(5)
  expect(met()).toBe(true)
}

describe('who may ask', () => {
  test.each([undefined, 'Bearer wrong', `Basic ${TOKEN}`, TOKEN])('401 with %s', async (authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization }
    for (const path of ['/v1/health', '/v1/stats', '/metrics', '/v1/nothing']) {
      const answer = await fetch(`${server.url}${path}`, { headers })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('WWW-Authenticate')).toContain('Bearer')
    }
  })
  test('health, stats and metrics with the token', async () => {
    expect(await (await ask('GET', '/v1/health')).json()).toEqual({ ready: true, workers: 2 })
    expect(await (await ask('GET', '/v1/stats')).json()).toEqual({ draining: false, activeCalls: 0 })
    expect(await (await ask('GET', '/metrics')).text()).toContain('ringproof_agent_active_calls')
  })
})

describe('a call', () => {
  test('201 at the final answer, its record when it ends, and again to whoever asks again', async () => {
    const ordering = ask('POST', '/v1/calls', {
      to: 'echo',
      holdMs: 3000,
      media: { codec: 'PCMA', srtp: false },
      transport: 'udp',
    })
    const call = await placed()
    expect(call.order).toEqual({
      dialled: { scheme: 'sip', user: '00038799999' },
      far: 'echo',
      holdMs: 3000,
      codecs: ['PCMA'],
      srtp: false,
      transport: 'udp',
      family: 'ipv4',
    })
    call.answer({ status: 200, setupMs: 12.3456, relay: 'relay-3' })
    const answer = await ordering
    expect(answer.status).toBe(201)
    expect(await answer.json()).toEqual({ id: call.id, status: 200, setupMs: 12.346, relay: 'relay-3' })
    const held = ask('GET', `/v1/calls/${call.id}/result`)
    expect(await Promise.race([held.then(() => 'over'), pause(100, 'held')])).toBe('held')
    call.finish()
    expect(await (await held).json()).toMatchObject({ id: call.id, end: 'normal', success: true })
    expect((await ask('GET', `/v1/calls/${call.id}/result`)).status).toBe(200)
    expect(engine.ended).toEqual([])
  })
  test('a refused call is an answer too', async () => {
    const ordering = ask('POST', '/v1/calls', { to: 'auto' })
    ;(await placed()).answer({ status: 486, setupMs: 4, relay: '', reason: 'refused: 486 Busy Here' })
    const answer = await ordering
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ status: 486, relay: null, reason: 'refused: 486 Busy Here' })
  })
  test('DELETE hangs up and gives the record', async () => {
    const ordering = ask('POST', '/v1/calls', { to: 'account' })
    const call = await placed()
    expect(call.order).toMatchObject({ dialled: undefined, far: 'account', holdMs: 10_000 })
    call.answer({ status: 200, setupMs: 1, relay: 'relay-1' })
    await ordering
    const answer = await ask('DELETE', `/v1/calls/${call.id}`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ id: call.id })
    expect(engine.ended).toEqual([{ id: call.id, why: 'normal' }])
  })
})

describe('bad orders', () => {
  test.each<[string, unknown, number, string]>([
    ['no JSON', '{', 400, 'body'],
    ['no object', [1], 400, 'body'],
    ['nobody to call', { holdMs: 1 }, 400, 'to'],
    ['a hold that is no number', { to: 'echo', holdMs: '10' }, 400, 'holdMs'],
    ['a negative hold', { to: 'echo', holdMs: -1 }, 400, 'holdMs'],
    ['an unknown field', { to: 'echo', hold: 5 }, 400, 'hold'],
    ['an unknown field of media', { to: 'echo', media: { codecs: [] } }, 400, 'media.codecs'],
    ['an unknown codec', { to: 'echo', media: { codec: 'opus' } }, 400, 'media.codec'],
    ['a codec that the target lacks', { to: 'echo', media: { codec: 'PCMU' } }, 400, 'media.codec'],
    ['encryption that the target lacks', { to: 'echo', media: { srtp: true } }, 400, 'media.srtp'],
    ['an unknown transport', { to: 'echo', transport: 'sctp' }, 400, 'transport'],
    ['a transport that the target lacks', { to: 'echo', transport: 'tls' }, 400, 'transport'],
    ['a family that the target lacks', { to: 'echo', family: 'ipv6' }, 400, 'family'],
    ['an emergency number', { to: '110' }, 403, 'to'],
    ['one behind a name that is the target’s', { to: 'sip:112@127.0.0.1;x=<00038799999>' }, 403, 'to'],
    ['one before a parameter', { to: 'tel:112;x=<00038799999>' }, 403, 'to'],
    ['a premium number before headers', { to: 'sip:0190123@127.0.0.71?y=<00038799999>' }, 403, 'to'],
    ['a number at a stranger', { to: 'sip:00038799999@203.0.113.7' }, 403, 'to'],
    ['a number by way of a stranger', { to: 'sip:00038799999@127.0.0.71;maddr=203.0.113.7' }, 403, 'to'],
    ['a number with a route', { to: 'sip:00038799999@127.0.0.71?Route=%3Csip:203.0.113.7%3E' }, 403, 'to'],
    ['a number that is nobody’s', { to: '0211999999' }, 403, 'to'],
  ])('%s', async (_what, body, status, field) => {
    const answer = await ask('POST', '/v1/calls', body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ field })
    expect(engine.placed).toEqual([])
  })
  test('413 over 1 MB, announced or not', async () => {
    expect((await ask('POST', '/v1/calls', `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413)
    const request = httpRequest(`${server.url}/v1/calls`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}` },
    })
    request.on('error', () => {})
    const status = new Promise((resolve) => request.on('response', (response) => resolve(response.statusCode)))
    request.write(Buffer.alloc(700_000, 32))
    request.write(Buffer.alloc(700_000, 32))
    expect(await status).toBe(413)
    request.destroy()
  })
  test('404, 405 with what is allowed, 501 for what comes later', async () => {
    expect((await ask('GET', '/v1/calls/unknown/result')).status).toBe(404)
    expect((await ask('GET', '/v2')).status).toBe(404)
    const wrong = await ask('GET', '/v1/calls')
    expect([wrong.status, wrong.headers.get('Allow')]).toEqual([405, 'POST'])
    for (const path of ['/v1/waves', '/v1/runs']) {
      const answer = await ask('POST', path, {})
      expect(answer.status).toBe(501)
      expect(await answer.json()).toEqual({ error: `${path} is not implemented in this release` })
    }
  })
  test('429 beyond the calls at a time that the target allows, until one is over', async () => {
    const ordering = [1, 2, 3].map(() => ask('POST', '/v1/calls', { to: 'echo' }))
    await placed(3)
    const refused = await ask('POST', '/v1/calls', { to: 'echo' })
    expect([refused.status, Number(refused.headers.get('Retry-After')) >= 1]).toEqual([429, true])
    for (const call of engine.placed) {
      call.answer({ status: 200, setupMs: 1, relay: '' })
      call.finish()
    }
    await Promise.all(ordering)
    const again = ask('POST', '/v1/calls', { to: 'echo' })
    const fourth = await placed(4)
    fourth.answer({ status: 200, setupMs: 1, relay: '' })
    expect((await again).status).toBe(201)
  })
  test('503 while draining', async () => {
    server.drain()
    expect((await ask('POST', '/v1/calls', { to: 'echo' })).status).toBe(503)
    expect(await (await ask('GET', '/v1/health')).json()).toMatchObject({ ready: false })
  })
})

describe('a client that goes away', () => {
  /** A connection of its own that can be torn. */
  async function raw(method: string, path: string, body = '') {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => {})
    let heard = ''
    socket.on('data', (data: Buffer) => (heard += data.toString()))
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: agent\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    return { socket, heard: () => heard }
  }

  test('while its call is being set up: the call is given up', async () => {
    const { socket } = await raw('POST', '/v1/calls', '{"to":"echo"}')
    const call = await placed()
    socket.destroy()
    await until(() => engine.ended.length > 0)
    expect(engine.ended[0]).toEqual({ id: call.id, why: 'client-gone' })
  })
  test('while it waits for the result: the call is hung up', async () => {
    const ordering = ask('POST', '/v1/calls', { to: 'echo' })
    const call = await placed()
    call.answer({ status: 200, setupMs: 1, relay: '' })
    await ordering
    const { socket } = await raw('GET', `/v1/calls/${call.id}/result`)
    await pause(50)
    expect(engine.ended).toEqual([])
    socket.destroy()
    await until(() => engine.ended.length > 0)
    expect(engine.ended[0]).toEqual({ id: call.id, why: 'client-gone' })
  })
  test('between order and result, and does not come back: the call is hung up after a moment', async () => {
    const { socket, heard } = await raw('POST', '/v1/calls', '{"to":"echo"}')
    const call = await placed()
    call.answer({ status: 200, setupMs: 1, relay: '' })
    await until(() => heard().includes('201'))
    const at = performance.now()
    socket.destroy()
    await until(() => engine.ended.length > 0)
    expect(performance.now() - at).toBeGreaterThan(GRACE_MS / 2)
    expect(engine.ended[0]).toEqual({ id: call.id, why: 'client-gone' })
  })
  test('and fetches on another connection: the call goes on', async () => {
    const { socket, heard } = await raw('POST', '/v1/calls', '{"to":"echo"}')
    const call = await placed()
    call.answer({ status: 200, setupMs: 1, relay: '' })
    await until(() => heard().includes('201'))
    socket.destroy()
    await pause(20)
    const held = ask('GET', `/v1/calls/${call.id}/result`)
    await pause(2 * GRACE_MS)
    expect(engine.ended).toEqual([])
    call.finish()
    expect((await held).status).toBe(200)
  })
})
