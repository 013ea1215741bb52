import { describe, expect, it } from 'vitest'
import { mosOf, qualityOf, qualityOfReception } from '../../../src/media/quality.js'

const r = (lossRatio: number, oneWayDelayMs: number, o = {}) => qualityOf({ lossRatio, oneWayDelayMs, ...o }).r

describe('the E-model (ITU-T G.107)', () => {
  it('gives R = 93.2 and MOS 4.41 with every parameter at its default (§7.7, annex B)', () => {
    const { r: rating, mos } = qualityOf({ lossRatio: 0, oneWayDelayMs: 0 })
    expect(rating).toBeCloseTo(93.2, 1)
    expect(mos).toBeCloseTo(4.41, 2)
  })

  it('maps R to MOS as annex B does', () => {
    expect(mosOf(-5)).toBe(1)
    expect(mosOf(3)).toBe(1)
    expect([50, 60, 70, 80, 90].map((rating) => Number(mosOf(rating).toFixed(2)))).toEqual([2.58, 3.1, 3.6, 4.02, 4.34])
    expect(mosOf(100)).toBe(4.5)
    expect(mosOf(120)).toBe(4.5)
  })

  it('takes off 95 Ppl / (Ppl + Bpl) for random loss (§7.5; Bpl 25.1 with concealment, 4.3 without)', () => {
    expect(r(0, 0) - r(0.05, 0)).toBeCloseTo((95 * 5) / (5 + 25.1), 9)
    expect(r(0, 0) - r(0.05, 0, { concealment: false })).toBeCloseTo((95 * 5) / (5 + 4.3), 9)
    expect(r(0, 0) - r(0.02, 0, { burstRatio: 2 })).toBeCloseTo((95 * 2) / (1 + 25.1), 9)
  })

  it('falls with delay: gently to 150 ms, steeply after', () => {
    const steps = [0, 50, 100, 150, 200, 300, 400, 800].map((delay) => r(0, delay))
    expect([...steps].sort((a, b) => b - a)).toEqual(steps)
    expect(steps[0]! - steps[3]!).toBeLessThan(5)
    expect(steps[3]! - steps[5]!).toBeGreaterThan(10)
  })

  it('never leaves its scale', () => {
    expect(qualityOf({ lossRatio: 1, oneWayDelayMs: 2000, concealment: false })).toEqual({ r: 0, mos: 1 })
    expect(() => qualityOf({ lossRatio: 1.1, oneWayDelayMs: 0 })).toThrow('loss ratio')
    expect(() => qualityOf({ lossRatio: 0, oneWayDelayMs: -1 })).toThrow('delay')
    expect(() => qualityOf({ lossRatio: NaN, oneWayDelayMs: 0 })).toThrow('loss ratio')
  })
})

describe('quality of a reception', () => {
  it('is unknown when no packet came, not 4.4', () => {
    expect(qualityOfReception(undefined, 20)).toBeUndefined()
    expect(qualityOfReception({ received: 0, expected: 0, lost: 0, late: 0 }, 20)).toBeUndefined()
  })

  it('counts late packets as lost', () => {
    const clean = qualityOfReception({ received: 100, expected: 100, lost: 0, late: 0 }, 20)!
    const lossy = qualityOfReception({ received: 95, expected: 100, lost: 5, late: 0 }, 20)!
    const tardy = qualityOfReception({ received: 100, expected: 100, lost: 0, late: 5 }, 20)!
    expect(lossy.mos).toBeLessThan(clean.mos)
    expect(tardy).toEqual(lossy)
  })
})
