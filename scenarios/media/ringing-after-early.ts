import {
  hearingEachOther,
  hears,
  inWords,
  owed,
  precondition,
  progresses,
  promised,
  scenario,
  soundAt,
  whereReached,
} from 'ringproof'

/** Audio that was on its way when the 180 came, and the time in which a voice is recognised (ms). */
const LISTENS_MS = 4_000
/** So many packets are more than the rest of what was on its way. */
const AUDIBLE_PACKETS = 20

export default scenario({
  id: 'media/ringing-after-early',
  title: 'What the called side plays before the answer goes on when it begins to ring (180 after 183)',
  area: 'media',
  purposes: ['MED-EARLY'],
  provider: ['BH-1'],
  rules: {
    goesOn: promised('BH-1', 'audio before the answer goes on after a 180', {
      gravity: 'harm',
      cause: 'provisional-lost',
      follows: ['no-audio'],
      harm: 'No sound before the answer: what the called side plays to the caller breaks off as soon as its telephone rings.',
    }),
    answered: whereReached(
      owed('RFC 3261 §13.2.1', 'a call with audio before its answer has audio both ways after it', {
        gravity: 'outage',
        cause: 'no-audio',
        follows: ['audio-altered', 'answer-unusable'],
        harm: 'Calls with announcements before the answer are silent once they are answered.',
      }),
    ),
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
    const { call, ringing, progress } = await progresses(alice, bob, { sdp: true })
    const voice = bob.mediaSessions[0]?.patternId ?? -1
    const isThere = progress !== undefined && (await call.media?.hears(voice, 4_000))
    precondition(isThere, 'no audio of the called device came before it rang', 'no-audio')
    const rings = alice.hears(180, { callId: call.id })
    for (let sent = 0; sent < 2 && rings.count === 0; sent += 1) {
      await ringing.ring()
      await rings.reaches(1, 1_000)
    }
    const since = clock.now()
    const isHeard = await hears(call, ringing, clock, LISTENS_MS)
    const { packets, sounding } = soundAt(alice, since)
    const words = isHeard ? 'its voice' : `${sounding} of ${packets} packets with sound`
    expect('goesOn', words, { seen: rings.first }).toSatisfy(
      "the called device's audio, or a ringing tone",
      () => isHeard || sounding >= AUDIBLE_PACKETS,
    )
    await ringing.answer()
    const final = await within(call.answered, 4_000)
    if (final !== undefined && final.status < 300) {
      const heard = await hearingEachOther(call, ringing, clock)
      expect('answered', inWords(heard)).toSatisfy('each hears the other', () => heard.first && heard.second)
    }
    await within(call.hangUp(), 4_000)
  },
})
