import {
  isSameNumber,
  must,
  precondition,
  promised,
  scenario,
  type SipSighting,
  usersIn,
  userOf,
  whereReached,
} from 'ringproof'

/** Extensions of different lengths: none is the other's beginning. */
const EXTENSIONS = ['42', '1017']

export default scenario({
  id: 'services/trunk-extension',
  title: 'A trunk gets the extension that was dialled (DDI)',
  area: 'services',
  purposes: ['DDI'],
  provider: ['BH-12'],
  rules: {
    told: promised('BH-12', 'the INVITE to the trunk carries the number that was dialled', {
      gravity: 'harm',
      cause: 'extension-lost',
    }),
    place: whereReached(
      promised('BH-12', 'the number that was dialled stands where the target file says', {
        gravity: 'harm',
        cause: 'extension-lost',
        harm: 'Switchboards that read the dialled number where the provider says do not find it there: calls to extensions arrive at the operator.',
      }),
    ),
    called: whereReached(
      must('RFC 7315 §4.2.2.2', 'P-Called-Party-ID, where it is written, names the number that was dialled', {
        gravity: 'harm',
        cause: 'extension-lost',
        harm: 'Switchboards that go by P-Called-Party-ID ring a wrong extension, or the operator.',
      }),
    ),
  },
  devices: { trunk: { role: 'trunk' }, caller: {} },
  reliesOn: 'call',
  transports: ['udp', 'tcp', 'tls'],
  seconds: 18,
  harm: 'Calls to extensions of a trunk arrive at its switchboard: the dialled number is lost.',
  advice:
    'Look at Request-URI, To and P-Called-Party-ID of the INVITE at the trunk: one of them must carry the dialled number, and the PBX must read that one.',
  async run({ trunk, caller, services, expect, within, note, clock }) {
    const { trunkDialledIn: place } = services
    await trunk.registers()
    await caller.registers()
    for (const extension of EXTENSIONS) {
      const dialled = `${trunk.number}${extension}`
      const heard = trunk.hears('INVITE', { since: clock.now() })
      const call = await caller.invites(dialled)
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      const seen = heard.first
      precondition(seen, `the call did not arrive at the trunk: ${final?.status ?? 'no answer'}`, 'call-not-arrived')
      const isDialled = (user: string) => user === extension || isSameNumber(user, dialled)
      const found = PLACES.filter((one) => usersAt(seen, one).some(isDialled))
      note(`the dialled number stands in ${found.join(', ') || 'none of the header fields'}`)
      const instead = PLACES.flatMap((one) => usersAt(seen, one).map((user) => `${one}: ${user}`)).join(' | ')
      const told = found.join(', ') || instead
      const isTold = found.some(
        (one) => one === 'Request-URI' || one === 'To' || one === 'P-Called-Party-ID' || one === place,
      )
      expect('told', told, { seen, header: 'To' }).toSatisfy(
        `${dialled} in Request-URI, To or P-Called-Party-ID`,
        () => isTold,
      )
      if (!isTold) return
      if (place !== undefined)
        expect('place', told, { seen, header: place }).toSatisfy(`${dialled} in ${place}`, () => found.includes(place))
      const called = usersIn(seen.message, 'P-Called-Party-ID')
      if (called.length > 0) {
        expect('called', called.join(', '), { seen, header: 'P-Called-Party-ID' }).toSatisfy(dialled, () =>
          called.every(isDialled),
        )
      }
    }
  },
})

const PLACES = ['Request-URI', 'To', 'P-Called-Party-ID', 'Diversion', 'History-Info'] as const

const usersAt = ({ message }: SipSighting, place: (typeof PLACES)[number]): string[] => {
  if (place !== 'Request-URI') return usersIn(message, place)
  return message.kind === 'request' ? [userOf(message.uri) ?? ''] : []
}
