import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/star-clears',
  title: 'Contact * with Expires 0 removes every binding of the account',
  area: 'registrar',
  purposes: ['REG-STAR'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'Contact * with Expires 0 is answered with 200', {
      gravity: 'letter',
      harm: 'Contact * with Expires 0 is refused. Telephones that send it when they start go on all the same.',
    }),
    cleared: must('RFC 3261 §10.3', 'Contact * with Expires 0 leaves no binding, whichever Call-ID it was made with', {
      gravity: 'harm',
      harm: 'Old registrations cannot be removed: calls go on to telephones that were given away.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  fitForLoad: true,
  step: 'register',
  harm: 'Contact * with Expires 0 does not remove the bindings.',
  advice: 'Look at how the registrar treats "Contact: *": routers and telephones send it when they start.',
  async run({ alice, expect }) {
    // As many as the registrar keeps: where one account has one device, the second may take the place of the first,
    // or be refused.
    for (const user of ['first', 'second']) {
      const added = await alice.asksRegistrar({ contacts: [`<${alice.contactAs(user)}>`], expires: 300 })
      precondition(
        added.status === 200 || user === 'second',
        `the first contact was answered with ${added.status ?? 'nothing'}`,
      )
    }
    precondition((await alice.bindings()).length > 0, 'the registrar lists no binding that could be removed')
    const removed = await alice.asksRegistrar({ contacts: ['*'], expires: 0 })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('accepted', removed.status ?? 'no answer', { seen }).toBe(200)
    const left = await alice.bindings()
    expect(
      'cleared',
      left.map((contact) => contact.uri),
      { seen: alice.hears(200, { to: 'REGISTER' }).last, header: 'Contact' },
    ).toBeEmpty()
  },
})
