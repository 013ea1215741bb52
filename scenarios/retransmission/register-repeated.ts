import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/register-repeated',
  title: 'A REGISTER that arrives twice gets the same answer twice',
  area: 'retransmission',
  purposes: ['TX-REPLAY'],
  provider: ['BH-1'],
  rules: {
    again: must('RFC 3261 §17.2.2', 'a repeated REGISTER is answered once more', {
      gravity: 'harm',
      cause: 'requests-carried-out-twice',
      harm: 'A repeated REGISTER gets no answer: where the first answer was lost, telephones time out.',
    }),
    same: must('RFC 3261 §17.2.2', 'a repeated REGISTER gets the same answer: status and To tag', {
      gravity: 'harm',
      cause: 'requests-carried-out-twice',
      harm: 'A repeated REGISTER gets another answer than the first. On lossy lines telephones may take it for a refused log-in.',
    }),
  },
  devices: { alice: {} },
  seconds: 14,
  step: 'register',
  harm: 'A repeated REGISTER is carried out again instead of being answered alike.',
  advice:
    'Let the registrar keep its answers for 64·T1 (Timer J). Kamailio: t_newtran() before save() and replies by t_reply(); with stateless replies each copy is processed anew.',
  async run({ alice, expect, target, waits }) {
    const uri = `sip:${target.domain(alice.variant.transport)}`
    const ask = alice.composes('REGISTER', uri, { headers: [['Expires', '3600']] })
    const answers = alice.hears(undefined, {
      callId: ask.callId,
      where: ({ message }) => 'status' in message && message.status >= 200,
    })
    await alice.transmits(ask)
    const challenge = await answers.next(4_000)
    precondition(
      challenge?.message.kind === 'response' && [401, 407].includes(challenge.message.status),
      'REGISTER was not challenged',
    )
    const asked = alice.answersChallenge(ask, challenge.message)
    await alice.transmits(asked)
    const answer = await answers.next(4_000)
    precondition(
      answer?.message.kind === 'response' && answer.message.status === 200,
      'REGISTER was not answered 200',
      'login-refused',
    )
    await waits(target.timers.T1)
    // Once more where nothing comes: one datagram may be lost.
    await alice.transmits(asked)
    let second = await answers.next(2_000)
    if (!second) await alice.transmits(asked)
    second ??= await answers.next(2_000)
    const repeat = second?.message.kind === 'response' ? second.message : undefined
    expect('again', repeat?.status ?? null, { seen: second }).toBePresent()
    expect('same', [repeat?.status ?? 'no answer', repeat?.to.tag ?? 'none'], { seen: second, header: 'To' }).toEqual([
      200,
      answer.message.to.tag ?? 'none',
    ])
  },
})
