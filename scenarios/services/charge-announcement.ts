import { promised, scenario, speechAt, whereReached } from 'ringproof'

export default scenario({
  id: 'services/charge-announcement',
  title: 'The code for the announcement of charges is confirmed, when switching it on and off',
  area: 'services',
  purposes: ['SC-9'],
  provider: ['SC-9'],
  rules: {
    answered: promised('SC-9', 'the code for the announcement of charges is accepted', {
      gravity: 'harm',
      cause: 'service-not-reachable',
      harm: 'Customers cannot switch the announcement of charges: the code is rejected.',
    }),
    once: whereReached(
      promised('SC-9', 'dialling the code for charges is confirmed by an announcement', {
        gravity: 'harm',
        cause: 'announcement-silent',
        follows: ['answer-unusable', 'announcement-not-spoken'],
      }),
    ),
    again: whereReached(
      promised('SC-9', 'dialling the code for charges again is confirmed, too', {
        gravity: 'harm',
        cause: 'announcement-silent',
        follows: ['answer-unusable', 'announcement-not-spoken'],
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['codes:chargeAnnouncement'],
  seconds: 24,
  harm: 'Customers do not hear whether the announcement of charges is switched on or off.',
  advice: 'Look at the final response in the ladder, and whether audio came after it.',
  async run({ alice, services, expect, clock }) {
    const code = services.codes.chargeAnnouncement ?? ''
    await alice.registers()
    const hears = async () => {
      const since = clock.now()
      const call = await alice.switches(code)
      return { status: call.final?.status, sound: speechAt(alice, since) }
    }
    const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
    for (const rule of ['once', 'again'] as const) {
      const { status, sound } = await hears()
      const accepted = status !== undefined && status < 300
      if (!expect('answered', status ?? 'no answer', { seen: seen() }).toSatisfy('a 2xx', () => accepted)) return
      expect(rule, sound, { seen: seen() }).toBeSpeech()
    }
  },
})
