import { type Device, finding, loginTaken, precondition, promised, type Rule, scenario, whereReached } from 'ringproof'

type Code = 'divertAll' | 'divertBusy' | 'divertNotReachable' | 'divertNoAnswer'

interface Diversion {
  readonly id: string
  readonly code: Code
  readonly row: string
  readonly what: string
  /** How the called device behaves, so that the diversion applies. */
  readonly behaves: (bob: Device) => void
  /** How it behaves so that it does not apply; undefined: it always does. */
  readonly takesCalls?: (bob: Device) => void
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
    seconds: 40,
  },
  {
    id: 'busy',
    code: 'divertBusy',
    row: 'SC-11',
    what: 'on busy',
    behaves: (bob) => bob.rejects(486),
    takesCalls: (bob) => bob.rings(),
    withinMs: 4_000,
    seconds: 40,
  },
  {
    id: 'not-reachable',
    code: 'divertNotReachable',
    row: 'SC-12',
    what: 'on not reachable',
    behaves: () => undefined,
    takesCalls: (bob) => bob.rings(),
    isAway: true,
    withinMs: 4_000,
    seconds: 40,
  },
  {
    id: 'no-answer',
    code: 'divertNoAnswer',
    row: 'SC-10',
    what: 'on no answer',
    behaves: (bob) => bob.rings(),
    takesCalls: (bob) => bob.answers(),
    withinMs: 45_000,
    seconds: 164,
  },
]

/** Not each diversion has the same. */
type RulesByName = Readonly<Record<string, Rule>>

const rulesOfAll: RulesByName = {
  kept: whereReached(
    promised('SC-14', 'a diversion of all calls stays when the telephone registers anew', {
      gravity: 'harm',
      cause: 'code-forgotten',
      harm: 'The diversion of all calls is lost when the telephone restarts: calls ring where nobody is.',
    }),
  ),
  quiet: whereReached(
    finding('SC-14', 'the telephone that diverts all calls does not ring itself', {
      gravity: 'harm',
      harm: 'With a diversion of all calls, diverted calls go on ringing the old telephone, too.',
    }),
  ),
}

const rulesOfOthers = (row: string, what: string): RulesByName => ({
  only: whereReached(
    promised(row, 'what the telephone can take still rings it', {
      gravity: 'harm',
      cause: 'diversion-too-wide',
      harm: `Once diversion ${what} is switched on, the telephone no longer rings at all: all calls go elsewhere.`,
    }),
  ),
})

const rulesOf = (id: string, row: string, what: string): RulesByName => ({
  answered: promised(row, 'the code for diversion is accepted', {
    gravity: 'harm',
    cause: 'service-not-reachable',
    harm: `Customers cannot switch diversion ${what}: the code is rejected.`,
  }),
  changed: whereReached(
    promised(row, 'dialling the code once diverts calls where they were not, or the other way round', {
      gravity: 'harm',
      cause: 'code-without-effect',
      // A code that switches everybody's diversion diverts those that calls are diverted to. That on busy goes by the callee's status.
      follows: id === 'busy' ? ['code-on-other-account', 'status-changed'] : ['code-on-other-account'],
      harm: `The code for diversion ${what} has no effect: customers miss calls.`,
    }),
  ),
  ...(id === 'all' ? rulesOfAll : rulesOfOthers(row, what)),
  back: whereReached(
    promised(row, 'dialling the code again puts the diversion back as before', {
      gravity: 'harm',
      cause: 'code-without-effect',
      follows: ['code-forgotten'],
      harm: `Diversion ${what} cannot be switched back by its code.`,
    }),
  ),
})

export default DIVERSIONS.map(({ id, code, row, what, behaves, takesCalls, isAway, withinMs, seconds }) =>
  scenario({
    id: `services/divert-${id}`,
    title: `The code for diversion ${what} diverts calls, and ends the diversion`,
    area: 'services',
    purposes: [row],
    provider: [row],
    rules: rulesOf(id, row, what),
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
      /** @param onceRung how long it is waited for a diversion once the called device itself rings, ms */
      const whereTo = async (patienceMs = withinMs, onceRung?: number) => {
        const heard = carol.hears('INVITE', { since: clock.now() })
        const call = await alice.invites(bob)
        const here = bob.hears('INVITE', { since: clock.now() })
        const decided = [heard.reaches(1, patienceMs), call.answered]
        // A diversion of all calls is decided before the called device is rung.
        const waitsAfter = code === 'divertAll' ? 0 : onceRung
        const rung = waitsAfter === undefined ? [] : [here.reaches(1, patienceMs).then(() => waits(waitsAfter))]
        await Promise.race([...decided, ...rung])
        await waits(300)
        loginTaken(call.final)
        const at = heard.count > 0 ? 'diverted' : 'not diverted'
        const rang = here.count > 0
        await within(call.hangUp(), 4_000)
        await waits(200)
        return { at, rang, seen: heard.last ?? here.last }
      }
      const dials = async () => {
        if (isAway) await bob.registers()
        const call = await bob.switches(dialled)
        precondition(call.final, 'the code got no answer', 'no-answer')
        note(`the code was answered with ${call.final.status}`)
        if (isAway) await bob.unregisters()
        return call.final.status
      }
      /** A call to the telephone while it takes calls: what diverts it all the same does so before it rings, or at once. */
      const whereToWhenFree = async () => {
        if (isAway) await bob.registers()
        takesCalls?.(bob)
        const { at, seen } = await whereTo(4_000, 1_000)
        behaves(bob)
        if (isAway) await bob.unregisters()
        return { at, seen }
      }
      const looksWhileOn = async () => {
        if (takesCalls === undefined) return
        const free = await whereToWhenFree()
        expect('only', free.at, { seen: free.seen }).toBe('not diverted')
      }
      const before = await whereTo()
      // Another diversion, of all calls, would hide what this code does.
      if (before.at === 'diverted' && takesCalls !== undefined)
        precondition((await whereToWhenFree()).at !== 'diverted', 'all calls to the telephone are diverted already')
      const status = await dials()
      const answer = bob.hears(undefined, { to: 'INVITE' }).last
      const after = await whereTo()
      // Some codes are confirmed in early media and then end with a failure.
      const works = status < 300 || after.at !== before.at
      if (!expect('answered', status, { seen: answer }).toSatisfy('a 2xx', () => works)) return
      expect('changed', after.at, { seen: after.seen }).toBe(before.at === 'diverted' ? 'not diverted' : 'diverted')
      if (after.at === 'diverted') {
        await looksWhileOn()
        if (code === 'divertAll') {
          expect('quiet', after.rang ? 'it rings' : 'it does not ring', { seen: after.seen }).toBe('it does not ring')
          await bob.unregisters()
          await bob.registers()
          const anew = await whereTo()
          expect('kept', anew.at, { seen: anew.seen }).toBe('diverted')
        }
      }
      await dials()
      const back = await whereTo()
      expect('back', back.at, { seen: back.seen }).toBe(before.at)
    },
  }),
)
