import { describe, expect, it } from 'vitest'
import type { RelayAudio } from '../../../src/result/audio.js'
import { lossBounds } from '../../../src/verdict/loss.js'
import { relaysOfRun, sumOfAudio } from '../../../src/verdict/relays.js'

const row = (relay: string, more: Partial<RelayAudio> = {}): RelayAudio => ({
  relay,
  to: 'caller',
  calls: 1,
  listened: 1,
  oneWay: 0,
  wrong: 0,
  altered: 0,
  unrecognised: 0,
  packets: 250,
  expected: 250,
  lost: 0,
  gaps: 0,
  ...more,
})

describe('the relays of a run', () => {
  const published = [{ name: 'relay-1' }, { name: 'relay-2' }, { name: 'relay-3' }]
  const found = relaysOfRun(
    [
      { audio: [row('relay-2', { oneWay: 1, jitterMs: 4, startMs: 80 }), row('relay-2', { to: 'called' })] },
      {},
      { audio: [row('relay-2', { jitterMs: 2 }), row('203.0.113.9'), row('relay-1', { lost: 20, gaps: 20 })] },
    ],
    published,
  )

  it('stand in the order of the list, those that nobody met too, and after them what is on no list', () => {
    expect(found.map(({ name, published: isListed, directions }) => [name, isListed, directions.length])).toEqual([
      ['relay-1', true, 1],
      ['relay-2', true, 2],
      ['relay-3', true, 0],
      ['203.0.113.9', false, 1],
    ])
  })
  it('are summed up by direction; of jitter and of beginnings the worst counts', () => {
    const [toCaller, toCalled] = found[1]!.directions
    expect(toCaller).toMatchObject({ calls: 2, listened: 2, oneWay: 1, packets: 500, jitterMs: 4, startMs: 80 })
    expect(toCalled).toMatchObject({ calls: 1, oneWay: 0 })
    expect(toCalled).not.toHaveProperty('jitterMs')
  })
  it('say between which shares their losses lie', () => {
    const [lossy] = found[0]!.directions
    expect(lossy!.lossAtLeast).toBeGreaterThan(0.03)
    expect(lossy!.lossAtLeast).toBeLessThan(20 / 250)
    expect(lossy!.lossAtMost).toBeGreaterThan(20 / 250)
    expect(lossy!.lossAtMost).toBeLessThan(0.17)
  })
  it('are on no list where none is published', () => {
    expect(relaysOfRun([{ audio: [row('203.0.113.9')] }], [])[0]).not.toHaveProperty('published')
  })
  it('of one scenario are summed up as well', () => {
    expect(sumOfAudio([row('a'), row('b'), row('a', { lost: 3 })])).toMatchObject([{ calls: 2, lost: 3 }, { calls: 1 }])
  })
})

describe('the bounds of a share', () => {
  it('hold the true share in all but very few of many trials', () => {
    let state = 1
    const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff
    const [trials, expected, share] = [4_000, 500, 0.02]
    let outside = 0
    for (let trial = 0; trial < trials; trial++) {
      const lost = Array.from({ length: expected }, random).filter((one) => one < share).length
      const { lossAtLeast = 0, lossAtMost = 1 } = lossBounds({ expected, lost, gaps: lost })
      if (share < lossAtLeast || share > lossAtMost) outside++
    }
    // Two sides of 0.1 % each: eight are to be expected.
    expect(outside).toBeLessThan(20)
    expect(lossBounds({ expected, lost: 10, gaps: 10 }).lossAtMost).toBeLessThan(0.05)
  })
  it('hold it where losses come in bursts of all lengths, each heard at both ends of a call', () => {
    let state = 2
    const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff
    const [trials, expected, share, length] = [4_000, 2_000, 0.03, 5]
    let outside = 0
    for (let trial = 0; trial < trials; trial++) {
      let [isLost, lost, gaps] = [random() < share, 0, 0]
      for (let packet = 0; packet < expected; packet++) {
        const wasLost = isLost
        isLost = random() < (wasLost ? 1 - 1 / length : share / (1 - share) / length)
        if (isLost) lost++
        if (isLost && !wasLost) gaps++
      }
      const bothEnds = { expected: 2 * expected, lost: 2 * lost, gaps: 2 * gaps }
      const { lossAtLeast = 0, lossAtMost = 1 } = lossBounds(bothEnds)
      if (share < lossAtLeast || share > lossAtMost) outside++
    }
    expect(outside).toBeLessThan(20)
  })
  it('of bursts are wider than those of single losses', () => {
    const single = lossBounds({ expected: 1_000, lost: 40, gaps: 40 })
    const burst = lossBounds({ expected: 1_000, lost: 40, gaps: 4 })
    expect(burst.lossAtLeast).toBeLessThan(single.lossAtLeast!)
    expect(burst.lossAtMost).toBeGreaterThan(single.lossAtMost!)
  })
  it('of nothing are none, and of no loss at all zero and a little', () => {
    expect(lossBounds({ expected: 0, lost: 0, gaps: 0 })).toEqual({})
    const { lossAtLeast, lossAtMost = 1 } = lossBounds({ expected: 1_000, lost: 0, gaps: 0 })
    expect([lossAtLeast, lossAtMost < 0.008 && lossAtMost > 0.005]).toEqual([0, true])
  })
})
