import { must, onlyForProxiedCalls, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'proxy/second-success',
  title: 'When two telephones behind the callee answer at once, the caller hears of both',
  area: 'proxy',
  purposes: ['PRX-LATE2XX'],
  rules: {
    forwarded: must('RFC 3261 §16.7', 'every 2xx to an INVITE is forwarded, also after the first', {
      gravity: 'letter',
      cause: 'second-success-lost',
      follows: ['invite-transaction-lost'],
      harm: 'A second 2xx does not reach the caller: behind a telephone system a call may stay open.',
    }),
    acknowledged: whereReached(
      promised('BH-1', "the caller's ACK for each 2xx reaches the callee", {
        gravity: 'letter',
        harm: 'The ACK for a second 2xx does not reach the callee.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 12,
  reliesOn: 'call',
  harm: 'A second 2xx of the callee is lost.',
  advice:
    'Look at how long the proxy keeps an INVITE that was answered (RFC 6026 asks for 64·T1). Kamailio: wt_timer of tm.',
  async run({ alice, bob, expect, random, target }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    const answer = bob.says(200, { callId: call.callee.id, to: 'INVITE' }).first
    const second = answer?.message.clone()
    const tag = random.token(12)
    second?.headers.set('To', (second.headers.get('To') ?? '').replace(/tag=[^;]*/, `tag=${tag}`))
    const arrived = bob.hears('INVITE', { callId: call.callee.id }).first
    const heard = alice.hears(200, {
      callId: call.caller.id,
      to: 'INVITE',
      where: ({ message }) => message.to.tag === tag,
    })
    const ack = bob.hears('ACK', { where: ({ message }) => message.to.tag === tag })
    // As a telephone does that gets no ACK (RFC 3261 §13.3.1.4): one datagram may be lost.
    for (const ms of [1, 2, 4, 4]) {
      if (second && arrived) await bob.transmits(second)
      if (await ack.reaches(1, ms * target.timers.T1)) break
    }
    if (!expect('forwarded', heard.first?.message.to.tag ?? 'none', { seen: heard.first, header: 'To' }).toBe(tag))
      return
    expect('acknowledged', ack.first?.message.to.tag ?? 'no ACK', { seen: ack.first }).toBe(tag)
  },
})
