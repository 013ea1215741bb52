import { echoTail, finding, must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/tampered',
  title: 'SRTP packets that were tampered with are dropped, and the call goes on',
  area: 'srtp',
  purposes: ['SRTP-AUTH'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    dropped: must('RFC 3711 §3.3', 'a packet whose authentication tag does not match is dropped', {
      gravity: 'exposure',
    }),
    goesOn: finding('security', 'real packets are decrypted after forged ones', {
      gravity: 'exposure',
      harm: 'An attacker on the path can silence an encrypted call with forged packets.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 36,
  harm: 'An attacker on the path can alter the audio of an encrypted call: SRTP is not authenticated.',
  advice:
    'Look whether relay or service check authentication tags, and whether UNAUTHENTICATED_SRTP is offered or accepted in a=crypto (rtpengine: no unauthenticated_srtp among the SDES options).',
  async run({ alice, services, target, random, expect, within, waits, clock }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const key = audio.keyLine(1, target.document.media.srtp[0])
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [key.line] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const theirs = outcome.kind === 'taken' ? outcome.audio.crypto[0]?.attribute : undefined
    precondition(theirs, `encrypted audio was rejected, or answered without a key (${outcome.status})`, 'call-refused')
    audio.follows(call.remoteSdp)
    audio.protects(key.attribute, theirs)
    const [before, forged, after] = [random.int(2 ** 24), random.int(2 ** 24), random.int(2 ** 24)]
    precondition(await audio.speaksUntilHeard(before, 12_000), 'the echo test did not send the audio back', 'no-audio')
    const lateMs = await echoTail(audio, clock)
    await audio.speaks(forged, 2_000, (wire) => {
      const other = Buffer.from(wire)
      const last = other.length - 1
      other[last] = (other[last] ?? 0) ^ 0x01
      return other
    })
    // As long as the first audio was given: where packets overtake one another, both take more than a moment.
    const goesOn = await audio.speaksUntilHeard(after, 12_000)
    await waits(300 + lateMs)
    // Only now: what was echoed late counts too.
    const heardOfForged = audio.secondsOf(forged)
    expect('dropped', `${heardOfForged.toFixed(1)} s of forged audio came back`).toBe('0.0 s of forged audio came back')
    expect('goesOn', goesOn).toBeTrue('the real audio is heard again')
    await within(call.hangUp(), 4_000)
  },
})
