import { finding, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'media/reports',
  title: 'What the target reports about our audio (RTCP) is what really happened to it',
  area: 'media',
  purposes: ['RTCP', 'MED-SYM'],
  provider: ['SC-4', 'BH-4'],
  rules: {
    sends: finding('BH-4', 'reports (RTCP) about the audio come at all', {
      gravity: 'harm',
      harm: 'Monitoring sees nothing of the quality of calls.',
    }),
    lost: whereReached(
      must('RFC 3550 §6.4.1', 'the losses that RTCP reports are those that there were', { gravity: 'letter' }),
    ),
    jitter: whereReached(
      must('RFC 3550 §6.4.1', 'the jitter that RTCP reports is possible: less than a second', { gravity: 'letter' }),
    ),
    wellFormed: whereReached(
      must('RFC 3550 §6.1', 'each RTCP packet is a compound: a report first, then the name of the source', {
        gravity: 'letter',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  families: ['ipv4', 'ipv6'],
  seconds: 18,
  harm: 'Monitoring shows losses that nobody has, or hides those that customers complain about.',
  advice: 'Compare the report in the capture with the packets that were sent: sequence numbers tell what is right.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media, 'the call has no audio')
    for (let waited = 0; waited < 11_000 && media.report().rtcp.remoteLost === undefined; waited += 500)
      await waits(500)
    await waits(200)
    const { sent, received, rtcp } = media.report()
    precondition(received.packets > 0, 'the echo test did not send anything back')
    if (!expect('sends', rtcp.received > 0).toBeTrue('reports within 11 s')) return
    // What came back was not lost: so many packets at most can have been lost on the way there.
    const missing = Math.max(0, sent.packets - received.packets)
    const reported = rtcp.remoteLost
    precondition(reported !== undefined, 'the reports say nothing about our audio')
    expect('lost', reported).toBeWithin(-5, missing + 10, 'packets lost')
    expect('jitter', rtcp.remoteJitterMs).toBeWithin(0, 1_000, 'ms')
    expect('wellFormed', Object.keys(rtcp.faults)).toBeEmpty()
  },
})
