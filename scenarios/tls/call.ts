import { must, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'tls/call',
  title: 'Devices on TLS call each other, all of it on the connections that they opened themselves',
  area: 'tls',
  purposes: ['TR-REUSE'],
  provider: ['EP-2', 'BH-7', 'BH-9'],
  rules: {
    rings: promised('EP-2', 'a device on TLS can be called', {
      gravity: 'harm',
      harm: 'Customers with encrypted signalling can register, but not be called.',
    }),
    ends: promised('EP-2', 'requests within a call between devices on TLS reach both sides', {
      gravity: 'harm',
      harm: 'Calls of customers with encrypted signalling cannot be ended.',
    }),
    sameConnection: must('RFC 3261 §18.2.2', 'responses come on the connection of their request', {
      gravity: 'harm',
      harm: 'Devices on TLS behind a router or firewall see no answers.',
    }),
    inside: promised('BH-7', 'everything the devices hear comes through TLS', {
      gravity: 'harm',
      harm: 'What customers on TLS are told can be read on the way.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Customers with encrypted signalling can register but not be called, or calls cannot be ended.',
  advice: 'Look at how the server finds the connection of a device on TLS: it cannot open one to it.',
  async run({ alice, bob, expect, record, within }) {
    await alice.registers()
    await bob.registers()
    const ringing = bob.nextCall()
    const call = await alice.invites(bob)
    const final = await within(call.answered, 10_000)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    const callee = await within(ringing, 1)
    expect('rings', final?.status, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(200)
    const bye = callee && (await within(callee.hangUp(), 4_000))
    const end = await within(call.ended, 1_000)
    expect('ends', [bye?.status, end?.cause], { seen: alice.hears('BYE').last }).toEqual([200, 'bye'])
    const heard = record.messages.filter(({ direction }) => direction === 'in')
    const elsewhere = heard.filter(({ message, device, connection }) => {
      if (message.kind === 'request') return false
      const asked = record.messages.findLast(
        (sent) =>
          sent.device === device &&
          sent.direction === 'out' &&
          sent.message.kind === 'request' &&
          sent.message.via.branch === message.via.branch,
      )
      return asked !== undefined && asked.connection !== connection
    })
    expect('sameConnection', elsewhere.length, { seen: elsewhere[0] }).toBe(0)
    const outside = heard.filter(({ transport }) => transport !== 'tls')
    expect('inside', outside.length, { seen: outside[0] }).toBe(0)
  },
})
