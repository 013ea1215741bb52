import { bindingOf, loginTaken, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/all-or-nothing',
  title: 'Of a registration that is refused no part is carried out',
  area: 'registrar',
  purposes: ['REG-ATOMIC'],
  rules: {
    late: must('RFC 3261 §10.3', 'beside a contact whose update fails, no other contact of the request is stored', {
      gravity: 'letter',
    }),
    brief: whereReached(
      must(
        'RFC 3261 §10.3',
        'beside a contact that is refused as too brief, no other contact of the request is stored',
        { gravity: 'letter' },
      ),
    ),
  },
  devices: { alice: {} },
  seconds: 5,
  harm: 'A telephone that believes its registration failed is called nevertheless, at an address it does not listen on: callers hear nothing.',
  advice: 'Look at whether the registrar stores contacts one by one, before it has looked at all of them.',
  async run({ alice, expect, random, note }) {
    const mine = alice.contactAs('kept')
    const callId = random.token(24)
    const made = await alice.asksRegistrar({ contacts: [`<${mine}>`], expires: 300, callId, cseq: 500 })
    precondition(made.status === 200, `the contact was not taken: ${made.status}`)
    precondition(bindingOf(await alice.bindings(), mine), 'the registrar does not list the binding that it has made')

    // The update of the known contact must fail: same Call-ID, lower CSeq number.
    const guest = alice.contactAs('guest')
    const late = await alice.asksRegistrar({
      contacts: [`<${guest}>`, `<${mine}>`],
      expires: 300,
      callId,
      cseq: 100,
    })
    precondition(late.final && late.final.status >= 300, 'the registrar took a request that it had to refuse')
    loginTaken(late.final)
    expect('late', bindingOf(await alice.bindings(), guest)?.uri, {
      seen: alice.hears(200, { to: 'REGISTER' }).last,
      header: 'Contact',
    }).toBeAbsent()

    const brief = await alice.asksRegistrar({
      contacts: [`<${guest}>;expires=300`, `<${mine}>;expires=1`],
      callId,
      cseq: 900,
    })
    if (brief.status === 423) {
      expect('brief', bindingOf(await alice.bindings(), guest)?.uri, {
        seen: alice.hears(200, { to: 'REGISTER' }).last,
        header: 'Contact',
      }).toBeAbsent()
    } else {
      note(`an interval of 1 s was not refused as too brief: ${brief.status}`)
    }
    await alice.clearsBindings()
  },
})
