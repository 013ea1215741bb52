import { must, precondition, promised, scenario, toldBack } from 'ringproof'

export default scenario({
  id: 'dtmf/long-press',
  title: 'A key that is held for more than eight seconds is one digit',
  area: 'dtmf',
  purposes: ['EV-TS', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    one: must('RFC 4733 §2.5.2.3', 'segments of a long event are one event', { gravity: 'letter' }),
    toldBack: promised('SC-3', 'a digit that was held for long is told back', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  seconds: 32,
  harm: 'Whoever holds a key, to stop a recording or to open a door, gets it counted several times.',
  advice: 'Look at how the service reads an event whose duration has reached 65535 (RFC 4733 §2.5.1.3).',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer takes no telephone-events')
    const press = () => media.sendDigits('6', { durationMs: 9_000 })
    // More digits than one are waited for: they are what a module tells back that counts a key several times.
    const told = await toldBack(alice, clock, { press, count: 2, withinMs: 4_000 })
    expect('toldBack', told.length > 0 ? told[0] : 'nothing').toBe('6')
    expect('one', told.length).toBe(1)
  },
})
