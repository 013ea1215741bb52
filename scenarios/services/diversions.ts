import { type Device, loginTaken, precondition, promised, scenario, whereReached } from 'ringproof'

type Code = 'divertAll' | 'divertBusy' | 'divertNotReachable' | 'divertNoAnswer'

interface Diversion {
  readonly id: string
  readonly code: Code
  readonly row: string
  readonly what: string
  /** How the called device behaves, so that the diversion applies. */
  readonly behaves: (bob: Device) => void
  readonly isAway?: boolean
  /** Milliseconds within which the call has gone on to where it is diverted. */
  readonly withinMs: number
  readonly seconds: number
}

const DIVERSIONS: readonly Diversion[] = [
  {
    id: 'all',
    code: 'divertAll',
    row: 'SC-14',
    what: 'of all calls',
    behaves: (bob) => bob.rings(),
    withinMs: 4_000,
    seconds: 38,
  },
  {
    id: 'busy',
    code: 'divertBusy',
    row: 'SC-11',
    what: 'on busy',
    behaves: (bob) => bob.rejects(486),
    withinMs: 4_000,
    seconds: 38,
  },
  {
    id: 'not-reachable',
    code: 'divertNotReachable',
    row: 'SC-12',
    what: 'on not reachable',
    behaves: () => undefined,
    isAway: true,
    withinMs: 4_000,
    seconds: 38,
  },
  {
    id: 'no-answer',
    code: 'divertNoAnswer',
    row: 'SC-10',
    what: 'on no answer',
    behaves: (bob) => bob.rings(),
    withinMs: 45_000,
    seconds: 160,
  },
]

export default DIVERSIONS.map(({ id, code, row, what, behaves, isAway, withinMs, seconds }) =>
  scenario({
    id: `services/divert-${id}`,
    title: `The code for diversion ${what} diverts calls, and ends the diversion`,
    area: 'services',
    purposes: [row],
    provider: [row],
    rules: {
      answered: promised(row, 'the code for diversion is accepted', {
        gravity: 'harm',
        cause: 'service-not-reachable',
        harm: `Customers cannot switch diversion ${what}: the code is rejected.`,
      }),
      changed: whereReached(
        promised(row, 'dialling the code once diverts calls where they were not, or the other way round', {
          gravity: 'harm',
          cause: 'code-without-effect',
          // The diversion on busy goes by the status that the called device gave.
          ...(id === 'busy' ? { follows: ['status-changed'] } : {}),
          harm: `The code for diversion ${what} has no effect: customers miss calls.`,
        }),
      ),
      back: whereReached(
        promised(row, 'dialling the code again puts the diversion back as before', {
          gravity: 'harm',
          cause: 'code-without-effect',
          harm: `Diversion ${what} cannot be switched back by its code.`,
        }),
      ),
    },
    devices: { alice: {}, bob: {}, carol: { isDivertedTo: true } },
    reliesOn: 'call',
    needs: [`codes:${code}`, 'diversion'],
    seconds,
    harm: `Diversion ${what} does not work.`,
    advice: 'Look whether the code was accepted, whose account it acted on, and where the next call went.',
    async run({ alice, bob, carol, services, expect, within, waits, clock, note }) {
      const dialled = services.codes[code] ?? ''
      await alice.registers()
      await carol.registers()
      carol.rings()
      behaves(bob)
      if (!isAway) await bob.registers()
      const whereTo = async () => {
        const heard = carol.hears('INVITE', { since: clock.now() })
        const call = await alice.invites(bob)
        const here = bob.hears('INVITE', { since: clock.now() })
        const decided = [heard.reaches(1, withinMs), call.answered]
        // A diversion of all calls is decided before the called device is rung.
        await Promise.race(code === 'divertAll' ? [...decided, here.reaches(1, withinMs)] : decided)
        await waits(300)
        loginTaken(call.final)
        const at = heard.count > 0 ? 'diverted' : 'not diverted'
        await within(call.hangUp(), 4_000)
        await waits(200)
        return at
      }
      const dials = async () => {
        if (isAway) await bob.registers()
        const call = await bob.switches(dialled)
        precondition(call.final, 'the code got no answer', 'no-answer')
        note(`the code was answered with ${call.final.status}`)
        if (isAway) await bob.unregisters()
        return call.final.status
      }
      const before = await whereTo()
      const status = await dials()
      const answer = bob.hears(undefined, { to: 'INVITE' }).last
      const after = await whereTo()
      // Some codes are confirmed in early media and then end with a failure.
      const works = status < 300 || after !== before
      if (!expect('answered', status, { seen: answer }).toSatisfy('a 2xx', () => works)) return
      expect('changed', after, { seen: carol.hears('INVITE').last }).toBe(
        before === 'diverted' ? 'not diverted' : 'diverted',
      )
      await dials()
      expect('back', await whereTo(), { seen: carol.hears('INVITE').last }).toBe(before)
    },
  }),
)
