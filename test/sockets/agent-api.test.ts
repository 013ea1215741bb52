import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AgentServer } from '../../src/load/agent-server.js'
import { call as recordOf } from '../unit/load/samples.js'
import { facts, FakeEngine } from './fake-engine.js'

const TOKEN = 'the-token'
const GRACE_MS = 1000

let engine: FakeEngine
let server: AgentServer

beforeEach(async () => {
  engine = new FakeEngine()
  server = await AgentServer.start({
    engine,
    runs: { begin: () => Promise.reject(new Error('nobody runs scenarios here')), proceed: () => {} },
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
    ['nobody to call', { to: '', holdMs: 1 }, 400, 'to'],
    ['digits that are none', { to: 'echo', dtmf: '12x' }, 400, 'dtmf'],
    ['digits of a call that is over before', { to: 'echo', holdMs: 1000, dtmf: '123' }, 400, 'dtmf'],
    ['a packet time that nobody has', { to: 'echo', media: { ptimeMs: 25 } }, 400, 'media.ptimeMs'],
    ['an echo test that is busy', { to: 'echo', outcome: 'busy' }, 400, 'outcome'],
    ['ringing of an echo test', { to: 'echo', ringMs: 500 }, 400, 'ringMs'],
    ['a resume without hold', { to: 'echo', resumeAfterMs: 500 }, 400, 'resumeAfterMs'],
    ['a hold beyond the end', { to: 'echo', holdMs: 3000, holdAtMs: 2000 }, 400, 'holdAtMs'],
    ['a distribution without median', { to: 'echo', holdMs: { sigma: 1 } }, 400, 'holdMs'],
    ['a share above one', { to: 'echo', media: { srtp: 1.5 } }, 400, 'media.srtp'],
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
  test('404, 405 with what is allowed', async () => {
    expect((await ask('GET', '/v1/calls/unknown/result')).status).toBe(404)
    expect((await ask('GET', '/v2')).status).toBe(404)
    const wrong = await ask('GET', '/v1/calls')
    expect([wrong.status, wrong.headers.get('Allow')]).toEqual([405, 'POST'])
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

describe('a wave', () => {
  const order = (more: object) => ask('POST', '/v1/waves', { count: 2, call: { to: 'echo' }, ...more })
  async function begun(number = 1): Promise<FakeEngine['waves'][number]> {
    await until(() => engine.waves.length >= number)
    const wave = engine.waves[number - 1]
    if (wave === undefined) throw new Error('no wave')
    return wave
  }

  test('is held until all its calls are over, and answers their records field by field', async () => {
    const before = Date.now()
    const held = order({ overMs: 400, call: { to: 'echo', holdMs: 3000, name: 'echo' } })
    const { calls, events } = await begun()
    expect(calls.map(({ order: { far, holdMs } }) => [far, holdMs])).toEqual([
      ['echo', 3000],
      ['echo', 3000],
    ])
    expect((calls[1]?.startAt ?? 0) - (calls[0]?.startAt ?? 0)).toBeCloseTo(200)
    expect(calls[0]?.startAt).toBeGreaterThanOrEqual(before - 1)
    events.ended(recordOf({ name: 'echo' }))
    expect(await Promise.race([held.then(() => 'over'), pause(50, 'held')])).toBe('held')
    events.ended(recordOf({ name: 'echo', status: 503, end: 'refused', reason: 'rejected: 503', legs: [] }))
    const answer = await held
    expect(answer.status).toBe(200)
    const tags = { relay: 'relay-1', codec: 'PCMA', transport: 'udp', family: 'ipv4', sip_status: '200', call: 'echo' }
    expect(await answer.json()).toEqual({
      count: 2,
      heldBack: 0,
      failed: { 'rejected: 503': 1 },
      generator: [],
      tags: [tags, { ...tags, leg: 'caller' }, { ...tags, relay: 'none', codec: 'none', sip_status: '503' }],
      calls: { tags: [0, 2], success: [1, 0], twoWay: [1, 0], setupMs: [12, null], disconnectMs: [3, null] },
      legs: {
        tags: [1],
        sent: [500],
        received: [500],
        lost: [0],
        lossRatio: [0],
        jitterMs: [1.5],
        roundTripMs: [null],
        mos: [expect.closeTo(4.35, 1)],
      },
    })
  })
  test('calls beyond the limits wait for their turn, and are counted', async () => {
    const held = order({ count: 5, overMs: 0 })
    const { calls, events } = await begun()
    // Three calls at a time.
    expect(calls).toHaveLength(3)
    events.ended(recordOf())
    events.ended(recordOf())
    await begun(3)
    expect(engine.waves.map((one) => one.calls.length)).toEqual([3, 1, 1])
    for (const _ of [1, 2, 3]) events.ended(recordOf())
    expect(await (await held).json()).toMatchObject({ count: 5 })
  })
  test('its client goes away: what is up is ended, the rest never begins', async () => {
    const away = new AbortController()
    const held = fetch(`${server.url}/v1/waves`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ count: 5, overMs: 0, call: { to: 'echo' } }),
      signal: away.signal,
    }).catch(() => 'gone')
    const { wave } = await begun()
    away.abort()
    expect(await held).toBe('gone')
    await until(() => engine.ended.length > 0)
    expect(engine.ended).toEqual([{ id: wave, why: 'client-gone' }])
    expect(engine.waves).toHaveLength(1)
  })
  test.each<[string, object, number, string]>([
    ['no calls', { count: 0 }, 400, 'count'],
    ['too many', { count: 1_000_000 }, 400, 'count'],
    ['neither call nor mix', { call: undefined }, 400, 'call'],
    ['both', { mix: [{ weight: 1, call: { to: 'echo' } }] }, 400, 'mix'],
    ['an unknown field of a call', { call: { to: 'echo', hold: 1 } }, 400, 'call.hold'],
    ['a weight of nothing', { call: undefined, mix: [{ weight: 0, call: { to: 'echo' } }] }, 400, 'mix.0.weight'],
    [
      'a codec in a mix that the target lacks',
      {
        call: undefined,
        mix: [
          { weight: 1, call: { to: 'echo' } },
          { weight: 1, call: { to: 'echo', media: { codec: 'PCMU' } } },
        ],
      },
      400,
      'mix.1.call.media.codec',
    ],
    ['an emergency number', { call: { to: '112' } }, 403, 'call.to'],
    ['arrivals that nobody knows', { arrivals: 'odd' }, 400, 'arrivals'],
  ])('%s is refused with the field', async (_what, more, status, field) => {
    const answer = await order(more)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ field })
    expect(engine.waves).toEqual([])
  })
  test('429 where so many wait that no more is taken; 503 while draining', async () => {
    const waiting = new AbortController()
    const many = { count: 20_000, overMs: 0, call: { to: 'echo' } }
    const first = fetch(`${server.url}/v1/waves`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(many),
      signal: waiting.signal,
    }).catch(() => 'gone')
    await begun()
    const refused = await ask('POST', '/v1/waves', many)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1'])
    server.drain()
    expect((await order({})).status).toBe(503)
    waiting.abort()
    await first
  })
})

describe('registrations again', () => {
  test('are held until the devices are back; one storm at a time; a client that goes away calms it', async () => {
    const held = ask('POST', '/v1/registrations', { again: true })
    await until(() => engine.storms.length > 0)
    expect(engine.storms[0]?.order).toEqual({ again: true, overMs: 0, withinMs: 60_000 })
    expect((await ask('POST', '/v1/registrations', { again: true })).status).toBe(409)
    const report = { devices: 8, registered: 8, tries: 9, refused: { 503: 1 }, delaysMs: [4], tookMs: 12 }
    engine.storms[0]?.finish(report)
    expect(await (await held).json()).toEqual(report)
    const away = new AbortController()
    const gone = fetch(`${server.url}/v1/registrations`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ flap: { forMs: 60_000 } }),
      signal: away.signal,
    }).catch(() => 'gone')
    await until(() => engine.storms.length > 1)
    away.abort()
    await gone
    await until(() => engine.storms[1]?.signal?.aborted === true)
  })
  test('a bad order is refused', async () => {
    expect((await ask('POST', '/v1/registrations', { again: false })).status).toBe(400)
    expect(engine.storms).toEqual([])
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
