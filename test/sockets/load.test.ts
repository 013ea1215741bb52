import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SocketStages, socketStages } from '../../src/worlds/socket-stages.js'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { CallAgent } from '../../src/load/call-agent.js'
import type { CallRecord } from '../../src/load/call-record.js'
import { findK6 } from '../../src/load/k6-program.js'
import { K6_THRESHOLDS_CROSSED, startK6 } from '../../src/load/k6-run.js'
import { countOf, reconcile, thresholdsOf } from '../../src/load/reconciliation.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

const TOKEN = 'the-token'
const k6 = await findK6()
const script = new URL('../../k6/profiles/smoke.ts', import.meta.url).pathname

let provider: EmbeddedProvider
let stage: SocketStages
let agent: CallAgent

beforeAll(async () => {
  const clock = new WallClock()
  provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    addresses: defaultAddresses({ prefix: '127.0.29', ipv6Slot: 9 }),
    families: ['ipv4'],
    accounts: 12,
  })
  stage = await socketStages(provider.target)
  agent = await startAgent()
})
afterAll(async () => {
  await agent.stop()
  stage.close()
  await provider.stop()
})

const startAgent = (signal?: AbortSignal): Promise<CallAgent> =>
  CallAgent.start({
    signal,
    target: stage.world.target,
    address: (family) => stage.world.address(family),
    token: TOKEN,
    port: 0,
    workers: 2,
  })

const ask = (method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> =>
  fetch(`${agent.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })

async function order(body: object): Promise<{ id: string; status: number; relay: string; setupMs: number }> {
  const answer = await ask('POST', '/v1/calls', body)
  expect(answer.status).toBe(201)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the agent's API says
  return (await answer.json()) as { id: string; status: number; relay: string; setupMs: number }
}

async function recordOf(id: string): Promise<CallRecord> {
  const answer = await ask('GET', `/v1/calls/${id}/result`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the agent's API says
  return (await answer.json()) as CallRecord
}

async function callsAtProvider(): Promise<number> {
  for (let i = 0; i < 600 && provider.stats().serviceCalls > 0; i++) await pause(50)
  return provider.stats().serviceCalls
}

/** Longer than any test: calls end when they are hung up. */
const HOLD = { holdMs: 120_000 }

/** Until both ends of the one call that is up hear what they should: how long that takes depends on how busy the machine is. */
async function untilHeard(): Promise<void> {
  for (let i = 0; i < 600 && agent.tally.now.hearing !== 1; i++) await pause(50)
  expect(agent.tally.now.hearing).toBe(1)
}

/** Until nothing is left of calls before, in the samples either. */
async function untilQuiet(): Promise<void> {
  for (let i = 0; i < 600 && agent.tally.now.hearing + agent.load.up > 0; i++) await pause(50)
}

/** Metrics of k6 that tell how well the machine kept up, ours and the target's: on a busy one their limits may be crossed. */
const OF_TIME = ['voip_mos', 'rtp_jitter', 'rtp_loss_ratio', 'sip_session_request_delay']

describe('a call agent against the embedded provider', () => {
  test('registered its accounts, in two threads', () => {
    expect(agent.readiness).toMatchObject({ registered: 8, troubles: [] })
    expect(agent.workers).toBe(2)
    expect(provider.stats().bindings).toBe(8)
  })

  test.each<[string, object]>([
    ['echo over UDP', { to: 'echo', transport: 'udp' }],
    ['echo over TLS, encrypted', { to: 'echo', transport: 'tls', media: { srtp: true } }],
    ['another account over TCP, PCMU', { to: 'account', transport: 'tcp', media: { codec: 'PCMU' } }],
    ['another account over TLS, encrypted', { to: 'account', transport: 'tls', media: { srtp: true, codec: 'PCMA' } }],
  ])('%s: audio both ways, hung up, nothing left', async (_what, wish) => {
    await untilQuiet()
    const made = await order({ ...wish, ...HOLD })
    expect(made.status).toBe(200)
    expect(made.relay).toMatch(/^relay-[1-5]$/)
    expect(made.setupMs).toBeGreaterThan(0)
    await untilHeard()
    await ask('DELETE', `/v1/calls/${made.id}`)
    const record = await recordOf(made.id)
    expect(record.reason).toBeUndefined()
    expect(record).toMatchObject({ success: true, twoWay: true, wrongAudio: false, end: 'normal', byeStatus: 200 })
    expect(record.packetsSent / record.legs.length).toBeGreaterThan(25)
    // A busy machine may hang up while the last packets are under way, and counts them as silence: what came has no hole.
    const holes = record.legs.map((leg) => leg.packetsLost - Math.floor(((leg.silentAtEndMs ?? 300) - 300) / 20))
    expect(Math.max(...holes)).toBe(0)
    expect(record.packetsReceived / record.legs.length).toBeGreaterThan(25)
    expect(record.legs.every((leg) => leg.published === true && leg.sources.length === 1)).toBe(true)
    expect(await callsAtProvider()).toBe(0)
  })

  test('a busy far end is an answer, and no success', async () => {
    const made = await order({ to: '00038712345', ...HOLD })
    expect(made.status).toBeGreaterThanOrEqual(400)
    expect(await recordOf(made.id)).toMatchObject({ success: false, twoWay: false, end: 'refused', packetsSent: 0 })
  })

  test('a client that goes away leaves no call behind', async () => {
    const made = await order({ to: 'echo', holdMs: 60_000 })
    const away = new AbortController()
    const held = ask('GET', `/v1/calls/${made.id}/result`, undefined, away.signal).catch(() => 'gone')
    await pause(300)
    expect(provider.stats().serviceCalls).toBe(1)
    away.abort()
    expect(await held).toBe('gone')
    expect(await callsAtProvider()).toBe(0)
    expect(await recordOf(made.id)).toMatchObject({ end: 'client-gone', byeStatus: 200, success: false })
  })

  test('DELETE ends a call at once', async () => {
    await untilQuiet()
    const made = await order({ to: 'echo', ...HOLD })
    await untilHeard()
    const answer = await ask('DELETE', `/v1/calls/${made.id}`)
    expect(await answer.json()).toMatchObject({ end: 'normal', success: true })
    expect(await callsAtProvider()).toBe(0)
  })

  test('stopping hangs up and takes the bindings away', async () => {
    await order({ to: 'echo', holdMs: 60_000 })
    await agent.stop()
    expect(await callsAtProvider()).toBe(0)
    expect(provider.stats().bindings).toBe(0)
    agent = await startAgent()
  })

  test.each([0, 150, 400])('whoever gives up %i ms after the start leaves nothing behind', async (afterMs) => {
    await agent.stop()
    const interruption = new AbortController()
    const starting = startAgent(interruption.signal)
    setTimeout(() => interruption.abort(), afterMs)
    const outcome = await starting.then((started) => started.stop(), String)
    if (outcome !== undefined) expect(outcome).toContain('interrupted')
    expect(provider.stats().bindings).toBe(0)
    agent = await startAgent()
    expect(agent.readiness.registered).toBe(8)
  })
})

describe.skipIf(k6 === undefined && process.env.CI === undefined)(
  'k6 (build it with `npm test`) drives the agent',
  () => {
    const run = (o: { calls: number; hold: number }) => {
      if (k6 === undefined) throw new Error('there is no k6')
      const { limits } = provider.target
      return startK6({
        program: k6,
        script: { file: script },
        agentUrl: agent.url,
        token: TOKEN,
        limits,
        folder: tmpdir(),
        rate: 20,
        ...o,
      })
    }

    test('a few calls, and both count the same', async () => {
      const before = agent.tally.counts
      const end = await run({ calls: 4, hold: 5 }).ended
      const { summary } = end
      if (summary === undefined) throw new Error(`no summary: ${end.said}`)
      const crossed = thresholdsOf(summary).flatMap(({ metric, ok }) => (ok ? [] : [metric]))
      expect(crossed.filter((metric) => !OF_TIME.includes(metric))).toEqual([])
      expect(end.code).toBe(crossed.length === 0 ? 0 : K6_THRESHOLDS_CROSSED)
      if (crossed.length === 0) expect(end.said).toBe('')
      const { counts } = agent.tally
      expect(countOf(summary, 'sip_calls_completed')).toBe(4)
      const since = {
        started: counts.started - before.started,
        completed: counts.completed - before.completed,
        packetsSent: counts.packetsSent - before.packetsSent,
        packetsReceived: counts.packetsReceived - before.packetsReceived,
        packetsLost: counts.packetsLost - before.packetsLost,
      }
      expect(reconcile(summary, since).filter((one) => !one.ok)).toEqual([])
      expect(thresholdsOf(summary).map(({ metric }) => metric)).toContain('dropped_iterations')
      expect(thresholdsOf(summary).map(({ metric }) => metric)).toEqual(expect.arrayContaining(OF_TIME))
    })

    test('killed midway, it leaves no call behind', async () => {
      const { pid, ended } = run({ calls: 6, hold: 60 })
      for (let i = 0; i < 600 && provider.stats().serviceCalls < 6; i++) await pause(50)
      expect(provider.stats().serviceCalls).toBe(6)
      process.kill(pid ?? 0, 'SIGKILL')
      expect(await ended).toMatchObject({ signal: 'SIGKILL', summary: undefined })
      expect(await callsAtProvider()).toBe(0)
    })

    test('asked to end midway, it leaves no call behind and still tells what it counted', async () => {
      const going = run({ calls: 6, hold: 60 })
      for (let i = 0; i < 600 && provider.stats().serviceCalls < 6; i++) await pause(50)
      going.stop()
      const end = await going.ended
      expect(end.summary).toBeDefined()
      expect(await callsAtProvider()).toBe(0)
    })
  },
)
