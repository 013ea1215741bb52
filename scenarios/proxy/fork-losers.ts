import { callsBoth, must, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/fork-losers',
  title: 'When one of two telephones of an account answers, the other stops ringing',
  area: 'proxy',
  purposes: ['PRX-FORK'],
  rules: {
    bothRing: promised('BH-11', 'both telephones of an account ring', {
      gravity: 'harm',
      cause: 'call-not-delivered',
      harm: 'Of two telephones of an account only one rings.',
    }),
    stops: must('RFC 3261 §16.7', 'once a 2xx is forwarded, branches that still ring are cancelled', {
      gravity: 'harm',
      follows: ['cancel-lost'],
      harm: 'Telephones go on ringing after the call was answered at another one.',
    }),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  transports: ['udp', 'tcp'],
  seconds: 12,
  reliesOn: 'call',
  step: 'call',
  harm: 'Telephones of one account do not ring and stop ringing together.',
  advice: 'Look at whether the proxy sends CANCEL to the other branches of a forked call when one answers.',
  async run({ alice, desk, kitchen, expect, within, waits }) {
    desk.waitsForTheStory()
    kitchen.rings()
    const { call, atOne: winner, atOther: loser } = await callsBoth(alice, desk, kitchen)
    expect('bothRing', [winner, loser].filter(Boolean).length).toBe(2, 'device that rings')
    precondition(winner && loser, 'the call did not reach both telephones', 'call-not-arrived')
    await winner.ring()
    await waits(500)
    await winner.answer()
    await within(call.answered, 4_000)
    const cancelled = await within(loser.cancelled, 4_000)
    expect('stops', cancelled?.method ?? 'no CANCEL', { seen: kitchen.hears('CANCEL').first }).toBe('CANCEL')
    await within(call.hangUp(), 4_000)
  },
})
