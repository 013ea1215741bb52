import { promised, scenario, voiceAt, whereReached } from 'ringproof'

export default scenario({
  id: 'ipv6/protected',
  title: 'A call on TLS with SRTP between IPv6 and IPv4 has audio on both sides',
  area: 'ipv6',
  purposes: ['MED-V4V6', 'MED-TWOWAY'],
  provider: ['BH-7', 'EP-9', 'EP-2'],
  rules: {
    calleeHears: promised('BH-7', "the caller's audio arrives at the called device on IPv4 and can be decrypted", {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong', 'audio-altered', 'address-family-wrong'],
      harm: 'The called party, on IPv4, hears nothing of callers on IPv6 in calls with SRTP.',
    }),
    callerHears: promised('BH-7', "the called device's audio arrives at the caller on IPv6 and can be decrypted", {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong', 'audio-altered', 'address-family-wrong'],
      harm: 'Callers on IPv6 hear nothing of customers on IPv4 in calls with SRTP.',
    }),
    intact: whereReached(
      promised('BH-7', 'audio with SRTP between IPv6 and IPv4 arrives as it was sent', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers with SRTP hear noise between IPv6 and IPv4: audio is altered on its way.',
      }),
    ),
    encrypted: promised('BH-7', 'both sides are encrypted', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Encryption is dropped: calls with SRTP between IPv6 and IPv4 are not encrypted on both sides.',
    }),
  },
  devices: { alice: { family: 'ipv6', srtp: true }, bob: { family: 'ipv4', srtp: true } },
  needs: ['srtp'],
  reliesOn: 'call',
  step: 'talk',
  transports: ['tls'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Calls with SRTP between IPv6 and IPv4 do not work.',
  advice:
    'Look at the keys on either side of the relay, and at the family of its addresses. rtpengine: transport protocol RTP/SAVP on both sides, and the address family of each.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    await waits(2_500)
    const [ours, theirs] = [caller.media?.report(), callee.media?.report()]
    expect('encrypted', ours?.srtp !== undefined && theirs?.srtp !== undefined).toBeTrue()
    const atAlice = voiceAt(alice, caller.media, callee.media?.patternId)
    const atBob = voiceAt(bob, callee.media, caller.media?.patternId)
    expect('calleeHears', atBob.words).toSatisfy("the caller's audio", () => atBob.audible)
    expect('callerHears', atAlice.words).toSatisfy("the called device's audio", () => atAlice.audible)
    if (atAlice.audible || atBob.audible) expect('intact', [atAlice, atBob]).toBeIntact()
  },
})
