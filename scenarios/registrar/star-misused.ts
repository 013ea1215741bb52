import { bindingOf, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/star-misused',
  title: 'Contact * with a time, or beside another contact, is refused and removes nothing',
  area: 'registrar',
  purposes: ['REG-STARBAD'],
  rules: {
    withTime: must('RFC 3261 §10.3', 'Contact * with another Expires than 0 is answered with 400', {
      gravity: 'letter',
      harm: 'Contact * with another Expires than 0 is not refused with 400.',
    }),
    besideAnother: must('RFC 3261 §10.3', 'Contact * beside another Contact is answered with 400', {
      gravity: 'letter',
      harm: 'Contact * beside another Contact is not refused with 400.',
    }),
    kept: must('RFC 3261 §10.3', 'a REGISTER that is refused changes no binding', {
      gravity: 'letter',
      harm: 'A malformed REGISTER changes the bindings. Telephones do not send it.',
    }),
  },
  devices: { alice: {} },
  seconds: 5,
  fitForLoad: true,
  harm: 'A malformed REGISTER with Contact * is not refused.',
  advice: 'Let the registrar check "Contact: *" before it removes anything.',
  async run({ alice, expect }) {
    const mine = alice.contactUri
    const first = await alice.registers({ expires: 300 })
    precondition(bindingOf(first.contacts, mine), 'the registrar did not list the new binding')
    precondition(bindingOf(await alice.bindings(), mine), 'the registrar does not list the binding when asked')
    const answered = () => alice.hears(undefined, { to: 'REGISTER' }).last

    const withTime = await alice.asksRegistrar({ contacts: ['*'], expires: 300 })
    expect('withTime', withTime.status ?? 'no answer', { seen: answered() }).toBe(400)
    expect('kept', bindingOf(await alice.bindings(), mine)?.uri ?? null, { seen: answered() }).toBePresent()

    const other = `<${alice.contactAs('other')}>`
    const beside = await alice.asksRegistrar({ contacts: ['*', other], expires: 0 })
    expect('besideAnother', beside.status ?? 'no answer', { seen: answered() }).toBe(400)
    const left = await alice.bindings()
    expect('kept', bindingOf(left, mine)?.uri ?? null, { seen: answered() }).toBePresent()
    expect('kept', bindingOf(left, alice.contactAs('other'))?.uri ?? null, { seen: answered() }).toBeAbsent()
  },
})
