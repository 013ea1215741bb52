import { finding, onlyForProxies, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/max-breadth',
  title: 'The proxy limits into how many copies a request may be split',
  area: 'proxy',
  purposes: ['PRX-BREADTH'],
  rules: {
    present: finding(
      'RFC 5393 §5.3.3',
      'a forwarded request says into how many copies it may be split; few servers do',
      { gravity: 'letter' },
    ),
    notMore: finding('RFC 5393 §5.3.3', 'a request is never allowed more copies than its caller allows', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 10,
  reliesOn: 'call',
  harm: 'Requests are forwarded without Max-Breadth, as by most servers.',
  advice: 'Where Max-Breadth is not supported, limit the number of diversions and devices of an account.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(bob, { headers: { 'Max-Breadth': '20' } })
    const invite = await bob.hears('INVITE').next(8_000)
    await within(call.ended, 4_000)
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, invite)
    precondition(invite, 'the call did not arrive', 'call-not-arrived')
    const value = invite.message.headers.get('Max-Breadth')
    expect('present', value ?? null, { seen: invite, header: 'Max-Breadth' }).toBePresent()
    expect('notMore', Number(value ?? 0), { seen: invite, header: 'Max-Breadth' }).toBeWithin(0, 20)
  },
})
