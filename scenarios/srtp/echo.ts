import { echoAt, must, precondition, promised, sameEndpoint, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/echo',
  title: 'The echo test works with SRTP over TLS',
  area: 'srtp',
  purposes: ['MED-ECHO', 'SRTCP'],
  provider: ['SC-4', 'EP-2', 'BH-7'],
  rules: {
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
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'Calls to services with SRTP over TLS do not work.',
  advice:
    'Compare the key in the answer with the one that relay or service encrypts with. rtpengine: transport protocol RTP/SAVP towards devices on TLS, RTP/AVP towards services without SRTP. Asterisk: media_encryption=sdes and media_encryption_optimistic=no.',
  async run({ alice, services, clock, expect, waits, figure }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.negotiated?.crypto && media.remote, 'the answer has no usable SRTP key', 'no-audio')
    const { remote } = media
    const answeredAt = clock.now()
    const heard = await echoAt(alice, media, clock)
    expect('heard', heard.words).toSatisfy('its own voice', () => heard.audible)
    if (heard.audible) expect('intact', heard.altered ? [heard.words] : []).toBeEmpty()
    await waits(1_000)
    const incoming = alice.packets.filter((packet) => packet.direction === 'in' && packet.kind === 'rtp')
    expect('encrypted', incoming.filter((packet) => packet.plain?.equals(packet.raw)).length).toBe(
      0,
      'packet in clear text',
    )
    // A packet that the network has doubled is refused as well, and is no fault of the key; nor is what strangers send,
    // nor what overtook the answer that tells its key.
    const refused = incoming.filter(
      ({ fault, remote: from, at }) =>
        at > answeredAt + 300 && (fault === 'authentication' || fault === 'unknown-mki') && sameEndpoint(from, remote),
    )
    if (refused.length > 0) figure('unreadable', refused.length)
    expect('readable', { received: media.report().received.packets, refused: refused.length }).toSatisfy(
      'packets, and none refused',
      (count) => count.received > 0 && count.refused === 0,
    )
  },
})
