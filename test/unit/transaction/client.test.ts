import { describe, expect, it } from 'vitest'
import { NetworkError } from '../../../src/transport/network.js'
import { type Peer, reply, type Wire, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'
const TO_BOB = { transport: 'udp', remote: { address: BOB, port: 5060 } } as const

/** A peer, and a bare socket that it sends its requests to. */
function scene(story: (s: { world: World; alice: Peer; wire: Wire }) => Promise<void>) {
  const world = new World()
  return world.run(async () => {
    const alice = await world.peer(ALICE)
    const wire = await world.wire(BOB)
    await story({ world, alice, wire })
  })
}

describe('what a response does (RFC 3261 §17.1)', () => {
  it.each([
    [100, 'proceeding', 'proceeding'],
    [199, 'proceeding', 'proceeding'],
    [200, 'accepted', 'completed'],
    [299, 'accepted', 'completed'],
    [300, 'completed', 'completed'],
    [699, 'completed', 'completed'],
  ])('%s: an INVITE is %s, another request %s', (status, ofInvite, ofOther) =>
    scene(async ({ world, alice, wire }) => {
      const invite = alice.send(alice.request('INVITE', BOB), TO_BOB)
      const other = alice.send(alice.request('OPTIONS', BOB), TO_BOB)
      await world.clock.sleep(1)
      wire.send(wire.answer(0, status), alice)
      wire.send(wire.answer(1, status), alice)
      await world.clock.sleep(1)
      expect([invite.tx.state, other.tx.state]).toEqual([ofInvite, ofOther])
      expect([invite.told, other.told]).toEqual([[String(status)], [String(status)]])
      expect(wire.words).toEqual(['INVITE', 'OPTIONS', ...(ofInvite === 'completed' ? ['ACK'] : [])])
    }),
  )

  it('one that the state has no use for is stray, unless it is a late provisional', () =>
    scene(async ({ world, alice, wire }) => {
      const { told } = alice.send(alice.request('INVITE', BOB), TO_BOB)
      await world.clock.sleep(1)
      for (const status of [486, 180, 200, 299]) wire.send(wire.answer(0, status), alice)
      await world.clock.sleep(1)
      expect(told).toEqual(['486'])
      expect(alice.strays.map(({ status }) => status)).toEqual([200, 299])
    }))

  it('is taken by sent-by, in whatever case, and by no other host or port (§18.1.2)', () =>
    scene(async ({ world, alice, wire }) => {
      const request = alice.request('OPTIONS', BOB)
      request.headers.prepend('Via', 'SIP/2.0/UDP Alice.Example.com:5070;branch=z9hG4bKkept')
      const told: number[] = []
      const user = { onResponse: ({ status }: { status: number }) => told.push(status) }
      alice.layer.request(request, TO_BOB, user, { via: 'keep' })
      await world.clock.sleep(1)
      const from = (sentBy: string, status: number) =>
        wire.send(wire.answer(0, status).replace('Alice.Example.com:5070', sentBy), alice)
      from('alice.example.com:5060', 181)
      from('alice.example.com', 182)
      from('bob.example.com:5070', 183)
      from('aLICE.eXAMPLE.cOM:5070', 184)
      from('Alice.Example.com:5070', 185)
      await world.clock.sleep(1)
      expect(told).toEqual([184, 185])
      expect(alice.strays.map(({ status }) => status)).toEqual([181, 182, 183])
    }))

  it('comes over IPv6 too', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer('fd00::1')
      const bob = await world.peer('fd00::2')
      bob.answers('OPTIONS', 200)
      const request = alice.request('OPTIONS', '[fd00::2]')
      request.headers.set('From', '<sip:alice@[fd00::1]>;tag=a')
      request.headers.set('Contact', '<sip:alice@[fd00::1]>')
      request.headers.set('Call-ID', 'six')
      const { told } = alice.send(request, bob.hop())
      await world.clock.sleep(1)
      expect(told).toEqual(['200'])
    })
  })
})

describe('a client transaction', () => {
  it('sends at once, the same each time, with one Via', () =>
    scene(async ({ world, alice, wire }) => {
      const { tx } = alice.send(alice.request('INVITE', BOB), TO_BOB)
      expect(world.instants(ALICE, 'INVITE')).toEqual([0])
      await world.clock.sleep(4000)
      expect(wire.words).toEqual(['INVITE', 'INVITE', 'INVITE', 'INVITE'])
      expect(new Set(wire.heard.map(({ text }) => text)).size).toBe(1)
      expect(tx.request.vias().length).toBe(1)
    }))

  it('whose user listens to nothing runs all the same', () =>
    scene(async ({ world, alice, wire }) => {
      const send = (method: string) => alice.layer.request(alice.request(method, BOB), TO_BOB, {})
      const [silent, refused] = [send('OPTIONS'), send('INVITE')]
      await world.clock.sleep(1)
      wire.send(wire.answer(1, 180), alice)
      wire.send(wire.answer(1, 486), alice)
      const away = { transport: 'tcp', remote: { address: '10.0.0.9', port: 5060 } } as const
      const unreachable = alice.layer.request(alice.request('OPTIONS', BOB), away, {})
      await world.clock.sleep(65_000)
      expect([silent.state, refused.state, unreachable.state]).toEqual(['terminated', 'terminated', 'terminated'])
    }))

  it('keeps only the bytes of its request once there is an answer', () =>
    scene(async ({ world, alice, wire }) => {
      const whole = [alice.request('OPTIONS', BOB), alice.request('INVITE', BOB), alice.request('INVITE', BOB)]
      const sent = whole.map((request) => alice.send(request, TO_BOB).tx)
      await world.clock.sleep(1)
      wire.send(wire.answer(0, 200), alice)
      wire.send(wire.answer(1, 180), alice)
      wire.send(wire.answer(2, 486), alice)
      await world.clock.sleep(1)
      expect(sent.map((tx, nth) => tx.request === whole[nth])).toEqual([false, true, false])
      expect(sent.map((tx) => tx.request.toString())).toEqual(whole.map(String))
    }))

  it('tells somebody else from when it is handed over', () =>
    scene(async ({ world, alice, wire }) => {
      const { tx, told } = alice.send(alice.request('INVITE', BOB), TO_BOB)
      const later: string[] = []
      await world.clock.sleep(1)
      wire.send(wire.answer(0, 180), alice)
      await world.clock.sleep(1)
      tx.handOver({ onResponse: ({ status }) => later.push(String(status)), onTerminated: () => later.push('end') })
      wire.send(wire.answer(0, 200), alice)
      await world.clock.sleep(1)
      tx.terminate()
      tx.terminate()
      expect([told, later]).toEqual([['180'], ['200', 'end']])
    }))

  it('that has ended leaves its branch to another', () =>
    scene(async ({ world, alice, wire }) => {
      const start = (told: string[]) => {
        const user = { onResponse: () => told.push('answer'), onTerminated: () => told.push('end') }
        return alice.layer.request(alice.request('OPTIONS', BOB), TO_BOB, user, { branch: 'z9hG4bKone' })
      }
      const [first, second]: [string[], string[]] = [[], []]
      const ended = start(first)
      ended.terminate()
      start(second)
      ended.terminate()
      await world.clock.sleep(1)
      wire.send(wire.answer(1, 200), alice)
      await world.clock.sleep(1)
      expect([first, second]).toEqual([['end'], ['answer']])
    }))

  it('over TCP ends with its final answer, at once (§17.1.2.2)', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const states: string[] = []
      bob.layer.onRequest = (tx) => {
        tx.respond(reply(tx, 200))
        states.push(tx.state)
      }
      const { tx } = alice.send(alice.request('OPTIONS', bob), bob.hop('tcp'))
      const user = alice.transport.user!
      alice.transport.user = {
        received: (...message) => {
          user.received(...message)
          states.push(tx.state)
        },
        failed: (...about) => user.failed(...about),
      }
      await world.clock.sleep(1)
      expect(states).toEqual(['terminated', 'terminated'])
    })
  })
})

describe('the same ACK', () => {
  it('is kept for repeats of the refusal (§17.1.1.3)', () =>
    scene(async ({ world, alice, wire }) => {
      const { tx } = alice.send(alice.request('INVITE', BOB), TO_BOB)
      await world.clock.sleep(1)
      wire.send(wire.answer(0, 486), alice)
      await world.clock.sleep(1)
      const { ack } = tx
      wire.send(wire.answer(0, 487).replace(/;tag=b/, ';tag=other'), alice)
      await world.clock.sleep(1)
      expect(tx.ack).toBe(ack)
      expect(wire.words).toEqual(['INVITE', 'ACK', 'ACK'])
      expect(wire.heard[2]?.text).toBe(wire.heard[1]?.text)
    }))

  it('and a CANCEL spell From, To and Call-ID as the INVITE does, however that is (§9.1)', () =>
    scene(async ({ world, alice, wire }) => {
      const invite = alice.request('INVITE', BOB)
      invite.headers.set('From', '"Alice"  <sip:alice@10.0.0.1> ; tag=a')
      invite.headers.set('To', 'sip:bob@10.0.0.2')
      const { tx } = alice.send(invite, TO_BOB)
      await world.clock.sleep(1)
      wire.send(wire.answer(0, 180), alice)
      await world.clock.sleep(1)
      expect(tx.cancel()?.request.method).toBe('CANCEL')
      // Sent once: a second call does nothing.
      expect(tx.cancel()).toBeUndefined()
      wire.send(wire.answer(0, 487), alice)
      await world.clock.sleep(1)
      const [, cancel, ack] = wire.heard.map(({ message }) => message.headers)
      expect(cancel?.get('From')).toBe('"Alice"  <sip:alice@10.0.0.1> ; tag=a')
      expect([cancel?.get('To'), ack?.get('From')]).toEqual(['sip:bob@10.0.0.2', cancel?.get('From')])
    }))
})

describe('what cannot be sent', () => {
  const broken = new NetworkError('unreachable', 'no way')

  it('now is told a moment later, as an ACK too', () =>
    scene(async ({ world, alice, wire }) => {
      const first = alice.send(alice.request('INVITE', BOB), TO_BOB)
      const second = alice.send(alice.request('INVITE', BOB), TO_BOB)
      await world.clock.sleep(1)
      wire.send(wire.answer(0, 486), alice)
      alice.transport.sendOn = () => {
        throw broken
      }
      await world.clock.sleep(0)
      expect(first.told).toEqual(['486', 'error', 'terminated'])
      await world.clock.sleep(500)
      expect(second.told).toEqual(['error', 'terminated'])
      expect(alice.layer.size.client).toBe(0)
    }))

  it('by a defect of ours is thrown', () =>
    scene(async ({ alice }) => {
      alice.transport.onSent = () => {
        throw new TypeError('a bug')
      }
      expect(() => alice.send(alice.request('OPTIONS', BOB), TO_BOB)).toThrow(new TypeError('a bug'))
    }))

  it('is told to those who wait for an answer on that flow, and to nobody else (§17.1.4)', () =>
    scene(async ({ world, alice, wire }) => {
      const send = (method: string) => alice.send(alice.request(method, BOB), TO_BOB)
      const [calling, ringing, refused, accepted, trying] = [
        send('INVITE'),
        send('INVITE'),
        send('INVITE'),
        send('INVITE'),
        send('OPTIONS'),
      ]
      const elsewhere = alice.send(alice.request('OPTIONS', BOB), {
        transport: 'udp',
        remote: { address: '10.0.0.9', port: 5060 },
      })
      await world.clock.sleep(1)
      wire.send(wire.answer(1, 180), alice)
      wire.send(wire.answer(2, 486), alice)
      wire.send(wire.answer(3, 200), alice)
      await world.clock.sleep(1)
      alice.transport.user!.failed(calling.tx.flow!, broken)
      expect([calling, ringing, refused, accepted, trying, elsewhere].map(({ told }) => told.join(' '))).toEqual([
        'error terminated',
        '180 error terminated',
        '486',
        '200',
        'error terminated',
        '',
      ])
    }))

  it('names the error that came, or that the connection was closed', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE, { listen: ['udp'] })
      const bob = await world.peer(BOB)
      const errors: Error[] = []
      const user = { onTransportError: (error: Error) => errors.push(error) }
      const start = () => alice.layer.request(alice.request('OPTIONS', bob), bob.hop('tcp'), user)
      const one = start()
      await world.clock.sleep(1)
      one.flow!.close()
      await world.clock.sleep(1)
      const other = start()
      await world.clock.sleep(1)
      alice.transport.user!.failed(other.flow!, broken)
      expect(errors).toEqual([new NetworkError('closed', 'the tcp connection was closed before the answer'), broken])
      expect(errors.map((error) => error instanceof NetworkError && error.code)).toEqual(['closed', 'unreachable'])
    })
  })

  it('for an error is told though we listen: nobody will answer on a connection of its own then', async () => {
    const world = new World()
    await world.run(async () => {
      const alice = await world.peer(ALICE)
      const bob = await world.peer(BOB)
      const { tx, told } = alice.send(alice.request('OPTIONS', bob), bob.hop('tcp'))
      await world.clock.sleep(1)
      alice.transport.user!.failed(tx.flow!, broken)
      expect(told).toEqual(['error', 'terminated'])
    })
  })
})

describe('a flow that is slow to open', () => {
  /** Alice has no port yet, and gets one after 1200 ms, or this error. */
  function slow(error: Error | undefined, story: (s: { world: World; alice: Peer; tried: string[] }) => Promise<void>) {
    const world = new World()
    return world.run(async () => {
      const alice = await world.peer(ALICE, { listen: [] })
      await world.wire(BOB)
      const tried: string[] = []
      const open = alice.transport.flowTo.bind(alice.transport)
      alice.transport.flowTo = async (hop) => {
        tried.push(hop.transport)
        await world.clock.sleep(1200)
        if (error !== undefined) throw error
        return open(hop)
      }
      await story({ world, alice, tried })
    })
  }

  it('is opened once, and the request leaves when it is there', () =>
    slow(undefined, async ({ world, alice, tried }) => {
      alice.send(alice.request('INVITE', BOB), TO_BOB)
      await world.clock.sleep(2000)
      expect([tried, world.instants(ALICE, 'INVITE')]).toEqual([['udp'], [1200, 1500]])
    }))

  it('carries nothing of what has ended meanwhile', () =>
    slow(undefined, async ({ world, alice }) => {
      const { tx, told } = alice.send(alice.request('INVITE', BOB), TO_BOB)
      tx.terminate()
      await world.clock.sleep(3000)
      expect([told, world.sent]).toEqual([['terminated'], []])
    }))

  it('and fails is told once, and not at all of what has ended', () =>
    slow(new NetworkError('port-taken', 'none is free'), async ({ world, alice }) => {
      const ended = alice.send(alice.request('INVITE', BOB), TO_BOB)
      const other = alice.send(alice.request('INVITE', BOB), TO_BOB)
      ended.tx.terminate()
      await world.clock.sleep(3000)
      expect([ended.told, other.told]).toEqual([['terminated'], ['error', 'terminated']])
    }))
})
