import { must, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/invite-after-answer',
  title: 'An INVITE that arrives again after the answer starts no second call',
  area: 'retransmission',
  purposes: ['TX-REPLAY', 'TX-6026'],
  provider: ['BH-1'],
  rules: {
    absorbed: must('RFC 6026 §7.1', 'for 64·T1 after a 2xx, repeats of the INVITE are recognised and go no further', {
      gravity: 'harm',
      cause: 'invite-transaction-lost',
      harm: 'A late copy of an INVITE rings the telephone once more while the call is going on.',
    }),
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
  seconds: 6,
  reliesOn: 'call',
  harm: 'A late copy of an INVITE disturbs the call that is going on.',
  advice:
    'Keep the INVITE transaction for 64·T1 after the 2xx (RFC 6026). Kamailio keeps it for wt_timer (5 s by default); the script must call t_check_trans() or t_newtran() before it authenticates, so that copies are absorbed.',
  async run({ alice, bob, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const invite = alice.says('INVITE', { callId: caller.id }).last
    await waits(500)
    if (invite) await alice.transmits(invite.bytes)
    await waits(1_500)
    // Without To tag: a re-INVITE of a server that changes the media path is no second call.
    const arrived = bob.hears('INVITE', { where: ({ message }) => message.to.tag === undefined }).all
    const calls = new Set(arrived.map(({ message }) => `${message.callId} ${message.via.branch}`))
    expect('absorbed', calls.size, { seen: arrived.at(-1) }).toBe(1, 'call at the callee')
    const others = alice.hears(undefined, {
      callId: caller.id,
      cseq: invite?.message.cseq.number ?? 0,
      to: 'INVITE',
      where: ({ message }) => 'status' in message && message.status >= 300,
    })
    expect('settled', others.status, { seen: others.first }).toBeEmpty()
    const bye = await within(caller.hangUp(), 4_000)
    const end = await within(callee.ended, 2_000)
    expect('lives', [bye?.status ?? 'no answer', end?.cause ?? 'not ended']).toEqual([200, 'bye'])
  },
})
