import { must, onlyForProxies, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'proxy/max-forwards',
  title: 'Max-Forwards is counted down, and added where it is missing',
  area: 'proxy',
  purposes: ['PRX-MAXFWD'],
  rules: {
    less: must('RFC 3261 §16.6', 'each proxy takes one off Max-Forwards', { gravity: 'letter' }),
    added: must('RFC 3261 §16.6', 'Max-Forwards is added to a request without it', { gravity: 'letter' }),
    seventy: should('RFC 3261 §16.6', 'a Max-Forwards that the proxy adds has the value 70', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  harm: 'Calls that are forwarded in a circle never end: servers slow down until nobody can call.',
  advice: 'Look at how the proxy treats Max-Forwards.',
  async run({ alice, bob, expect }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const first = await alice.invites(bob, { maxForwards: 20 })
    const counted = await bob.hears('INVITE').next(8_000)
    await first.ended
    onlyForProxies(alice.says('INVITE', { callId: first.id }).last, counted)
    expect('less', counted?.message.maxForwards, { seen: counted, header: 'Max-Forwards' }).toBeWithin(1, 19)
    const second = await alice.invites(bob, { headers: { 'Max-Forwards': undefined } })
    const added = await bob.hears('INVITE', { callId: second.id }).next(8_000)
    await second.ended
    precondition(added ?? second.final, 'a call without Max-Forwards got no answer')
    expect('added', added?.message.headers.get('Max-Forwards'), { seen: added, header: 'Max-Forwards' }).toBePresent()
    // Further proxies of the target may have counted down already.
    expect('seventy', added?.message.maxForwards, { seen: added, header: 'Max-Forwards' }).toBeWithin(65, 70)
  },
})
