import { inconclusive, must, onlyForProxies, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/ringing-long',
  title: 'A call may ring for three minutes before the proxy gives it up',
  area: 'proxy',
  purposes: ['PRX-TIMERC'],
  rules: {
    rings: must('RFC 3261 §16.6', 'Timer C, after which a ringing call is given up, is longer than three minutes', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 195,
  harm: 'Calls into queues and to door stations end after a minute although nobody has hung up.',
  advice:
    'Look at Timer C of the proxy, and at ring times of the account (diversion on no answer, mailbox): those are to be off for this test.',
  async run({ alice, bob, expect, clock, within, waits }) {
    await alice.registers()
    await bob.registers()
    bob.rings()
    const rung = bob.nextCall()
    const call = await alice.invites(bob, { ringTimeoutMs: 0 })
    const incoming = await rung
    precondition(incoming && (await within(call.ringing, 4_000)), 'the call did not ring')
    // A telephone that rings on in silence: reminders would set Timer C anew.
    incoming.automatic.remindCaller = false
    const since = clock.now()
    await within(Promise.race([incoming.cancelled, call.ended]), 180_000)
    const rangFor = clock.now() - since
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE', { callId: incoming.id }).first)
    if (call.final && call.final.status < 300)
      inconclusive('somebody else took the call: a diversion or a mailbox is on')
    const cancel = bob.hears('CANCEL', { callId: incoming.id }).first
    expect('rings', Math.round(rangFor / 1000), { seen: cancel }).toBeWithin(179, 181, 's')
    void call.cancel()
    await waits(500)
  },
})
