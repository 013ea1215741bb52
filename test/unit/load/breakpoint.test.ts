import { describe, expect, test } from 'vitest'
import { breakpointOf, type SearchStep, stepOf } from '../../../src/load/breakpoint.js'
import { GeneratorWatch } from '../../../src/load/generator-watch.js'
import type { WorkerSample } from '../../../src/load/worker-protocol.js'
import { Lateness } from '../../../src/media/lateness.js'
import { breakpointInWords, limitsFound } from '../../../src/verdict/breakpoint.js'

const step = (level: number, o: Partial<SearchStep> = {}): SearchStep & { atMs: number } => ({
  what: 'calls at a time',
  level,
  ok: (o.crossed ?? []).length === 0,
  crossed: [],
  relays: { 'relay-1': level / 2, 'relay-2': level / 2 },
  generator: [],
  atMs: 0,
  ...o,
})
const loss = (relay?: string) => ({
  metric: 'rtp_loss_ratio',
  condition: 'p(95)<0.01',
  measured: 0.0234,
  ...(relay === undefined ? {} : { relay }),
})
const found = (...steps: (SearchStep & { atMs: number })[]) => {
  const breakpoint = breakpointOf(steps)
  if (breakpoint === undefined) throw new Error('nothing was searched')
  return { breakpoint, words: breakpointInWords(breakpoint), limits: limitsFound(breakpoint) }
}

describe('the most that is carried', () => {
  test('is of the relay that gave way first, and at least so much of the others', () => {
    const { breakpoint, words, limits } = found(
      step(20),
      step(30, { crossed: [{ ...loss(), metric: 'sip_call_success' }, loss('relay-2')] }),
      step(5, { recovery: true, afterS: 3.5 }),
      step(24),
    )
    expect(breakpoint.searches).toEqual([
      {
        what: 'calls at a time',
        carried: 24,
        brokeAt: 30,
        gaveWay: loss('relay-2'),
        relays: [
          { name: 'relay-1', carried: 15 },
          { name: 'relay-2', carried: 12, brokeAt: 15, gaveWay: loss('relay-2') },
        ],
        recovered: true,
        recoveredAfterS: 3.5,
      },
    ])
    expect(words).toBe('Relay-2 gives way first: it carries 12 calls at a time of 24 in all')
    expect(limits).toMatchObject([
      {
        isRecovered: true,
        gravity: 'letter',
        relays: ['relay-2'],
        actual:
          '30 calls at a time: rtp_loss_ratio of relay-2 was 0.0234, not p(95)<0.01; relay-1 at least 15; all was well again after 4 s',
      },
    ])
  })
  test('a level that held once, above one that did not, counts for nothing', () => {
    const { breakpoint } = found(step(20), step(30, { crossed: [loss()] }), step(40))
    expect(breakpoint.searches).toMatchObject([{ carried: 20, brokeAt: 30 }])
  })
  test('a target that does not recover has an outage', () => {
    const { limits } = found(
      step(20),
      step(30, { crossed: [loss()] }),
      step(5, { recovery: true, ok: false, afterS: 121 }),
    )
    expect(limits).toMatchObject([{ isRecovered: false, gravity: 'outage' }])
    expect(limits[0]?.title).toBe(
      'The target carries 20 calls at a time; beyond, too many packets were lost, and does not recover',
    )
  })
  test('not even the first step', () => {
    expect(found(step(5, { crossed: [loss()] })).words).toBe('Not even 5 calls at a time is carried well')
  })
  test('of calls a second nothing is said of relays', () => {
    const rate = { what: 'calls a second' } as const
    const { breakpoint, words } = found(step(20, rate), step(30, { ...rate, crossed: [loss()] }))
    expect(breakpoint.searches[0]?.relays).toEqual([])
    expect(words).toBe('The signalling carries 20 calls a second; beyond, too many packets were lost')
  })
})

test('a step that a script tells is checked', () => {
  const { atMs: _atMs, ...told } = step(6)
  expect(stepOf(told)).toEqual(told)
  expect(() => stepOf({ ...told, level: -1 })).toThrow(expect.objectContaining({ field: 'level' }))
  expect(() => stepOf({ ...told, what: 'anything' })).toThrow(expect.objectContaining({ field: 'what' }))
})

test('the generator is judged for a part of a load by itself', () => {
  const sample = (lateMs: number, lagMaxMs = 1): WorkerSample => {
    const lateness = new Lateness()
    for (let packet = 0; packet < 100; packet++) lateness.add(lateMs)
    return {
      active: 1,
      sent: 100,
      hearing: 1,
      relays: {},
      jitterMs: [],
      mos: [],
      lateness: lateness.drain(),
      lagP99Ms: 0,
      lagMaxMs,
      busy: 0,
      sendErrors: 0,
    }
  }
  const problems = (...samples: WorkerSample[]) => {
    const watch = new GeneratorWatch()
    for (const one of samples) watch.add(one)
    return watch.problems
  }
  expect(problems()).toEqual([])
  expect(problems(sample(1), sample(1, 90), sample(1))).toEqual([])
  expect(problems(sample(1, 90), sample(1, 90))).toMatchObject([/too busy/])
  expect(problems(sample(60))).toMatchObject([/too slow/])
})
