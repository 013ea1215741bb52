import { inconclusive, must, precondition, SCHEDULING_MS, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/success-unacknowledged',
  title: 'A 200 whose ACK never comes is repeated for 64·T1, then the call is ended',
  area: 'retransmission',
  purposes: ['TX-2XX'],
  provider: ['BH-1', 'SC-4'],
  rules: {
    repeated: must('RFC 3261 §13.3.1.4', 'a 200 without ACK is sent again', {
      gravity: 'harm',
      cause: 'success-not-repeated',
      follows: ['invite-transaction-lost'],
      harm: 'The 200 is sent once: one lost packet and an answered call stays silent.',
    }),
    intervals: whereReached(
      must('RFC 3261 §13.3.1.4', 'a 200 without ACK is sent again after T1, then at intervals that double up to T2', {
        gravity: 'letter',
        follows: ['retransmission/lossy-call'],
        cause: 'repeat-intervals',
        harm: 'The 200 is repeated at other intervals than T1, doubling up to T2.',
      }),
    ),
    ended: should('RFC 3261 §13.3.1.4', 'a call whose ACK never came is ended with a BYE', {
      gravity: 'harm',
      follows: ['success-not-repeated'],
      harm: 'Calls of devices that vanished while they were answered stay up, and on the bill.',
    }),
    inTime: whereReached(
      should('RFC 3261 §13.3.1.4', 'a call whose ACK never came is ended after 64·T1', {
        gravity: 'letter',
        follows: ['success-not-repeated'],
        harm: 'A call whose ACK never came is ended at another time than after 64·T1.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 40,
  harm: 'A 200 without ACK is not treated as it should be.',
  advice:
    'Look at what the answering side does with a 200 that nobody acknowledges: repeats, and the BYE at their end.',
  async run({ alice, services, expect, target, waits }) {
    const { T1, T2 } = target.timers
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { automatic: { acknowledge: false } })
    const bye = alice.hears('BYE', { callId: call.id })
    await bye.reaches(1, 64 * T1 + 6 * T1)
    const successes = alice.hears(200, { callId: call.id, to: 'INVITE' })
    precondition(successes.first, 'the echo service did not answer', 'no-answer')
    const lasted = (bye.first?.at ?? Number.POSITIVE_INFINITY) - successes.first.at
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < 48 * T1; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    expect('ended', bye.first?.message.headers.get('CSeq') ?? null, { seen: bye.first }).toBePresent()
    if (bye.first)
      expect('inTime', bye.first.at - successes.first.at, { seen: bye.first }).toBeWithin(62 * T1, 68 * T1, 'ms')
    // How soon it hangs up has been judged; until then it is to repeat.
    const due = moments.filter((ms) => ms < lasted - SCHEDULING_MS)
    if (due.length < 3)
      inconclusive(`the echo service hung up after ${Math.round(lasted)} ms, too soon to see how it repeats`)
    const end = Math.min(lasted, (due.at(-1) ?? 0) + T2 / 2)
    const copies = successes.at.filter((ms) => ms < end)
    const seen = successes.first
    if (expect('repeated', copies.length, { seen }).toSatisfy('2 or more', (count) => count >= 2))
      expect('intervals', copies, { seen }).toFollow(due)
    await waits(T1)
  },
})
