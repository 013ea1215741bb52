import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/made-for-another-number',
  title: 'A log-in that was made for a call to one number is no good for another',
  area: 'digest',
  purposes: ['DIG-URI'],
  rules: {
    refused: finding('RFC 8760 §2.6', 'the number in the log-in is compared with the number that is called', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 16,
  harm: 'Whoever reads one log-in on the way can use it for a call to another number, an expensive one, at the customer’s expense.',
  advice:
    'Ask whether the proxy compares the uri of the log-in with the Request-URI; RFC 8760 lets it accept a difference, but not without a look.',
  async run({ alice, bob, expect, within, clock }) {
    await bob.registers()
    bob.rings()
    /** A call with a log-in made by hand, over the answer to a call without one. */
    const tries = async (uri?: string) => {
      const asked = await alice.invites(bob, { media: false, authenticate: false })
      const challenge = await within(asked.answered, 6_000)
      const { invite } = asked
      precondition(invite && challenge && [401, 407].includes(challenge.status), 'the call was not challenged')
      const headers = alice.credentialsFor(invite, challenge, uri === undefined ? {} : { uri })
      const rung = bob.hears('INVITE', { since: clock.now() })
      const call = await alice.invites(bob, { media: false, authenticate: false, headers })
      await within(Promise.race([call.answered, call.ringing]), 4_000)
      await within(call.hangUp(), 4_000)
      return rung
    }
    const rightly = await tries()
    precondition(rightly.count > 0, 'a log-in that was made over the answer to another call is not taken at all')
    const rung = await tries(`sip:${alice.number}@${alice.agent.account.domain}`)
    expect('refused', rung.count, { seen: rung.first }).toBe(0)
  },
})
