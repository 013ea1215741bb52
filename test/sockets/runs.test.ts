/** Scenarios as load against the embedded provider: the same verdicts as alone, however many run at once. */
import { tmpdir } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CallAgent } from '../../src/load/call-agent.js'
import { findK6 } from '../../src/load/k6-program.js'
import { startK6 } from '../../src/load/k6-run.js'
import { countOf, thresholdsOf } from '../../src/load/reconciliation.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { whyNotAsLoad } from '../../src/scenario/fit-for-load.js'
import { startProviderProcess } from '../../src/worlds/provider-process.js'
import { type SocketStages, socketStages } from '../../src/worlds/socket-stages.js'
import { allScenarios, recorded } from '../virtual/detection.js'

const TOKEN = 'the-token'
const k6 = await findK6()

interface Group {
  readonly scenario: string
  readonly verdict: string
  readonly reasonCode?: string
  readonly durationsMs: readonly number[]
}

/** Of one run, of a wave, or of a refusal. */
interface Answer {
  readonly field?: string
  readonly error?: string
  readonly count?: number
  readonly failed?: object
  readonly runs?: readonly Group[]
}

interface Place {
  readonly agent: CallAgent
  post(body: object, signal?: AbortSignal): Promise<{ status: number; body: Answer }>
  end(): Promise<void>
}

async function placeWith(faults: readonly FaultName[], accounts = 240): Promise<Place> {
  const provider = await startProviderProcess({ faults, accounts }, () => {})
  const stage: SocketStages = await socketStages(provider.document)
  const agent = await CallAgent.start({
    target: stage.world.target,
    address: (family) => stage.world.address(family),
    token: TOKEN,
    port: 0,
    workers: 2,
    accounts: 4,
  })
  return {
    agent,
    async post(body, signal) {
      const answer = await fetch(`${agent.url}/v1/runs`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the agent's API says
      return { status: answer.status, body: (await answer.json()) as Answer }
    },
    async end() {
      await agent.stop()
      stage.close()
      await provider.stop()
    },
  }
}

/** A machine too busy to tell says nothing of the provider. */
const told = ({ runs = [] }: Answer) => runs.filter(({ reasonCode }) => reasonCode !== 'harness-late')

describe('on the provider without faults', () => {
  let place: Place
  beforeAll(async () => (place = await placeWith([])))
  afterAll(() => place.end())

  test('one run answers with its verdict, of the variant that was asked for', async () => {
    const variant = { transport: 'tcp', family: 'ipv6' }
    expect(await place.post({ scenario: 'registrar/refresh-replaces', variant })).toEqual({
      status: 200,
      body: {
        id: 'registrar/refresh-replaces',
        variant,
        verdict: 'pass',
        reason: '',
        durationMs: expect.any(Number),
        checks: [],
      },
    })
  })

  test('what is not fit is refused with the reason, and with what is', async () => {
    const { status, body } = await place.post({ scenario: 'digest/enumeration' })
    expect(status).toBe(400)
    expect(body.field).toBe('scenario')
    expect(body.error).toMatch(/it may get this machine banned\. Fit for load are: .*media\/two-way/)
  })

  test('all that are fit pass, many at once', async () => {
    const { status, body } = await place.post({ scenario: '*', count: 150, overMs: 8_000, arrivals: 'poisson' })
    expect([status, body.count, body.failed]).toEqual([200, 150, {}])
    expect(told(body).filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(new Set(told(body).map(({ scenario }) => scenario)).size).toBeGreaterThanOrEqual(60)
  })

  test.skipIf(k6 === undefined && process.env.CI === undefined)('k6 orders them, and both count the same', async () => {
    if (k6 === undefined) throw new Error('there is no k6')
    const before = place.agent.runs.counts.delivered
    const { summary, said } = await startK6({
      program: k6,
      script: { file: new URL('../../k6/profiles/scenarios.ts', import.meta.url).pathname },
      agentUrl: place.agent.url,
      token: TOKEN,
      limits: { callsPerSecond: 1000, concurrentCalls: 1000 },
      folder: tmpdir(),
      rate: 4,
      duration: 3,
    }).ended
    if (summary === undefined) throw new Error(`no summary: ${said}`)
    expect(place.agent.runs.counts.delivered - before).toBe(12)
    expect(countOf(summary, 'scenario_runs')).toBe(12)
    const crossed = thresholdsOf(summary).filter(({ metric, ok }) => metric === 'scenario_pass' && !ok)
    expect(crossed).toEqual([])
  })

  test('whoever goes away ends what was ordered: nothing runs on', async () => {
    const away = new AbortController()
    const held = place.post({ scenario: 'media/two-way', count: 6, overMs: 0 }, away.signal).catch(() => 'gone')
    await expect.poll(() => place.agent.runsOn, { timeout: 20_000 }).toBeGreaterThan(2)
    const { ended } = place.agent.runs.counts
    away.abort()
    expect(await held).toBe('gone')
    await expect.poll(() => place.agent.runsOn, { timeout: 20_000 }).toBe(0)
    const { started, ended: now, delivered } = place.agent.runs.counts
    expect(now).toBe(started)
    expect(delivered).toBe(ended)
  })
})

test('the only thread that runs them dies: what ran and what waits is undecided, and the order is answered', async () => {
  const place = await placeWith([], 12)
  const threads: Worker[] = []
  const see = (thread: Worker) => threads.push(thread)
  process.on('worker', see)
  try {
    const held = place.post({ scenario: 'media/two-way', count: 20, overMs: 0 })
    await expect.poll(() => place.agent.runsOn, { timeout: 20_000 }).toBeGreaterThan(1)
    await threads.at(-1)?.terminate()
    const { status, body } = await held
    expect([status, body.count]).toEqual([200, 20])
    const lost = (body.runs ?? []).filter(({ reasonCode }) => reasonCode === 'harness-defect')
    expect(lost.map(({ verdict }) => verdict)).toContain('inconclusive')
    // Two at a time have accounts, and a story takes five seconds.
    expect(lost.reduce((sum, { durationsMs }) => sum + durationsMs.length, 0)).toBeGreaterThan(10)
  } finally {
    process.off('worker', see)
    await place.end()
  }
})

describe('with a planted fault', () => {
  const fit = async () =>
    (await allScenarios()).map(({ definition }) => definition).filter((one) => whyNotAsLoad(one) === undefined)

  // `npm run trust` tries all three.
  test.each<FaultName>(
    (['relay-one-way', 'no-415', 'refresh-adds-binding'] as const).slice(
      0,
      process.env['RINGPROOF_LOAD_SEEDS'] === undefined ? 1 : 3,
    ),
  )('%s: those fail that fail alone, and no others', async (fault) => {
    const place = await placeWith([fault])
    try {
      const scenarios = await fit()
      const expected = scenarios.map(({ id }) => id).filter((id) => recorded[id]?.includes(fault))
      expect(expected.length).toBeGreaterThan(0)
      const { body } = await place.post({ scenario: '*', count: 2 * scenarios.length, overMs: 10_000 })
      const runs: readonly Group[] = told(body)
      const red = new Set(
        runs.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map((one) => one.scenario),
      )
      expect([...red].filter((id) => !expected.includes(id))).toEqual([])
      const green = runs.filter(({ verdict }) => verdict === 'pass').map(({ scenario }) => scenario)
      expect(expected.filter((id) => !red.has(id) && green.includes(id))).toEqual([])
      expect(red.size).toBeGreaterThan(0)
    } finally {
      await place.end()
    }
  })
})

describe('where the target has few accounts', () => {
  test('calls give theirs up as long as there were none, and are refused then', async () => {
    const place = await placeWith([], 4)
    try {
      const { body } = await place.post({ scenario: 'media/two-way', variant: { transport: 'udp', family: 'ipv4' } })
      expect(body).toMatchObject({ verdict: 'pass' })
      const call = await fetch(`${place.agent.url}/v1/calls`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ to: 'echo' }),
      })
      expect([call.status, await call.json()]).toEqual([
        409,
        { error: 'the accounts of the target file were lent to scenarios: there is none left for calls' },
      ])
    } finally {
      await place.end()
    }
  })
})
