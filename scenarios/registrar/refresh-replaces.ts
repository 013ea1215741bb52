import { bindingOf, bindingsIn, must, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/refresh-replaces',
  title: 'Registering again renews the binding instead of adding a second one',
  area: 'registrar',
  purposes: ['REG-REFRESH'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'the refresh of a registration is answered with 200', {
      gravity: 'outage',
      cause: 'registration-refused',
      harm: 'Telephones cannot renew their registration: nobody can call them once it has run out.',
    }),
    listed: must('RFC 3261 §10.3', 'the response to a refresh lists the binding with its time', {
      gravity: 'harm',
      cause: 'binding-time-not-told',
      follows: ['binding-not-listed'],
      harm: 'Telephones that renew are not told how long they stay registered. Some renew too late and miss calls.',
    }),
    once: must('RFC 3261 §10.3', 'a refresh updates the same contact and adds none', {
      gravity: 'harm',
      cause: 'binding-doubled',
      harm: 'Every renewal adds a binding: calls go to the same telephone several times.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 3,
  fitForLoad: true,
  step: 'register',
  harm: 'Renewing a registration does not work as it should.',
  advice:
    'Look at how the registrar compares contacts when a device registers again. Asterisk: where rewrite_contact changes the port, remove_existing=yes drops the old contact. Kamailio: save("location", "0x04") keeps one contact for an account.',
  async run({ alice, expect }) {
    const first = await alice.registers({ expires: 300 })
    const again = await alice.asksToRegister({ expires: 300 })
    const answer = alice.hears(200, { to: 'REGISTER' }).last
    expect('accepted', again.status, { seen: answer }).toBe(200)
    const header = 'Contact'
    const listed = bindingsIn(again.exchange.final)
    // Where contacts are rewritten, the device's own may only be told by being the only one.
    const mine = bindingOf(listed, alice.contactUri) ?? (listed.length === 1 ? listed[0] : undefined)
    expect('listed', mine?.expires ?? null, { seen: answer, header }).toBePresent()
    if (again.own) {
      const own = again.contacts.filter((contact) => contact.uri === again.own?.uri)
      expect('once', own.length, { seen: answer, header }).toBe(1, 'binding of the device')
    } else {
      expect('once', listed.length, { seen: answer, header }).toSatisfy(
        `${first.contacts.length}, as before`,
        (count) => count <= first.contacts.length,
      )
    }
  },
})
