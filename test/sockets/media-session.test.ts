import { describe, expect, it } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { MediaClock } from '../../src/media/media-clock.js'
import { isRejection, MediaSession, type MediaSessionOptions } from '../../src/media/media-session.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { loadLibc } from '../../src/transport/libc.js'
import type { Network } from '../../src/transport/network.js'
import { PolledNetwork } from '../../src/transport/polled-network.js'

const libc = loadLibc()
const clock = new WallClock()
const kernel = new KernelNetwork(clock)
const networks: [string, Network][] = [
  ['real sockets', kernel],
  ...(libc === undefined ? [] : [['sockets that are polled', new PolledNetwork(kernel, libc)] as [string, Network]]),
]

describe.each(networks)('media sessions on %s', (_name, network) => {
  it.each<[string, string, Pick<MediaSessionOptions, 'srtp' | 'rtcpMux'>]>([
    ['IPv4, in the clear', '127.0.0.1', { srtp: false }],
    ['IPv4, SRTP', '127.0.0.1', { srtp: ['AES_CM_128_HMAC_SHA1_80'], rtcpMux: true }],
    ['IPv6, SRTP', '::1', { srtp: ['AES_CM_128_HMAC_SHA1_80'] }],
  ])('%s: ten pairs hear each other, digits arrive, sockets go away', async (_, localAddress, o) => {
    const random = new SystemRandom()
    const open = (patternId: number) =>
      MediaSession.open({ clock, network, random, localAddress, codecs: ['PCMA'], patternId, ...o })
    const pairs = await Promise.all(
      Array.from({ length: 10 }, async (_unused, i) => [await open(2 * i + 1), await open(2 * i + 2)] as const),
    )
    for (const [a, b] of pairs) {
      const answer = b.answer(a.offer())
      if (isRejection(answer)) throw new Error(answer.rejected)
      expect(a.accept(answer)).toBeUndefined()
    }
    const heard = await Promise.all(
      pairs.flatMap(([a, b], i) => [a.hears(2 * i + 2, 10_000), b.hears(2 * i + 1, 10_000)]),
    )
    expect(heard).toEqual(Array(20).fill(true))
    await Promise.all(pairs.map(([a]) => a.sendDigits('1#')))
    for (const [, b] of pairs) expect(await b.hearsDigits(2, 2000)).toBe('1#')
    expect(MediaClock.of(clock).lateness.percentileMs(99)).toBeDefined()
    for (const [a, b] of pairs) {
      const { received, sent } = a.report()
      expect(received.sources).toMatchObject([{ address: localAddress, port: b.local.port }])
      expect(received.refused).toEqual({})
      expect(sent.errors).toBe(0)
      // Of sockets for loads, the clock that all sessions share tells it.
      expect(sent.lateP99Ms === undefined).toBe(network instanceof PolledNetwork)
    }
    await Promise.all(pairs.flat().map((session) => session.close()))
  })
})
