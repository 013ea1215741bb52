import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/failure-acknowledged',
  title: 'The ACK of a refusal belongs to the INVITE: same branch, same number, the tag of the refusal',
  area: 'retransmission',
  purposes: ['TX-ACK'],
  rules: {
    arrives: must('RFC 3261 §17.1.1.2', 'a refusal is acknowledged', { gravity: 'letter' }),
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
  harm: 'Devices repeat every refusal for half a minute because they never see their ACK; some stay busy for as long.',
  advice: 'Look at how the proxy makes the ACK of a failed call towards devices.',
  async run({ alice, bob, expect, target }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(8_000)
    precondition(invite?.message.kind === 'request', 'the INVITE did not arrive')
    const { message } = invite
    const ack = await bob.hears('ACK', { callId: message.callId }).next(8 * target.timers.T1)
    expect('arrives', ack?.message.headers.get('CSeq'), { seen: ack, header: 'CSeq' }).toBePresent()
    precondition(ack?.message.kind === 'request', 'no ACK')
    const refusal = bob.says(486, { callId: message.callId }).first
    expect('branch', [ack.message.vias().length, ack.message.via.branch], { seen: ack, header: 'Via' }).toEqual([
      1,
      message.via.branch,
    ])
    const identity = ({ uri, from, callId, cseq }: typeof message) => [uri, from.uri, from.tag, callId, cseq.number]
    expect('sameCall', identity(ack.message), { seen: ack }).toEqual(identity(message))
    expect('tag', ack.message.to.tag, { seen: ack, header: 'To' }).toBe(refusal?.message.to.tag)
  },
})
