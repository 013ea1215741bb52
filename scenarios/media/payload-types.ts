import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

/** RFC 3551 §6. */
const COMFORT_NOISE = 13

export default scenario({
  id: 'media/payload-types',
  title: 'Audio is sent with a payload type that both offer and answer list',
  area: 'media',
  purposes: ['OA-PT'],
  provider: ['SC-3'],
  rules: {
    offered: must('RFC 3264 §6.1', 'audio is sent with the payload type numbers of the offer', {
      gravity: 'harm',
      cause: 'payload-type-wrong',
    }),
    common: must('RFC 3264 §6.1', 'audio is sent only in a format that the answer lists as well', {
      gravity: 'harm',
      cause: 'payload-type-wrong',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['dtmf-test'],
  step: 'talk',
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Audio comes with a payload type that was not agreed: some telephones stay silent or play noise.',
  advice:
    'Compare the payload type in the RTP header with the m= lines of offer and answer; look for a codec that the media server sends whatever was agreed.',
  async run({ alice, services, random, expect, within, waits }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const call = await alice.invites(services.dtmfTest ?? '', { sdp: audio.describes({ formats: [8] }) })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `an offer of PCMA alone was rejected with ${outcome.status}`, 'call-refused')
    audio.follows(call.remoteSdp)
    // The module says something to begin with; we speak too, for relays that wait for a first packet.
    await audio.speaks(random.int(2 ** 24), 1_500)
    await waits(300)
    precondition(audio.heard.length > 0, 'the test module sent no audio', 'no-audio')
    // RFC 6263 §4, RFC 3389: comfort noise, and what keeps a path open without payload, is no audio.
    const heard = audio.heard.filter(({ packet }) => packet.payload.length > 0 && packet.payloadType !== COMFORT_NOISE)
    const types = [...new Set(heard.map(({ packet }) => packet.payloadType))]
    const seen = alice.hears(200, { to: 'INVITE' }).last
    expect(
      'offered',
      types.filter((type) => type !== 8),
    ).toBeEmpty()
    const listed = outcome.audio.formats.map(Number)
    expect(
      'common',
      types.filter((type) => !listed.includes(type)),
      { seen },
    ).toBeEmpty()
    await within(call.hangUp(), 4_000)
  },
})
