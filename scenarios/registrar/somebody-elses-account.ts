import { bindingOf, must, owed, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/somebody-elses-account',
  title: 'Nobody registers a device for somebody else’s number',
  area: 'registrar',
  purposes: ['REG-AUTHZ'],
  rules: {
    // The section says SHOULD of the check, and MUST of its answer. Without the check, any customer takes over any other's calls.
    refused: owed('RFC 3261 §10.3', 'the credentials of one account do not register another account', {
      gravity: 'letter',
      cause: 'registration-of-others',
      harm: 'REGISTER for another customer’s number is answered with success.',
    }),
    unchanged: owed('RFC 3261 §10.3', 'the other account’s bindings stay as they were', {
      gravity: 'exposure',
      cause: 'registration-of-others',
      harm: 'Any customer can register for another customer’s number and take over its calls.',
    }),
    forbidden: whereReached(
      must('RFC 3261 §10.3', 'a REGISTER for an account that is not one’s own is refused with 403', {
        gravity: 'letter',
        harm: 'REGISTER for another customer’s number is refused with another status than 403.',
      }),
    ),
  },
  devices: { bob: {}, mallory: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 5,
  provokesBans: true,
  harm: 'REGISTER for another customer’s number is not refused as it should be.',
  advice:
    'Compare the user who logged in with the user in To, now. Kamailio: refuse with 403 where $au differs from $tU, before save(). FreeSWITCH: inbound-reg-force-matching-username. Then look for registrations that were made this way.',
  async run({ bob, mallory, expect }) {
    const before = await bob.registers({ expires: 300 })
    const count = (await bob.bindings()).length
    precondition(count === before.contacts.length && count > 0, 'the registrar does not list the new binding')
    // Mallory's own log-in is right: else she would be refused whatever she asked for.
    await mallory.registers({ expires: 300 })
    const wanted = mallory.contactAs('mallory')
    const asked = await mallory.asksRegistrar({
      to: `<${bob.aor}>`,
      contacts: [`<${wanted}>`],
      expires: 300,
    })
    const seen = mallory.hears(undefined, { to: 'REGISTER' }).last
    precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
    const { status } = asked.final
    expect('refused', status, { seen }).toSatisfy('300 or above', (answer) => answer >= 300)
    // Credentials may be held against the account in To: then nobody is logged in, and the section's step before is the one.
    if (status >= 300 && status !== 401 && status !== 407) expect('forbidden', status, { seen }).toBe(403)
    const after = await bob.bindings()
    expect('unchanged', bindingOf(after, wanted)?.uri ?? null, {
      seen: bob.hears(200, { to: 'REGISTER' }).last,
      header: 'Contact',
    }).toBeAbsent()
    expect('unchanged', after.length).toBe(count)
  },
})
