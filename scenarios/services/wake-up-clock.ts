import {
  clockOf,
  type Device,
  finding,
  momentsOf,
  precondition,
  promised,
  type Rule,
  scenario,
  type SipSighting,
  type StageTools,
  timeOfDay,
  whereReached,
} from 'ringproof'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const SECOND_CALL_MS = 5 * MINUTE_MS
/** A wake-up call is on time within so many milliseconds. */
const PUNCTUAL_MS = 30_000

const needs = ['codes:wakeUp', 'codes:wakeUpCancel'] as const
const devices = { alice: { role: 'wake-up' } } as const
type Tools = Pick<StageTools<Readonly<Record<string, Rule>>>, 'services' | 'clock' | 'waits'> & {
  readonly alice: Device
}

/** Orders a wake-up call at HHMM; cancelled at the end of the story, unless the story does so. */
async function orders({ alice, services }: Tools, time: string): Promise<void> {
  const { wakeUp = '', wakeUpCancel = '' } = services.codes
  const order = await alice.switches(wakeUp.replace('HHMM', time), wakeUpCancel.replace('HHMM', time))
  precondition(order.final, 'the order got no answer', 'no-answer')
  precondition(order.final.status < 300, `the order was rejected with ${order.final.status}`, 'call-refused')
}

/** Calls that began at this telephone, as Unix ms with what was seen. */
function rung({ alice, clock }: Tools): { at: number; seen: SipSighting }[] {
  const calls = alice.hears('INVITE', { where: ({ message }) => message.kind === 'request' && !message.to.tag }).all
  return calls.map((seen) => ({ at: clock.unixMs() - (clock.now() - seen.at), seen }))
}

/** Registered so long before a call is due: a minute, the least that is granted, covers it. */
const BEFORE_MS = 25_000

/** Waits until these moments (Unix ms), one after another, and registers shortly before each: not all day long. */
async function waitsFor({ alice, clock, waits }: Tools, ...moments: number[]): Promise<void> {
  alice.stopsRefreshing()
  for (const moment of moments) {
    await waits(Math.max(0, moment - BEFORE_MS - clock.unixMs()))
    await alice.registers()
    await waits(Math.max(0, moment + PUNCTUAL_MS - clock.unixMs()))
  }
}

const near = (calls: readonly { at: number }[], dueMs: number, withinMs = PUNCTUAL_MS) =>
  calls.find(({ at }) => Math.abs(at - dueMs) <= withinMs)

/** `62 min late`, of the call that is nearest to when it was due. */
function offBy(calls: readonly { at: number }[], dueMs: number): string {
  const [nearest] = calls.toSorted((a, b) => Math.abs(a.at - dueMs) - Math.abs(b.at - dueMs))
  if (nearest === undefined) return 'no call'
  const minutes = Math.round((nearest.at - dueMs) / MINUTE_MS)
  return minutes === 0 ? 'on time' : `${Math.abs(minutes)} min too ${minutes < 0 ? 'early' : 'late'}`
}

/** Moments of the next day at which the clocks of the zone are put forward or back, Unix ms. */
function changesOf(fromMs: number, timeZone: string): number[] {
  const shows = clockOf(timeZone)
  const minuteOfDay = (at: number) => Number(shows(at).slice(0, 2)) * 60 + Number(shows(at).slice(2))
  const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS
  const minutes = Array.from({ length: 24 * 60 }, (_, nth) => first + nth * MINUTE_MS)
  return minutes.filter((at) => (minuteOfDay(at) - minuteOfDay(at - MINUTE_MS) + 24 * 60) % (24 * 60) !== 1)
}

const CHANGES = [
  { id: 'summer-time', begins: '2026-03-28T22:00:00Z', what: 'put forward', oddly: 'skip' },
  { id: 'winter-time', begins: '2026-10-24T22:00:00Z', what: 'put back', oddly: 'show twice' },
] as const

export default [
  ...CHANGES.map(({ id, begins, what, oddly }) =>
    scenario({
      id: `services/wake-up-${id}`,
      title: `A wake-up call that is ordered before the clocks are ${what} comes at the time that they show then`,
      area: 'services',
      purposes: ['WAKE-CLOCK'],
      provider: ['SC-15'],
      rules: {
        punctual: promised('SC-15', `a wake-up call comes on time on the morning after the clocks were ${what}`, {
          gravity: 'harm',
          follows: ['services/wake-up-calls'],
          cause: 'wake-up-wrong-time',
          harm: 'Customers are woken at a wrong time when summer time begins or ends: the wake-up call is {off|wrong}.',
        }),
        odd: finding(
          'SC-15',
          `a wake-up call at a time that the clocks ${oddly} comes in that night, within the hour`,
          {
            gravity: 'harm',
            follows: ['services/wake-up-calls'],
            cause: 'wake-up-wrong-time',
            harm: 'A wake-up call in the hour in which the clocks change does not come.',
          },
        ),
      },
      devices,
      needs: [...needs],
      seconds: 12 * 3600,
      begins,
      harm: 'Wake-up calls come at a wrong time when summer time begins or ends.',
      advice:
        "Compute the moment of a call from the date and the time zone's rules for that date, not from the offset at the time of the order.",
      async run({ expect, figure, note, ...tools }) {
        const { alice, services, clock } = tools
        const zone = services.timezone ?? 'UTC'
        const from = clock.unixMs()
        const [change] = changesOf(from, zone)
        precondition(change !== undefined, `the clocks of ${zone} do not change within a day`, 'not-applicable')
        precondition(
          change - from > 30 * MINUTE_MS,
          'the clocks change too soon to order anything before',
          'not-applicable',
        )
        await alice.registers()
        // Half an hour before the clocks change, on the clock that then is put forward or back: skipped, or shown twice.
        const before = change - (oddly === 'skip' ? -30 : 30) * MINUTE_MS
        const odd = oddly === 'skip' ? anHourLater(timeOfDay(change - 30 * MINUTE_MS, zone)) : timeOfDay(before, zone)
        const usual = timeOfDay(change + 4 * HOUR_MS, zone)
        const [due = 0] = momentsOf(usual, change, 12, zone)
        await orders(tools, odd)
        await orders(tools, usual)
        await waitsFor(tools, before - HOUR_MS, before, before + HOUR_MS, due - HOUR_MS, due, due + HOUR_MS)
        const calls = rung(tools)
        const night = calls.filter(({ at }) => at < change + 2 * HOUR_MS)
        note(`calls in the night: ${night.map(({ at }) => timeOfDay(at, zone)).join(', ') || 'none'}`)
        expect('odd', night.length === 0 ? 'no call' : offBy(night, before), { seen: night[0]?.seen }).toSatisfy(
          'a call within the hour',
          () => near(night, before, HOUR_MS + PUNCTUAL_MS) !== undefined,
        )
        const morning = calls.filter(({ at }) => at >= change + 2 * HOUR_MS)
        if (near(morning, due) === undefined) figure('off', offBy(morning, due))
        expect('punctual', offBy(morning, due), { seen: morning[0]?.seen }).toSatisfy(
          `within ${PUNCTUAL_MS / 1000} s of ${usual}`,
          () => near(morning, due) !== undefined,
        )
      },
    }),
  ),
  scenario({
    id: 'services/wake-up-midnight',
    title: 'Wake-up calls come across midnight: the second one of an order, and an order for after it',
    area: 'services',
    purposes: ['WAKE-CLOCK'],
    provider: ['SC-15'],
    rules: {
      second: promised('SC-15', 'the second wake-up call comes after midnight where the first came before', {
        gravity: 'harm',
        follows: ['services/wake-up-calls'],
        cause: 'wake-up-wrong-time',
        harm: 'Wake-up calls around midnight are lost.',
      }),
      tomorrow: promised('SC-15', 'a wake-up call that is ordered in the evening for after midnight comes', {
        gravity: 'harm',
        follows: ['services/wake-up-calls'],
        cause: 'wake-up-wrong-time',
        harm: 'Customers who order a wake-up call in the evening are not woken the next morning.',
      }),
    },
    devices,
    needs: [...needs],
    seconds: 30 * 60,
    begins: '2026-06-14T21:50:00Z',
    harm: 'Wake-up calls are lost at midnight.',
    advice:
      'A time that is past today is one of tomorrow; the second call is five minutes after the first, whatever the date.',
    async run({ expect, ...tools }) {
      const { alice, services, clock } = tools
      const zone = services.timezone ?? 'UTC'
      const [midnight = 0] = momentsOf('0000', clock.unixMs(), 25, zone)
      const left = midnight - clock.unixMs()
      precondition(
        left > 4 * MINUTE_MS && left < 15 * MINUTE_MS,
        `it can be told in the last quarter of an hour before midnight in ${zone} only`,
        'not-applicable',
      )
      await alice.registers()
      await orders(tools, '2357')
      await orders(tools, '0008')
      await waitsFor(tools, midnight - 3 * MINUTE_MS, midnight + 2 * MINUTE_MS, midnight + 8 * MINUTE_MS)
      const calls = rung(tools)
      precondition(near(calls, midnight - 3 * MINUTE_MS), 'the call before midnight does not come on time either')
      for (const [rule, due] of [
        ['second', midnight - 3 * MINUTE_MS + SECOND_CALL_MS],
        ['tomorrow', midnight + 8 * MINUTE_MS],
      ] as const) {
        const around = calls.filter(({ at }) => Math.abs(at - due) < 2 * MINUTE_MS)
        expect(rule, offBy(around, due), { seen: around[0]?.seen }).toBe('on time')
      }
    },
  }),
  scenario({
    id: 'services/wake-up-two-orders',
    title: 'Two wake-up calls are ordered: both come, and where one is cancelled the other comes',
    area: 'services',
    purposes: ['WAKE-CLOCK'],
    provider: ['SC-15', 'SC-16'],
    rules: {
      both: promised('SC-15', 'of two orders of wake-up calls both are carried out', {
        gravity: 'harm',
        follows: ['services/wake-up-calls'],
        harm: 'Whoever orders two wake-up calls is woken once.',
      }),
      other: whereReached(
        promised('SC-16', 'where one of two wake-up calls is cancelled, the other one comes', {
          gravity: 'harm',
          follows: ['services/wake-up-calls'],
          harm: 'Whoever cancels one wake-up call loses the others.',
        }),
      ),
    },
    devices,
    needs: [...needs],
    seconds: 15 * 60,
    harm: 'Of several wake-up calls not all come.',
    advice:
      'Keep an order for each account and time; look whether the second order, or a cancellation, replaces the first.',
    async run({ expect, ...tools }) {
      const { alice, services, clock } = tools
      const { wakeUpCancel = '' } = services.codes
      const zone = services.timezone ?? 'UTC'
      await alice.registers()
      const first = Math.ceil((clock.unixMs() + 60_000) / MINUTE_MS) * MINUTE_MS
      const [second, third] = [first + 2 * MINUTE_MS, first + 4 * MINUTE_MS]
      // The one that is cancelled is neither the first order nor the last.
      for (const due of [first, third, second]) await orders(tools, timeOfDay(due, zone))
      const cancelled = timeOfDay(third, zone)
      const cancel = await alice.switches(wakeUpCancel.replace('HHMM', cancelled), false)
      await waitsFor(tools, first, second)
      const calls = rung(tools)
      precondition(calls.length > 0, 'no wake-up call came at all')
      const came = [first, second].filter((due) => near(calls, due) !== undefined)
      expect('both', came.map((due) => timeOfDay(due, zone)).join(', ') || 'none', { seen: calls[0]?.seen }).toBe(
        [first, second].map((due) => timeOfDay(due, zone)).join(', '),
      )
      if (cancel.final === undefined || cancel.final.status >= 300 || came.length < 2) return
      // The second call of the second order comes although the third order was cancelled.
      await waitsFor(tools, second + SECOND_CALL_MS)
      const later = rung(tools).filter(({ at }) => at > second + MINUTE_MS)
      expect('other', offBy(later, second + SECOND_CALL_MS), { seen: later[0]?.seen }).toSatisfy(
        'on time',
        () => near(later, second + SECOND_CALL_MS) !== undefined,
      )
    },
  }),
]

/** Of a time of day, HHMM. */
const anHourLater = (time: string): string =>
  `${String((Number(time.slice(0, 2)) + 1) % 24).padStart(2, '0')}${time.slice(2)}`
