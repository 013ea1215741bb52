import { finding, notApplicable, precondition, sameEndpoint, scenario } from 'ringproof'

export default scenario({
  id: 'media/stranger',
  title: 'A stranger who sends to the relay before the caller does gets nothing of the call',
  area: 'media',
  purposes: ['MED-BLEED'],
  provider: ['EP-4'],
  rules: {
    nothing: finding('RFC 7362 §5', 'an address that was never signalled receives nothing of the call', {
      gravity: 'letter',
    }),
    realOne: finding('RFC 7362 §5', 'the caller, who speaks later, hears the called device', {
      gravity: 'harm',
      harm: 'Anyone on the internet who is quick enough can silence a call.',
    }),
  },
  devices: { alice: { audio: false }, bob: {} },
  seconds: 12,
  harm: 'Anyone on the internet who is quick enough hears the first words of calls, or all of them.',
  advice: "Let the relay believe only sources that the device's signalling comes from (restricted latching).",
  async run({ alice, bob, random, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    // RFC 7362 §5: whoever comes from behind the same NAT cannot be told from the caller.
    const seenAs = alice.hears(200, { to: 'REGISTER' }).last?.message.via.received
    precondition(
      seenAs === undefined || seenAs === alice.localAddress,
      `the target sees us as ${seenAs}: from behind a NAT, a stranger has the address of the caller`,
    )
    const audio = await alice.speaksByHand()
    const stranger = await alice.speaksByHand('stranger')
    const call = await alice.reaches(bob, { sdp: audio.describes() })
    audio.follows(call.remoteSdp)
    precondition(audio.to, 'the answer has no address for audio')
    const [theirs] = bob.mediaSessions
    if (theirs && sameEndpoint(audio.to, theirs.local)) notApplicable('audio goes from device to device, over no relay')
    const bobsVoice = theirs?.patternId ?? -1
    stranger.to = audio.to
    await stranger.speaks(random.int(2 ** 24), 1_000)
    await audio.speaks(random.int(2 ** 24), 1_500)
    await waits(200)
    const hears = audio.secondsOf(bobsVoice) > 0
    // Where neither of the two hears anything, it is not the stranger's doing, and nothing is proved.
    precondition(hears || stranger.heard.length > 0, 'the audio of the called device came to nobody')
    expect('nothing', `${stranger.heard.length} packets`).toBe('0 packets')
    expect('realOne', hears).toBeTrue("bob's voice")
    await within(call.hangUp(), 4_000)
  },
})
