import { bindingOf, bindingsIn, finding, must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'registrar/adds-binding',
  title: 'A device that registers is told for how long, and by which address it is kept',
  area: 'registrar',
  purposes: ['REG-ADD'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'a registration with the right log-in is answered with 200', {
      gravity: 'harm',
      harm: 'Telephones cannot register: their customers cannot be called.',
    }),
    listed: must('RFC 3261 §10.3', 'the 200 to a REGISTER lists all current bindings, the new one among them', {
      gravity: 'harm',
      harm: 'Telephones do not find themselves in the registrar’s list, and show "not registered".',
    }),
    expires: must('RFC 3261 §10.3', 'each listed binding carries its own expires parameter', {
      gravity: 'harm',
      harm: 'Telephones do not learn for how long they are registered: some come back too late and cannot be called.',
    }),
    unchanged: finding('RFC 3261 §10.2.4', 'the device finds its own address in the list as it wrote it', {
      gravity: 'harm',
      harm: 'Some telephones do not recognise their own address in the list, and show "not registered".',
    }),
    notMore: should('RFC 3261 §10.3', 'the time granted to a registration is at most the one asked for', {
      gravity: 'harm',
      harm: 'Telephones are registered for longer than they asked for, and called where they are not any more.',
    }),
    date: should('RFC 3261 §10.3', 'the 200 to a REGISTER tells the date', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 3,
  fitForLoad: true,
  harm: 'Telephones show "not registered" or come back too late: customers cannot be called.',
  advice: 'Look at the registrar’s answer to REGISTER in the ladder: its Contact lines are what the telephone goes by.',
  async run({ alice, expect }) {
    const outcome = await alice.asksToRegister({ expires: 600 })
    // What was asked for in the end: where 600 s are too brief, what the 423 says.
    const asked = Number(outcome.exchange.requests.at(-1)?.headers.get('Expires'))
    const seen = alice.hears(200, { to: 'REGISTER' }).last
    const header = 'Contact'
    precondition(outcome.exchange.final, 'the registration got no answer')
    const answer = alice.hears(undefined, { to: 'REGISTER' }).last
    if (!expect('accepted', outcome.status, { seen: answer }).toBe(200)) return
    const listed = bindingsIn(outcome.exchange.final)
    // Border controllers give contacts another name altogether: where there is but one, it is this one.
    const mine = bindingOf(listed, alice.agent.contactUri) ?? (listed.length === 1 ? listed[0] : undefined)
    precondition(
      mine ?? listed.length === 0,
      'the registrar rewrites contacts, so that the device’s own cannot be told from others',
    )
    expect('listed', mine?.uri, { seen, header }).toBePresent()
    expect('unchanged', outcome.own?.uri, { seen, header }).toBePresent()
    const untold = outcome.contacts.filter((contact) => !/^\d+$/.test(contact.params.get('expires') ?? ''))
    expect(
      'expires',
      untold.map((contact) => contact.uri),
      { seen, header },
    ).toBeEmpty()
    expect('notMore', mine?.expires ?? 0, { seen, header }).toBeWithin(0, asked, 's')
    expect('date', outcome.exchange.final?.headers.get('Date'), { seen }).toBePresent()
  },
})
