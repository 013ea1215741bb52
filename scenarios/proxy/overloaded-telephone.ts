import { type Device, finding, loginTaken, owed, precondition, scenario } from 'ringproof'

/** What the telephone says, seconds: so long it may be left alone (RFC 3261 §21.5.4). */
const RETRY_AFTER_S = 3
/** Milliseconds after that at which it is called again, until a call arrives. */
const PATIENCE_MS = [300, 2_000, 4_000]

export default scenario({
  id: 'proxy/overloaded-telephone',
  title: 'A telephone that answers 503 with Retry-After harms nobody else, and is called again when the time is over',
  area: 'proxy',
  purposes: ['PRX-OVERLOAD'],
  rules: {
    notSentAway: finding(
      'RFC 3261 §21.5.4',
      'who calls a telephone that is overloaded is not told to stay away from the provider',
      {
        gravity: 'harm',
        follows: ['proxy/callee-overloaded'],
        harm: 'Whoever calls a telephone that says that it is overloaded gets its 503 with its Retry-After: the caller’s telephone may send nothing to the provider for that time.',
      },
    ),
    others: owed('RFC 3261 §21.5.4', 'calls to others go through after a telephone has answered 503', {
      gravity: 'outage',
      cause: 'busy-telephone-harms-others',
      harm: 'When one telephone says that it is overloaded, others cannot be called any more.',
    }),
    again: owed(
      'RFC 3261 §21.5.4',
      'a telephone that has answered 503 with Retry-After is called again when that time is over',
      {
        gravity: 'outage',
        cause: 'busy-telephone-stays-away',
        follows: ['busy-telephone-harms-others'],
        harm: 'A telephone that has said once that it is overloaded cannot be called any more, long after the time for which it asked.',
      },
    ),
  },
  devices: { alice: {}, bob: {}, carol: {}, dave: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  reliesOn: 'call',
  step: 'call',
  harm: 'When one telephone says that it is overloaded, others notice it.',
  advice:
    'A 503 of a telephone is about that telephone, and for the time of its Retry-After: look for lists of destinations that are avoided after a 503, by address or for minutes. Kamailio: blst_503 of tm, dst_blocklist; OpenSIPS: disable_dns_blacklist; dispatchers in front of telephones.',
  async run({ alice, bob, carol, dave, expect, now, waits, within }) {
    const all = [alice, bob, carol, dave]
    for (const device of all) {
      device.rejects(486)
      await device.registers()
    }
    const pairs: Pair[] = [
      [alice, carol],
      [carol, dave],
    ]
    const before = await missed([[alice, bob], ...pairs])
    precondition(before.length === 0, `before the test a call did not arrive: ${before.join(', ')}`, 'call-not-arrived')

    bob.rejects(503, undefined, { 'Retry-After': String(RETRY_AFTER_S) })
    const { call, arrived } = await alice.tries(bob)
    loginTaken(call.final)
    precondition(arrived, 'the call to the telephone that is overloaded did not arrive', 'call-not-arrived')
    const over = now() + RETRY_AFTER_S * 1_000
    expect('others', await missed(pairs)).toBeEmpty('all are called')

    const final = await within(call.answered, 4_000)
    const wait = final?.headers.get('Retry-After')
    expect('notSentAway', final?.status === 503 && wait ? `503 with Retry-After: ${wait}` : 'it is not', {
      seen: alice.hears(final?.status, { callId: call.id, to: 'INVITE' }).last,
    }).toBe('it is not')

    bob.rejects(486)
    await waits(Math.max(0, over - now()))
    let outcome = 'it is not called'
    for (const ms of PATIENCE_MS) {
      await waits(ms)
      const tried = await alice.tries(bob)
      outcome = tried.arrived ? 'it is called' : `it is not called: ${tried.call.final?.status ?? 'no answer'}`
      if (tried.arrived) break
    }
    expect('again', outcome, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe('it is called')
  },
})

type Pair = readonly [caller: Device, callee: Device]

/** The first of each pair calls the second, one after the other: who was not called. */
async function missed(pairs: readonly Pair[]): Promise<string[]> {
  const names: string[] = []
  for (const [caller, callee] of pairs) {
    const { call, arrived } = await caller.tries(callee)
    if (!arrived) names.push(`${callee.name}: ${call.final?.status ?? 'no answer'}`)
  }
  return names
}
