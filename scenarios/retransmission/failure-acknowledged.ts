import { must, onlyWithState, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/failure-acknowledged',
  title: 'The ACK of a refusal has the branch and CSeq number of the INVITE and the tag of the refusal',
  area: 'retransmission',
  purposes: ['TX-ACK'],
  rules: {
    arrives: must('RFC 3261 §17.1.1.2', 'a refusal is acknowledged', {
      gravity: 'letter',
      harm: 'Refusals are not acknowledged: telephones repeat each of them for 32 s.',
    }),
    branch: must('RFC 3261 §17.1.1.3', 'the only Via of the ACK of a refusal is the topmost Via of the INVITE', {
      gravity: 'letter',
    }),
    sameCall: must(
      'RFC 3261 §17.1.1.3',
      'the ACK of a refusal has Request-URI, From, Call-ID and CSeq number of the INVITE',
      { gravity: 'letter' },
    ),
    tag: must('RFC 3261 §17.1.1.3', 'the ACK of a refusal has the To of the refusal', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'The ACK of a refusal does not fit its INVITE: telephones repeat refusals for 32 s.',
  advice: 'Look at how the proxy builds the ACK of a failed call towards devices.',
  async run({ alice, bob, expect, target, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    precondition(invite?.message.kind === 'request', 'the call did not arrive', 'call-not-arrived')
    const { message } = invite
    const ack = await bob.hears('ACK', { callId: message.callId }).next(8 * target.timers.T1)
    expect('arrives', ack?.message.headers.get('CSeq') ?? null, { seen: ack, header: 'CSeq' }).toBePresent()
    precondition(ack?.message.kind === 'request', 'no ACK arrived')
    const refusal = bob.says(486, { callId: message.callId }).first
    if (ack.message.vias().length > 1) await onlyWithState(alice, bob, { waits, within })
    expect('branch', [ack.message.vias().length, ack.message.via.branch ?? null], { seen: ack, header: 'Via' }).toEqual(
      [1, message.via.branch ?? null],
    )
    const identity = ({ uri, from, callId, cseq }: typeof message) => [
      uri,
      from.uri,
      from.tag ?? null,
      callId,
      cseq.number,
    ]
    expect('sameCall', identity(ack.message), { seen: ack }).toEqual(identity(message))
    expect('tag', ack.message.to.tag ?? 'none', { seen: ack, header: 'To' }).toBe(refusal?.message.to.tag ?? 'none')
  },
})
