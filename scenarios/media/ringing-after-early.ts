import {
  describedEarly,
  hearingEachOther,
  hears,
  inWords,
  owed,
  precondition,
  progresses,
  scenario,
  soundAt,
  whereReached,
} from 'ringproof'

/** Audio that was on its way when the 180 came, and the time in which a voice is recognised (ms). */
const LISTENS_MS = 4_000

export default scenario({
  id: 'media/ringing-after-early',
  title: 'What the called side plays before the answer goes on when it begins to ring (180 after 183)',
  area: 'media',
  purposes: ['MED-EARLY'],
  provider: ['BH-1'],
  rules: {
    goesOn: whereReached(
      owed(
        'BH-1',
        'audio before the answer of which the caller was told goes on after a 180, or a ringing tone comes',
        {
          gravity: 'harm',
          cause: 'provisional-lost',
          follows: ['no-audio'],
          harm: 'No sound before the answer: what the called side plays to the caller breaks off as soon as its telephone rings.',
        },
      ),
    ),
    answered: owed('RFC 3261 §13.2.1', 'a call with audio before its answer has audio both ways after it', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['audio-altered', 'answer-unusable'],
      harm: 'Calls with announcements before the answer are silent once they are answered.',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'call',
  transports: ['udp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  harm: 'Audio before the answer breaks off, and callers hang up.',
  advice:
    'Look what the server does with a 180 that comes after a 183 with a session description: the audio that was opened stays open. A server that plays a ringing tone of its own from then on may do so; silence is wrong.',
  async run({ alice, bob, expect, clock, within }) {
    const { call, ringing } = await progresses(alice, bob, { sdp: true })
    const told = describedEarly(alice, call).first
    if (told !== undefined) {
      const isThere = await call.media?.hears(bob.mediaSessions[0]?.patternId ?? -1, 4_000)
      precondition(
        isThere || soundAt(alice, told.at).audible,
        'no audio came before the called device rang',
        'no-audio',
      )
    }
    const rings = alice.hears(180, { callId: call.id })
    for (let sent = 0; sent < 2 && rings.count === 0; sent += 1) {
      await ringing.ring()
      await rings.reaches(1, 1_000)
    }
    if (told !== undefined) {
      const since = clock.now()
      const isHeard = await hears(call, ringing, clock, LISTENS_MS)
      const { audible, words } = soundAt(alice, since)
      expect('goesOn', isHeard ? 'its voice' : words, { seen: rings.first }).toSatisfy(
        "the called device's audio, or a ringing tone",
        () => isHeard || audible,
      )
    }
    await ringing.answer()
    const final = await within(call.answered, 4_000)
    precondition(final, 'the call got no final response', 'no-answer')
    precondition(final.status < 300, `the call was rejected with ${final.status}`, 'call-refused')
    const heard = await hearingEachOther(call, ringing, clock)
    expect('answered', inWords(heard)).toSatisfy('each hears the other', () => heard.first && heard.second)
    await within(call.hangUp(), 4_000)
  },
})
