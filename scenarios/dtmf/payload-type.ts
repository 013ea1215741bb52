import { isFault, must, parseRtp, precondition, promised, scenario, toldBack } from 'ringproof'

export default scenario({
  id: 'dtmf/payload-type',
  title: 'A device that uses another number than 101 for telephone-events is understood and answered by it',
  area: 'dtmf',
  purposes: ['EV-PT'],
  provider: ['EP-10', 'SC-3'],
  rules: {
    theirs: must('RFC 3264 §6.1', 'keypad events are sent with the payload type number of the offer', {
      gravity: 'letter',
    }),
    toldBack: promised('SC-3', 'digits sent under another payload type than 101 are understood and told back', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { dtmfPayloadType: 97 } },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  harm: 'Keys do not work with makes of telephone that do not happen to use 101.',
  advice: 'Look for a payload type 101 that is written into the code instead of taken from the offer.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    // An answer may use a number of its own for what it receives; what it sends has ours.
    precondition(media, 'the call has no audio')
    const told = media.negotiated?.dtmf
      ? await toldBack(alice, clock, { press: () => call.sendDigits('97'), count: 2 })
      : 'no telephone-events in the answer'
    const types = alice.packets.flatMap((packet) => {
      const raw = packet.direction === 'in' && packet.kind === 'rtp' ? (packet.plain ?? packet.raw) : undefined
      const rtp = raw && parseRtp(raw)
      // Comfort noise may have as many octets as a digit.
      return rtp && !isFault(rtp) && rtp.payload.length === 4 && rtp.payloadType !== 13 ? [rtp.payloadType] : []
    })
    precondition(media.report().received.packets > 0, 'the module did not send anything')
    expect(
      'theirs',
      [...new Set(types)].filter((type) => type !== 97),
    ).toBeEmpty()
    expect('toldBack', told).toBe('97')
  },
})
