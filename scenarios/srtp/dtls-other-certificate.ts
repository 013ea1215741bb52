import { handshakeOf, must, outcomeOfOffer, precondition, scenario, unsupported, voiceAt } from 'ringproof'

const HANDSHAKE_MS = 8_000
/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000

export default scenario({
  id: 'srtp/dtls-other-certificate',
  title: 'A device whose certificate is not the one of its session description gets no encrypted audio',
  area: 'srtp',
  purposes: ['DTLS-AUTH'],
  provider: ['BH-8'],
  rules: {
    refused: must('RFC 8842 §5.1', 'where no fingerprint matches the certificate, the media session is torn down', {
      gravity: 'exposure',
    }),
  },
  devices: { alice: { srtp: 'dtls' }, mallory: { srtp: 'dtls', dtls: { showsAnother: true } } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4'],
  seconds: 36,
  harm: 'Encrypted calls can be listened to by anyone on the path: the target talks with whatever certificate it is shown.',
  advice:
    'Look whether the relay compares the certificate of the handshake with a=fingerprint. Asterisk: dtls_verify=fingerprint.',
  async run({ alice, mallory, services, clock, expect, within }) {
    await alice.registers()
    await mallory.registers()
    // With the right certificate it works: otherwise silence would say nothing.
    const right = await alice.invites(services.echo ?? '')
    const outcome = await outcomeOfOffer(right, { within })
    if (outcome.kind === 'refused') unsupported(`DTLS-SRTP is refused with ${outcome.status}`)
    const good = await handshakeOf(right.media, HANDSHAKE_MS, clock)
    precondition(good.complete, `no DTLS handshake with the right certificate: ${good.words}`, 'no-audio')
    precondition(
      await right.media?.hears(right.media.patternId, ECHO_MS),
      'the echo test did not send the audio back',
      'no-audio',
    )
    await within(right.hangUp(), 4_000)
    const call = await mallory.invites(services.echo ?? '')
    const second = await outcomeOfOffer(call, { within })
    precondition(second.kind === 'taken', `the second offer was rejected with ${second.status}`, 'call-refused')
    const { media } = call
    await handshakeOf(media, HANDSHAKE_MS, clock)
    const echoed = (await media?.hears(media.patternId, ECHO_MS / 2)) === true
    const heard = echoed && media ? voiceAt(mallory, media, media.patternId).words : 'nothing'
    expect('refused', heard).toBe('nothing')
    await within(call.hangUp(), 4_000)
  },
})
