import { inconclusive, precondition, promised, scenario, uriEquals } from 'ringproof'

export default scenario({
  id: 'flapping/contact-set',
  title: 'The registrar lists the contacts of an account with two devices as its policy says',
  area: 'flapping',
  purposes: ['REG-SHARED'],
  provider: ['BH-10'],
  rules: {
    taken: promised('BH-10', 'each registration of two devices on one account is accepted or refused by the policy', {
      gravity: 'outage',
      cause: 'second-device-refused',
      follows: ['registration-refused'],
      harm: 'A second telephone on an account is {second|not treated as the policy says}.',
    }),
    complete: promised('BH-10', 'each contact that the policy keeps is listed', {
      gravity: 'outage',
      cause: 'binding-lost',
      follows: ['registrar/query-changes-nothing', 'binding-not-listed'],
      harm: 'A telephone that has registered is not listed, so that it is not called.',
    }),
    noMore: promised('BH-10', 'no contact is listed that the policy displaces', {
      gravity: 'harm',
      cause: 'binding-not-removed',
      harm: 'Calls ring a telephone that another one of its account has displaced.',
    }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tcp', audio: false },
  },
  needs: ['shared-credentials'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Two telephones of one account are not registered as promised.',
  advice:
    "Look at the registrar's limit of contacts for an account, and what it does when one more registers. Kamailio, OpenSIPS: max_contacts of the registrar module; Asterisk: max_contacts and remove_existing of the AOR.",
  async run({ desk, mobile, target, expect, figure }) {
    const policy = target.document.policy.sharedCredentials
    const uris = new Map<string, string>()
    const nameOf = (uri: string) => [...uris].find(([, known]) => uriEquals(known, uri))?.[0] ?? uri
    const refusals: string[] = []
    const missing: string[] = []
    const extra: string[] = []
    /** Holds what was listed against the policy. */
    const compare = (when: string, listed: readonly string[]) => {
      const has = listed.join(' and ') || 'none'
      if (bound.some((name) => !listed.includes(name))) missing.push(`${when}: ${has}`)
      if (listed.some((name) => !bound.includes(name))) extra.push(`${when}: ${has}`)
    }
    let bound: string[] = []
    let holder = desk
    let allTaken = true
    const seesOthers = new Map([desk, mobile].map(({ name }) => [name, false]))
    for (const device of [desk, mobile, desk, mobile, mobile, desk]) {
      uris.set(device.name, device.contactUri)
      const outcome = await device.asksToRegister()
      precondition(outcome.exchange.final, `${device.name} got no answer to REGISTER`, 'no-answer')
      const refused = policy === 'refuse' && bound.some((name) => name !== device.name)
      if (!refused && outcome.ok)
        bound = policy === 'fork' ? [...new Set([...bound, device.name])].sort() : [device.name]
      if (outcome.ok) {
        precondition(outcome.own, 'the registrar hides or rewrites contacts, which cannot be compared then')
        holder = device
        const listed = [...new Set(outcome.contacts.map(({ uri }) => nameOf(uri)))].sort()
        if (listed.join() !== device.name) seesOthers.set(device.name, true)
        compare(`the answer to ${device.name}`, listed)
      } else if (!refused) {
        allTaken = false
        refusals.push(`${device.name} was refused with ${outcome.status}`)
      }
      if (outcome.ok && refused) refusals.push(`${device.name} was accepted beside ${bound.join()}`)
      // A border controller may tell a device of its own contact only, so that the one is asked who holds the account.
      const now = [...new Set((await holder.bindings()).map(({ uri }) => nameOf(uri)))].sort()
      compare(`a query after ${device.name}`, now)
    }
    if (policy === 'fork' && allTaken && [...seesOthers.values()].includes(false))
      inconclusive('each device is told of its own contact only, so that others cannot be seen')
    const seen = desk.hears(200, { to: 'REGISTER' }).last
    if (policy !== 'refuse') figure('second', 'refused')
    expect('taken', refusals, { seen }).toBeEmpty()
    expect('complete', missing, { seen, header: 'Contact' }).toBeEmpty()
    expect('noMore', extra, { seen, header: 'Contact' }).toBeEmpty()
  },
})
