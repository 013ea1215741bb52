/** How many calls this machine can generate: found by trying, and said where a load asked for more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  capacityOf,
  CALIBRATION_FILE,
  type Calibration,
  readCalibration,
  thisMachine,
} from '../../../src/load/capacity.js'
import { findLimit } from '../../../src/load/limit-search.js'
import { type GeneratorFacts, validityOf } from '../../../src/verdict/load-validity.js'

describe('a limit is searched for', () => {
  const search = async (limit: number, o: { start?: number; most?: number; precision?: number } = {}) => {
    const tried: number[] = []
    const found = await findLimit({
      start: 50,
      most: 5000,
      ...o,
      attempt: async (amount) => {
        tried.push(amount)
        return amount > limit ? 'too slow' : undefined
      },
    })
    return { ...found, tried }
  }
  test.each([1, 7, 49, 50, 51, 333, 1600, 4999])('%i, to within a tenth', async (limit) => {
    const { carried, beyond, tried } = await search(limit)
    expect(carried).toBeLessThanOrEqual(limit)
    expect(beyond).toEqual({ amount: expect.any(Number), why: 'too slow' })
    expect((beyond?.amount ?? 0) - carried).toBeLessThanOrEqual(Math.max(1, carried / 10))
    expect(tried.length).toBeLessThan(14)
  })
  test('doubling first', async () => {
    expect((await search(333)).tried).toEqual([50, 100, 200, 400, 300, 350, 325])
  })
  test('what is carried to the last is no limit', async () => {
    expect(await search(9000, { most: 180 })).toEqual({ carried: 180, tried: [50, 100, 180] })
    expect(await search(9000, { most: 3 })).toEqual({ carried: 3, tried: [3] })
  })
  test('not even one', async () => {
    expect(await search(0)).toMatchObject({ carried: 0, beyond: { amount: 1 } })
  })
})

const SOUND: GeneratorFacts = {
  sendLatenessP99Ms: 1,
  eventLoopLagP99Ms: 1,
  socketDrops: 0,
  packetsSent: 100,
  sendErrors: 0,
  troubles: new Map(),
  crashes: [],
  brokenOff: undefined,
}
const second = (atMs: number, activeCalls: number, sendLatenessP99Ms: number) => ({
  atMs,
  activeCalls,
  sendLatenessP99Ms,
})
const calibration: Calibration = {
  ringproof: '0.1.0',
  at: '2026-11-30T10:00:00.000Z',
  machine: thisMachine(),
  loadAverage: 0.1,
  rtp: { carried: 400, beyond: { amount: 430, why: 'late' } },
  srtp: { carried: 300 },
  signalling: { carried: 900 },
}

describe('an INVALID load says how many calls this machine can generate', () => {
  const slow = { ...SOUND, sendLatenessP99Ms: 80 }
  const series = [second(0, 100, 1), second(1000, 240, 15), second(2000, 300, 90), second(3000, 200, 70)]
  test('as it was calibrated', () => {
    const capacity = capacityOf(calibration, series, 12)
    expect(validityOf({ ...slow, capacity }).problems.at(-1)).toBe(
      'this machine can generate 400 calls with audio at a time (300 encrypted) and 900 calls a second, as it was calibrated on 2026-11-30',
    )
  })
  test('estimated from the run otherwise, and that is said', () => {
    const capacity = capacityOf(undefined, series, 12.4)
    expect(validityOf({ ...slow, capacity }).problems.at(-1)).toBe(
      "estimated from this run, this machine can generate about 240 calls with audio at a time and 12 calls a second: 'ringproof load --calibrate' measures it",
    )
  })
  test('or that it cannot be told', () => {
    const capacity = capacityOf(undefined, [second(0, 100, 70)], undefined)
    expect(validityOf({ ...slow, capacity }).problems.at(-1)).toMatch(/could not be told from this run/)
  })
  test('but not where the generator was fast enough, or k6 was what broke off', () => {
    const capacity = capacityOf(calibration, series, undefined)
    expect(validityOf({ ...SOUND, capacity })).toEqual({ valid: true, sound: true, problems: [] })
    expect(validityOf({ ...SOUND, brokenOff: 'k6 was killed', capacity }).problems).toEqual(['k6 was killed'])
  })
})

describe('the file of a calibration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-calibration-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (text: string) => writeFileSync(join(folder, CALIBRATION_FILE), text)
  test('of this machine is read', () => {
    write(JSON.stringify(calibration))
    expect(readCalibration(folder)).toEqual(calibration)
  })
  test.each([
    ['of another machine', JSON.stringify({ ...calibration, machine: { cpu: 'another', cores: 2 } })],
    ['that is damaged', '{'],
    ['that is another', '{}'],
  ])('one %s says nothing', (_what, text) => {
    write(text)
    expect(readCalibration(folder)).toBeUndefined()
  })
  test('one that is not there says nothing', () => {
    expect(readCalibration(join(folder, 'none'))).toBeUndefined()
  })
})
