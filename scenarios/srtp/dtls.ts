import { must, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/dtls',
  title: 'Audio that is to be keyed by DTLS is answered as such or refused, never quietly left unprotected',
  area: 'srtp',
  purposes: ['DTLS-FP'],
  provider: ['BH-8'],
  rules: {
    honest: must(
      'RFC 8842 §5.3',
      'a DTLS association that is not wanted is refused: by a final response, or by port 0',
      { gravity: 'letter' },
    ),
    fingerprint: must(
      'RFC 8842 §5.3',
      'an answer that takes up DTLS carries a fingerprint and its role in the handshake',
      { gravity: 'letter' },
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Browsers and new telephones believe themselves protected and are not, or the call is answered and silent.',
  advice: 'Look at what the answer makes of UDP/TLS/RTP/SAVP: 488 is right where DTLS is not spoken.',
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
    const keys = outcome.kind === 'taken' ? outcome.audio.keyManagement : undefined
    const complete =
      keys === undefined || (keys.fingerprints.length > 0 && ['active', 'passive'].includes(keys.setup ?? ''))
    expect('fingerprint', complete, { seen }).toBeTrue('refused, or a=fingerprint with a=setup:active or passive')
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
