import { formatEndpoint, must, parseRtcp, precondition, sameEndpoint, scenario, SdesType, should } from 'ringproof'

export default scenario({
  id: 'media/symmetric',
  title: 'Audio comes from the address that SDP names, and RTCP is well-formed',
  area: 'media',
  purposes: ['MED-SYM'],
  provider: ['EP-4', 'EP-5'],
  rules: {
    symmetric: should('RFC 4961 §4', 'audio comes from the address and port that the session description names', {
      gravity: 'outage',
      cause: 'audio-source-differs',
    }),
    cname: must('RFC 3550 §6.1', 'every RTCP packet names its source (CNAME)', {
      gravity: 'letter',
      cause: 'rtcp-malformed',
      harm: 'Monitoring cannot tell whose RTCP reports it sees: they carry no CNAME.',
    }),
    begins: must('RFC 3550 §6.1', 'every RTCP packet begins with a report', {
      gravity: 'letter',
      cause: 'rtcp-malformed',
      harm: 'Monitoring and some telephones cannot read the RTCP reports: no report comes first.',
    }),
    where: should(
      'RFC 3264 §5.1',
      'without rtcp-mux in the offer, RTCP comes on the port one higher than that of the audio',
      {
        gravity: 'letter',
        cause: 'rtcp-malformed',
        harm: 'RTCP comes on the port of the audio though rtcp-mux was not offered; some telephones click.',
      },
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  step: 'talk',
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  harm: 'Devices behind NAT or a firewall hear nothing: audio comes from another port than SDP names.',
  advice:
    'Look at the source address and port of the relay: it must send from the port that it received on (several interfaces, source NAT of the relay host). For RTCP, look at the first packet in the capture.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.remote, 'the call has no audio session', 'no-audio')
    // Reports come every five seconds, give or take half of it (RFC 3550 §6.2).
    for (let waited = 0; waited < 9_000 && media.report().rtcp.received === 0; waited += 500) await waits(500)
    const { received, rtcp } = media.report()
    precondition(received.packets > 0, 'the echo test sent no audio back', 'no-audio')
    const named = media.remote
    // What was heard before the answer may have come from elsewhere, as another description said.
    const answeredAt = alice.hears(200, { to: 'INVITE' }).last?.at ?? 0
    const since = alice.packets.filter(
      (packet) => packet.direction === 'in' && packet.kind === 'rtp' && packet.at > answeredAt + 300,
    )
    precondition(since.length > 0, 'no audio came after the answer', 'no-audio')
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
    expect('where', reports.filter((packet) => packet.local.port === media.local.port).length).toBe(
      0,
      'RTCP packet on the port of RTP',
    )
  },
})
