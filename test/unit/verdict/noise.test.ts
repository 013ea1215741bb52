import { describe, expect, test } from 'vitest'
import type { BaselineFigure } from '../../../src/result/baseline.js'
import { compareFigure } from '../../../src/verdict/comparison/noise.js'
import { tailOfStudent } from '../../../src/verdict/comparison/student.js'

type Entry = BaselineFigure['runs'][number]

const figure = (unit: BaselineFigure['unit'], runs: Entry[]): BaselineFigure => ({ unit, label: 'it', runs })
const state = (unit: BaselineFigure['unit'], base: Entry[], now: Entry[], among = 20) =>
  compareFigure({ id: 'it', base: figure(unit, base), new: figure(unit, now), among, untold: undefined }).state

test.each([
  // t, degrees of freedom, one-sided tail: tables of Student's t.
  [0, 4, 0.5],
  [1, 1, 0.25],
  [2.776445, 4, 0.025],
  [8.610302, 4, 0.0005],
  [3.169273, 10, 0.005],
  [63.656741, 1, 0.005],
  [3.090232, 1e6, 0.001],
])('Student’s t above %d with %d degrees of freedom: %d', (t, freedom, tail) => {
  expect(tailOfStudent(t, freedom)).toBeCloseTo(tail, 6)
})

describe('times', () => {
  const quiet = [40, 41, 39, 40, 42]
  const noisy = [40, 80, 25, 60, 33]

  test('a change counts where the runs were quiet, and not where they were noisy', () => {
    expect(state('ms', quiet, [60])).toBe('worse')
    expect(state('ms', quiet, [26])).toBe('better')
    expect(state('ms', noisy, [60])).toBe('within')
    expect(state('ms', noisy, [90])).toBe('within')
    expect(state('ms', quiet, [43])).toBe('within')
  })

  test('runs of the later side count as well', () => {
    expect(state('ms', [40], [60, 61, 59, 60, 62])).toBe('worse')
    expect(state('ms', noisy, [190, 210, 260, 170, 300])).toBe('worse')
  })

  test('what is finer than the measurement is nothing, however alike the runs were', () => {
    expect(state('ms', [4, 4, 4, 4, 4], [4.4])).toBe('within')
    expect(state('ms', [4, 4, 4, 4, 4], [12])).toBe('worse')
  })

  test('of too few runs nothing is told', () => {
    const text = (base: Entry[], now: Entry[]) =>
      compareFigure({ id: '', base: figure('ms', base), new: figure('ms', now), among: 1, untold: undefined })
    expect(text([40], [4000])).toMatchObject({ state: 'untold', text: 'one run on each side says nothing about noise' })
    expect(text([40, 40], [4000])).toMatchObject({ state: 'untold', text: expect.stringMatching(/^too few runs/) })
    expect(text([null, null], [4000])).toMatchObject({ state: 'untold', text: 'not measured on both sides' })
    expect(text([40, 41, 42], [4000])).toMatchObject({ state: 'worse', text: '4000 ms, was 40 to 42 ms in 3 runs' })
  })

  test('of thousands of comparisons in which nothing changed, one in a hundred at most says so', () => {
    // A fixed generator (mulberry32): the same numbers each time.
    let seed = 7
    const random = () => {
      seed = (seed + 0x6d2b79f5) | 0
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const ms = () => 50 * Math.exp(0.4 * gauss())
    let alarms = 0
    for (let at = 0; at < 4000; at++)
      if (state('ms', [ms(), ms(), ms(), ms(), ms()], [ms()], 1) !== 'within') alarms += 1
    expect(alarms).toBeLessThan(55)
    expect(alarms).toBeGreaterThan(15)
  })
})

describe('shares that were counted', () => {
  const none: Entry[] = [1, 2, 3, 4, 5].map(() => [0, 10_000, 0])

  test('a few lost packets are chance, many are not', () => {
    expect(state('share', none, [[2, 10_000, 2]])).toBe('within')
    expect(state('share', none, [[200, 10_000, 180]])).toBe('worse')
  })

  test('one long burst is one event', () => {
    expect(state('share', none, [[200, 10_000, 1]])).toBe('within')
  })

  test('where every run loses some, as much is no change', () => {
    const lossy: Entry[] = [
      [90, 10_000, 80],
      [180, 10_000, 150],
      [40, 10_000, 40],
      [120, 10_000, 100],
      [70, 10_000, 60],
    ]
    expect(state('share', lossy, [[260, 10_000, 240]])).toBe('within')
    expect(state('share', lossy, [[4000, 10_000, 3000]])).toBe('worse')
  })

  test('of few calls, one that fails is nothing', () => {
    const calls: Entry[] = [1, 2, 3, 4, 5].map(() => [0, 20, 0])
    expect(state('share', calls, [[1, 20, 1]])).toBe('within')
    expect(state('share', calls, [[15, 20, 15]])).toBe('worse')
  })
})

test('a lower score is worse', () => {
  expect(state('mos', [4.3, 4.35, 4.32, 4.31, 4.3], [3.1])).toBe('worse')
  expect(state('mos', [3.1, 3.15, 3.12, 3.11, 3.1], [4.3])).toBe('better')
})
