import { must, precondition, SCHEDULING_MS, scenario, should } from 'ringproof'

export default scenario({
  id: 'retransmission/request-backoff',
  title: 'A BYE that the other device leaves unanswered is resent at intervals that grow up to T2, then given up',
  area: 'retransmission',
  purposes: ['TX-E', 'TX-F'],
  provider: ['BH-1'],
  rules: {
    growing: must(
      'RFC 3261 §17.1.2.2',
      'an unanswered BYE is resent over UDP at intervals that double from T1 to T2, and stay there',
      {
        gravity: 'harm',
        harm: 'One lost packet and hanging up does not reach the other side: its telephone stays busy and the call is charged on.',
      },
    ),
    sameBranch: must('RFC 3261 §17.1.2.2', 'a repeated BYE is the same message once more: its branch does not change', {
      gravity: 'harm',
      harm: 'Where a packet is repeated, devices take one hanging up for two, and show an error.',
    }),
    patient: should('RFC 3261 §17.1.2.2', 'an unanswered BYE is not given up before 64·T1 are over', {
      gravity: 'harm',
      harm: 'A network that is down for a few seconds is enough, and hanging up never reaches the other side.',
    }),
    givesUp: should('RFC 3261 §17.1.2.2', 'after 64·T1 without an answer a BYE is not resent any more', {
      gravity: 'harm',
      harm: 'Devices that are gone keep the servers busy without an end.',
    }),
    no408: must('RFC 4320 §4.2', 'the sender of an unanswered BYE is not told 408: it has given up by then itself', {
      gravity: 'harm',
      harm: 'Servers pile up errors about devices that have long given up.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 40,
  harm: 'One lost packet and hanging up does not reach the other side: its telephone stays busy and the call is charged on. Without an end, dead devices keep the servers busy.',
  advice: 'Look at Timer E (repeats) and Timer F (giving up) of the proxy towards devices on UDP.',
  async run({ alice, bob, expect, target, waits }) {
    const { T1, T2, F } = target.timers
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    bob.staysMute()
    void caller.hangUp()
    await waits(F + T2 + 2 * T1)
    const byes = bob.hears('BYE', { callId: callee.id })
    precondition(byes.first, 'the BYE did not reach the other device')
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < F; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    // How many of the last ones come is a matter of when it gives up, which is judged apart.
    const last = Math.max(T1, byes.at.at(-1) ?? 0) + SCHEDULING_MS
    const sure = moments.filter((ms) => ms < 0.75 * F && ms <= last)
    const end = (sure.at(-1) ?? 0) + T2 / 2
    expect(
      'growing',
      byes.at.filter((ms) => ms < end),
      { seen: byes.first },
    ).toFollow(sure)
    expect('sameBranch', byes.branch, { seen: byes.first, header: 'Via' }).toBeConstant()
    expect('patient', byes.at.at(-1), { seen: byes.last }).toSatisfy(
      `${F - T2} ms or more`,
      (ms) => ms !== undefined && ms >= F - T2 - SCHEDULING_MS,
    )
    expect('givesUp', byes.at.at(-1), { seen: byes.last }).toBeWithin(0, F, 'ms')
    const timeouts = alice.hears(408, { to: 'BYE', callId: caller.id })
    expect('no408', timeouts.count, { seen: timeouts.first }).toBe(0)
  },
})
