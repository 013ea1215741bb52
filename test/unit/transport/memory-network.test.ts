import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { MemoryNetwork, type MemoryNetworkOptions } from '../../../src/transport/memory-network.js'
import type { StreamConnection } from '../../../src/transport/network.js'

const A = '192.0.2.1'
const B = '192.0.2.2'

/** Runs `main` on a fresh network in virtual time. */
function onWire<T>(
  main: (network: MemoryNetwork, clock: VirtualClock) => Promise<T>,
  options: Partial<MemoryNetworkOptions> = {},
  seed = 'wire',
): Promise<T> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, random: new SeededRandom(seed), ...options })
  return clock.run(() => main(network, clock))
}

/** Sends `count` numbered datagrams, 20 ms apart, and says which arrived and when. */
async function stream(network: MemoryNetwork, clock: VirtualClock, count: number) {
  const from = await network.bindUdp({ address: A, port: 0 })
  const to = await network.bindUdp({ address: B, port: 0 })
  const heard: { n: number; at: number }[] = []
  to.onMessage = (data, _from, at) => heard.push({ n: data.readUInt32BE(0), at })
  const reused = Buffer.alloc(4)
  for (let n = 0; n < count; n++) {
    reused.writeUInt32BE(n)
    from.send(reused, to.local)
    await clock.sleep(20)
  }
  await clock.sleep(1000)
  return heard
}

const numbers = (heard: { n: number }[]) => heard.map(({ n }) => n)
const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('datagrams', () => {
  test('a good link delivers each once, in order, after its delay', async () => {
    const heard = await onWire((network, clock) => stream(network, clock, 50), { link: { delayMs: 30 } })
    expect(numbers(heard)).toEqual(inOrder(50))
    expect(heard.map(({ at }) => at)).toEqual(inOrder(50).map((n) => n * 20 + 30))
  })

  test('loss, duplication, reordering and jitter come in the shares asked for, and again from the same seed', async () => {
    const count = 2000
    const run = (link: object, seed?: string) =>
      onWire((network, clock) => stream(network, clock, count), { link }, seed)

    const lossy = await run({ loss: 0.1 })
    expect(Math.abs(count - lossy.length - 200)).toBeLessThan(50)
    expect(await run({ loss: 0.1 })).toEqual(lossy)
    expect(await run({ loss: 0.1 }, 'another seed')).not.toEqual(lossy)
    expect(await run({ loss: 1 })).toEqual([])

    const doubled = await run({ duplicate: 0.1 })
    expect(Math.abs(doubled.length - count - 200)).toBeLessThan(50)

    const shuffled = numbers(await run({ reorder: 0.1 }))
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(inOrder(count))
    const late = shuffled.filter((n, i) => i > 0 && n < shuffled[i - 1]!).length
    expect(Math.abs(late - 180)).toBeLessThan(50)

    // Jitter beyond the spacing of packets does not change their order.
    const jittery = await run({ delayMs: 10, jitterMs: 50 })
    expect(numbers(jittery)).toEqual(inOrder(count))
    const delays = jittery.map(({ n, at }) => at - n * 20)
    expect(Math.min(...delays)).toBeLessThan(15)
    expect(Math.max(...delays)).toBeGreaterThan(55)
    expect(Math.max(...delays)).toBeLessThanOrEqual(60)
  })

  test('conditions can be set for a block of addresses and lifted again; the last rule counts', async () => {
    await onWire(async (network, clock) => {
      network.setLink({ to: '192.0.2.0/24', conditions: { loss: 1 } })
      expect(await stream(network, clock, 5)).toEqual([])
      const rule = network.setLink({ from: A, transport: 'udp', conditions: { delayMs: 7 } })
      expect((await stream(network, clock, 1)).length).toBe(1)
      rule.remove()
      expect(await stream(network, clock, 5)).toEqual([])
      expect(() => network.setLink({ to: '192.0.2.0/33', conditions: {} })).toThrow(RangeError)
      expect(() => network.setLink({ conditions: { loss: 5 } })).toThrow(RangeError)
    })
  })

  test('ports are taken and given back as the kernel does it; wildcards take what nobody else has', async () => {
    await onWire(async (network, clock) => {
      const taken = { code: 'port-taken' }
      const all = await network.bindUdp({ address: '0.0.0.0', port: 5060 })
      await expect(network.bindUdp({ address: A, port: 5060 })).rejects.toMatchObject(taken)
      const six = await network.bindUdp({ address: '2001:DB8:0::1', port: 5060 })
      expect(six.local.address).toBe('2001:db8::1')
      await expect(network.bindUdp({ address: '2001:db8::1', port: 5060 })).rejects.toMatchObject(taken)
      await expect(network.bindUdp({ address: 'sip.example', port: 5060 })).rejects.toMatchObject({ code: 'address' })

      const heard: string[] = []
      all.onMessage = (data, from) => {
        heard.push(data.toString())
        all.send(Buffer.from('back'), from)
      }
      const one = await network.bindUdp({ address: B, port: 0 })
      one.onMessage = (data, from) => heard.push(`${data.toString()} from ${from.address}`)
      one.send(Buffer.from('to anyone'), { address: '198.51.100.77', port: 5060 })
      six.onMessage = (data) => heard.push(data.toString())
      const otherSix = await network.bindUdp({ address: '2001:db8::2', port: 0 })
      otherSix.send(Buffer.from('six'), { address: '2001:0db8::0001', port: 5060 })
      await clock.sleep(10)
      expect(heard).toEqual(['to anyone', 'six', 'back from 127.0.0.1'])

      all.close()
      await network.bindUdp({ address: A, port: 5060 })
      const codes: string[] = []
      one.onError = (error) => codes.push(error.code)
      one.send(Buffer.alloc(70_000), { address: A, port: 5060 })
      one.send(Buffer.from('x'), six.local)
      one.send(Buffer.from('x'), { address: A, port: 0 })
      expect(codes).toEqual([])
      await clock.sleep(1)
      expect(codes).toEqual(['other', 'address', 'address'])
    })
  })
})

describe('streams', () => {
  const collect = (connection: StreamConnection) => {
    const pieces: string[] = []
    let closed: string | undefined
    connection.onData = (data) => pieces.push(data.toString())
    connection.onClose = (error) => {
      closed = error?.code ?? 'closed'
    }
    return { pieces, text: () => pieces.join(''), closed: () => closed }
  }

  test.each(['tcp', 'tls'] as const)(
    '%s is ordered and reliable though loss, jitter and splitting happen',
    async (kind) => {
      await onWire(
        async (network, clock) => {
          const accepted: StreamConnection[] = []
          const at = { address: '2001:db8::5', port: 5061 }
          await network.listen({ kind, at, onConnection: (c) => accepted.push(c) })
          const client = await network.connect({
            kind,
            remote: at,
            localAddress: '2001:db8::9',
            ...(kind === 'tls' ? { tls: { serverName: 'sip.example', verify: true } } : {}),
            timeoutMs: 60_000,
          })
          const sent: string[] = []
          for (let i = 0; i < 200; i++) {
            sent.push(`message ${i} ${'.'.repeat(i)}\n`)
            client.write(Buffer.from(sent.at(-1)!))
            if (i % 10 === 0) await clock.sleep(5)
          }
          client.close()
          await clock.sleep(200_000)
          const server = accepted[0]!
          expect(server.local).toEqual(at)
          expect(server.remote).toEqual(client.local)
          expect(server.tls?.standIn).toBe(kind === 'tls' ? true : undefined)
          expect(server.tls?.serverName).toBe(kind === 'tls' ? 'sip.example' : undefined)
          // Nobody listened until now: everything was kept.
          const heard = collect(server)
          await clock.sleep(1)
          expect(heard.text()).toBe(sent.join(''))
          expect(heard.pieces).not.toEqual(sent)
          expect(heard.closed()).toBe('closed')
          expect(server.open).toBe(false)
          server.write(Buffer.from('late'))
          client.write(Buffer.from('late'))
        },
        { link: { delayMs: 5, jitterMs: 20, loss: 0.2 } },
      )
    },
  )

  test('nobody listening is refused after a round trip; a dead link times out', async () => {
    await onWire(
      async (network, clock) => {
        const remote = { address: B, port: 5060 }
        await expect(network.connect({ kind: 'tcp', remote })).rejects.toMatchObject({ code: 'refused' })
        expect(clock.now()).toBe(20)
        const listener = await network.listen({ kind: 'tcp', at: remote, onConnection: () => {} })
        await expect(network.listen({ kind: 'tls', at: remote, onConnection: () => {} })).rejects.toMatchObject({
          code: 'port-taken',
        })
        const rule = network.setLink({ to: B, conditions: { loss: 1 } })
        await expect(network.connect({ kind: 'tcp', remote, timeoutMs: 5000 })).rejects.toMatchObject({
          code: 'timeout',
        })
        rule.remove()
        await expect(
          network.connect({ kind: 'tls', remote, tls: { serverName: 'b', verify: true } }),
        ).rejects.toMatchObject({ code: 'tls' })
        const client = await network.connect({ kind: 'tcp', remote })
        await listener.close()
        await network.listen({ kind: 'tls', at: remote, onConnection: () => {} })
        expect(client.open).toBe(true)
      },
      { link: { delayMs: 10 } },
    )
  })

  test('an outage delays; an outage without end breaks the connection; plain bytes end a TLS listener’s patience', async () => {
    await onWire(async (network, clock) => {
      const at = { address: B, port: 5060 }
      const accepted: StreamConnection[] = []
      await network.listen({ kind: 'tcp', at, onConnection: (c) => accepted.push(c) })
      const client = await network.connect({ kind: 'tcp', remote: at, localAddress: A })
      await clock.sleep(10)
      const heard = collect(accepted[0]!)
      const fate = collect(client)
      const outage = network.setLink({ from: A, conditions: { loss: 1 } })
      client.write(Buffer.from('one '))
      client.write(Buffer.from('two'))
      await clock.sleep(5000)
      expect(heard.text()).toBe('')
      outage.remove()
      await clock.sleep(5000)
      expect(heard.text()).toBe('one two')
      network.setLink({ from: A, conditions: { loss: 1 } })
      client.write(Buffer.from('three'))
      await clock.sleep(600_000)
      expect(fate.closed()).toBe('timeout')
      expect(client.open).toBe(false)

      const secure = { address: B, port: 5061 }
      await network.listen({ kind: 'tls', at: secure, onConnection: () => expect.unreachable() })
      const plain = await network.connect({ kind: 'tcp', remote: secure })
      const plainFate = collect(plain)
      plain.write(Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'))
      await clock.sleep(10)
      expect(plainFate.closed()).toBe('closed')
    })
  })
})
