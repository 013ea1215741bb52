import { finding, isOf, precondition, scenario, watchesLine } from 'ringproof'

const SOON_MS = 5_000

export default scenario({
  id: 'lamps/busy-lamp-withheld',
  title: 'Who watches a line is not told the number of a caller who withholds it',
  area: 'lamps',
  purposes: ['BLF-PRIV'],
  rules: {
    hidden: finding('RFC 3323 §5', 'the number of a caller who asks for privacy stands in no notification', {
      gravity: 'exposure',
      cause: 'lamp-shows-withheld',
      follows: ['privacy-broken'],
      harm: 'Withheld numbers are shown at the busy lamps of colleagues: customers who ask for privacy can be identified.',
    }),
  },
  devices: { alice: { audio: false }, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 10,
  harm: 'Withheld numbers are shown at the busy lamps of colleagues.',
  advice:
    'What the notifier is told of a call has to be what the called telephone is told: with Privacy: id, or the number switched off, an anonymous identity. Kamailio: pua_dialoginfo takes From as it came; set its avp for the caller.',
  async run({ alice, bob, carol, expect, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const lamp = await watchesLine(alice, bob)
    const before = lamp.subscription.notifications.length
    const call = await carol.invites(bob, {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      // Its own Contact does not give it away (RFC 3323 §4.1.1.3).
      headers: { Privacy: 'id', Contact: `<${carol.contactAs('anonymous')}>` },
    })
    const final = await within(call.answered, 6_000)
    precondition(final, 'the anonymous call got no final response', 'no-answer')
    precondition(final.status < 300, `the anonymous call was rejected with ${final.status}`, 'call-refused')
    const lit = await lamp.becomes('busy', SOON_MS)
    await within(call.hangUp(), 4_000)
    await lamp.becomes('dark', SOON_MS)
    precondition(lit, 'the lamp did not show that the line was in a call')
    const told = lamp.subscription.notifications.slice(before).flatMap(({ body }) => body.match(/\+?[\w.-]+/g) ?? [])
    const named = told.find((word) => isOf(carol.account, word))
    expect('hidden', named === undefined ? 'not told' : 'told', { seen: alice.hears('NOTIFY').last }).toBe('not told')
  },
})
