import { compareDigits, isFault, must, parseRtp, precondition, promised, scenario, toldBack } from 'ringproof'

export default scenario({
  id: 'dtmf/payload-type',
  title: 'DTMF works with a telephone-event payload type other than 101',
  area: 'dtmf',
  purposes: ['EV-PT'],
  provider: ['EP-10', 'SC-3'],
  rules: {
    theirs: must('RFC 3264 §6.1', 'telephone-events are sent with the payload type number of the offer', {
      gravity: 'harm',
      cause: 'payload-type-wrong',
      harm: 'Key presses do not reach telephones that use another payload type than 101 for DTMF.',
    }),
    toldBack: promised('SC-3', 'digits sent with another payload type than 101 are understood', {
      gravity: 'harm',
      follows: ['payload-type-wrong', 'keypad-lost', 'audio-altered'],
    }),
  },
  devices: { alice: { dtmfPayloadType: 97 } },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'DTMF does not work with telephones that use another payload type than 101.',
  advice:
    'Take the payload type of telephone-event from the offer instead of a fixed 101. FreeSWITCH: rfc2833-pt is only what its own offers say.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    // An answer may name a number of its own for what it receives; what it sends has ours.
    precondition(media, 'the call has no audio session', 'no-audio')
    const told = media.negotiated?.dtmf
      ? await toldBack(alice, clock, { press: () => call.sendDigits('97'), count: 2 })
      : 'no telephone-event in the answer'
    const types = alice.packets.flatMap((packet) => {
      const raw = packet.direction === 'in' && packet.kind === 'rtp' ? (packet.plain ?? packet.raw) : undefined
      const rtp = raw && parseRtp(raw)
      // Comfort noise may have as many octets as a digit.
      return rtp && !isFault(rtp) && rtp.payload.length === 4 && rtp.payloadType !== 13 ? [rtp.payloadType] : []
    })
    precondition(media.report().received.packets > 0, 'the module sent no audio', 'no-audio')
    const toldByTones = told !== '' && media.negotiated?.dtmf !== undefined && types.length === 0
    precondition(!toldByTones, 'the module told the digits back as keypad tones, not as telephone-events')
    expect(
      'theirs',
      [...new Set(types)].filter((type) => type !== 97),
    ).toBeEmpty()
    expect('toldBack', told || 'nothing').toSatisfy('97', () => !compareDigits('97', told).lost)
  },
})
