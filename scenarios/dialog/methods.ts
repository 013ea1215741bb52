import { finding, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/methods',
  title: 'A service number says which requests it does not take, and which it does',
  area: 'dialog',
  purposes: ['UA-405'],
  provider: ['SC-4'],
  rules: {
    known: finding('RFC 3261 §8.2.1', 'a request that is known but of no use here is answered 405', {
      gravity: 'harm',
      harm: 'Devices ask again and again for what is not there (subscriptions, messages) instead of giving up.',
    }),
    unknown: finding('RFC 3261 §21.5.2', 'a request of a kind that nobody knows is answered 501', {
      gravity: 'harm',
      harm: 'Devices ask again and again for what is not there (subscriptions, messages) instead of giving up.',
    }),
    allow: whereReached(must('RFC 3261 §8.2.1', 'a 405 lists in Allow what is possible', { gravity: 'letter' })),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'Devices ask again and again for what is not there (subscriptions, messages) instead of giving up.',
  advice:
    'Look at the answers of the service to requests other than calls. Some providers refuse such requests by policy, with 403 or 404.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const uri = `sip:${services.echo}@${alice.agent.account.domain}`
    const contact = `<${alice.agent.contactUri}>`
    const known = await within(
      alice.sends('SUBSCRIBE', uri, { headers: { Event: 'presence', Expires: '60', Contact: contact } }),
      6_000,
    )
    const unknown = await within(alice.sends('RINGPROOF', uri), 6_000)
    precondition(known?.final ?? unknown?.final, 'neither request was answered')
    precondition(known?.status !== 401 && known?.status !== 407, 'the requests were not let in')
    const answer = alice.hears(undefined, { to: 'SUBSCRIBE' }).last
    expect('known', known?.status, { seen: answer }).toBe(405)
    expect('unknown', unknown?.status, { seen: alice.hears(undefined, { to: 'RINGPROOF' }).last }).toBe(501)
    for (const exchange of [known, unknown]) {
      if (exchange?.final?.status !== 405) continue
      expect('allow', exchange.final.headers.get('Allow'), { seen: answer, header: 'Allow' }).toBePresent()
    }
  },
})
