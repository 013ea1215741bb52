import { afterEach, describe, expect, test } from 'vitest'
import { WallClock } from '../../src/clock/wall-clock.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { loadLibc } from '../../src/transport/libc.js'
import type { Endpoint, UdpSocket } from '../../src/transport/network.js'
import { PolledNetwork } from '../../src/transport/polled-network.js'

const libc = loadLibc()
const clock = new WallClock()
const kernel = new KernelNetwork(clock)
const open: UdpSocket[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

test('system calls are there wherever koffi has a binary for Linux', () => {
  expect(libc !== undefined).toBe(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))
})

describe.skipIf(libc === undefined)('sockets that are polled', () => {
  const network = libc === undefined ? kernel : new PolledNetwork(kernel, libc)
  const bind = async (address = '127.0.0.1', on: Pick<KernelNetwork, 'bindUdp'> = network) => {
    const socket = await on.bindUdp({ address, port: 0 })
    open.push(socket)
    return socket
  }
  const collect = (socket: UdpSocket) => {
    const seen: { text: string; from: Endpoint; at: number }[] = []
    socket.onMessage = (data, from, at) => seen.push({ text: data.toString('latin1'), from, at })
    return seen
  }

  test.each(['127.0.0.1', '::1'])('carry datagrams to and from the sockets of Node (%s)', async (address) => {
    const [ours, theirs] = [await bind(address), await bind(address, kernel)]
    const [here, there] = [collect(ours), collect(theirs)]
    ours.send(Buffer.from('ping'), theirs.local)
    await expect.poll(() => there).toMatchObject([{ text: 'ping', from: ours.local }])
    theirs.send(Buffer.from('pong'), ours.local)
    // Nobody asks for it: the turn comes.
    await expect.poll(() => here).toMatchObject([{ text: 'pong', from: theirs.local }])
    await expect(network.bindUdp(ours.local)).rejects.toMatchObject({ code: 'port-taken' })
    ours.close()
    const again = await network.bindUdp(ours.local)
    open.push(again)
    expect(again.local).toEqual(ours.local)
  })

  test('tell when each datagram came, although they are read together and late', async () => {
    const [from, to] = [await bind(), await bind()]
    const seen = collect(to)
    const sent: [number, number][] = []
    for (let i = 0; i < 5; i++) {
      const before = clock.now()
      from.send(Buffer.from(String(i)), to.local)
      sent.push([before, clock.now()])
      while (clock.now() < before + 7) {
        // The thread is busy, and comes to nothing else.
      }
    }
    to.fetch?.()
    expect(seen.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4'])
    for (const [i, { at }] of seen.entries()) {
      const [before = 0, after = 0] = sent[i] ?? []
      expect(at).toBeGreaterThan(before - 0.1)
      expect(at).toBeLessThan(after + 0.1)
    }
  })

  test('hand over more than a batch, of all lengths, in order', async () => {
    const [from, to] = [await bind(), await bind()]
    const seen = collect(to)
    const lengths = Array.from({ length: 100 }, (_, i) => (i === 50 ? 65_000 : i % 3))
    for (const length of lengths) from.send(Buffer.alloc(length, 'x'), to.local)
    to.fetch?.()
    expect(seen.map(({ text }) => text.length)).toEqual(lengths)
  })

  test('tell senders apart', async () => {
    const [one, other, to] = [await bind(), await bind(), await bind()]
    const seen = collect(to)
    for (const from of [one, other, one, one, other]) from.send(Buffer.from('x'), to.local)
    to.fetch?.()
    expect(seen.map(({ from }) => from.port)).toEqual([one, other, one, one, other].map(({ local }) => local.port))
  })

  test('may be closed by what they hand over, and open others', async () => {
    const [from, to] = [await bind(), await bind()]
    let heard = 0
    const others: Promise<UdpSocket>[] = []
    to.onMessage = () => {
      heard++
      to.close()
      others.push(bind())
    }
    for (let i = 0; i < 20; i++) from.send(Buffer.from('x'), to.local)
    to.fetch?.()
    to.fetch?.()
    expect(heard).toBe(1)
    const [next] = await Promise.all(others)
    const seen = collect(next!)
    from.send(Buffer.from('y'), next!.local)
    next!.fetch?.()
    expect(seen).toMatchObject([{ text: 'y', from: from.local }])
  })

  test('tell what the kernel refuses, and never throw', async () => {
    await expect(network.bindUdp({ address: '203.0.113.1', port: 0 })).rejects.toMatchObject({ code: 'address' })
    await expect(network.bindUdp({ address: 'localhost', port: 0 })).rejects.toMatchObject({ code: 'address' })
    const socket = await bind()
    const codes: string[] = []
    socket.onError = (error) => codes.push(error.code)
    socket.send(Buffer.alloc(70_000), socket.local)
    socket.send(Buffer.alloc(65_530), socket.local)
    socket.send(Buffer.from('x'), { address: '::1', port: 5060 })
    socket.send(Buffer.from('x'), { address: '127.0.0.1', port: 0 })
    socket.send(Buffer.from('x'), { address: '127.0.0.1', port: 65_536 })
    socket.send(Buffer.from('x'), { address: 'localhost', port: 5060 })
    expect(codes).toEqual([])
    await expect.poll(() => codes.toSorted()).toEqual([...Array<string>(4).fill('address'), 'other', 'other'])
    await expect(network.bindUdp({ address: '127.0.0.1', port: 65_536 })).rejects.toMatchObject({ code: 'address' })
    // After that it works as before.
    const seen = collect(socket)
    socket.send(Buffer.from('x'), socket.local)
    socket.fetch?.()
    expect(seen).toMatchObject([{ text: 'x', from: socket.local }])
    socket.close()
    socket.close()
    socket.send(Buffer.from('late'), socket.local)
    socket.fetch?.()
  })
})
