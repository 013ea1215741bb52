import { compareDigits, precondition, promised, scenario, toldBack, toldInWords, whereReached } from 'ringproof'

export default scenario({
  id: 'dtmf/in-band',
  title: 'The DTMF test understands keys as tones in the audio, of a telephone without telephone-events',
  area: 'dtmf',
  purposes: ['KEY-INBAND'],
  provider: ['SC-3'],
  rules: {
    toldBack: promised('SC-3', 'every key that is a tone in the audio is understood, in order', {
      gravity: 'harm',
      follows: ['audio-altered', 'no-audio'],
    }),
    once: whereReached(
      promised('SC-3', 'every key that is a tone in the audio counts once', {
        gravity: 'harm',
        follows: ['audio-altered'],
        harm: 'Keys do not work in menus for old telephones, door stations and alarm systems: one key press counts several times.',
      }),
    ),
  },
  devices: { alice: { dtmfPayloadType: false } },
  needs: ['dtmf-test', 'keys-in-band'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 38,
  harm: 'Keys do not work in menus for old telephones, door stations and alarm systems: they send keys as tones in the audio, and these are not heard.',
  advice:
    'Switch the detection of tones on where telephone-event was not agreed on. Asterisk: dtmf_mode=auto at the endpoint; FreeSWITCH: spandsp_start_dtmf in the dial plan.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated, 'the call has no audio session', 'no-audio')
    const keys = '0123456789*#'
    const press = () => media.playKeys(keys, { durationMs: 150, gapMs: 100 })
    // A packet that is lost may take a tone with it, or cut it in two.
    const TRIES = 3
    for (let nth = 1; ; nth++) {
      const told = await toldBack(alice, clock, { press, count: keys.length })
      const { lost, doubled } = compareDigits(keys, told)
      const { received, rtcp } = media.report()
      const mayBeLossy = received.lost > 0 || rtcp.remoteLost !== 0
      if ((lost || doubled) && mayBeLossy) {
        if (nth < TRIES) continue
        const isLossy = received.lost > 0 || (rtcp.remoteLost ?? 0) > 0
        precondition(!isLossy, 'packets were lost, and parts of tones with them', 'packet-lost')
      }
      expect('toldBack', toldInWords(told)).toSatisfy(keys, () => !lost)
      if (told !== '') expect('once', toldInWords(told)).toSatisfy(keys, () => !doubled)
      return
    }
  },
})
