import { describe, expect, test } from 'vitest'
import type { Dependence } from '../../../src/nat/nat-kind.js'
import type { StreamConnection } from '../../../src/transport/network.js'
import { behindNat, outsider, PUBLIC } from './behind-nat.js'

const DEPENDENCES: Dependence[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent']

describe('kinds of NAT', () => {
  test.each(DEPENDENCES)('RFC 4787 §4.1: %s mapping', async (mapping) => {
    await behindNat({ mapping }, async ({ nat, clock, inner, outside }) => {
      const server = await outside('192.0.2.1')
      const samePlace = outsider(await inner.bindUdp({ address: '192.0.2.1', port: 5062 }))
      const elsewhere = await outside('192.0.2.2')
      const device = outsider(await nat.bindUdp({ address: '10.0.0.2', port: 5060 }))
      for (const { socket } of [server, samePlace, elsewhere]) device.socket.send(Buffer.from('x'), socket.local)
      await clock.sleep(10)
      const [first, second, third] = [server, samePlace, elsewhere].map(({ heard }) => heard[0]?.from.port)
      expect(second === first).toBe(mapping !== 'address-and-port-dependent')
      expect(third === first).toBe(mapping === 'endpoint-independent')
    })
  })

  test.each(DEPENDENCES)('RFC 4787 §5: %s filtering', async (filtering) => {
    await behindNat({ filtering }, async ({ nat, clock, inner, outside }) => {
      const server = await outside('192.0.2.1')
      const otherPort = await inner.bindUdp({ address: '192.0.2.1', port: 5062 })
      const stranger = await outside('192.0.2.2')
      const device = outsider(await nat.bindUdp({ address: '10.0.0.2', port: 5060 }))
      device.socket.send(Buffer.from('x'), server.socket.local)
      await clock.sleep(10)
      const mapped = server.heard[0]!.from
      server.socket.send(Buffer.from('server'), mapped)
      otherPort.send(Buffer.from('other port'), mapped)
      stranger.socket.send(Buffer.from('stranger'), mapped)
      await clock.sleep(10)
      expect(device.heard.map(({ text }) => text)).toEqual(
        ['server', 'other port', 'stranger'].slice(0, 3 - DEPENDENCES.indexOf(filtering)),
      )
    })
  })

  test('ports are preserved where they are free, or shared by mappings that the peer tells apart', async () => {
    await behindNat({ ports: 'preserved' }, async ({ nat, clock, outside }) => {
      const server = await outside('192.0.2.1')
      const [one, two] = [
        await nat.bindUdp({ address: '10.0.0.2', port: 5060 }),
        await nat.bindUdp({ address: '10.0.0.3', port: 5060 }),
      ]
      one.send(Buffer.from('1'), server.socket.local)
      two.send(Buffer.from('2'), server.socket.local)
      await clock.sleep(10)
      expect(server.heard.map(({ from }) => from.port === 5060)).toEqual([true, false])
    })
    await behindNat({ ports: 'overloaded', mapping: 'address-and-port-dependent' }, async ({ nat, clock, outside }) => {
      const [first, second] = [await outside('192.0.2.1'), await outside('192.0.2.2')]
      const [one, two] = [
        outsider(await nat.bindUdp({ address: '10.0.0.2', port: 5060 })),
        outsider(await nat.bindUdp({ address: '10.0.0.3', port: 5060 })),
      ]
      one.socket.send(Buffer.from('1'), first.socket.local)
      two.socket.send(Buffer.from('2'), second.socket.local)
      await clock.sleep(10)
      expect([first.heard[0]?.from, second.heard[0]?.from]).toEqual([
        { address: PUBLIC, port: 5060 },
        { address: PUBLIC, port: 5060 },
      ])
      first.socket.send(Buffer.from('to one'), first.heard[0]!.from)
      second.socket.send(Buffer.from('to two'), second.heard[0]!.from)
      await clock.sleep(10)
      expect([one.heard, two.heard].map((heard) => heard.map(({ text }) => text))).toEqual([['to one'], ['to two']])
      one.socket.close()
      second.socket.send(Buffer.from('again'), second.heard[0]!.from)
      await clock.sleep(10)
      expect(two.heard).toHaveLength(2)
    })
  })

  test('a carrier gives each customer blocks of ports, and drops what would need more', async () => {
    const ports = { first: 40_000, last: 40_005, blockSize: 2, blocksEach: 2 }
    await behindNat({ ports }, async ({ nat, clock, inner, outside }) => {
      const server = await outside('192.0.2.1')
      // Somebody else has one of them.
      await inner.bindUdp({ address: PUBLIC, port: 40_001 })
      const sends = async (address: string) => {
        const socket = await nat.bindUdp({ address, port: 0 })
        socket.send(Buffer.from(address), server.socket.local)
        await clock.sleep(5)
        return socket
      }
      for (let count = 0; count < 4; count += 1) await sends('10.0.0.2')
      await sends('10.0.0.3')
      expect(server.heard.map(({ from, text }) => [text, from.port])).toEqual([
        ['10.0.0.2', 40_000],
        ['10.0.0.2', 40_002],
        ['10.0.0.2', 40_003],
        ['10.0.0.3', 40_004],
      ])
      expect(nat.exhausted).toBe(1)
      await sends('10.0.0.4')
      expect(nat.exhausted).toBe(2)
      // What is forgotten is free again, for the same customer.
      nat.forget()
      await sends('10.0.0.2')
      expect(server.heard.at(-1)?.from.port).toBe(40_000)
    })
  })

  test('RFC 4787 §6: two devices behind it reach each other by their outside addresses, or do not', async () => {
    for (const hairpin of ['external', 'internal', 'none'] as const) {
      await behindNat({ hairpin, filtering: 'endpoint-independent' }, async ({ nat, clock, outside }) => {
        const server = await outside('192.0.2.1')
        const one = outsider(await nat.bindUdp({ address: '10.0.0.2', port: 5060 }))
        const two = outsider(await nat.bindUdp({ address: '10.0.0.3', port: 5060 }))
        one.socket.send(Buffer.from('x'), server.socket.local)
        two.socket.send(Buffer.from('x'), server.socket.local)
        await clock.sleep(10)
        const [first, second] = server.heard.map(({ from }) => from)
        one.socket.send(Buffer.from('hello'), second!)
        await clock.sleep(10)
        expect(two.heard.map(({ from }) => from)).toEqual(
          { external: [first], internal: [one.socket.local], none: [] }[hairpin],
        )
      })
    }
  })

  test('a flow without an answer is forgotten sooner; what comes in may keep one alive', async () => {
    const kind = { mappingTimeoutMs: 60_000, unrepliedTimeoutMs: 10_000, refreshedBy: 'both' } as const
    await behindNat(kind, async ({ nat, clock, outside }) => {
      const server = await outside('192.0.2.1')
      const device = outsider(await nat.bindUdp({ address: '10.0.0.2', port: 5060 }))
      device.socket.send(Buffer.from('x'), server.socket.local)
      await clock.sleep(9_900)
      expect(nat.mappings()).toHaveLength(1)
      await clock.sleep(200)
      expect(nat.mappings()).toEqual([])
      device.socket.send(Buffer.from('x'), server.socket.local)
      await clock.sleep(10)
      for (let minute = 0; minute < 4; minute += 1) {
        server.socket.send(Buffer.from('poke'), server.heard[1]!.from)
        await clock.sleep(50_000)
      }
      expect(device.heard).toHaveLength(4)
      await clock.sleep(20_000)
      expect(nat.mappings()).toEqual([])
    })
  })

  test('a connection that was idle for too long, or whose router has restarted, leads nowhere, and nobody is told', async () => {
    await behindNat({ streamTimeoutMs: 60_000 }, async ({ nat, clock, inner }) => {
      const at = { address: '192.0.2.1', port: 5060 }
      const accepted: { connection: StreamConnection; text: string; closed: boolean }[] = []
      await inner.listen({
        kind: 'tcp',
        at,
        onConnection: (connection) => {
          const entry = { connection, text: '', closed: false }
          accepted.push(entry)
          connection.onData = (data) => (entry.text += data.toString())
          connection.onClose = () => (entry.closed = true)
        },
      })
      const idle = await nat.connect({ kind: 'tcp', remote: at })
      let ended = 0
      idle.onClose = () => (ended += 1)
      idle.write(Buffer.from('one'))
      await clock.sleep(59_000)
      idle.write(Buffer.from('two'))
      await clock.sleep(61_000)
      idle.write(Buffer.from('three'))
      accepted[0]?.connection.write(Buffer.from('back'))
      await clock.sleep(10)
      expect(accepted[0]?.text).toBe('onetwo')
      expect(idle.open).toBe(true)
      idle.close()
      await clock.sleep(10)
      expect([ended, idle.open, accepted[0]?.closed]).toEqual([1, false, false])

      const other = await nat.connect({ kind: 'tcp', remote: at })
      nat.restart()
      other.write(Buffer.from('lost'))
      await clock.sleep(10)
      expect(accepted[1]?.text).toBe('')
      nat.close()
      await clock.sleep(10)
      expect(accepted.map(({ closed }) => closed)).toEqual([true, true])
    })
  })

  test('devices behind it have addresses one after the other', async () => {
    await behindNat({ insideAddress: '100.64.0.9' }, ({ nat }) => {
      expect([nat.nextInside(), nat.nextInside()]).toEqual(['100.64.0.9', '100.64.0.10'])
      return Promise.resolve()
    })
    await behindNat({ insideAddress: 'fd00::f' }, ({ nat }) => {
      expect([nat.nextInside(), nat.nextInside()]).toEqual(['fd00::f', 'fd00::10'])
      return Promise.resolve()
    })
  })
})

describe('a SIP ALG', () => {
  const message = (contact: string) =>
    [
      'INVITE sip:bob@192.0.2.1 SIP/2.0',
      `Via: SIP/2.0/UDP ${contact};branch=z9hG4bK1;rport`,
      'From: <sip:alice@192.0.2.1>;tag=1',
      `Contact: <sip:alice@${contact}>`,
      'Content-Type: application/sdp',
      'Content-Length: 36',
      '',
      'v=0\r\nc=IN IP4 10.0.0.2\r\nt=10.0.0.2\r\n',
    ].join('\r\n')
  const PORT = 5060

  test.each(['right', 'wrong-length', 'one-way'] as const)('that is %s', async (alg) => {
    await behindNat({ alg }, async ({ nat, clock, inner, outside }) => {
      const server = await outside('192.0.2.1')
      const other = outsider(await inner.bindUdp({ address: '192.0.2.1', port: 5062 }))
      const device = outsider(await nat.bindUdp({ address: '10.0.0.2', port: PORT }))
      const sent = message('10.0.0.2:5060')
      device.socket.send(Buffer.from(sent), server.socket.local)
      device.socket.send(Buffer.from(sent), other.socket.local)
      await clock.sleep(10)
      const mapped = server.heard[0]!.from
      const arrived = server.heard[0]!.text
      expect(arrived).toContain(`Via: SIP/2.0/UDP ${PUBLIC}:${mapped.port};branch`)
      expect(arrived).toContain(`Contact: <sip:alice@${PUBLIC}:${mapped.port}>`)
      expect(arrived).toContain(`c=IN IP4 ${PUBLIC}\r\nt=10.0.0.2`)
      expect(arrived).toContain(`Content-Length: ${alg === 'wrong-length' ? 36 : 39}`)
      // It knows SIP by its port.
      expect(other.heard[0]?.text).toBe(sent)
      server.socket.send(
        Buffer.from(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${PUBLIC}:${mapped.port};rport\r\n\r\n`),
        mapped,
      )
      await clock.sleep(10)
      expect(device.heard[0]?.text).toContain(alg === 'one-way' ? PUBLIC : 'UDP 10.0.0.2:5060;rport')
      device.socket.send(Buffer.from('\r\n\r\n'), server.socket.local)
      await clock.sleep(10)
      expect(server.heard[1]?.text).toBe('\r\n\r\n')
    })
  })
})
