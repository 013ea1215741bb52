import { onlyForProxies, onlyWithState, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'proxy/callee-overloaded',
  title: 'A 503 of the callee does not reach the caller as a 503 of the provider',
  area: 'proxy',
  purposes: ['PRX-503'],
  rules: {
    not503: should('RFC 3261 §16.7', 'a 503 of the callee is not forwarded: the proxy itself can go on', {
      gravity: 'harm',
      harm: 'The 503 of one callee is forwarded: callers’ devices may turn away from the provider.',
    }),
    is500: should('RFC 3261 §16.7', 'a 503 of the callee reaches the caller as 500', {
      gravity: 'letter',
      follows: ['status-changed'],
      harm: 'A 503 of the callee reaches the caller as another status than 500.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  reliesOn: 'call',
  harm: 'A 503 of the callee is not translated.',
  advice: 'Answer 500 where the only branch failed with 503. Kamailio: remap_503_500 of tm (on by default).',
  async run({ alice, bob, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(503)
    const call = await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    const final = await within(call.answered, 8_000)
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, invite)
    precondition(final && final.status >= 300, 'the caller got no refusal')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    if (final.status === 503) await onlyWithState(alice, bob, { waits, within })
    expect('not503', final.status, { seen: answer }).toSatisfy('not 503', (status) => status !== 503)
    expect('is500', final.status, { seen: answer }).toBe(500)
  },
})
