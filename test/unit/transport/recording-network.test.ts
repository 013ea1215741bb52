import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { StreamConnection } from '../../../src/transport/network.js'
import { RecordingNetwork, type WireEvent } from '../../../src/transport/recording-network.js'

test('everything that goes over the wire is told once, in order, as it was', async () => {
  const clock = new VirtualClock()
  const inner = new MemoryNetwork({ clock, random: new SeededRandom(1), link: { delayMs: 5 }, splitStreams: false })
  const events: WireEvent[] = []
  const network = new RecordingNetwork(inner, (event) => events.push(event))
  const read: string[] = []

  await clock.run(async () => {
    const here = await network.bindUdp({ address: '192.0.2.1', port: 5060 })
    const there = await network.bindUdp({ address: '192.0.2.2', port: 5060 })
    // The receiver may scribble on what it was given, the sender on what it sent.
    there.onMessage = (data, from) => {
      there.send(data.fill('b'), from)
      data.fill('c')
    }
    const request = Buffer.from('aaa')
    here.send(request, there.local)
    request.fill('d')
    await clock.sleep(20)

    const accepted: StreamConnection[] = []
    const at = { address: '192.0.2.2', port: 5061 }
    await expect(network.connect({ kind: 'tcp', remote: at })).rejects.toMatchObject({ code: 'refused' })
    await network.listen({ kind: 'tls', at, onConnection: (c) => accepted.push(c) })
    const client = await network.connect({
      kind: 'tls',
      remote: at,
      localAddress: '192.0.2.1',
      tls: { serverName: 'sip.example', verify: true },
    })
    client.write(Buffer.from('hello'))
    client.close()
    await clock.sleep(20)
    // Listens only now; the record does not wait for it.
    const server = accepted[0]!
    server.onClose = () => read.push('closed')
    server.onData = (data) => read.push(data.toString())
    await clock.sleep(1)
    client.write(Buffer.from('late'))
  })

  expect(read).toEqual(['hello', 'closed'])
  expect(
    events.map((e) => [e.at, e.direction, e.transport, e.kind, e.connection, e.data?.toString() ?? e.note]),
  ).toEqual([
    [0, 'out', 'udp', 'datagram', undefined, 'aaa'],
    [5, 'in', 'udp', 'datagram', undefined, 'aaa'],
    [5, 'out', 'udp', 'datagram', undefined, 'bbb'],
    [10, 'in', 'udp', 'datagram', undefined, 'bbb'],
    [30, 'out', 'tcp', 'error', undefined, expect.stringMatching(/^refused: /)],
    [50, 'out', 'tls', 'connect', 1, 'TLS stand-in, server name sip.example'],
    [50, 'out', 'tls', 'data', 1, 'hello'],
    [50, 'out', 'tls', 'close', 1, undefined],
    [55, 'in', 'tls', 'accept', 2, 'TLS stand-in, server name sip.example'],
    [55, 'in', 'tls', 'data', 2, 'hello'],
    [55, 'in', 'tls', 'close', 2, undefined],
  ])
  expect(events[0]?.remote).toEqual({ address: '192.0.2.2', port: 5060 })
})

test('where the receiver takes the bytes that are on record, they are the same', async () => {
  const clock = new VirtualClock()
  const inner = new MemoryNetwork({ clock, random: new SeededRandom(1) })
  const events: WireEvent[] = []
  const network = new RecordingNetwork(inner, (event) => events.push(event), undefined, true)
  let taken: Buffer | undefined
  await clock.run(async () => {
    const here = await network.bindUdp({ address: '192.0.2.1', port: 5060 })
    const there = await network.bindUdp({ address: '192.0.2.2', port: 5060 })
    there.onMessage = (data) => (taken = data)
    here.send(Buffer.from('aaa'), there.local)
    await clock.sleep(20)
  })
  expect(taken?.toString()).toBe('aaa')
  expect(taken).toBe(events[1]?.data)
})
