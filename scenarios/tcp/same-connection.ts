import { finding, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/same-connection',
  title:
    'Answers come on the connection that the question came on, and calls on the one that the device registered with',
  area: 'tcp',
  purposes: ['TR-REUSE'],
  provider: ['BH-3', 'BH-9'],
  rules: {
    response: must('RFC 3261 §18.2.2', 'a response is sent on the connection of its request', {
      gravity: 'harm',
      harm: 'Devices behind a router or firewall see no answers to what they ask over TCP.',
    }),
    request: finding(
      'BH-9',
      'a device is called over the connection that it opened: behind a NAT there is no other way',
      { gravity: 'harm', harm: 'Devices behind a router or firewall cannot be called over TCP.' },
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Devices behind a router or firewall cannot be called over TCP, or see no answers to what they ask.',
  advice:
    'Look at how the server chooses the connection towards a device: the contact in its REGISTER cannot be reached from outside.',
  async run({ alice, bob, target, expect }) {
    await alice.registers()
    await bob.registers()
    const domain = target.domain(alice.variant.transport)
    const ask = alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    const connection = await alice.connects()
    connection.write(ask.toBytes())
    const answer = await alice.hears(undefined, { callId: ask.callId }).next(4_000)
    precondition(answer, 'an OPTIONS got no answer')
    const asked = alice.says('OPTIONS', { callId: ask.callId }).first
    expect('response', answer.connection, { seen: answer }).toBe(asked?.connection)
    bob.rejects(486)
    await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    precondition(invite, 'the call did not arrive')
    expect('request', invite.connection, { seen: invite }).toBe(bob.says('REGISTER').last?.connection)
  },
})
