import { loginTaken, type Need, promised, scenario, soundAt, type Stage } from 'ringproof'

interface Announced {
  readonly id: string
  readonly row: string
  readonly what: string
  readonly needs: Need
  /** What is dialled, from the target file. */
  readonly dial: (services: Stage<Rules, Devices>['services']) => string | undefined
}

type Rules = ReturnType<typeof rulesFor>
type Devices = typeof devices

const devices = { alice: {} } as const
const rulesFor = (row: string) => ({
  heard: promised(row, 'the caller hears an announcement', { gravity: 'letter' }),
})

/** Numbers and codes that only say something: dialling them changes nothing. */
const ANNOUNCED: readonly Announced[] = [
  {
    id: 'mailbox',
    row: 'SC-1',
    what: 'own mailbox, internal number',
    needs: 'mailbox',
    dial: ({ mailbox }) => mailbox?.internal,
  },
  {
    id: 'mailbox-external',
    row: 'SC-2',
    what: 'own mailbox, external number',
    needs: 'mailbox-external',
    dial: ({ mailbox }) => mailbox?.external,
  },
  {
    id: 'mailbox-menu',
    row: 'SC-5',
    what: 'mailbox menu',
    needs: 'codes:mailboxMenu',
    dial: ({ codes }) => codes.mailboxMenu,
  },
  { id: 'credit', row: 'SC-6', what: 'credit', needs: 'codes:credit', dial: ({ codes }) => codes.credit },
  {
    id: 'wake-up-query',
    row: 'SC-17',
    what: 'active wake-up calls',
    needs: 'codes:wakeUpQuery',
    dial: ({ codes }) => codes.wakeUpQuery,
  },
]

/** Packets of an announcement's first half second, at 20 ms each. */
const HALF_A_SECOND = 25

export default ANNOUNCED.map(({ id, row, what, needs, dial }) =>
  scenario({
    id: `services/${id}`,
    title: `Whoever dials it hears an announcement: ${what}`,
    area: 'services',
    purposes: [row],
    provider: [row],
    rules: rulesFor(row),
    devices,
    needs: [needs],
    transports: ['udp', 'tls'],
    seconds: 20,
    harm: `Customers who dial the number for "${what}" reach nothing, or hear nothing.`,
    advice:
      'Look at the final answer in the ladder: 404 means the number leads nowhere; an answer without audio points to the announcement server or its relay.',
    async run({ alice, services, expect, waits, within }) {
      await alice.registers()
      const call = await alice.invites(dial(services) ?? '')
      // Some announcements come before the answer, as early media, and some calls are never answered.
      loginTaken(await within(call.answered, 8_000))
      await waits(2_000)
      // Some services take a moment before they speak.
      for (let more = 0; more < 6_000 && soundAt(alice).sounding < HALF_A_SECOND; more += 500) await waits(500)
      const sound = soundAt(alice)
      await within(call.hangUp(), 4_000)
      expect('heard', sound.sounding, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
        `at least ${HALF_A_SECOND} packets with sound in them`,
        (count) => count >= HALF_A_SECOND,
      )
    },
  }),
)
