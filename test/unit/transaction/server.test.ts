import { describe, expect, it } from 'vitest'
import { NetworkError } from '../../../src/transport/network.js'
import { type Peer, reply, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

function scene(story: (s: { world: World; alice: Peer; bob: Peer }) => Promise<void>) {
  const world = new World()
  return world.run(async () => {
    const alice = await world.peer(ALICE)
    const bob = await world.peer(BOB, { automaticTrying: false })
    await story({ world, alice, bob })
  })
}

describe('what an answer does (RFC 3261 §17.2)', () => {
  it.each([
    [100, 'proceeding', 'proceeding'],
    [199, 'proceeding', 'proceeding'],
    [200, 'accepted', 'completed'],
    [299, 'accepted', 'completed'],
    [300, 'completed', 'completed'],
    [699, 'completed', 'completed'],
  ])('%s: an INVITE is %s, another request %s', (status, ofInvite, ofOther) =>
    scene(async ({ world, alice, bob }) => {
      alice.send(alice.request('INVITE', bob), bob.hop())
      alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(1)
      const states = bob.requests.map((tx) => {
        expect([tx.lastResponse, tx.respond(reply(tx, status))]).toEqual([undefined, true])
        return [tx.lastResponse?.status, tx.state]
      })
      expect(states).toEqual([
        [status, ofInvite],
        [status, ofOther],
      ])
    }),
  )
})

describe('a server transaction', () => {
  it('keeps only the bytes of its messages once it has answered, unless the request was faulty', () =>
    scene(async ({ world, alice, bob }) => {
      const faulty = alice.request('OPTIONS', bob)
      faulty.headers.set('Max-Forwards', 'many')
      for (const request of [alice.request('OPTIONS', bob), alice.request('OPTIONS', bob), faulty])
        alice.send(request, bob.hop())
      await world.clock.sleep(1)
      const kept = []
      for (const [nth, tx] of bob.requests.entries()) {
        const [request, response] = [tx.request, reply(tx, nth === 1 ? 100 : 200)]
        tx.respond(response)
        await world.clock.sleep(1)
        kept.push([tx.request === request, tx.lastResponse === response])
        expect([String(tx.request), String(tx.lastResponse)]).toEqual([String(request), String(response)])
      }
      expect(bob.requests[2]!.violations.length).toBeGreaterThan(0)
      expect(kept).toEqual([
        [false, false],
        [true, true],
        [true, true],
      ])
    }))

  it('ends once, and says so once', () =>
    scene(async ({ world, alice, bob }) => {
      alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(1)
      const tx = bob.requests[0]!
      let ended = 0
      tx.onTerminated = () => ended++
      tx.terminate()
      tx.terminate()
      expect([ended, bob.layer.size.server, tx.respond(reply(tx, 200))]).toEqual([1, 0, false])
    }))

  it('does not mind that nobody listens', () =>
    scene(async ({ world, alice, bob }) => {
      alice.send(alice.request('INVITE', bob), bob.hop())
      alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(1)
      const [invite, options] = bob.requests
      bob.transport.sendBytes = () => {
        throw new NetworkError('unreachable', 'no way')
      }
      invite!.respond(reply(invite!, 486))
      await world.clock.sleep(40_000)
      expect([invite!.state, options!.state]).toEqual(['terminated', 'terminated'])
    }))

  it('tells an answer that cannot be sent a moment later, and throws what is a defect of ours', () =>
    scene(async ({ world, alice, bob }) => {
      alice.send(alice.request('INVITE', bob), bob.hop())
      await world.clock.sleep(1)
      const tx = bob.requests[0]!
      const errors: Error[] = []
      tx.onTransportError = (error) => errors.push(error)
      const broken = new NetworkError('unreachable', 'no way')
      bob.transport.sendBytes = () => {
        throw broken
      }
      tx.respond(reply(tx, 180))
      expect(errors).toEqual([])
      await world.clock.sleep(0)
      expect([errors, tx.state]).toEqual([[broken], 'proceeding'])
      bob.transport.sendBytes = () => {
        throw new TypeError('a bug')
      }
      expect(() => tx.respond(reply(tx, 180))).toThrow(new TypeError('a bug'))
    }))

  it('looks for the way back once while that is open, and again when it is not (§18.2.2)', () =>
    scene(async ({ world, alice, bob }) => {
      let looked = 0
      const replyFlow = bob.transport.replyFlow.bind(bob.transport)
      bob.transport.replyFlow = (...about) => {
        looked++
        return replyFlow(...about)
      }
      const { told } = alice.send(alice.request('INVITE', bob), bob.hop('tcp'))
      await world.clock.sleep(1)
      const tx = bob.requests[0]!
      for (const status of [180, 181]) tx.respond(reply(tx, status))
      expect(looked).toBe(1)
      tx.flow.close()
      await world.clock.sleep(1)
      for (const status of [182, 183]) {
        tx.respond(reply(tx, status))
        await world.clock.sleep(1)
      }
      // Once here and once in the transport, which opens a connection; the next answer uses that again.
      expect([looked, told]).toEqual([3, ['180', '181', '182', '183']])
      expect(bob.transport.flows().length).toBe(1)
    }))
})

describe('transactions that share a branch', () => {
  it('are each found, and leave the others when they end', () =>
    scene(async ({ world, alice, bob }) => {
      const { tx, told } = alice.send(alice.request('INVITE', bob), bob.hop())
      const wire = await world.wire('10.0.0.9')
      await world.clock.sleep(1)
      const text = (method: string, address: string) =>
        [
          `${method} sip:bob@10.0.0.2 SIP/2.0`,
          `Via: SIP/2.0/UDP ${address}:5060;branch=${tx.branch}`,
          'From: <sip:x@10.0.0.9>;tag=x',
          'To: <sip:bob@10.0.0.2>',
          `Call-ID: ${method}-${address}`,
          `CSeq: 7 ${method}`,
          'Max-Forwards: 70',
          '\r\n',
        ].join('\r\n')
      for (const method of ['OPTIONS', 'MESSAGE', 'INFO']) wire.send(text(method, '10.0.0.9'), bob)
      await world.clock.sleep(1)
      const [invite, options, message, info] = bob.requests
      expect(bob.layer.size.server).toBe(4)
      /** Which of them is still found: its request, again, brings no new transaction. */
      const found = async () => {
        const before = bob.requests.length
        for (const method of ['OPTIONS', 'MESSAGE', 'INFO']) wire.send(text(method, '10.0.0.9'), bob)
        await world.clock.sleep(1)
        return 3 - (bob.requests.length - before)
      }
      expect(await found()).toBe(3)
      // From the middle, the head, and the tail of those that share it.
      message!.terminate()
      expect(await found()).toBe(2)
      for (const one of bob.requests.slice(4)) one.terminate()
      info!.terminate()
      options!.terminate()
      expect(bob.layer.size.server).toBe(1)
      expect(await found()).toBe(0)
      invite!.respond(reply(invite!, 180))
      await world.clock.sleep(1)
      expect(told).toEqual(['180'])
      bob.layer.close()
      expect(bob.layer.size.server).toBe(0)
    }))
})
