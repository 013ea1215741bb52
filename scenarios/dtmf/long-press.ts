import { compareDigits, must, precondition, promised, scenario, toldBack, toldInWords, whereReached } from 'ringproof'

export default scenario({
  id: 'dtmf/long-press',
  title: 'A key held for nine seconds is one digit',
  area: 'dtmf',
  purposes: ['EV-TS', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    toldBack: promised('SC-3', 'a digit that is held for long is understood', {
      gravity: 'harm',
      follows: ['keypad-lost', 'audio-altered'],
      harm: 'A key that is held for long is not understood.',
    }),
    one: whereReached(
      must('RFC 4733 §2.5.2.3', 'segments of a long event are one event', {
        gravity: 'harm',
        follows: ['keypad-doubled', 'keypad-timing'],
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  seconds: 32,
  harm: 'A key that is held for long, to stop a recording or to open a door, counts several times.',
  advice: 'Look at how the service reads an event whose duration has reached 65535 (RFC 4733 §2.5.1.3: segments).',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer has no telephone-event', 'feature-lacking')
    const press = () => media.sendDigits('6', { durationMs: 9_000 })
    // A module that counts the key several times sends more digits than one.
    const told = await toldBack(alice, clock, { press, count: 2, keys: 1, withinMs: 4_000 })
    const { lost, doubled } = compareDigits('6', told)
    if (expect('toldBack', toldInWords(told)).toSatisfy('6', () => !lost))
      expect('one', toldInWords(told)).toSatisfy('6', () => !doubled)
  },
})
