import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { KeepAlive, type KeepAliveOptions, PING } from '../../../src/nat/keep-alive.js'
import { NatNetwork } from '../../../src/nat/nat-network.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { formatEndpoint, type StreamConnection } from '../../../src/transport/network.js'
import { behindNat, outsider, PUBLIC } from './behind-nat.js'

describe('a device behind a NAT', () => {
  test('is seen from the public address, is reached by whom it sent to, and only while it sends', async () => {
    await behindNat({}, async ({ nat, clock, outside }) => {
      const server = await outside('192.0.2.1')
      const stranger = await outside('192.0.2.2')
      const device = outsider(await nat.bindUdp({ address: '0.0.0.0', port: 5060 }))
      expect(device.socket.local).toEqual({ address: '10.0.0.2', port: 5060 })
      await expect(nat.bindUdp({ address: '10.0.0.2', port: 5060 })).rejects.toMatchObject({ code: 'port-taken' })

      device.socket.send(Buffer.from('REGISTER'), server.socket.local)
      device.socket.send(Buffer.from('again'), server.socket.local)
      await clock.sleep(10)
      const [first, again] = server.heard
      expect([first?.text, again?.text]).toEqual(['REGISTER', 'again'])
      const mapped = first!.from
      expect(mapped.address).toBe(PUBLIC)
      expect(mapped.port).not.toBe(5060)
      expect(again?.from).toEqual(mapped)

      server.socket.send(Buffer.from('INVITE'), mapped)
      stranger.socket.send(Buffer.from('spam'), mapped)
      await clock.sleep(10)
      expect(device.heard.map(({ text }) => text)).toEqual(['INVITE'])
      expect(device.heard[0]?.from).toEqual(server.socket.local)

      // What comes in does not keep the mapping alive.
      for (let i = 0; i < 4; i++) {
        server.socket.send(Buffer.from('poke'), mapped)
        await clock.sleep(9000)
      }
      expect(device.heard).toHaveLength(5)
      expect(nat.mappings()).toEqual([])
      server.socket.send(Buffer.from('INVITE'), mapped)
      await clock.sleep(10)
      expect(device.heard).toHaveLength(5)

      // The next word from inside opens another one, on another port.
      device.socket.send(Buffer.from('REGISTER'), server.socket.local)
      await clock.sleep(10)
      const renewed = server.heard.at(-1)!.from
      expect(renewed.port).not.toBe(mapped.port)
      expect(nat.mappings()).toEqual([{ inside: device.socket.local, outside: renewed }])
      nat.forget()
      expect(nat.mappings()).toEqual([])
      device.socket.close()
      await nat.bindUdp({ address: '0.0.0.0', port: 5060 })
    })
  })

  test('keep-alives hold the mapping open', async () => {
    await behindNat({}, async ({ nat, clock, outside }) => {
      const server = await outside('192.0.2.1')
      const device = outsider(await nat.bindUdp({ address: '0.0.0.0', port: 5060 }))
      const keepAlive = new KeepAlive({
        clock,
        random: new SeededRandom(3),
        kind: 'crlf-one-way',
        send: (data) => device.socket.send(data, server.socket.local),
        onFailed: () => expect.unreachable(),
      })
      device.socket.send(Buffer.from('REGISTER'), server.socket.local)
      keepAlive.start()
      await clock.sleep(3_600_000)
      server.socket.send(Buffer.from('INVITE'), server.heard[0]!.from)
      await clock.sleep(10)
      expect(device.heard.map(({ text }) => text)).toEqual(['INVITE'])
      expect(new Set(server.heard.map(({ from }) => formatEndpoint(from))).size).toBe(1)
      keepAlive.stop()
      await clock.sleep(31_000)
      expect(nat.mappings()).toEqual([])
    })
  })

  test('filtering and mapping behave as RFC 4787 §4.1 and §5 name them', async () => {
    await behindNat({ filtering: 'endpoint-independent' }, async ({ nat, clock, outside }) => {
      const [server, stranger] = [await outside('192.0.2.1'), await outside('192.0.2.2')]
      const device = outsider(await nat.bindUdp({ address: '10.0.0.7', port: 0 }))
      device.socket.send(Buffer.from('x'), server.socket.local)
      await clock.sleep(10)
      stranger.socket.send(Buffer.from('let in'), server.heard[0]!.from)
      await clock.sleep(10)
      expect(device.heard.map(({ text }) => text)).toEqual(['let in'])
    })
    await behindNat({ mapping: 'address-and-port-dependent' }, async ({ nat, clock, outside }) => {
      const [one, two] = [await outside('192.0.2.1'), await outside('192.0.2.2')]
      const device = outsider(await nat.bindUdp({ address: '10.0.0.7', port: 0 }))
      device.socket.send(Buffer.from('x'), one.socket.local)
      device.socket.send(Buffer.from('x'), two.socket.local)
      await clock.sleep(10)
      expect(one.heard[0]?.from.port).not.toBe(two.heard[0]?.from.port)
      expect(nat.mappings().map(({ peer }) => peer)).toEqual([one.socket.local, two.socket.local])
    })
  })

  test('TCP goes out from the public address; the other family passes untouched; nobody gets in', async () => {
    await behindNat({}, async ({ nat, clock }) => {
      const accepted: StreamConnection[] = []
      const outer = new MemoryNetwork({ clock, random: new SeededRandom(1) })
      const natOnOuter = new NatNetwork({
        inner: outer,
        clock,
        publicAddress: PUBLIC,
        mappingTimeoutMs: 1,
        filtering: 'endpoint-independent',
      })
      const at = { address: '192.0.2.1', port: 5060 }
      await outer.listen({ kind: 'tcp', at, onConnection: (c) => accepted.push(c) })
      const connection = await natOnOuter.connect({ kind: 'tcp', remote: at, localAddress: '10.0.0.2' })
      connection.write(Buffer.from('hi'))
      await clock.sleep(10)
      expect(accepted[0]?.remote.address).toBe(PUBLIC)
      expect(connection.local).toEqual({ address: '10.0.0.2', port: accepted[0]?.remote.port })
      const ended = new Promise<void>((resolve) => {
        connection.onClose = () => resolve()
      })
      accepted[0]?.close()
      await ended
      expect((await nat.bindUdp({ address: '2001:db8::7', port: 0 })).local.address).toBe('2001:db8::7')
      const deaf = await natOnOuter.listen({
        kind: 'tcp',
        at: { address: '0.0.0.0', port: 5060 },
        onConnection: () => {},
      })
      await expect(
        outer.connect({ kind: 'tcp', remote: { address: PUBLIC, port: deaf.local.port } }),
      ).rejects.toMatchObject({ code: 'refused' })
    })
  })
})

describe('keep-alive', () => {
  const keep = (clock: VirtualClock, over: Partial<KeepAliveOptions>) => {
    const pings: number[] = []
    const failures: { at: number; reason: string }[] = []
    const keepAlive = new KeepAlive({
      clock,
      random: new SeededRandom(5),
      kind: 'crlf',
      send: (data) => {
        expect(data).toEqual(PING)
        pings.push(clock.now())
      },
      onFailed: (reason) => failures.push({ at: clock.now(), reason }),
      ...over,
    })
    keepAlive.start()
    return { keepAlive, pings, failures }
  }

  test('RFC 5626 §4.4.1: pings 95 to 120 s apart, never evenly; no pong within 10 s is a dead flow', async () => {
    const clock = new VirtualClock()
    const { keepAlive, pings, failures } = keep(clock, {})
    await clock.run(async () => {
      while (pings.length < 20) {
        await clock.sleep(5000)
        keepAlive.pong()
      }
      const waits = pings.map((at, i) => at - (pings[i - 1] ?? 0))
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(95_000)
      expect(Math.max(...waits)).toBeLessThanOrEqual(120_000)
      expect(new Set(waits).size).toBe(20)
      expect(failures).toEqual([])
      await clock.sleep(1_000_000)
    })
    expect(failures).toEqual([{ at: pings[20]! + 10_000, reason: expect.stringContaining('no CRLF came back') }])
    expect(pings).toHaveLength(21)
  })

  test('RFC 5626 §4.4.2: silence, an error and a changed address each fail the flow', async () => {
    const mapped = (port: number) =>
      ({ outcome: 'mapped', mapped: { address: PUBLIC, port }, requestsSent: 1 }) as const
    const endings = [
      [() => undefined, /no STUN response/],
      [() => ({ outcome: 'timeout', requestsSent: 7 }) as const, /no STUN response/],
      [() => ({ outcome: 'error', requestsSent: 1 }) as const, /without an address/],
      [(n: number) => mapped(n < 3 ? 4000 : 4001), /changed from 203\.0\.113\.1:4000 to 203\.0\.113\.1:4001/],
    ] as const
    for (const [answer, reason] of endings) {
      const clock = new VirtualClock()
      let n = 0
      const { keepAlive, failures } = keep(clock, {
        kind: 'stun',
        send: () => {
          const result = answer(++n)
          if (result !== undefined) keepAlive.answered(result)
        },
      })
      await clock.run(() => clock.sleep(600_000))
      expect(failures.map((failure) => failure.reason)).toEqual([expect.stringMatching(reason)])
    }
  })
})
