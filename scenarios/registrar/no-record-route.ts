import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/no-record-route',
  title: 'The registrar ignores Record-Route and never answers 6xx',
  area: 'registrar',
  purposes: ['REG-NO6XX'],
  rules: {
    ignored: must('RFC 3261 §10.3', 'a Record-Route in a REGISTER is ignored', {
      gravity: 'letter',
      // It registers once more under another Call-ID.
      follows: ['registrar/reboot'],
      harm: 'REGISTER with Record-Route is not answered 200. Only devices behind a proxy of their own send it.',
    }),
    notReturned: must('RFC 3261 §10.3', 'no answer to a REGISTER carries Record-Route', {
      gravity: 'letter',
      harm: 'The answer to REGISTER carries Record-Route.',
    }),
    no6xx: must('RFC 3261 §10.3', 'a registrar never answers 6xx', {
      gravity: 'letter',
      harm: 'The registrar answers 6xx. Some telephones then stop registering until they are restarted.',
    }),
  },
  devices: { alice: {} },
  seconds: 4,
  provokesBans: true,
  harm: 'The registrar answers as only a proxy may.',
  advice:
    'Look at what the registrar copies from the request into its answer, and which status it refuses with. Kamailio: call record_route() for requests that begin a dialog only, not for REGISTER.',
  async run({ alice, expect }) {
    const contacts = [`<${alice.contactUri}>`]
    await alice.registers()
    const asked = await alice.asksRegistrar({
      contacts,
      expires: 300,
      headers: { 'Record-Route': '<sip:somewhere.invalid;lr>' },
    })
    precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('ignored', asked.final.status, { seen }).toBe(200)
    // A refusal on top: of the wrong domain.
    await alice.asksRegistrar({ contacts, expires: 300, to: '<sip:somebody@elsewhere.invalid>' })
    const answers = alice.hears(undefined, { to: 'REGISTER', where: ({ message }) => message.kind === 'response' })
    const tracing = answers.all.find(({ message }) => message.headers.has('Record-Route'))
    expect('notReturned', tracing?.message.headers.get('Record-Route') ?? null, {
      seen: tracing,
      header: 'Record-Route',
    }).toBeAbsent()
    expect(
      'no6xx',
      answers.status.filter((status) => status >= 600),
    ).toBeEmpty()
  },
})
