import { must, scenario, SCHEDULING_MS } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-backoff',
  title: 'An INVITE that the called device leaves unanswered is resent at doubling intervals, then given up',
  area: 'retransmission',
  purposes: ['TX-A', 'TX-B'],
  provider: ['BH-1'],
  rules: {
    doubling: must('RFC 3261 §17.1.1.2', 'the interval doubles after each transmission, from T1 on'),
    sameBranch: must('RFC 3261 §17.1.1.2', 'a repeat is the same request: its branch does not change'),
    givesUp: must('RFC 3261 §17.1.1.2', 'after 64·T1 without an answer the transaction ends'),
    final: must('RFC 3261 §16.8', 'the caller gets a final response'),
  },
  devices: { alice: {}, bob: {} },
  seconds: 38,
  harm: 'One lost packet and a call never rings, or rings seconds late: callers hear silence and hang up.',
  advice: 'Look at Timer A and Timer B of the proxy towards devices on UDP.',
  async run({ alice, bob, expect, target, within }) {
    const { T1, B } = target.timers
    await alice.registers()
    await bob.registers()
    bob.staysMute()
    const call = await alice.invites(bob)
    const final = await within(call.answered, B + 4 * T1)
    const invites = bob.hears('INVITE')
    // What came after the doubling reached the limit of Timer B is not part of the schedule.
    const schedule = [0, 1, 3, 7, 15, 31, 63].map((n) => n * T1)
    expect('doubling', invites.at, { seen: invites.first }).toFollow(schedule, SCHEDULING_MS)
    expect('sameBranch', invites.branch, { seen: invites.first, header: 'Via' }).toBeConstant()
    expect('final', final?.status).toBeOneOf([408, 480, 504])
    const givenUpAfter = (invites.last?.at ?? 0) - (invites.first?.at ?? 0)
    expect('givesUp', givenUpAfter).toBeWithin(0, B, 'ms')
  },
})
