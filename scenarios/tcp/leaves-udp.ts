import { inconclusive, must, outsideAddress, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/leaves-udp',
  title: 'A request that is too large for a datagram reaches a device on UDP over TCP',
  area: 'tcp',
  purposes: ['TR-MTU'],
  provider: ['BH-2', 'BH-3'],
  rules: {
    arrives: must('RFC 3261 §18.1.1', 'a request of more than 1300 bytes reaches the callee', { gravity: 'letter' }),
    overTcp: must('RFC 3261 §18.1.1', 'a request of more than 1300 bytes is not sent as a datagram', {
      gravity: 'letter',
    }),
    via: must('RFC 3261 §18.1.1', 'the topmost Via names the transport that it was sent over', {
      gravity: 'harm',
      harm: 'Answers to calls with long messages may not find their way back.',
    }),
  },
  devices: { alice: { audio: false }, bob: {} },
  seconds: 12,
  harm: 'Calls with long messages ring some telephones and not others: routers drop the pieces of large datagrams.',
  advice:
    'Look at the size from which the proxy changes from UDP to TCP (Kamailio: udp_mtu and udp_mtu_try_proto), and that no firewall keeps connections away from this machine.',
  async run({ alice, bob, expect, random }) {
    await alice.registers()
    const registered = await bob.registers()
    bob.rejects(486)
    const filler = Array.from({ length: 20 }, () => random.token(60)).join(' ')
    const call = await alice.invites(bob, { headers: { 'X-Ringproof-Filler': filler }, sdp: false })
    const invite = await bob.hears('INVITE').next(8_000)
    precondition(call.final?.status !== 401 && call.final?.status !== 407, 'the caller could not log in')
    const outside = outsideAddress(bob.localAddress, registered.seenAs?.address)
    if (outside !== bob.localAddress && invite?.transport !== 'tcp') {
      inconclusive(
        `a NAT stands between this machine and the target (${outside}): nobody can connect to the device, which is to be reached over TCP`,
      )
    }
    expect('arrives', invite?.message.headers.get('CSeq'), { seen: invite }).toBePresent()
    precondition(invite, 'the call did not arrive')
    precondition(invite.bytes.length > 1300, 'the request that arrived is not a large one any more')
    expect('overTcp', invite.transport, { seen: invite, header: 'Via' }).toBeOneOf(['tcp', 'tls'])
    expect('via', invite.message.via.transport.toLowerCase(), { seen: invite, header: 'Via' }).toBe(invite.transport)
  },
})
