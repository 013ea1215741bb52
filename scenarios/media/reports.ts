import { finding, type MediaPacketEvent, must, parseRtcp, precondition, scenario, whereReached } from 'ringproof'

/** Every tenth packet is withheld: a loss that reports cannot miss. */
const WITHHOLD_EVERY = 10
const ENOUGH = 15

export default scenario({
  id: 'media/reports',
  title: 'RTCP reports about our audio come, and are true',
  area: 'media',
  purposes: ['RTCP', 'MED-SYM'],
  provider: ['SC-4', 'BH-4'],
  rules: {
    sends: finding('BH-4', 'RTCP reports about the audio come', {
      gravity: 'letter',
      cause: 'rtcp-missing',
      harm: 'Monitoring cannot see the quality of calls: no RTCP arrives.',
    }),
    lost: whereReached(
      must('RFC 3550 §6.4.1', 'RTCP reports the losses that there were', {
        gravity: 'harm',
        harm: 'RTCP reports wrong losses: monitoring shows packet loss that did not happen, or misses what did.',
      }),
    ),
    counts: whereReached(
      must('RFC 3550 §6.4.1', 'RTCP reports packets that were withheld on purpose as lost', {
        gravity: 'harm',
        harm: 'RTCP reports no loss whatever is lost: monitoring shows bad calls as good.',
      }),
    ),
    jitter: whereReached(
      must('RFC 3550 §6.4.1', 'RTCP reports a possible jitter, less than a second', {
        gravity: 'harm',
        harm: 'Monitoring shows an impossible jitter: RTCP reports wrong numbers.',
      }),
    ),
    wellFormed: whereReached(
      must('RFC 3550 §6.1', 'each RTCP packet is a compound: a report first, then the CNAME of its source', {
        gravity: 'letter',
        cause: 'rtcp-malformed',
        harm: 'Monitoring and some telephones cannot read the RTCP reports.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  families: ['ipv4', 'ipv6'],
  seconds: 26,
  harm: 'RTCP reports of services are missing or wrong: monitoring cannot be relied on.',
  advice:
    'Compare the RTCP report in the capture with the sequence numbers of the audio. Where none arrives, look whether the relay forwards RTCP or its port is blocked.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media, 'the call has no audio session', 'no-audio')
    media.withholds(WITHHOLD_EVERY)
    for (let waited = 0; waited < 11_000 && media.report().rtcp.remoteLost === undefined; waited += 500)
      await waits(500)
    /** How many packets the latest report about our audio must have missed. */
    const missedBy = () => {
      const at = alice.packets.findLast((packet) => isReportAbout(packet, media.ssrc))?.at ?? 0
      // What was withheld just before may not have been noticed yet.
      return media.withheldAt.filter((withheld) => withheld < at - 1_000).length
    }
    for (let waited = 0; waited < 8_000 && media.report().rtcp.received > 0 && missedBy() < ENOUGH; waited += 500)
      await waits(500)
    await waits(200)
    const { sent, received, rtcp } = media.report()
    precondition(received.packets > 0, 'the echo test sent no audio back', 'no-audio')
    if (!expect('sends', rtcp.received > 0).toBeTrue('RTCP within 11 s')) return
    // What came back was not lost: so many packets at most can have been lost on the way there.
    const missing = Math.max(0, sent.packets + media.withheldAt.length - received.packets)
    const reported = rtcp.remoteLost
    precondition(reported !== undefined, 'the RTCP reports have no block about our audio')
    expect('lost', reported).toBeWithin(-5, missing + 10, 'packets lost')
    const withheld = missedBy()
    // A network that doubles packets hides some losses (RFC 3550 §6.4.1).
    if (withheld >= ENOUGH) {
      expect('counts', reported).toSatisfy(
        `most of the ${withheld} packets that were withheld`,
        (lost) => lost > withheld / 2,
      )
    }
    expect('jitter', rtcp.remoteJitterMs ?? 0).toBeWithin(0, 1_000, 'ms')
    expect('wellFormed', Object.keys(rtcp.faults)).toBeEmpty()
  },
})

/** RTCP that came with a block about this source of ours. */
function isReportAbout({ direction, kind, plain }: MediaPacketEvent, ssrc: number): boolean {
  if (direction !== 'in' || kind !== 'rtcp' || plain === undefined) return false
  const { packets } = parseRtcp(plain)
  return packets.some(
    (one) => (one.type === 'SR' || one.type === 'RR') && one.reports.some((block) => block.ssrc === ssrc),
  )
}
