import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { parseAccessLine } from '../../../src/transport/access-line.js'
import { ImpairedNetwork } from '../../../src/transport/impaired-network.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint, StreamConnection, UdpSocket } from '../../../src/transport/network.js'

const FAR: Endpoint = { address: '192.0.2.1', port: 5060 }
const NEAR: Endpoint = { address: '198.51.100.7', port: 40_000 }

/** Devices behind a line, and a wire that takes no time. */
function behind<T>(conditions: string, story: (o: Story) => Promise<T>): Promise<T> {
  const clock = new VirtualClock()
  const wire = new MemoryNetwork({ clock, random: new SeededRandom('wire'), link: { delayMs: 0 }, splitStreams: false })
  const line = new ImpairedNetwork(wire, parseAccessLine(conditions), new SeededRandom('line'))
  return clock.run(() => story({ clock, wire, line }))
}

interface Story {
  readonly clock: VirtualClock
  readonly wire: MemoryNetwork
  readonly line: ImpairedNetwork
}

const received = (socket: UdpSocket): { text: string; at: number }[] => {
  const list: { text: string; at: number }[] = []
  socket.onMessage = (data, _from, at) => list.push({ text: data.toString(), at })
  return list
}

describe('datagrams over an access line', () => {
  test('are delayed in each direction by its own delay, in order', async () => {
    await behind('up.delay=40ms±15,down.delay=80ms', async ({ clock, wire, line }) => {
      const far = await wire.bindUdp(FAR)
      const near = await line.bindUdp(NEAR)
      const [up, down] = [received(far), received(near)]
      for (let i = 0; i < 50; i++) near.send(Buffer.from(String(i)), FAR)
      far.send(Buffer.from('hello'), NEAR)
      await clock.sleep(500)
      expect(up.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
      for (const { at } of up) expect(at).toBeGreaterThanOrEqual(25)
      expect(up.at(-1)?.at).toBeLessThanOrEqual(55)
      expect(down).toEqual([{ text: 'hello', at: 80 }])
    })
  })

  test.each([
    ['loss=1%', 0.01],
    ['loss=3%,burst=100ms', 0.03],
  ])('%s loses about that share', async (conditions, share) => {
    await behind(conditions, async ({ clock, wire, line }) => {
      const far = await wire.bindUdp(FAR)
      const near = await line.bindUdp(NEAR)
      const up = received(far)
      const count = 20_000
      for (let i = 0; i < count; i++) {
        near.send(Buffer.from(String(i)), FAR)
        await clock.sleep(20)
      }
      const lost = 1 - up.length / count
      expect(lost).toBeGreaterThan(share * 0.6)
      expect(lost).toBeLessThan(share * 1.4)
      // Runs of losses: of one packet, or of some five (100 ms of audio).
      const arrived = up.map(({ text }) => Number(text))
      const gaps = arrived
        .slice(1)
        .map((n, i) => n - (arrived[i] ?? 0) - 1)
        .filter((gap) => gap > 0)
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
      if (conditions.includes('burst')) expect(mean).toBeGreaterThan(3)
      else expect(mean).toBeLessThan(1.2)
    })
  })

  test('may arrive twice, or after their successor', async () => {
    await behind('dup=10%,reorder=10%', async ({ clock, wire, line }) => {
      const far = await wire.bindUdp(FAR)
      const near = await line.bindUdp(NEAR)
      const up = received(far)
      for (let i = 0; i < 1000; i++) {
        near.send(Buffer.from(String(i)), FAR)
        await clock.sleep(20)
      }
      await clock.sleep(200)
      const arrived = up.map(({ text }) => Number(text))
      expect(new Set(arrived).size).toBe(1000)
      expect(arrived.length).toBeGreaterThan(1050)
      expect(arrived.filter((n, i) => n < (arrived[i - 1] ?? 0)).length).toBeGreaterThan(50)
    })
  })

  test('leave though their socket is closed at once, and the port can be bound again', async () => {
    await behind('delay=40ms', async ({ clock, wire, line }) => {
      const far = await wire.bindUdp(FAR)
      const up = received(far)
      const near = await line.bindUdp(NEAR)
      near.send(Buffer.from('last'), FAR)
      near.close()
      const again = await line.bindUdp(NEAR)
      again.send(Buffer.from('first'), FAR)
      await clock.sleep(100)
      expect(up.map(({ text }) => text)).toEqual(['last', 'first'])
    })
  })
})

describe('connections over an access line', () => {
  const connected = async ({ wire, line }: Story): Promise<[StreamConnection, StreamConnection]> => {
    const accepted = new Promise<StreamConnection>((onConnection) => {
      void wire.listen({ kind: 'tcp', at: FAR, onConnection })
    })
    const near = await line.connect({ kind: 'tcp', remote: FAR, localAddress: NEAR.address })
    return [near, await accepted]
  }

  test('take a round trip to open, lose nothing, and end in both directions', async () => {
    await behind('loss=10%,delay=40ms±15', async (story) => {
      const { clock } = story
      const [near, far] = await connected(story)
      expect(clock.now()).toBeGreaterThanOrEqual(50)
      let up = ''
      let down = ''
      const ends: string[] = []
      far.onData = (data) => (up += data.toString())
      near.onData = (data) => (down += data.toString())
      near.onClose = () => ends.push('near')
      far.onClose = () => ends.push('far')
      const text = Array.from({ length: 100 }, (_, i) => `${i},`)
      for (const piece of text) near.write(Buffer.from(piece))
      for (const piece of text) far.write(Buffer.from(piece))
      await clock.sleep(60_000)
      expect([up, down]).toEqual([text.join(''), text.join('')])
      far.write(Buffer.from('bye'))
      far.close()
      await clock.sleep(10_000)
      expect(down.endsWith('bye')).toBe(true)
      expect(ends.toSorted()).toEqual(['far', 'near'])
      expect(near.open).toBe(false)
    })
  })

  test('over a dead line are not opened', async () => {
    await behind('loss=100%', async ({ line, clock }) => {
      await expect(line.connect({ kind: 'tcp', remote: FAR })).rejects.toMatchObject({ code: 'timeout' })
      expect(clock.now()).toBe(10_000)
    })
  })
})
