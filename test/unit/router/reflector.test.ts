import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { ProbeFlow } from '../../../src/router/flow.js'
import { framed, readFrames } from '../../../src/router/frames.js'
import { Reflector } from '../../../src/router/reflector.js'
import {
  encodeReflector,
  encodeWake,
  parseReflector,
  parseSeen,
  type ReflectorMessage,
  type Seen,
} from '../../../src/router/reflector-message.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { type Endpoint, formatEndpoint, type UdpSocket } from '../../../src/transport/network.js'

const TYPES = ['hello', 'wake', 'size', 'speak', 'seen', 'poke', 'mirror', 'waking', 'sized'] as const
const AT = { address: '192.0.2.1', port: 5060 }

interface Scene {
  readonly network: MemoryNetwork
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly asker: Party
  readonly victim: Party
  /** All that the reflector has sent. */
  readonly sent: { readonly to: string; readonly bytes: number }[]
}

interface Party {
  readonly socket: UdpSocket
  readonly got: Buffer[]
}

async function scene(story: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = new VirtualClock()
  const random = new SeededRandom('reflector')
  const network = new MemoryNetwork({ clock, random })
  const sent: { to: string; bytes: number }[] = []
  network.filter = ({ from, to, data }) => {
    if (from.address === AT.address) sent.push({ to: formatEndpoint(to), bytes: data.length })
    return true
  }
  await clock.run(async () => {
    const reflector = await Reflector.start({ network, clock, random, addresses: [AT.address], ports: [5060, 15_060] })
    const party = async (address: string): Promise<Party> => {
      const socket = await network.bindUdp({ address, port: 7_000 })
      const got: Buffer[] = []
      socket.onMessage = (data) => got.push(data)
      return { socket, got }
    }
    await story({
      network,
      clock,
      random,
      asker: await party('198.51.100.1'),
      victim: await party('198.51.100.2'),
      sent,
    })
    await reflector.stop()
  })
}

const ask = (type: ReflectorMessage['type'], body: Buffer, o: Partial<ReflectorMessage> = {}): Buffer =>
  encodeReflector({ type, place: 0, flag: false, id: Buffer.alloc(8, 7), body, ...o })

async function hello({ clock }: Scene, party: Party): Promise<Seen> {
  party.socket.send(ask('hello', Buffer.alloc(200)), AT)
  await clock.sleep(50)
  return parseSeen(parseReflector(party.got.at(-1)!)!.body)!
}

describe('the reflector', () => {
  test('answers nothing that would be longer than what it was asked with', async () => {
    await scene(async ({ clock, random, asker, sent }) => {
      asker.socket.send(ask('hello', Buffer.alloc(0)), AT)
      for (let size = 0; size < 300; size += 7) {
        asker.socket.send(random.bytes(size), AT)
        for (const type of TYPES) {
          for (const flag of [false, true]) {
            const data = ask(type, random.bytes(size), { flag })
            const before = sent.length
            asker.socket.send(data, AT)
            await clock.sleep(60)
            for (const { bytes } of sent.slice(before)) expect(bytes).toBeLessThanOrEqual(data.length)
          }
        }
      }
      expect(new Set(sent.map(({ to }) => to))).toEqual(new Set(['198.51.100.1:7000']))
    })
  })

  test('sends to another socket, or bytes as they are, only with the cookie that was received there', async () => {
    await scene(async (stage) => {
      const { clock, random, asker, victim, sent } = stage
      const own = await hello(stage, asker)
      const whom: Endpoint = victim.socket.local
      const pokeId = random.bytes(8)
      const tries = [
        ask('wake', encodeWake({ whom, cookie: own.cookie, pokeId })),
        ask('wake', encodeWake({ whom, cookie: Buffer.alloc(16), pokeId })),
        ask('wake', encodeWake({ whom, cookie: own.cookie, pokeId }), { flag: true }),
        ask('speak', Buffer.concat([Buffer.alloc(16), Buffer.from('INVITE sip:a@b SIP/2.0\r\n\r\n')])),
        ask('size', Buffer.alloc(900), { flag: true }),
      ]
      const before = sent.length
      for (const data of tries) asker.socket.send(data, AT)
      await clock.sleep(100)
      expect(victim.got).toEqual([])
      // Three wakes were answered: nothing was sent.
      expect(sent.slice(before).map(({ to }) => to)).toEqual(Array.from({ length: 3 }, () => '198.51.100.1:7000'))
      expect(asker.got.slice(-3).map((data) => parseReflector(data)?.body[0])).toEqual([0, 0, 0])

      const theirs = await hello(stage, victim)
      asker.socket.send(ask('wake', encodeWake({ whom, cookie: theirs.cookie, pokeId })), AT)
      await clock.sleep(100)
      expect(parseReflector(victim.got.at(-1)!)).toMatchObject({ type: 'poke', id: pokeId })
      // The cookie proves no longer than an hour.
      await clock.sleep(3_700_000)
      victim.got.length = 0
      asker.socket.send(ask('wake', encodeWake({ whom, cookie: theirs.cookie, pokeId })), AT)
      await clock.sleep(100)
      expect(victim.got).toEqual([])
    })
  })

  test('limits what a source may ask for, and what all may', async () => {
    await scene(async ({ clock, asker, victim }) => {
      for (let count = 0; count < 1_000; count += 1) asker.socket.send(ask('hello', Buffer.alloc(200)), AT)
      victim.socket.send(ask('hello', Buffer.alloc(200)), AT)
      await clock.sleep(100)
      expect(asker.got.length).toBeGreaterThanOrEqual(600)
      expect(asker.got.length).toBeLessThan(620)
      expect(victim.got).toHaveLength(1)
      await clock.sleep(1_000)
      asker.socket.send(ask('hello', Buffer.alloc(200)), AT)
      await clock.sleep(100)
      expect(asker.got.length).toBeLessThan(640)
    })
  })

  test('closes connections that ask nothing, or something else, and those that are too many', async () => {
    await scene(async ({ clock, network }) => {
      const open = async () => {
        const connection = await network.connect({ kind: 'tcp', remote: AT, localAddress: '198.51.100.1' })
        const state = { connection, isClosed: false }
        connection.onClose = () => (state.isClosed = true)
        return state
      }
      const many = await Promise.all(Array.from({ length: 17 }, open))
      await clock.sleep(100)
      expect(many.filter(({ isClosed }) => isClosed)).toHaveLength(1)
      many[0]?.connection.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      await clock.sleep(100)
      expect(many.filter(({ isClosed }) => isClosed)).toHaveLength(2)
      await clock.sleep(16_000)
      expect(many.every(({ isClosed }) => isClosed)).toBe(true)
    })
  })

  test('tells a connection no more than a test has to hear, and closes it then', async () => {
    await scene(async (stage) => {
      const { clock, network, asker } = stage
      const got = [0, 0]
      const closed = [false, false]
      const remotes = [AT, { ...AT, port: 15_060 }]
      const connections = await Promise.all(
        remotes.map((remote) => network.connect({ kind: 'tcp', remote, localAddress: '198.51.100.1' })),
      )
      const cookies: Buffer[] = []
      for (const [nth, connection] of connections.entries()) {
        connection.onClose = () => (closed[nth] = true)
        readFrames(connection, (data) => {
          got[nth] = (got[nth] ?? 0) + 1
          const message = parseReflector(data)
          if (message?.type === 'seen') cookies.push(parseSeen(message.body)!.cookie)
        })
      }
      const [first] = connections
      const whom = first!.local
      first!.write(framed(ask('hello', Buffer.alloc(200))))
      await clock.sleep(100)
      expect(got).toEqual([1, 0])
      const wake = ask('wake', encodeWake({ whom, cookie: cookies[0]!, pokeId: Buffer.alloc(8, 1) }), { flag: true })
      for (let count = 0; count < 1_000; count += 1) asker.socket.send(wake, AT)
      await clock.sleep(100)
      expect(got).toEqual([20, 0])
      expect(closed).toEqual([true, false])
    })
  })

  test('hears nothing after what it closes a connection for', async () => {
    await scene(async ({ clock, network }) => {
      const connection = await network.connect({ kind: 'tcp', remote: AT, localAddress: '198.51.100.1' })
      let got = 0
      readFrames(connection, () => (got += 1))
      const hello = framed(ask('hello', Buffer.alloc(200)))
      connection.write(Buffer.concat([framed(Buffer.alloc(0)), hello, hello]))
      await clock.sleep(100)
      expect(got).toBe(0)
    })
  })

  test.each([3, 9])('answers also where it has %i addresses', async (count) => {
    const clock = new VirtualClock()
    const random = new SeededRandom('places')
    const network = new MemoryNetwork({ clock, random })
    await clock.run(async () => {
      const addresses = Array.from({ length: count }, (_, nth) => `192.0.2.${nth + 1}`)
      const reflector = await Reflector.start({ network, clock, random, addresses, ports: [5060, 15_060] })
      const flow = await ProbeFlow.open({ network, clock, random }, { address: '198.51.100.1', port: 0 })
      const seen = await flow.hello(AT)
      expect(seen?.places.slice(0, 3)).toEqual([AT, { ...AT, port: 15_060 }, { ...AT, address: '192.0.2.2' }])
      flow.close()
      await reflector.stop()
    })
  })

  test('mirrors SIP of a router test, and no other', async () => {
    await scene(async ({ clock, asker }) => {
      const sip = (header: string) =>
        Buffer.from(
          `REGISTER sip:a SIP/2.0\r\nContact: <sip:b@10.0.0.2>\r\n${header}X-Filler: ${'-'.repeat(64)}\r\n\r\n`,
        )
      asker.socket.send(sip(''), AT)
      await clock.sleep(100)
      expect(asker.got).toEqual([])
      const sent = sip('X-Ringproof-Probe: 0011223344556677\r\n')
      asker.socket.send(sent, AT)
      await clock.sleep(100)
      const [data] = asker.got
      expect(data?.length).toBe(sent.length)
      expect(data?.includes('sip:')).toBe(false)
      const message = parseReflector(data!)
      expect(message?.id.toString('hex')).toBe('0011223344556677')
      expect(message?.body.subarray(2).toString()).toBe(sent.toString().slice(0, -18))
    })
  })
})
