import { inconclusive, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/refused-change',
  title: 'A re-INVITE that is rejected leaves the call as it was',
  area: 'dialog',
  purposes: ['DLG-FAILED'],
  provider: ['SC-4'],
  rules: {
    goesOn: must('RFC 3261 §12.2.2', 'a request that is rejected changes nothing: the call is not ended', {
      gravity: 'harm',
      harm: 'Calls are cut off when a telephone system tries to add video or fax and is rejected.',
    }),
    heard: must('RFC 3261 §12.2.2', 'after a change was rejected, the audio goes on as before', {
      gravity: 'harm',
      harm: 'Calls fall silent when a telephone system tries to add video or fax and is rejected.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 18,
  fitForLoad: true,
  harm: 'A change of a call that is rejected ends or silences the call.',
  advice:
    'Look at what service and relay do when a re-INVITE fails. Kamailio, OpenSIPS: rtpengine_manage deletes the session for any reply of 300 or more to an INVITE, and in a failure route; do not call it for failed re-INVITEs.',
  async run({ alice, services, expect, clock, within, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    await waits(800)
    precondition(
      alice.packets.some(({ direction }) => direction === 'in'),
      'no audio came before the change',
      'no-audio',
    )
    // The same, but with a codec that nobody speaks.
    const sdp = (call.localSdp ?? '')
      .replace(/^(o=\S+ \S+ )(\d+)/m, (_, head: string, version: string) => `${head}${Number(version) + 1}`)
      .replace(/^a=(rtpmap|fmtp):.*\r\n/gm, '')
      .replace(/^(m=audio \d+ \S+) .*\r\n/m, '$1 96\r\na=rtpmap:96 X-RINGPROOF/8000\r\n')
    const change = await within(call.reinvite({ sdp }), 6_000)
    const status = change?.status ?? 0
    if (status === 0) inconclusive('the re-INVITE got no answer', 'no-answer')
    if (status < 300) inconclusive('the target accepts a codec that does not exist')
    const refusedAt = clock.now()
    await waits(1_500)
    const ends = alice.hears('BYE', { callId: call.id })
    const heard = alice.packets.filter(({ direction, at }) => direction === 'in' && at > refusedAt + 300)
    expect('goesOn', ends.count, { seen: ends.first }).toBe(0, 'BYE')
    expect('heard', heard.length).toSatisfy('20 packets or more in 1.2 s', (count) => count >= 20)
    await within(call.hangUp(), 4_000)
  },
})
