import { bindingOf, bindingsIn, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/query-changes-nothing',
  title: 'Asking for the list of bindings neither removes nor adds one',
  area: 'registrar',
  purposes: ['REG-QUERY'],
  rules: {
    complete: must('RFC 3261 §10.3', 'a REGISTER without Contact is answered with all current bindings', {
      gravity: 'harm',
      harm: 'Telephones that ask for their registration do not see it, and show "not registered".',
    }),
    kept: must('RFC 3261 §10.2.3', 'a REGISTER without Contact leaves the bindings as they are', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  harm: 'Telephones and softphones that ask for their registration lose it that way: they are not reachable any more, and nobody sees why.',
  advice: 'Look at what the registrar does with a REGISTER that has no Contact: some take it for a log-off.',
  async run({ alice, expect }) {
    const first = await alice.registers({ expires: 300 })
    const uri = alice.agent.contactUri
    precondition(bindingOf(first.contacts, uri), 'the registrar did not list the binding that it has just made')
    const once = await alice.asksRegistrar()
    precondition(once.status === 200, `the query was answered ${once.status}`)
    const seen = alice.hears(200, { to: 'REGISTER' }).last
    const urisOf = (bindings: readonly { readonly uri: string }[]) => bindings.map((binding) => binding.uri)
    const told = urisOf(bindingsIn(once.final))
    const asked = urisOf(await alice.bindings())
    const again = alice.hears(200, { to: 'REGISTER' }).last
    const made = urisOf(first.contacts)
    const lacking = (list: readonly string[]) => made.filter((one) => !list.includes(one))
    expect('complete', lacking(told), { seen, header: 'Contact' }).toBeEmpty()
    expect('kept', lacking(asked), { seen: again, header: 'Contact' }).toBeEmpty()
    // A border controller may tell a registering device of its own contact only: what is more in a query is no proof of
    // anything added. From one query to the next nothing may come up.
    expect(
      'kept',
      asked.filter((one) => !told.includes(one)),
      { seen: again, header: 'Contact' },
    ).toBeEmpty()
  },
})
