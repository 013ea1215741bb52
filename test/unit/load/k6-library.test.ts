/** `ringproof/k6` without k6: what it books, orders and asks for. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CallRecord } from '../../../src/load/call-record.js'
import { ownProfile, unheardOptions } from '../../../src/load/own-profile.js'
import { loadProfiles } from '../../../src/load/profiles.js'
import { WaveRecords } from '../../../src/load/wave-records.js'
import { call, leg, NOTHING_RECEIVED, report } from './samples.js'

/** Stand-ins for k6's modules: every value that is added, and the number of the iteration. */
const k6 = vi.hoisted(() => {
  const added: { name: string; kind: string; value: number; tags: Record<string, string> }[] = []
  const execution = { scenario: { iterationInTest: 0 }, vu: { iterationInScenario: 0 } }
  const kindOf = (kind: string) =>
    class {
      readonly name: string
      constructor(name: string) {
        this.name = name
      }
      add(value: number | boolean, tags: Record<string, string> = {}) {
        added.push({ name: this.name, kind, value: Number(value), tags })
      }
    }
  const metrics = { Counter: kindOf('counter'), Gauge: kindOf('gauge'), Rate: kindOf('rate'), Trend: kindOf('trend') }
  Object.assign(globalThis, { __ENV: {} })
  return { added, execution, metrics }
})
vi.mock('k6', () => ({ sleep: () => undefined }))
vi.mock('k6/metrics', () => k6.metrics)
vi.mock('k6/http', () => ({ default: {} }))
vi.mock('k6/execution', () => ({ default: k6.execution }))

// Files share their modules: what was loaded with the stand-ins of another file is loaded anew.
beforeAll(() => void vi.resetModules())
afterAll(() => void vi.resetModules())

/** By paths that the compiler does not follow: the library is compiled for k6. */
async function library(name: string): Promise<Record<string, (...args: unknown[]) => unknown>> {
  const file = new URL(`../../../k6/lib/${name}.ts`, import.meta.url).pathname
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see there
  return (await import(file)) as Record<string, (...args: unknown[]) => unknown>
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

interface Flow {
  options: { preAllocatedVUs: number; maxVUs: number; duration: string; timeUnit: string; gracefulStop: string }
  expected: number
  next: () => { count: number; overMs: number; seed?: number; call?: object; mix?: object } | undefined
}

const env = (values: Record<string, string>) => Object.assign(globalThis, { __ENV: values })
beforeEach(() => {
  k6.added.length = 0
  env({})
})

describe('a wave and the same calls one by one', () => {
  /** Sums of counters, values of all else, by metric and tags. */
  function booked(): Map<string, number | number[]> {
    const sums = new Map<string, number | number[]>()
    for (const { name, kind, value, tags } of k6.added) {
      const key = `${name} ${JSON.stringify(Object.entries(tags).toSorted(byName))}`
      const before = sums.get(key)
      if (kind === 'counter') sums.set(key, (typeof before === 'number' ? before : 0) + value)
      else sums.set(key, [...(Array.isArray(before) ? before : []), value])
    }
    k6.added.length = 0
    // What comes to nothing need not be told.
    return new Map([...sums].filter(([, value]) => value !== 0).toSorted(byName))
  }

  test('give the same metrics with the same tags', async () => {
    const { countCall, countWave } = await library('metrics')
    const ends = [leg({ report: report({ roundTripMs: 4 }) }), leg({ role: 'callee', relay: 'relay-2' })]
    const records: CallRecord[] = [
      call(),
      call({ setupMs: 30 }),
      call({ far: 'account', legs: ends, name: 'office' }),
      call({ legs: [leg({ report: report({ heard: [], received: NOTHING_RECEIVED }) })] }),
      call({ status: 503, end: 'refused', legs: [], reason: 'rejected: 503' }),
      call({ status: 486, end: 'refused', legs: [], outcome: 'busy' }),
      call({ end: 'bye-unanswered', reason: 'BYE was not answered' }),
      call({ legs: [leg({ report: report({ received: { lost: 7, expected: 500 } }) })] }),
    ]
    for (const record of records) countCall?.(record)
    const oneByOne = booked()
    const wave = new WaveRecords()
    for (const record of records) wave.add(record)
    countWave?.(JSON.parse(JSON.stringify(wave.answer(0))))
    const together = booked()
    expect([...together.keys()]).toEqual([...oneByOne.keys()])
    for (const [key, value] of oneByOne) {
      const other = together.get(key)
      if (!Array.isArray(value) || !Array.isArray(other)) expect(other, key).toBe(value)
      else value.forEach((one, index) => expect(other[index], key).toBeCloseTo(one, 3))
    }
    expect(oneByOne.size).toBeGreaterThan(30)
  })
  test('a call that was meant to be refused is a success, and no call without audio', async () => {
    const { countCall } = await library('metrics')
    countCall?.(call({ status: 486, end: 'refused', legs: [], outcome: 'busy' }))
    const names = k6.added.map(({ name, value }) => `${name} ${value}`)
    expect(names).toContain('sip_call_success 1')
    expect(names.filter((name) => name.startsWith('rtp_two_way_audio'))).toEqual([])
  })
})

describe('flows', () => {
  /** Calls of each wave. */
  function countsOf(flow: Flow, waves: number): number[] {
    return Array.from({ length: waves }, (_, number) => {
      k6.execution.scenario.iterationInTest = number
      return flow.next()?.count ?? 0
    })
  }
  const make = async (name: 'arrivals' | 'rampingArrivals', o: object): Promise<Flow> => {
    const made = (await library('flow'))[name]?.(o)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it is declared to give
    return made as Flow
  }

  test('so many a second', async () => {
    const flow = await make('arrivals', { rate: 2.5, duration: '4s', calls: { to: 'echo', holdMs: 3000 } })
    expect([countsOf(flow, 5), flow.expected]).toEqual([[2, 3, 2, 3, 0], 10])
    expect(flow.options).toMatchObject({
      executor: 'constant-arrival-rate',
      rate: 1,
      timeUnit: '1s',
      duration: '3999ms',
    })
    expect(flow.options.gracefulStop).toBe('93s')
  })
  test('more and more', async () => {
    const stages = [
      { duration: '4s', target: 8 },
      { duration: '2s', target: 8 },
      { duration: 2, target: 0 },
    ]
    const flow = await make('rampingArrivals', { stages, calls: { to: 'echo' } })
    expect(countsOf(flow, 9)).toEqual([1, 3, 5, 7, 8, 8, 6, 2, 0])
    expect(flow.expected).toBe(40)
  })
  test('a last second that is none', async () => {
    const flow = await make('arrivals', { rate: 4, duration: '1500ms', calls: {} })
    expect(countsOf(flow, 3)).toEqual([4, 2, 0])
    k6.execution.scenario.iterationInTest = 1
    expect(flow.next()?.overMs).toBe(500)
  })
  test('long calls have longer waves rather than thousands of virtual users', async () => {
    const calls = { mix: [{ weight: 1, call: { holdMs: { medianMs: 300_000, sigma: 1 } } }] }
    const { options } = await make('arrivals', { rate: 1, duration: '30m', calls })
    expect(options.timeUnit).toBe('5s')
    expect(options.preAllocatedVUs).toBe(303)
  })
  test('a seed for each wave, the same each time', async () => {
    env({ RINGPROOF_SEED: '3' })
    const flow = await make('arrivals', { rate: 1, duration: '3s', calls: {} })
    const seeds = [0, 1, 2].map((number) => {
      k6.execution.scenario.iterationInTest = number
      return flow.next()?.seed
    })
    expect(new Set(seeds).size).toBe(3)
    k6.execution.scenario.iterationInTest = 1
    expect(flow.next()?.seed).toBe(seeds[1])
  })
  test('the parts of a load that is split take its calls by turns, in every second', async () => {
    env({ RINGPROOF_PARTS: '3' })
    vi.resetModules()
    const stages = [{ duration: '4s', target: 8 }]
    const flow = await make('rampingArrivals', { startRate: 5, stages, calls: { to: 'echo', holdMs: 3000 } })
    expect(flow.options).toMatchObject({ rate: 3, timeUnit: '1s', duration: '3999ms', preAllocatedVUs: 15 })
    const counts = countsOf(flow, 15)
    const ofPart = [0, 1, 2].map((part) => counts.filter((_, number) => number % 3 === part))
    expect(ofPart.map((waves) => waves.reduce((sum, count) => sum + count, 0))).toEqual([9, 9, 8])
    env({})
    vi.resetModules()
    const whole = countsOf(await make('rampingArrivals', { startRate: 5, stages, calls: {} }), 5)
    expect(whole.map((_, second) => counts.slice(3 * second, 3 * second + 3).reduce((a, b) => a + b, 0))).toEqual(whole)
  })
  test('a duration that is none is said', async () => {
    await expect(make('arrivals', { rate: 1, duration: '3 s', calls: {} })).rejects.toThrow("'3 s' is no duration")
  })
})

describe('thresholds', () => {
  const of = async (...args: unknown[]) => (await library('thresholds')).thresholds?.(...args)
  test('the usual ones, and that calls were completed at all', async () => {
    expect(await of({}, 200)).toMatchObject({ sip_calls_completed: ['count>=198'], voip_mos: ['p(5)>4.0'] })
  })
  test('the target file changes them, the script comes before it', async () => {
    env({ RINGPROOF_THRESHOLDS: JSON.stringify({ voip_mos: ['p(5)>3'], rtp_jitter: ['p(95)<5'], rtp_loss_ratio: [] }) })
    const limits = await of({ rtp_jitter: ['p(95)<50'] })
    expect(limits).toMatchObject({ voip_mos: ['p(5)>3'], rtp_jitter: ['p(95)<50'] })
    expect(limits).not.toHaveProperty('rtp_loss_ratio')
  })
  test('every percentile that is used is in the summary', async () => {
    const { trendStatsFor } = await library('thresholds')
    const limits = { a: ['p(99.9)<3', 'avg<1'], b: [{ threshold: 'p(42)<1', abortOnFail: true }] }
    expect(trendStatsFor?.(limits)).toEqual(expect.arrayContaining(['p(5)', 'p(95)', 'p(99.9)', 'p(42)']))
  })
})

test('thresholds of audio do not hold for calls without audio, unless the script has them', async () => {
  const { thresholds } = await library('thresholds')
  env({ RINGPROOF_AUDIO: 'none', RINGPROOF_THRESHOLDS: JSON.stringify({ rtp_jitter: ['p(95)<10'] }) })
  expect(Object.keys(thresholds?.({ voip_mos: ['p(5)>1'] }, 10) ?? {}).toSorted()).toEqual([
    'dropped_iterations',
    'sip_call_success',
    'sip_calls_completed',
    'sip_session_request_delay',
    'voip_mos',
  ])
})

describe('mistakes in a script are told where they are made', () => {
  const calls = { to: 'echo' }
  test.each([
    ['mix', [], 'a mix wants one kind of call at least'],
    ['mix', [{ weight: 0, call: calls }], 'mix: the weight of kind 1 is 0: give it more than 0, or leave it out'],
    ['arrivals', { rate: '2/s', duration: '3s', calls }, 'rate is "2/s": give a number a second'],
    ['arrivals', { rate: Number.NaN, duration: '3s', calls }, 'rate is null: give a number a second'],
    ['rampingArrivals', { stages: [{ duration: '3s' }], calls }, 'target is undefined: give a number a second'],
    [
      'arrivals',
      { rate: 2, duration: '3s', calls: { holdMs: '10s' } },
      'holdMs is "10s": give milliseconds, or { medianMs, sigma }',
    ],
  ])('%s %j', async (part, order, message) => {
    const { [part]: made } = await library(part === 'mix' ? 'orders' : 'flow')
    expect(() => made?.(order)).toThrow(message)
  })
})

describe("the end of k6's scenarios", () => {
  test('with and without a time of their own', async () => {
    const { endOfScenarios } = await library('time')
    expect(endOfScenarios?.()).toEqual({ begun: 0, over: 0 })
    const late = { startTime: '1m', stages: [{ duration: '20s' }, { duration: '10s' }] }
    expect(endOfScenarios?.({ late, steady: { duration: '5s' } })).toEqual({ begun: 90, over: 90 })
    expect(endOfScenarios?.({ late, people: { vus: 3 } })).toEqual({ begun: 90, over: 600 })
    expect(endOfScenarios?.({ people: { startTime: '5s', maxDuration: '1m' } })).toEqual({ begun: 5, over: 65 })
  })
})

describe('thresholds of a part', () => {
  afterAll(() => void vi.resetModules())
  const limits = {
    sip_calls_completed: ['count>=198'],
    dropped_iterations: ['count==0', 'count<5'],
    voip_mos: ['p(5)>4.0'],
    mine: [{ threshold: 'count>3', abortOnFail: true }, 'rate<9'],
  }
  test('so many calls are asked of the whole load, all else of the part too', async () => {
    env({ RINGPROOF_PARTS: '2' })
    vi.resetModules()
    const { thresholdsOfPart } = await library('parts')
    expect(thresholdsOfPart?.(limits)).toEqual({
      here: { dropped_iterations: ['count==0', 'count<5'], voip_mos: ['p(5)>4.0'], mine: ['rate<9'] },
      whole: { sip_calls_completed: ['count>=198'], mine: ['count>3'] },
    })
  })
  test('a whole load is held to all of them', async () => {
    vi.resetModules()
    const { thresholdsOfPart } = await library('parts')
    expect(thresholdsOfPart?.(limits)).toEqual({ here: limits, whole: {} })
  })
})

describe('scenarios as load', () => {
  const group = (verdict: string, reasonCode?: string, runs = 1) => ({
    scenario: 'media/echo',
    transport: 'udp',
    family: 'ipv4',
    verdict,
    ...(reasonCode === undefined ? {} : { reasonCode }),
    durationsMs: Array.from({ length: runs }, () => 40),
  })
  const rates = (name: string) => k6.added.filter((one) => one.name === name).map(({ value }) => value)

  test('a warning is a pass, a fail is none, and what was not decided is neither', async () => {
    const { countRuns } = await library('metrics')
    const runs = [
      group('pass', undefined, 2),
      group('warn'),
      group('fail', 'rule-broken'),
      group('inconclusive', 'call-refused'),
      group('inconclusive', 'harness-late'),
      group('not applicable', 'is-b2bua'),
    ]
    countRuns?.({ runs })
    expect(rates('scenario_pass')).toEqual([1, 1, 1, 0])
    // That calls were refused is the target's, that this machine was late is not.
    expect(rates('scenario_decided')).toEqual([1, 1, 1, 1, 0])
    const counted = k6.added
      .filter(({ name }) => name === 'scenario_runs')
      .map(({ value, tags }) => [tags['verdict'], value])
    expect(counted).toEqual([
      ['pass', 2],
      ['warn', 1],
      ['fail', 1],
      ['inconclusive', 1],
      ['inconclusive', 1],
      ['not applicable', 1],
    ])
  })

  test('a flow of them orders waves, and brings its own thresholds', async () => {
    const { scenarioArrivals } = await library('flow')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it is declared to give
    const flow = scenarioArrivals?.({
      rate: 3,
      duration: '4s',
      scenarios: ['media/*', { scenario: 'srtp/echo', weight: 2 }],
    }) as Flow
    k6.execution.scenario.iterationInTest = 1
    expect(flow.next()).toEqual({
      count: 3,
      overMs: 1000,
      arrivals: 'poisson',
      mix: [{ scenario: 'media/*' }, { scenario: 'srtp/echo', weight: 2 }],
    })
    expect(flow.expected).toBe(12)
    const { thresholds } = await library('thresholds')
    expect(thresholds?.({}, undefined, 'scenarios')).toEqual({
      scenario_pass: ['rate==1'],
      scenario_decided: ['rate>0.95'],
      dropped_iterations: ['count==0'],
    })
    expect(thresholds?.({}, 10, 'both')).toMatchObject({
      scenario_pass: ['rate==1'],
      sip_calls_completed: ['count>=9'],
    })
  })
})

describe('what was asked for', () => {
  const usual = { calls: 100, rate: 20, hold: 15, duration: 60 }
  test('comes before what is usual, which stays within the limits', async () => {
    const { asked } = await library('asked')
    env({ RINGPROOF_HOLD: '3', RINGPROOF_MOST_CALLS: '4', RINGPROOF_MOST_RATE: '2' })
    expect(asked?.(usual)).toEqual({
      calls: 4,
      rate: 2,
      hold: 3,
      duration: 60,
      given: { hold: 3 },
      most: { calls: 4, rate: 2 },
    })
  })
  test('whom to call', async () => {
    const { askedCall } = await library('asked')
    expect(askedCall?.()).toEqual({ to: 'auto' })
    env({ RINGPROOF_TO: 'account', RINGPROOF_SRTP: 'true', RINGPROOF_TRANSPORT: 'udp,tls' })
    expect(askedCall?.()).toEqual({ to: 'account', media: { srtp: true }, transport: ['udp', 'tls'] })
  })
})

test('the script that the documentation shows can be run as it stands there', async () => {
  const page = readFileSync(new URL('../../../docs/load-testing.md', import.meta.url), 'utf8')
  const script = /```ts\n([^]*?)```/.exec(page)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'documented-profile-'))
  try {
    writeFileSync(join(folder, 'mix.ts'), script)
    const profile = await ownProfile(join(folder, 'mix.ts'))
    expect([profile.name, profile.title]).toEqual(['mix', 'An office in the morning.'])
    const text = 'text' in profile.script ? profile.script.text : ''
    // All of it is in one file, but for what k6 brings.
    expect([...text.matchAll(/ from "([^"]+)"/g)].map(([, from]) => from?.split('/')[0])).toEqual(
      expect.arrayContaining(['k6']),
    )
    expect(text).not.toMatch(/ from "(?!k6)/)
    expect(text).toContain('export {')
    // It asks for nothing that the command line says.
    expect(unheardOptions({ profile, rate: 3, transports: ['tls'] })).toEqual([
      expect.stringMatching(/^--rate has no effect: .*mix.ts does not ask for it, by asked\(\)/),
      expect.stringMatching(/^--transport has no effect: .* by askedCall\(\)/),
    ])
    const asking = "import { askedCall } from 'ringproof/k6'\nexport default () => console.log(askedCall())\n"
    writeFileSync(join(folder, 'asking.ts'), asking)
    expect(unheardOptions({ profile: await ownProfile(join(folder, 'asking.ts')), transports: ['tls'] })).toEqual([])
    const packaged = (name: string) => {
      const found = loadProfiles().find((one) => one.name === name)
      if (found === undefined) throw new Error(`no profile ${name}`)
      return unheardOptions({
        profile: found,
        calls: 3,
        rate: 3,
        hold: 3,
        duration: 3,
        to: 'echo',
        transports: ['tls'],
      })
    }
    expect(packaged('scenarios')).toEqual([
      '--to has no effect: the profile scenarios does not ask for it by askedCall() of ringproof/k6.',
      '--transport has no effect: the profile scenarios does not ask for it by askedCall() of ringproof/k6.',
    ])
    for (const { name } of loadProfiles()) if (name !== 'scenarios') expect(packaged(name), name).toEqual([])
    await expect(ownProfile(join(folder, 'none.ts'))).rejects.toThrow(/Cannot read the load profile/)
    writeFileSync(join(folder, 'wrong.ts'), 'export const options = {')
    await expect(ownProfile(join(folder, 'wrong.ts'))).rejects.toThrow(/Cannot compile[^]*wrong\.ts:1:24/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
