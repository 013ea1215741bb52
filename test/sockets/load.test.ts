import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SocketStages, socketStages } from '../../src/worlds/socket-stages.js'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { CallAgent } from '../../src/load/call-agent.js'
import type { CallRecord } from '../../src/load/call-record.js'
import { findK6 } from '../../src/load/k6-program.js'
import { K6_THRESHOLDS_CROSSED, type K6Order, startK6 } from '../../src/load/k6-run.js'
import { ownProfile } from '../../src/load/own-profile.js'
import type { AgentCounts } from '../../src/load/reconciliation.js'
import { countOf, reconcile, thresholdsOf } from '../../src/load/reconciliation.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

const TOKEN = 'the-token'
const k6 = await findK6()
const profile = (name: string) => new URL(`../../k6/profiles/${name}.ts`, import.meta.url).pathname

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

/** Imports the library by its name, reads a file beside it, has a default function and no monitor. */
const OWN_PROFILE = `/** Calls of an office. */
import { arrivals, mix, thresholds, wave } from 'ringproof/k6'

const [name] = JSON.parse(open('./kinds.json'))
const office = arrivals({
  rate: 6,
  duration: '1s',
  calls: mix([
    { weight: 2, call: { name, to: 'account', holdMs: 2000, media: { codec: 'PCMU', ptimeMs: 30 } } },
    { weight: 1, call: { to: 'account', outcome: 'busy', name: 'busy' } },
  ]),
})
export const options = {
  scenarios: { office: office.options },
  thresholds: thresholds(
    { 'sip_call_success{call:colleagues}': ['rate>1.5'], sip_session_request_delay: ['p(97)<9000'] },
    office.expected,
  ),
}
export default function () {
  const records = wave(office)
  if (records?.count !== 6) throw new Error('no wave')
}
export function handleSummary({ metrics }: { metrics: Record<string, { values: { count: number } }> }) {
  return { 'mine.json': JSON.stringify({ busy: 6 - 4 * (metrics['sip_calls_completed']!.values.count / 6) }) }
}
`

describe.skipIf(k6 === undefined && process.env.CI === undefined)(
  'k6 (build it with `npm test`) drives the agent',
  () => {
    const run = (o: Partial<K6Order>) => {
      if (k6 === undefined) throw new Error('there is no k6')
      const { limits } = provider.target
      return startK6({
        program: k6,
        script: { file: profile('smoke') },
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
      expect(countOf(summary, 'sip_calls_completed')).toBe(4)
      expect(reconcile(summary, since(before)).filter((one) => !one.ok)).toEqual([])
      expect(thresholdsOf(summary).map(({ metric }) => metric)).toContain('dropped_iterations')
      expect(thresholdsOf(summary).map(({ metric }) => metric)).toEqual(expect.arrayContaining(OF_TIME))
    })

    /** What the agent counted since then. */
    function since(before: AgentCounts): AgentCounts {
      const { counts } = agent.tally
      return {
        started: counts.started - before.started,
        completed: counts.completed - before.completed,
        packetsSent: counts.packetsSent - before.packetsSent,
        packetsReceived: counts.packetsReceived - before.packetsReceived,
        packetsLost: counts.packetsLost - before.packetsLost,
      }
    }

    test.each<[string, Partial<K6Order>, number]>([
      ['load', { calls: 8, rate: 8, hold: 2 }, 8],
      ['stress', { rate: 4, hold: 2, duration: 3.5 }, 11],
      ['spike', { rate: 10, hold: 2, duration: 3 }, 10],
      ['soak', { rate: 4, hold: 3, duration: 3 }, 12],
      ['registration-storm', { rate: 2, hold: 2, duration: 3 }, 6],
      ['flapping', { rate: 3, hold: 2, duration: 3 }, 9],
      ['failover', { rate: 3, hold: 2, duration: 3 }, 9],
    ])('profile %s: its calls are made, and both count the same', async (name, o, calls) => {
      const before = agent.tally.counts
      const { summary, said } = await run({ script: { file: profile(name) }, ...o }).ended
      if (summary === undefined) throw new Error(`no summary: ${said}`)
      const crossed = thresholdsOf(summary).flatMap(({ metric, ok }) => (ok ? [] : [metric]))
      expect(crossed.filter((metric) => !OF_TIME.includes(metric))).toEqual([])
      expect(countOf(summary, 'sip_calls_started')).toBe(calls)
      expect(reconcile(summary, since(before)).filter((one) => !one.ok)).toEqual([])
      const storms = thresholdsOf(summary).find(({ metric }) => metric === 'sip_registration_success')
      expect(storms?.measured).toBe(name === 'flapping' || name === 'registration-storm' ? 1 : undefined)
    })

    test('profile breakpoint: the agent is told each step, and both count the same', async () => {
      const before = agent.tally.counts
      const order = { calls: 7, rate: 3, hold: 2, thresholds: Object.fromEntries(OF_TIME.map((one) => [one, []])) }
      const { summary, said, code } = await run({ script: { file: profile('breakpoint') }, ...order }).ended
      if (summary === undefined) throw new Error(`no summary: ${said}`)
      expect(code).toBe(0)
      expect(reconcile(summary, since(before)).filter((one) => !one.ok)).toEqual([])
      const { searches = [], steps = [] } = agent.tally.result(0, new Map()).breakpoint ?? {}
      // A machine that is too busy to tell anything says so.
      if (steps.some(({ generator }) => generator.length > 0)) return
      expect(steps.map(({ what, level }) => `${level} ${what}`)).toEqual([
        '5 calls at a time',
        '7 calls at a time',
        '2 calls a second',
      ])
      expect(searches).toMatchObject([{ carried: 7 }, { carried: 2 }])
    })

    test('a script of one’s own, with thresholds of the target file, of its own, and a summary of its own', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'own-profile-'))
      try {
        writeFileSync(join(folder, 'kinds.json'), '["colleagues"]')
        writeFileSync(join(folder, 'mix.ts'), OWN_PROFILE)
        const { script, name, title } = await ownProfile(join(folder, 'mix.ts'))
        expect([name, title]).toEqual(['mix', 'Calls of an office.'])
        const thresholds = { rtp_jitter: ['p(90)<5000'], rtp_loss_ratio: [], voip_mos: ['p(5)>1'] }
        const before = agent.tally.counts
        const { summary, said, code } = await run({ script, thresholds, args: ['--tag=team=blue'] }).ended
        if (summary === undefined) throw new Error(`no summary: ${said}`)
        const held = thresholdsOf(summary)
        expect(held.map(({ metric, condition }) => `${metric} ${condition}`).toSorted()).toEqual([
          'dropped_iterations count==0',
          'rtp_jitter p(90)<5000',
          'rtp_two_way_audio rate>0.99',
          'sip_call_success rate>0.99',
          'sip_call_success{call:colleagues} rate>1.5',
          'sip_calls_completed count>=5',
          'sip_session_request_delay p(97)<9000',
          'voip_mos p(5)>1',
        ])
        // The one that cannot hold, and each with what was measured.
        expect(held.filter(({ ok }) => !ok).map(({ metric }) => metric)).toEqual(['sip_call_success{call:colleagues}'])
        expect(held.every(({ measured }) => measured !== undefined)).toBe(true)
        expect(code).toBe(K6_THRESHOLDS_CROSSED)
        expect(reconcile(summary, since(before)).filter((one) => !one.ok)).toEqual([])
        expect(JSON.parse(readFileSync(join(folder, 'mine.json'), 'utf8'))).toEqual({ busy: 2 })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })

    test('killed in the middle of a wave, it leaves no call behind, and none begins any more', async () => {
      const { pid, ended } = run({ script: { file: profile('load') }, calls: 40, rate: 4, hold: 60, to: 'echo' })
      for (let i = 0; i < 600 && provider.stats().serviceCalls < 6; i++) await pause(50)
      process.kill(pid ?? 0, 'SIGKILL')
      expect(await ended).toMatchObject({ signal: 'SIGKILL', summary: undefined })
      expect(await callsAtProvider()).toBe(0)
      expect(await agent.idle(10_000)).toBe(true)
      const { started } = agent.tally.gauges
      // The wave had calls for the seconds to come.
      await pause(1_000)
      expect([agent.tally.gauges.started, agent.load.up + agent.load.settingUp]).toEqual([started, 0])
    })

    test('killed midway, it leaves no call behind', async () => {
      const { pid, ended } = run({ calls: 6, hold: 60, to: 'echo' })
      for (let i = 0; i < 600 && provider.stats().serviceCalls < 6; i++) await pause(50)
      expect(provider.stats().serviceCalls).toBe(6)
      process.kill(pid ?? 0, 'SIGKILL')
      expect(await ended).toMatchObject({ signal: 'SIGKILL', summary: undefined })
      expect(await callsAtProvider()).toBe(0)
    })

    test('asked to end midway, it leaves no call behind and still tells what it counted', async () => {
      const going = run({ calls: 6, hold: 60, to: 'echo' })
      for (let i = 0; i < 600 && provider.stats().serviceCalls < 6; i++) await pause(50)
      going.stop()
      const end = await going.ended
      expect(end.summary).toBeDefined()
      expect(await callsAtProvider()).toBe(0)
    })
  },
)
