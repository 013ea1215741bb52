import { finding, inconclusive, must, precondition, SCHEDULING_MS, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-backoff',
  title: 'An unanswered INVITE is resent at doubling intervals, then given up',
  area: 'retransmission',
  purposes: ['TX-A', 'TX-B', 'TX-TIMEOUT'],
  provider: ['BH-1'],
  rules: {
    resent: must('RFC 3261 §17.1.1.2', 'an unanswered INVITE is resent over UDP', {
      gravity: 'harm',
      cause: 'invite-not-repeated',
      harm: 'INVITE is sent once: one lost packet and the telephone does not ring.',
    }),
    doubling: whereReached(
      must('RFC 3261 §17.1.1.2', 'an unanswered INVITE is resent over UDP at intervals that double, from T1 on', {
        gravity: 'letter',
        cause: 'repeat-intervals',
        harm: 'INVITE is resent at other intervals than T1, 2·T1, 4·T1 and so on.',
      }),
    ),
    uncapped: whereReached(
      finding('RFC 3261 §17.1.1.2', 'the intervals between INVITEs go on doubling beyond T2; many servers stop there', {
        gravity: 'letter',
        follows: ['repeat-intervals', 'invite-not-repeated'],
        harm: 'The intervals between INVITEs stop doubling at T2, as with many servers.',
      }),
    ),
    sameBranch: must(
      'RFC 3261 §17.1.1.2',
      'a repeated INVITE is the same message once more: its branch does not change',
      {
        gravity: 'harm',
        cause: 'branch-changes',
        harm: 'A repeated INVITE looks like a new call: telephones may ring twice.',
      },
    ),
    final: must('RFC 3261 §16.7', 'the caller gets a final response when nobody answered', {
      gravity: 'harm',
      cause: 'request-repeated-for-ever',
      harm: 'Callers of a telephone that is gone get no final response: no error tone, no mailbox.',
    }),
    patient: whereReached(
      finding('RFC 3261 §17.1.1.2', 'an unanswered INVITE is given up after 64·T1, not before', {
        gravity: 'letter',
        cause: 'given-up-early',
        harm: 'An unanswered INVITE is given up after {gaveUp|another time than 64·T1}. The RFC says 64·T1, 32 s by default.',
      }),
    ),
    quiet: must('RFC 3261 §17.1.1.2', 'an INVITE is not resent once it was given up', {
      gravity: 'letter',
      cause: 'request-repeated-for-ever',
      harm: 'INVITE is resent after the call was given up: a telephone that comes back rings for nobody.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 38,
  reliesOn: 'call',
  harm: 'An unanswered INVITE is not resent as it should be.',
  advice:
    'Look at Timer A (repeats) and Timer B (giving up) of the proxy towards devices on UDP. Kamailio: retr_timer1, retr_timer2 and fr_timer of tm, with t_relay() (forward() keeps no transaction). Asterisk: timer_t1 and timer_b.',
  async run({ alice, bob, expect, figure, target, within, waits }) {
    const { T1, T2, B } = target.timers
    await alice.registers()
    await bob.registers()
    bob.staysMute()
    const call = await alice.invites(bob)
    await within(call.ended, B + 4 * T1)
    await waits(2 * T1)
    const asked = alice.says('INVITE', { callId: call.id }).last?.message.cseq.number ?? 0
    const answers = alice.hears(undefined, { callId: call.id, cseq: asked, to: 'INVITE' })
    precondition(answers.first, 'the INVITE got no answer at all', 'no-answer')
    const final = answers.all.find(({ message }) => 'status' in message && message.status >= 200)
    if (final && 'status' in final.message && final.message.status < 300)
      inconclusive('a diversion or a mailbox answered the call')
    const first = bob.hears('INVITE').first
    precondition(first, 'the call did not arrive', 'call-not-arrived')
    const invites = bob.hears('INVITE', { callId: first.message.callId, cseq: first.message.cseq.number })
    // Sent at 0, 1, 3, 7, 15 … times T1: the nth interval is T1 doubled n times.
    const moments = [0, 1, 3, 7, 15, 31, 63].map((n) => n * T1)
    // How soon it is given up is a matter of its own: see `patient`.
    const lasted = (final?.at ?? Number.POSITIVE_INFINITY) - first.at - SCHEDULING_MS
    const inTime = moments.filter((ms) => ms < lasted)
    const untilT2 = inTime.filter((_, n) => n === 0 || T1 * 2 ** (n - 1) <= T2)
    if (untilT2.length < 3)
      inconclusive(`the call was given up after ${Math.round(lasted)} ms, too soon to see how it is resent`)
    const end = Math.min(lasted, (untilT2.at(-1) ?? 0) + T2 / 2)
    const soon = invites.at.filter((ms) => ms < end)
    if (expect('resent', soon.length, { seen: first }).toSatisfy('2 or more', (count) => count >= 2)) {
      expect('doubling', soon, { seen: first }).toFollow(untilT2)
      expect(
        'uncapped',
        invites.at.filter((ms) => ms < lasted),
        { seen: first },
      ).toFollow(inTime)
    }
    expect('sameBranch', invites.branch, { seen: first, header: 'Via' }).toBeConstant()
    if (!final && answers.all.some(({ message }) => 'status' in message && message.status > 100))
      inconclusive('the call rings on elsewhere: another device of the account, or a tone of the provider')
    expect('final', final?.message.headers.get('CSeq') ?? null, { seen: final }).toBePresent()
    if (!final) {
      expect('quiet', Math.max(...invites.at)).toBeWithin(0, B, 'ms')
      return
    }
    figure('gaveUp', `${Math.round((final.at - first.at) / 1000)} s`)
    expect('patient', final.at - first.at, { seen: final }).toBeWithin(B - T1, B + 2 * T1, 'ms')
    const late = invites.all.filter((seen) => seen.at > final.at)
    expect('quiet', late.length, { seen: late[0] }).toBe(0, 'INVITE after the final response')
  },
})
