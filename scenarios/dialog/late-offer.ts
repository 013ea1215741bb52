import { finding, loginTaken, must, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/late-offer',
  title: 'An INVITE without SDP is answered with an offer, and the call has audio',
  area: 'dialog',
  purposes: ['DLG-LATE'],
  provider: ['SC-4'],
  rules: {
    taken: finding('SC-4', 'an INVITE without SDP is accepted', { gravity: 'harm' }),
    offer: whereReached(
      must('RFC 3261 §13.3.1.4', 'the 2xx to an INVITE without an offer carries one', {
        gravity: 'harm',
        harm: 'Telephone systems that send INVITE without SDP get no offer: their calls have no audio.',
      }),
    ),
    heard: whereReached(
      promised('SC-4', 'after the answer in the ACK the caller gets audio', {
        gravity: 'harm',
        follows: ['no-audio'],
        harm: 'Calls of telephone systems that send INVITE without SDP stay silent.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 16,
  fitForLoad: true,
  harm: 'Calls of some telephone systems and call centres, which send INVITE without SDP, are rejected.',
  advice:
    'Look at how proxy, relay and service treat an INVITE without SDP: the offer is in the 200, the answer in the ACK. Kamailio, OpenSIPS: rtpengine_manage does this if it is called for replies and ACK too.',
  async run({ alice, services, expect, within, waits }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { lateOffer: true })
    const final = await within(call.answered, 10_000)
    loginTaken(final)
    precondition(final, 'the call got no final response', 'no-answer')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('taken', final.status, { seen: answer }).toBe(200)
    if (final.status >= 300) return
    expect('offer', final.body.toString('latin1'), { seen: answer }).toMatch(
      /^m=audio [1-9]/m,
      'an m=audio line with a port',
    )
    await waits(1_500)
    const heard = alice.packets.filter(({ direction }) => direction === 'in').length
    await within(call.hangUp(), 4_000)
    expect('heard', heard).toSatisfy('20 packets or more', (packets) => packets >= 20)
  },
})
