import { describe, expect, it } from 'vitest'
import { reply, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

describe('cancelling an INVITE (RFC 3261 §9.1)', () => {
  it('waits for the first provisional, copies what it must, and travels the same way', async () => {
    const world = new World(1, { delayMs: 10 })
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB, { automaticTrying: false })
      const invite = alice.request('INVITE', bob)
      invite.headers.add('Route', '<sip:edge.example.com;lr>')
      invite.headers.add('Route', '<sip:core.example.com;lr>')
      invite.headers.add('Require', '100rel')
      const { tx, told } = alice.send(invite, bob.hop())
      const cancelTold: string[] = []
      expect(tx.state).toBe('calling')
      const early = tx.cancel({
        headers: [['Reason', 'SIP;cause=200']],
        user: { onResponse: (r) => cancelTold.push(String(r.status)) },
        onSent: (cancel) => cancelTold.push(cancel.request.method),
      })
      expect(early).toBeUndefined()
      expect(tx.cancel()).toBeUndefined()
      await world.clock.sleep(100)
      expect(world.instants(ALICE, 'CANCEL')).toEqual([])

      const server = bob.requests[0]!
      server.onCancel = (cancel) => {
        expect(server.state).toBe('proceeding')
        cancel.respond(reply(cancel, 200))
        server.respond(reply(server, 487))
      }
      server.respond(reply(server, 180))
      await world.clock.sleep(45)
      expect(world.instants(ALICE, 'CANCEL')).toEqual([110])
      expect(bob.requests.length).toBe(1)
      expect(cancelTold).toEqual(['CANCEL', '200'])
      expect(told).toEqual(['180', '487'])
      expect(tx.state).toBe('completed')
      expect(server.state).toBe('confirmed')
      await world.clock.sleep(60_000)
      expect([alice.layer.size, bob.layer.size]).toEqual([
        { client: 0, server: 0 },
        { client: 0, server: 0 },
      ])
    })
  })

  it('has one Via, the INVITE’s, its Route and number, and no Require', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const invite = alice.request('INVITE', bob)
      invite.headers.prepend('Via', 'SIP/2.0/UDP 10.0.0.50;branch=z9hG4bKbelow')
      invite.headers.add('Route', '<sip:edge.example.com;lr>')
      invite.headers.add('Proxy-Require', 'x')
      const { tx } = alice.send(invite, bob.hop())
      await world.clock.sleep(300)
      expect(tx.state).toBe('proceeding')
      const cancel = tx.cancel()!
      expect(cancel.branch).toBe(tx.branch)
      await world.clock.sleep(1)
      const arrived = bob.requests[1]!
      expect(arrived.cancels).toBe(bob.requests[0])
      const { headers } = arrived.request
      expect(arrived.request.vias().map(({ branch }) => branch)).toEqual([tx.branch])
      expect(arrived.request.uri).toBe(invite.uri)
      for (const name of ['Call-ID', 'From', 'To', 'Route'])
        expect(headers.get(name), name).toBe(invite.headers.get(name))
      expect(headers.get('CSeq')).toBe('1 CANCEL')
      expect([headers.has('Require'), headers.has('Proxy-Require'), headers.get('Max-Forwards')]).toEqual([
        false,
        false,
        '70',
      ])
      expect(arrived.violations).toEqual([])
    })
  })

  it('does nothing after a final answer', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      bob.answers('INVITE', 200)
      const { tx } = alice.send(alice.request('INVITE', bob), bob.hop())
      expect(tx.cancel()).toBeUndefined()
      await world.clock.sleep(1000)
      expect(tx.state).toBe('accepted')
      expect(tx.cancel()).toBeUndefined()
      await world.clock.sleep(1000)
      expect(world.instants(ALICE, 'CANCEL')).toEqual([])
    })
  })

  it('gives up on a callee that ignores it, 64*T1 later', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const { tx, told, toldAt } = alice.send(alice.request('INVITE', bob), bob.hop())
      await world.clock.sleep(1000)
      bob.layer.onRequest = (cancel) => cancel.respond(reply(cancel, 200))
      expect(tx.cancel()?.state).toBe('trying')
      await world.clock.sleep(31_999)
      expect(tx.state).toBe('proceeding')
      await world.clock.sleep(1)
      expect(told).toEqual(['100', 'timeout', 'terminated'])
      expect(toldAt[1]).toBe(33_000)
    })
  })

  it('is sent again when it gets lost, and gets the same answer', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      world.loses = (_from, what, nth) => (what === 'CANCEL' || what === '487') && nth === 1
      const { tx, told } = alice.send(alice.request('INVITE', bob), bob.hop())
      await world.clock.sleep(1000)
      const server = bob.requests[0]!
      server.onCancel = (cancel) => {
        cancel.respond(reply(cancel, 200))
        server.respond(reply(server, 487))
      }
      tx.cancel()
      await world.clock.sleep(3000)
      expect(world.instants(ALICE, 'CANCEL')).toEqual([1000, 1500])
      expect(world.instants(BOB, '487')).toEqual([1500, 2000])
      expect(told).toEqual(['100', '487'])
    })
  })
})

describe('the ACK of a refusal (RFC 3261 §17.1.1.3)', () => {
  it('keeps branch, URI, From, Call-ID, number and Route; takes To from the answer; is the same each time', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.wire(BOB)
      const invite = alice.request('INVITE', BOB, 'v=0\r\n')
      invite.headers.add('Route', '<sip:edge.example.com;lr>')
      const { tx } = alice.send(invite, { transport: 'udp', remote: { address: BOB, port: 5060 } })
      await world.clock.sleep(1)
      const busy = bob.answer(0, 486)
      bob.send(busy, alice)
      bob.send(busy, alice)
      await world.clock.sleep(1)
      expect(bob.words).toEqual(['INVITE', 'ACK', 'ACK'])
      expect(bob.heard[1]!.text).toBe(bob.heard[2]!.text)
      const ack = bob.heard[1]!.message
      if (ack.kind !== 'request') throw new Error('no request')
      expect(ack.vias().map(({ branch }) => branch)).toEqual([tx.branch])
      expect(ack.uri).toBe(invite.uri)
      for (const name of ['Call-ID', 'From', 'Route']) expect(ack.headers.get(name)).toBe(invite.headers.get(name))
      expect([ack.to.tag, ack.headers.get('CSeq'), ack.body.length]).toEqual(['b', '1 ACK', 0])
      expect(tx.ack?.method).toBe('ACK')
    })
  })
})

describe('the automatic 100', () => {
  it('comes 200 ms after an INVITE, without To tag, unless the user was faster or it is switched off', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const slow = await world.peer('10.0.1.1')
      const quick = await world.peer('10.0.1.2')
      const off = await world.peer('10.0.1.3', { automaticTrying: false })
      quick.answers('INVITE', 180)
      const toSlow = alice.send(alice.request('INVITE', slow), slow.hop())
      const toQuick = alice.send(alice.request('INVITE', quick), quick.hop())
      const toOff = alice.send(alice.request('INVITE', off), off.hop())
      await world.clock.sleep(450)
      expect([toSlow.told, toSlow.toldAt, toQuick.told, toOff.told]).toEqual([['100'], [200], ['180'], []])
      expect(toSlow.responses[0]!.to.tag).toBeUndefined()
    })
  })

  it('comes for other requests once the client has reached T2, and no later final is possible (RFC 4320)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const { told, toldAt } = alice.send(alice.request('OPTIONS', bob), bob.hop())
      await world.clock.sleep(36_999)
      const server = bob.requests[0]!
      expect([told[0], toldAt[0], told.at(-2)]).toEqual(['100', 3500, 'timeout'])
      expect(server.state).toBe('proceeding')
      let timedOut = false
      server.onTimeout = () => {
        timedOut = true
      }
      await world.clock.sleep(1)
      expect([server.state, timedOut, server.respond(reply(server, 200))]).toEqual(['terminated', true, false])
    })
  })
})
