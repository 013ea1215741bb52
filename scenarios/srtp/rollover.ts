import { echoTail, must, outcomeOfOffer, precondition, scenario, should, whereReached } from 'ringproof'

/** An echo test's welcome, at most: ms, and packets of 20 ms, with those of a last cycle of the voice. */
const WELCOME_MS = 12_000
const WELCOME_PACKETS = 650

export default scenario({
  id: 'srtp/rollover',
  title: 'SRTP goes on when sequence numbers wrap, though packets are lost just then',
  area: 'srtp',
  purposes: ['SRTP-ROC'],
  provider: ['EP-2'],
  rules: {
    goesOn: must(
      'RFC 3711 §3.3.1',
      'the receiver counts that sequence numbers wrapped, and still decrypts the packets',
      { gravity: 'harm' },
    ),
    firstOfTheirs: whereReached(
      should('RFC 4568 §6.4', "the target's first sequence number is below 32768", {
        gravity: 'letter',
        harm: 'Encrypted calls may stay silent where the first packets are lost: sequence numbers begin too high.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 26,
  harm: 'Encrypted calls fall silent when their sequence numbers wrap, within their first 22 minutes.',
  advice: 'Look at how relay or service estimate the rollover counter after packet loss (RFC 3711 §3.3.1, appendix A).',
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
    const [warm, before, after] = [random.int(2 ** 24), random.int(2 ** 24), random.int(2 ** 24)]
    // An echo test may say something first; what is skipped of the numbers afterwards looks like packets that were lost.
    audio.sequence = 65_536 - 100 - WELCOME_PACKETS
    precondition(
      await audio.speaksUntilHeard(warm, WELCOME_MS),
      'the echo test did not send the audio back',
      'no-audio',
    )
    const lateMs = await echoTail(audio, clock)
    // 100 packets before the numbers begin anew, of which the last ten are lost, and the first ten of the next round.
    audio.sequence = 65_536 - 100
    await audio.speaks(before, 2_000, (wire, index) => (index >= 90 ? undefined : wire))
    await waits(100 + lateMs)
    precondition(audio.secondsOf(before) > 0, 'the echo test did not send the audio back', 'no-audio')
    await audio.speaks(after, 1_800, (wire, index) => (index < 10 ? undefined : wire))
    await waits(300 + lateMs)
    expect('goesOn', audio.secondsOf(after) > 0).toBeTrue('an echo of the audio after the wrap')
    // An echo that sends packets back as they came has the numbers that we gave them.
    const [first] = audio.heard
    if (first && first.packet.ssrc !== audio.ssrc)
      expect('firstOfTheirs', first.packet.sequenceNumber).toBeWithin(0, 32_767 + 5)
    await within(call.hangUp(), 4_000)
  },
})
