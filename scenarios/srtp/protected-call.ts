import { inconclusive, must, promised, scenario, SessionDescription, voiceAt, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/protected-call',
  title: 'A call between two devices on TLS with SRTP is encrypted on both sides, and both hear each other',
  area: 'srtp',
  purposes: ['LEAK', 'MED-TWOWAY'],
  provider: ['BH-7', 'EP-2'],
  rules: {
    offered: promised('BH-7', 'the called device on TLS is offered SRTP with a key', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Encryption is dropped: calls between customers with SRTP reach the called device as plain RTP.',
    }),
    answered: promised('BH-7', 'the caller is answered with SRTP', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Encryption is dropped: calls between customers with SRTP are answered as plain RTP.',
    }),
    oneKey: must('RFC 4568 §5.1.2', 'exactly one of the offered crypto lines is accepted', {
      gravity: 'outage',
      cause: 'crypto-answer-wrong',
      harm: 'Customers with SRTP have no audio: the answer carries no key, or several.',
    }),
    calleeHears: promised('BH-7', "the caller's audio arrives and can be decrypted", {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong', 'audio-altered'],
      harm: 'The called party hears nothing in calls with SRTP.',
    }),
    callerHears: promised('BH-7', "the called device's audio arrives and can be decrypted", {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong', 'audio-altered'],
      harm: 'The caller hears nothing in calls with SRTP.',
    }),
    intact: whereReached(
      promised('BH-7', 'audio with SRTP arrives as it was sent', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers with SRTP hear noise instead of each other: audio is altered on its way.',
      }),
    ),
    nothingInClear: promised('BH-7', 'no packet of audio travels unencrypted', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Audio of calls between customers with SRTP travels unencrypted.',
    }),
  },
  devices: { alice: { srtp: true }, bob: { srtp: true } },
  needs: ['srtp'],
  reliesOn: 'call',
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Calls between customers with SRTP over TLS do not work.',
  advice:
    'Look at the m= and a=crypto lines that the proxy sends to devices on TLS. rtpengine: transport protocol RTP/SAVP on both legs. Asterisk: media_encryption=sdes and media_encryption_optimistic=no at both endpoints.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob)
    const ringing = await bob.nextCall(6_000)
    const arrived = bob.hears('INVITE').last
    if (ringing && arrived) {
      const offered = SessionDescription.parse(arrived.message.body).media[0]
      const protection = offered && `${offered.protocol} with ${offered.crypto.length > 0 ? 'a key' : 'no key'}`
      if (
        !expect('offered', protection ?? 'no audio', { seen: arrived }).toMatch(
          /SAVPF? with a key$/,
          'RTP/SAVP with a key',
        )
      )
        return
    }
    const final = await within(call.answered, 8_000)
    if (!final || final.status >= 300 || !ringing) {
      // Encryption cannot be judged without a call: ends the scenario, with why there is none.
      await alice.reaches(bob)
      inconclusive(
        `the encrypted call was not set up (${final?.status ?? 'no answer'}), though a later one was`,
        final ? 'call-refused' : 'no-answer',
      )
    }
    const answer = SessionDescription.parse(final.body).media[0]
    const seen = alice.hears(200, { to: 'INVITE' }).last
    expect('answered', answer?.protocol ?? 'no audio', { seen }).toMatch(/SAVPF?$/, 'RTP/SAVP')
    expect('oneKey', answer?.crypto.length ?? 0, { seen }).toBe(1, 'a=crypto line in the answer')
    await waits(2_500)
    const [ours, theirs] = [call.media, ringing.media]
    const [atAlice, atBob] = [voiceAt(alice, ours, theirs?.patternId), voiceAt(bob, theirs, ours?.patternId)]
    expect('calleeHears', atBob.words).toSatisfy("the caller's audio", () => atBob.audible)
    expect('callerHears', atAlice.words).toSatisfy("the called device's audio", () => atAlice.audible)
    if (atAlice.audible || atBob.audible) expect('intact', [atAlice, atBob]).toBeIntact()
    const inClear = [...alice.packets, ...bob.packets].filter(
      (packet) => packet.kind === 'rtp' && packet.plain !== undefined && packet.raw.equals(packet.plain),
    )
    expect('nothingInClear', inClear.length).toBe(0, 'packet in clear text')
  },
})
