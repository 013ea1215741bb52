import {
  echoAt,
  isClearRtcp,
  must,
  precondition,
  promised,
  sameEndpoint,
  scenario,
  SessionDescription,
  whereReached,
} from 'ringproof'

/** RTCP comes every five seconds, half as many more at the latest (RFC 3550 §6.3.1). */
const REPORT_MS = 7_500

export default scenario({
  id: 'srtp/echo',
  title: 'The echo test works with SRTP over TLS',
  area: 'srtp',
  purposes: ['MED-ECHO', 'SRTCP'],
  provider: ['SC-4', 'EP-2', 'BH-7'],
  rules: {
    answered: promised('BH-7', 'an offer of SRTP is answered with SRTP', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Encryption is dropped: services answer an offer of SRTP with plain RTP.',
    }),
    oneKey: must('RFC 4568 §7.1.2', 'an answer that accepts SRTP accepts exactly one of the offered crypto lines', {
      gravity: 'outage',
      cause: 'crypto-answer-wrong',
      harm: 'Customers on TLS with SRTP hear nothing in calls to services: the answer carries no key, or several.',
    }),
    heard: promised('SC-4', 'with SRTP the echo arrives and can be decrypted', {
      gravity: 'outage',
      cause: 'no-audio',
      harm: 'Customers on TLS with SRTP hear nothing in calls to services.',
    }),
    intact: whereReached(
      promised('SC-4', 'with SRTP the echo is what the caller said', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers on TLS with SRTP hear noise in calls to services: audio is altered on its way.',
      }),
    ),
    encrypted: promised('BH-7', 'the audio that comes back is encrypted', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Calls on TLS with SRTP are not private: services send their audio unencrypted.',
    }),
    readable: must('RFC 3711 §3.3', 'every audio packet is encrypted and authenticated with the key of the answer', {
      gravity: 'harm',
      follows: ['no-audio'],
      harm: 'Customers with SRTP hear gaps: {unreadable|some} packets cannot be decrypted with the agreed key.',
    }),
    reports: whereReached(
      must('RFC 3711 §3.4', 'RTCP of an SRTP session is protected as SRTCP', {
        gravity: 'exposure',
        cause: 'rtcp-in-clear',
        harm: 'RTCP of encrypted calls is sent in clear: names and quality of calls can be read and forged.',
      }),
    ),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 32,
  fitForLoad: true,
  harm: 'Calls to services with SRTP over TLS do not work.',
  advice:
    'Compare the key in the answer with the one that relay or service encrypts with. rtpengine: transport protocol RTP/SAVP towards devices on TLS, RTP/AVP towards services without SRTP. Asterisk: media_encryption=sdes and media_encryption_optimistic=no.',
  async run({ alice, services, clock, expect, waits, figure }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    const answer = SessionDescription.parse(call.remoteSdp ?? '').media.find((one) => one.media === 'audio')
    precondition(answer && answer.port !== 0, 'the answer has no audio', 'no-audio')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    if (!expect('answered', answer.protocol, { seen }).toMatch(/SAVPF?$/, 'RTP/SAVP')) return
    if (!expect('oneKey', answer.crypto.length, { seen }).toBe(1, 'a=crypto line in the answer')) return
    precondition(media?.negotiated?.crypto && media.remote, 'the key of the answer cannot be used', 'no-audio')
    const { remote } = media
    const answeredAt = clock.now()
    const heard = await echoAt(alice, media, clock)
    expect('heard', heard.words).toSatisfy('its own voice', () => heard.audible)
    if (heard.audible) expect('intact', [heard]).toBeIntact()
    const audio = () => alice.packets.filter(({ direction, kind }) => direction === 'in' && kind === 'rtp')
    // RFC 3550 §6.2: the first report comes within some seconds. What names no source of the call's audio is none of it.
    const reports = () => {
      const sources = packetsBySource(audio())
      return alice.packets.filter(
        ({ direction, kind, remote: from, at, raw }) =>
          direction === 'in' &&
          kind === 'rtcp' &&
          at > answeredAt + 300 &&
          from.address === remote.address &&
          sources.has(sourceOf(raw, 4)),
      )
    }
    await waits(1_000)
    for (let waited = 0; waited < REPORT_MS && reports().length === 0; waited += 500) await waits(500)
    if (reports().length > 0)
      expect('reports', reports().filter(({ raw }) => isClearRtcp(raw)).length).toBe(0, 'RTCP packet in clear text')
    const incoming = audio()
    const sources = packetsBySource(incoming)
    expect('encrypted', incoming.filter((packet) => packet.plain?.equals(packet.raw)).length).toBe(
      0,
      'packet in clear text',
    )
    // A packet that the network has doubled is refused as well, and is no fault of the key; nor is what strangers send,
    // nor what overtook the answer that tells its key, nor random octets: a source has two packets at least (RFC 3550 A.1).
    const { packets: received } = media.report().received
    const refused = incoming.filter(
      ({ fault, remote: from, at, raw }) =>
        at > answeredAt + 300 &&
        (fault === 'authentication' || fault === 'unknown-mki') &&
        sameEndpoint(from, remote) &&
        (received === 0 || (sources.get(sourceOf(raw, 8)) ?? 0) > 1),
    )
    if (refused.length > 0) figure('unreadable', refused.length)
    expect('readable', { received, refused: refused.length }).toSatisfy(
      'packets, and none refused',
      (count) => count.received > 0 && count.refused === 0,
    )
  },
})

/** The SSRC at an offset; -1 where there is none. */
const sourceOf = (raw: Buffer, at: number): number => (raw.length >= at + 4 ? raw.readUInt32BE(at) : -1)

/** How many packets have come by SSRC, which SRTP leaves in clear. */
function packetsBySource(packets: readonly { readonly raw: Buffer }[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { raw } of packets) counts.set(sourceOf(raw, 8), (counts.get(sourceOf(raw, 8)) ?? 0) + 1)
  return counts
}
