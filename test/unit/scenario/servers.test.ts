import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { serversOf, serversOfRoute } from '../../../src/scenario/servers.js'
import type { Target } from '../../../src/scenario/target.js'

const ADDRESSES: Record<string, string[]> = { 'a.example': ['192.0.2.1'], 'b.example': ['192.0.2.2', '2001:db8::2'] }
const hop = (address: string) => ({ transport: 'udp', remote: { address, port: 5060 } }) as const
const variant = { transport: 'udp', family: 'ipv4' } as const
const random = new SeededRandom('servers')

/** A target whose SRV records name these hosts. */
function targetWith(hosts: readonly string[]): Pick<Target, 'dns' | 'domain' | 'addressesOf' | 'hops'> {
  const answers = hosts.map((target, index) => ({
    type: 'SRV' as const,
    name: '_sip._udp.example',
    data: { target, port: 5060, priority: index, weight: 0 },
  }))
  return {
    dns: {
      query: (name, type) =>
        Promise.resolve({
          rcode: 'NOERROR',
          answers: type === 'SRV' && name === '_sip._udp.example' ? answers : [],
          server: { address: '192.0.2.53', port: 53 },
          transport: 'udp',
        }),
      addresses: (host, family) =>
        Promise.resolve((ADDRESSES[host] ?? []).filter((one) => one.includes(':') === (family === 'ipv6'))),
    },
    domain: () => 'example',
    addressesOf: (host) => Promise.resolve(ADDRESSES[host] ?? []),
    hops: () => [hop('192.0.2.1')],
  }
}

const device = { hop: hop('192.0.2.1'), variant }
const at = (hops: readonly { remote: { address: string } }[]) => hops.map(({ remote }) => remote.address)

test('the servers of a device: where it goes, then the others of its family, each once', async () => {
  expect(at(await serversOf(device, { target: targetWith(['a.example', 'b.example']), random }))).toEqual([
    '192.0.2.1',
    '192.0.2.2',
  ])
  expect(at(await serversOf(device, { target: targetWith([]), random }))).toEqual(['192.0.2.1'])
  // RFC 2782: "." says that there is no such service.
  expect(at(await serversOf(device, { target: targetWith(['.']), random }))).toEqual(['192.0.2.1'])
})

test('a route leads to all servers of a name, and to one by its address', async () => {
  const target = targetWith(['a.example', 'b.example'])
  const servers = await serversOf(device, { target, random })
  const of = (...routeSet: string[]) => serversOfRoute({ dialog: { routeSet } }, { servers, variant, target, random })
  expect(at(await of('sip:rr@example;lr'))).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(at(await of('sip:rr@192.0.2.2;lr', 'sip:example;lr'))).toEqual(['192.0.2.2'])
  expect(at(await of())).toEqual([])
  expect(at(await of('sip:rr@elsewhere.example;lr'))).toEqual([])
})
