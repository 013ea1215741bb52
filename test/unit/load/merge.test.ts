/** A load that was split is joined into what the undivided one measured. */
import { array, assert, constantFrom, double, oneof, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { together } from '../../../src/load/belong-together.js'
import { percentileOf } from '../../../src/load/distribution.js'
import { LoadTally } from '../../../src/load/load-tally.js'
import { mergedLoad, type Part } from '../../../src/load/merged-load.js'
import { documentOfPart, numberOfPart, segmentOf, segmentsOf, shareOf } from '../../../src/load/parts.js'
import { metricsOfK6 } from '../../../src/load/reconciliation.js'
import { Histogram, HISTOGRAM_ERROR } from '../../../src/result/histogram.js'
import type { LoadDirection } from '../../../src/result/load-relays.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import type { RunResult } from '../../../src/result/result.js'
import { targetSchema } from '../../../src/target/target-schema.js'
import { judgeThresholds } from '../../../src/verdict/thresholds.js'
import { call, leg, NOTHING_RECEIVED, report } from './samples.js'

const STARTED = Date.parse('2026-11-30T10:00:00Z')
const document = targetSchema.parse({
  name: 'sample',
  domain: 'example.com',
  endpoints: { udp: { host: '127.0.0.71' } },
  accounts: [1, 2, 3, 4, 5].map((number) => ({ user: `u${number}`, password: 'secret' })),
  limits: { callsPerSecond: 5, concurrentCalls: 11 },
  published: { relays: [{ name: 'relay-1', addresses: ['127.0.0.156'], udp: ['10000-65535'] }] },
})

describe('histograms', () => {
  const values = array(oneof(double({ min: 1e-5, max: 1e6, noNaN: true }), constantFrom(0, 1, 2, 4.41, 0.01, 1024)), {
    minLength: 1,
    maxLength: 200,
  })
  test('percentiles are those of the values, within the error', () => {
    assert(
      property(values, constantFrom(0, 5, 50, 90, 95, 99, 100), (all, wanted) => {
        const histogram = new Histogram()
        for (const value of all) histogram.add(value)
        const exact = percentileOf(
          all.toSorted((a, b) => a - b),
          wanted,
        )
        const found = histogram.percentile(wanted) ?? NaN
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * HISTOGRAM_ERROR * 1.0001)
      }),
    )
  })
  test('that of all values is the sum of those of any parts of them, written and read', () => {
    assert(
      property(values, values, (some, others) => {
        const of = (all: readonly number[]) => {
          const histogram = new Histogram()
          for (const value of all) histogram.add(value)
          return histogram.record()
        }
        const written: ReturnType<typeof of>[] = JSON.parse(JSON.stringify([of(some), of(others)]))
        const { sum, ...joined } = Histogram.of(written).record()
        const { sum: whole, ...undivided } = of([...some, ...others])
        expect(joined).toEqual(undivided)
        expect(sum).toBeCloseTo(whole, 3)
      }),
    )
  })
  test('one without values has none to show', () => {
    expect(new Histogram().percentile(50)).toBeUndefined()
    expect(Histogram.of([new Histogram().record()]).record()).toEqual({ count: 0, sum: 0, min: 0, max: 0, buckets: [] })
  })
})

const THRESHOLDS: NonNullable<LoadResult['thresholds']> = [
  { metric: 'voip_mos', condition: 'p(5)>4.0', ok: true },
  { metric: 'sip_call_success', condition: 'rate>0.9', ok: true },
  { metric: 'sip_calls_completed', condition: 'count>=50', ok: true, whole: true },
  { metric: 'rtp_jitter{relay:relay-2,leg:caller}', condition: 'p(95)<20', ok: true },
]

/** What an agent measured of these calls. */
function loadOf(numbers: readonly number[], o: Partial<LoadResult> = {}, startedAt = STARTED): LoadResult {
  const tally = new LoadTally(document, startedAt)
  for (const number of numbers) {
    tally.begun(0, number)
    tally.add(callNumber(number))
  }
  tally.second(startedAt + 1000, numbers.length)
  tally.second(startedAt + 2000, 0)
  return {
    profile: 'load',
    valid: true,
    generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 2, sound: true, problems: [], workers: 2, socketDrops: 0 },
    ...tally.result(numbers.length, new Map()),
    thresholds: THRESHOLDS,
    reconciliation: [{ what: 'calls started', k6: numbers.length, agents: numbers.length, ok: true }],
    k6: { version: '2.2.0', exitCode: 0, iterations: 10, droppedIterations: 0 },
    ...o,
  }
}

/** Calls of all kinds, each with figures of its own. */
function callNumber(number: number) {
  const relay = number % 3 === 0 ? 'relay-2' : 'relay-1'
  const received = { jitterMs: 1 + (number % 17) * 1.37, lost: number % 5 }
  if (number % 50 === 7) return call({ id: `${number}`, status: 503, end: 'refused', legs: [], reason: '503' })
  const legs =
    number % 41 === 3
      ? [leg({ relay, report: report({ heard: [], received: NOTHING_RECEIVED }) })]
      : [leg({ relay, report: report({ received, roundTripMs: number % 13 }) })]
  return call({ id: `${number}`, setupMs: 3 + ((number * 7919) % 1000), startedAt: STARTED + number, legs })
}

const numbers = Array.from({ length: 200 }, (_, number) => number)

/** Split by turns, as k6 hands out iterations. */
function split(of: number, o: (index: number) => Partial<LoadResult> = () => ({})): [Part, ...Part[]] {
  const parts = Array.from({ length: of }, (_, index) => {
    const part = segmentOf({ index: index + 1, of })
    const load = loadOf(
      numbers.filter((number) => number % of === index),
      { part, ...o(index) },
    )
    return { folder: `part-${index + 1}`, part, load }
  })
  const [first, ...others] = parts
  if (first === undefined) throw new Error('no part')
  return [first, ...others]
}

describe('a load that was split and joined', () => {
  const whole = loadOf(numbers)
  const joined = mergedLoad(split(2), [])
  const within = (value: number | undefined, exact: number | undefined) =>
    expect(Math.abs((value ?? NaN) - (exact ?? NaN))).toBeLessThanOrEqual((exact ?? 0) * HISTOGRAM_ERROR + 0.001)

  test('has the calls of the undivided one', () => {
    expect(joined.calls).toEqual({ ...whole.calls, peakConcurrent: 200 })
    expect(joined.series?.map(({ activeCalls }) => activeCalls)).toEqual([200, 0])
    expect(joined).toMatchObject({ valid: true, reconciliation: [{ k6: 200, agents: 200, ok: true }] })
    expect(joined.joined).toHaveLength(2)
    expect(joined).not.toHaveProperty('part')
  })
  test.each(['setupDelayMs', 'jitterMs', 'roundTripMs'] as const)('has its %s, within the error', (field) => {
    for (const figure of ['count', 'min', 'p50', 'p90', 'p95', 'p99', 'max'] as const)
      within(joined[field]?.[figure], whole[field]?.[figure])
    const sums = (load: LoadResult) => (load[field]?.buckets ?? []).filter(({ count }) => count > 0)
    expect(sums(joined)).toEqual(sums(whole))
  })
  test('has its relays: sums, and percentiles within the error', () => {
    expect(joined.relays.map(({ name }) => name)).toEqual(['relay-1', 'relay-2'])
    joined.relays.forEach((relay, index) => {
      const { jitterP95Ms, mosP5, directions = [], ...sums } = whole.relays[index] ?? { jitterP95Ms: NaN }
      const { jitterP95Ms: jitter, mosP5: mos, directions: sides = [], ...others } = relay
      expect(others).toEqual(sums)
      const exact = (rows: readonly LoadDirection[]) => rows.map((row) => ({ ...row, jitterMs: 0, jitterAtLeastMs: 0 }))
      expect(exact(sides)).toEqual(exact(directions))
      sides.forEach((side, nth) => {
        within(side.jitterMs, directions[nth]?.jitterMs)
        within(side.jitterAtLeastMs, directions[nth]?.jitterAtLeastMs)
      })
      within(jitter, jitterP95Ms)
      within(mos, mosP5)
    })
  })
  test('has the same metrics, to the last bucket', () => {
    const key = (load: LoadResult) =>
      (load.metrics ?? [])
        .map((one) => JSON.stringify({ ...one, ...('sum' in one ? { sum: one.sum.toFixed(6) } : {}) }))
        .toSorted()
    expect(key(joined)).toEqual(key(whole))
  })
  test('is judged over all of it, however it was split', () => {
    const verdicts = (load: LoadResult) => load.thresholds?.map(({ metric, ok, measured }) => [metric, ok, measured])
    expect(verdicts(mergedLoad(split(5), []))).toEqual(verdicts(joined))
    expect(joined.thresholds).toMatchObject([
      { metric: 'voip_mos', ok: true },
      { metric: 'sip_call_success', ok: true, measured: 0.955 },
      { metric: 'sip_calls_completed', ok: true, measured: 191 },
      { metric: 'rtp_jitter{relay:relay-2,leg:caller}', ok: false },
    ])
    expect(joined.k6?.exitCode).toBe(99)
  })
  test('shows the worst call of all parts, at its time of the whole', () => {
    const late = split(2).map((one, index) =>
      index === 0 ? one : { ...one, load: { ...one.load, startedAt: new Date(STARTED + 5000).toISOString() } },
    )
    const [first, second] = late
    if (first === undefined || second === undefined) throw new Error('no part')
    const { relays } = mergedLoad([first, second], [])
    expect(relays[0]?.worst).toMatchObject({ why: 'the caller received no audio' })
    const times = late.map(({ load }) => load.relays[0]?.worst?.startedAtMs ?? 0)
    expect([times[0], (times[1] ?? 0) + 5000]).toContain(relays[0]?.worst?.startedAtMs)
  })
  test('is not valid where a part is not, is missing, or ran at another time', () => {
    const slow = mergedLoad(
      split(2, (index) =>
        index === 1
          ? {
              valid: false,
              generator: {
                sendLatenessP99Ms: 90,
                sendLatenessP999Ms: 120,
                eventLoopLagP99Ms: 1,
                sound: false,
                problems: ['slow'],
              },
            }
          : {},
      ),
      [],
    )
    expect(slow).toMatchObject({
      valid: false,
      generator: { sound: false, sendLatenessP99Ms: 90, sendLatenessP999Ms: 120 },
    })
    expect(slow.generator.problems).toEqual(['part 2 of 2 (part-2): slow'])
    expect(mergedLoad(split(2), ['part 3 is missing'])).toMatchObject({
      valid: false,
      generator: { sound: false, problems: ['part 3 is missing'] },
    })
    const apart = split(2, (index) => (index === 1 ? { startedAt: new Date(STARTED + 60_000).toISOString() } : {}))
    expect(mergedLoad(apart, []).generator.problems).toEqual([
      'part 1 of 2 (part-1) was over before another began: the target never carried the whole load',
    ])
  })
})

describe('thresholds over what only k6 measured', () => {
  const judged = (metric: string, condition: string, ...oks: [boolean, number?][]) =>
    judgeThresholds({
      thresholds: oks.map(([ok, measured]) => [
        { metric, condition, ok, ...(measured === undefined ? {} : { measured }) },
      ]),
      metrics: [],
      seconds: 10,
    })
  test('hold where they hold in all parts, and are crossed where they are in all', () => {
    expect(judged('http_req_duration', 'p(95)<50', [true, 3], [true, 40])).toMatchObject({
      open: [],
      thresholds: [{ ok: true }],
    })
    expect(judged('http_req_duration', 'p(95)<50', [false, 60], [false, 70]).thresholds).toMatchObject([{ ok: false }])
  })
  test('stay open where parts differ, and that is said', () => {
    const { thresholds, open } = judged('http_req_duration', 'p(95)<50', [true, 3], [false, 70])
    expect(thresholds).toEqual([])
    expect(open).toEqual([expect.stringContaining('http_req_duration p(95)<50 held in some parts and not in others')])
  })
  test('counts are added up', () => {
    expect(judged('dropped_iterations', 'count<3', [true, 2], [true, 2]).thresholds).toMatchObject([
      { ok: false, measured: 4 },
    ])
  })
  test("rates of k6's own are added up from its summary", () => {
    const summary = (passes: number, fails: number) => ({
      metrics: {
        checks: { type: 'rate', values: { passes, fails, rate: 0 }, thresholds: { 'rate>0.9': { ok: true } } },
      },
    })
    const metrics = [...metricsOfK6(summary(99, 1), new Set()), ...metricsOfK6(summary(70, 30), new Set())]
    const thresholds = [[{ metric: 'checks', condition: 'rate>0.9', ok: true }]]
    expect(judgeThresholds({ thresholds, metrics, seconds: 1 }).thresholds).toMatchObject([
      { ok: false, measured: 0.845 },
    ])
    expect(metricsOfK6(summary(1, 1), new Set(['checks']))).toEqual([])
  })
})

describe('parts belong together or not', () => {
  const results = (o: (index: number) => Partial<LoadResult> = () => ({}), of = 2) =>
    split(of, o).map(({ folder, load }) => ({ folder, result: resultWith(load) }))
  function resultWith(load: LoadResult | undefined, o: Partial<RunResult> = {}): RunResult {
    return {
      schemaVersion: 2,
      ringproof: '0.1.0',
      command: 'load',
      startedAt: new Date(STARTED).toISOString(),
      endedAt: new Date(STARTED + 3000).toISOString(),
      seed: 0,
      clock: 'wall',
      target: { name: 'sample', file: 'sample.yaml', endpoints: ['udp 127.0.0.71:5060'] },
      verdict: 'pass',
      exitCode: 0,
      scenarios: [],
      notRun: [],
      findings: [],
      ...(load === undefined ? {} : { load }),
      ...o,
    }
  }
  test('in the order of their segments, whatever order they are named in', () => {
    const { parts, missing } = together(results(undefined, 3).toReversed())
    expect(parts.map(({ folder }) => folder)).toEqual(['part-1', 'part-2', 'part-3'])
    expect(missing).toEqual([])
  })
  test.each<[string, (index: number) => Partial<LoadResult>, RegExp]>([
    [
      'another profile',
      (index) => (index === 1 ? { profile: 'stress' } : {}),
      /their profile differ \(load and stress\)/,
    ],
    ['another seed', (index) => ({ seed: index }), /their seed differ/],
    ['other numbers', (index) => ({ order: { calls: 100 + index } }), /numbers that were ordered differ/],
    ['other thresholds', (index) => (index === 1 ? { thresholds: [] } : {}), /their thresholds differ/],
    ['another split', (index) => (index === 1 ? { part: segmentOf({ index: 2, of: 3 }) } : {}), /sequence differ/],
    ['the same part', () => ({ part: segmentOf({ index: 1, of: 2 }) }), /are the same part.*would count twice/],
    ['a segment of no sequence', () => ({ part: { segment: '0:1/3', sequence: '0,1/2,1' } }), /part/],
  ])('not with %s', (_what, o, message) => {
    expect(() => together(results(o))).toThrow(message)
  })
  test('not with another target, version, or what is no part', () => {
    const [first, second] = results()
    if (first === undefined || second === undefined) throw new Error('no part')
    const other = (o: Partial<RunResult>) => [first, { ...second, result: { ...second.result, ...o } }]
    expect(() => together(other({ target: { name: 'x', file: '' } }))).toThrow(/their target differ \(sample and x\)/)
    expect(() => together(other({ ringproof: '9' }))).toThrow(/version of ringproof differ/)
    const whole = [{ folder: 'w', result: resultWith(loadOf([1])) }]
    expect(() => together(whole)).toThrow(/w is a whole load and no part of one/)
    expect(() => together([{ folder: 'c', result: resultWith(undefined, { command: 'run' }) }])).toThrow(
      /conformance run/,
    )
  })
  test('one that is missing or made no load is said, with why', () => {
    const [first, second] = results()
    if (first === undefined || second === undefined) throw new Error('no part')
    expect(together([second]).missing).toEqual(['part 1 of 2 (execution segment 0:1/2) is missing'])
    const notRun = [{ id: 'load/load', kind: 'load' as const, why: 'k6 is missing.' }]
    const empty = { folder: 'part-2', result: resultWith(undefined, { notRun }) }
    expect(together([first, empty]).missing).toEqual([
      'part 2 of 2 (execution segment 1/2:1) is missing (part-2 holds no load: k6 is missing)',
    ])
    const stopped = { ...second, result: { ...second.result, verdict: 'interrupted' as const } }
    expect(together([first, stopped]).missing).toEqual(['part 2 of 2 (part-2) was interrupted'])
  })
})

describe('segments', () => {
  test('as k6 writes them', () => {
    expect(segmentOf({ index: 2, of: 3 })).toEqual({ segment: '1/3:2/3', sequence: '0,1/3,2/3,1' })
    expect(segmentOf({ index: 1, of: 1 })).toEqual({ segment: '0:1', sequence: '0,1' })
  })
  test.each([
    ['25%:50%', '0,25%,50%,1', 0.25, 2, 3],
    ['0:0.5', '', 0.5, 1, 2],
    ['1/2', '0,1/2,1', 0.5, 1, 2],
  ])('%s of %s', (segment, sequence, share, number, of) => {
    expect(shareOf({ segment, sequence })).toBeCloseTo(share)
    expect(numberOfPart({ segment, sequence })).toBe(number)
    expect(segmentsOf({ segment, sequence })).toHaveLength(of)
  })
  test('accounts of its own for each part, and a share of the limits', () => {
    const parts = [1, 2].map((index) => documentOfPart(document, { index, of: 2 }))
    expect(parts.map(({ accounts }) => accounts.map(({ user }) => user))).toEqual([
      ['u1', 'u3', 'u5'],
      ['u2', 'u4'],
    ])
    expect(parts[0]?.limits).toMatchObject({ callsPerSecond: 2.5, concurrentCalls: 5 })
    expect(documentOfPart(document, undefined)).toBe(document)
    expect(() => documentOfPart(document, { index: 1, of: 6 })).toThrow(/5 accounts.*each of the 6 parts/)
  })
})
