import { finding, inconclusive, must, precondition, SCHEDULING_MS, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-backoff',
  title: 'An INVITE that the called device leaves unanswered is resent at doubling intervals, then given up',
  area: 'retransmission',
  purposes: ['TX-A', 'TX-B', 'TX-TIMEOUT'],
  provider: ['BH-1'],
  rules: {
    doubling: must(
      'RFC 3261 §17.1.1.2',
      'an unanswered INVITE is resent over UDP at intervals that double, from T1 on',
      { gravity: 'letter' },
    ),
    uncapped: finding(
      'RFC 3261 §17.1.1.2',
      'the intervals between INVITEs go on doubling beyond T2; many servers stop there',
      { gravity: 'letter' },
    ),
    sameBranch: must(
      'RFC 3261 §17.1.1.2',
      'a repeated INVITE is the same message once more: its branch does not change',
      { gravity: 'harm', harm: 'Where a packet is repeated, one call rings as two.' },
    ),
    final: must('RFC 3261 §16.7', 'the caller gets a final response when nobody answered', {
      gravity: 'harm',
      harm: 'Callers of a device that is gone hear nothing for ever: no error, and no mailbox.',
    }),
    patient: whereReached(
      finding('RFC 3261 §17.1.1.2', 'an unanswered INVITE is given up after 64·T1, not before', {
        gravity: 'harm',
        harm: 'Calls are given up before the called device has had its time to answer.',
      }),
    ),
    quiet: must('RFC 3261 §17.1.1.2', 'an INVITE is not resent once it was given up', {
      gravity: 'harm',
      harm: 'Devices that come back are rung for calls that were given up long ago.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 38,
  harm: 'One lost packet and a call never rings, or rings seconds late: callers hear silence and hang up.',
  advice: 'Look at Timer A (repeats) and Timer B (giving up) of the proxy towards devices on UDP.',
  async run({ alice, bob, expect, target, within, waits }) {
    const { T1, T2, B } = target.timers
    await alice.registers()
    await bob.registers()
    bob.staysMute()
    const call = await alice.invites(bob)
    await within(call.ended, B + 4 * T1)
    await waits(2 * T1)
    const asked = alice.says('INVITE', { callId: call.id }).last?.message.cseq.number ?? 0
    const answers = alice.hears(undefined, { callId: call.id, cseq: asked, to: 'INVITE' })
    precondition(answers.first, 'the caller heard nothing while the called device was tried')
    const final = answers.all.find(({ message }) => 'status' in message && message.status >= 200)
    if (final && 'status' in final.message && final.message.status < 300)
      inconclusive('somebody else took the call: a diversion or a mailbox is on')
    const first = bob.hears('INVITE').first
    precondition(first, 'the INVITE did not reach the called device')
    const invites = bob.hears('INVITE', { callId: first.message.callId, cseq: first.message.cseq.number })
    // Sent at 0, 1, 3, 7, 15 … times T1: the nth interval is T1 doubled n times.
    const moments = [0, 1, 3, 7, 15, 31, 63].map((n) => n * T1)
    // How soon it is given up is a matter of its own: see `patient`.
    const lasted = (final?.at ?? Number.POSITIVE_INFINITY) - first.at - SCHEDULING_MS
    const inTime = moments.filter((ms) => ms < lasted)
    const untilT2 = inTime.filter((_, n) => n === 0 || T1 * 2 ** (n - 1) <= T2)
    if (untilT2.length < 3)
      inconclusive(`the call was given up after ${Math.round(lasted)} ms: too soon to see how it is resent`)
    const end = Math.min(lasted, (untilT2.at(-1) ?? 0) + T2 / 2)
    expect(
      'doubling',
      invites.at.filter((ms) => ms < end),
      { seen: first },
    ).toFollow(untilT2)
    expect(
      'uncapped',
      invites.at.filter((ms) => ms < lasted),
      { seen: first },
    ).toFollow(inTime)
    expect('sameBranch', invites.branch, { seen: first, header: 'Via' }).toBeConstant()
    if (!final && answers.all.some(({ message }) => 'status' in message && message.status > 100))
      inconclusive('the call goes on ringing elsewhere: another device of the account, or a tone of the target')
    expect('final', final?.message.headers.get('CSeq'), { seen: final }).toBePresent()
    if (!final) {
      expect('quiet', Math.max(...invites.at)).toBeWithin(0, B, 'ms')
      return
    }
    expect('patient', final.at - first.at, { seen: final }).toBeWithin(B - T1, B + 2 * T1, 'ms')
    const late = invites.all.filter((seen) => seen.at > final.at)
    expect('quiet', late.length, { seen: late[0] }).toBe(0)
  },
})
