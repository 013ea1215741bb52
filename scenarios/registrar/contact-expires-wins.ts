import { bindingOf, bindingsIn, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/contact-expires-wins',
  title: 'The time asked for with a contact counts, not the one asked for all',
  area: 'registrar',
  purposes: ['REG-EXPIRES'],
  rules: {
    parameter: must('RFC 3261 §10.3', 'the expires parameter of a contact counts, whatever the header Expires says'),
    removed: must('RFC 3261 §10.3', 'expires=0 with a contact removes that contact'),
    othersKept: must('RFC 3261 §10.3', 'the removal of one contact leaves the other contacts of the request'),
  },
  devices: { alice: {} },
  seconds: 4,
  harm: 'A telephone that moves to another address stays listed at the old one, or logs itself off altogether.',
  advice:
    'Look at which of the two the registrar reads: the expires parameter of Contact, or the Expires header field.',
  async run({ alice, expect, random, target }) {
    const mine = alice.contactAs('staying')
    const gone = alice.contactAs('leaving')
    const brief = Math.max(120, target.document.policy.registration?.minExpires ?? 0)
    const callId = random.token(24)
    const header = 'Contact'
    const last = () => alice.hears(200, { to: 'REGISTER' }).last
    const first = await alice.asksRegistrar({
      contacts: [`<${gone}>;expires=${brief}`],
      expires: brief * 3,
      callId,
      cseq: 10,
    })
    precondition(first.status === 200, `the contact was not taken: ${first.status}`)
    const granted = bindingOf(bindingsIn(first.final), gone)?.expires
    precondition(granted !== undefined, 'the registrar does not tell how long it keeps the binding')
    expect('parameter', granted, { seen: last(), header }).toBeWithin(1, brief, 's')

    // As a device does that has a new address: the new one is added, the old one taken back.
    const moved = await alice.asksRegistrar({
      contacts: [`<${mine}>`, `<${gone}>;expires=0`],
      expires: 300,
      callId,
      cseq: 20,
    })
    precondition(moved.status === 200, `the change of address was answered ${moved.status}`)
    const listed = bindingsIn(moved.final)
    precondition(listed.length > 0, 'the registrar does not list the binding that it has made')
    expect('removed', bindingOf(listed, gone)?.uri, { seen: last(), header }).toBeAbsent()
    expect('othersKept', bindingOf(listed, mine)?.uri, { seen: last(), header }).toBePresent()
    await alice.clearsBindings()
  },
})
