import { must, precondition, scenario, unsupported } from 'ringproof'

/** Reports come every five seconds, give or take half of it (RFC 3550 §6.2). */
const REPORT_MS = 9_000

export default scenario({
  id: 'media/rtcp-mux',
  title: 'Where the answer agrees to rtcp-mux, RTCP comes to the port of the audio',
  area: 'media',
  purposes: ['RTCP'],
  provider: ['EP-4'],
  rules: {
    together: must('RFC 5761 §5.1.1', 'an answer with rtcp-mux means that RTCP shares the port of the audio', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { rtcpMux: true } },
  needs: ['echo'],
  step: 'talk',
  seconds: 16,
  harm: 'Telephones that agreed on one port for audio and RTCP get no reports: their quality figures and their monitoring stay empty.',
  advice:
    'Look where RTCP goes in the capture. Take a=rtcp-mux out of the answers, or have the media server send RTCP to the port of the audio.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.remote, 'the call has no audio session', 'no-audio')
    if (media.negotiated?.rtcpMux !== true) unsupported('the answer has no a=rtcp-mux')
    // What was sent before the answer may have been for another description.
    const since = (alice.hears(200, { to: 'INVITE' }).last?.at ?? 0) + 300
    const reports = () =>
      alice.packets.filter(({ kind, direction, at }) => kind === 'rtcp' && direction === 'in' && at > since)
    for (let waited = 0; waited < REPORT_MS && reports().length === 0; waited += 500) await waits(500)
    precondition(reports().length > 0, `no RTCP came within ${REPORT_MS / 1000} s`)
    const apart = reports().filter(({ local }) => local.port !== media.local.port)
    expect('together', apart.length).toBe(0, 'RTCP packet on another port than that of the audio')
  },
})
