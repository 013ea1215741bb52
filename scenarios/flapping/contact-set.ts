import { inconclusive, precondition, promised, scenario, uriEquals } from 'ringproof'

export default scenario({
  id: 'flapping/contact-set',
  title: 'The contacts of an account with two devices are, at every moment, those that the provider says',
  area: 'flapping',
  purposes: ['REG-SHARED'],
  provider: ['BH-10'],
  rules: {
    answer: promised('BH-10', 'the answer to each registration lists just the contacts that the provider says', {
      gravity: 'letter',
    }),
    query: promised('BH-10', 'a query after each registration lists just the contacts that the provider says', {
      gravity: 'letter',
    }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tcp', audio: false },
  },
  needs: ['shared-credentials'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Calls ring a telephone that is not wanted any more, or none at all.',
  advice: "Look at the registrar's rule for several contacts on one account, and at what it keeps when one comes anew.",
  async run({ desk, mobile, target, expect }) {
    const policy = target.document.policy.sharedCredentials
    const uris = new Map<string, string>()
    const nameOf = (uri: string) => [...uris].find(([, known]) => uriEquals(known, uri))?.[0] ?? uri
    const wrong: string[] = []
    const wrongQuery: string[] = []
    let bound: string[] = []
    let holder = desk
    let allTaken = true
    const seesOthers = new Map([desk, mobile].map(({ name }) => [name, false]))
    for (const device of [desk, mobile, desk, mobile, mobile, desk]) {
      uris.set(device.name, device.agent.contactUri)
      const outcome = await device.asksToRegister()
      precondition(outcome.exchange.final, `${device.name} got no answer to REGISTER`)
      const refused = policy === 'refuse' && bound.some((name) => name !== device.name)
      if (!refused) bound = policy === 'fork' ? [...new Set([...bound, device.name])].sort() : [device.name]
      if (outcome.ok) {
        precondition(outcome.own, 'the registrar hides or rewrites contacts: they cannot be compared')
        holder = device
        const listed = [...new Set(outcome.contacts.map(({ uri }) => nameOf(uri)))].sort()
        if (listed.join() !== device.name) seesOthers.set(device.name, true)
        if (listed.join() !== bound.join()) wrong.push(`${device.name} registered: ${listed.join(' and ') || 'none'}`)
      } else if (!refused) {
        allTaken = false
        wrong.push(`${device.name} was refused: ${outcome.status}`)
      }
      if (outcome.ok && refused) wrong.push(`${device.name} was let in beside ${bound.join()}`)
      // A border controller may tell a device of its own contact only, so that the one is asked who holds the account.
      const now = [...new Set((await holder.bindings()).map(({ uri }) => nameOf(uri)))].sort()
      if (now.join() !== bound.join()) wrongQuery.push(`after ${device.name}: ${now.join(' and ') || 'none'}`)
    }
    if (policy === 'fork' && allTaken && [...seesOthers.values()].includes(false))
      inconclusive('a device is told of its own contact only, so that it cannot be seen who else is registered')
    const seen = desk.hears(200, { to: 'REGISTER' }).last
    expect('answer', wrong, { seen, header: 'Contact' }).toBeEmpty()
    expect('query', wrongQuery, { seen, header: 'Contact' }).toBeEmpty()
  },
})
