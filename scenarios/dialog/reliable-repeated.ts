import { must, precondition, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-repeated',
  title: 'A provisional response that is to be confirmed is repeated until it is',
  area: 'dialog',
  purposes: ['REL-RETX'],
  provider: ['SC-4'],
  rules: {
    repeated: must(
      'RFC 3262 §3',
      'a provisional response that nobody confirmed is sent again after T1, then at intervals that double',
      { gravity: 'letter' },
    ),
    reliably: must('RFC 3262 §3', 'a caller that requires it gets no 101 to 199 that is not to be confirmed', {
      gravity: 'letter',
    }),
    waits: must('RFC 3262 §3', 'no second provisional response is sent while the first is not confirmed', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 14,
  harm: 'Where ringing has to be confirmed (calls through mobile networks, announcements before the answer), one lost packet stops the call for good.',
  advice: 'Look at how the answering side repeats 18x responses with RSeq.',
  async run({ alice, services, expect, target, waits }) {
    const { T1 } = target.timers
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      reliableProvisionals: 'required',
      automatic: { acknowledgeReliable: false },
    })
    const reliable = alice.hears('1xx', { callId: call.id, where: ({ message }) => message.headers.has('RSeq') })
    await Promise.race([reliable.reaches(1, 6_000), call.ended])
    const plain = alice.hears('1xx', {
      callId: call.id,
      where: ({ message }) => 'status' in message && message.status > 100 && !message.headers.has('RSeq'),
    })
    expect('reliably', plain.count, { seen: plain.first }).toBe(0)
    if (call.final?.status === 420) unsupported('the target does not know reliable provisional responses (100rel)')
    precondition(reliable.first, 'no provisional response that is to be confirmed came')
    await waits(9 * T1)
    expect(
      'repeated',
      reliable.at.filter((ms) => ms < 9 * T1),
      { seen: reliable.first },
    ).toFollow([0, T1, 3 * T1, 7 * T1])
    expect('waits', reliable.header('RSeq'), { seen: reliable.last, header: 'RSeq' }).toBeConstant()
    void call.cancel()
    await waits(500)
  },
})
