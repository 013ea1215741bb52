import { progresses, promised, scenario, sessionDescriptionIn, voiceAt, whereReached } from 'ringproof'

export default scenario({
  id: 'media/early',
  title: 'The caller hears early media: what the called side plays before it answers (183 with SDP)',
  area: 'media',
  purposes: ['MED-EARLY'],
  provider: ['BH-1'],
  rules: {
    progress: promised('BH-1', 'the 183 reaches the caller with its session description', {
      gravity: 'harm',
      cause: 'provisional-lost',
      harm: 'Callers hear no announcements before the answer: the 183 does not reach them.',
    }),
    heard: whereReached(
      promised('BH-1', 'audio that the called side sends before the answer reaches the caller', {
        gravity: 'harm',
        cause: 'provisional-lost',
        follows: ['no-audio'],
        harm: 'Callers hear silence instead of announcements and foreign ringing tones before the answer.',
      }),
    ),
    intact: whereReached(
      promised('BH-1', 'early media arrives as it was sent', {
        gravity: 'harm',
        cause: 'audio-altered',
        harm: 'Callers hear noise instead of announcements before the answer: audio is altered on its way.',
      }),
    ),
    ownAudio: whereReached(
      promised('BH-1', 'early media is not that of another call', {
        gravity: 'exposure',
        cause: 'wrong-audio',
        harm: "Callers hear another customer's call before the answer.",
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'call',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Callers hear no announcements and foreign ringing tones before the answer, and hang up.',
  advice:
    'Look whether the 183 passes with its SDP, and whether the relay forwards audio before the 200 (Kamailio, OpenSIPS: call rtpengine_answer or rtpengine_manage for 183 too, not for 200 alone).',
  async run({ alice, bob, expect, within }) {
    const { call, ringing, progress } = await progresses(alice, bob, { sdp: true })
    const described = progress !== undefined && sessionDescriptionIn(progress.message) !== undefined
    expect('progress', described, { seen: progress }).toBeTrue('183 with a session description')
    if (described) {
      const voice = bob.mediaSessions[0]?.patternId ?? -1
      // The caller speaks too, so that a relay that waits for its first packet gets one.
      await call.media?.hears(voice, 3_000)
      const heard = voiceAt(alice, call.media, voice, progress.at)
      expect('heard', heard.words).toSatisfy("the called device's audio, before the answer", () => heard.audible)
      if (heard.audible) {
        expect('intact', [heard]).toBeIntact()
        expect('ownAudio', heard.ofAnother ? [heard.words] : []).toBeEmpty()
      }
    }
    await ringing.answer()
    await within(call.answered, 4_000)
    await within(call.hangUp(), 4_000)
  },
})
