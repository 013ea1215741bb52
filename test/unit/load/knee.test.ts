import { describe, expect, test } from 'vitest'
import { type CallFact, refusalsOf, slownessOf } from '../../../src/load/call-facts.js'
import { failuresOf } from '../../../src/load/call-failures.js'
import { concurrency, kneeOf, ratesAt } from '../../../src/load/knee.js'
import { byChance, rankBelowMedian } from '../../../src/verdict/chance.js'
import { moreOften, standOut } from '../../../src/verdict/stand-out.js'

describe('what chance alone brings about', () => {
  test('Fisher: the tea-tasting lady, and all hits on one of five', () => {
    expect(byChance({ hit: 4, of: 4 }, { hit: 0, of: 4 })).toBeCloseTo(1 / 70, 10)
    expect(byChance({ hit: 3, of: 4 }, { hit: 1, of: 4 })).toBeCloseTo(17 / 70, 10)
    expect(byChance({ hit: 5, of: 50 }, { hit: 0, of: 200 })).toBeCloseTo(0.000271, 6)
    expect(byChance({ hit: 0, of: 5 }, { hit: 3, of: 5 })).toBeCloseTo(1, 10)
  })
  test('many calls: sums of logarithms and Stirling agree', () => {
    expect(byChance({ hit: 300, of: 600 }, { hit: 300, of: 600 })).toBeGreaterThan(0.5)
    expect(byChance({ hit: 400, of: 10_000 }, { hit: 100, of: 10_000 })).toBeLessThan(1e-30)
  })
  test('a median needs ten values to be known with 99.9 %', () => {
    expect([0, 5, 9, 10, 20, 100].map(rankBelowMedian)).toEqual([0, 0, 0, 1, 3, 35])
  })
})

describe('who stands out', () => {
  const seen = (name: string, hit: number, of: number, other?: string) => ({ name, with: other, seen: { hit, of } })
  const named = (...all: ReturnType<typeof seen>[]) =>
    standOut(all, (some) => some.reduce((sum, { hit, of }) => sum + hit / of, 0) / some.length, moreOften)
  test('nobody where all are alike, or one is alone', () => {
    expect(named(seen('a', 5, 50), seen('b', 5, 50), seen('c', 5, 50))).toEqual([])
    expect(named(seen('a', 50, 50))).toEqual([])
  })
  test('nobody for what may be chance', () => {
    expect(named(seen('a', 3, 50), seen('b', 0, 50), seen('c', 0, 50), seen('d', 0, 50))).toEqual([])
  })
  test('one, and several that are as bad', () => {
    expect(named(seen('a', 10, 50), seen('b', 0, 50), seen('c', 0, 50))).toEqual(['a'])
    expect(named(seen('a', 50, 50), seen('b', 50, 50), seen('c', 50, 50), seen('d', 0, 50)).toSorted()).toEqual([
      'a',
      'b',
      'c',
    ])
  })
  test('what a culprit explains is not held against the relay at the other end', () => {
    const others = [seen('b', 0, 40), seen('c', 0, 40)]
    expect(named(seen('bad', 40, 40), seen('a', 20, 20, 'bad'), seen('a', 0, 20), ...others)).toEqual(['bad'])
  })
})

describe('from which load on', () => {
  test('how many at a time, and a second, each itself included', () => {
    const spans = [
      { from: 0, to: 10 },
      { from: 5, to: 20 },
      { from: 10, to: 30 },
    ]
    expect(concurrency(spans)).toEqual([1, 2, 2])
    expect(ratesAt([0, 500, 999, 1001, 2500])).toEqual([1, 2, 3, 3, 1])
  })
  test('the last load at which all is well', () => {
    const calls = Array.from({ length: 200 }, (_, i) => ({ load: 1 + (i % 20), bad: i % 20 >= 12 }))
    expect(kneeOf(calls)).toEqual({ upTo: 12, share: 1 })
  })
  test('none where the load has nothing to do with it', () => {
    const calls = Array.from({ length: 200 }, (_, i) => ({ load: 1 + (i % 20), bad: i % 7 === 0 }))
    expect(kneeOf(calls)).toBeUndefined()
    expect(kneeOf([])).toBeUndefined()
  })
})

describe('calls that were refused', () => {
  const fact = (startedAt: number, o: Partial<CallFact> = {}): CallFact => ({
    startedAt,
    answeredAt: startedAt + 10,
    endedAt: startedAt + 2000,
    status: 200,
    setupMs: 10,
    retryAfterS: undefined,
    relay: 'relay-1',
    refused: false,
    brokeAt: undefined,
    transport: 'udp',
    family: 'ipv4',
    far: 'echo',
    ...o,
  })
  const refusal = { answeredAt: undefined, status: 503, relay: '', refused: true }
  test('on one transport alone', () => {
    const facts = Array.from({ length: 60 }, (_, i) =>
      fact(i * 1000, i % 2 === 0 ? {} : { transport: 'tls', ...(i % 4 === 1 ? refusal : {}) }),
    )
    expect(refusalsOf(facts)).toEqual([{ status: 503, calls: 15, of: 60, only: 'over TLS' }])
  })
  const rush = (relay: (i: number) => string, carried: (i: number) => boolean) =>
    Array.from({ length: 40 }, (_, i) =>
      fact(i * 300, carried(i) ? { relay: relay(i), endedAt: 20_000 } : { ...refusal, endedAt: i * 300 + 10 }),
    )
  test('a limit of the server is not held against the only relay', () => {
    const facts = rush(
      () => '192.0.2.1',
      (i) => i < 10,
    )
    expect(refusalsOf(facts)).toMatchObject([{ status: 503, beyond: { what: 'calls at a time', upTo: 10 } }])
    expect(refusalsOf(facts)[0]?.beyond).not.toHaveProperty('relay')
  })
  test('a relay is full where others still take calls', () => {
    const facts = rush(
      (i) => (i % 2 === 0 ? 'relay-1' : 'relay-2'),
      (i) => i < 10 || i % 2 === 0,
    )
    expect(refusalsOf(facts)[0]?.beyond).toEqual({ what: 'calls at a time', upTo: 5, relay: 'relay-2' })
  })
  test('without any pattern nothing more is said', () => {
    const facts = Array.from({ length: 60 }, (_, i) =>
      fact(i * 1000, i % 9 === 0 ? { ...refusal, retryAfterS: 5 } : {}),
    )
    expect(refusalsOf(facts)).toEqual([{ status: 503, calls: 7, of: 60, retryAfterS: 5 }])
  })
  test('how others failed: in words, with how long calls lasted that the far end hung up', () => {
    const cut = { end: 'bye-from-far-side', why: 'the far end hung up' } as const
    const facts = Array.from({ length: 10 }, (_, i) => fact(i * 1000, i < 4 ? { failed: cut } : {}))
    const mute = fact(20_000, { failed: { end: 'bye-unanswered', why: 'BYE was not answered' } })
    expect(failuresOf([...facts, mute])).toEqual([
      { ...cut, calls: 4, of: 11, afterMs: 1990 },
      { end: 'bye-unanswered', why: 'BYE was not answered', calls: 1, of: 11 },
    ])
    expect(failuresOf([fact(0, refusal)])).toEqual([])
  })
  test('answers are slow only where they are so beyond a load', () => {
    const slow = (i: number) => fact(i * 1000, { setupMs: i % 3 === 0 ? 3000 : 20 })
    expect(slownessOf(Array.from({ length: 60 }, (_, i) => slow(i)))).toBeUndefined()
    const quick = Array.from({ length: 60 }, (_, i) => fact(i * 1000, { setupMs: 20, endedAt: i * 1000 + 500 }))
    const rush = Array.from({ length: 60 }, (_, i) => fact(100_000 + i * 10, { setupMs: i >= 30 ? 900 : 20 }))
    expect(slownessOf([...quick, ...rush])).toMatchObject({
      calls: 30,
      of: 120,
      slowMs: 900,
      usualMs: 20,
      beyond: { what: 'calls a second', upTo: 30, orAtATime: 30 },
    })
  })
})
