import { loginTaken, must, promised, scenario, whereReached } from 'ringproof'

/** Where repeats are missing or not recognised, a call over a lossy line fails with them. */
const REPEATS = [
  'ack-lost',
  'invite-not-repeated',
  'request-not-repeated',
  'final-not-repeated',
  'second-success-lost',
  'invite-transaction-lost',
  'requests-carried-out-twice',
] as const

export default scenario({
  id: 'retransmission/lossy-call',
  title: 'A call is made and ended although the first copy of every message is lost',
  area: 'retransmission',
  purposes: ['TX-A', 'TX-E', 'TX-6026', 'TX-REPLAY'],
  provider: ['BH-1'],
  rules: {
    answered: promised('BH-1', 'the call is answered although each message had to be sent twice', {
      gravity: 'harm',
      follows: [...REPEATS],
      harm: 'On lines with packet loss, such as mobile data, calls are not set up.',
    }),
    acknowledged: must(
      'RFC 6026 §7.2',
      'repeats of a lost 200 are passed on, so that the ACK reaches the callee at last',
      {
        gravity: 'harm',
        follows: [...REPEATS],
        harm: 'On lines with packet loss, such as mobile data, answered calls are cut off after about 32 s.',
      },
    ),
    once: must('RFC 3261 §17.2.1', 'a repeated INVITE is not taken for a further call', {
      gravity: 'harm',
      follows: [...REPEATS],
      harm: 'On lines with packet loss, such as mobile data, one call shows up as two.',
    }),
    ended: whereReached(
      must('RFC 3261 §17.1.2.2', 'a lost BYE is resent until the other side has it', {
        gravity: 'harm',
        follows: [...REPEATS],
        harm: 'On lines with packet loss, such as mobile data, hanging up does not end the call on both sides.',
      }),
    ),
    answeredAgain: whereReached(
      must('RFC 3261 §17.2.2', 'a BYE that arrives again, because its 200 was lost, is answered as before', {
        gravity: 'letter',
        follows: [...REPEATS],
        harm: 'A repeated BYE is answered 481 after its 200 was lost. Devices end the call all the same.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  seconds: 28,
  reliesOn: 'call',
  harm: 'On lines with packet loss, such as mobile data, calls fail.',
  advice: 'Find in the ladder the message that was not sent a second time, and look at the timers of its transaction.',
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
    loginTaken(final)
    const callee = await rung
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    expect('answered', final?.status ?? 'no final response', { seen: answer }).toBe(200)
    const ack = callee && (await within(callee.acknowledged, 24 * T1))
    expect('acknowledged', ack?.method ?? 'no ACK', { seen: bob.hears('ACK').last }).toBe('ACK')
    // Without To tag: a re-INVITE of a server that changes the media path is no further call.
    const calls = bob.hears('INVITE', { where: ({ message }) => message.to.tag === undefined })
    expect('once', new Set(calls.branch).size, { seen: calls.last }).toBe(1, 'call at the callee')
    if (!final || !ack) return
    const bye = await within(call.hangUp(), 24 * T1)
    // The BYE of a back-to-back user agent is another one, and may be on its way yet.
    const ended = await within(callee.ended, 24 * T1)
    expect('ended', [bye?.status === undefined ? 'no answer' : 'answered', ended?.cause ?? 'not ended'], {
      seen: bob.hears('BYE').last,
    }).toEqual(['answered', 'bye'])
    const last = alice.hears(undefined, { callId: call.id, to: 'BYE' }).last
    if (bye?.status !== undefined) expect('answeredAgain', bye.status, { seen: last }).toBe(200)
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
