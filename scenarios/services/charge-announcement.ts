import { promised, scenario, soundAt } from 'ringproof'

export default scenario({
  id: 'services/charge-announcement',
  title: 'The code for the announcement of charges is confirmed, switching it on and off',
  area: 'services',
  purposes: ['SC-9'],
  provider: ['SC-9'],
  rules: {
    once: promised('SC-9', 'dialling the code for charges is confirmed by an announcement', { gravity: 'letter' }),
    again: promised('SC-9', 'dialling the code for charges again is confirmed, too', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['codes:chargeAnnouncement'],
  seconds: 24,
  harm: 'Customers cannot tell whether they will be told what a call costs.',
  advice: 'Look at the final answer in the ladder, and whether its audio came.',
  async run({ alice, services, expect, clock }) {
    const code = services.codes.chargeAnnouncement ?? ''
    await alice.registers()
    const hears = async () => {
      const since = clock.now()
      const call = await alice.switches(code)
      const { sounding } = soundAt(alice, since)
      return call.final !== undefined && call.final.status < 300 && sounding > 0
        ? 'a confirmation'
        : `${call.final?.status ?? 'no answer'}, ${sounding} packets of sound`
    }
    const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
    expect('once', await hears(), { seen: seen() }).toBe('a confirmation')
    expect('again', await hears(), { seen: seen() }).toBe('a confirmation')
  },
})
