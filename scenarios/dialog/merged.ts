import { inconclusive, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'dialog/merged',
  title: 'An INVITE that arrives by two paths is answered once, the other time 482',
  area: 'dialog',
  purposes: ['TX-MERGE'],
  provider: ['SC-4'],
  rules: {
    refused: should('RFC 3261 §8.2.2.2', 'the same request by a second path is answered 482', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 14,
  harm: 'A call that arrives by two paths is taken twice: two lines are busy.',
  advice:
    'Look whether the service compares From tag, Call-ID and CSeq of a new request with those that it is working on.',
  async run({ alice, services, expect, random, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { reliableProvisionals: 'no' })
    const challenge = await alice
      .hears(undefined, {
        callId: call.id,
        where: ({ message }) => message.kind === 'response' && [401, 407].includes(message.status),
      })
      .next(4_000)
    precondition(challenge?.message.kind === 'response', 'the INVITE was not challenged')
    const own = alice.says('INVITE', { callId: call.id, cseq: challenge.message.cseq.number + 1 })
    const invite = await own.next(4_000)
    precondition(invite?.message.kind === 'request', 'no INVITE with credentials was sent')
    const twin = invite.message.clone()
    const branch = `z9hG4bK${random.token(16)}`
    twin.headers.set('Via', (twin.headers.get('Via') ?? '').replace(/branch=[^;]+/, `branch=${branch}`))
    for (const [name, value] of Object.entries(alice.credentialsFor(twin, challenge.message, { nc: 2 })))
      twin.headers.set(name, value)
    await alice.transmits(twin)
    const answers = alice.hears(undefined, {
      callId: call.id,
      // Ringing at it is an answer too.
      where: ({ message }) => message.kind === 'response' && message.via.branch === branch && message.status > 100,
    })
    const answer = await answers.next(4_000)
    const status = answer?.message.kind === 'response' ? answer.message.status : undefined
    if (status === undefined) inconclusive('the second INVITE got no answer', 'no-answer')
    if ([401, 403, 407].includes(status))
      inconclusive(`the second INVITE was rejected with ${status} before the service`, 'call-refused')
    const final = await within(call.answered, 4_000)
    // Where the first one was lost on the way, its repeat is the one that comes second.
    if (final?.status === 482) inconclusive('the second INVITE overtook the first', 'packet-lost')
    expect('refused', status, { seen: answer }).toBe(482)
    await within(call.hangUp(), 4_000)
  },
})
