import { must, onlyForProxiedCalls, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/to-tag',
  title: 'The To tag of the callee reaches the caller unchanged',
  area: 'proxy',
  purposes: ['PRX-TOTAG'],
  rules: {
    ringing: must('RFC 3261 §16.7', 'a proxy does not change the To tag of a provisional response', {
      gravity: 'letter',
      cause: 'to-tag-changed',
      harm: 'The To tag of provisional responses is changed. Most telephones take it for a forked call and go on.',
    }),
    answer: must('RFC 3261 §16.7', 'a proxy does not change the To tag of a 2xx', {
      gravity: 'harm',
      cause: 'to-tag-changed',
      harm: 'The To tag of the 2xx is changed. Where it is not changed back, hanging up and holding fail.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'To tags are changed on their way.',
  advice: 'Look at what the proxy does with To in responses: topology hiding, number rewriting.',
  async run({ alice, bob, expect }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    // RFC 3261 §16.7 lets a proxy have a UAS beside it, whose provisional responses have tags of their own.
    const since = bob.says(180, { callId: call.callee.id }).first?.at
    precondition(since !== undefined, 'the called device did not ring')
    const rung = alice.hears(180, { callId: call.caller.id, to: 'INVITE', since })
    const ringing = rung.all.find(({ message }) => message.to.tag === call.callee.localTag) ?? rung.first
    precondition(ringing, 'ringing did not reach the caller')
    expect('ringing', ringing.message.to.tag ?? 'none', { seen: ringing, header: 'To' }).toBe(call.callee.localTag)
    const answer = alice.hears(200, { callId: call.caller.id, to: 'INVITE' }).first
    expect('answer', answer?.message.to.tag ?? 'none', { seen: answer, header: 'To' }).toBe(call.callee.localTag)
  },
})
