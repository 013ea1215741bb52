import { must, precondition, promised, sameEndpoint, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/echo',
  title: 'The echo test works with encrypted audio over TLS',
  area: 'srtp',
  purposes: ['MED-ECHO', 'SRTCP'],
  provider: ['SC-4', 'EP-2', 'BH-7'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice, decrypted', {
      gravity: 'harm',
      harm: 'Customers on TLS hear nothing, or noise.',
    }),
    encrypted: promised('BH-7', 'the audio that comes back is encrypted', {
      gravity: 'harm',
      harm: 'Customers on TLS are not protected: their audio comes back unencrypted.',
    }),
    readable: must('RFC 3711 §3.3', 'every audio packet is encrypted and authenticated with the key of the answer', {
      gravity: 'harm',
      harm: 'Customers on TLS hear noise, or nothing.',
    }),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'Customers on TLS hear nothing, noise, or are not protected.',
  advice: 'Compare the key in the answer with the one that the relay or the service encrypts with.',
  async run({ alice, services, clock, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.negotiated?.crypto && media.remote, 'the answer has no key that could be used')
    const { patternId, remote } = media
    const answeredAt = clock.now()
    // Many echo tests say first what they are.
    expect('heard', await media.hears(patternId, 15_000)).toBeTrue('its own voice')
    await waits(1_000)
    const incoming = alice.packets.filter((packet) => packet.direction === 'in' && packet.kind === 'rtp')
    expect('encrypted', incoming.filter((packet) => packet.plain?.equals(packet.raw)).length).toBe(0)
    // A packet that the network has doubled is refused as well, and is no fault of the key; nor is what strangers send,
    // nor what overtook the answer that tells its key.
    const refused = incoming.filter(
      ({ fault, remote: from, at }) =>
        at > answeredAt + 300 && (fault === 'authentication' || fault === 'unknown-mki') && sameEndpoint(from, remote),
    )
    expect('readable', { received: media.report().received.packets, refused: refused.length }).toSatisfy(
      'packets, and none refused',
      (count) => count.received > 0 && count.refused === 0,
    )
  },
})
