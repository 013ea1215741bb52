import { loginTaken, must, onlyWhereProxied, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/max-forwards-zero',
  title: 'A request with Max-Forwards 0 is refused with 483 and goes no further',
  area: 'proxy',
  purposes: ['PRX-483'],
  rules: {
    refused: must('RFC 3261 §16.3', 'a request with Max-Forwards 0 is answered 483', {
      gravity: 'letter',
      harm: 'A request with Max-Forwards 0 is not refused with 483.',
    }),
    notForwarded: must('RFC 3261 §16.3', 'a request with Max-Forwards 0 is not forwarded', {
      gravity: 'exposure',
      harm: 'A request with Max-Forwards 0 is forwarded: forwarding loops never end.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'Max-Forwards 0 is ignored.',
  advice:
    'Check Max-Forwards before everything else. Kamailio: mf_process_maxfwd_header("10") at the top of request_route, with 483 where it is false.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    await onlyWhereProxied(alice, bob)
    bob.rejects(486)
    const before = bob.hears('INVITE').count
    const call = await alice.invites(bob, { maxForwards: 0 })
    const final = await within(call.answered, 8_000)
    loginTaken(final)
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final?.status ?? 'no final response', { seen: answer }).toBe(483)
    const forwarded = bob.hears('INVITE').all.slice(before)
    expect('notForwarded', forwarded.length, { seen: forwarded[0], header: 'Max-Forwards' }).toBe(
      0,
      'request forwarded',
    )
  },
})
