import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { CallAdmission } from '../../../src/load/call-admission.js'
import type { WaveCall, WaveEvents } from '../../../src/load/call-engine.js'
import { BadOrderError, callChoices, type CallOrder, type OrderFacts } from '../../../src/load/call-order.js'
import { drawHoldMs } from '../../../src/load/hold-time.js'
import { type TimedCall, waveOf } from '../../../src/load/wave-order.js'
import { WaveStarter } from '../../../src/load/wave-starter.js'
import { Waves } from '../../../src/load/waves.js'
import type { CallEvent } from '../../../src/load/worker-protocol.js'
import { DialPolicy } from '../../../src/target/dial-policy.js'
import { targetOf } from '../../../src/target/target-file.js'
import { call } from './samples.js'

const document = targetOf(
  {
    name: 'sample',
    domain: 'example.com',
    endpoints: { udp: { host: '127.0.0.71' }, tls: { host: '127.0.0.71' } },
    media: { codecs: ['PCMA', 'PCMU'], srtp: ['AES_CM_128_HMAC_SHA1_80'], srtpOn: { tls: 'required' } },
    accounts: [
      { user: 'alice', password: 'a' },
      { user: 'bob', password: 'b' },
    ],
    services: { echo: '00038799999' },
  },
  'sample',
)
const facts: OrderFacts = {
  document,
  dialPolicy: new DialPolicy(document),
  reaches: (transport, family) => transport !== 'tcp' && family === 'ipv4',
  accounts: 2,
  encrypts: (transport) => transport === 'tls',
}

describe('what a wave is made of', () => {
  const wave = (more: object) => waveOf({ count: 100, call: { to: 'echo' }, seed: 3, ...more }, facts)
  test('evenly spaced', () => {
    expect(wave({ count: 4, overMs: 1000 }).map(({ atMs }) => atMs)).toEqual([0, 250, 500, 750])
  })
  test('as independent callers begin: uneven, ascending, within the time, and the same for the same seed', () => {
    const times = wave({ arrivals: 'poisson', seed: 7 }).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.every((at) => at >= 0 && at < 1000)).toBe(true)
    // Exponential gaps: as spread as they are long on average. Evenly spaced ones have no spread.
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(spread / mean).toBeGreaterThan(0.7)
    expect(wave({ arrivals: 'poisson', seed: 7 }).map(({ atMs }) => atMs)).toEqual(times)
    expect(wave({ arrivals: 'poisson', seed: 8 }).map(({ atMs }) => atMs)).not.toEqual(times)
  })
  test('auto is both, half each', () => {
    const far = wave({ call: { to: 'auto' } }).map(({ order }) => order.far)
    expect(far.filter((one) => one === 'echo')).toHaveLength(50)
    expect(far.filter((one) => one === 'account')).toHaveLength(50)
    expect(new Set(far.slice(0, 10)).size).toBe(2)
  })
  test('auto is what there is', () => {
    const to = (o: Partial<OrderFacts>) => callChoices({ to: 'auto' }, { ...facts, ...o }).map(({ order }) => order.far)
    expect(to({ accounts: 1 })).toEqual(['echo'])
    expect(to({ document: { ...document, services: { ...document.services, echo: undefined } } })).toEqual(['account'])
    expect(() => to({ accounts: 1, document: { ...document, services: { codes: {} } } })).toThrow(/two accounts/)
  })
  test('kinds of calls by weight, and a share of them encrypted', () => {
    const mix = [
      { weight: 3, call: { to: 'echo', name: 'echo', media: { srtp: 0.5 } } },
      { weight: 1, call: { to: 'account', outcome: 'busy' } },
    ]
    const orders = wave({ call: undefined, mix, count: 80 }).map(({ order }) => order)
    const count = (holds: (order: CallOrder) => boolean) => orders.filter(holds).length
    expect(count(({ name }) => name === 'echo')).toBe(60)
    expect(count(({ outcome }) => outcome === 'busy')).toBe(20)
    expect(count(({ srtp, name }) => name === 'echo' && srtp !== false)).toBe(30)
  })
  test('a rare kind comes as often as it should over many waves', () => {
    const mix = [
      { weight: 97, call: { to: 'echo' } },
      { weight: 3, call: { to: 'account' } },
    ]
    let rare = 0
    for (let seed = 0; seed < 400; seed++)
      rare += wave({ call: undefined, mix, count: 5, seed }).filter(({ order }) => order.far === 'account').length
    // 60 of 2,000; by chance alone 6 more or less would be usual.
    expect(rare).toBeGreaterThan(40)
    expect(rare).toBeLessThan(80)
  })
  test('encrypted where the target wants it, unless the order says otherwise', () => {
    const srtp = (order: object) => callChoices({ to: 'echo', ...order }, facts)[0]?.order.srtp
    expect(srtp({})).toBe(false)
    expect(srtp({ transport: 'tls' })).toEqual(['AES_CM_128_HMAC_SHA1_80'])
    expect(srtp({ transport: 'tls', media: { srtp: false } })).toBe(false)
  })
  test('transports and families by turns, an equal share each; what cannot be combined is left out', () => {
    const over = (order: object, reaches = facts.reaches) =>
      callChoices({ to: 'echo', ...order }, { ...facts, reaches }).map(
        ({ weight, order: { transport, family, srtp } }) =>
          [weight, transport, family, srtp !== false ? 'SRTP' : 'RTP'].join(' '),
      )
    expect(over({ transport: ['udp', 'tls'] })).toEqual(['0.5 udp ipv4 RTP', '0.5 tls ipv4 SRTP'])
    const halfOnIpv6: OrderFacts['reaches'] = (transport, family) => transport === 'udp' || family === 'ipv4'
    expect(over({ transport: ['udp', 'tls'], family: ['ipv4', 'ipv6'], media: { srtp: 0.5 } }, halfOnIpv6)).toEqual(
      ['udp ipv4', 'udp ipv6', 'tls ipv4'].flatMap((way) =>
        ['SRTP', 'RTP'].map((media) => `${0.5 / 3} ${way} ${media}`),
      ),
    )
    expect(over({ family: ['ipv6'] }, halfOnIpv6)).toEqual(['1 udp ipv6 RTP'])
    expect(() => over({ transport: ['udp', 'tcp'] })).toThrow(
      'the target cannot be reached over tcp; available: udp over ipv4, tls over ipv4',
    )
    expect(() => over({ family: ['ipv4', 'ipv6'] })).toThrow('the target cannot be reached over ipv6')
    expect(() => over({ transport: 'sctp' })).toThrow('expected udp, tcp, tls, or a list of these')
    expect(() => over({ transport: [] })).toThrow('expected udp, tcp, tls, or a list of these')
  })
  test('what rings, holds and dials', () => {
    const order = { to: 'account', holdMs: 9000, dtmf: '1#', holdAtMs: 3000, media: { ptimeMs: 30 }, ringMs: 400 }
    expect(callChoices(order, facts)[0]?.order).toMatchObject({
      dtmf: '1#',
      onHold: { atMs: 3000, forMs: 2000 },
      ptimeMs: 30,
      ringMs: 400,
    })
    expect(callChoices({ to: 'account', outcome: 'cancelled' }, facts)[0]?.order.ringMs).toBe(2000)
  })
  test('what is wrong is named by its place', () => {
    const at = (body: object) => {
      try {
        waveOf({ count: 1, ...body }, facts)
      } catch (error) {
        return error instanceof BadOrderError ? error.field : error
      }
      return undefined
    }
    expect(at({ call: { to: 'echo', transport: 'tcp' } })).toBe('call.transport')
    expect(at({ mix: [{ weight: 1, call: { to: 'echo', holdMs: { medianMs: 0, sigma: 1 } } }] })).toBe(
      'mix.0.call.holdMs.medianMs',
    )
    expect(at({ mix: [] })).toBe('mix')
  })
  test('who is called is left open by an order that does not say', () => {
    expect(callChoices({}, facts)).toEqual(callChoices({ to: 'auto' }, facts))
  })
  test('a field that is misspelt is told with what may be meant', () => {
    const { message } = refusal(() => callChoices({ to: 'echo', holdms: 3 }, facts))
    expect(message).toBe('there is no such field; did you mean holdMs?')
    const nested = refusal(() => waveOf({ count: 1, call: { to: 'echo', media: { crypto: true } } }, facts))
    expect(nested).toMatchObject({
      field: 'call.media.crypto',
      message: 'there is no such field; there are codec, ptimeMs, srtp',
    })
  })
})

describe('holding times', () => {
  const draws = (hold: Parameters<typeof drawHoldMs>[0]) => {
    const random = new SeededRandom(1)
    return Array.from({ length: 4000 }, () => drawHoldMs(hold, random)).toSorted((a, b) => a - b)
  }
  test('log-normal: the median, and its spread', () => {
    const drawn = draws({ medianMs: 90_000, sigma: 0.5, maxMs: 1e8, minMs: 0 })
    expect((drawn[2000] ?? 0) / 90_000).toBeCloseTo(1, 1)
    // One standard deviation below the median are 15.9 %.
    expect((drawn[635] ?? 0) / (90_000 * Math.exp(-0.5))).toBeCloseTo(1, 1)
  })
  test('bounded', () => {
    const drawn = draws({ medianMs: 90_000, sigma: 2 })
    expect([drawn[0], drawn.at(-1)]).toEqual([9000, 450_000])
    expect(draws({ medianMs: 3000, sigma: 2, maxMs: 4000 })[0]).toBe(2000)
  })
  test('one for all', () => expect(new Set(draws(1234))).toEqual(new Set([1234])))
})

describe('places within the limits', () => {
  test('calls that begin later have their moments, and none in between breaks the limit', () => {
    const door = new CallAdmission({ callsPerSecond: 2, concurrentCalls: 100 })
    expect([0, 500, 1000, 1500].map((at) => door.reserve(at, 0))).toEqual([0, 500, 1000, 1500])
    // Each second up to 2.5 s is full.
    expect(door.reserve(200, 0)).toBe(2000)
    expect(door.admit(100)?.retryAfterMs).toBe(2400)
  })
  test.each([1, 3, 7])('no window of any second has more than %i, however they come', (callsPerSecond) => {
    const door = new CallAdmission({ callsPerSecond, concurrentCalls: 1000 })
    const random = new SeededRandom(callsPerSecond)
    const given = Array.from({ length: 200 }, () => door.reserve(random.float() * 20_000, 0) ?? NaN).toSorted(
      (a, b) => a - b,
    )
    const windows = given.slice(callsPerSecond).map((at, index) => at - (given[index] ?? 0))
    expect(Math.min(...windows)).toBeGreaterThanOrEqual(1000)
  })
  test('none beyond the calls at a time', () => {
    const door = new CallAdmission({ callsPerSecond: 100, concurrentCalls: 1 })
    expect(door.reserve(500, 0)).toBe(500)
    expect(door.reserve(900, 0)).toBeUndefined()
    door.release()
    expect(door.reserve(900, 0)).toBe(900)
  })
})

describe('waves and their calls', () => {
  const limits = { callsPerSecond: 1000, concurrentCalls: 3 }
  const timed = (count: number): TimedCall[] => waveOf({ count, overMs: 0, call: { to: 'echo' } }, facts)
  function desk(o: Partial<typeof limits> = {}) {
    const placed: { wave: string; calls: readonly WaveCall[]; events: WaveEvents }[] = []
    const ended: string[] = []
    const undelivered: number[] = []
    let now = 0
    let heldBack = 0
    const waves = new Waves({
      engine: {
        placeWave: (wave, calls, events) => placed.push({ wave, calls, events }),
        endWave: (wave) => ended.push(wave),
      },
      admission: new CallAdmission({ ...limits, ...o }),
      now: () => now,
      unixMs: () => 1_000_000 + now,
      onHeldBack: () => (heldBack += 1),
      onUndelivered: ({ started }) => undelivered.push(started),
    })
    return { waves, placed, ended, undelivered, at: (ms: number) => (now = ms), heldBack: () => heldBack }
  }
  const sizes = (placed: { calls: readonly unknown[] }[]) => placed.map(({ calls }) => calls.length)

  test('one whose calls all have a place goes out at once', async () => {
    const { waves, placed } = desk()
    const wave = waves.begin(timed(2))
    expect(sizes(placed)).toEqual([2])
    placed[0]?.events.ended(call())
    placed[0]?.events.ended(call({ status: 486, end: 'refused', legs: [], reason: 'rejected: 486' }))
    expect(await wave.over).toMatchObject({ count: 2, heldBack: 0, failed: { 'rejected: 486': 1 } })
  })
  test('calls beyond the limit wait, those of earlier waves first, and are counted as held back', async () => {
    const { waves, placed, at, heldBack } = desk()
    const first = waves.begin(timed(4))
    const second = waves.begin(timed(1))
    expect([sizes(placed), waves.waiting]).toEqual([[3], 2])
    at(5000)
    placed[0]?.events.ended(call())
    expect(placed[1]?.wave).toBe(first.id)
    expect(placed[1]?.calls[0]?.startAt).toBe(1_005_000)
    placed[0]?.events.ended(call())
    expect(placed[2]?.wave).toBe(second.id)
    placed[0]?.events.ended(call())
    placed[1]?.events.ended(call())
    placed[2]?.events.ended(call())
    expect([(await first.over).heldBack, (await second.over).heldBack, heldBack()]).toEqual([1, 1, 2])
  })
  test('the rate spreads them', () => {
    const { waves, placed } = desk({ callsPerSecond: 2 })
    waves.begin(timed(3))
    expect(placed[0]?.calls.map(({ startAt }) => startAt)).toEqual([1_000_000, 1_000_000, 1_001_000])
  })
  test('its client goes away: what ended before was not delivered, what waits never begins, what is up is ended', async () => {
    const { waves, placed, ended, undelivered } = desk()
    const wave = waves.begin(timed(5))
    placed[0]?.events.ended(call())
    expect(sizes(placed)).toEqual([3, 1])
    wave.end('client-gone')
    expect([ended, undelivered, waves.waiting]).toEqual([[wave.id], [1], 0])
    // One crosses the order to end it, one is interrupted, one had not begun.
    placed[0]?.events.ended(call())
    placed[0]?.events.ended(call({ end: 'client-gone' }))
    placed[1]?.events.dropped()
    expect(await wave.over).toMatchObject({ count: 3 })
    expect(undelivered).toEqual([1, 1])
  })
})

describe('a worker’s part of a wave', () => {
  function worker() {
    const clock = new VirtualClock()
    const begun: [string, number][] = []
    const ended: string[] = []
    const told: CallEvent[][] = []
    const starter = new WaveStarter({
      clock,
      begin: (id) => begun.push([id, clock.now()]),
      end: (id) => ended.push(id),
      send: (events) => told.push([...events]),
    })
    const calls = (wave: string, ...delays: number[]) =>
      delays.map((delay, index) => ({
        id: `${wave}.${index}`,
        startAt: clock.unixMs() + delay,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is only handed on
        order: {} as CallOrder,
      }))
    return { clock, starter, begun, ended, told, calls }
  }

  test('each call begins at its moment, and few messages tell of it', async () => {
    const { clock, starter, begun, told, calls } = worker()
    await clock.run(async () => {
      starter.add('a', calls('a', 0, 10, 20, 100))
      starter.add('b', calls('b', 10.5))
      await clock.sleep(500)
    })
    expect(begun).toEqual([
      ['a.0', 0],
      ['a.1', 10],
      ['b.0', 10.5],
      ['a.2', 20],
      ['a.3', 100],
    ])
    expect(told.map((events) => events.length)).toEqual([4, 1])
    expect(told.flat().every((event) => event.kind === 'begun' && event.lateMs < 1)).toBe(true)
  })
  test('ended: calls that are up are ended, those that have not begun are given up', async () => {
    const { clock, starter, begun, ended, told, calls } = worker()
    await clock.run(async () => {
      starter.add('a', calls('a', 0, 50, 60))
      starter.add('b', calls('b', 70))
      await clock.sleep(10)
      starter.end('a', 'client-gone')
      await clock.sleep(200)
    })
    expect(begun.map(([id]) => id)).toEqual(['a.0', 'b.0'])
    expect(ended).toEqual(['a.0'])
    expect(told.flat().flatMap((event) => (event.kind === 'dropped' ? [event.id] : []))).toEqual(['a.1', 'a.2'])
  })
  test('a call that is over is ended no more', async () => {
    const { clock, starter, ended, calls } = worker()
    await clock.run(async () => {
      starter.add('a', calls('a', 0))
      expect(starter.has('a.0')).toBe(true)
      starter.tell({ kind: 'ended', id: 'a.0', record: call() })
      expect(starter.has('a.0')).toBe(false)
      starter.end('a', 'client-gone')
      await clock.sleep(100)
    })
    expect(ended).toEqual([])
  })
})

function refusal(order: () => unknown): BadOrderError {
  try {
    order()
  } catch (error) {
    if (error instanceof BadOrderError) return error
  }
  throw new Error('it was not refused')
}
