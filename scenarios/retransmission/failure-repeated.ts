import { finding, inconclusive, must, precondition, SCHEDULING_MS, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/failure-repeated',
  title: 'A refusal is repeated to the caller until its ACK, and no longer than 64·T1',
  area: 'retransmission',
  purposes: ['TX-G', 'TX-H'],
  provider: ['BH-1'],
  rules: {
    repeated: must('RFC 3261 §17.2.1', 'over UDP a final response of 300 or more is repeated until ACK', {
      gravity: 'harm',
      cause: 'final-not-repeated',
      follows: ['invite-transaction-lost'],
      harm: 'Refusals are sent once: one lost packet and callers hear no busy tone.',
    }),
    intervals: whereReached(
      must('RFC 3261 §17.2.1', 'a refusal is repeated after T1, then at intervals that double up to T2', {
        gravity: 'letter',
        cause: 'repeat-intervals',
        harm: 'Refusals are repeated at other intervals than T1, doubling up to T2.',
      }),
    ),
    patient: whereReached(
      finding('RFC 3261 §17.2.1', 'a final response without ACK is repeated for the whole of 64·T1', {
        gravity: 'letter',
        cause: 'given-up-early',
        harm: 'Refusals are repeated for {repeated|less than 64·T1} only. The RFC says 64·T1, 32 s by default.',
      }),
    ),
    stops: must('RFC 3261 §17.2.1', 'after 64·T1 without an ACK a final response is not repeated any more', {
      gravity: 'letter',
      harm: 'Refusals without ACK are still repeated after {repeated|64·T1}. Traffic to devices that are gone.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 40,
  reliesOn: 'call',
  harm: 'Refusals are not repeated as they should be.',
  advice:
    'Look at Timer G (repeats) and Timer H (giving up) towards callers on UDP. Kamailio: t_newtran() or t_relay() makes the transaction that repeats; retr_timer1 and retr_timer2 are its intervals. A reply by sl_send_reply() is never repeated.',
  async run({ alice, bob, expect, figure, target, waits }) {
    const { T1, T2, H } = target.timers
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    // The challenge is acknowledged, the refusal is not.
    alice.loses((message) => message.kind === 'request' && message.method === 'ACK' && bob.hears('INVITE').count > 0)
    const call = await alice.invites(bob)
    await waits(H + T2 + 2 * T1)
    const first = alice.hears(undefined, {
      callId: call.id,
      to: 'INVITE',
      where: ({ message }) =>
        message.kind === 'response' && message.status >= 300 && ![401, 407].includes(message.status),
    }).first
    precondition(first && first.message.kind === 'response', 'the caller got no refusal', 'no-answer')
    const refusals = alice.hears(first.message.status, { callId: call.id, to: 'INVITE' })
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < H; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    const sure = moments.filter((ms) => ms < 0.75 * H)
    const end = (sure.at(-1) ?? 0) + T2 / 2
    const copies = refusals.at.filter((ms) => ms < end)
    const repeated = expect('repeated', copies.length, { seen: first }).toSatisfy('2 or more', (count) => count >= 2)
    if (repeated) expect('intervals', copies, { seen: first }).toFollow(sure)
    const last = Math.max(...refusals.at)
    figure('repeated', `${Math.round(last / 1000)} s`)
    expect('stops', last, { seen: refusals.last }).toBeWithin(0, H, 'ms')
    if (!repeated) return
    // The last one of all may be lost.
    if (last < H - T2 && last >= H - 2 * T2 - SCHEDULING_MS) {
      inconclusive(
        `the last refusal came after ${Math.round(last)} ms; the network may have lost one more`,
        'packet-lost',
      )
    }
    expect('patient', last, { seen: refusals.last }).toSatisfy(`${H - T2} ms or more`, (ms) => ms >= H - T2)
  },
})
