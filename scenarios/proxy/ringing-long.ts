import { ringsAt, inconclusive, must, onlyForProxies, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'proxy/ringing-long',
  title: 'A call may ring for three minutes before the proxy gives it up',
  area: 'proxy',
  purposes: ['PRX-TIMERC'],
  rules: {
    rings: must('RFC 3261 §16.6', 'Timer C, after which a ringing call is given up, is longer than three minutes', {
      gravity: 'letter',
    }),
    answered: whereReached(
      must('RFC 3261 §16.7', 'the 200 of a callee who answers after three minutes reaches the caller', {
        gravity: 'harm',
        follows: ['nat/longest-silence'],
        harm: 'Whoever answers after three minutes of ringing has a call with nobody: the caller is not told.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  seconds: 200,
  reliesOn: 'call',
  harm: 'A call that rings is given up after {rang|less than three minutes}. The RFC asks for more than three minutes.',
  advice:
    'Look at Timer C of the proxy. Kamailio: fr_inv_timer (120 s by default) and max_inv_lifetime (180 s) of tm. Ring times of the account (diversion on no answer, mailbox) must be off for this test.',
  async run({ alice, bob, expect, figure, clock, within, waits }) {
    await alice.registers()
    await bob.registers()
    const { call, incoming } = await ringsAt(alice, bob, within, { ringTimeoutMs: 0 })
    // A telephone that rings on in silence: reminders would set Timer C anew.
    incoming.automatic.remindCaller = false
    const since = clock.now()
    await within(Promise.race([incoming.cancelled, call.ended]), 180_000)
    const rangFor = clock.now() - since
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE', { callId: incoming.id }).first)
    if (call.final && call.final.status < 300) inconclusive('a diversion or a mailbox answered the call')
    const cancel = bob.hears('CANCEL', { callId: incoming.id }).first
    figure('rang', `${Math.round(rangFor / 1000)} s`)
    expect('rings', Math.round(rangFor / 1000), { seen: cancel }).toBeWithin(179, 181, 's')
    if (!cancel && !call.final) {
      await incoming.answer()
      const final = await within(call.answered, 4_000)
      expect('answered', final?.status ?? 'no final response', {
        seen: alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last,
      }).toBe(200)
      await within(call.hangUp(), 4_000)
    }
    await waits(500)
  },
})
