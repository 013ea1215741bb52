import { must, onlyForProxiedCalls, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/to-tag',
  title: 'The tag by which the callee knows the call is the one that the caller gets',
  area: 'proxy',
  purposes: ['PRX-TOTAG'],
  rules: {
    ringing: must('RFC 3261 §16.7', 'a proxy does not change the To tag of a provisional response', {
      gravity: 'letter',
    }),
    answer: must('RFC 3261 §16.7', 'a proxy does not change the To tag of a 2xx', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  harm: 'Callers can not end, hold or transfer calls that ring, because their device and the called one speak of different calls.',
  advice: 'Look at what the proxy does with To in responses.',
  async run({ alice, bob, expect }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    const ringing = alice.hears('1xx', {
      callId: call.caller.id,
      to: 'INVITE',
      where: ({ message }) => message.to.tag !== undefined && 'status' in message && message.status > 100,
    }).first
    precondition(ringing, 'ringing did not reach the caller')
    expect('ringing', ringing.message.to.tag, { seen: ringing, header: 'To' }).toBe(call.callee.localTag)
    const answer = alice.hears(200, { callId: call.caller.id, to: 'INVITE' }).first
    expect('answer', answer?.message.to.tag, { seen: answer, header: 'To' }).toBe(call.callee.localTag)
  },
})
