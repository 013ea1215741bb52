import { must, onlyForProxies, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'proxy/max-forwards',
  title: 'Max-Forwards is counted down, and added where it is missing',
  area: 'proxy',
  purposes: ['PRX-MAXFWD'],
  rules: {
    less: must('RFC 3261 §16.6', 'each proxy takes one off Max-Forwards', {
      gravity: 'exposure',
      cause: 'max-forwards-not-counted',
      harm: 'Max-Forwards is not counted down: forwarding loops never end.',
    }),
    added: must('RFC 3261 §16.6', 'Max-Forwards is added to a request without it', {
      gravity: 'letter',
      harm: 'Max-Forwards is not added where it is missing. Telephones always send it.',
    }),
    seventy: whereReached(
      should('RFC 3261 §16.6', 'a Max-Forwards that the proxy adds has the value 70', {
        gravity: 'letter',
        harm: 'Max-Forwards is added with another value than 70.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  reliesOn: 'call',
  harm: 'Max-Forwards is not treated as it should be.',
  advice:
    'Look at how the proxy treats Max-Forwards. Kamailio: mf_process_maxfwd_header("10") counts it down and adds it.',
  async run({ alice, bob, expect }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const first = await alice.invites(bob, { maxForwards: 20 })
    const counted = await bob.hears('INVITE').next(8_000)
    await first.ended
    onlyForProxies(alice.says('INVITE', { callId: first.id }).last, counted)
    precondition(counted, 'the call did not arrive', 'call-not-arrived')
    expect('less', counted.message.maxForwards ?? 0, { seen: counted, header: 'Max-Forwards' }).toBeWithin(1, 19)
    const second = await alice.invites(bob, { headers: { 'Max-Forwards': undefined } })
    const added = await bob.hears('INVITE', { callId: second.id }).next(8_000)
    await second.ended
    precondition(added ?? second.final, 'the call without Max-Forwards got no answer', 'no-answer')
    expect('added', added?.message.headers.get('Max-Forwards') ?? null, {
      seen: added,
      header: 'Max-Forwards',
    }).toBePresent()
    // Further proxies of the target may have counted down already.
    const value = added?.message.maxForwards
    if (value !== undefined) expect('seventy', value, { seen: added, header: 'Max-Forwards' }).toBeWithin(65, 70)
  },
})
