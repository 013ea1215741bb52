import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'media/media-lines',
  title: 'An offer of audio and video is answered m= line by m= line, those not wanted with port 0',
  area: 'media',
  purposes: ['OA-MLINE'],
  provider: ['SC-4'],
  rules: {
    count: must('RFC 3264 §6', 'the answer has as many m= lines as the offer', { gravity: 'harm' }),
    order: must('RFC 3264 §6.1', 'each m= line is answered in its place, by the same type of media', {
      gravity: 'harm',
    }),
    time: must('RFC 3264 §6', 'the t= line of the answer is that of the offer', {
      gravity: 'letter',
      harm: 'Answers carry another t= line than the offer; hardly any telephone reads it.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['tcp', 'udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Calls from devices that offer video fail, or have no audio: the answer does not fit the offer.',
  advice:
    'Look at what makes the answer: a stream that is not supported is answered in its place with port 0, not left out (RFC 3264 §6).',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const { port } = audio.local
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({
        sections: [
          `m=video ${port + 2} RTP/AVP 112`,
          'a=rtpmap:112 H264/90000',
          'a=sendrecv',
          `m=application ${port + 4} RTP/AVP 125`,
          'a=rtpmap:125 ringproof-x/90000',
        ],
      }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `audio with video was rejected with ${outcome.status}`, 'call-refused')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const { answer } = outcome
    expect('count', answer.media.length, { seen }).toBe(3, 'media line in the answer')
    expect(
      'order',
      answer.media.map((media) => media.media),
      { seen },
    ).toEqual(['audio', 'video', 'application'])
    expect('time', answer.session.line('t') ?? 'none', { seen }).toBe('0 0')
    await within(call.hangUp(), 4_000)
  },
})
