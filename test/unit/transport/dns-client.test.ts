import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, streamEncode, TRUNCATED_RESPONSE } from 'dns-packet'
import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { DnsClient, systemServers } from '../../../src/transport/dns-client.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { formatEndpoint, isNumericAddress } from '../../../src/transport/network.js'

const A = { address: '192.0.2.53', port: 53 }
const B = { address: '2001:db8::53', port: 53 }

interface Behaviour {
  rcode?: number
  mute?: (n: number) => boolean
  truncate?: boolean
  noEdns?: boolean
  forge?: boolean
  garbage?: boolean
  tcp?: 'none' | 'pieces'
}

/** Two servers, each behaving as told, and a client that asks them. */
function withServers<T>(
  records: Answer[],
  behaviour: { a?: Behaviour; b?: Behaviour },
  story: (client: DnsClient, log: string[], clock: VirtualClock) => Promise<T>,
): Promise<T> {
  const clock = new VirtualClock()
  const random = new SeededRandom('dns')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 1 } })
  const log: string[] = []
  const serve = async (at: typeof A, name: string, does: Behaviour) => {
    const reply = (query: Buffer, over: string) => {
      const { id, questions = [], additionals = [] } = decode(query)
      const [question] = questions
      log.push(`${clock.now()} ${name} ${over} ${question?.type} ${question?.name}`)
      const edns = additionals.length > 0
      const answers = records.filter(
        (r) => r.name === question?.name.toLowerCase() && [question.type, 'CNAME'].includes(r.type),
      )
      const truncated = does.truncate === true && over === 'udp'
      return {
        type: 'response' as const,
        id: id!,
        flags:
          AUTHORITATIVE_ANSWER | (truncated ? TRUNCATED_RESPONSE : 0) | (does.noEdns && edns ? 1 : (does.rcode ?? 0)),
        questions: does.noEdns && edns ? [] : questions,
        answers: truncated || (does.noEdns && edns) ? [] : answers,
      }
    }
    const socket = await network.bindUdp(at)
    let n = 0
    socket.onMessage = (data, from) => {
      const message = reply(data, 'udp')
      if (does.mute?.(++n)) return
      if (does.garbage) {
        socket.send(Buffer.concat([data.subarray(0, 2), Buffer.from('\x84\x00\x00\x01\xff\xff\xff', 'latin1')]), from)
        return
      }
      if (does.forge) {
        socket.send(encode({ ...message, id: message.id ^ 1, answers: [] }), from)
        socket.send(encode({ ...message, questions: [{ type: 'A', name: 'other.example' }] }), from)
      }
      socket.send(encode(message), from)
    }
    if (does.tcp === 'none') return
    await network.listen({
      kind: 'tcp',
      at,
      onConnection: (c) => {
        c.onData = (data) => {
          const bytes = streamEncode(reply(data.subarray(2), 'tcp'))
          for (let i = 0; i < bytes.length; i += 7) c.write(bytes.subarray(i, i + 7))
        }
      },
    })
  }
  return clock.run(async () => {
    await serve(A, 'a', behaviour.a ?? {})
    await serve(B, 'b', behaviour.b ?? {})
    return story(new DnsClient({ network, clock, random, servers: [A, B] }), log, clock)
  })
}

const zone: Answer[] = [
  { type: 'A', name: 'sip.example', ttl: 60, data: '192.0.2.1' },
  { type: 'A', name: 'sip.example', ttl: 60, data: '192.0.2.2' },
  { type: 'AAAA', name: 'sip.example', ttl: 60, data: '2001:DB8::0:1' },
  { type: 'CNAME', name: 'www.example', ttl: 60, data: 'SIP.example' },
  { type: 'CNAME', name: 'loop.example', ttl: 60, data: 'loop2.example' },
  { type: 'CNAME', name: 'loop2.example', ttl: 60, data: 'loop.example' },
]

test('addresses are found in both families, aliases followed, and absence is no error', async () => {
  await withServers(zone, {}, async (client, log) => {
    expect(await client.addresses('sip.example.', 'ipv4')).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(await client.addresses('SIP.example', 'ipv6')).toEqual(['2001:db8::1'])
    expect(await client.addresses('www.example', 'ipv4')).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(await client.addresses('nobody.example', 'ipv4')).toEqual([])
    expect(log.length).toBe(5)
    expect(await client.addresses('2001:DB8::1', 'ipv6')).toEqual(['2001:db8::1'])
    expect(await client.addresses('192.0.2.1', 'ipv6')).toEqual([])
    expect(log.length).toBe(5)
    await expect(client.addresses('loop.example', 'ipv4')).rejects.toMatchObject({ code: 'malformed' })
  })
})

test('a lost answer: the next server first, then another, more patient round', async () => {
  await withServers(zone, { a: { mute: () => true }, b: { mute: (n) => n < 3 } }, async (client, log) => {
    const reply = await client.query('sip.example', 'A')
    expect(reply.server).toEqual(B)
    expect(log.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '1 a',
      '2001 b',
      '4001 a',
      '8001 b',
      '12001 a',
      '20001 b',
    ])
  })
  await withServers(zone, { a: { mute: () => true }, b: { mute: () => true } }, async (client, _log, clock) => {
    await expect(client.query('sip.example', 'A')).rejects.toMatchObject({ code: 'timeout' })
    expect(clock.now()).toBe(28_000)
  })
})

test('a truncated answer is asked for again over TCP, from the same server', async () => {
  await withServers(zone, { a: { truncate: true } }, async (client, log) => {
    const reply = await client.query('sip.example', 'A')
    expect(reply).toMatchObject({ transport: 'tcp', server: A, rcode: 'NOERROR' })
    expect(reply.answers).toHaveLength(2)
    expect(log.map((line) => line.split(' ')[2])).toEqual(['udp', 'tcp'])
  })
  // Where that server has no TCP, the next one is asked.
  await withServers(zone, { a: { truncate: true, tcp: 'none' } }, async (client) => {
    expect((await client.query('sip.example', 'A')).server).toEqual(B)
  })
})

test('forged, damaged and unhelpful answers do not count', async () => {
  await withServers(zone, { a: { forge: true } }, async (client) => {
    expect((await client.query('sip.example', 'A')).answers).toHaveLength(2)
  })
  await withServers(zone, { a: { noEdns: true } }, async (client) => {
    expect(await client.query('sip.example', 'A')).toMatchObject({ server: A, answers: [{}, {}] })
  })
  await withServers(zone, { a: { rcode: 2 } }, async (client) => {
    expect((await client.query('sip.example', 'A')).server).toEqual(B)
  })
  await withServers(zone, { a: { rcode: 3 } }, async (client) => {
    expect((await client.query('x.example', 'A')).rcode).toBe('NXDOMAIN')
  })
  await withServers(zone, { a: { rcode: 2 }, b: { garbage: true } }, async (client) => {
    await expect(client.query('sip.example', 'A')).rejects.toMatchObject({ code: 'malformed' })
  })
  await withServers(zone, { a: { rcode: 2 }, b: { rcode: 5 } }, async (client) => {
    await expect(client.query('sip.example', 'A')).rejects.toMatchObject({
      code: 'server-failure',
      message: `DNS server ${formatEndpoint(B)}, asked for A sip.example: it answered REFUSED`,
    })
  })
})

test('the machine’s own servers are read as endpoints', () => {
  for (const server of systemServers()) expect(isNumericAddress(server.address) && server.port > 0).toBe(true)
})
