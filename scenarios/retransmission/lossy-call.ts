import { must, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/lossy-call',
  title: 'A call is made and ended although the first copy of every message is lost',
  area: 'retransmission',
  purposes: ['TX-A', 'TX-E', 'TX-6026', 'TX-REPLAY'],
  provider: ['BH-1'],
  rules: {
    answered: promised('BH-1', 'the call is answered although each message had to be sent twice', {
      gravity: 'letter',
    }),
    acknowledged: must(
      'RFC 6026 §7.2',
      'repeats of a lost 200 are passed on, so that the ACK reaches the callee at last',
      { gravity: 'letter' },
    ),
    once: must('RFC 3261 §17.2.1', 'a repeated INVITE is not taken for a further call', { gravity: 'letter' }),
    ended: must('RFC 3261 §17.1.2.2', 'a lost BYE is resent until the other side has it', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 28,
  harm: 'On mobile data, busy Wi-Fi or DSL with packet loss, calls fail to set up, or go on being charged after hanging up.',
  advice: 'See in the ladder which message was not sent a second time, and look at the timers of that transaction.',
  async run({ alice, bob, expect, within, target }) {
    const { T1 } = target.timers
    await alice.registers()
    await bob.registers()
    for (const device of [alice, bob]) {
      const sent = new Set<string>()
      const arrived = new Set<string>()
      device.loses((message) => isFirst(sent, kindOf(message)))
      device.misses((message) => isFirst(arrived, kindOf(message)))
    }
    const rung = bob.nextCall(32 * T1)
    const call = await alice.invites(bob)
    const final = await within(call.answered, 32 * T1)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    const callee = await rung
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    expect('answered', final?.status, { seen: answer }).toBe(200)
    const ack = callee && (await within(callee.acknowledged, 24 * T1))
    expect('acknowledged', ack?.method, { seen: bob.hears('ACK').last }).toBe('ACK')
    // Without To tag: a re-INVITE of a server that changes the media path is no further call.
    const calls = bob.hears('INVITE', { where: ({ message }) => message.to.tag === undefined })
    expect('once', new Set(calls.branch).size, { seen: calls.last }).toBe(1)
    const bye = final && ack ? await within(call.hangUp(), 24 * T1) : undefined
    const ended = callee && (await within(callee.ended, 1))
    if (final && ack)
      expect('ended', [bye?.status, ended?.cause], { seen: bob.hears('BYE').last }).toEqual([200, 'bye'])
    else expect('ended', undefined).toBePresent()
  },
})

/** What tells one message from another, repeats left aside. */
function kindOf(message: { kind: string; headers: { get(name: string): string | undefined } }): string {
  const status = 'status' in message ? String(message.status) : ''
  return `${message.headers.get('CSeq')} ${status} ${message.kind === 'request' ? requestMethod(message) : ''}`
}

function requestMethod(message: object): string {
  return 'method' in message ? String(message.method) : ''
}

function isFirst(known: Set<string>, kind: string): boolean {
  if (known.has(kind)) return false
  known.add(kind)
  return true
}
