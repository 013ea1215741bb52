import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/no-record-route',
  title: 'The registrar takes no notice of Record-Route and speaks for nobody but itself',
  area: 'registrar',
  purposes: ['REG-NO6XX'],
  rules: {
    ignored: must('RFC 3261 §10.3', 'a Record-Route in a REGISTER is ignored', {
      gravity: 'harm',
      harm: 'Devices behind a proxy of their own send their calls on a detour.',
    }),
    notReturned: must('RFC 3261 §10.3', 'no answer to a REGISTER carries Record-Route', {
      gravity: 'harm',
      harm: 'Devices behind a proxy of their own send their calls on a detour.',
    }),
    no6xx: must('RFC 3261 §10.3', 'a registrar never answers 6xx', {
      gravity: 'harm',
      harm: 'Devices give up registering for good.',
    }),
  },
  devices: { alice: {} },
  seconds: 4,
  harm: 'Devices behind a proxy of their own send their calls on a detour, or give up registering for good.',
  advice: 'Look at what the registrar copies from the request into its answer.',
  async run({ alice, expect }) {
    const contacts = [`<${alice.agent.contactUri}>`]
    await alice.registers()
    const asked = await alice.asksRegistrar({
      contacts,
      expires: 300,
      headers: { 'Record-Route': '<sip:somewhere.invalid;lr>' },
    })
    precondition(asked.final, 'the registration got no answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('ignored', asked.final.status, { seen }).toBe(200)
    // A refusal on top: of the wrong domain.
    await alice.asksRegistrar({ contacts, expires: 300, to: '<sip:somebody@elsewhere.invalid>' })
    const answers = alice.hears(undefined, { to: 'REGISTER', where: ({ message }) => message.kind === 'response' })
    const tracing = answers.all.find(({ message }) => message.headers.has('Record-Route'))
    expect('notReturned', tracing?.message.headers.get('Record-Route'), {
      seen: tracing,
      header: 'Record-Route',
    }).toBeAbsent()
    expect(
      'no6xx',
      answers.status.filter((status) => status >= 600),
    ).toBeEmpty()
    await alice.clearsBindings()
  },
})
