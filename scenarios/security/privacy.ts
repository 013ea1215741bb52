import { callerIdentity, fieldsNaming, finding, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/privacy',
  title: 'A caller who asks for privacy (Privacy: id) is not shown to the called device',
  area: 'security',
  purposes: ['UA-PRIV'],
  rules: {
    removed: must('RFC 3325 §7', 'with Privacy: id no P-Asserted-Identity goes to the called device', {
      gravity: 'exposure',
      cause: 'privacy-broken',
    }),
    elsewhere: finding('RFC 3323 §5', 'with Privacy: id the number stands nowhere in the INVITE to the called device', {
      gravity: 'exposure',
      cause: 'privacy-broken',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  transports: ['udp', 'tls'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Withheld numbers are shown: customers who ask for privacy can be identified by those they call.',
  advice:
    'Remove P-Asserted-Identity, and any number in From and Remote-Party-ID, from requests with Privacy: id that go to telephones. Kamailio, OpenSIPS: remove_hf("P-Asserted-Identity"). Asterisk: trust_id_outbound=no at the endpoint.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob, {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      // Its own Contact does not give it away (RFC 3323 §4.1.1.3).
      headers: { Privacy: 'id', Contact: `<${alice.contactAs('anonymous')}>` },
    })
    const final = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    precondition(final, 'the anonymous call got no final response', 'no-answer')
    precondition(final.status < 300, `the anonymous call was rejected with ${final.status}`, 'call-refused')
    const seen = bob.hears('INVITE').last
    precondition(seen, 'the call did not arrive at the called device', 'call-not-arrived')
    const shown = callerIdentity(seen.message)
    // An identity that names nobody reveals nothing of the caller.
    expect(
      'removed',
      shown.asserted.filter((number) => number.toLowerCase() !== 'anonymous'),
      { seen, header: 'P-Asserted-Identity' },
    ).toBeEmpty()
    const named = fieldsNaming(alice.account, seen.message).filter(([name]) => name !== 'P-Asserted-Identity')
    expect(
      'elsewhere',
      named.map(([name]) => name),
      { seen, header: named[0]?.[0] ?? 'From' },
    ).toBeEmpty()
  },
})
