import { must, ringsAt, scenario, whereReached } from 'ringproof'

/** Three repeats of a CANCEL over UDP (RFC 3261 §17.1.2.2), with what a path takes. */
const STOPS_MS = 5_000

export default scenario({
  id: 'retransmission/cancel',
  title: 'Hanging up before the answer stops the ringing, and both sides are told',
  area: 'retransmission',
  purposes: ['TX-CANCEL'],
  provider: ['BH-1'],
  rules: {
    accepted: must('RFC 3261 §9.2', 'the CANCEL is answered 200', {
      gravity: 'letter',
      cause: 'cancel-refused',
      harm: 'CANCEL is not answered 200: telephones of callers who hang up early repeat it for 32 s.',
    }),
    stops: must('RFC 3261 §16.10', 'when the caller hangs up before the answer, the callee gets a CANCEL', {
      gravity: 'harm',
      cause: 'cancel-lost',
      follows: ['cancel-refused'],
      harm: 'Telephones go on ringing after the caller has hung up.',
    }),
    matches: whereReached(
      must('RFC 3261 §9.1', "the CANCEL to the callee carries the branch and the number of the callee's INVITE", {
        gravity: 'harm',
        harm: 'The CANCEL to the callee does not fit its INVITE: the telephone goes on ringing.',
      }),
    ),
    told: must('RFC 3261 §16.7', "the callee's 487 reaches the caller", {
      gravity: 'harm',
      follows: ['cancel-lost', 'cancel-refused', 'status-changed'],
      harm: 'Callers who hang up early are not told that the call has ended: it stays on their display.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 9,
  fitForLoad: true,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Hanging up before the answer does not end the call on both sides.',
  advice:
    'Look at how the proxy passes CANCEL on to the devices it rings. Kamailio: t_relay() for a CANCEL whose INVITE t_check_trans() finds.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const { call, incoming } = await ringsAt(alice, bob, within)
    const cancel = await within(call.cancel(), 8_000)
    const final = await within(call.answered, 4_000)
    expect('accepted', cancel?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'CANCEL' }).first }).toBe(
      200,
    )
    // A back-to-back user agent tells the caller first; over UDP the CANCEL may need its repeats.
    const since = alice.says('CANCEL', { callId: call.id }).first?.at ?? 0
    const stopped = await bob.hears('CANCEL', { callId: incoming.id }).next(4_000)
    const lastsMs = stopped && Math.round(stopped.at - since)
    expect('stops', lastsMs ?? null, { seen: stopped }).toSatisfy(
      `a CANCEL within ${STOPS_MS} ms`,
      (ms) => ms !== null && ms <= STOPS_MS,
    )
    if (stopped) {
      expect('matches', [stopped.message.via.branch ?? null, stopped.message.cseq.number], {
        seen: stopped,
        header: 'Via',
      }).toEqual([incoming.invite.via.branch ?? null, incoming.invite.cseq.number])
    }
    expect('told', final?.status ?? 'no final response', { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(
      487,
    )
  },
})
