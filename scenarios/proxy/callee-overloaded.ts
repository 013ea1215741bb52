import { onlyForProxies, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'proxy/callee-overloaded',
  title: 'That one callee is overloaded is not told as if the provider were',
  area: 'proxy',
  purposes: ['PRX-503'],
  rules: {
    not503: should('RFC 3261 §16.7', 'a 503 of the callee is not forwarded: the proxy itself can go on', {
      gravity: 'letter',
    }),
    is500: should('RFC 3261 §16.7', 'a 503 of the callee reaches the caller as 500', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  harm: "One customer's broken telephone system makes others' devices turn away from the provider for minutes.",
  advice: 'Look at how the proxy answers when its only branch failed with 503.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(503)
    const call = await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    const final = await within(call.answered, 8_000)
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, invite)
    precondition(final && final.status >= 300, 'somebody else took the call, or nobody told the caller')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('not503', final.status, { seen: answer }).toSatisfy('not 503', (status) => status !== 503)
    expect('is500', final.status, { seen: answer }).toBe(500)
  },
})
