import { bindingOf, must, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/somebody-elses-account',
  title: 'Nobody registers a device for somebody else’s number',
  area: 'registrar',
  purposes: ['REG-AUTHZ'],
  rules: {
    refused: must('RFC 3261 §10.3', 'the log-in of one account does not register another account', {
      gravity: 'letter',
    }),
    unchanged: must('RFC 3261 §10.3', 'the other account’s bindings stay as they were', { gravity: 'letter' }),
    forbidden: whereReached(
      should('RFC 3261 §10.3', 'who may not change a registration is told so with 403', { gravity: 'letter' }),
    ),
  },
  devices: { bob: {}, mallory: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 5,
  harm: 'Any customer can take over any other customer’s calls.',
  advice:
    'Stop: the registrar must compare the user who logged in with the number in To. Ask its vendor, and look for registrations that were made this way.',
  async run({ bob, mallory, expect }) {
    const before = await bob.registers({ expires: 300 })
    const count = (await bob.bindings()).length
    precondition(
      count === before.contacts.length && count > 0,
      'the registrar does not list the binding that it has made',
    )
    // Mallory's own log-in is right: else she would be refused whatever she asked for.
    await mallory.registers({ expires: 300 })
    const wanted = mallory.contactAs('mallory')
    const asked = await mallory.asksRegistrar({
      to: `<${bob.aor}>`,
      contacts: [`<${wanted}>`],
      expires: 300,
    })
    const seen = mallory.hears(undefined, { to: 'REGISTER' }).last
    precondition(asked.final, 'the request got no answer')
    const { status } = asked.final
    expect('refused', status, { seen }).toSatisfy('300 or above', (answer) => answer >= 300)
    if (status >= 300) expect('forbidden', status, { seen }).toBe(403)
    const after = await bob.bindings()
    expect('unchanged', bindingOf(after, wanted)?.uri, {
      seen: bob.hears(200, { to: 'REGISTER' }).last,
      header: 'Contact',
    }).toBeAbsent()
    expect('unchanged', after.length).toBe(count)
    if (status < 300) await bob.clearsBindings()
  },
})
