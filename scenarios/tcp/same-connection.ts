import { finding, must, precondition, probe, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/same-connection',
  title: 'Answers and calls come on the connection that the device opened',
  area: 'tcp',
  purposes: ['TR-REUSE'],
  provider: ['BH-3', 'BH-9'],
  rules: {
    response: must('RFC 3261 §18.2.2', 'a response is sent on the connection of its request', {
      gravity: 'outage',
      cause: 'reply-address-wrong',
      harm: 'Behind NAT, telephones on TCP see no responses: they come on another connection.',
    }),
    request: finding(
      'BH-9',
      'a device is called over the connection that it opened: behind a NAT there is no other way',
      {
        gravity: 'outage',
        cause: 'stream-not-reused',
        harm: 'Calls to telephones on TCP open a new connection: behind NAT they cannot be called.',
      },
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  step: 'call',
  harm: 'The server does not use the connection that the device opened.',
  advice:
    'Let the server send to the connection of the REGISTER, not to the Contact. Kamailio: fix_nated_register() with received_avp, or add_contact_alias() with handle_ruri_alias(). Asterisk: rewrite_contact=yes.',
  async run({ alice, bob, target, expect }) {
    await alice.registers()
    await bob.registers()
    const ask = probe(alice, target)
    const connection = await alice.connects()
    connection.write(ask.toBytes())
    const answer = await alice.hears(undefined, { callId: ask.callId }).next(4_000)
    precondition(answer, 'a request without log-in got no answer', 'no-answer')
    const asked = alice.says(ask.method, { callId: ask.callId }).first
    expect('response', answer.connection ?? 'none', { seen: answer }).toBe(asked?.connection ?? 'none')
    bob.rejects(486)
    await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    precondition(invite, 'the call did not arrive', 'call-not-arrived')
    expect('request', invite.connection ?? 'none', { seen: invite }).toBe(
      bob.says('REGISTER').last?.connection ?? 'none',
    )
  },
})
