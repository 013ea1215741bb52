import { callsBoth, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/fork-given-up',
  title: 'When the caller hangs up, all telephones of the account stop ringing',
  area: 'proxy',
  purposes: ['TX-CANCEL'],
  rules: {
    stops: must('RFC 3261 §16.10', 'when the caller hangs up, every telephone that rings gets a CANCEL', {
      gravity: 'harm',
      cause: 'cancel-lost',
      follows: ['cancel-refused'],
      harm: 'Of several telephones of an account some go on ringing after the caller has hung up.',
    }),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  transports: ['udp', 'tcp'],
  seconds: 14,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Telephones of one account go on ringing after the caller has hung up.',
  advice: 'Look at whether a CANCEL of the caller becomes one for each branch of a forked call.',
  async run({ alice, desk, kitchen, expect, within }) {
    desk.rings()
    kitchen.rings()
    const { call, atOne, atOther } = await callsBoth(alice, desk, kitchen)
    const rings = [atOne, atOther].flatMap((one) => one ?? [])
    precondition(rings.length === 2, 'the call did not reach both telephones', 'call-not-arrived')
    precondition(await within(call.ringing, 4_000), 'ringing did not reach the caller')
    await within(call.cancel(), 4_000)
    await within(Promise.all(rings.map(({ cancelled }) => cancelled)), 5_000)
    const heard = [desk.hears('CANCEL').first, kitchen.hears('CANCEL').first].flatMap((one) => one ?? [])
    expect('stops', heard.length, { seen: heard[0] }).toBe(2, 'telephone that gets a CANCEL')
  },
})
