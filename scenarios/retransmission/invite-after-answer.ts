import { must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-after-answer',
  title: 'An INVITE that arrives again after the answer starts no second call',
  area: 'retransmission',
  purposes: ['TX-REPLAY', 'TX-6026'],
  provider: ['BH-1'],
  rules: {
    absorbed: must('RFC 6026 §7.1', 'after a 2xx, repeats of the INVITE are recognised and go no further', {
      gravity: 'harm',
      cause: 'invite-transaction-lost',
      harm: 'A late copy of an INVITE rings the telephone once more while the call is going on.',
    }),
    lasting: whereReached(
      must('RFC 6026 §7.1', 'repeats of an INVITE are recognised for the whole of 64·T1 after its 2xx', {
        gravity: 'letter',
        follows: ['invite-transaction-lost', 'retransmission/lossy-call'],
        harm: 'An INVITE is forgotten less than 64·T1 after its 2xx: a copy that comes half a minute late counts as a new call.',
      }),
    ),
    settled: must(
      'RFC 6026 §7.1',
      'a repeat of the INVITE after the 2xx brings the caller no other answer than the one it had',
      {
        gravity: 'letter',
        cause: 'invite-transaction-lost',
        harm: 'A late copy of an INVITE is answered with a failure although the call is going on.',
      },
    ),
    lives: must('RFC 6026 §7.1', 'a repeat of the INVITE after the 2xx leaves the call as it is', {
      gravity: 'harm',
      cause: 'invite-transaction-lost',
      harm: 'A late copy of an INVITE cuts off the call that is going on.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 38,
  reliesOn: 'call',
  harm: 'A late copy of an INVITE disturbs the call that is going on.',
  advice:
    'Keep the INVITE transaction for 64·T1 after the 2xx (RFC 6026). Kamailio keeps it for wt_timer (5 s by default); the script must call t_check_trans() or t_newtran() before it authenticates, so that copies are absorbed.',
  async run({ alice, bob, expect, target, waits, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const invite = alice.says('INVITE', { callId: caller.id }).last
    precondition(invite, 'no INVITE was sent')
    const { T1 } = target.timers
    // Without To tag: a re-INVITE of a server that changes the media path is no second call.
    const arrived = bob.hears('INVITE', { where: ({ message }) => message.to.tag === undefined })
    const calls = () => new Set(arrived.all.map(({ message }) => `${message.callId} ${message.via.branch}`)).size
    const others = alice.hears(undefined, {
      callId: caller.id,
      cseq: invite.message.cseq.number,
      to: 'INVITE',
      where: ({ message }) => 'status' in message && message.status >= 300,
    })
    await waits(T1)
    await alice.transmits(invite.bytes)
    await waits(3 * T1)
    expect('absorbed', calls(), { seen: arrived.last }).toBe(1, 'call at the callee')
    expect('settled', others.status, { seen: others.first }).toBeEmpty()
    if (calls() === 1 && others.count === 0) {
      // Long after the last copy that a caller sends who had a response to the first.
      await waits(50 * T1)
      await alice.transmits(invite.bytes)
      await waits(3 * T1)
      expect('lasting', [calls(), ...others.status], { seen: arrived.last }).toEqual([1])
    }
    const bye = await within(caller.hangUp(), 4_000)
    const end = await within(callee.ended, 2_000)
    expect('lives', [bye?.status ?? 'no answer', end?.cause ?? 'not ended']).toEqual([200, 'bye'])
  },
})
