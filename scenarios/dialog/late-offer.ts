import { finding, must, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/late-offer',
  title: 'A call without a session description is answered with an offer, and works',
  area: 'dialog',
  purposes: ['DLG-LATE'],
  provider: ['SC-4'],
  rules: {
    taken: finding('SC-4', 'a call that leaves the offer to the answering side is taken', {
      gravity: 'harm',
      harm: 'Calls through some telephone systems and call centres, which connect two parties in this way, fail or stay silent.',
    }),
    offer: whereReached(
      must('RFC 3261 §13.3.1.4', 'the 2xx to an INVITE without an offer carries one', { gravity: 'letter' }),
    ),
    heard: whereReached(promised('SC-4', 'after the answer in the ACK the caller hears itself', { gravity: 'letter' })),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 16,
  harm: 'Calls through some telephone systems and call centres, which connect two parties in this way, fail or stay silent.',
  advice: 'Look at how the answering side, and the media relay before it, treat an INVITE without a body.',
  async run({ alice, services, expect, within, waits }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { lateOffer: true })
    const final = await within(call.answered, 10_000)
    precondition(final && final.status !== 401 && final.status !== 407, 'the call got no final answer')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('taken', final.status, { seen: answer }).toBe(200)
    if (final.status >= 300) return
    expect('offer', final.body.toString('latin1'), { seen: answer }).toMatch(/^m=audio [1-9]/m)
    await waits(1_500)
    const heard = alice.packets.filter(({ direction }) => direction === 'in').length
    await within(call.hangUp(), 4_000)
    expect('heard', heard).toSatisfy('20 packets or more', (packets) => packets >= 20)
  },
})
