import { must, onlyWhereProxied, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/max-forwards-zero',
  title: 'A request that may not be forwarded any more is refused and goes no further',
  area: 'proxy',
  purposes: ['PRX-483'],
  rules: {
    refused: must('RFC 3261 §16.3', 'a request with Max-Forwards 0 is answered 483', { gravity: 'letter' }),
    notForwarded: must('RFC 3261 §16.3', 'a request with Max-Forwards 0 is not forwarded', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  harm: 'Calls that are forwarded in a circle never end: servers slow down until nobody can call.',
  advice: 'Look at the check of Max-Forwards in the proxy: it belongs before everything else.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    await onlyWhereProxied(alice, bob)
    bob.rejects(486)
    const before = bob.hears('INVITE').count
    const call = await alice.invites(bob, { maxForwards: 0 })
    const final = await within(call.answered, 8_000)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final?.status, { seen: answer }).toBe(483)
    const forwarded = bob.hears('INVITE').all.slice(before)
    expect('notForwarded', forwarded.length, { seen: forwarded[0], header: 'Max-Forwards' }).toBe(0)
  },
})
