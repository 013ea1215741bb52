import { must, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'media/no-common-codec',
  title: 'An offer with a codec that nobody has is refused, not answered with another',
  area: 'media',
  purposes: ['OA-488'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3264 §6.1', 'without a format in common the stream is refused: by 488, or by port 0', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Calls are answered and charged, and neither side hears anything.',
  advice: 'Look at how the answer chooses its formats: it may list only what the offer has.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ formats: [119], lines: ['a=rtpmap:119 ringproof-x/16000'] }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    const said = outcome.kind === 'refused' ? 'refused' : `taken with formats ${outcome.audio.formats.join(' ')}`
    expect('refused', said, { seen }).toBe('refused')
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
