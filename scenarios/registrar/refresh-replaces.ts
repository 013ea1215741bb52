import { must, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/refresh-replaces',
  title: 'Registering again renews the binding instead of adding a second one',
  area: 'registrar',
  purposes: ['REG-REFRESH'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'the refresh of a registration is answered with 200'),
    listed: must('RFC 3261 §10.3', 'the response to a refresh lists the binding with its time'),
    once: must('RFC 3261 §10.3', 'a refresh updates the same contact and adds none'),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 3,
  harm: 'Devices ring twice or the list of devices fills up until new ones are refused.',
  advice: 'Look at how the registrar compares contacts when a device registers again.',
  async run({ alice, expect }) {
    const first = await alice.registers({ expires: 300 })
    const again = await alice.asksToRegister({ expires: 300 })
    const answer = alice.hears(200, { to: 'REGISTER' }).last
    expect('accepted', again.status, { seen: answer }).toBe(200)
    expect('listed', again.expires, { seen: answer, header: 'Contact' }).toBePresent()
    const mine = again.contacts.filter((contact) => contact.uri === first.own?.uri)
    expect('once', mine.length, { seen: answer, header: 'Contact' }).toBe(1)
  },
})
