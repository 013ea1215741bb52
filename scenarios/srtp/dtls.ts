import { dtlsClientHello, dtlsMessage, must, outcomeOfOffer, scenario, whereReached } from 'ringproof'

/** A handshake begins so soon (ms) after the answer, or never. */
const HANDSHAKE_MS = 4_000
/** A ClientHello may be lost. */
const HELLOS = 3

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
    handshake: whereReached(
      must('RFC 5763 §5', 'who accepts DTLS begins the handshake, or answers it, as the answer says', {
        gravity: 'harm',
        cause: 'answered-without-key',
        harm: 'Calls with DTLS-SRTP are answered and stay silent: no handshake follows.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Calls of browsers and devices that offer DTLS-SRTP are answered as plain RTP: silent or unprotected.',
  advice:
    'Look at how UDP/TLS/RTP/SAVP in an offer is answered: 488 is right where DTLS is not supported. Asterisk: media_encryption of the endpoint.',
  async run({ alice, services, random, record, expect, within, waits, clock }) {
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
      audio.follows(call.remoteSdp)
      const came = () =>
        record.wire.flatMap(({ device, direction, local, data }) =>
          device === alice.name && direction === 'in' && local.port === audio.local.port && data
            ? (dtlsMessage(data) ?? [])
            : [],
        )
      // A relay may wait for a packet before it knows where to send: an empty one asks for nothing.
      audio.sends(Buffer.alloc(0))
      const until = clock.now() + HANDSHAKE_MS
      for (let hello = 0; clock.now() < until && came().length === 0; hello++) {
        if (setup === 'passive' && hello < HELLOS) audio.throws(dtlsClientHello(random, hello))
        await waits(HANDSHAKE_MS / HELLOS / 2)
      }
      if (setup === 'active') expect('handshake', came()[0] ?? null).toBe('ClientHello')
      else if (setup === 'passive')
        expect('handshake', came()[0] ?? null).toSatisfy('an answer to the ClientHello', (first) => first !== null)
    }
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
