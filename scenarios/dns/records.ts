import { DnsError, finding, precondition, promised, scenario } from 'ringproof'

/** A name server that cannot help with a name or a type of record has none of it for telephones, either. */
function noneWhereRefused(error: unknown): never[] {
  if (error instanceof DnsError && error.code === 'server-failure') return []
  throw error
}

const SERVICES = {
  udp: ['_sip._udp', 'SIP+D2U'],
  tcp: ['_sip._tcp', 'SIP+D2T'],
  tls: ['_sips._tcp', 'SIPS+D2T'],
} as const

export default scenario({
  id: 'dns/records',
  title: 'The domain has address, SRV and NAPTR records, and they agree with what is published',
  area: 'dns',
  purposes: ['DNS-RECORDS'],
  provider: ['EP-8', 'EP-1', 'EP-2', 'EP-9'],
  rules: {
    addresses: promised('EP-8', 'the name of the server has an address in every family that the provider offers', {
      gravity: 'outage',
      cause: 'dns-address-missing',
      harm: 'The server’s name has no address in a family that is offered. Devices with only that family cannot register.',
    }),
    srv: finding('EP-8', 'an SRV record leads to each server', {
      gravity: 'letter',
      cause: 'dns-record-missing',
      harm: 'SRV records are missing. Telephones fall back to the address of the domain and the default port.',
    }),
    ports: finding('EP-8', 'the SRV records name the ports that are published', {
      gravity: 'harm',
      cause: 'dns-dead-record',
      harm: 'SRV records name other ports than the published ones. Telephones that go by them find no server.',
    }),
    naptr: finding('EP-8', 'a NAPTR record leads to the SRV record of each transport', {
      gravity: 'letter',
      harm: 'NAPTR records are missing: telephones that choose their transport by DNS do not find TLS.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['dns'],
  seconds: 12,
  reliesOn: 'nothing',
  step: 'register',
  harm: 'DNS records are missing or differ from what is published.',
  advice: 'Compare the zone with the settings that customers are given: names, ports and transports.',
  async run({ target, expect, within }) {
    const { document } = target
    const lacking: string[] = []
    const withoutSrv: string[] = []
    const otherPorts: string[] = []
    const withoutNaptr: string[] = []
    const recordsOf = async (name: string, type: 'SRV' | 'NAPTR') =>
      target.dns.query(name, type).then(({ answers }) => answers, noneWhereRefused)
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      const endpoint = document.endpoints[transport]
      if (!endpoint || /^[\d.]+$|:/.test(endpoint.host)) continue
      for (const family of document.families) {
        const found = await within(target.dns.addresses(endpoint.host, family).catch(noneWhereRefused), 10_000)
        precondition(found, `DNS does not answer for ${endpoint.host}`, 'no-answer')
        if (found.length === 0) lacking.push(`${endpoint.host}: no ${family} address`)
      }
      const [service, naptrService] = SERVICES[transport]
      const domain = target.domain(transport)
      const name = `${service}.${domain}`
      const srv = (await recordsOf(name, 'SRV')).flatMap((one) => (one.type === 'SRV' ? [one.data] : []))
      if (srv.length === 0) withoutSrv.push(name)
      if (srv.length > 0 && !srv.some((one) => one.port === endpoint.port))
        otherPorts.push(`${name}: port ${srv.map((one) => one.port).join(', ')} instead of ${endpoint.port}`)
      const naptr = (await recordsOf(domain, 'NAPTR')).flatMap((one) => (one.type === 'NAPTR' ? [one.data] : []))
      // RFC 3263 §4.1: the replacement need not be in the domain that was asked for; it leads to SRV records.
      const led = naptr.filter((one) => one.services.toUpperCase() === naptrService && /^s$/i.test(one.flags))
      const targets = await Promise.all(
        led.map(async ({ replacement }) =>
          sameName(replacement, name) ? srv.length : (await recordsOf(replacement, 'SRV')).length,
        ),
      )
      const told = led.length > 0 ? `${naptrService} leads to no SRV record` : `no ${naptrService}`
      if (!targets.some((count) => count > 0)) withoutNaptr.push(`${domain}: ${told}`)
    }
    expect('addresses', [...new Set(lacking)]).toBeEmpty()
    expect('srv', withoutSrv).toBeEmpty()
    expect('ports', otherPorts).toBeEmpty()
    expect('naptr', withoutNaptr).toBeEmpty()
  },
})

const sameName = (a: string, b: string) => a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '')
