import { bindingOf, bindingsIn, finding, must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'registrar/adds-binding',
  title: 'REGISTER is answered with the list of bindings, each with the time it is kept',
  area: 'registrar',
  purposes: ['REG-ADD'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'a REGISTER with the right credentials is answered with 200', {
      gravity: 'outage',
      cause: 'registration-refused',
      harm: 'Telephones cannot register: nobody can call them.',
    }),
    listed: must('RFC 3261 §10.3', 'the 200 to a REGISTER lists all current bindings, the new one among them', {
      gravity: 'harm',
      cause: 'binding-not-listed',
      harm: 'The 200 to REGISTER does not list the binding: some telephones show "not registered".',
    }),
    expires: must('RFC 3261 §10.3', 'each listed binding carries its own expires parameter', {
      gravity: 'harm',
      cause: 'binding-time-not-told',
      harm: 'Telephones are not told how long they stay registered: some renew too late and miss calls.',
    }),
    unchanged: finding('RFC 3261 §10.2.4', 'the listed binding is the contact as the device wrote it', {
      gravity: 'letter',
      follows: ['binding-not-listed'],
      harm: 'The registrar lists contacts in another form than devices sent them. A few telephones then do not find their own and show "not registered".',
    }),
    notMore: should('RFC 3261 §10.3', 'the granted time is at most the one asked for', {
      gravity: 'letter',
      cause: 'granted-more-than-asked',
      harm: 'Registrations are granted for longer than devices asked. Devices that register often to keep their NAT open renew less often than they meant to.',
    }),
    date: should('RFC 3261 §10.3', 'the 200 to a REGISTER carries Date', {
      gravity: 'letter',
      harm: 'The 200 to REGISTER carries no Date: telephones cannot set their clock by it.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 3,
  step: 'register',
  fitForLoad: true,
  harm: 'The answer to REGISTER lacks what telephones need to know about their registration.',
  advice:
    'Look at the Contact lines of the 200 to REGISTER in the ladder: telephones go by them. Kamailio: save("location") writes them; with flag 0x02 the script has to. Border controllers that rewrite contacts must rewrite them back.',
  async run({ alice, expect }) {
    const outcome = await alice.asksToRegister({ expires: 600 })
    // What was asked for in the end: where 600 s are too brief, what the 423 says.
    const asked = Number(outcome.exchange.requests.at(-1)?.headers.get('Expires'))
    const seen = alice.hears(200, { to: 'REGISTER' }).last
    const header = 'Contact'
    precondition(outcome.exchange.final, 'the REGISTER got no answer', 'no-answer')
    const answer = alice.hears(undefined, { to: 'REGISTER' }).last
    if (!expect('accepted', outcome.status, { seen: answer }).toBe(200)) return
    const listed = bindingsIn(outcome.exchange.final)
    // Border controllers give contacts another name altogether: where there is but one, it is this one.
    const mine = bindingOf(listed, alice.contactUri) ?? (listed.length === 1 ? listed[0] : undefined)
    precondition(
      mine ?? listed.length === 0,
      'the registrar rewrites contacts, so the device cannot tell its own from others',
    )
    expect('listed', mine?.uri ?? null, { seen, header }).toBePresent()
    expect('unchanged', outcome.own?.uri ?? null, { seen, header }).toBePresent()
    const untold = outcome.contacts.filter((contact) => !/^\d+$/.test(contact.params.get('expires') ?? ''))
    expect(
      'expires',
      untold.map((contact) => contact.uri),
      { seen, header },
    ).toBeEmpty()
    expect('notMore', mine?.expires ?? 0, { seen, header }).toBeWithin(0, asked, 's')
    expect('date', outcome.exchange.final?.headers.get('Date') ?? null, { seen }).toBePresent()
  },
})
