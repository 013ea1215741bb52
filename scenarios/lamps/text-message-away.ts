import {
  asksToWrite,
  finding,
  loginTaken,
  owed,
  precondition,
  scenario,
  should,
  whereReached,
  writesTo,
} from 'ringproof'

/** A server that answers neither 200 nor anything else leaves its sender to time out, as RFC 4320 §4.2 has it. */
const ANSWERED_MS = 6_000
const FETCHED_MS = 6_000

export default scenario({
  id: 'lamps/text-message-away',
  title: 'Who writes to a telephone that is not there is not told that the message has arrived',
  area: 'lamps',
  purposes: ['TEXT-AWAY'],
  rules: {
    honest: owed('RFC 3428 §4', 'a text message for an account without a telephone is not answered 200 and lost', {
      gravity: 'harm',
      cause: 'text-lost',
      harm: 'Text messages to telephones that are switched off are lost: their senders are told that they have arrived.',
    }),
    relayed: whereReached(
      should('RFC 3428 §7', 'a text message that is stored for later is answered 202, not 200', {
        gravity: 'letter',
        harm: 'Whoever writes to a telephone that is switched off is told that the message has arrived, when it is stored only.',
      }),
    ),
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
  async run({ alice, bob, expect, within, clock }) {
    await alice.registers()
    await bob.registers()
    // Where no message arrives at a telephone that is there, a refusal says nothing.
    const there = await writesTo(alice, bob, 'are you there')
    loginTaken(there.final)
    await bob.hears('MESSAGE').reaches(1, 2_000)
    precondition(bob.hears('MESSAGE').count > 0, 'no text message arrives at a telephone that is there either')
    await bob.clearsBindings()
    const since = clock.now()
    // Refusals that would say elsewhere that no text messages are carried are right here.
    const exchange = await within(asksToWrite(alice, bob, 'are you away'), ANSWERED_MS)
    const { final } = exchange ?? {}
    precondition(bob.hears('MESSAGE', { since }).count === 0, 'a registration that was taken back is still called')
    const seen = alice.hears(undefined, { to: 'MESSAGE', since }).last
    const told = final?.status ?? 'no answer'
    if (final === undefined || final.status >= 300) {
      expect('honest', told, { seen }).toSatisfy('no 200, or it arrives later', (status) => status !== 200)
      return
    }
    await bob.registers()
    const arrives = await bob.hears('MESSAGE', { since }).reaches(1, FETCHED_MS)
    const outcome = `${told}, ${arrives ? 'arrived later' : 'not arrived'}`
    expect('honest', outcome, { seen }).toSatisfy('no 200, or it arrives later', () => arrives || told !== 200)
    if (told !== 200) expect('stored', outcome, { seen }).toSatisfy('it arrives later', () => arrives)
    else if (arrives) expect('relayed', final.status, { seen }).toBe(202)
  },
})
