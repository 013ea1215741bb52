import { arrivesAt, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/cancel-before-ringing',
  title: 'Hanging up before the called telephone has said anything stops its ringing, too',
  area: 'retransmission',
  purposes: ['TX-CANCEL'],
  provider: ['BH-1'],
  rules: {
    stops: must(
      'RFC 3261 §9.1',
      'a CANCEL that comes before the first response of the callee waits for that response, and is sent then',
      {
        gravity: 'harm',
        cause: 'cancel-lost',
        follows: ['cancel-refused'],
        harm: 'Telephones go on ringing after the caller has hung up at once.',
      },
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Hanging up early does not stop the ringing.',
  advice:
    'Look at what becomes of a CANCEL on a branch that has no response yet: it must be kept until the telephone answers with 1xx, not dropped. Kamailio: cancel_b_method of tm, 0 or 1.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    // Its own 100 is lost. All that the target knows of the telephone is that it sent the INVITE there.
    bob.loses((message) => message.kind === 'response' && message.status < 200)
    const { call, incoming } = await arrivesAt(alice, bob)
    const cancelling = call.cancel()
    // A caller may not cancel before it has heard something.
    const cancel = await alice.says('CANCEL', { callId: call.id }).next(1_000)
    precondition(cancel, 'no response came to the caller before the telephone rang, so that it could not hang up')
    await within(cancelling, 1_000)
    bob.loses()
    const cancels = bob.hears('CANCEL', { callId: incoming.id })
    await incoming.ring()
    // Once more: over UDP the ringing may be lost, and nobody repeats it.
    if (!(await cancels.reaches(1, 1_000))) await incoming.ring()
    const stopped = await cancels.next(4_000)
    expect('stops', stopped?.message.kind === 'request' ? stopped.message.method : 'no CANCEL', { seen: stopped }).toBe(
      'CANCEL',
    )
  },
})
