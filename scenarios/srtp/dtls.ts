import {
  echoAt,
  handshakeOf,
  isClearRtcp,
  must,
  outcomeOfOffer,
  owed,
  precondition,
  scenario,
  unsupported,
  whereReached,
} from 'ringproof'

/** A handshake takes two or three round trips; where a packet is lost, a second or three more (RFC 6347 §4.2.4.1). */
const HANDSHAKE_MS = 8_000
/** RTCP comes every five seconds, half as many more at the latest (RFC 3550 §6.3.1). */
const REPORT_MS = 7_500

const rules = {
  honest: must('RFC 8842 §5.3', 'a DTLS association that is not wanted is refused, with a final response or port 0', {
    gravity: 'harm',
    cause: 'answered-unprotected',
    harm: 'Encrypted calls are silent: an offer of DTLS-SRTP is answered as plain RTP, which the telephone cannot take.',
  }),
  fingerprint: whereReached(
    must('RFC 8842 §5.3', 'an answer that accepts DTLS carries a fingerprint and its role in the handshake', {
      gravity: 'outage',
      cause: 'dtls-answer-wrong',
      harm: 'Encrypted calls are silent: the answer does not say whose certificate it is, or who begins the handshake.',
    }),
  ),
  begun: whereReached(
    must('RFC 5763 §5', 'who accepts DTLS begins the handshake, or answers it, as the answer says', {
      gravity: 'outage',
      cause: 'dtls-not-begun',
      follows: ['dtls-answer-wrong'],
      harm: 'Encrypted calls are silent: they are answered, and no DTLS handshake follows.',
    }),
  ),
  certificate: whereReached(
    must('RFC 8842 §5.1', 'the certificate of the handshake is the one whose fingerprint the answer has', {
      gravity: 'outage',
      cause: 'dtls-other-certificate',
      harm: 'Encrypted calls are silent: the certificate is not the one whose fingerprint the answer has, so telephones hang up.',
    }),
  ),
  keyed: whereReached(
    owed('RFC 5763 §5', 'a DTLS handshake that was begun comes to its end', {
      gravity: 'outage',
      cause: 'dtls-not-completed',
      follows: ['dtls-other-certificate', 'dtls-not-begun', 'dtls-answer-wrong'],
      harm: 'Encrypted calls are silent: the DTLS handshake is begun and does not come to its end.',
    }),
  ),
  heard: whereReached(
    owed('RFC 5763 §5', 'with the keys of the handshake the echo arrives and can be decrypted', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['audio-altered'],
      harm: 'Encrypted calls are silent: after the DTLS handshake no audio comes that its keys decrypt.',
    }),
  ),
  reports: whereReached(
    must('RFC 3711 §3.4', 'RTCP of an SRTP session is protected as SRTCP', {
      gravity: 'exposure',
      cause: 'rtcp-in-clear',
      harm: 'RTCP of encrypted calls is sent in clear: names and quality of calls can be read and forged.',
    }),
  ),
}

const WAYS = [
  {
    id: 'srtp/dtls',
    title: 'An offer of DTLS-SRTP is refused, or answered with DTLS-SRTP that works',
    dtls: {},
    refusable: true,
    transports: ['udp', 'tls'],
  },
  {
    id: 'srtp/dtls-client',
    title: 'A telephone that wants to begin the DTLS handshake itself can talk (setup:active, SAVPF, RSA)',
    dtls: { offers: 'active', protocol: 'UDP/TLS/RTP/SAVPF', key: 'rsa' },
    refusable: false,
    transports: ['tls'],
  },
  {
    id: 'srtp/dtls-server',
    title: 'A telephone that waits for the DTLS handshake can talk, also with an expired certificate (setup:passive)',
    dtls: { offers: 'passive', expired: true },
    refusable: false,
    transports: ['tls'],
  },
] as const

export default WAYS.map(({ id, title, dtls, refusable, transports }) =>
  scenario({
    id,
    title,
    area: 'srtp',
    purposes: ['DTLS-FP', 'DTLS-KEYS', 'SRTCP', 'MED-ECHO'],
    provider: ['BH-8'],
    rules,
    devices: { alice: { srtp: 'dtls', dtls } },
    needs: ['echo'],
    step: 'talk',
    transports,
    families: ['ipv4', 'ipv6'],
    seconds: 34,
    harm: 'Encrypted calls of browsers and telephones that use DTLS-SRTP are silent, or not encrypted.',
    advice:
      'Compare a=fingerprint with the certificate that the relay shows, look at who sends the ClientHello, and whether UDP to the RTP port passes both ways before audio does. Where DTLS is not supported, 488 is right. Asterisk: media_encryption=dtls, dtls_auto_generate_cert. rtpengine: DTLS=passive, generate-rtcp-attr.',
    async run({ alice, services, clock, expect, waits, within }) {
      await alice.registers()
      const call = await alice.invites(services.echo ?? '')
      const outcome = await outcomeOfOffer(call, { within })
      const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
      const answered = outcome.kind === 'taken' ? outcome.audio.protocol.replace(/F$/, '') : 'refused'
      expect('honest', answered, { seen }).toBeOneOf(['refused', 'UDP/TLS/RTP/SAVP'])
      if (outcome.kind === 'refused') {
        if (!refusable) unsupported(`DTLS-SRTP is refused with ${outcome.status}`)
        return
      }
      if (!answered.startsWith('UDP/TLS')) return
      const offered = 'protocol' in dtls ? dtls.protocol : 'UDP/TLS/RTP/SAVP'
      const { protocol } = outcome.audio
      precondition(protocol.toUpperCase() === offered, `${protocol} answers ${offered}`, 'call-refused')
      const { fingerprints, setup } = outcome.audio.keyManagement
      expect('fingerprint', `${fingerprints.length} fingerprints, setup ${setup ?? 'missing'}`, { seen }).toSatisfy(
        'a=fingerprint, and a=setup:active or passive',
        () => fingerprints.length > 0 && ['active', 'passive'].includes(setup ?? ''),
      )
      const { media } = call
      const handshake = await handshakeOf(media, HANDSHAKE_MS, clock)
      expect('begun', handshake.words).toSatisfy('a handshake', () => handshake.began)
      if (handshake.asTold !== null)
        expect('certificate', handshake.asTold ? 'as told' : handshake.words).toBe('as told')
      if (handshake.began) expect('keyed', handshake.words).toSatisfy('a complete handshake', () => handshake.complete)
      if (!handshake.complete || media === undefined) return
      const keyedAt = clock.now()
      const heard = await echoAt(alice, media, clock)
      expect('heard', heard.words).toSatisfy('its own voice', () => heard.audible)
      const reports = () =>
        alice.packets.filter(({ direction, kind, at }) => direction === 'in' && kind === 'rtcp' && at > keyedAt + 300)
      for (let waited = 0; waited < REPORT_MS && reports().length === 0; waited += 500) await waits(500)
      if (reports().length > 0)
        expect('reports', reports().filter(({ raw }) => isClearRtcp(raw)).length).toBe(0, 'RTCP packet in clear text')
      await within(call.hangUp(), 4_000)
    },
  }),
)
