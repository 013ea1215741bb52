import { must, precondition, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-repeated',
  title: 'A reliable provisional response (100rel) is repeated until it is confirmed by PRACK',
  area: 'dialog',
  purposes: ['REL-RETX'],
  provider: ['SC-4'],
  rules: {
    repeated: must(
      'RFC 3262 §3',
      'a reliable provisional response without PRACK is sent again after T1, then at doubling intervals',
      { gravity: 'harm' },
    ),
    reliably: must('RFC 3262 §3', 'a caller that requires 100rel gets reliable provisional responses only', {
      gravity: 'letter',
      harm: 'Callers that require reliable ringing (100rel) get provisional responses that can be lost.',
    }),
    waits: must('RFC 3262 §3', 'no second provisional response is sent while the first is not confirmed', {
      gravity: 'letter',
      harm: 'Provisional responses overtake each other: the next is sent before the first is confirmed.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 14,
  harm: 'Calls whose ringing must be confirmed (100rel, as in mobile networks) fail after one lost packet.',
  advice:
    'Look at how the service repeats 18x responses with RSeq: at T1, 2·T1, 4·T1, over TCP too. A proxy does not repeat them.',
  async run({ alice, services, expect, target, waits }) {
    const { T1 } = target.timers
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      reliableProvisionals: 'required',
      automatic: { acknowledgeReliable: false },
    })
    const reliable = alice.hears('1xx', { callId: call.id, where: ({ message }) => message.headers.has('RSeq') })
    await Promise.race([reliable.reaches(1, 6_000), call.ended])
    if (call.final?.status === 420) unsupported('the target does not know reliable provisional responses (100rel)')
    const plain = alice.hears('1xx', {
      callId: call.id,
      where: ({ message }) => 'status' in message && message.status > 100 && !message.headers.has('RSeq'),
    })
    // Where it is answered at once there is nothing to judge: on a way with several processes a 200 also overtakes its 180.
    precondition(plain.first ?? reliable.first, 'no provisional response came', 'feature-lacking')
    expect('reliably', plain.count, { seen: plain.first }).toBe(0, 'provisional response without RSeq')
    precondition(reliable.first, 'no reliable provisional response came', 'feature-lacking')
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
