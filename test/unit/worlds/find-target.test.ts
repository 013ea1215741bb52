import type { Answer, RecordType } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { locateEndpoints, resolveTarget } from '../../../src/worlds/find-target.js'
import { type TargetInput, targetOf } from '../../../src/target/target-file.js'
import { DnsError, type DnsReply, type Resolver } from '../../../src/transport/dns-client.js'

/** SRV records by name, as `port target`. */
function zone(srv: Record<string, string[]>, refuses = false): Resolver & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    query(name: string, type: RecordType): Promise<DnsReply> {
      asked.push(`${type} ${name}`)
      if (refuses) return Promise.reject(new DnsError('timeout', 'no answer within 2 s'))
      const lines = type === 'SRV' ? (srv[name] ?? []) : []
      const answers = lines.map((line, index): Answer => {
        const [port, target = ''] = line.split(' ')
        return { type: 'SRV', name, data: { priority: index, weight: 1, port: Number(port), target } }
      })
      return Promise.resolve({
        rcode: 'NOERROR',
        answers,
        server: { address: '192.0.2.53', port: 53 },
        transport: 'udp',
      })
    },
    addresses: () => Promise.resolve([]),
  }
}

const target = (extra: Partial<TargetInput> = {}) =>
  targetOf({ name: 't', domain: 'example.net', accounts: [{ user: '1', password: '2' }], ...extra })
const bounded = <T>(found: Promise<T>) => found
const all = {
  '_sip._udp.example.net': ['5060 one.example.net', '5060 two.example.net'],
  '_sip._tcp.example.net': ['5070 one.example.net.'],
  '_sips._tcp.example.net': ['5071 one.example.net'],
}

describe('endpoints that a target file leaves out', () => {
  test('are those that the domain announces; the certificate speaks for the domain', async () => {
    const { endpoints } = await locateEndpoints(target(), zone(all), bounded)
    expect(endpoints).toEqual({
      udp: { host: 'one.example.net', port: 5060 },
      tcp: { host: 'one.example.net', port: 5070 },
      tls: { host: 'one.example.net', port: 5071, domain: 'example.net' },
    })
  })

  test('do not replace what the file names, and none is guessed', async () => {
    const given = { udp: { host: '192.0.2.7' } }
    const some = {
      '_sip._udp.example.net': ['5060 one.example.net'],
      '_sip._tcp.example.net': ['5070 one.example.net'],
    }
    const { endpoints } = await locateEndpoints(target({ endpoints: given }), zone(some), bounded)
    expect(endpoints).toEqual({ udp: { host: '192.0.2.7', port: 5060 }, tcp: { host: 'one.example.net', port: 5070 } })
  })

  test('are not looked for where the file says that the target lacks them, or names them all', async () => {
    const dns = zone(all)
    const { endpoints } = await locateEndpoints(target({ unsupported: ['tcp', 'tls'] }), dns, bounded)
    expect(Object.keys(endpoints)).toEqual(['udp'])
    expect(dns.asked).toEqual(['NAPTR example.net', 'SRV _sip._udp.example.net'])
    const host = 'example.net'
    const complete = target({ endpoints: { udp: { host }, tcp: { host }, tls: { host } } })
    expect(await locateEndpoints(complete, zone({}, true), bounded)).toBe(complete)
  })

  test('without any record, and for a number, mean the domain itself over UDP', async () => {
    expect((await locateEndpoints(target(), zone({}), bounded)).endpoints).toEqual({
      udp: { host: 'example.net', port: 5060 },
    })
    expect((await locateEndpoints(target({ domain: '[2001:db8::1]' }), zone({}, true), bounded)).endpoints).toEqual({
      udp: { host: '2001:db8::1', port: 5060 },
    })
  })

  test('a name server that is silent: an error where nothing else is named, nothing where there is', async () => {
    await expect(locateEndpoints(target(), zone({}, true), bounded)).rejects.toThrow(
      'The target file names no endpoint, and DNS has none for example.net: no answer within 2 s',
    )
    const given = { udp: { host: '192.0.2.7' } }
    const { endpoints } = await locateEndpoints(target({ endpoints: given }), zone({}, true), bounded)
    expect(Object.keys(endpoints)).toEqual(['udp'])
  })

  test('a domain that says it has no SIP service is believed', async () => {
    const none = Object.fromEntries(Object.keys(all).map((name) => [name, ['0 .']]))
    await expect(locateEndpoints(target(), zone(none), bounded)).rejects.toThrow('offers no SIP service')
  })
})

test('names of servers are asked for at the same time: a DNS server that is silent is waited for once', async () => {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const lookUp = (host: string) => {
    asked.push(host)
    return new Promise<never>((_, reject) =>
      waiting.push(() => reject(new DnsError('timeout', 'no answer within 2 s'))),
    )
  }
  const document = target({
    endpoints: { udp: { host: 'a.example.net' }, tcp: { host: 'a.example.net' }, tls: { host: 'b.example.net' } },
    families: ['ipv4'],
  })
  const found = resolveTarget({ document, dns: zone({}), lookUp })
  expect(asked).toEqual(['a.example.net', 'b.example.net'])
  for (const fails of waiting) fails()
  expect((await found).unresolved).toEqual([
    'udp ipv4: a.example.net: no answer within 2 s',
    'tcp ipv4: a.example.net: no answer within 2 s',
    'tls ipv4: b.example.net: no answer within 2 s',
  ])
})
