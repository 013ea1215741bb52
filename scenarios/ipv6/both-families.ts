import { familyOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'ipv6/both-families',
  title: 'The servers have an address of either family, and answer on it',
  area: 'ipv6',
  purposes: ['V6-DUAL'],
  provider: ['EP-1', 'EP-2', 'EP-9'],
  rules: {
    published: promised('EP-9', "every server's name has an address of each family", { gravity: 'letter' }),
    answers: promised('EP-9', 'the server answers over each address family', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Customers with IPv6 only, or with DS-Lite, cannot register at all, or only over a slow detour.',
  advice: 'Look at the A and AAAA records of the servers, and at what they listen on.',
  async run({ alice, target, expect }) {
    const { document } = target
    const lacking: string[] = []
    for (const [transport, endpoint] of Object.entries(document.endpoints)) {
      const found = endpoint ? await target.addressesOf(endpoint.host) : []
      const families = found.map(familyOf)
      // A target file with a number instead of a name says nothing of names.
      if (!endpoint || /^[\d.]+$|:/.test(endpoint.host)) continue
      for (const family of document.families)
        if (!families.includes(family)) lacking.push(`${endpoint.host} (${transport}) has no ${family} address`)
    }
    expect('published', lacking).toBeEmpty()
    const exchange = await alice.sends('OPTIONS', `sip:${target.domain(alice.variant.transport)}`)
    precondition(exchange.final ?? exchange.status === 408, `${alice.variant.transport} is not to be had at all`)
    expect('answers', exchange.final !== undefined).toBeTrue('any answer to OPTIONS')
  },
})
