import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { isRejection, MediaSession } from '../../../src/media/media-session.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint, Network, UdpSocket } from '../../../src/transport/network.js'

const READ_EVERY_MS = 400
const ONE_WAY_MS = 10

/** Sockets that are read now and then, and lend what they hand over: all of it comes in the same memory. */
function readLate(inner: MemoryNetwork): Network {
  const bindUdp = async (at: Endpoint): Promise<UdpSocket> => {
    const socket = await inner.bindUdp(at)
    const memory = Buffer.alloc(2000)
    let waiting: [Buffer, Endpoint, number][] = []
    let open = true
    socket.onMessage = (data, from, arrivedAt) => waiting.push([Buffer.from(data), from, arrivedAt])
    const late: UdpSocket = {
      local: socket.local,
      lends: true,
      onMessage: undefined,
      onError: undefined,
      send: (data, to) => socket.send(Buffer.from(data), to),
      fetch: () => {
        for (const [data, from, arrivedAt] of waiting.splice(0)) {
          data.copy(memory)
          late.onMessage?.(memory.subarray(0, data.length), from, arrivedAt)
          memory.fill(0xff)
        }
      },
      close: () => {
        open = false
        waiting = []
        socket.close()
      },
    }
    const read = () => {
      if (!open) return
      late.fetch?.()
      inner.clock.after(READ_EVERY_MS, read)
    }
    inner.clock.after(READ_EVERY_MS, read)
    return late
  }
  return {
    kind: inner.kind,
    clock: inner.clock,
    bindUdp,
    connect: inner.connect.bind(inner),
    listen: inner.listen.bind(inner),
  }
}

function call(srtp: boolean, forMs: number): Promise<MediaSession> {
  const clock = new VirtualClock()
  const random = new SeededRandom('late')
  const network = readLate(new MemoryNetwork({ clock, random, link: { delayMs: ONE_WAY_MS } }))
  const suites = srtp ? (['AES_CM_128_HMAC_SHA1_80'] as const) : false
  const open = (patternId: number) =>
    MediaSession.open({
      clock,
      network,
      random: random.fork(String(patternId)),
      localAddress: `192.0.2.${patternId}`,
      codecs: ['PCMA'],
      patternId,
      srtp: suites,
    })
  return clock.run(async () => {
    const [a, b] = [await open(1), await open(2)]
    const answer = b.answer(a.offer())
    if (isRejection(answer)) throw new Error(answer.rejected)
    // The other end speaks at once; its key comes later than its audio is read (RFC 4568 §5.1.1).
    await clock.sleep(2.5 * READ_EVERY_MS)
    expect(a.accept(answer)).toBeUndefined()
    await clock.sleep(forMs)
    await Promise.all([b.close(), a.close()])
    return a
  })
}

describe.each([false, true])('a session whose sockets are read late (SRTP: %s)', (srtp) => {
  test('tells times of arrival, not of reading', async () => {
    const { received, roundTripMs } = (await call(srtp, 12_000)).report()
    expect(received.jitterMs).toBeLessThan(1)
    expect(received.late).toBe(0)
    expect(roundTripMs).toBeGreaterThan(2 * ONE_WAY_MS - 2)
    expect(roundTripMs).toBeLessThan(2 * ONE_WAY_MS + 2)
  })

  test('loses nothing: neither what came before the key, nor what was not read at the end', async () => {
    const session = await call(srtp, 3_010)
    const { received, heard } = session.report()
    // 2.5 × 400 ms and 3010 ms of 20 ms packets, less those that were still on the way.
    expect(received.packets).toBeGreaterThanOrEqual(199)
    expect(received).toMatchObject({ lost: 0, duplicates: 0, reordered: 0, refused: {} })
    expect(heard).toMatchObject([{ patternId: 2 }])
    expect(heard[0]?.seconds).toBeGreaterThan(3)
  })
})
