import { inconclusive, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/success-until-ack',
  title: 'A 200 is repeated on every transport until its ACK comes, and then no more',
  area: 'retransmission',
  purposes: ['TX-2XX'],
  provider: ['BH-1', 'SC-4'],
  rules: {
    repeated: must(
      'RFC 3261 §13.3.1.4',
      'a 200 without ACK is sent again after T1 and 2·T1 more, whatever carries the signalling',
      {
        gravity: 'harm',
        cause: 'success-not-repeated',
        follows: ['invite-transaction-lost'],
        harm: 'The 200 is not repeated as it should be. Where its ACK is lost, an answered call may stay silent.',
      },
    ),
    stops: must('RFC 3261 §13.3.1.4', 'a 200 is not repeated any more once its ACK has arrived', {
      gravity: 'letter',
      harm: 'The 200 is repeated although its ACK has arrived: needless traffic.',
    }),
    lives: must('RFC 3261 §13.2.2.4', 'a late ACK is as good as an early one: the call goes on', {
      gravity: 'harm',
      harm: 'Calls whose ACK comes late are cut off.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  harm: 'A 200 is not repeated until its ACK.',
  advice: 'Look at how the answering side repeats its 200, and at what stops it.',
  async run({ alice, services, expect, target, variant, waits, within }) {
    const { T1 } = target.timers
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { automatic: { acknowledge: false } })
    const final = await within(call.answered, 12 * T1)
    precondition(
      final?.status === 200,
      `the echo service answered ${final?.status ?? 'nothing'}`,
      final ? 'call-refused' : 'no-answer',
    )
    const successes = alice.hears(200, { callId: call.id, to: 'INVITE' })
    await waits(4 * T1)
    await call.acknowledge()
    call.automatic.acknowledge = true
    const acknowledgedAt = alice.says('ACK', { callId: call.id }).last?.at ?? 0
    await waits(12 * T1)
    expect(
      'repeated',
      successes.at.filter((ms) => ms < 4 * T1),
      { seen: successes.first },
    ).toFollow([0, T1, 3 * T1])
    // One that crossed the ACK on its way is none too many.
    const late = successes.all.filter((seen) => seen.at > acknowledgedAt + T1)
    // Each repeat is acknowledged again. Where a single one came, the network may have lost the first ACK.
    const mayBeLost = late.length === 1 && variant.transport === 'udp'
    if (!mayBeLost) expect('stops', late.length, { seen: late[0] }).toBe(0, '200 after the ACK')
    const bye = await within(call.hangUp(), 8 * T1)
    expect('lives', bye?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
    if (mayBeLost)
      inconclusive('the 200 came once more after its ACK, which may have been lost on the way', 'packet-lost')
  },
})
