import { describe, expect, it } from 'vitest'
import { aheadOf, nextTime, offsetAt } from '../../../src/provider/services/local-time.js'
import { momentsOf, timeOfDay } from '../../../src/scenario/local-time.js'

const BERLIN = 'Europe/Berlin'
const at = (iso: string) => Date.parse(iso)
const next = (from: string, hour: number, minute: number, zone = BERLIN) =>
  new Date(nextTime(at(from), { hour, minute }, zone)).toISOString()

describe('the next time of day in a zone', () => {
  it.each([
    ['today', '2026-06-14T04:00:00Z', 7, 0, '2026-06-14T05:00:00.000Z'],
    ['tomorrow, where it is past', '2026-06-14T05:00:00Z', 7, 0, '2026-06-15T05:00:00.000Z'],
    ['after midnight of the zone', '2026-06-14T21:59:00Z', 0, 1, '2026-06-14T22:01:00.000Z'],
    ['after summer time has begun', '2026-03-28T22:00:00Z', 7, 0, '2026-03-29T05:00:00.000Z'],
    ['skipped: as if the clocks stood', '2026-03-28T22:00:00Z', 2, 30, '2026-03-29T01:30:00.000Z'],
    ['before summer time begins', '2026-03-28T22:00:00Z', 1, 59, '2026-03-29T00:59:00.000Z'],
    ['after summer time has ended', '2026-10-24T22:00:00Z', 7, 0, '2026-10-25T06:00:00.000Z'],
    ['shown twice: the first', '2026-10-24T22:00:00Z', 2, 30, '2026-10-25T00:30:00.000Z'],
    ['shown twice, and once past: the second', '2026-10-25T00:45:00Z', 2, 30, '2026-10-25T01:30:00.000Z'],
  ])('is %s', (_what, from, hour, minute, due) => {
    expect(next(from, hour, minute)).toBe(due)
  })

  it('knows zones that are not on the hour', () => {
    expect(offsetAt(at('2026-06-14T00:00:00Z'), 'Asia/Kathmandu')).toBe(5.75 * 3_600_000)
    expect(next('2026-06-14T00:00:00Z', 6, 0, 'Asia/Kathmandu')).toBe('2026-06-14T00:15:00.000Z')
  })

  it('agrees with what clocks show, on the days around a change', () => {
    for (let hours = 0; hours < 72; hours += 5) {
      const from = at('2026-03-28T00:10:00Z') + hours * 3_600_000
      const shown = timeOfDay(from + 5 * 3_600_000, BERLIN)
      const [due] = momentsOf(shown, from + 60_000, 30, BERLIN)
      expect(nextTime(from, { hour: Number(shown.slice(0, 2)), minute: Number(shown.slice(2)) }, BERLIN)).toBe(due)
    }
  })
})

it.each([
  ['a little later', '2026-12-01T06:00:00Z', 7, 0, 5, 5_000],
  ['a little earlier', '2026-12-01T06:00:10Z', 7, 0, 5, -5_000],
  ['across midnight', '2026-12-01T22:59:00Z', 0, 1, 0, 120_000],
  ['back across midnight', '2026-12-01T23:01:00Z', 23, 59, 0, -120_000],
  ['half a day', '2026-12-01T06:00:00Z', 19, 0, 0, 43_200_000],
])('a clock is set to another time by the shorter way: %s', (_, now, hour, minute, second, ms) => {
  expect(aheadOf(Date.parse(now), { hour, minute, second }, 'Europe/Berlin')).toBe(ms)
})
