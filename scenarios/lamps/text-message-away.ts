import { finding, loginTaken, must, precondition, scenario, whereReached, writesTo } from 'ringproof'

/** A server that answers neither 200 nor anything else leaves its sender to time out, as RFC 4320 §4.2 has it. */
const ANSWERED_MS = 6_000
const FETCHED_MS = 6_000

export default scenario({
  id: 'lamps/text-message-away',
  title: 'Who writes to a telephone that is not there is not told that the message has arrived',
  area: 'lamps',
  purposes: ['TEXT-AWAY'],
  rules: {
    honest: must('RFC 3428 §7', 'a text message for an account without a telephone is not answered 200', {
      gravity: 'harm',
      cause: 'text-lost',
      harm: 'Text messages to telephones that are switched off are lost: their senders are told that they have arrived.',
    }),
    stored: whereReached(
      finding('RFC 3428 §7', 'a text message that was accepted (202) arrives when the telephone is there again', {
        gravity: 'harm',
        cause: 'text-lost',
        harm: 'Text messages to telephones that are switched off are accepted, and never arrive.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  seconds: 20,
  harm: 'Text messages are lost without their senders being told.',
  advice:
    'Answer 480 or 404 where no telephone is registered; answer 202 where the message is stored for later (Kamailio: msilo).',
  async run({ alice, bob, expect, within, waits, clock }) {
    await alice.registers()
    await bob.registers()
    // Where no message arrives at a telephone that is there, a refusal says nothing.
    const there = await writesTo(alice, bob, 'are you there')
    loginTaken(there.final)
    await bob.hears('MESSAGE').reaches(1, 2_000)
    precondition(bob.hears('MESSAGE').count > 0, 'no text message arrives at a telephone that is there either')
    await bob.clearsBindings()
    const since = clock.now()
    const exchange = await within(writesTo(alice, bob, 'are you away'), ANSWERED_MS)
    const { final } = exchange ?? {}
    precondition(bob.hears('MESSAGE', { since }).count === 0, 'a registration that was taken back is still called')
    const seen = alice.hears(undefined, { to: 'MESSAGE', since }).last
    if (!expect('honest', final?.status ?? 'no answer', { seen }).toSatisfy('no 200', (status) => status !== 200))
      return
    if (final === undefined || final.status >= 300) return

    await bob.registers()
    const stored = bob.hears('MESSAGE', { since })
    for (let waited = 0; waited < FETCHED_MS && stored.count === 0; waited += 250) await waits(250)
    expect('stored', stored.count > 0 ? 'arrived' : 'not arrived', { seen }).toBe('arrived')
  },
})
