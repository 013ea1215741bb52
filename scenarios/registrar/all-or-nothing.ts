import { bindingOf, loginTaken, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/all-or-nothing',
  title: 'A REGISTER that is refused changes no binding',
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
        {
          gravity: 'letter',
        },
      ),
    ),
  },
  devices: { alice: {} },
  seconds: 5,
  fitForLoad: true,
  harm: 'A REGISTER that was refused is carried out in part. Only devices that register several contacts at once can meet it.',
  advice: 'Let the registrar check all contacts of a REGISTER before it stores the first one.',
  async run({ alice, expect, random, note }) {
    const mine = alice.contactAs('kept')
    const callId = random.token(24)
    const made = await alice.asksRegistrar({ contacts: [`<${mine}>`], expires: 300, callId, cseq: 500 })
    precondition(made.status === 200, `the first contact was answered with ${made.status ?? 'nothing'}`)
    precondition(bindingOf(await alice.bindings(), mine), 'the registrar does not list the new binding')

    // The update of the known contact must fail: same Call-ID, lower CSeq number.
    const guest = alice.contactAs('guest')
    const late = await alice.asksRegistrar({
      contacts: [`<${guest}>`, `<${mine}>`],
      expires: 300,
      callId,
      cseq: 100,
    })
    precondition(late.final && late.final.status >= 300, 'the request with an old CSeq number was not refused')
    loginTaken(late.final)
    expect('late', bindingOf(await alice.bindings(), guest)?.uri ?? null, {
      seen: alice.hears(200, { to: 'REGISTER' }).last,
      header: 'Contact',
    }).toBeAbsent()

    const brief = await alice.asksRegistrar({
      contacts: [`<${guest}>;expires=300`, `<${mine}>;expires=1`],
      callId,
      cseq: 900,
    })
    if (brief.status === 423) {
      expect('brief', bindingOf(await alice.bindings(), guest)?.uri ?? null, {
        seen: alice.hears(200, { to: 'REGISTER' }).last,
        header: 'Contact',
      }).toBeAbsent()
    } else {
      note(`an interval of 1 s was answered with ${brief.status ?? 'nothing'}, not 423`)
    }
  },
})
