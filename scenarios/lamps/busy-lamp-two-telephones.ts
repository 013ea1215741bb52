import {
  callsBoth,
  owed,
  precondition,
  scenario,
  STAYS_DARK_AFTER,
  STAYS_LIT_AFTER,
  watchesLine,
  whereReached,
} from 'ringproof'

const SOON_MS = 5_000
/** Until the telephone that did not answer has been told, and what follows from it. */
const SETTLED_MS = 2_500

export default scenario({
  id: 'lamps/busy-lamp-two-telephones',
  title: 'The busy lamp of a line with two telephones is right, whichever of them takes the call',
  area: 'lamps',
  purposes: ['BLF-FORK'],
  rules: {
    busy: owed('RFC 6665 §4.2.2', 'watchers are told that a line is in a call, whichever telephone has answered', {
      gravity: 'harm',
      cause: 'lamp-stays-dark',
      follows: STAYS_DARK_AFTER,
      harm: 'Busy lamps of lines with two telephones are dark in calls that one of the two has taken.',
    }),
    free: whereReached(
      owed('RFC 6665 §4.2.2', 'watchers of a line with two telephones are told that its call is over', {
        gravity: 'harm',
        cause: 'lamp-stays-lit',
        follows: STAYS_LIT_AFTER,
        harm: 'Busy lamps stay on after calls: colleagues seem to be busy for ever.',
      }),
    ),
  },
  devices: { alice: { audio: false }, carol: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  reliesOn: 'call',
  seconds: 20,
  harm: 'Busy lamps of lines with two telephones are wrong.',
  advice:
    'A forked call has a dialog with each telephone: the lamp has to follow the one that was answered, and the end of the others must not put it out. Asterisk: the hint names both endpoints, with & between them.',
  async run({ alice, carol, desk, kitchen, expect, waits, within }) {
    await alice.registers()
    const lamp = await watchesLine(alice, desk)
    desk.waitsForTheStory()
    kitchen.waitsForTheStory()
    for (const answering of [kitchen, desk]) {
      const { call, atOne, atOther } = await callsBoth(carol, desk, kitchen)
      precondition(atOne && atOther, 'the call did not reach both telephones', 'call-not-arrived')
      await Promise.all([atOne.ring(), atOther.ring()])
      await within(call.ringing, 4_000)
      await (answering === desk ? atOne : atOther).answer()
      await within(call.answered, 4_000)
      await lamp.becomes('busy', SOON_MS)
      // What the other telephone's end may do to the lamp.
      await waits(SETTLED_MS)
      const seen = alice.hears('NOTIFY').last
      const isBusy = expect('busy', lamp.shows(), { seen }).toBe('busy')
      await within(call.hangUp(), 4_000)
      await lamp.becomes('dark', SOON_MS)
      const last = alice.hears('NOTIFY').last
      const isFree = !isBusy || expect('free', lamp.shows(), { seen: last }).toBe('dark')
      if (!isBusy || !isFree) return
    }
  },
})
