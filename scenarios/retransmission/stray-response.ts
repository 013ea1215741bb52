import { must, notApplicable, onlyWithState, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/stray-response',
  title: 'A response that belongs to no request is not forwarded',
  area: 'retransmission',
  purposes: ['TX-6026'],
  rules: {
    dropped: must('RFC 6026 §7.3', 'a response that matches no transaction is not forwarded', {
      gravity: 'letter',
      cause: 'strays-forwarded',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 6,
  reliesOn: 'call',
  harm: 'Responses that belong to no request are forwarded. It is the default of stateless forwarding.',
  advice: 'Nothing urgent: RFC 3261 let a proxy forward such responses, RFC 6026 forbids it.',
  async run({ alice, bob, expect, random, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    await alice.invites(bob)
    const refusal = await bob.says(486).next(8_000)
    precondition(refusal?.message.kind === 'response', 'the call did not arrive', 'call-not-arrived')
    const vias = refusal.message.vias()
    const own = alice.says('INVITE').last?.message.via.branch
    if (!vias.some(({ branch }) => branch === own))
      notApplicable("the caller's Via does not reach the callee: a back-to-back user agent", 'is-b2bua')
    await waits(1_000)
    const stray = refusal.message.clone()
    const callId = random.token(24)
    stray.headers.set('Call-ID', callId)
    const invented = stray.headers
      .all('Via')
      .map((via) => via.replaceAll(/branch=[^;,]+/g, () => `branch=z9hG4bK${random.token(16)}`))
    stray.headers.remove('Via')
    for (const via of invented) stray.headers.add('Via', via)
    await bob.transmits(stray)
    await waits(1_500)
    const passed = alice.hears(undefined, { callId })
    if (passed.count > 0) await onlyWithState(alice, bob, { waits, within })
    expect('dropped', passed.count, { seen: passed.first }).toBe(0, 'stray response at the caller')
  },
})
