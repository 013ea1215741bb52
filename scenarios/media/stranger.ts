import { finding, notApplicable, precondition, sameEndpoint, scenario } from 'ringproof'

export default scenario({
  id: 'media/stranger',
  title: 'A stranger who sends to the relay before the caller does gets no audio of the call',
  area: 'media',
  purposes: ['MED-BLEED'],
  provider: ['EP-4'],
  rules: {
    nothing: finding('RFC 7362 §5', 'an address that was never signalled receives no audio of the call', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: 'Anyone on the internet who sends to a relay port first receives the audio of the call.',
    }),
    realOne: finding('RFC 7362 §5', 'the caller, who sends later, still hears the called device', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: 'Anyone on the internet who sends to a relay port first can cut off the audio of the call.',
    }),
  },
  devices: { alice: { audio: false }, bob: {} },
  reliesOn: 'audio',
  seconds: 12,
  harm: 'Anyone on the internet who sends to a relay port first receives the audio of the call, or cuts it off.',
  advice:
    "Let the relay accept only sources at the address that the device's signalling comes from (RFC 7362 §5: restricted latching). rtpengine: the flag strict-source, and endpoint-learning=heuristic, which prefers the address in SDP.",
  async run({ alice, bob, random, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    // RFC 7362 §5: whoever comes from behind the same NAT cannot be told from the caller.
    const seenAs = alice.hears(200, { to: 'REGISTER' }).last?.message.via.received
    precondition(
      seenAs === undefined || seenAs === alice.localAddress,
      `the target sees this machine as ${seenAs}: behind NAT, a stranger has the address of the caller`,
      'no-local-address',
    )
    const audio = await alice.speaksByHand()
    const stranger = await alice.speaksByHand('stranger')
    const call = await alice.reaches(bob, { sdp: audio.describes() })
    audio.follows(call.remoteSdp)
    precondition(audio.to, 'the answer has no address for audio', 'no-audio')
    const [theirs] = bob.mediaSessions
    if (theirs && sameEndpoint(audio.to, theirs.local))
      notApplicable('the target does not relay media: audio goes from device to device', 'relays-no-media')
    const bobsVoice = theirs?.patternId ?? -1
    stranger.to = audio.to
    await stranger.speaks(random.int(2 ** 24), 1_000)
    await audio.speaks(random.int(2 ** 24), 1_500)
    await waits(200)
    const hears = audio.secondsOf(bobsVoice) > 0
    // Where neither of the two hears anything, it is not the stranger's doing, and nothing is proved.
    precondition(hears || stranger.heard.length > 0, 'the audio of the called device arrived nowhere', 'no-audio')
    expect('nothing', `${stranger.heard.length} packets`).toBe('0 packets')
    expect('realOne', hears).toBeTrue("the called device's voice")
    await within(call.hangUp(), 4_000)
  },
})
