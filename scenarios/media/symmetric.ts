import { formatEndpoint, must, parseRtcp, precondition, sameEndpoint, scenario, SdesType, should } from 'ringproof'

export default scenario({
  id: 'media/symmetric',
  title: 'Audio comes from where it is to be sent, and its reports name who reports',
  area: 'media',
  purposes: ['MED-SYM'],
  provider: ['EP-4', 'EP-5'],
  rules: {
    symmetric: should('RFC 4961 §4', 'audio comes from the address and port that the session description names', {
      gravity: 'harm',
      harm: 'Devices behind NAT or a firewall hear nothing, because the audio comes from a port that was never opened.',
    }),
    cname: must('RFC 3550 §6.1', 'every RTCP packet names its source (CNAME)', {
      gravity: 'harm',
      harm: 'Monitoring cannot tell whose reports about the audio it sees.',
    }),
    begins: must('RFC 3550 §6.1', 'every RTCP packet begins with a report', {
      gravity: 'harm',
      harm: 'Monitoring and some devices cannot read the reports about the audio.',
    }),
    where: must('RFC 5761 §5.1.1', 'without rtcp-mux in the offer, reports do not come on the port of the audio', {
      gravity: 'harm',
      harm: 'Devices take reports for audio: clicks, or wrong statistics.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  harm: 'Devices behind NAT or a firewall hear nothing, because the audio comes from a port that was never opened.',
  advice: 'Look at the source port of the relay, and at the first RTCP packet in the capture.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.remote, 'the call has no audio')
    // Reports come every five seconds, give or take half of it (RFC 3550 §6.2).
    for (let waited = 0; waited < 9_000 && media.report().rtcp.received === 0; waited += 500) await waits(500)
    const { received, rtcp } = media.report()
    precondition(received.packets > 0, 'the echo test did not send anything back')
    const named = media.remote
    // What was heard before the answer may have come from elsewhere, as another description said.
    const answeredAt = alice.hears(200, { to: 'INVITE' }).last?.at ?? 0
    const since = alice.packets.filter(
      (packet) => packet.direction === 'in' && packet.kind === 'rtp' && packet.at > answeredAt + 300,
    )
    precondition(since.length > 0, 'no audio came after the answer')
    const elsewhere = since
      .filter(({ remote }) => !sameEndpoint(remote, named))
      .map(({ remote }) => formatEndpoint(remote))
    expect('symmetric', elsewhere.length === 0 ? [] : [...new Set(elsewhere)]).toBeEmpty()
    const reports = alice.packets.filter((packet) => packet.kind === 'rtcp' && packet.direction === 'in')
    precondition(rtcp.received > 0, 'no RTCP came within 9 s')
    const parsed = reports.map((packet) => parseRtcp(packet.plain ?? packet.raw).packets)
    const signed = parsed.filter((list) =>
      list.some(
        (one) =>
          one.type === 'SDES' && one.chunks.some(({ items }) => items.some((item) => item.type === SdesType.cname)),
      ),
    )
    expect('cname', `${signed.length} of ${parsed.length}`).toBe(`${parsed.length} of ${parsed.length}`)
    const first = parsed.map(([one]) => one?.type ?? 'nothing')
    expect(
      'begins',
      first.filter((type) => type !== 'SR' && type !== 'RR'),
    ).toBeEmpty()
    expect('where', reports.filter((packet) => packet.local.port === media.local.port).length).toBe(0)
  },
})
