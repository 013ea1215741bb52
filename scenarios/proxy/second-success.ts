import { must, onlyForProxiedCalls, promised, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/second-success',
  title: 'When two telephones behind the callee answer at once, the caller hears of both',
  area: 'proxy',
  purposes: ['PRX-LATE2XX'],
  rules: {
    forwarded: must('RFC 3261 §16.7', 'every 2xx to an INVITE is forwarded, also after the first', {
      gravity: 'letter',
    }),
    acknowledged: promised('BH-1', "the caller's ACK for each 2xx reaches the callee", { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 12,
  harm: 'Behind a telephone system a call stays open for ever at a telephone that picked up a moment too late.',
  advice: 'Look at how long the proxy keeps an INVITE that was answered (RFC 6026 asks for 64·T1).',
  async run({ alice, bob, expect, random }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyForProxiedCalls(alice, bob, call)
    const answer = bob.says(200, { callId: call.callee.id, to: 'INVITE' }).first
    const second = answer?.message.clone()
    const tag = random.token(12)
    second?.headers.set('To', (second.headers.get('To') ?? '').replace(/tag=[^;]*/, `tag=${tag}`))
    const arrived = bob.hears('INVITE', { callId: call.callee.id }).first
    if (second && arrived) await bob.transmits(second)
    const heard = alice.hears(200, {
      callId: call.caller.id,
      to: 'INVITE',
      where: ({ message }) => message.to.tag === tag,
    })
    await heard.reaches(1, 3_000)
    expect('forwarded', heard.first?.message.to.tag, { seen: heard.first, header: 'To' }).toBe(tag)
    const ack = bob.hears('ACK', { where: ({ message }) => message.to.tag === tag })
    await ack.reaches(1, 2_000)
    expect('acknowledged', ack.first?.message.to.tag, { seen: ack.first }).toBe(tag)
  },
})
