import { announcedServers, familyOf, finding, formatEndpoint, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'dns/dead-records',
  title: 'Every server that DNS leads to answers',
  area: 'dns',
  purposes: ['DNS-DEAD', 'DNS-RECORDS'],
  provider: ['EP-8', 'EP-9'],
  rules: {
    found: promised('EP-8', 'DNS leads to a server for this transport and family', {
      gravity: 'outage',
      cause: 'dns-address-missing',
      harm: 'DNS leads to no server for this transport and address family.',
    }),
    alive: finding('EP-8', 'a server answers at each address and port that DNS names', {
      gravity: 'harm',
      cause: 'dns-dead-record',
      follows: ['not-reachable'],
      harm: 'DNS names servers that do not answer: some registrations and calls take long or fail.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['dns'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  reliesOn: 'nothing',
  step: 'register',
  harm: 'DNS does not lead to servers that answer.',
  advice:
    'Remove the records of servers that are gone, or find out why the named one does not answer: process, port, firewall.',
  async run({ alice, target, random, expect, within }) {
    const { transport, family } = alice.variant
    const domain = target.domain(transport)
    const announced = await within(
      announcedServers(domain, { dns: target.dns, random, transports: [transport], families: [family] }).catch(
        (error: unknown) => {
          // A domain that says that it has no such service leads nowhere by its records.
          if (error instanceof Error && error.name === 'LocateError') return []
          throw error
        },
      ),
      12_000,
    )
    precondition(announced, `DNS does not answer for ${domain}`, 'no-answer')
    const endpoint = target.document.endpoints[transport]
    const byName = endpoint ? await target.addressesOf(endpoint.host) : []
    const byRecords = await Promise.all(
      announced
        .filter((server) => server.transport === transport)
        .map(async ({ host, port }) =>
          (await target.dns.addresses(host, family).catch(() => [])).map((address) => ({ address, port })),
        ),
    )
    const places = new Map(
      [
        ...byRecords.flat(),
        ...byName
          .filter((one) => familyOf(one) === family)
          .map((address) => ({ address, port: endpoint?.port ?? 5060 })),
      ].map((place) => [formatEndpoint(place), place]),
    )
    if (!expect('found', places.size > 0).toBeTrue('a server')) return
    const dead: string[] = []
    await Promise.all(
      [...places].map(async ([name, remote]) => {
        const callId = random.token(24)
        const request = alice.composes('OPTIONS', `sip:${domain}`, { callId })
        const hop = { ...alice.hop, remote }
        const answer = alice.hears(undefined, { callId })
        for (let tries = 0; tries < (transport === 'udp' ? 3 : 1); tries++) {
          const sent = alice.transmits(request, hop).then(
            () => true,
            () => false,
          )
          if (!(await within(sent, 5_000))) break
          if (await answer.next(2_000)) return
        }
        dead.push(`${name} over ${transport}`)
      }),
    )
    expect('alive', dead).toBeEmpty()
  },
})
