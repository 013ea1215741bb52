import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/same-address',
  title: 'Two ways of writing one address are one binding',
  area: 'registrar',
  purposes: ['REG-URI'],
  rules: {
    compared: finding(
      'RFC 3261 §19.1.4',
      'contacts are compared as URIs: escapes, letter case and order do not count',
      { gravity: 'letter' },
    ),
  },
  devices: { alice: {} },
  seconds: 4,
  harm: 'A telephone that writes its address a little otherwise after an update is listed twice, and rings twice or is refused.',
  advice: 'Look at how the registrar matches contacts: by text, or by the rules for URIs.',
  async run({ alice, expect, random }) {
    const plain = alice.contactAs('twice')
    const callId = random.token(24)
    const before = await alice.clearsBindings()
    precondition(before.contacts.length === 0, 'the registrar still lists bindings after they were removed')
    const first = await alice.asksRegistrar({ contacts: [`<${plain};a=1;b=2>`], expires: 300, callId, cseq: 10 })
    precondition(first.status === 200, `the contact was not taken: ${first.status}`)
    precondition((await alice.bindings()).length === 1, 'the registrar does not list the one binding that it has made')
    // %74 is t; parameter names and values have no case, and no order (RFC 3261 §19.1.4).
    const other = `<${plain.replace('twice', '%74wice')};B=2;a=1>`
    const second = await alice.asksRegistrar({ contacts: [other], expires: 300, callId, cseq: 20 })
    precondition(second.status === 200, `the contact in its other spelling was not taken: ${second.status}`)
    const listed = await alice.bindings()
    expect('compared', listed.length, { seen: alice.hears(200, { to: 'REGISTER' }).last, header: 'Contact' }).toBe(1)
    await alice.clearsBindings()
  },
})
