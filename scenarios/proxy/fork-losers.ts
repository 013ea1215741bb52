import { must, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/fork-losers',
  title: 'When one of two telephones of an account answers, the other stops ringing',
  area: 'proxy',
  purposes: ['PRX-FORK'],
  rules: {
    bothRing: promised('BH-11', 'both telephones of an account ring', { gravity: 'letter' }),
    stops: must('RFC 3261 §16.7', 'once a 2xx is forwarded, branches that still ring are cancelled', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  transports: ['udp', 'tcp'],
  seconds: 12,
  harm: 'Telephones go on ringing after the call was taken at another one.',
  advice: 'Look at whether the proxy sends CANCEL to the other branches of a forked call.',
  async run({ alice, desk, kitchen, expect, within, waits }) {
    await alice.registers()
    await desk.registers()
    await kitchen.registers()
    desk.waitsForTheStory()
    kitchen.rings()
    const atDesk = desk.nextCall()
    const inKitchen = kitchen.nextCall()
    const call = await alice.invites(desk)
    const winner = await atDesk
    const loser = await inKitchen
    precondition(call.final?.status !== 401 && call.final?.status !== 407, 'the caller could not log in')
    expect('bothRing', [winner, loser].filter(Boolean).length).toBe(2)
    precondition(winner && loser, 'the call did not reach both telephones')
    await winner.ring()
    await waits(500)
    await winner.answer()
    await within(call.answered, 4_000)
    const cancelled = await within(loser.cancelled, 4_000)
    expect('stops', cancelled?.method, { seen: kitchen.hears('CANCEL').first }).toBe('CANCEL')
    await within(call.hangUp(), 4_000)
  },
})
