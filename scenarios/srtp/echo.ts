import { must, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/echo',
  title: 'The echo test works with encrypted audio over TLS',
  area: 'srtp',
  purposes: ['MED-ECHO', 'SRTCP'],
  provider: ['SC-4', 'EP-2', 'BH-7'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice, decrypted'),
    encrypted: promised('BH-7', 'the audio that comes back is encrypted'),
    readable: must('RFC 3711 §3.3', 'every audio packet is encrypted and authenticated with the key of the answer'),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Customers on TLS hear nothing, noise, or are not protected.',
  advice: 'Compare the key in the answer with the one that the relay or the service encrypts with.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    precondition(call.media?.negotiated?.crypto, 'the answer has no key that could be used')
    await waits(2_500)
    const report = call.media?.report()
    const own = call.media?.patternId
    expect(
      'heard',
      report?.heard.some((audio) => audio.patternId === own),
    ).toBeTrue('its own voice')
    const incoming = alice.packets.filter((packet) => packet.direction === 'in' && packet.kind === 'rtp')
    expect('encrypted', incoming.filter((packet) => packet.plain?.equals(packet.raw)).length).toBe(0)
    const { authentication = 0, replayed = 0 } = report?.received.refused ?? {}
    expect('readable', { received: report?.received.packets ?? 0, refused: authentication + replayed }).toSatisfy(
      'packets, and none refused',
      ({ received, refused }) => received > 0 && refused === 0,
    )
  },
})
