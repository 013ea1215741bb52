import { insideOf, must, onlyForProxiedCalls, parseUri, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/strict-router',
  title: 'A device that routes in the old way, with the proxy in the Request-URI, can end its calls',
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
  transports: ['udp', 'tcp'],
  seconds: 14,
  harm: 'Old devices and telephone systems cannot end or hold calls: the other side never hears of it.',
  advice:
    'Look at the handling of Route in the proxy (Kamailio: loose_route), for requests whose Request-URI is the proxy itself.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    const { uri, ...inside } = insideOf(call.caller)
    const [first, ...rest] = inside.route
    precondition(first, 'the target does not stay on the path (no Record-Route)')
    const cseq = (call.caller.invite?.cseq.number ?? 0) + 10
    const bye = await within(alice.sends('BYE', first, { ...inside, route: [...rest, uri], cseq }), 6_000)
    const arrived = bob.hears('BYE', { callId: call.callee.id }).first
    const where = arrived?.message.kind === 'request' ? parseUri(arrived.message.uri) : undefined
    const contact = parseUri(bob.agent.contactUri)
    expect('restored', where && `${where.user}@${where.host}:${where.port}`, { seen: arrived }).toBe(
      `${contact.user}@${contact.host}:${contact.port}`,
    )
    expect('arrives', bye?.status, { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
  },
})
