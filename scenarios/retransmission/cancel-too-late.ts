import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/cancel-too-late',
  title: 'A CANCEL that comes after the answer changes nothing',
  area: 'retransmission',
  purposes: ['TX-LATECANCEL'],
  rules: {
    answered: must('RFC 3261 §9.2', 'a CANCEL after the answer is answered: 200 where the call is known, else 481', {
      gravity: 'harm',
      harm: 'Devices of callers who hang up too late go on trying to for half a minute.',
    }),
    harmless: must('RFC 3261 §9.2', 'a CANCEL after the answer ends the call for nobody', { gravity: 'letter' }),
    talking: must('RFC 3261 §9.2', 'after a CANCEL that came too late both sides still hear each other', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 7,
  harm: 'When somebody hangs up and picks up at the same moment, or a packet comes late, a call that is going on is cut off or falls silent.',
  advice:
    'Look at what the proxy does with a CANCEL whose INVITE has its final response already, the media relay included.',
  async run({ alice, bob, expect, clock, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
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
    expect('answered', answer && 'status' in answer.message ? answer.message.status : undefined, {
      seen: answer,
    }).toBeOneOf([200, 481])
    // A CANCEL that goes on to the callee ends nothing there: a proxy that knows no more of the call has to forward it (§16.10).
    const ends = [...alice.hears('BYE').all, ...bob.hears('BYE').all]
    expect('harmless', ends.length, { seen: ends[0] }).toBe(0)
    const heard = (device: typeof alice, from: number, to: number) =>
      device.packets.filter(({ direction, at }) => direction === 'in' && at > from && at < to).length
    precondition(heard(alice, 0, cancelledAt) > 0 && heard(bob, 0, cancelledAt) > 0, 'no audio before the CANCEL')
    expect(
      'talking',
      [alice, bob]
        .filter((device) => heard(device, cancelledAt + 500, cancelledAt + 2_000) < 20)
        .map(({ name }) => name),
    ).toBeEmpty()
    void callee
  },
})
