import { describe, expect, it } from 'vitest'
import { inviteClient } from '../../../src/transaction/invite-client.js'
import { inviteServer } from '../../../src/transaction/invite-server.js'
import { type AnyTable, Machine } from '../../../src/transaction/machine.js'
import { nonInviteClient } from '../../../src/transaction/non-invite-client.js'
import { nonInviteServer } from '../../../src/transaction/non-invite-server.js'
import { timerTable } from '../../../src/transaction/timers.js'

const timers = timerTable()

/** One line of a story: the moment, the state before, the event, what is to be done, the state after, the timers left. */
type Line = [
  at: number,
  before: string,
  event: string,
  actions: string,
  after: string,
  running?: Record<string, number>,
]

function tell(table: AnyTable<string, string, string>, story: Line[]): void {
  const machine = new Machine<string, string, string>(table)
  for (const [at, before, event, actions, after, running] of story) {
    const where = `${event} at ${at}`
    expect(machine.state, `before ${where}`).toBe(before)
    // A timer is only an event when the machine says that it is due.
    if (/^([A-M]|trying|unanswered|cancelled)$/.test(event)) {
      expect(machine.takeDue(at - 0.5), `too early for ${where}`).toBeUndefined()
      expect(machine.takeDue(at), where).toBe(event)
    }
    expect(machine.on(event, at).join(' '), where).toBe(actions)
    expect(machine.state, `after ${where}`).toBe(after)
    if (running !== undefined) expect(machine.timers(), `timers after ${where}`).toEqual(running)
  }
}

describe('timer table', () => {
  it('derives everything from T1, T2 and T4', () => {
    expect(timerTable()).toEqual({
      T1: 500,
      T2: 4000,
      T4: 5000,
      A: 500,
      B: 32_000,
      C: 181_000,
      D: 32_000,
      E: 500,
      F: 32_000,
      G: 500,
      H: 32_000,
      I: 5000,
      J: 32_000,
      K: 5000,
      L: 32_000,
      M: 32_000,
      trying: 200,
      tryingNonInvite: 3500,
      unanswered: 37_000,
      cancelled: 32_000,
    })
    const slow = timerTable({ T1: 1000, D: 50_000 })
    expect([slow.A, slow.B, slow.D, slow.J, slow.tryingNonInvite]).toEqual([1000, 64_000, 50_000, 64_000, 3000])
  })

  it('keeps timer D at 32 s when T1 is small (RFC 3261 §17.1.1.2)', () => {
    expect(timerTable({ T1: 10 }).D).toBe(32_000)
    expect(timerTable({ T1: 10 }).B).toBe(640)
  })

  it('has no first interval above T2', () => {
    const { A, E, G, tryingNonInvite } = timerTable({ T1: 5000 })
    expect([A, E, G, tryingNonInvite]).toEqual([5000, 4000, 4000, 0])
  })

  it.each(['T1', 'T2', 'T4'] as const)('refuses values of %s that make no sense', (name) => {
    for (const value of [0, -1, Number.NaN]) {
      const { T1, T2, T4 } = Object.assign({ T1: 500, T2: 4000, T4: 5000 }, { [name]: value })
      const why = `T1, T2 and T4 must be above 0: ${T1}, ${T2}, ${T4}`
      expect(() => timerTable({ [name]: value })).toThrow(new RangeError(why))
    }
    expect(timerTable({ [name]: 1 })[name]).toBe(1)
  })
})

describe('INVITE client, UDP', () => {
  const table = inviteClient(timers, false)

  it('repeats with doubling intervals without a cap and gives up after timer B', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling', { A: 500, B: 32_000 }],
      [500, 'calling', 'A', 'send-request', 'calling', { A: 1500, B: 32_000 }],
      [1500, 'calling', 'A', 'send-request', 'calling'],
      [3500, 'calling', 'A', 'send-request', 'calling'],
      [7500, 'calling', 'A', 'send-request', 'calling'],
      [15_500, 'calling', 'A', 'send-request', 'calling'],
      [31_500, 'calling', 'A', 'send-request', 'calling', { A: 63_500, B: 32_000 }],
      [32_000, 'calling', 'B', 'timeout-to-user destroy', 'terminated', {}],
    ])
  })

  it('disarms A and B with the first provisional and passes all of them on', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [200, 'calling', '1xx', 'response-to-user', 'proceeding', {}],
      [300, 'proceeding', '1xx', 'response-to-user', 'proceeding', {}],
      [400, 'proceeding', '2xx', 'response-to-user', 'accepted', { M: 32_400 }],
      [900, 'accepted', '2xx', 'response-to-user', 'accepted', { M: 32_400 }],
      [950, 'accepted', '1xx', '', 'accepted'],
      [950, 'accepted', '300-699', '', 'accepted'],
      [32_400, 'accepted', 'M', 'destroy', 'terminated', {}],
    ])
  })

  it('acknowledges a refusal each time and tells it once', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [100, 'calling', '300-699', 'send-ack response-to-user', 'completed', { D: 32_100 }],
      [600, 'completed', '300-699', 'send-ack', 'completed', { D: 32_100 }],
      [700, 'completed', '2xx', '', 'completed'],
      [32_100, 'completed', 'D', 'destroy', 'terminated', {}],
      [32_200, 'terminated', '300-699', '', 'terminated', {}],
    ])
  })

  it('tells a transport error wherever it has something to send', () => {
    tell(table, [[0, 'calling', 'error', 'error-to-user destroy', 'terminated', {}]])
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [0, 'calling', '300-699', 'send-ack response-to-user', 'completed'],
      [1, 'completed', 'error', 'error-to-user destroy', 'terminated', {}],
    ])
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [0, 'calling', '2xx', 'response-to-user', 'accepted'],
      [1, 'accepted', 'error', '', 'accepted', { M: 32_000 }],
    ])
  })

  it('gives a cancelled INVITE up 64*T1 after the CANCEL (§9.1)', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [10, 'calling', '1xx', 'response-to-user', 'proceeding'],
      [1000, 'proceeding', 'cancel', '', 'proceeding', { cancelled: 33_000 }],
      [2000, 'proceeding', '1xx', 'response-to-user', 'proceeding', { cancelled: 33_000 }],
      [33_000, 'proceeding', 'cancelled', 'timeout-to-user destroy', 'terminated', {}],
    ])
  })
})

describe('INVITE client, reliable transport', () => {
  const table = inviteClient(timers, true)

  it('never repeats, still gives up, and still sends the ACK', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling', { B: 32_000 }],
      [32_000, 'calling', 'B', 'timeout-to-user destroy', 'terminated'],
    ])
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [50, 'calling', '300-699', 'send-ack response-to-user', 'completed', { D: 50 }],
      [50, 'completed', 'D', 'destroy', 'terminated', {}],
    ])
  })

  it('keeps timers M long', () => {
    tell(table, [
      [0, 'calling', 'start', 'send-request', 'calling'],
      [50, 'calling', '2xx', 'response-to-user', 'accepted', { M: 32_050 }],
    ])
  })
})

describe('non-INVITE client', () => {
  it('doubles up to T2 and gives up after timer F', () => {
    tell(nonInviteClient(timers, false), [
      [0, 'trying', 'start', 'send-request', 'trying', { E: 500, F: 32_000 }],
      ...[500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
        (at): Line => [at, 'trying', 'E', 'send-request', 'trying'],
      ),
      [32_000, 'trying', 'F', 'timeout-to-user destroy', 'terminated', {}],
    ])
  })

  it('goes on every T2 after a provisional, with E and F kept', () => {
    tell(nonInviteClient(timers, false), [
      [0, 'trying', 'start', 'send-request', 'trying'],
      [100, 'trying', '1xx', 'response-to-user', 'proceeding', { E: 500, F: 32_000 }],
      [500, 'proceeding', 'E', 'send-request', 'proceeding', { E: 4500, F: 32_000 }],
      [600, 'proceeding', '1xx', 'response-to-user', 'proceeding', { E: 4500, F: 32_000 }],
      [4500, 'proceeding', 'E', 'send-request', 'proceeding', { E: 8500, F: 32_000 }],
      [5000, 'proceeding', '300-699', 'response-to-user', 'completed', { K: 10_000 }],
      [5001, 'completed', '300-699', '', 'completed', { K: 10_000 }],
      [5002, 'completed', '2xx', '', 'completed'],
      [10_000, 'completed', 'K', 'destroy', 'terminated', {}],
      [10_001, 'terminated', '2xx', '', 'terminated', {}],
    ])
  })

  it('tells a transport error until there is an answer (§17.1.4)', () => {
    const table = nonInviteClient(timers, false)
    const start: Line = [0, 'trying', 'start', 'send-request', 'trying']
    tell(table, [start, [1, 'trying', 'error', 'error-to-user destroy', 'terminated', {}]])
    tell(table, [
      start,
      [1, 'trying', '1xx', 'response-to-user', 'proceeding'],
      [2, 'proceeding', 'error', 'error-to-user destroy', 'terminated', {}],
    ])
    tell(table, [
      start,
      [1, 'trying', '2xx', 'response-to-user', 'completed'],
      [2, 'completed', 'error', '', 'completed', { K: 5001 }],
    ])
  })

  it('times out in proceeding too', () => {
    tell(nonInviteClient(timers, true), [
      [0, 'trying', 'start', 'send-request', 'trying', { F: 32_000 }],
      [100, 'trying', '1xx', 'response-to-user', 'proceeding', { F: 32_000 }],
      [32_000, 'proceeding', 'F', 'timeout-to-user destroy', 'terminated', {}],
    ])
  })

  it('has no wait state over a reliable transport', () => {
    tell(nonInviteClient(timers, true), [
      [0, 'trying', 'start', 'send-request', 'trying'],
      [7, 'trying', '2xx', 'response-to-user', 'completed', { K: 7 }],
      [7, 'completed', 'K', 'destroy', 'terminated', {}],
    ])
  })
})

describe('INVITE server', () => {
  it('sends 100 after 200 ms unless the user answers first', () => {
    tell(inviteServer(timers, false), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding', { trying: 200 }],
      [200, 'proceeding', 'trying', 'send-trying', 'proceeding', {}],
      [500, 'proceeding', 'request', 'send-response', 'proceeding'],
    ])
    tell(inviteServer(timers, false), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding', { trying: 200 }],
      [10, 'proceeding', '1xx', 'send-response', 'proceeding', {}],
    ])
  })

  it('repeats a refusal with doubling intervals up to T2, until the ACK', () => {
    tell(inviteServer(timers, false), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding'],
      [0, 'proceeding', '300-699', 'send-response', 'completed', { G: 500, H: 32_000 }],
      [500, 'completed', 'G', 'send-response', 'completed', { G: 1500, H: 32_000 }],
      [1500, 'completed', 'G', 'send-response', 'completed'],
      [3500, 'completed', 'G', 'send-response', 'completed'],
      [7500, 'completed', 'G', 'send-response', 'completed', { G: 11_500, H: 32_000 }],
      [8000, 'completed', 'request', 'send-response', 'completed', { G: 11_500, H: 32_000 }],
      [8100, 'completed', '300-699', '', 'completed'],
      [9000, 'completed', 'ack', '', 'confirmed', { I: 14_000 }],
      [9100, 'confirmed', 'ack', '', 'confirmed', { I: 14_000 }],
      [9200, 'confirmed', 'request', '', 'confirmed', { I: 14_000 }],
      [14_000, 'confirmed', 'I', 'destroy', 'terminated', {}],
    ])
  })

  it('tells when no ACK came', () => {
    tell(inviteServer(timers, true), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding'],
      [0, 'proceeding', '300-699', 'send-response', 'completed', { H: 32_000 }],
      [32_000, 'completed', 'H', 'timeout-to-user destroy', 'terminated', {}],
    ])
  })

  it('absorbs the INVITE after a 2xx, sends what the user repeats, and passes ACKs on (RFC 6026 §7.1)', () => {
    tell(inviteServer(timers, false), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding'],
      [100, 'proceeding', '2xx', 'send-response', 'accepted', { L: 32_100 }],
      [500, 'accepted', 'request', '', 'accepted', { L: 32_100 }],
      [600, 'accepted', '2xx', 'send-response', 'accepted', { L: 32_100 }],
      [700, 'accepted', '300-699', '', 'accepted'],
      [800, 'accepted', 'ack', 'ack-to-user', 'accepted'],
      [900, 'accepted', 'error', 'error-to-user', 'accepted', { L: 32_100 }],
      [32_100, 'accepted', 'L', 'destroy', 'terminated', {}],
    ])
  })

  it('keeps its state on a transport error (RFC 6026 §8.8)', () => {
    tell(inviteServer(timers, false), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding'],
      [10, 'proceeding', 'error', 'error-to-user', 'proceeding', { trying: 200 }],
      [20, 'proceeding', '300-699', 'send-response', 'completed'],
      [30, 'completed', 'error', 'error-to-user', 'completed', { G: 520, H: 32_020 }],
    ])
  })

  it('has no wait state after the ACK over a reliable transport', () => {
    tell(inviteServer(timers, true), [
      [0, 'proceeding', 'start', 'request-to-user', 'proceeding'],
      [0, 'proceeding', '300-699', 'send-response', 'completed'],
      [9, 'completed', 'ack', '', 'confirmed', { I: 9 }],
      [9, 'confirmed', 'I', 'destroy', 'terminated', {}],
    ])
  })
})

describe('non-INVITE server', () => {
  it('discards repeats until there is an answer, then repeats it until timer J', () => {
    tell(nonInviteServer(timers, false), [
      [0, 'trying', 'start', 'request-to-user', 'trying', { trying: 3500, unanswered: 37_000 }],
      [500, 'trying', 'request', '', 'trying'],
      [600, 'trying', '2xx', 'send-response', 'completed', { J: 32_600 }],
      [1500, 'completed', 'request', 'send-response', 'completed', { J: 32_600 }],
      [1600, 'completed', '300-699', '', 'completed'],
      [32_600, 'completed', 'J', 'destroy', 'terminated', {}],
    ])
  })

  it('says 100 only when the client has reached T2 (RFC 4320 §4.1), and nothing once it is gone (§4.2)', () => {
    tell(nonInviteServer(timers, false), [
      [0, 'trying', 'start', 'request-to-user', 'trying'],
      [3500, 'trying', 'trying', 'send-trying', 'proceeding', { unanswered: 37_000 }],
      [7500, 'proceeding', 'request', 'send-response', 'proceeding'],
      [37_000, 'proceeding', 'unanswered', 'timeout-to-user destroy', 'terminated', {}],
      [37_001, 'terminated', '2xx', '', 'terminated'],
    ])
  })

  it('passes provisionals on, repeats the latest, and keeps its state on a transport error (RFC 6026 §8.8)', () => {
    tell(nonInviteServer(timers, false), [
      [0, 'trying', 'start', 'request-to-user', 'trying'],
      [10, 'trying', '1xx', 'send-response', 'proceeding', { unanswered: 37_000 }],
      [20, 'proceeding', '1xx', 'send-response', 'proceeding', { unanswered: 37_000 }],
      [30, 'proceeding', 'request', 'send-response', 'proceeding'],
      [40, 'proceeding', 'error', 'error-to-user', 'proceeding', { unanswered: 37_000 }],
      [50, 'proceeding', '2xx', 'send-response', 'completed', { J: 32_050 }],
      [60, 'completed', 'error', 'error-to-user', 'completed', { J: 32_050 }],
    ])
  })

  it('has no wait state over a reliable transport', () => {
    tell(nonInviteServer(timers, true), [
      [0, 'trying', 'start', 'request-to-user', 'trying'],
      [5, 'trying', '1xx', 'send-response', 'proceeding', { unanswered: 37_000 }],
      [9, 'proceeding', '300-699', 'send-response', 'completed', { J: 9 }],
      [9, 'completed', 'J', 'destroy', 'terminated', {}],
    ])
  })
})

describe('the interpreter', () => {
  it('adds no drift when its driver is late, and never repeats twice at once', () => {
    const machine = new Machine(nonInviteClient(timers, false))
    machine.on('start', 0)
    expect(machine.takeDue(503)).toBe('E')
    machine.on('E', 503)
    expect(machine.due).toBe(1500)
    // The driver slept through several repeats.
    expect(machine.takeDue(9000)).toBe('E')
    machine.on('E', 9000)
    expect(machine.due).toBe(11_000)
  })

  it('counts a whole interval from now where the next repeat is due just now', () => {
    const machine = new Machine(nonInviteClient(timers, false))
    machine.on('start', 0)
    expect(machine.takeDue(1500)).toBe('E')
    machine.on('E', 1500)
    expect(machine.due).toBe(2500)
  })

  it('gives a late driver the timers in the order they were due', () => {
    const machine = new Machine(nonInviteClient(timers, false))
    machine.on('start', 0)
    expect([machine.takeDue(40_000), machine.takeDue(40_000), machine.takeDue(40_000)]).toEqual(['E', 'F', undefined])
  })

  it('stops all timers when told to', () => {
    const machine = new Machine(nonInviteClient(timers, false))
    machine.on('start', 0)
    machine.disarm()
    expect([machine.due, machine.timers(), machine.takeDue(1e12)]).toEqual([Infinity, {}, undefined])
  })

  it('lets an infinite timer never fire', () => {
    const machine = new Machine(inviteClient(timerTable({ A: Infinity, B: Infinity }), false))
    machine.on('start', 0)
    expect(machine.due).toBe(Infinity)
    expect(machine.timers()).toEqual({})
    expect(machine.takeDue(1e12)).toBeUndefined()
  })

  it('takes the ending timer first when both are due at one moment', () => {
    const machine = new Machine(inviteClient(timerTable({ B: 500 }), false))
    machine.on('start', 0)
    expect(machine.takeDue(500)).toBe('B')
  })
})
