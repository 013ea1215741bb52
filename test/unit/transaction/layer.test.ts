import { describe, expect, it } from 'vitest'
import type { Violation } from '../../../src/message/parse.js'
import { NetworkError } from '../../../src/transport/network.js'
import { type Peer, reply, type Wire, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'
const TO_BOB = { transport: 'udp', remote: { address: BOB, port: 5060 } } as const

function scene(story: (s: { world: World; bob: Peer; wire: Wire }) => Promise<void>) {
  const world = new World()
  return world.run(async () => {
    const bob = await world.peer(BOB, { automaticTrying: false })
    const wire = await world.wire(ALICE)
    await story({ world, bob, wire })
  })
}

/** @param o branch: of the Via; none for RFC 2543 */
function text(method: string, o: { branch?: string; toTag?: string; fromTag?: string; uri?: string } = {}): string {
  return [
    `${method} ${o.uri ?? 'sip:bob@10.0.0.2'} SIP/2.0`,
    `Via: SIP/2.0/UDP ${ALICE}:5060${o.branch === undefined ? '' : `;branch=${o.branch}`}`,
    'Max-Forwards: 70',
    `From: <sip:alice@example.com>;tag=${o.fromTag ?? 'a'}`,
    `To: <sip:bob@example.com>${o.toTag === undefined ? '' : `;tag=${o.toTag}`}`,
    'Call-ID: c1',
    `CSeq: 1 ${method}`,
    'Contact: <sip:alice@10.0.0.1:5060>',
    '\r\n',
  ].join('\r\n')
}
const branch = (nth: number | string) => `z9hG4bK${nth}`

describe('a request with a branch of RFC 3261', () => {
  it('is told by it, its sent-by and its method alone (§17.2.3)', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text('BYE', { branch: branch(1), toTag: 'b' }), bob)
      wire.send(text('BYE', { branch: branch(1), toTag: 'b' }), bob)
      wire.send(text('BYE', { branch: branch(1), toTag: 'c', uri: 'sip:other@10.0.0.2' }), bob)
      wire.send(text('INVITE', { branch: branch(2) }), bob)
      await world.clock.sleep(1)
      const [bye, invite] = bob.requests
      expect([bob.requests.length, bye?.branch, invite?.branch]).toEqual([2, branch(1), branch(2)])
      invite!.respond(reply(invite!, 486))
      wire.send(text('ACK', { branch: branch(2), toTag: 'another' }), bob)
      await world.clock.sleep(1)
      expect([invite!.state, bob.acks]).toEqual(['confirmed', []])
    }))

  it('of RFC 2543 is a repeat after a provisional too', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text('INVITE'), bob)
      await world.clock.sleep(1)
      const [invite] = bob.requests
      invite!.respond(reply(invite!, 180))
      wire.send(text('INVITE'), bob)
      await world.clock.sleep(1)
      expect([bob.requests.length, wire.words]).toEqual([1, ['180', '180']])
    }))
})

describe('merged requests (§8.2.2.2)', () => {
  it('have the same From tag, and are merged with the first that goes on', () =>
    scene(async ({ world, bob, wire }) => {
      const send = async (nth: number, fromTag = 'a') => {
        wire.send(text('INVITE', { branch: branch(nth), fromTag }), bob)
        await world.clock.sleep(1)
        return bob.requests.at(-1)!
      }
      const [first, second, stranger] = [await send(1), await send(2), await send(3, 'x')]
      expect([second.merged, stranger.merged]).toEqual([first, undefined])
      second.terminate()
      stranger.terminate()
      expect((await send(4)).merged).toBe(first)
      first.terminate()
      expect((await send(5)).merged).toBeUndefined()
    }))

  it('are none of them CANCEL', () =>
    scene(async ({ world, bob, wire }) => {
      for (const nth of [1, 2]) wire.send(text('CANCEL', { branch: branch(nth) }), bob)
      await world.clock.sleep(1)
      expect(bob.requests.map(({ merged, cancels }) => [merged, cancels])).toEqual([
        [undefined, undefined],
        [undefined, undefined],
      ])
    }))

  it('cancel nothing by another method', () =>
    scene(async ({ world, bob, wire }) => {
      wire.send(text('INVITE', { branch: branch(1) }), bob)
      wire.send(text('OPTIONS', { branch: branch(1) }), bob)
      await world.clock.sleep(1)
      expect(bob.requests[1]?.cancels).toBeUndefined()
    }))
})

it('several INVITEs are cancelled at a time', async () => {
  const world = new World()
  await world.run(async () => {
    const alice = await world.peer(ALICE)
    const bob = await world.peer(BOB)
    bob.answers('INVITE', 180)
    const calls = [1, 2].map(() => alice.send(alice.request('INVITE', bob), bob.hop()).tx)
    await world.clock.sleep(1)
    for (const call of calls) expect(call.cancel()?.branch).toBe(call.branch)
    await world.clock.sleep(1)
    expect(bob.requests.slice(2).map(({ cancels }) => cancels)).toEqual(bob.requests.slice(0, 2))
  })
})

it('a layer that nobody listens to drops what comes', () =>
  scene(async ({ world, bob, wire }) => {
    const { layer } = bob
    layer.onRequest = layer.onAck = layer.onStray = layer.onMalformed = undefined
    const { tx } = bob.send(bob.request('OPTIONS', ALICE), { ...TO_BOB, remote: { address: ALICE, port: 5060 } })
    await world.clock.sleep(1)
    wire.send(wire.answer(0, 200).replace(tx.branch, branch('other')), bob)
    wire.send(wire.answer(0, 200).replace(`;branch=${tx.branch}`, ''), bob)
    wire.send(text('ACK', { branch: branch(9) }), bob)
    wire.send(text('OPTIONS', { branch: branch(8) }).replace(/Via:.*\r\n/, ''), bob)
    wire.send(text('OPTIONS', { branch: branch(7) }), bob)
    await world.clock.sleep(1)
    expect([tx.state, layer.size]).toEqual(['trying', { client: 1, server: 1 }])
  }))

it('what a transaction needs and did not come is told, once', () =>
  scene(async ({ world, bob, wire }) => {
    const told: (readonly Violation[])[] = []
    bob.layer.onMalformed = (_message, _flow, violations) => told.push(violations)
    wire.send(text('OPTIONS', { branch: branch(1) }).replace(/Via:.*\r\n/, ''), bob)
    await world.clock.sleep(1)
    const [byParser] = told
    expect(byParser?.map(({ code }) => code)).toEqual(['via-missing'])
    // The parser may be told to be quick, and then notices nothing, or something else.
    const message = bob.request('OPTIONS', ALICE)
    const [flow] = bob.transport.flows()
    const { received } = { received: bob.transport.user!.received.bind(bob.transport.user) }
    const other = { ...byParser![0]!, code: 'other' } as Violation
    const own = { code: 'via-missing', expected: 'what a transaction needs', status: 400 }
    received(message, flow!, 0, [])
    received(message, flow!, 0, [other])
    expect(told.slice(1)).toMatchObject([[own], [other, own]])
    expect(told[1]?.[0]?.actual).toMatch(/Via/)
    expect([told[1]?.length, told[2]?.length]).toEqual([1, 2])
    const known = [other, byParser![0]!]
    received(message, flow!, 0, known)
    expect(told[3]).toBe(known)
    bob.layer.onRequest = () => {
      throw new TypeError('a bug')
    }
    message.headers.prepend('Via', `SIP/2.0/UDP ${ALICE};branch=${branch(2)}`)
    expect(() => received(message, flow!, 0, [])).toThrow(new TypeError('a bug'))
  }))

describe('what is sent outside transactions', () => {
  const long = 'x'.repeat(1300)
  const open = (story: (s: { world: World; alice: Peer; bob: Peer }) => Promise<void>) => {
    const world = new World()
    return world.run(async () => {
      const alice = await world.peer(ALICE)
      await story({ world, alice, bob: await world.peer(BOB) })
    })
  }

  it('gets one Via, with the branch it is given, or keeps its own', () =>
    open(async ({ world, alice, bob }) => {
      const send = (o: Parameters<typeof alice.layer.sendStateless>[2], body = '') => {
        const ack = alice.request('ACK', bob, body)
        if (o?.via === 'keep') ack.headers.prepend('Via', `SIP/2.0/UDP ${ALICE};branch=${branch('kept')}`)
        return alice.layer.sendStateless(ack, bob.hop(), o)
      }
      await send({ branch: branch('given') })
      await send({ rport: false })
      await send({ via: 'keep' })
      // One that a proxy forwards as it is cannot change its transport.
      await send({ via: 'keep' }, long)
      await send({ branch: branch('long') }, long)
      await world.clock.sleep(1)
      const vias = bob.acks.map((ack) => ack.vias().map(({ transport, branch: of }) => `${transport} ${of}`))
      expect(vias[0]).toEqual([`UDP ${branch('given')}`])
      expect(vias.slice(2)).toEqual([[`UDP ${branch('kept')}`], [`UDP ${branch('kept')}`], [`TCP ${branch('long')}`]])
      const [first, second] = bob.acks.map((ack) => String(ack.headers.get('via')))
      expect([first?.includes('rport'), second?.includes('rport')]).toEqual([true, false])
    }))

  it('stays on the flow that the user insists on, and on TCP', () =>
    open(async ({ alice, bob }) => {
      const flow = alice.transport.openFlow(bob.hop())!
      expect(await alice.layer.sendStateless(alice.request('ACK', bob, long), { ...bob.hop(), flow })).toBe(flow)
      const tcp = await alice.layer.sendStateless(alice.request('ACK', bob, long), bob.hop('tcp'))
      expect(tcp.transport).toBe('tcp')
    }))

  it('fails where TCP fails otherwise than by being refused', () =>
    open(async ({ alice, bob }) => {
      const error = new NetworkError('timeout', 'nobody there')
      alice.transport.flowTo = () => Promise.reject(error)
      await expect(alice.layer.sendStateless(alice.request('ACK', bob, long), bob.hop())).rejects.toBe(error)
    }))
})

it('says what it refuses', async () => {
  const world = new World()
  await world.run(async () => {
    const alice = await world.peer(ALICE)
    const send = (method: string) =>
      alice.layer.request(alice.request(method, BOB), TO_BOB, {}, { branch: branch('x') })
    expect(() => send('ACK')).toThrow(new TypeError('an ACK has no transaction (RFC 3261 §17.1); use sendStateless'))
    send('OPTIONS')
    expect(() => send('OPTIONS')).toThrow(new TypeError(`the branch ${branch('x')} is in use`))
  })
})
