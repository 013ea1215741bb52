import {
  isServed,
  loginTaken,
  type Need,
  promised,
  scenario,
  soundAt,
  soundKindAt,
  type Stage,
  whereReached,
} from 'ringproof'

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
const rulesFor = (row: string, what: string) => ({
  reached: promised(row, 'the number is served', {
    gravity: 'harm',
    cause: 'service-not-reachable',
    harm: `Customers cannot reach the ${what}: the call is rejected or not answered.`,
  }),
  heard: whereReached(
    promised(row, 'the caller hears an announcement', {
      gravity: 'harm',
      cause: 'announcement-silent',
      follows: ['encryption-dropped'],
      harm: `Customers who call the ${what} hear nothing.`,
    }),
  ),
  spoken: whereReached(
    promised(row, 'what the caller hears is no tone and no noise', {
      gravity: 'harm',
      cause: 'service-not-reachable',
      harm: `Customers who call the ${what} hear a {sound|tone} instead of an announcement.`,
    }),
  ),
})

/** Numbers and codes that only play something: dialling them changes nothing. */
const ANNOUNCED: readonly Announced[] = [
  {
    id: 'mailbox',
    row: 'SC-1',
    what: 'mailbox (internal number)',
    needs: 'mailbox',
    dial: ({ mailbox }) => mailbox?.internal,
  },
  {
    id: 'mailbox-external',
    row: 'SC-2',
    what: 'mailbox (external number)',
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
  { id: 'credit', row: 'SC-6', what: 'credit announcement', needs: 'codes:credit', dial: ({ codes }) => codes.credit },
  {
    id: 'wake-up-query',
    row: 'SC-17',
    what: 'list of wake-up calls',
    needs: 'codes:wakeUpQuery',
    dial: ({ codes }) => codes.wakeUpQuery,
  },
]

/** Packets of an announcement's first half second, at 20 ms each. */
const HALF_A_SECOND = 25

export default ANNOUNCED.map(({ id, row, what, needs, dial }) =>
  scenario({
    id: `services/${id}`,
    title: `A call to the ${what} is answered with audio`,
    area: 'services',
    purposes: [row],
    provider: [row],
    rules: rulesFor(row, what),
    devices,
    needs: [needs],
    transports: ['udp', 'tls'],
    seconds: 20,
    harm: `The ${what} does not work.`,
    advice:
      'Look at the final response in the ladder: 404 means that the dial plan does not know the number; an answer without audio points to the announcement server or its relay.',
    async run({ alice, services, expect, waits, within, figure }) {
      await alice.registers()
      const call = await alice.invites(dial(services) ?? '')
      // Some announcements come before the answer, as early media, and some calls are never answered.
      const final = await within(call.answered, 8_000)
      loginTaken(final)
      await waits(2_000)
      // Some services take a moment before they speak.
      for (let more = 0; more < 6_000 && soundAt(alice).sounding < HALF_A_SECOND; more += 500) await waits(500)
      const sound = soundAt(alice)
      const kind = soundKindAt(alice)
      const status = call.final?.status
      await within(call.hangUp(), 4_000)
      const heard = sound.sounding >= HALF_A_SECOND
      const seen = alice.hears(undefined, { to: 'INVITE' }).last
      const isAnnouncement = heard && kind === 'other'
      const served = isServed(status, isAnnouncement)
      expect('reached', status ?? (heard ? `early media: ${soundsAs(kind)}` : 'no answer'), { seen }).toSatisfy(
        'an answer, or an announcement as early media',
        () => served,
      )
      if (!served) return
      expect('heard', sound.sounding, { seen }).toSatisfy(`${HALF_A_SECOND} packets of sound or more`, () => heard)
      if (!heard) return
      if (kind !== 'other') figure('sound', kind)
      expect('spoken', soundsAs(kind), { seen }).toSatisfy('speech or music', () => isAnnouncement)
    },
  }),
)

/** In words. */
function soundsAs(kind: ReturnType<typeof soundKindAt>): string {
  return { silence: 'silence', tone: 'a tone, as of ringing or busy', noise: 'noise', other: 'speech or music' }[kind]
}
