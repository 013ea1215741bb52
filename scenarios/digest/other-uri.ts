import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/made-for-another-number',
  title: 'Credentials made for one number are not accepted for a call to another',
  area: 'digest',
  purposes: ['DIG-URI'],
  rules: {
    refused: finding('RFC 8760 §2.6', 'the uri of the credentials is compared with the Request-URI', {
      gravity: 'exposure',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 16,
  reliesOn: 'call',
  provokesBans: true,
  harm: 'Recorded credentials can be used for a call to another, expensive number.',
  advice:
    'Let the proxy compare the uri of the credentials with the Request-URI. RFC 8760 allows differences, but not unchecked ones. Kamailio: bit 1 of auth_checks_no_dlg ties a nonce to the Request-URI.',
  async run({ alice, bob, expect, within, clock }) {
    await bob.registers()
    bob.rings()
    /** A call with a log-in made by hand, over the answer to a call without one. */
    const tries = async (uri?: string) => {
      const asked = await alice.invites(bob, { media: false, authenticate: false })
      const challenge = await within(asked.answered, 6_000)
      const { invite } = asked
      precondition(invite && challenge && [401, 407].includes(challenge.status), 'INVITE was not challenged')
      const headers = alice.credentialsFor(invite, challenge, uri === undefined ? {} : { uri })
      const rung = bob.hears('INVITE', { since: clock.now() })
      const call = await alice.invites(bob, { media: false, authenticate: false, headers })
      await within(Promise.race([call.answered, call.ringing]), 4_000)
      await within(call.hangUp(), 4_000)
      return rung
    }
    const rightly = await tries()
    precondition(rightly.count > 0, 'credentials over the challenge of another call are not accepted at all')
    const rung = await tries(`sip:${alice.number}@${alice.domain}`)
    expect('refused', rung.count, { seen: rung.first }).toBe(0, 'INVITE at the called device')
  },
})
