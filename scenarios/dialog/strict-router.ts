import { insideOf, must, onlyForProxiedCalls, parseUri, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/strict-router',
  title: 'A strict router, which puts the proxy into the Request-URI, can end its calls',
  area: 'dialog',
  purposes: ['DLG-STRICT'],
  rules: {
    restored: must(
      'RFC 3261 §16.4',
      'the proxy puts the last Route value back into the Request-URI where its own Record-Route stands there',
      { gravity: 'letter' },
    ),
    arrives: must('RFC 3261 §16.4', 'the proxy sends the request of a strict router on to the other device', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  transports: ['udp', 'tcp'],
  seconds: 14,
  harm: 'Old devices and telephone systems that route strictly cannot end or hold calls.',
  advice:
    'Look at how the proxy treats requests within a call whose Request-URI is its own Record-Route (Kamailio, OpenSIPS: loose_route).',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    const { uri, ...inside } = insideOf(call.caller)
    const [first, ...rest] = inside.route
    precondition(first, 'the target adds no Record-Route')
    const cseq = (call.caller.invite?.cseq.number ?? 0) + 10
    const bye = await within(alice.sends('BYE', first, { ...inside, route: [...rest, uri], cseq }), 6_000)
    const arrived = bob.hears('BYE', { callId: call.callee.id }).first
    const where = arrived?.message.kind === 'request' ? parseUri(arrived.message.uri) : undefined
    // Host and port may be those that the target saw, not those that the device wrote.
    expect('restored', where ? (where.userDecoded ?? 'none') : 'no BYE', { seen: arrived }).toBe(
      parseUri(call.callee.invite.uri).userDecoded ?? 'none',
    )
    expect('arrives', bye?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
  },
})
