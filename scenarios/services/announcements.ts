import {
  announcementAt,
  hearsSpeech,
  isServed,
  loginTaken,
  type Need,
  precondition,
  promised,
  scenario,
  type Stage,
  whereReached,
} from 'ringproof'

interface Announced {
  readonly id: string
  readonly row: string
  /** In recorded references. */
  readonly service: string
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
    promised(row, 'the caller hears something', {
      gravity: 'harm',
      cause: 'announcement-silent',
      follows: ['encryption-dropped'],
      harm: `Customers who call the ${what} hear nothing.`,
    }),
  ),
  spoken: whereReached(
    promised(row, 'somebody speaks to the caller', {
      gravity: 'harm',
      cause: 'announcement-not-spoken',
      harm: `Customers who call the ${what} hear {sound|a tone} instead of an announcement.`,
    }),
  ),
  recorded: whereReached(
    promised(row, 'the announcement is the one that was recorded for it', {
      gravity: 'harm',
      cause: 'announcement-another',
      harm: `Customers who call the ${what} hear {announcement|another announcement}: the number leads to the wrong service.`,
    }),
  ),
})

/** Numbers and codes that only play something: dialling them changes nothing. */
const ANNOUNCED: readonly Announced[] = [
  {
    id: 'mailbox',
    service: 'mailbox.internal',
    row: 'SC-1',
    what: 'mailbox (internal number)',
    needs: 'mailbox',
    dial: ({ mailbox }) => mailbox?.internal,
  },
  {
    id: 'mailbox-external',
    service: 'mailbox.external',
    row: 'SC-2',
    what: 'mailbox (external number)',
    needs: 'mailbox-external',
    dial: ({ mailbox }) => mailbox?.external,
  },
  {
    id: 'mailbox-menu',
    service: 'codes.mailboxMenu',
    row: 'SC-5',
    what: 'mailbox menu',
    needs: 'codes:mailboxMenu',
    dial: ({ codes }) => codes.mailboxMenu,
  },
  {
    id: 'credit',
    service: 'codes.credit',
    row: 'SC-6',
    what: 'credit announcement',
    needs: 'codes:credit',
    dial: ({ codes }) => codes.credit,
  },
  {
    id: 'wake-up-query',
    service: 'codes.wakeUpQuery',
    row: 'SC-17',
    what: 'list of wake-up calls',
    needs: 'codes:wakeUpQuery',
    dial: ({ codes }) => codes.wakeUpQuery,
  },
]

/** Some services take a moment before they speak (ms). */
const SPEAKS_MS = 8_000

export default ANNOUNCED.map(({ id, row, what, needs, dial, service }) =>
  scenario({
    id: `services/${id}`,
    title: `The ${what} speaks to its caller`,
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
      'Look at the final response in the ladder: 404 means that the dial plan does not know the number; an answer without audio points to the announcement server or its relay, a tone to the number that it calls.',
    async run({ alice, services, expect, within, figure, clock }) {
      await alice.registers()
      const call = await alice.invites(dial(services) ?? '')
      // Some announcements come before the answer, as early media, and some calls are never answered.
      const final = await within(call.answered, 8_000)
      loginTaken(final)
      const isOver = final !== undefined && final.status >= 300
      const sound = await hearsSpeech(alice, clock, { withinMs: isOver ? 0 : SPEAKS_MS })
      const which = sound.spoken ? await announcementAt(alice, clock, service) : undefined
      const status = call.final?.status
      await within(call.hangUp(), 4_000)
      const seen = alice.hears(undefined, { to: 'INVITE' }).last
      // What is not recognised may be an announcement.
      const served = isServed(status, !sound.instead)
      expect('reached', status ?? (sound.silent ? 'no answer' : `early media: ${sound.words}`), { seen }).toSatisfy(
        'an answer, or an announcement as early media',
        () => served,
      )
      if (!served) return
      if (!expect('heard', sound.words, { seen }).toSatisfy('an announcement', () => !sound.silent)) return
      if (sound.instead) figure('sound', sound.words)
      expect('spoken', sound, { seen }).toBeSpeech()
      if (which === undefined) return
      precondition(which.which !== 'unknown', `somebody spoke, and it was ${which.words}`, 'feature-lacking')
      if (which.which === 'another') figure('announcement', which.words)
      expect('recorded', which.words, { seen }).toSatisfy('the one that was recorded', () => which.which === 'expected')
    },
  }),
)
