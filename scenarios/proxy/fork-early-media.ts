import { callsBoth, describedEarly, hears, owed, precondition, scenario, soundAt, whereReached } from 'ringproof'

/** A provisional response is there so long after it was sent (ms). */
const ON_ITS_WAY_MS = 1_500

export default scenario({
  id: 'proxy/fork-early-media',
  title: 'Of two telephones that play something before the answer the caller hears one, and then the one that answers',
  area: 'proxy',
  purposes: ['MED-EARLY', 'PRX-FORK'],
  provider: ['BH-1'],
  rules: {
    heard: whereReached(
      owed('BH-1', 'a caller who is told of audio before the answer hears one of the telephones that play, or a tone', {
        gravity: 'harm',
        cause: 'provisional-lost',
        follows: ['no-audio', 'audio-altered', 'wrong-audio', 'answer-unusable'],
        harm: 'No sound before the answer: callers of accounts with several telephones hear none of what these play.',
      }),
    ),
    callerHears: owed(
      'RFC 3261 §13.2.1',
      'the caller hears the telephone that answers, whichever played something before',
      {
        gravity: 'outage',
        cause: 'fork-audio-lost',
        follows: ['no-audio', 'audio-altered', 'wrong-audio', 'answer-unusable'],
        harm: 'Where several telephones of an account ring, callers hear nothing once one of them has answered.',
      },
    ),
    winnerHears: owed(
      'RFC 3261 §13.2.1',
      'the telephone that answers hears the caller, whichever played something before',
      {
        gravity: 'outage',
        cause: 'fork-audio-lost',
        follows: ['no-audio', 'audio-altered', 'wrong-audio', 'answer-unusable'],
        harm: 'Where several telephones of an account ring, the one that answers hears nothing.',
      },
    ),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  transports: ['udp'],
  seconds: 16,
  reliesOn: 'call',
  step: 'call',
  harm: 'Calls to several telephones are silent.',
  advice:
    'Each branch of a forked call has an offer and answer, and ports of the relay, of its own (Kamailio, OpenSIPS with rtpengine: via-branch=extra or auto for offer, answer and delete). The end of a branch that lost must not end the media of the one that answered.',
  async run({ alice, desk, kitchen, expect, clock, within }) {
    desk.waitsForTheStory()
    kitchen.waitsForTheStory()
    const { call, atOne: atDesk, atOther: atKitchen } = await callsBoth(alice, desk, kitchen)
    precondition(atDesk && atKitchen, 'the call did not reach both telephones', 'call-not-arrived')
    // The first to play is not the one that answers. Each twice: over UDP a lost provisional response is not repeated.
    for (const one of [atKitchen, atDesk, atKitchen, atDesk]) await one.progress183({ sdp: true })
    const [here, voices] = [call.media, [atDesk, atKitchen].map(({ media }) => media?.patternId ?? -1)]
    precondition(here, 'the caller has no audio session', 'no-audio')
    const told = await describedEarly(alice, call).next(ON_ITS_WAY_MS)
    if (told !== undefined) {
      const isOneHeard = (await Promise.all(voices.map((voice) => here.hears(voice, 4_000)))).includes(true)
      const { audible, words } = soundAt(alice, told.at)
      expect('heard', isOneHeard ? 'one of them' : words, { seen: told }).toSatisfy(
        'one of them, or a ringing tone',
        () => isOneHeard || audible,
      )
    }
    await atDesk.answer()
    const final = await within(call.answered, 4_000)
    precondition(final, 'the call got no final response', 'no-answer')
    precondition(final.status < 300, `the call was rejected with ${final.status}`, 'call-refused')
    await within(atKitchen.ended, 4_000)
    const [atCaller, atWinner] = await Promise.all([
      hears(call, atDesk, clock, 5_000),
      hears(atDesk, call, clock, 5_000),
    ])
    expect('callerHears', atCaller).toBeTrue('the voice of the telephone that answered')
    expect('winnerHears', atWinner).toBeTrue("the caller's voice")
    await within(call.hangUp(), 4_000)
  },
})
