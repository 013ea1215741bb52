import { precondition, promised, scenario, speechAt, timeOfDay, whereReached } from 'ringproof'

const MINUTE_MS = 60_000
const SECOND_CALL_MS = 5 * MINUTE_MS
/** A wake-up call is on time within so many milliseconds. */
const PUNCTUAL_MS = 30_000

const needs = ['codes:wakeUp', 'codes:wakeUpCancel'] as const

export default [
  scenario({
    id: 'services/wake-up-codes',
    title: 'Ordering, listing and cancelling a wake-up call are each confirmed',
    area: 'services',
    purposes: ['SC-15', 'SC-16', 'SC-17'],
    provider: ['SC-15', 'SC-16', 'SC-17'],
    rules: {
      answered: promised('SC-15', 'the codes for wake-up calls are accepted', {
        gravity: 'harm',
        cause: 'service-not-reachable',
        harm: 'Customers cannot order, list or cancel wake-up calls: the code is rejected.',
      }),
      ordered: whereReached(
        promised('SC-15', 'the order of a wake-up call is confirmed by an announcement', {
          gravity: 'harm',
          cause: 'announcement-silent',
          follows: ['announcement-not-spoken'],
          harm: 'Customers do not hear whether their wake-up call was ordered.',
        }),
      ),
      asked: whereReached(
        promised('SC-17', 'the active wake-up calls are announced', {
          gravity: 'harm',
          cause: 'announcement-silent',
          follows: ['announcement-not-spoken'],
          harm: 'Customers do not hear which wake-up calls are active.',
        }),
      ),
      cancelled: whereReached(
        promised('SC-16', 'the cancellation of a wake-up call is confirmed by an announcement', {
          gravity: 'harm',
          cause: 'announcement-silent',
          follows: ['announcement-not-spoken'],
          harm: 'Customers do not hear whether their wake-up call was cancelled.',
        }),
      ),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs, 'codes:wakeUpQuery'],
    seconds: 34,
    harm: 'Wake-up calls cannot be ordered, listed and cancelled.',
    advice: 'Look at the final responses in the ladder: # arrives as %23 and must be decoded.',
    async run({ alice, services, expect, clock }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '', wakeUpQuery = '' } = services.codes
      const later = timeOfDay(clock.unixMs() + 6 * 60 * MINUTE_MS, services.timezone ?? 'UTC')
      const order = wakeUp.replace('HHMM', later)
      const cancel = wakeUpCancel.replace('HHMM', later)
      const hears = async (code: string, undo: string | false) => {
        const since = clock.now()
        const call = await alice.switches(code, undo)
        return { status: call.final?.status, sound: speechAt(alice, since) }
      }
      for (const [rule, code, undo] of [
        ['ordered', order, cancel],
        ['asked', wakeUpQuery, false],
        ['cancelled', cancel, order],
      ] as const) {
        const { status, sound } = await hears(code, undo)
        const seen = alice.hears(undefined, { to: 'INVITE' }).last
        const accepted = status !== undefined && status < 300
        if (expect('answered', status ?? 'no answer', { seen }).toSatisfy('a 2xx', () => accepted))
          expect(rule, sound, { seen }).toBeSpeech()
      }
    },
  }),
  scenario({
    id: 'services/wake-up-calls',
    title: 'Both wake-up calls come, on time',
    area: 'services',
    purposes: ['WAKE'],
    provider: ['SC-15'],
    rules: {
      first: promised('SC-15', 'the first wake-up call comes at the time that was ordered', {
        gravity: 'harm',
        harm: 'Customers oversleep: the wake-up call {came|does not come}.',
      }),
      second: promised('SC-15', 'the second wake-up call comes five minutes after the first', {
        gravity: 'harm',
        harm: 'Customers who fall asleep again are not woken a second time.',
      }),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs],
    seconds: 520,
    harm: 'Wake-up calls do not come as ordered.',
    advice: 'Compare the time of the call with the clock and the time zone of the wake-up server.',
    async run({ alice, services, expect, clock, waits, figure }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '' } = services.codes
      const due = Math.ceil((clock.unixMs() + 25_000) / MINUTE_MS) * MINUTE_MS
      const time = timeOfDay(due, services.timezone ?? 'UTC')
      const order = await alice.switches(wakeUp.replace('HHMM', time), wakeUpCancel.replace('HHMM', time))
      precondition(order.final, 'the order got no answer', 'no-answer')
      precondition(order.final.status < 300, `the order was rejected with ${order.final.status}`, 'call-refused')
      const at = clock.now() + (due - clock.unixMs())
      const calls = alice.hears('INVITE', { where: ({ message }) => message.kind === 'request' && !message.to.tag })
      await waits(Math.max(0, at + 2 * MINUTE_MS - clock.now()))
      const first = calls.first
      const late = first ? (first.at - at) / 1000 : undefined
      if (late !== undefined) figure('came', `comes ${Math.abs(Math.round(late))} s too ${late < 0 ? 'early' : 'late'}`)
      expect('first', late === undefined ? 'no call' : `${late.toFixed(1)} s after it`, { seen: first }).toSatisfy(
        `within ${PUNCTUAL_MS / 1000} s of the time that was ordered`,
        () => late !== undefined && Math.abs(late) * 1000 <= PUNCTUAL_MS,
      )
      precondition(first, 'the first call did not come')
      await waits(Math.max(0, first.at + SECOND_CALL_MS - MINUTE_MS - clock.now()))
      await alice.registers()
      await waits(2 * MINUTE_MS)
      const second = calls.all.find((seen) => seen.at > first.at + MINUTE_MS)
      const after = second ? second.at - first.at : undefined
      expect('second', after === undefined ? 'no call' : `${(after / 1000).toFixed(1)} s after it`, {
        seen: second,
      }).toSatisfy(
        `${SECOND_CALL_MS / 1000} s after the first, within ${PUNCTUAL_MS / 1000} s`,
        () => after !== undefined && Math.abs(after - SECOND_CALL_MS) <= PUNCTUAL_MS,
      )
    },
  }),
  scenario({
    id: 'services/wake-up-cancelled',
    title: 'A wake-up call that was cancelled does not come',
    area: 'services',
    purposes: ['SC-16'],
    provider: ['SC-16'],
    rules: {
      silent: promised(
        'SC-16',
        'the telephone does not ring at the times of a cancelled wake-up call: neither of its two calls comes',
        {
          gravity: 'harm',
        },
      ),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs],
    seconds: 520,
    harm: 'Customers are woken although they cancelled the wake-up call.',
    advice: 'Look whether the cancellation was accepted, and whether it names the same time as the order.',
    async run({ alice, services, expect, clock, waits }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '' } = services.codes
      const due = Math.ceil((clock.unixMs() + 45_000) / MINUTE_MS) * MINUTE_MS
      const time = timeOfDay(due, services.timezone ?? 'UTC')
      const order = await alice.switches(wakeUp.replace('HHMM', time), wakeUpCancel.replace('HHMM', time))
      precondition(order.final, 'the order got no answer', 'no-answer')
      precondition(order.final.status < 300, `the order was rejected with ${order.final.status}`, 'call-refused')
      const cancel = await alice.switches(wakeUpCancel.replace('HHMM', time), wakeUp.replace('HHMM', time))
      precondition(cancel.final, 'the cancellation got no answer', 'no-answer')
      precondition(
        cancel.final.status < 300,
        `the cancellation was rejected with ${cancel.final.status}`,
        'call-refused',
      )
      await waits(due - clock.unixMs() + SECOND_CALL_MS - MINUTE_MS)
      // The second call comes five minutes after the first, and is cancelled with it.
      await alice.registers()
      await waits(MINUTE_MS + PUNCTUAL_MS)
      const rung = alice.hears('INVITE')
      expect('silent', rung.count, { seen: rung.first }).toBe(0, 'wake-up call')
    },
  }),
]
