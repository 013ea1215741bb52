import { must, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'media/no-common-codec',
  title: 'An offer without a common codec is refused, not answered with another codec',
  area: 'media',
  purposes: ['OA-488'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3264 §6.1', 'without a common format the stream is refused, with 488 or port 0', {
      gravity: 'harm',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Calls without a common codec are answered and charged, and neither side hears anything.',
  advice:
    'Look at what makes the answer: it may list only formats that the offer has; where there is none, 488 is right.',
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
