/** A monitor over hours and days of simulated time, while the target's faults come and go. */
import { describe, expect, test } from 'vitest'
import { freshState, monitorStateSchema } from '../../src/result/monitor.js'
import { eventsOf, MINUTE, watch, type Weather } from './monitored.js'

const WELL: Weather = {}
const DEAF: Weather = { faults: ['relay-one-way'] }
const OUT: Weather = { out: true }
const HOUR = 60

/** Bad in these rounds. */
const badIn =
  (...rounds: number[]) =>
  (round: number): Weather =>
    rounds.includes(round) ? DEAF : WELL

describe('a target that is well', () => {
  test('is looked at about as often as was asked for, and nobody hears of it', async () => {
    const found = await watch({ minutes: 24 * HOUR, weather: () => WELL })
    expect(found.told).toEqual([])
    expect(found.lines).toEqual([])
    expect(found.rounds.length).toBeGreaterThan(270)
    expect(found.rounds.length).toBeLessThan(310)
    const gaps = found.rounds.slice(1).map((at, index) => at - (found.rounds[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4.5)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5.5)
    expect(new Set(gaps.map((gap) => gap.toFixed(2))).size).toBeGreaterThan(50)
  })
})

describe('something that turns', () => {
  test('is told once it was seen again at once, and once more when it is well', async () => {
    const found = await watch({
      minutes: 4 * HOUR,
      weather: (_, minute) => (minute > 60 && minute < 120 ? DEAF : WELL),
    })
    expect(eventsOf(found)).toEqual([
      expect.stringMatching(/^6\d problem no-audio$/),
      expect.stringMatching(/^12\d well no-audio$/),
    ])
    const [problem, well] = found.told
    expect(problem?.alert).toMatchObject({ rule: 'BH-4', gravity: 'outage', open: 1, target: 'embedded' })
    expect(problem?.alert.actual).toMatch(/0 packets reached the caller/)
    expect(problem?.alert.report).toMatch(/^rounds\/\d+$/)
    expect(well?.alert).toMatchObject({ open: 0, since: problem?.alert.since })
    expect(well?.alert.headline).toMatch(/^Well again: No audio/)
  })

  test('and is gone at the second look is nobody’s business', async () => {
    const found = await watch({ minutes: 3 * HOUR, weather: badIn(3, 9, 15, 21) })
    expect(eventsOf(found)).toEqual([])
    // Each was looked at again at once.
    expect(found.state.counters.looks).toBe(4)
  })

  test('is there at the first look already: told as well', async () => {
    const found = await watch({ minutes: 30, weather: () => DEAF })
    expect(eventsOf(found)).toEqual(['1 problem no-audio'])
  })

  test('is one alert however long it lasts', async () => {
    const found = await watch({ minutes: 48 * HOUR, weather: () => DEAF })
    expect(found.told).toHaveLength(1)
  })

  test('beside what is wrong already is an alert of its own', async () => {
    const found = await watch({
      minutes: 2 * HOUR,
      weather: (_, minute) => ({ faults: minute < 60 ? ['relay-one-way'] : ['relay-one-way', 'refresh-adds-binding'] }),
    })
    expect(eventsOf(found)).toEqual(['1 problem no-audio', expect.stringMatching(/^6\d problem binding-doubled$/)])
    expect(found.told[1]?.alert.open).toBe(2)
  })
})

describe('what flaps', () => {
  test('from round to round is one alert', async () => {
    let round = 0
    const found = await watch({ minutes: 24 * HOUR, weather: () => (round++ % 4 < 2 ? DEAF : WELL) })
    expect(eventsOf(found).length).toBeLessThanOrEqual(3)
  })

  test('from hour to hour rings ever more seldom, and is told to be well at last', async () => {
    const bad = (minute: number) => minute < 18 * HOUR && Math.floor(minute / 40) % 2 === 0
    const found = await watch({ minutes: 48 * HOUR, weather: (_, minute) => (bad(minute) ? DEAF : WELL) })
    const events = eventsOf(found)
    // 14 times bad: told as long as half an hour of being well is believed.
    expect(events.length).toBeLessThanOrEqual(8)
    expect(events.at(-1)).toMatch(/well no-audio$/)
  })
})

describe('a target out of reach', () => {
  test('is one alert, and what was open before stays open', async () => {
    const found = await watch({
      minutes: 6 * HOUR,
      weather: (_, minute) => (minute < 60 ? DEAF : minute < 180 ? OUT : minute < 240 ? DEAF : WELL),
    })
    expect(eventsOf(found)).toEqual([
      '1 problem no-audio',
      expect.stringMatching(/^6\d problem not-reachable$/),
      expect.stringMatching(/^18\d well not-reachable$/),
      expect.stringMatching(/^24\d well no-audio$/),
    ])
  })
})

describe('trouble of this machine', () => {
  const trouble = 'this machine has no way to the target: no route'

  test('is no alert about the target, is told once after a while, and again when it is over', async () => {
    const found = await watch({
      minutes: 4 * HOUR,
      weather: (_, minute) => (minute > 60 && minute < 120 ? { trouble } : WELL),
    })
    expect(eventsOf(found)).toEqual([expect.stringMatching(/^7\d blind$/), expect.stringMatching(/^12\d sees$/)])
    expect(found.told[0]?.alert.headline).toContain(trouble)
    expect(found.lines.filter((line) => line.includes(trouble))).toHaveLength(2)
  })

  test('for a round or two is told on the terminal alone', async () => {
    const found = await watch({ minutes: HOUR, weather: (round) => (round === 3 || round === 4 ? { trouble } : WELL) })
    expect(found.told).toEqual([])
    expect(found.lines).toEqual([expect.stringContaining(trouble), 'The target can be watched again.'])
  })

  test('neither ends nor begins a problem', async () => {
    const found = await watch({
      minutes: 2 * HOUR,
      weather: (round) => (round < 3 ? DEAF : round < 5 ? { trouble } : DEAF),
    })
    expect(eventsOf(found)).toEqual(['1 problem no-audio'])
  })

  test('a machine that slept in a round blames nobody for it, and looks again', async () => {
    const found = await watch({
      minutes: HOUR,
      weather: (round) => (round === 2 ? { ...DEAF, sleeps: 8 * 3_600_000 } : WELL),
    })
    expect(found.told).toEqual([])
    expect(found.state.problems).toEqual([])
    expect(found.state.counters).toMatchObject({ blind: 1, looks: 1 })
  })

  test('nor does a date that is set back', async () => {
    const found = await watch({
      minutes: 2 * HOUR,
      weather: (round) => (round === 2 ? { ...WELL, sleeps: -86_400_000 } : WELL),
    })
    expect(found.told).toEqual([])
    expect(found.rounds.length).toBeGreaterThan(20)
  })
})

describe('rounds', () => {
  test('that take longer than the interval are told, do not overlap, and leave the target a pause', async () => {
    const found = await watch({ minutes: HOUR, weather: () => ({ minutes: 7 }) })
    expect(found.state.counters.overruns).toBe(found.state.counters.decided)
    expect(found.lines[0]).toMatch(/took 420 s, longer than the interval of 300 s/)
    const gaps = found.rounds.slice(1).map((at, index) => at - (found.rounds[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(7.5)
  })

  test('that are broken off say nothing', async () => {
    const found = await watch({ minutes: HOUR, weather: () => ({ ...DEAF, interrupted: true }) })
    expect(found.told).toEqual([])
    expect(found.state.problems).toEqual([])
  })
})

describe('a monitor that is started again', () => {
  test('tells nothing a second time, and still tells that it is well', async () => {
    const before = await watch({ minutes: 30, weather: () => DEAF })
    const after = await watch({ minutes: 30, weather: () => DEAF, state: before.state })
    expect(eventsOf(after)).toEqual([])
    const later = await watch({ minutes: 30, weather: () => WELL, state: after.state })
    expect(eventsOf(later).map((one) => one.replace(/^\d+ /, ''))).toEqual(['well no-audio'])
  })

  test('between first and second look goes on where it was', async () => {
    const before = await watch({ minutes: 0.5, weather: () => DEAF })
    expect(before.state.problems).toMatchObject([{ state: 'suspected' }])
    const after = await watch({ minutes: 10, weather: () => DEAF, state: before.state })
    expect(after.told).toHaveLength(1)
  })

  test('looks at the target no sooner than it would have', async () => {
    const before = await watch({ minutes: 7, weather: () => WELL })
    const after = await watch({
      minutes: 10,
      weather: () => WELL,
      state: {
        ...before.state,
        last: { ...before.state.last!, endedAt: new Date(946_684_800_000 - MINUTE).toISOString() },
      },
    })
    expect(after.rounds[0]).toBeCloseTo(4, 1)
  })

  test('and whose date is in the past begins at once', async () => {
    const before = await watch({ minutes: 7, weather: () => WELL })
    const after = await watch({
      minutes: 10,
      weather: () => WELL,
      state: { ...before.state, last: { ...before.state.last!, endedAt: '2031-01-01T00:00:00.000Z' } },
    })
    expect(after.rounds[0]).toBe(0)
  })
})

describe('delivery', () => {
  const refused = { outcome: 'later', why: 'it answered 503' } as const
  const told = { outcome: 'delivered' } as const

  test('is tried again after half a minute, with the same id, whatever the interval', async () => {
    const later = await watch({
      minutes: 3 * HOUR,
      everyMs: HOUR * MINUTE,
      weather: () => DEAF,
      delivers: (number) => (number < 3 ? refused : told),
    })
    expect(later.told).toHaveLength(1)
    // The first look, the second one half a minute later, and 0.5 + 1 + 2 minutes.
    expect(later.told[0]?.minute).toBeGreaterThan(4)
    expect(later.told[0]?.minute).toBeLessThan(6)
    expect(later.lines.filter((line) => line.includes('it answered 503'))).toEqual(
      [30, 60, 120].map((s) => `The command has not taken an alert: it answered 503. It is sent again in ${s} s.`),
    )
    expect(later.state).toMatchObject({ pending: [], counters: { alertsSent: 1, alertsFailed: 0 } })
    // The next round comes when it would have come.
    expect(later.rounds[2]).toBeGreaterThan(54)
    expect(later.rounds[2]).toBeLessThan(67)
  })

  test('is given up at last, and told where it can be', async () => {
    const never = await watch({
      minutes: HOUR,
      weather: () => DEAF,
      delivers: () => ({ outcome: 'failed', why: 'it answered 404' }),
    })
    expect(never.state).toMatchObject({ pending: [], counters: { alertsSent: 0, alertsFailed: 1 } })
    expect(never.lines.at(-1)).toMatch(/^An alert for the command was given up: it answered 404. It said: No audio/)
  })

  test('keeps the order: nobody hears that it is well before what was wrong', async () => {
    const found = await watch({
      minutes: 2 * HOUR,
      weather: (_, minute) => (minute > 20 && minute < 40 ? DEAF : WELL),
      delivers: (number) => (number < 6 ? refused : told),
    })
    // 15.5 minutes later both at once, after six tries with the first alone.
    expect(eventsOf(found).map((one) => one.replace(/^\d+ /, ''))).toEqual(['problem no-audio', 'well no-audio'])
    expect(found.lines.filter((line) => line.includes('not taken'))).toHaveLength(6)
    expect(found.state.counters).toMatchObject({ alertsSent: 2, alertsFailed: 0 })
  })

  test('goes on after a restart', async () => {
    const before = await watch({ minutes: 10, weather: () => DEAF, delivers: () => ({ outcome: 'later' }) })
    expect(before.state.pending).toHaveLength(1)
    const last = { ...before.state.last!, endedAt: new Date(946_684_800_000 - MINUTE).toISOString() }
    const after = await watch({ minutes: 10, weather: () => DEAF, state: { ...before.state, last } })
    expect(after.told.map(({ alert }) => alert.id)).toEqual([before.state.pending[0]?.alert.id])
    // At once, and not after the next round.
    expect(after.told[0]?.minute).toBe(0)
  })
})

test('the state is bounded, and what is written can be read', async () => {
  const { state } = await watch({ minutes: 24 * HOUR, weather: badIn() })
  expect(monitorStateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
  expect(JSON.stringify(state).length).toBeLessThan(5_000)
  expect(monitorStateSchema.safeParse(freshState('x')).success).toBe(true)
})
