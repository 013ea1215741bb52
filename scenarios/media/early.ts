import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'media/early',
  title: 'What the called side plays before it answers (183 with audio) is heard by the caller',
  area: 'media',
  purposes: ['MED-EARLY'],
  provider: ['BH-1'],
  rules: {
    progress: promised('BH-1', 'the 183 reaches the caller with its session description', { gravity: 'letter' }),
    heard: promised('BH-1', 'the caller hears what is played before the call is answered', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Callers hear silence instead of announcements and foreign ringing tones, and hang up.',
  advice: 'Look at whether 183 passes with its body, and whether the relay sends before the 200.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const call = await alice.invites(bob)
    const ringing = await bob.nextCall(6_000)
    precondition(ringing, 'the call did not arrive')
    await ringing.progress183({ sdp: true })
    const progress = await alice.hears(183).next(3_000)
    expect('progress', progress ? progress.message.body.length > 0 : undefined, { seen: progress }).toBeTrue(
      '183 with a session description',
    )
    const voice = bob.mediaSessions[0]?.patternId ?? -1
    // The caller speaks too, so that a relay that waits for its first packet gets one.
    const heard = progress ? await call.media?.hears(voice, 3_000) : false
    expect('heard', heard).toBeTrue("bob's voice, before the answer")
    await ringing.answer()
    await within(call.answered, 4_000)
    await within(call.hangUp(), 4_000)
  },
})
