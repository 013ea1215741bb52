import { familyOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'ipv6/both-families',
  title: 'The servers have an address of each family, and answer on it',
  area: 'ipv6',
  purposes: ['V6-DUAL'],
  provider: ['EP-1', 'EP-2', 'EP-9'],
  rules: {
    published: promised('EP-9', "every server's name has an address of each family", {
      gravity: 'outage',
      cause: 'dns-address-missing',
      harm: 'Customers with one address family only cannot register: DNS has no {lacking|address} for a server.',
    }),
    answers: promised('EP-9', 'the server answers over each address family', { gravity: 'outage' }),
  },
  devices: { alice: {} },
  reliesOn: 'reach',
  step: 'register',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Customers with one address family only cannot register: the server does not answer there.',
  advice: 'Look at the A and AAAA records of the servers, and at the addresses that they listen on.',
  async run({ alice, target, expect, figure }) {
    const { document } = target
    const lacking: string[] = []
    const records = new Set<string>()
    for (const [transport, endpoint] of Object.entries(document.endpoints)) {
      const found = endpoint ? await target.addressesOf(endpoint.host) : []
      const families = found.map(familyOf)
      // An address in the target file has no records.
      if (!endpoint || /^[\d.]+$|:/.test(endpoint.host)) continue
      for (const family of document.families) {
        if (families.includes(family)) continue
        lacking.push(`${endpoint.host} (${transport}) has no ${family} address`)
        records.add(family === 'ipv6' ? 'AAAA record' : 'A record')
      }
    }
    if (records.size > 0) figure('lacking', [...records].join(' or '))
    expect('published', lacking).toBeEmpty()
    const exchange = await alice.sends('OPTIONS', `sip:${target.domain(alice.variant.transport)}`)
    precondition(
      exchange.final ?? exchange.status === 408,
      `no connection over ${alice.variant.transport}`,
      'no-connection',
    )
    expect('answers', exchange.final !== undefined).toBeTrue('any answer to OPTIONS')
  },
})
