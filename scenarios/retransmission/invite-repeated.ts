import { arrivesAt, must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-repeated',
  title: 'An INVITE that arrives again is answered again, and rings nobody a second time',
  area: 'retransmission',
  purposes: ['TX-REPLAY'],
  provider: ['BH-1'],
  rules: {
    ringing: must(
      'RFC 3261 §17.2.1',
      'while the call rings, a repeated INVITE is answered with the latest provisional response',
      {
        gravity: 'harm',
        cause: 'invite-transaction-lost',
        harm: 'A repeated INVITE is not answered with the 180. Where it was lost, callers hear no ringing tone.',
      },
    ),
    refused: should('RFC 3261 §17.2.1', 'after a refusal, a repeated INVITE is answered with the refusal, at once', {
      gravity: 'letter',
      cause: 'invite-transaction-lost',
      harm: 'A repeated INVITE is not answered with the refusal at once. Where it was lost, the busy tone comes later.',
    }),
    once: must('RFC 3261 §17.2.3', 'a repeated INVITE is known as such: the callee gets no second one', {
      gravity: 'harm',
      cause: 'invite-transaction-lost',
      harm: 'A repeated INVITE counts as a second call: on lossy lines telephones show two calls.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 18,
  reliesOn: 'call',
  harm: 'A repeated INVITE is not recognised as one.',
  advice:
    'Look at how the proxy tells copies of an INVITE from new ones (branch and sent-by of the topmost Via). Kamailio: call t_check_trans() or t_newtran() before authentication, so that copies are absorbed.',
  async run({ alice, bob, expect, waits, target }) {
    const { T1 } = target.timers
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    // Neither the caller's own timers nor its ACK of the refusal: this story repeats by hand.
    alice.loses((message) => message.kind === 'request' && message.method === 'ACK' && bob.hears('INVITE').count > 0)
    const { call, incoming } = await arrivesAt(alice, bob)
    await incoming.ring()
    const heard = alice.hears(undefined, { callId: call.id, to: 'INVITE' })
    const ringing = await alice.hears(180, { callId: call.id }).next(4_000)
    precondition(ringing, 'ringing did not reach the caller')
    const invite = alice.says('INVITE', { callId: call.id }).last
    precondition(invite, 'no INVITE was sent')
    await waits(T1 / 2)
    // Usually 180; a server that plays the ringing itself may have sent a 183 after it.
    const latest = heard.status.at(-1) ?? 0
    precondition(latest > 100 && latest < 200, `the caller heard ${latest} last, not ringing`)
    const before = heard.count
    // Twice where need be: over UDP a copy may be lost, or what answers it.
    for (let copies = 0; copies < 2 && heard.count === before; copies += 1) {
      await alice.transmits(invite.bytes)
      await heard.reaches(before + 1, 2 * T1)
    }
    const again = heard.all[before]
    expect('ringing', again && 'status' in again.message ? again.message.status : 'no answer', { seen: again }).toBe(
      latest,
    )
    await incoming.reject(486)
    const refusals = alice.hears(486, { callId: call.id })
    precondition(await refusals.reaches(1, 4_000), 'the refusal did not reach the caller')
    // After a refusal the next one is not due for T1 and more: what comes at once comes because of the copy.
    let refused = false
    for (let copies = 0; copies < 3 && !refused; copies += 1) {
      await waits(T1 / 4)
      const told = refusals.count
      await alice.transmits(invite.bytes)
      refused = await refusals.reaches(told + 1, T1 / 2)
      // A copy may be lost: the next follows a refusal that came by itself.
      if (!refused) await refusals.reaches(told + 1, 5 * T1)
    }
    expect('refused', refused, { seen: refusals.last }).toBeTrue('a refusal at once for a copy of the INVITE')
    alice.loses()
    await waits(3 * T1)
    const branches = new Set(bob.hears('INVITE').all.map(({ message }) => `${message.callId} ${message.via.branch}`))
    expect('once', branches.size, { seen: bob.hears('INVITE').last }).toBe(1, 'transaction at the callee')
  },
})
