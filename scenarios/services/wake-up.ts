import { precondition, promised, scenario, soundAt } from 'ringproof'

/** HHMM of a moment (Unix ms) on the clocks of the target's customers. */
function timeOfDay(unixMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return parts.format(unixMs).replace(':', '')
}

const MINUTE_MS = 60_000
const SECOND_CALL_MS = 5 * MINUTE_MS
/** A wake-up call is on time within so many milliseconds. */
const PUNCTUAL_MS = 30_000

const needs = ['codes:wakeUp', 'codes:wakeUpCancel'] as const
const harm = 'Customers oversleep, or are woken on a day when they wanted to sleep.'

export default [
  scenario({
    id: 'services/wake-up-codes',
    title: 'Ordering, asking for and cancelling a wake-up call are each answered',
    area: 'services',
    purposes: ['SC-15', 'SC-16', 'SC-17'],
    provider: ['SC-15', 'SC-16', 'SC-17'],
    rules: {
      ordered: promised('SC-15', 'the order of a wake-up call is confirmed by an announcement', {
        gravity: 'harm',
        harm: 'Customers do not hear whether their wake-up call was ordered.',
      }),
      asked: promised('SC-17', 'the active wake-up calls are announced', {
        gravity: 'harm',
        harm: 'Customers do not hear which wake-up calls are active.',
      }),
      cancelled: promised('SC-16', 'the cancellation of a wake-up call is confirmed by an announcement', {
        gravity: 'harm',
        harm: 'Customers do not hear whether their wake-up call was cancelled.',
      }),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs, 'codes:wakeUpQuery'],
    seconds: 34,
    harm,
    advice: 'Look at the final answers in the ladder: # must be understood as %23.',
    async run({ alice, services, expect, clock }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '', wakeUpQuery = '' } = services.codes
      const later = timeOfDay(clock.unixMs() + 6 * 60 * MINUTE_MS, services.timezone ?? 'UTC')
      const order = wakeUp.replace('HHMM', later)
      const cancel = wakeUpCancel.replace('HHMM', later)
      const hears = async (code: string, undo: string | false) => {
        const since = clock.now()
        const call = await alice.switches(code, undo)
        const answered = call.final !== undefined && call.final.status < 300
        return answered && soundAt(alice, since).sounding > 0
          ? 'an announcement'
          : `${call.final?.status ?? 'no answer'}, ${soundAt(alice, since).sounding} packets of sound`
      }
      const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
      expect('ordered', await hears(order, cancel), { seen: seen() }).toBe('an announcement')
      expect('asked', await hears(wakeUpQuery, false), { seen: seen() }).toBe('an announcement')
      expect('cancelled', await hears(cancel, order), { seen: seen() }).toBe('an announcement')
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
        harm: 'Customers oversleep: their wake-up call does not come, or not on time.',
      }),
      second: promised('SC-15', 'the second wake-up call comes five minutes after the first', {
        gravity: 'harm',
        harm: 'Customers who fall asleep again are not woken a second time.',
      }),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs],
    seconds: 520,
    harm,
    advice: 'Compare the moment of the call with the clock of the wake-up server, and its time zone.',
    async run({ alice, services, expect, clock, waits }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '' } = services.codes
      const due = Math.ceil((clock.unixMs() + 25_000) / MINUTE_MS) * MINUTE_MS
      const time = timeOfDay(due, services.timezone ?? 'UTC')
      const order = await alice.switches(wakeUp.replace('HHMM', time), wakeUpCancel.replace('HHMM', time))
      precondition(order.final && order.final.status < 300, 'the order was not answered')
      const at = clock.now() + (due - clock.unixMs())
      const calls = alice.hears('INVITE', { where: ({ message }) => message.kind === 'request' && !message.to.tag })
      await waits(Math.max(0, at + 2 * MINUTE_MS - clock.now()))
      const first = calls.first
      expect('first', first && (first.at - at) / 1000, { seen: first }).toSatisfy(
        `within ${PUNCTUAL_MS / 1000} s of the time that was ordered`,
        (late) => late !== undefined && Math.abs(late) * 1000 <= PUNCTUAL_MS,
      )
      precondition(first, 'the first call did not come')
      await waits(Math.max(0, first.at + SECOND_CALL_MS - MINUTE_MS - clock.now()))
      await alice.registers()
      await waits(2 * MINUTE_MS)
      const second = calls.all.find((seen) => seen.at > first.at + MINUTE_MS)
      expect('second', second && (second.at - first.at) / 1000, { seen: second }).toSatisfy(
        '300 s after the first, within 30 s',
        (after) => after !== undefined && Math.abs(after * 1000 - SECOND_CALL_MS) <= PUNCTUAL_MS,
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
      silent: promised('SC-16', 'the telephone does not ring at the time of a cancelled wake-up call', {
        gravity: 'harm',
        harm: 'Customers are woken on a day when they wanted to sleep.',
      }),
    },
    devices: { alice: { role: 'wake-up' } },
    needs: [...needs],
    seconds: 200,
    harm,
    advice: 'Look at whether the cancellation was answered, and whether it names the same time as the order.',
    async run({ alice, services, expect, clock, waits }) {
      await alice.registers()
      const { wakeUp = '', wakeUpCancel = '' } = services.codes
      const due = Math.ceil((clock.unixMs() + 45_000) / MINUTE_MS) * MINUTE_MS
      const time = timeOfDay(due, services.timezone ?? 'UTC')
      const order = await alice.switches(wakeUp.replace('HHMM', time), wakeUpCancel.replace('HHMM', time))
      precondition(order.final && order.final.status < 300, 'the order was not answered')
      const cancel = await alice.switches(wakeUpCancel.replace('HHMM', time), wakeUp.replace('HHMM', time))
      precondition(cancel.final && cancel.final.status < 300, 'the cancellation was not answered')
      await waits(due - clock.unixMs() + PUNCTUAL_MS)
      const rung = alice.hears('INVITE')
      expect('silent', rung.count, { seen: rung.first }).toBe(0)
    },
  }),
]
