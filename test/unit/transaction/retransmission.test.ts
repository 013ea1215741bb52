import { describe, expect, it } from 'vitest'
import { reply, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

describe('instants of retransmission over UDP', () => {
  it('INVITE: 0, 500, 1500, … 31500, given up at 32000 (RFC 3261 §17.1.1.2)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const { tx, told, toldAt } = alice.send(alice.request('INVITE', BOB), {
        transport: 'udp',
        remote: { address: BOB, port: 5060 },
      })
      expect(tx.state).toBe('calling')
      await world.clock.sleep(31_999)
      expect(tx.state).toBe('calling')
      await world.clock.sleep(1)
      expect(tx.state).toBe('terminated')
      expect(told).toEqual(['timeout', 'terminated'])
      expect(toldAt[0]).toBe(32_000)
      expect(world.instants(ALICE, 'INVITE')).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500])
      expect(world.instants(ALICE, 'ACK')).toEqual([])
      expect(alice.layer.size).toEqual({ client: 0, server: 0 })
    })
  })

  it('OPTIONS: doubling up to T2, given up at 32000 (§17.1.2.2)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const { told } = alice.send(alice.request('OPTIONS', BOB), {
        transport: 'udp',
        remote: { address: BOB, port: 5060 },
      })
      await world.clock.sleep(40_000)
      expect(told).toEqual(['timeout', 'terminated'])
      expect(world.instants(ALICE, 'OPTIONS')).toEqual([
        0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
      ])
    })
  })

  it('OPTIONS after a provisional: every T2', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB, { automaticTrying: false })
      const { tx, told } = alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(600)
      expect(tx.state).toBe('trying')
      bob.requests[0]!.respond(reply(bob.requests[0]!, 100))
      await world.clock.sleep(0)
      expect(tx.state).toBe('proceeding')
      await world.clock.sleep(10_000)
      // Timer E runs on, 1500 was set before; from then on every 4 s. Each repeat brings the 100 again.
      expect(world.instants(ALICE, 'OPTIONS')).toEqual([0, 500, 1500, 5500, 9500])
      expect(world.instants(BOB, '100')).toEqual([600, 1500, 5500, 9500])
      expect(told).toEqual(['100', '100', '100', '100'])
      expect(bob.requests.length).toBe(1)
    })
  })

  it('other T1 and T2 scale all of it', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE, { timers: { T1: 100, T2: 400 } })
      const hop = { transport: 'udp', remote: { address: BOB, port: 5060 } } as const
      alice.send(alice.request('INVITE', BOB), hop)
      const { toldAt } = alice.send(alice.request('OPTIONS', BOB), hop)
      await world.clock.sleep(10_000)
      expect(world.instants(ALICE, 'INVITE')).toEqual([0, 100, 300, 700, 1500, 3100, 6300])
      expect(world.instants(ALICE, 'OPTIONS').slice(0, 6)).toEqual([0, 100, 300, 700, 1100, 1500])
      expect(toldAt[0]).toBe(6400)
    })
  })

  it('a refusal of an INVITE: doubling up to T2 until timer H when no ACK comes (§17.2.1)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      bob.answers('INVITE', 486)
      world.loses = (_from, what) => what === 'ACK'
      const { tx, told } = alice.send(alice.request('INVITE', bob), bob.hop())
      let noAck = 0
      await world.clock.sleep(1)
      const server = bob.requests[0]!
      server.onTimeout = () => {
        noAck = world.clock.now()
      }
      expect([tx.state, server.state]).toEqual(['completed', 'completed'])
      await world.clock.sleep(40_000)
      const instants = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
      expect(world.instants(BOB, '486')).toEqual(instants)
      expect(world.instants(ALICE, 'ACK')).toEqual(instants)
      expect(noAck).toBe(32_000)
      expect(told).toEqual(['486', 'terminated'])
      expect([alice.layer.size, bob.layer.size]).toEqual([
        { client: 0, server: 0 },
        { client: 0, server: 0 },
      ])
    })
  })

  it('nothing is repeated over TCP (§17.1.1.2, §17.1.2.2)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB, { automaticTrying: false })
      const sent: string[] = []
      alice.transport.onSent = (message, _flow, at) =>
        sent.push(`${at} ${message.kind === 'request' ? message.method : ''}`)
      const invite = alice.send(alice.request('INVITE', bob), bob.hop('tcp'))
      const options = alice.send(alice.request('OPTIONS', bob), bob.hop('tcp'))
      await world.clock.sleep(32_000)
      expect(sent).toEqual(['0 INVITE', '0 OPTIONS'])
      expect([invite.told, options.told]).toEqual([
        ['timeout', 'terminated'],
        ['timeout', 'terminated'],
      ])
      expect(invite.toldAt[0]).toBe(32_000)
      expect(alice.transport.flows().length).toBe(1)
    })
  })
})

describe('loss of any one message', () => {
  for (const lost of ['INVITE', '100', '180', '486', 'ACK']) {
    it(`a refused INVITE survives the loss of its first ${lost}`, async () => {
      const world = new World(1, { delayMs: 10 })
      await world.run(async () => {
        const alice = await world.peer(ALICE)
        const bob = await world.peer(BOB)
        world.loses = (_from, what, nth) => what === lost && nth === 1
        bob.layer.onRequest = (tx) => {
          bob.requests.push(tx)
          void world.clock.sleep(300).then(() => tx.respond(reply(tx, 180)))
          void world.clock.sleep(2000).then(() => tx.respond(reply(tx, 486)))
        }
        const { tx, told } = alice.send(alice.request('INVITE', bob), bob.hop())
        await world.clock.sleep(5000)
        expect(tx.state).toBe('completed')
        expect(bob.requests.length).toBe(1)
        expect(bob.requests[0]!.state).toBe('confirmed')
        expect(told.filter((word) => word === '486').length).toBe(1)
        await world.clock.sleep(60_000)
        expect(told.at(-1)).toBe('terminated')
        expect([alice.layer.size, bob.layer.size]).toEqual([
          { client: 0, server: 0 },
          { client: 0, server: 0 },
        ])
      })
    })
  }

  for (const lost of ['BYE', '200']) {
    it(`a BYE survives the loss of its first ${lost} and is told once`, async () => {
      const world = new World(1, { delayMs: 10 })
      await world.run(async () => {
        const alice = await world.peer(ALICE)
        const bob = await world.peer(BOB)
        bob.answers('BYE', 200)
        world.loses = (_from, what, nth) => what === lost && nth === 1
        const { tx, told } = alice.send(alice.request('BYE', bob), bob.hop())
        await world.clock.sleep(490)
        expect(tx.state).toBe('trying')
        await world.clock.sleep(100)
        expect(tx.state).toBe('completed')
        expect(bob.requests.map(({ state }) => state)).toEqual(['completed'])
        await world.clock.sleep(40_000)
        expect(told).toEqual(['200', 'terminated'])
        expect([alice.layer.size, bob.layer.size]).toEqual([
          { client: 0, server: 0 },
          { client: 0, server: 0 },
        ])
      })
    })
  }

  it('a lost 2xx to INVITE is the user’s to repeat; the transactions hold still for it (RFC 6026)', async () => {
    const world = new World(1, { delayMs: 10 })
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      world.loses = (_from, what, nth) => what === '200' && nth === 1
      const { tx, told } = alice.send(alice.request('INVITE', bob), bob.hop())
      await world.clock.sleep(20)
      const server = bob.requests[0]!
      const ok = reply(server, 200)
      expect(server.state).toBe('proceeding')
      expect(server.respond(ok)).toBe(true)
      expect(server.state).toBe('accepted')
      await world.clock.sleep(1000)
      // The INVITE came again, and was absorbed: no 2xx from the transaction, nothing to the user.
      expect(world.instants(ALICE, 'INVITE')).toEqual([0, 500])
      expect(world.instants(BOB, '200')).toEqual([20])
      expect(bob.requests.length).toBe(1)
      expect(tx.state).toBe('calling')
      server.respond(ok)
      await world.clock.sleep(20)
      expect(tx.state).toBe('accepted')
      server.respond(ok)
      await world.clock.sleep(20)
      expect(told).toEqual(['200', '200'])
      await world.clock.sleep(33_000)
      expect(told).toEqual(['200', '200', 'terminated'])
      expect(server.state).toBe('terminated')
      expect(server.respond(ok)).toBe(false)
    })
  })
})
