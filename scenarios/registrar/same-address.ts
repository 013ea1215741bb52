import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/same-address',
  title: 'Two spellings of one address are one binding',
  area: 'registrar',
  purposes: ['REG-URI'],
  rules: {
    compared: finding(
      'RFC 3261 §19.1.4',
      'contacts are compared as URIs: escapes, letter case and order do not count',
      { gravity: 'letter', follows: ['binding-doubled'] },
    ),
  },
  devices: { alice: {} },
  seconds: 4,
  fitForLoad: true,
  harm: 'A contact in another spelling makes a second binding. Telephones hardly ever change their spelling.',
  advice: 'Let the registrar compare contacts by the rules for URIs, not as text.',
  async run({ alice, expect, random }) {
    const plain = alice.contactAs('twice')
    const callId = random.token(24)
    const before = await alice.clearsBindings()
    precondition(before.contacts.length === 0, 'the registrar still lists bindings that were removed')
    const first = await alice.asksRegistrar({ contacts: [`<${plain};a=1;b=2>`], expires: 300, callId, cseq: 10 })
    precondition(first.status === 200, `the first contact was answered with ${first.status ?? 'nothing'}`)
    precondition((await alice.bindings()).length === 1, 'the registrar does not list the new binding')
    // %74 is t; parameter names and values have no case, and no order (RFC 3261 §19.1.4).
    const other = `<${plain.replace('twice', '%74wice')};B=2;a=1>`
    const second = await alice.asksRegistrar({ contacts: [other], expires: 300, callId, cseq: 20 })
    precondition(second.status === 200, `the other spelling was answered with ${second.status ?? 'nothing'}`)
    const listed = await alice.bindings()
    expect('compared', listed.length, { seen: alice.hears(200, { to: 'REGISTER' }).last, header: 'Contact' }).toBe(
      1,
      'binding listed',
    )
  },
})
