import { compareDigits, precondition, promised, scenario, toldBack, toldInWords } from 'ringproof'

export default scenario({
  id: 'dtmf/same-digit-twice',
  title: 'The same key pressed twice is two digits',
  area: 'dtmf',
  purposes: ['EV-REPEAT', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    two: promised('SC-3', 'the same key pressed twice counts twice', {
      gravity: 'harm',
      follows: ['keypad-lost', 'audio-altered'],
    }),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'PINs and numbers with a digit twice in a row are not accepted: the second key press is swallowed.',
  advice:
    'Look at how the service tells a repeated packet from a key that is pressed again: by the timestamp of the event.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer has no telephone-event', 'feature-lacking')
    const told = await toldBack(alice, clock, { press: () => call.sendDigits('1155500'), count: 7 })
    precondition(told.length > 0, 'the module sent no digits')
    expect('two', toldInWords(told)).toSatisfy('1155500', () => !compareDigits('1155500', told).lost)
  },
})
