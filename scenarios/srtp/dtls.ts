import { must, outcomeOfOffer, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/dtls',
  title: 'An offer of DTLS-SRTP is answered with DTLS-SRTP or refused, not answered as plain RTP',
  area: 'srtp',
  purposes: ['DTLS-FP'],
  provider: ['BH-8'],
  rules: {
    honest: must('RFC 8842 §5.3', 'a DTLS association that is not wanted is refused, with a final response or port 0', {
      gravity: 'harm',
      cause: 'answered-unprotected',
    }),
    fingerprint: whereReached(
      must('RFC 8842 §5.3', 'an answer that accepts DTLS carries a fingerprint and its role in the handshake', {
        gravity: 'harm',
        cause: 'answered-without-key',
        harm: 'Calls with DTLS-SRTP are answered and stay silent: the answer has no fingerprint.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Calls of browsers and devices that offer DTLS-SRTP are answered as plain RTP: silent or unprotected.',
  advice:
    'Look at how UDP/TLS/RTP/SAVP in an offer is answered: 488 is right where DTLS is not supported. Asterisk: media_encryption of the endpoint.',
  async run({ alice, services, random, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const fingerprint = [...random.bytes(32)]
      .map((octet) => octet.toString(16).padStart(2, '0').toUpperCase())
      .join(':')
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({
        protocol: 'UDP/TLS/RTP/SAVP',
        lines: [`a=fingerprint:sha-256 ${fingerprint}`, 'a=setup:actpass'],
      }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    const answered = outcome.kind === 'taken' ? outcome.audio.protocol : 'refused'
    expect('honest', answered, { seen }).toBeOneOf(['refused', 'UDP/TLS/RTP/SAVP'])
    if (outcome.kind === 'taken' && answered === 'UDP/TLS/RTP/SAVP') {
      const { fingerprints, setup } = outcome.audio.keyManagement
      expect('fingerprint', `${fingerprints.length} fingerprints, setup ${setup ?? 'missing'}`, { seen }).toSatisfy(
        'a=fingerprint, and a=setup:active or passive',
        () => fingerprints.length > 0 && ['active', 'passive'].includes(setup ?? ''),
      )
    }
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
