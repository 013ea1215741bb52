import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock/clock.js'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { Lateness } from '../../../src/media/lateness.js'
import { MediaClock } from '../../../src/media/media-clock.js'

describe('the media clock', () => {
  it('ticks each session every 20 ms at a phase of its own, without drift', async () => {
    const clock = new VirtualClock()
    await clock.run(async () => {
      const media = new MediaClock(clock)
      const random = new SeededRandom(1)
      const dues = Array.from({ length: 500 }, () => [] as number[])
      const tickers = dues.map((list) =>
        media.every(20, random.float(), {
          tick: (due, now) => {
            expect(now).toBeCloseTo(due, 6)
            list.push(due)
          },
        }),
      )
      await clock.sleep(1999.5)
      for (const list of dues) {
        expect(list.length).toBe(100)
        expect(list[0]).toBeLessThan(20)
        expect(list[99]! - list[0]!).toBeCloseTo(1980, 6)
      }
      const phases = new Set(dues.map((list) => list[0]))
      expect(phases.size).toBe(20)
      for (const ticker of tickers) ticker.cancel()
      expect(media.size).toBe(0)
      await clock.sleep(100)
      expect(dues[0]!.length).toBe(100)
      expect(media.lateness.maxMs).toBe(0)
    })
  })

  it('takes sessions in and out at any moment, also from within a tick', async () => {
    const clock = new VirtualClock()
    await clock.run(async () => {
      const media = new MediaClock(clock)
      const random = new SeededRandom(2)
      let live = 0
      for (let i = 0; i < 300; i++) {
        await clock.sleep(random.float() * 7)
        const from = clock.now()
        const times = 1 + random.int(10)
        const interval = [10, 20, 30][random.int(3)]!
        let count = 0
        live++
        const tick = (due: number) => {
          if (count === 0) {
            expect(due - from).toBeGreaterThan(-1e-6)
            expect(due - from).toBeLessThanOrEqual(interval + 1)
          }
          if (++count === times) {
            ticker.cancel()
            live--
          }
          expect(count).toBeLessThanOrEqual(times)
        }
        const ticker = media.every(interval, random.float(), { tick })
      }
      await clock.sleep(1000)
      expect(live).toBe(0)
      expect(media.size).toBe(0)
      expect(media.lateness.maxMs).toBeLessThan(1e-6)
    })
  })

  it('makes up for a stall, leaves no tick out, and says how late it was', () => {
    let now = 0
    let armed: { due: number; fire: () => void } | undefined
    const clock: Clock = {
      kind: 'wall',
      now: () => now,
      unixMs: () => now,
      after: (delay, fire) => {
        armed = { due: now + delay, fire }
        return { cancel: () => (armed = undefined) }
      },
      sleep: () => Promise.reject(new Error('not here')),
    }
    const media = new MediaClock(clock)
    const dues: number[] = []
    media.every(20, 0.25, { tick: (due) => void dues.push(due) })
    const run = (until: number) => {
      while (armed !== undefined && armed.due <= until) {
        const { due, fire } = armed
        armed = undefined
        now = Math.max(now, due)
        fire()
      }
      now = until
    }
    run(100)
    const timer = armed as { fire: () => void } | undefined
    now = 250 // nothing ran for 150 ms
    armed = undefined
    timer?.fire()
    run(300)
    expect(dues).toEqual(Array.from({ length: 15 }, (_, i) => 5 + 20 * i))
    expect(media.lateness.maxMs).toBeGreaterThan(100)
    expect(media.lateness.count).toBe(15)
  })

  it('is one for a clock', () => {
    const clock = new VirtualClock()
    expect(MediaClock.of(clock)).toBe(MediaClock.of(clock))
    expect(MediaClock.of(clock)).not.toBe(MediaClock.of(new VirtualClock()))
  })
})

describe('lateness', () => {
  it('gives percentiles to a tenth of a millisecond, and merges', () => {
    const lateness = new Lateness()
    expect(lateness.percentileMs(99)).toBeUndefined()
    for (let i = 1; i <= 1000; i++) lateness.add(i / 1000)
    expect(lateness.percentileMs(99)).toBe(1)
    expect(lateness.percentileMs(50)).toBe(0.5)
    const other = new Lateness()
    for (let i = 0; i < 100; i++) other.add(7)
    lateness.merge(other)
    expect(lateness.count).toBe(1100)
    expect(lateness.percentileMs(99)).toBe(7)
    expect(lateness.maxMs).toBe(7)
    lateness.add(99_999)
    expect(lateness.percentileMs(100)).toBe(99_999)
  })
})
