import { inconclusive, loginTaken, must, onlyForProxies, outsideAddress, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/leaves-udp',
  title: 'A request that is too large for a datagram reaches a device on UDP over TCP',
  area: 'tcp',
  purposes: ['TR-MTU'],
  provider: ['BH-2', 'BH-3'],
  rules: {
    arrives: must('RFC 3261 §18.1.1', 'a request of more than 1300 bytes reaches the callee', {
      gravity: 'harm',
      follows: ['stream-framing'],
      harm: 'Calls with long messages do not arrive.',
    }),
    overTcp: must('RFC 3261 §18.1.1', 'a request of more than 1300 bytes is not sent as a datagram', {
      gravity: 'letter',
      harm: 'Large requests are sent over UDP, as well-known servers do by default. Routers that drop fragments lose them.',
    }),
    via: must('RFC 3261 §18.1.1', 'the topmost Via names the transport that it was sent over', {
      gravity: 'harm',
      harm: 'The Via of large requests names the wrong transport: answers may not find their way back.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  reliesOn: 'call',
  harm: 'Large requests do not leave UDP for TCP.',
  advice:
    'Kamailio: udp_mtu (off by default) with udp_mtu_try_proto = TCP. Asterisk: disable_tcp_switch=no. Devices must then be reachable over TCP.',
  async run({ alice, bob, expect, random }) {
    await alice.registers()
    const registered = await bob.registers()
    bob.rejects(486)
    const filler = Array.from({ length: 20 }, () => random.token(60)).join(' ')
    const call = await alice.invites(bob, { headers: { 'X-Ringproof-Filler': filler } })
    const invite = await bob.hears('INVITE').next(8_000)
    loginTaken(call.final)
    const outside = outsideAddress(bob.localAddress, registered.seenAs?.address)
    if (outside !== bob.localAddress && invite?.transport !== 'tcp')
      inconclusive(`this machine is behind a NAT (${outside}): the target cannot connect to the device`)
    expect('arrives', invite?.message.headers.get('CSeq') ?? null, { seen: invite }).toBePresent()
    precondition(invite, 'the call did not arrive', 'call-not-arrived')
    if (invite.bytes.length <= 1300) {
      onlyForProxies(alice.says('INVITE', { callId: call.id }).last, invite)
      inconclusive('the request that arrived is no longer a large one')
    }
    expect('overTcp', invite.transport, { seen: invite, header: 'Via' }).toBeOneOf(['tcp', 'tls'])
    expect('via', invite.message.via.transport.toLowerCase(), { seen: invite, header: 'Via' }).toBe(invite.transport)
  },
})
