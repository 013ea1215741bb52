import { bindingOf, bindingsIn, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/query-changes-nothing',
  title: 'A REGISTER without Contact lists the bindings and changes none',
  area: 'registrar',
  purposes: ['REG-QUERY'],
  rules: {
    answered: must(
      'RFC 3261 §10.3',
      'a REGISTER without Contact is answered with 200, whether there are bindings or not',
      {
        gravity: 'letter',
        cause: 'query-rejected',
        harm: 'A REGISTER without Contact is rejected. The few telephones that ask for their bindings show an error.',
      },
    ),
    complete: must('RFC 3261 §10.3', 'a REGISTER without Contact is answered with all current bindings', {
      gravity: 'letter',
      cause: 'binding-not-listed',
      follows: ['registrar/query-changes-nothing'],
      harm: 'A REGISTER without Contact is not answered with the bindings. The few telephones that ask show "not registered".',
    }),
    kept: must('RFC 3261 §10.3', 'a REGISTER without Contact leaves the bindings as they are', {
      gravity: 'outage',
      harm: 'Telephones that ask which bindings they have lose their registration and cannot be called.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  step: 'register',
  harm: 'A REGISTER without Contact changes the bindings.',
  advice: 'Look at what the registrar does with a REGISTER without Contact: it may take it for a log-off.',
  async run({ alice, bob, expect, within }) {
    /** Does a call reach alice? */
    const isCalled = async () => {
      const call = await bob.invites(alice)
      const rung = await alice.nextCall(4_000)
      await within(call.cancel(), 2_000)
      return rung !== undefined
    }
    const first = await alice.registers({ expires: 300 })
    const uri = alice.contactUri
    precondition(bindingOf(first.contacts, uri), 'the registrar did not list the new binding')
    const once = await alice.asksRegistrar()
    const bound = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(once.status !== undefined, 'the REGISTER without Contact was not answered')
    expect('answered', once.status, { seen: bound }).toBe(200)
    precondition(once.status === 200, `the REGISTER without Contact was answered with ${once.status}`)
    const seen = alice.hears(200, { to: 'REGISTER' }).last
    const urisOf = (bindings: readonly { readonly uri: string }[]) => bindings.map((binding) => binding.uri)
    const told = urisOf(bindingsIn(once.final))
    const asked = urisOf(await alice.bindings())
    const again = alice.hears(200, { to: 'REGISTER' }).last
    const made = urisOf(first.contacts)
    const lacking = (list: readonly string[]) => made.filter((one) => !list.includes(one))
    expect('complete', lacking(told), { seen, header: 'Contact' }).toBeEmpty()
    if (lacking(told).length > 0 && lacking(asked).length > 0) {
      // Not listed is not yet lost: a call tells.
      await bob.registers()
      const isKept = await isCalled()
      if (!isKept) {
        await alice.registers({ expires: 300 })
        precondition(
          await isCalled(),
          'calls do not arrive, whether it was asked for bindings or not',
          'call-not-arrived',
        )
      }
      expect('kept', isKept, { seen: again, header: 'Contact' }).toBeTrue('a call still arrives')
    }
    // A border controller may tell a registering device of its own contact only: what is more in a query is no proof of
    // anything added. From one query to the next nothing may come up.
    expect(
      'kept',
      asked.filter((one) => !told.includes(one)),
      { seen: again, header: 'Contact' },
    ).toBeEmpty()
    await alice.unregisters()
    const unbound = await alice.asksRegistrar()
    precondition(unbound.status !== undefined, 'the REGISTER without Contact was not answered')
    expect('answered', unbound.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
  },
})
