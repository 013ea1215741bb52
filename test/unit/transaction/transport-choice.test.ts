import { describe, expect, it } from 'vitest'
import { type Peer, reply, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

function watch(peer: Peer): string[] {
  const sent: string[] = []
  peer.transport.onSent = (message, flow, at) => {
    sent.push(`${at} ${flow.transport} ${message.kind === 'request' ? message.method : message.status}`)
  }
  return sent
}

describe('long requests (RFC 3261 §18.1.1)', () => {
  it('leave UDP for TCP, with the Via changed and nothing repeated', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      bob.answers('INVITE', 486)
      const sent = watch(alice)
      const { tx, told } = alice.send(alice.request('INVITE', bob, 'x'.repeat(1300)), bob.hop('udp'))
      await world.clock.sleep(2000)
      expect(sent).toEqual(['0 tcp INVITE', '0 tcp ACK'])
      expect(told).toEqual(['486', 'terminated'])
      expect(bob.requests[0]!.request.vias().map(({ transport }) => transport)).toEqual(['TCP'])
      expect(tx.flow?.transport).toBe('tcp')
    })
  })

  it('stay on UDP up to 1300 bytes, counted with our Via, and up to 200 below a known MTU', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const wide = await world.peer('10.0.0.3', { pathMtu: 9000 })
      const never = await world.peer('10.0.0.4', { pathMtu: Infinity })
      const bob = await world.peer(BOB)
      const probe = alice.request('MESSAGE', bob)
      alice.transport.addVia(probe, alice.transport.openFlow(bob.hop())!, alice.layer.newBranch())
      // Content-Length: 0 becomes four digits.
      const room = 1300 - probe.toBytes().length - 3
      const sent = watch(alice)
      alice.send(alice.request('MESSAGE', bob, 'x'.repeat(room)), bob.hop())
      alice.send(alice.request('MESSAGE', bob, 'x'.repeat(room + 1)), bob.hop())
      await world.clock.sleep(1)
      expect(sent).toEqual(['0 udp MESSAGE', '0 tcp MESSAGE'])
      const [sentWide, sentNever] = [watch(wide), watch(never)]
      wide.send(wide.request('MESSAGE', bob, 'x'.repeat(5000)), bob.hop())
      wide.send(wide.request('MESSAGE', bob, 'x'.repeat(8800)), bob.hop())
      never.send(never.request('MESSAGE', bob, 'x'.repeat(8800)), bob.hop())
      await world.clock.sleep(1)
      expect(sentWide).toEqual(['1 udp MESSAGE', '1 tcp MESSAGE'])
      expect(sentNever).toEqual(['1 udp MESSAGE'])
    })
  })

  it('go over UDP after all when TCP is refused, with repeats', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB, { listen: ['udp'] })
      world.loses = (_from, what, nth) => what === 'MESSAGE' && nth === 1
      bob.answers('MESSAGE', 200)
      const sent = watch(alice)
      const { told } = alice.send(alice.request('MESSAGE', bob, 'x'.repeat(1300)), bob.hop('udp'))
      await world.clock.sleep(1000)
      expect(sent).toEqual(['0 udp MESSAGE', '500 udp MESSAGE'])
      expect(told).toEqual(['200'])
      expect(bob.requests[0]!.request.vias().map(({ transport }) => transport)).toEqual(['UDP'])
    })
  })

  it('stay on a flow that the user insists on', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const sent = watch(alice)
      const flow = alice.transport.openFlow(bob.hop())!
      alice.send(alice.request('MESSAGE', bob, 'x'.repeat(1300)), { ...bob.hop(), flow })
      await world.clock.sleep(1)
      expect(sent).toEqual(['0 udp MESSAGE'])
    })
  })

  it('outside transactions too', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const only = await world.peer('10.0.0.3', { listen: ['udp'] })
      const long = () => alice.request('ACK', bob, 'x'.repeat(1300))
      expect((await alice.layer.sendStateless(alice.request('ACK', bob), bob.hop())).transport).toBe('udp')
      expect((await alice.layer.sendStateless(long(), bob.hop())).transport).toBe('tcp')
      expect((await alice.layer.sendStateless(long(), only.hop())).transport).toBe('udp')
      await world.clock.sleep(1)
      expect(bob.acks.map(({ via }) => via.transport)).toEqual(['UDP', 'TCP'])
      expect(only.acks.map((ack) => ack.vias().length)).toEqual([1])
    })
  })
})

describe('transport errors (RFC 3261 §17.1.4, §8.1.3.1)', () => {
  it('a refused connection is told, and not before request() has returned', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const { tx, told } = alice.send(alice.request('INVITE', BOB), {
        transport: 'tcp',
        remote: { address: BOB, port: 5060 },
      })
      expect([tx.state, told]).toEqual(['calling', []])
      await world.clock.sleep(1)
      expect([tx.state, told]).toEqual(['terminated', ['error', 'terminated']])
      expect(alice.layer.size.client).toBe(0)
    })
  })

  it('a closed flow is told', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const flow = await alice.transport.flowTo(bob.hop('tcp'))
      flow.close()
      await world.clock.sleep(1)
      const { told } = alice.send(alice.request('OPTIONS', bob), { ...bob.hop('tcp'), flow })
      expect(told).toEqual([])
      await world.clock.sleep(1)
      expect(told).toEqual(['error', 'terminated'])
    })
  })

  it('a connection that ends before the answer is told at once where nobody could answer on another', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE, { listen: ['udp'] })
      const bob = await world.peer(BOB)
      const { tx, told } = alice.send(alice.request('OPTIONS', bob), bob.hop('tcp'))
      await world.clock.sleep(100)
      expect(tx.state).toBe('trying')
      bob.requests[0]!.flow.close()
      await world.clock.sleep(10)
      expect(told).toEqual(['error', 'terminated'])
    })
  })

  it('where we listen, the answer may still come on a connection of its own (§18.1.1, §18.2.2)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const { tx, told } = alice.send(alice.request('OPTIONS', bob), bob.hop('tcp'))
      await world.clock.sleep(100)
      const server = bob.requests[0]!
      server.flow.close()
      await world.clock.sleep(10)
      expect([tx.state, told]).toEqual(['trying', []])
      server.respond(reply(server, 200))
      await world.clock.sleep(10)
      expect(told).toEqual(['200', 'terminated'])
    })
  })

  it('a server that cannot send tells its user and stays (RFC 6026 §8.8)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      alice.send(alice.request('INVITE', bob), bob.hop('tcp'))
      await world.clock.sleep(10)
      const server = bob.requests[0]!
      const errors: string[] = []
      server.onTransportError = (error) => errors.push(error.name)
      await alice.transport.close()
      await world.clock.sleep(10)
      server.respond(reply(server, 486))
      await world.clock.sleep(10)
      expect([server.state, errors]).toEqual(['completed', ['NetworkError']])
      await world.clock.sleep(40_000)
      expect(server.state).toBe('terminated')
    })
  })
})

describe('the layer', () => {
  it('refuses an ACK and a branch that is in use', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const hop = { transport: 'udp', remote: { address: BOB, port: 5060 } } as const
      expect(() => alice.layer.request(alice.request('ACK', BOB), hop, {})).toThrow(TypeError)
      alice.layer.request(alice.request('OPTIONS', BOB), hop, {}, { branch: 'z9hG4bKx' })
      expect(() => alice.layer.request(alice.request('OPTIONS', BOB), hop, {}, { branch: 'z9hG4bKx' })).toThrow(
        TypeError,
      )
    })
  })

  it('close() ends all and leaves nothing scheduled', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const { told } = alice.send(alice.request('INVITE', bob), bob.hop())
      alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(300)
      alice.layer.close()
      bob.layer.close()
      expect(told).toEqual(['100', 'terminated'])
      expect([alice.layer.size, bob.layer.size]).toEqual([
        { client: 0, server: 0 },
        { client: 0, server: 0 },
      ])
      const before = world.sent.length
      await world.clock.sleep(40_000)
      expect(world.sent.length).toBe(before)
    })
  })

  it('binds a UDP port of its own where none listens', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE, { listen: [] })
      const bob = await world.peer(BOB)
      bob.answers('OPTIONS', 200)
      const { told } = alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(10)
      expect(told).toEqual(['200'])
    })
  })
})
