import { inconclusive, must, precondition, scenario, wasProxied, whereReached } from 'ringproof'

const REPEATS_LOST = {
  gravity: 'harm',
  cause: 'second-success-lost',
  follows: ['invite-transaction-lost'],
  harm: 'One lost packet and an answered call is cut off: repeats of the 200 do not reach the caller.',
} as const

export default scenario({
  id: 'retransmission/success-passed-on',
  title: 'While the callee repeats its 200, the caller gets each repeat',
  area: 'retransmission',
  purposes: ['TX-6026'],
  provider: ['BH-1'],
  rules: {
    passed: whereReached(
      must('RFC 3261 §16.7', 'a proxy forwards a 2xx to an INVITE even after a final response was sent', REPEATS_LOST),
    ),
    repeated: whereReached(
      must(
        'RFC 3261 §13.3.1.4',
        'a back-to-back user agent repeats its 2xx until the ACK arrives, at intervals that double from T1',
        REPEATS_LOST,
      ),
    ),
    quiet: must('RFC 3261 §13.3.1.4', 'the repeats of a 200 end once the caller has acknowledged it', {
      gravity: 'letter',
      follows: ['ack-lost'],
      harm: 'The 200 is repeated although its ACK was sent: needless traffic.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'Repeats of the 200 are not passed on as they should be.',
  advice:
    'Look at how long the proxy keeps an INVITE that was answered (RFC 6026: 64·T1), and whether it forwards repeats of the 200 meanwhile. Kamailio: wt_timer of tm is 5 s by default.',
  async run({ alice, bob, expect, target, variant, waits }) {
    const { T1 } = target.timers
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob, { automatic: { acknowledge: false } })
    const successes = alice.hears(200, { callId: call.id, to: 'INVITE' })
    precondition(await successes.reaches(1, 8_000), 'the caller got no 200', 'call-refused')
    await waits(4 * T1)
    await call.acknowledge()
    call.automatic.acknowledge = true
    const acknowledgedAt = alice.says('ACK', { callId: call.id }).last?.at ?? 0
    // Long enough for two repeats more, where they do not end.
    await waits(12 * T1)
    const sent = alice.says('INVITE', { callId: call.id }).last
    const repeats = successes.at.filter((ms) => ms < 4 * T1)
    // What a proxy forwards it forwards when it can: the callee's own repeats come late, too, where its machine is busy.
    if (wasProxied(sent, bob.hears('INVITE').last)) {
      const made = bob.says(200, { to: 'INVITE' }).at.filter((ms) => ms < 4 * T1)
      expect('passed', repeats, { seen: successes.first }).toFollow(made, T1)
    } else {
      expect('repeated', repeats, { seen: successes.first }).toFollow([0, T1, 3 * T1])
    }
    const late = successes.all.filter((seen) => seen.at > acknowledgedAt + T1)
    // Each repeat is acknowledged again. Where a single one came, the network may have lost the first ACK.
    if (late.length === 1 && variant.transport === 'udp')
      inconclusive('the 200 came once more after its ACK, which may have been lost on the way', 'packet-lost')
    expect('quiet', late.length, { seen: late[0] }).toBe(0, '200 after the ACK')
  },
})
