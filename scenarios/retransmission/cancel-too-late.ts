import { must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'retransmission/cancel-too-late',
  title: 'A CANCEL after the answer is answered and changes nothing',
  area: 'retransmission',
  purposes: ['TX-LATECANCEL'],
  rules: {
    answered: should('RFC 3261 §9.2', 'a CANCEL after the answer is answered: 200 where the call is known, else 481', {
      gravity: 'letter',
      cause: 'cancel-refused',
      harm: 'A CANCEL that comes too late is answered neither 200 nor 481. The telephone repeats it for 32 s.',
    }),
    harmless: must('RFC 3261 §9.2', 'a CANCEL after the answer ends the call for nobody', {
      gravity: 'harm',
      harm: 'A call that is answered while the caller hangs up, or whose CANCEL arrives late, is cut off.',
    }),
    talking: must('RFC 3261 §9.2', 'after a CANCEL that came too late both sides still hear each other', {
      gravity: 'harm',
      harm: 'A CANCEL that comes too late silences the call that is going on.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 7,
  reliesOn: 'audio',
  harm: 'A CANCEL that comes too late disturbs the call that is going on.',
  advice:
    'Look at what the proxy does with a CANCEL whose INVITE has its final response. A script must not end the media relay’s session for a CANCEL before it knows that the call was still ringing (Kamailio: t_check_trans() first).',
  async run({ alice, bob, expect, clock, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller } = await alice.calls(bob)
    await waits(500)
    const invite = alice.says('INVITE', { callId: caller.id }).last
    precondition(invite?.message.kind === 'request', 'no INVITE was sent')
    const { message } = invite
    const cancel = alice.composes('CANCEL', message.uri, {
      callId: message.callId,
      cseq: message.cseq.number,
      from: message.headers.get('From') ?? '',
      to: message.headers.get('To') ?? '',
      contact: false,
    })
    cancel.headers.set('Via', message.headers.get('Via') ?? '')
    const answer = await alice.asks(cancel)
    const cancelledAt = clock.now()
    await waits(2_000)
    expect('answered', answer && 'status' in answer.message ? answer.message.status : 'no answer', {
      seen: answer,
    }).toBeOneOf([200, 481])
    // A CANCEL that goes on to the callee ends nothing there: a proxy that knows no more of the call has to forward it (§16.10).
    const ends = [...alice.hears('BYE').all, ...bob.hears('BYE').all]
    expect('harmless', ends.length, { seen: ends[0] }).toBe(0, 'BYE')
    const heard = (device: typeof alice, from: number, to: number) =>
      device.packets.filter(({ direction, at }) => direction === 'in' && at > from && at < to).length
    precondition(
      heard(alice, 0, cancelledAt) > 0 && heard(bob, 0, cancelledAt) > 0,
      'no audio before the CANCEL',
      'no-audio',
    )
    expect(
      'talking',
      [alice, bob]
        .filter((device) => heard(device, cancelledAt + 500, cancelledAt + 2_000) < 20)
        .map(({ name }) => name),
    ).toBeEmpty()
  },
})
