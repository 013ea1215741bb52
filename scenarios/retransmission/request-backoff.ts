import { inconclusive, must, precondition, SCHEDULING_MS, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/request-backoff',
  title: 'An unanswered BYE is resent at intervals that grow up to T2, then given up',
  area: 'retransmission',
  purposes: ['TX-E', 'TX-F'],
  provider: ['BH-1'],
  rules: {
    resent: must('RFC 3261 §17.1.2.2', 'an unanswered BYE is resent over UDP', {
      gravity: 'harm',
      cause: 'request-not-repeated',
      harm: 'BYE is sent once: one lost packet and the other telephone stays in the call.',
    }),
    growing: whereReached(
      must(
        'RFC 3261 §17.1.2.2',
        'an unanswered BYE is resent over UDP at intervals that double from T1 to T2, and stay there',
        {
          gravity: 'letter',
          cause: 'repeat-intervals',
          harm: 'BYE is resent at other intervals than T1, doubling up to T2.',
        },
      ),
    ),
    sameBranch: must('RFC 3261 §17.1.2.2', 'a repeated BYE is the same message once more: its branch does not change', {
      gravity: 'letter',
      cause: 'branch-changes',
      harm: 'A repeated BYE looks like a new one: telephones answer it with an error.',
    }),
    patient: whereReached(
      should('RFC 3261 §17.1.2.2', 'an unanswered BYE is not given up before 64·T1 are over', {
        gravity: 'letter',
        cause: 'given-up-early',
        harm: 'BYE is resent for {resent|less than 64·T1} only. Where a network is down for longer, hanging up never arrives.',
      }),
    ),
    givesUp: should('RFC 3261 §17.1.2.2', 'after 64·T1 without an answer a BYE is not resent any more', {
      gravity: 'letter',
      cause: 'request-repeated-for-ever',
      harm: 'BYE is resent for longer than 64·T1: devices that are gone keep the servers busy.',
    }),
    no408: must('RFC 4320 §4.2', 'the sender of an unanswered BYE is not told 408: it has given up by then itself', {
      gravity: 'letter',
      harm: 'An unanswered BYE is answered 408, which its sender no longer waits for.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 40,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'An unanswered BYE is not resent as it should be.',
  advice:
    'Look at Timer E (repeats) and Timer F (giving up) of the proxy towards devices on UDP. Kamailio: retr_timer1, retr_timer2 and fr_timer of tm, with t_relay() (forward() keeps no transaction).',
  async run({ alice, bob, expect, figure, target, waits }) {
    const { T1, T2, F } = target.timers
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    bob.staysMute()
    void caller.hangUp()
    await waits(F + T2 + 2 * T1)
    const first = bob.hears('BYE', { callId: callee.id }).first
    precondition(first, 'the BYE did not reach the other device')
    // A server that tries anew after giving up sends another request, of a number of its own.
    const byes = bob.hears('BYE', { callId: callee.id, cseq: first.message.cseq.number })
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < F; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    // How many of the last ones come is a matter of when it gives up, which is judged apart.
    const last = Math.max(T1, byes.at.at(-1) ?? 0) + SCHEDULING_MS
    const sure = moments.filter((ms) => ms < 0.75 * F && ms <= last)
    const end = (sure.at(-1) ?? 0) + T2 / 2
    const copies = byes.at.filter((ms) => ms < end)
    const resent = expect('resent', copies.length, { seen: byes.first }).toSatisfy('2 or more', (count) => count >= 2)
    if (resent) expect('growing', copies, { seen: byes.first }).toFollow(sure)
    expect('sameBranch', byes.branch, { seen: byes.first, header: 'Via' }).toBeConstant()
    const lastAt = Math.max(...byes.at)
    figure('resent', `${Math.round(lastAt / 1000)} s`)
    expect('givesUp', lastAt, { seen: byes.last }).toBeWithin(0, F, 'ms')
    const timeouts = alice.hears(408, { to: 'BYE', callId: caller.id })
    expect('no408', timeouts.count, { seen: timeouts.first }).toBe(0, '408')
    if (!resent) return
    const enough = F - T2 - SCHEDULING_MS
    // The last one of all may be lost.
    if (lastAt < enough && lastAt >= enough - T2) {
      inconclusive(
        `the last BYE came after ${Math.round(lastAt)} ms; the network may have lost one more`,
        'packet-lost',
      )
    }
    expect('patient', lastAt, { seen: byes.last }).toSatisfy(`${F - T2} ms or more`, (ms) => ms >= enough)
  },
})
