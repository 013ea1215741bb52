import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { createRequest, createResponse } from '../../../src/message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/message/message.js'
import { MemoryNetwork, type MemoryNetworkOptions } from '../../../src/transport/memory-network.js'
import { formatEndpoint, NetworkError, type StreamConnection, type UdpSocket } from '../../../src/transport/network.js'
import {
  type Flow,
  type Hop,
  SipTransport,
  type SipTransportOptions,
  type TransportName,
} from '../../../src/transport/sip-transport.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

interface Ear {
  readonly transport: SipTransport
  readonly heard: { message: SipMessage; flow: Flow; codes: string[] }[]
  readonly garbage: string[]
}

class World {
  readonly clock = new VirtualClock()
  readonly network: MemoryNetwork

  constructor(o: Partial<MemoryNetworkOptions> = {}) {
    this.network = new MemoryNetwork({ clock: this.clock, random: new SeededRandom(1), link: { delayMs: 1 }, ...o })
  }

  async ear(
    address: string,
    listen: readonly TransportName[] = ['udp', 'tcp'],
    o: Partial<SipTransportOptions> = {},
  ): Promise<Ear> {
    const { clock, network } = this
    const transport = new SipTransport({ network, clock, parseMode: 'strict', localAddress: address, ...o })
    const ear: Ear = { transport, heard: [], garbage: [] }
    transport.onMessage = (message, flow, _at, violations) => {
      ear.heard.push({ message, flow, codes: violations.map(({ code }) => code) })
    }
    transport.onGarbage = (_bytes, _flow, violations) => ear.garbage.push(violations.map(({ code }) => code).join())
    for (const name of listen) {
      const tls = name === 'tls' ? { tls: { cert: '', key: '' } } : {}
      await transport.listen({ transport: name, at: { address, port: name === 'tls' ? 5061 : 5060 }, ...tls })
    }
    return ear
  }
}

function scene(story: (world: World) => Promise<void>, o: Partial<MemoryNetworkOptions> = {}): Promise<void> {
  const world = new World(o)
  return world.clock.run(() => story(world))
}

function options(via?: string, body = ''): SipRequest {
  return createRequest({
    method: 'OPTIONS',
    uri: 'sip:bob@example.com',
    from: '<sip:alice@example.com>;tag=a',
    to: '<sip:bob@example.com>',
    callId: 'c1',
    cseq: 1,
    via,
    body,
  })
}

function ok(message: SipMessage): SipResponse {
  if (message.kind !== 'request') throw new Error('only a request is answered')
  return createResponse(message, 200)
}

const to = (address: string, transport: TransportName = 'udp', port = 5060): Hop => ({
  transport,
  remote: { address, port },
})

/** A socket that sends text and keeps what comes. */
async function bare(world: World, address: string, port: number) {
  const socket: UdpSocket = await world.network.bindUdp({ address, port })
  const heard: string[] = []
  socket.onMessage = (data) => heard.push(data.toString('latin1'))
  return {
    heard,
    send: (text: string | Buffer) => socket.send(Buffer.from(text), { address: BOB, port: 5060 }),
  }
}

/** A connection that sends text and keeps what comes. */
async function stream(world: World, address = ALICE) {
  const connection: StreamConnection = await world.network.connect({
    kind: 'tcp',
    remote: { address: BOB, port: 5060 },
    localAddress: address,
  })
  const state = { heard: '', closed: false }
  connection.onData = (data) => {
    state.heard += data.toString('latin1')
  }
  connection.onClose = () => {
    state.closed = true
  }
  return { connection, state, send: (text: string | Buffer) => connection.write(Buffer.from(text)) }
}

describe('where a UDP response goes', () => {
  // [title, Via as sent from 10.0.0.1:40000, what the Via says on arrival, where the response goes]
  const cases: [string, string, string, string, number][] = [
    [
      'sent-by that equals the source: to the sent-by port (RFC 3261 §18.2.2)',
      'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1',
      'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1',
      ALICE,
      5070,
    ],
    [
      'a name: received is added, the port stays the sent-by one (§18.2.1)',
      'SIP/2.0/UDP pc.example.com:5070;branch=z9hG4bK1',
      'SIP/2.0/UDP pc.example.com:5070;branch=z9hG4bK1;received=10.0.0.1',
      ALICE,
      5070,
    ],
    [
      'another address, no port: received, 5060',
      'SIP/2.0/UDP 192.168.1.7;branch=z9hG4bK1',
      'SIP/2.0/UDP 192.168.1.7;branch=z9hG4bK1;received=10.0.0.1',
      ALICE,
      5060,
    ],
    [
      'rport: both are filled in even where the address is right, and used (RFC 3581 §4)',
      'SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK1',
      'SIP/2.0/UDP 10.0.0.1:5070;rport=40000;branch=z9hG4bK1;received=10.0.0.1',
      ALICE,
      40_000,
    ],
    [
      'a received of the sender’s own making counts for nothing',
      'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;received=10.9.9.9',
      'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;received=10.0.0.1',
      ALICE,
      5070,
    ],
    [
      'maddr goes before all (§18.2.2)',
      'SIP/2.0/UDP 10.0.0.1:5070;maddr=10.0.0.7;rport;branch=z9hG4bK1',
      'SIP/2.0/UDP 10.0.0.1:5070;maddr=10.0.0.7;rport=40000;branch=z9hG4bK1;received=10.0.0.1',
      '10.0.0.7',
      5070,
    ],
  ]
  for (const [title, via, arrives, address, port] of cases) {
    it(title, () =>
      scene(async (world) => {
        const bob = await world.ear(BOB)
        const sender = await bare(world, ALICE, 40_000)
        const receiver = address === ALICE && port === 40_000 ? sender : await bare(world, address, port)
        sender.send(options(via).toBytes())
        await world.clock.sleep(5)
        const { message, flow } = bob.heard[0]!
        expect(message.headers.get('via')).toBe(arrives)
        await bob.transport.sendResponse(ok(message), flow)
        await world.clock.sleep(5)
        expect(receiver.heard.length).toBe(1)
        expect(receiver.heard[0]).toContain('SIP/2.0 200 OK')
      }),
    )
  }

  it('leaves from the port that the request reached, of several', () =>
    scene(async (world) => {
      const bob = await world.ear(BOB)
      await bob.transport.listen({ transport: 'udp', at: { address: BOB, port: 5080 } })
      const socket = await world.network.bindUdp({ address: ALICE, port: 5060 })
      const from: number[] = []
      socket.onMessage = (_data, source) => from.push(source.port)
      for (const port of [5060, 5080])
        socket.send(options(`SIP/2.0/UDP ${ALICE};rport;branch=z9hG4bK${port}`).toBytes(), { address: BOB, port })
      await world.clock.sleep(5)
      for (const { message, flow } of bob.heard) await bob.transport.sendResponse(ok(message), flow)

      await world.clock.sleep(5)
      expect(from).toEqual([5060, 5080])
    }))
})

describe('connections', () => {
  it('are used again, and opened once for requests at the same time (RFC 3261 §18.1.1)', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      const bob = await world.ear(BOB)
      const hop = to(BOB, 'tcp')
      const [one, two] = await Promise.all([alice.transport.flowTo(hop), alice.transport.flowTo(hop)])
      expect(one).toBe(two)
      expect(alice.transport.openFlow(hop)).toBe(one)
      await alice.transport.send(options('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1'), hop)
      await world.clock.sleep(5)
      const { message, flow } = bob.heard[0]!
      expect([flow.inbound, flow.remote]).toEqual([true, one.local])
      await bob.transport.sendResponse(ok(message), flow)
      await world.clock.sleep(5)
      expect(alice.heard[0]!.flow).toBe(one)
    }))

  it('carry over TLS only what is meant for the name that was proved', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE, ['udp', 'tls'])
      await world.ear(BOB, ['tls'])
      const hop: Hop = { transport: 'tls', remote: { address: BOB, port: 5061 }, serverName: 'a.example' }
      const flow = await alice.transport.flowTo(hop)
      expect(flow.tls?.standIn).toBe(true)
      expect(alice.transport.openFlow(hop)).toBe(flow)
      expect(alice.transport.openFlow({ ...hop, serverName: 'b.example' })).toBeUndefined()
      expect(alice.transport.sentBy(flow)).toEqual({ address: ALICE, port: 5061 })
    }))

  it('are opened anew by sent-by for a response whose connection is gone (§18.2.2)', () =>
    scene(async (world) => {
      const bob = await world.ear(BOB)
      const alice = await world.ear(ALICE)
      const caller = await stream(world)
      caller.send(options('SIP/2.0/TCP pc.example.com;branch=z9hG4bK1').toBytes())
      await world.clock.sleep(5)
      const { message, flow } = bob.heard[0]!
      caller.connection.close()
      await world.clock.sleep(50)
      expect(flow.open).toBe(false)
      const used = await bob.transport.sendResponse(ok(message), flow)
      await world.clock.sleep(5)
      expect(used.remote).toEqual({ address: ALICE, port: 5060 })
      expect(alice.heard[0]!.message.kind).toBe('response')
    }))

  it('fall back to the record of sent-by when that fails too, and to an error in the end', () =>
    scene(async (world) => {
      const found: string[] = []
      const bob = await world.ear(BOB, ['tcp'], {
        locateSentBy: (via) => {
          found.push(via.host)
          return Promise.resolve([
            { address: '10.0.0.8', port: 5060 },
            { address: '10.0.0.9', port: 5060 },
          ])
        },
      })
      const backup = await world.ear('10.0.0.9')
      const caller = await stream(world)
      caller.send(options('SIP/2.0/TCP pc.example.com;branch=z9hG4bK1').toBytes())
      await world.clock.sleep(5)
      const { message, flow } = bob.heard[0]!
      caller.connection.close()
      await world.clock.sleep(50)
      const response = ok(message)
      await bob.transport.sendResponse(response, flow)
      await world.clock.sleep(5)
      expect([found, backup.heard.length]).toEqual([['pc.example.com'], 1])
      await backup.transport.close()
      await world.clock.sleep(5)
      await expect(bob.transport.sendResponse(response, flow)).rejects.toThrow(NetworkError)
    }))

  it('tell when they end; a flow that is asked for by name is then an error', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      const bob = await world.ear(BOB)
      const flow = await alice.transport.flowTo(to(BOB, 'tcp'))
      await world.clock.sleep(5)
      const closed: number[] = []
      alice.transport.onFlowClosed = (ended) => closed.push(ended.id)
      await bob.transport.close()
      await world.clock.sleep(5)
      expect([closed, flow.open]).toEqual([[flow.id], false])
      await expect(alice.transport.flowTo({ ...to(BOB, 'tcp'), flow })).rejects.toMatchObject({ code: 'closed' })
      expect(() => flow.sendRaw(Buffer.from('x'))).toThrow(NetworkError)
      await expect(alice.transport.flowTo(to(BOB, 'tcp'))).rejects.toMatchObject({ code: 'refused' })
    }))
})

describe('our Via', () => {
  it('names where we listen, by transport and family', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      await alice.transport.listen({ transport: 'udp', at: { address: '2001:db8::1', port: 5062 } })
      await world.ear(BOB)
      const udp = await alice.transport.flowTo(to(BOB))
      const udp6 = await alice.transport.flowTo(to('2001:db8::2'))
      const tcp = await alice.transport.flowTo(to(BOB, 'tcp'))
      for (const [flow, expected] of [
        [udp, 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport'],
        [udp6, 'SIP/2.0/UDP [2001:db8::1]:5062;branch=z9hG4bKx;rport'],
        [tcp, 'SIP/2.0/TCP 10.0.0.1:5060;branch=z9hG4bKx;rport'],
      ] as const) {
        const request = options()
        alice.transport.addVia(request, flow, 'z9hG4bKx')
        expect(request.headers.get('via')).toBe(expected)
      }
      expect(alice.transport.advertised('udp', 'ipv6')).toEqual({ address: '2001:db8::1', port: 5062 })
      expect(() => alice.transport.advertised('tls')).toThrow(NetworkError)
    }))

  it('names the connection itself where nothing listens, and the public address where one is told', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE, ['udp'], {
        advertise: (transport, local) =>
          transport === 'udp' ? { address: '203.0.113.5', port: local.port } : undefined,
      })
      await world.ear(BOB)
      const tcp = await alice.transport.flowTo(to(BOB, 'tcp'))
      expect(alice.transport.sentBy(tcp)).toEqual(tcp.local)
      const request = options()
      alice.transport.addVia(request, await alice.transport.flowTo(to(BOB)), 'z9hG4bKx', false)
      expect(request.headers.get('via')).toBe('SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bKx')
    }))
})

describe('what is not a SIP message', () => {
  it('STUN on the SIP port is told apart and can be answered (RFC 5626 §8)', () =>
    scene(async (world) => {
      const bob = await world.ear(BOB)
      const client = await bare(world, ALICE, 5060)
      bob.transport.onStun = (bytes, flow) => flow.sendRaw(Buffer.concat([Buffer.from([1, 1]), bytes.subarray(2)]))
      const request = Buffer.alloc(20)
      request.writeUInt16BE(1)
      client.send(request)
      client.send(Buffer.from([0, 0, 0, 0]))
      client.send('\r\n\r\n')
      await world.clock.sleep(5)
      expect(client.heard.map((text) => text.charCodeAt(0))).toEqual([1])
      expect([bob.heard, bob.garbage]).toEqual([[], []])
    }))

  it('garbage is handed up, and the port goes on', () =>
    scene(async (world) => {
      const bob = await world.ear(BOB)
      const client = await bare(world, ALICE, 5060)
      client.send('hello')
      client.send(Buffer.from([0xff, 0xfe, 0x80, 1, 2, 3]))
      client.send(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${ALICE}\r\nContent-Length: 10\r\n\r\nshort`)
      client.send(options(`SIP/2.0/UDP ${ALICE};branch=z9hG4bK1`).toBytes())
      await world.clock.sleep(5)
      expect(bob.garbage.length).toBe(3)
      expect(bob.garbage[2]).toContain('body-truncated')
      expect(bob.heard.length).toBe(1)
    }))

  it('a request whose body is short goes up with the violation, excess bytes are dropped (RFC 3261 §18.3)', () =>
    scene(async (world) => {
      const bob = await world.ear(BOB)
      const client = await bare(world, ALICE, 5060)
      const text = options(`SIP/2.0/UDP ${ALICE};branch=z9hG4bK1`, 'hello').toString()
      client.send(text.replace('Content-Length: 5', 'Content-Length: 9'))
      client.send(`${text}excess`)
      await world.clock.sleep(5)
      expect(bob.heard[0]!.codes).toContain('body-truncated')
      expect(bob.heard[1]!.message.body.toString()).toBe('hello')
    }))

  it('on a stream: pings are answered, garbage ends it with the evidence', () =>
    scene(
      async (world) => {
        const bob = await world.ear(BOB)
        const kept: string[] = []
        bob.transport.onKeepAlive = (kind) => kept.push(kind)
        const client = await stream(world)
        const message = options(`SIP/2.0/TCP ${ALICE};branch=z9hG4bK1`).toBytes()
        client.send(Buffer.concat([Buffer.from('\r\n\r\n'), message, Buffer.from('\r\n\r\n'), message]))
        await world.clock.sleep(5)
        expect([client.state.heard, kept, bob.heard.length]).toEqual(['\r\n\r\n', ['ping', 'ping'], 2])
        expect(client.state.closed).toBe(false)
        client.send('OPTIONS sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n')
        await world.clock.sleep(5)
        expect([bob.garbage, client.state.closed]).toEqual([['content-length-malformed'], true])
        expect(bob.transport.flows().filter(({ transport }) => transport === 'tcp')).toEqual([])
      },
      { splitStreams: true },
    ))

  it('a CRLF after our own ping is its pong (RFC 5626 §4.4.1)', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      await world.ear(BOB)
      const kept: string[] = []
      alice.transport.onKeepAlive = (kind) => kept.push(kind)
      const flow = await alice.transport.flowTo(to(BOB, 'tcp'))
      for (let i = 0; i < 3; i++) {
        flow.sendRaw(Buffer.from('\r\n\r\n'))
        await world.clock.sleep(1000)
      }
      expect(kept).toEqual(['pong', 'pong', 'pong'])
    }))
})

describe('hooks', () => {
  it('intercept swallows before the layer above; onSent sees all that leaves', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      const bob = await world.ear(BOB)
      const received: string[] = []
      bob.transport.user = { received: (message) => received.push(message.callId), failed: () => {} }
      let mute = true
      bob.transport.intercept = () => mute
      const sent: number[] = []
      alice.transport.onSent = (_message, _flow, at) => sent.push(at)
      const via = `SIP/2.0/UDP ${ALICE};branch=z9hG4bK1`
      await alice.transport.send(options(via), to(BOB))
      await world.clock.sleep(10)
      mute = false
      await alice.transport.send(options(via), to(BOB))
      await world.clock.sleep(10)
      expect([sent, received, bob.heard.length]).toEqual([[0, 10], ['c1'], 2])
    }))

  it('the layer above is told of a datagram that could not be sent', () =>
    scene(async (world) => {
      const alice = await world.ear(ALICE)
      const failed: [string, string | undefined][] = []
      alice.transport.user = {
        received: () => {},
        failed: (flow, error) => failed.push([formatEndpoint(flow.remote), error?.code]),
      }
      await alice.transport.send(options(`SIP/2.0/UDP ${ALICE};branch=z9hG4bK1`, 'x'.repeat(66_000)), to(BOB))
      await world.clock.sleep(10)
      expect(failed).toEqual([[`${BOB}:5060`, 'other']])
    }))
})
