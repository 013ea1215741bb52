import {
  isFault,
  must,
  parseEvents,
  parseRtp,
  precondition,
  type RtpPacket,
  scenario,
  should,
  toldBack,
} from 'ringproof'

export default scenario({
  id: 'dtmf/event-form',
  title: 'Digits that the DTMF test sends are well-formed telephone-events',
  area: 'dtmf',
  purposes: ['EV-TS', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    timestamp: must('RFC 4733 §2.5.1.2', 'all packets of a telephone-event have the timestamp of its first', {
      gravity: 'harm',
      cause: 'keypad-timing',
    }),
    duration: must('RFC 4733 §2.5.1.2', 'the duration of an event grows from packet to packet, until its end', {
      gravity: 'harm',
      cause: 'keypad-timing',
      follows: ['audio-altered'],
      harm: 'Some telephones and door stations read wrong key presses: durations of telephone-events do not grow.',
    }),
    marker: must('RFC 4733 §2.5.1.2', 'the first packet of an event is marked, no other', {
      gravity: 'letter',
      follows: ['keypad-timing'],
      harm: 'Telephone-events do not have the marker bit in their first packet alone; few receivers read it.',
    }),
    ends: should('RFC 4733 §2.5.1.4', 'the last packet of an event is sent three times', {
      gravity: 'harm',
      follows: ['audio-altered'],
      harm: 'Key presses seem too long on lines with packet loss: their end is sent {ends|too seldom}, not three times.',
    }),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  harm: 'Some telephones and door stations count one key press several times: the timestamp of an event changes.',
  advice:
    'Look at timestamps, durations and end packets of the telephone-events in the capture, and whether service or relay makes them (FreeSWITCH: pass-rfc2833 of the profile; Asterisk: dtmf_mode=rfc4733).',
  async run({ alice, services, clock, expect, figure }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer has no telephone-event', 'feature-lacking')
    await toldBack(alice, clock, { press: () => call.sendDigits('258'), count: 3 })
    const type = media.negotiated.dtmf.receive
    const packets = inSequence(
      alice.packets.flatMap(({ direction, kind, plain }) => {
        const rtp = direction === 'in' && kind === 'rtp' && plain ? parseRtp(plain) : undefined
        return rtp && !isFault(rtp) ? [rtp] : []
      }),
    )
    const reports = packets.flatMap((rtp) => {
      const [report] = (rtp.payloadType === type && parseEvents(rtp.payload)) || []
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
    precondition(events.length > 0, 'the module sent no telephone-events')
    const told = events.map((event) => event[0]?.event)
    precondition(told.length === 3, `the module sent events ${told.join(' ')} instead of three`)
    expect(
      'timestamp',
      events.map((event) => `${new Set(event.map((one) => one.timestamp)).size} in ${event.length} packets`),
    ).toEqual(events.map((event) => `1 in ${event.length} packets`))
    // The last report is repeated with the duration that it had, and the end may be told only then (§2.5.1.4).
    const shrinks = events.filter((event) => {
      const longest = Math.max(...event.map((one) => one.duration))
      return event.some((one, at) => at > 0 && one.duration <= (event[at - 1]?.duration ?? 0) && one.duration < longest)
    })
    expect('duration', shrinks.length).toBe(0, 'event whose duration shrinks')
    const numbers = packets.map((packet) => packet.sequenceNumber)
    const [from, to] = [numbers.indexOf(reports[0]?.number ?? -1), numbers.lastIndexOf(reports.at(-1)?.number ?? -1)]
    const lost = numbers.slice(Math.max(1, from), to + 2).filter((number, index) => {
      const before = numbers[Math.max(1, from) + index - 1] ?? 0
      return ((number - before) & 0xffff) !== 1
    })
    precondition(
      lost.length === 0,
      'packets were lost, so that beginning and end of events are not known',
      'packet-lost',
    )
    expect(
      'marker',
      events.map((event) => event.findLastIndex((one) => one.marker)),
    ).toEqual([0, 0, 0])
    // Where nothing comes after the last event, no number shows that its last packet was lost.
    const followed = to < numbers.length - 1 ? events : events.slice(0, -1)
    const last = followed.map((event) => {
      const longest = Math.max(...event.map((one) => one.duration))
      return event.at(-1)?.end ? Math.min(3, event.filter((one) => one.duration === longest).length) : 0
    })
    const fewest = Math.min(...last)
    if (fewest < 3) figure('ends', ['not at all', 'once', 'twice'][fewest] ?? fewest)
    expect('ends', last).toEqual(followed.map(() => 3))
  },
})

/** Packets of the last source that was heard, each once, in the order of their sequence numbers. */
function inSequence(packets: readonly RtpPacket[]): RtpPacket[] {
  const [last] = packets.slice(-1)
  const first = packets.find((packet) => packet.ssrc === last?.ssrc)
  if (!first) return []
  const place = (packet: RtpPacket) => ((packet.sequenceNumber - first.sequenceNumber + 0x8000) & 0xffff) - 0x8000
  const once = new Map(packets.filter(({ ssrc }) => ssrc === first.ssrc).map((packet) => [place(packet), packet]))
  return [...once].sort(([a], [b]) => a - b).map(([, packet]) => packet)
}
