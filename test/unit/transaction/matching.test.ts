import { describe, expect, it } from 'vitest'
import type { SipRequest } from '../../../src/message/message.js'
import { type Peer, reply, type Wire, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

/** A peer and a bare socket that talks to it. */
function scene(story: (s: { world: World; bob: Peer; wire: Wire }) => Promise<void>, automaticTrying = false) {
  const world = new World()
  return world.run(async () => {
    const bob = await world.peer(BOB, { automaticTrying })
    const wire = await world.wire(ALICE)
    await story({ world, bob, wire })
  })
}

function text(o: {
  method: string
  via?: string
  cseq?: string
  toTag?: string
  callId?: string
  fromTag?: string
  uri?: string
}): string {
  const method = o.method
  return [
    `${method} ${o.uri ?? 'sip:bob@10.0.0.2'} SIP/2.0`,
    `Via: ${o.via ?? `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK1`}`,
    'Max-Forwards: 70',
    `From: <sip:alice@example.com>;tag=${o.fromTag ?? 'a'}`,
    `To: <sip:bob@example.com>${o.toTag === undefined ? '' : `;tag=${o.toTag}`}`,
    `Call-ID: ${o.callId ?? 'c1'}`,
    `CSeq: ${o.cseq ?? `1 ${method}`}`,
    'Contact: <sip:alice@10.0.0.1:5060>',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

describe('requests to server transactions (RFC 3261 §17.2.3)', () => {
  it('same branch, sent-by and method: a repeat', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      await world.clock.sleep(1)
      bob.requests[0]!.respond(reply(bob.requests[0]!, 180))
      wire.send(text({ method: 'INVITE' }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.length).toBe(1)
      expect(wire.words).toEqual(['180', '180'])
    }))

  it('another sent-by host or port, or another method: not a repeat', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'OPTIONS' }), bob)
      wire.send(text({ method: 'OPTIONS', via: 'SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1' }), bob)
      wire.send(text({ method: 'OPTIONS', via: `SIP/2.0/UDP ${ALICE}:5070;branch=z9hG4bK1` }), bob)
      wire.send(text({ method: 'MESSAGE' }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.length).toBe(4)
      expect(bob.layer.size.server).toBe(4)
      for (const tx of bob.requests) tx.terminate()
      expect(bob.layer.size.server).toBe(0)
    }))

  it('an ACK with the INVITE’s branch ends the repeats and goes no further', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      await world.clock.sleep(1)
      const tx = bob.requests[0]!
      tx.respond(reply(tx, 486))
      expect(tx.state).toBe('completed')
      wire.send(text({ method: 'ACK', toTag: 'b' }), bob)
      await world.clock.sleep(1)
      expect(tx.state).toBe('confirmed')
      expect(bob.acks).toEqual([])
      await world.clock.sleep(5000)
      expect(tx.state).toBe('terminated')
      expect(wire.words).toEqual(['486'])
    }))

  it('an ACK for a 2xx, with a branch of its own, goes up; with the INVITE’s too (RFC 6026 §7.1)', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      await world.clock.sleep(1)
      const tx = bob.requests[0]!
      tx.respond(reply(tx, 200))
      wire.send(text({ method: 'ACK', toTag: 'b', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK2` }), bob)
      await world.clock.sleep(1)
      expect(bob.acks.length).toBe(1)
      wire.send(text({ method: 'ACK', toTag: 'b' }), bob)
      await world.clock.sleep(1)
      expect(bob.acks.length).toBe(2)
      const own: SipRequest[] = []
      tx.onAck = (ack) => own.push(ack)
      wire.send(text({ method: 'ACK', toTag: 'b' }), bob)
      await world.clock.sleep(1)
      expect([bob.acks.length, own.length]).toEqual([2, 1])
      expect(tx.state).toBe('accepted')
    }))

  it('a CANCEL finds its INVITE and never another call’s (§9.2)', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      wire.send(text({ method: 'INVITE', callId: 'c2', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK2` }), bob)
      await world.clock.sleep(1)
      const [first, second] = bob.requests
      const cancelled: string[] = []
      first!.onCancel = (cancel) => {
        cancelled.push('first')
        cancel.respond(reply(cancel, 200))
        first!.respond(reply(first!, 487))
      }
      second!.onCancel = () => cancelled.push('second')
      wire.send(text({ method: 'CANCEL' }), bob)
      wire.send(text({ method: 'CANCEL' }), bob)
      await world.clock.sleep(1)
      expect(cancelled).toEqual(['first'])
      expect(wire.words).toEqual(['200', '487', '200'])
      // Nothing with that branch: up to the user, who says 481.
      wire.send(text({ method: 'CANCEL', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK3` }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.length).toBe(3)
      expect(bob.requests[2]!.cancels).toBeUndefined()
    }))

  it('a CANCEL whose INVITE has no ear for it goes to the layer’s user, with the INVITE named', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      wire.send(text({ method: 'CANCEL' }), bob)
      await world.clock.sleep(1)
      expect(bob.requests[1]!.cancels).toBe(bob.requests[0])
    }))

  it('requests of RFC 2543: everything has to match', () =>
    scene(async ({ world, bob, wire }) => {
      const via = `SIP/2.0/UDP ${ALICE}:5060`
      wire.send(text({ method: 'INVITE', via }), bob)
      wire.send(text({ method: 'INVITE', via }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.length).toBe(1)
      const tx = bob.requests[0]!
      expect(tx.branch).toBe('')
      wire.send(text({ method: 'INVITE', via, cseq: '2 INVITE' }), bob)
      wire.send(text({ method: 'INVITE', via, uri: 'sip:carol@10.0.0.2' }), bob)
      wire.send(text({ method: 'INVITE', via, fromTag: 'x' }), bob)
      wire.send(text({ method: 'INVITE', via: `${via};branch=1` }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.length).toBe(5)
      tx.respond(reply(tx, 486))
      // The ACK must carry the tag of the answer.
      wire.send(text({ method: 'ACK', via, cseq: '1 ACK', toTag: 'other' }), bob)
      await world.clock.sleep(1)
      expect([tx.state, bob.acks.length]).toEqual(['completed', 1])
      wire.send(text({ method: 'ACK', via, cseq: '1 ACK', toTag: 'b' }), bob)
      await world.clock.sleep(1)
      expect([tx.state, bob.acks.length]).toEqual(['confirmed', 1])
    }))

  it('a CANCEL of RFC 2543 finds its INVITE', () =>
    scene(async ({ world, bob, wire }) => {
      const via = `SIP/2.0/UDP ${ALICE}:5060`
      wire.send(text({ method: 'INVITE', via }), bob)
      wire.send(text({ method: 'CANCEL', via, cseq: '1 CANCEL' }), bob)
      await world.clock.sleep(1)
      expect(bob.requests[1]!.cancels).toBe(bob.requests[0])
    }))

  it('a merged request is told as one (§8.2.2.2)', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text({ method: 'INVITE' }), bob)
      wire.send(text({ method: 'INVITE', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK2` }), bob)
      wire.send(text({ method: 'INVITE', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK3`, cseq: '2 INVITE' }), bob)
      wire.send(text({ method: 'INVITE', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK4`, toTag: 'b' }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.map(({ merged }) => merged)).toEqual([undefined, bob.requests[0], undefined, undefined])
      bob.requests[0]!.terminate()
      wire.send(text({ method: 'INVITE', via: `SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK5` }), bob)
      await world.clock.sleep(1)
      expect(bob.requests[4]!.merged).toBeUndefined()
    }))

  it('what lacks the basics is told as malformed and makes no transaction', () =>
    scene(async ({ world, bob, wire }) => {
      const told: string[] = []
      bob.layer.onMalformed = (_message, _flow, violations) => told.push(...violations.map(({ code }) => code))
      wire.send(text({ method: 'OPTIONS' }).replace(/Via:.*\r\n/, ''), bob)
      wire.send(text({ method: 'OPTIONS' }).replace(/CSeq:.*\r\n/, 'CSeq: x\r\n'), bob)
      await world.clock.sleep(1)
      expect(bob.requests).toEqual([])
      expect(told).toContain('via-missing')
      expect(told.some((code) => code.startsWith('cseq'))).toBe(true)
    }))
})

describe('responses to client transactions (RFC 3261 §17.1.3)', () => {
  it('branch, CSeq method and our sent-by must fit, all else is stray', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const wire = await world.wire(BOB)
      const { tx, told } = alice.send(alice.request('OPTIONS', BOB), {
        transport: 'udp',
        remote: { address: BOB, port: 5060 },
      })
      await world.clock.sleep(1)
      const ok = wire.answer(0, 200)
      wire.send(ok.replace(/branch=z9hG4bK/, 'branch=z9hG4bKno'), alice)
      wire.send(ok.replace('OPTIONS', 'INVITE'), alice)
      wire.send(ok.replace(`UDP ${ALICE}:5060`, 'UDP 10.0.0.77:5060'), alice)
      await world.clock.sleep(1)
      expect([tx.state, told, alice.strays.length]).toEqual(['trying', [], 3])
      wire.send(ok, alice)
      wire.send(ok, alice)
      await world.clock.sleep(1)
      expect([tx.state, told, alice.strays.length]).toEqual(['completed', ['200'], 3])
      await world.clock.sleep(5000)
      expect(tx.state).toBe('terminated')
      wire.send(ok, alice)
      await world.clock.sleep(1)
      expect(alice.strays.length).toBe(4)
    })
  })
})
