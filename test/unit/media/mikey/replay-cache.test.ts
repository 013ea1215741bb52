import { describe, expect, it } from 'vitest'
import { ReplayCache } from '../../../../src/media/mikey/replay-cache.js'

/** Message number `nth`, sent at that time and of use for a hundred. */
const message = (nth: number) => Buffer.from([nth])
const add = (cache: ReplayCache, nth: number, nowMs = nth) =>
  cache.add(message(nth), { sentMs: nth, untilMs: nth + 100 }, nowMs)

describe('messages that were taken', () => {
  it('are known, and others are not', () => {
    const cache = new ReplayCache()
    add(cache, 1)
    expect([1, 2].map((nth) => cache.knows(message(nth), nth))).toEqual([true, false])
  })

  it('make room once they are of no use any more', () => {
    const cache = new ReplayCache(2)
    for (const nth of [1, 2]) add(cache, nth)
    add(cache, 110)
    expect(cache.size).toBe(1)
    expect(cache.knows(message(3), 3)).toBe(false)
  })

  it('are forgotten from the oldest on where there are too many: what is as old counts as known', () => {
    const cache = new ReplayCache(4)
    for (const nth of [40, 10, 30, 20]) add(cache, nth, 41)
    add(cache, 50)
    expect(cache.size).toBe(3)
    expect([10, 15, 20, 30].map((nth) => cache.knows(message(nth), nth))).toEqual([true, true, true, true])
    expect([25, 60].map((nth) => cache.knows(message(nth), nth))).toEqual([false, false])
  })
})
