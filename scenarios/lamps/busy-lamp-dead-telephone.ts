import { owed, precondition, scenario, STAYS_LIT_AFTER, watchesLine } from 'ringproof'

const SOON_MS = 5_000
/** A server that waits for the answer to its BYE gives up after 64·T1. */
const GIVEN_UP_MS = 34_000

export default scenario({
  id: 'lamps/busy-lamp-dead-telephone',
  title: 'The busy lamp goes out when a call is hung up whose telephone has lost its power',
  area: 'lamps',
  purposes: ['BLF-END'],
  rules: {
    dead: owed(
      'RFC 4235 §3.7.1',
      'a call that was hung up is over for watchers, although the telephone does not answer',
      {
        gravity: 'harm',
        cause: 'lamp-stays-lit',
        follows: STAYS_LIT_AFTER,
        harm: 'Busy lamps stay on after a telephone has lost power or network in a call: a line seems to be busy for ever.',
      },
    ),
  },
  devices: { alice: { audio: false }, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 34,
  harm: 'Busy lamps stay on after a telephone has lost power or network in a call.',
  advice:
    'A call is over as soon as one of its ends hangs up: tell watchers then, or at the latest when the BYE to the other end has timed out.',
  async run({ alice, bob, carol, expect, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const lamp = await watchesLine(alice, bob)
    const { caller } = await carol.calls(bob)
    precondition(await lamp.becomes('busy', SOON_MS), 'the lamp did not show that the line was in a call')
    bob.staysMute()
    await within(caller.hangUp(), 1_000)
    await lamp.becomes('dark', GIVEN_UP_MS)
    expect('dead', lamp.shows(), { seen: alice.hears('NOTIFY').last }).toBe('dark')
  },
})
