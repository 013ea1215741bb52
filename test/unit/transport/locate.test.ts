import type { Answer, RecordType, SrvData } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { parseUri } from '../../../src/message/uri.js'
import { DnsError, type DnsReply, type Resolver } from '../../../src/transport/dns-client.js'
import { type LocateOptions, locate, orderServices } from '../../../src/transport/locate.js'
import { type Family, formatEndpoint } from '../../../src/transport/network.js'

type Zone = Record<string, { A?: string[]; AAAA?: string[]; SRV?: string[]; NAPTR?: string[] }>

/** A resolver over a zone in presentation format; a record of `!` is a server that refuses. */
function resolver(zone: Zone): Resolver & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async query(name: string, type: RecordType): Promise<DnsReply> {
      asked.push(`${type} ${name}`)
      const lines = (type === 'SRV' || type === 'NAPTR' ? zone[name]?.[type] : undefined) ?? []
      if (lines[0] === '!') throw new DnsError('server-failure', 'REFUSED')
      const answers = lines.map((line): Answer => {
        const f = line.split(' ')
        if (type === 'SRV') {
          const data = { priority: Number(f[0]), weight: Number(f[1]), port: Number(f[2]), target: f[3]! }
          return { type: 'SRV', name, data }
        }
        const data = {
          order: Number(f[0]),
          preference: Number(f[1]),
          flags: f[2]!,
          services: f[3]!,
          regexp: '',
          replacement: f[4]!,
        }
        return { type: 'NAPTR', name, data }
      })
      return { rcode: 'NOERROR', answers, server: { address: '192.0.2.53', port: 53 }, transport: 'udp' }
    },
    async addresses(name: string, family: Family) {
      const type = family === 'ipv4' ? 'A' : 'AAAA'
      asked.push(`${type} ${name}`)
      const found = zone[name]?.[type] ?? []
      if (found[0] === '!') throw new DnsError('timeout', 'no answer')
      return found
    },
  }
}

const find = async (target: string, zone: Zone, over: Partial<LocateOptions> = {}) => {
  const dns = resolver(zone)
  const found = await locate(target, { dns, random: new SeededRandom('locate'), ...over })
  return { hops: found.map((hop) => `${hop.transport} ${formatEndpoint(hop.remote)}`), found, asked: dns.asked }
}

const full: Zone = {
  'example.com': {
    NAPTR: [
      '90 50 s SIP+D2T _sip._tcp.example.com',
      '50 50 S SIPS+D2T _sips._tcp.example.com',
      '100 50 s SIP+D2U _sip._udp.example.com',
      '10 10 s E2U+sip _nonsense.example.com',
      '10 10 u SIP+D2U _wrong-flag.example.com',
      '10 10 s SIP+D2S _sip._sctp.example.com',
    ],
    A: ['192.0.2.99'],
  },
  '_sips._tcp.example.com': { SRV: ['0 1 5061 tls.example.com'] },
  '_sip._tcp.example.com': { SRV: ['10 1 5080 b.example.com', '0 1 5070 a.example.com'] },
  '_sip._udp.example.com': { SRV: ['0 1 5060 a.example.com'] },
  'a.example.com': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] },
  'b.example.com': { A: ['192.0.2.3'] },
  'tls.example.com': { A: ['192.0.2.4'], AAAA: ['2001:db8::4'] },
}

describe('RFC 3263 §4.1, §4.2', () => {
  test('NAPTR names the transports in the domain’s order; SRV the servers; the client’s family order decides last', async () => {
    const { hops, found } = await find('example.com', full)
    expect(hops).toEqual([
      'tls [2001:db8::4]:5061',
      'tls 192.0.2.4:5061',
      'tcp [2001:db8::1]:5070',
      'tcp 192.0.2.1:5070',
      'tcp 192.0.2.2:5070',
      'tcp 192.0.2.3:5080',
      'udp [2001:db8::1]:5060',
      'udp 192.0.2.1:5060',
      'udp 192.0.2.2:5060',
    ])
    // RFC 5922 §7.3: the certificate must be the domain's, not the server's.
    expect(found[0]?.serverName).toBe('example.com')
    expect(found[2]?.serverName).toBeUndefined()
    const four = await find('sip:bob@example.com', full, { transports: ['udp'], families: ['ipv4', 'ipv6'] })
    expect(four.hops).toEqual(['udp 192.0.2.1:5060', 'udp 192.0.2.2:5060', 'udp [2001:db8::1]:5060'])
  })

  test('a sips URI uses nothing but TLS', async () => {
    const { hops } = await find('sips:bob@example.com', full, { families: ['ipv4'] })
    expect(hops).toEqual(['tls 192.0.2.4:5061'])
    expect((await find('sips:bob@example.com;transport=tcp', full, { families: ['ipv4'] })).hops).toEqual(hops)
    await expect(find('sips:example.com', full, { transports: ['udp', 'tcp'] })).rejects.toMatchObject({
      code: 'transport',
    })
    await expect(find('sips:example.com;transport=udp', full)).rejects.toMatchObject({ code: 'transport' })
    expect((await find('sips:192.0.2.7', {})).hops).toEqual(['tls 192.0.2.7:5061'])
  })

  test('a transport parameter skips NAPTR; an explicit port skips SRV too', async () => {
    const tcp = await find('sip:example.com;transport=TCP', full, { families: ['ipv4'] })
    expect(tcp.hops).toEqual(['tcp 192.0.2.1:5070', 'tcp 192.0.2.2:5070', 'tcp 192.0.2.3:5080'])
    expect(tcp.asked).not.toContain('NAPTR example.com')
    const port = await find('sip:example.com:5060', full, { families: ['ipv4'] })
    expect(port).toMatchObject({ hops: ['udp 192.0.2.99:5060'], asked: ['A example.com'] })
    expect((await find('example.com:5999;transport=tls', full, { families: ['ipv4'] })).hops).toEqual([
      'tls 192.0.2.99:5999',
    ])
    await expect(find('sip:example.com;transport=sctp', full)).rejects.toMatchObject({ code: 'transport' })
  })

  test('a numeric host asks nobody; maddr is the target', async () => {
    expect(await find('sip:[2001:DB8::7]:5070;transport=tcp', {})).toMatchObject({
      hops: ['tcp [2001:db8::7]:5070'],
      asked: [],
    })
    expect((await find('192.0.2.7', {})).hops).toEqual(['udp 192.0.2.7:5060'])
    expect((await find('2001:db8::7', {}, { transports: ['tls'] })).hops).toEqual(['tls [2001:db8::7]:5061'])
    expect((await find('sip:example.com;maddr=192.0.2.8', full)).hops).toEqual(['udp 192.0.2.8:5060'])
    await expect(find('sip:192.0.2.7', {}, { families: ['ipv6'] })).rejects.toMatchObject({ code: 'no-address' })
    expect(
      (await locate(parseUri('sip:192.0.2.7'), { dns: resolver({}), random: new SeededRandom(1) }))[0]?.remote.port,
    ).toBe(5060)
  })

  test('without NAPTR, SRV is asked for each transport of the client; without SRV, the domain itself is the server', async () => {
    const { NAPTR: _, ...rest } = full['example.com']!
    const noNaptr = await find(
      'example.com',
      { ...full, 'example.com': rest },
      { families: ['ipv4'], transports: ['tls', 'udp'] },
    )
    expect(noNaptr.hops).toEqual(['tls 192.0.2.4:5061', 'udp 192.0.2.1:5060', 'udp 192.0.2.2:5060'])
    const bare = { 'example.com': { A: ['192.0.2.99'], NAPTR: ['!'] }, '_sip._udp.example.com': { SRV: ['!'] } }
    expect((await find('example.com', bare)).hops).toEqual(['udp 192.0.2.99:5060'])
    expect((await find('sips:example.com', bare)).hops).toEqual(['tls 192.0.2.99:5061'])
  })

  test('what is not there is said', async () => {
    await expect(find('example.com', {})).rejects.toMatchObject({ code: 'no-address' })
    await expect(find('tel:+4921112345', {})).rejects.toMatchObject({ code: 'scheme' })
    // RFC 2782: a lone "." declares that the service is not offered.
    const refused = { 'example.com': { A: ['192.0.2.99'] }, '_sip._udp.example.com': { SRV: ['0 0 0 .'] } }
    await expect(find('example.com', refused)).rejects.toMatchObject({ code: 'not-available' })
    // One family's silence does not hide the other's addresses.
    expect((await find('example.com:5060', { 'example.com': { A: ['192.0.2.99'], AAAA: ['!'] } })).hops).toEqual([
      'udp 192.0.2.99:5060',
    ])
    await expect(find('example.com:5060', { 'example.com': { AAAA: ['!'] } })).rejects.toMatchObject({
      code: 'timeout',
    })
  })
})

test('RFC 2782: priorities in order; within one, first places in proportion to the weights', () => {
  const random = new SeededRandom('weights')
  const record = (priority: number, weight: number, target: string): SrvData => ({
    priority,
    weight,
    port: 5060,
    target,
  })
  const records = [
    record(1, 60, 'six'),
    record(1, 30, 'three'),
    record(0, 0, 'first'),
    record(1, 10, 'one'),
    record(1, 0, 'nought'),
  ]
  const firsts: Record<string, number> = {}
  for (let i = 0; i < 10_000; i++) {
    const order = orderServices(records, random).map(({ target }) => target)
    expect(order[0]).toBe('first')
    expect(order.toSorted()).toEqual(['first', 'nought', 'one', 'six', 'three'])
    firsts[order[1]!] = (firsts[order[1]!] ?? 0) + 1
  }
  expect(Math.abs(firsts['six']! - 5940)).toBeLessThan(200)
  expect(Math.abs(firsts['three']! - 2970)).toBeLessThan(200)
  expect(Math.abs(firsts['one']! - 990)).toBeLessThan(120)
  expect(Math.abs(firsts['nought']! - 100)).toBeLessThan(50)
})
