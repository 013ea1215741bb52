import { isFault, must, parseEvents, parseRtp, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'dtmf/event-form',
  title: 'Digits that the provider sends are well-formed telephone-events',
  area: 'dtmf',
  purposes: ['EV-TS', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    timestamp: must('RFC 4733 §2.5.1.2', 'all packets of a keypad event have the timestamp of its first'),
    duration: must('RFC 4733 §2.5.1.2', 'the duration of an event grows from packet to packet, until its end'),
    marker: must('RFC 4733 §2.5.1.2', 'the first packet of an event is marked, no other'),
    ends: should('RFC 4733 §2.5.1.4', 'the last packet of an event is sent three times'),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'Telephones and door stations of some makes take one key for several, or for none.',
  advice: 'Look at timestamps and durations of the telephone-events in the capture.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer takes no telephone-events')
    await waits(500)
    await call.sendDigits('258')
    await media.hearsDigits(3, 6_000)
    await waits(500)
    const type = media.negotiated.dtmf.receive
    const reports = alice.packets.flatMap((packet) => {
      const rtp =
        packet.direction === 'in' && packet.kind === 'rtp' && packet.plain ? parseRtp(packet.plain) : undefined
      if (!rtp || isFault(rtp) || rtp.payloadType !== type) return []
      const [report] = parseEvents(rtp.payload) ?? []
      return report ? [{ ...report, timestamp: rtp.timestamp, marker: rtp.marker, number: rtp.sequenceNumber }] : []
    })
    // The same key without an end in between is one event.
    const events: (typeof reports)[] = []
    for (const report of reports) {
      const [current] = events.slice(-1)
      const before = current?.at(-1)
      if (!current || before?.event !== report.event || (before.end && !report.end)) events.push([report])
      else current.push(report)
    }
    precondition(events.length > 0, 'the module told back nothing as telephone-events')
    const told = events.map((event) => event[0]?.event)
    precondition(told.length === 3, `the module told back ${told.join(' ')}, with packets lost: nothing to judge`)
    expect(
      'timestamp',
      events.map((event) => new Set(event.map((one) => one.timestamp)).size),
    ).toEqual([1, 1, 1])
    const shrinks = events.filter((event) =>
      event.some((one, at) => at > 0 && !one.end && one.duration <= (event[at - 1]?.duration ?? 0)),
    )
    expect('duration', shrinks.length).toBe(0)
    expect(
      'marker',
      events.map((event) => event.findLastIndex((one) => one.marker)),
    ).toEqual([0, 0, 0])
    expect(
      'ends',
      events.map((event) => event.filter((one) => one.end).length),
    ).toEqual([3, 3, 3])
  },
})
