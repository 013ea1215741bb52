/** What a result holds of a target's words has a bound. */
import { describe, expect, it } from 'vitest'
import { bounded } from '../../../src/result/bounds.js'
import { resultSchema } from '../../../src/result/result.js'
import { bulkyRun, passingRun } from '../report/fixtures.js'

describe('a result', () => {
  it('stays as it is where nothing is too long', () => {
    const run = passingRun()
    expect(bounded(run)).toEqual(run)
  })

  it('has its long texts cut, and tells how much is missing', () => {
    const run = passingRun()
    run.scenarios[0]!.reason = 'r'.repeat(60_000)
    expect(bounded(run).scenarios[0]!.reason).toMatch(/^r{10000}… \(50000 characters are left out\)$/)
  })

  it('is written with at most some 100 MB, whatever the messages are made of', () => {
    const run = bulkyRun()
    const message = '\u0000'.repeat(8_000)
    const [scenario] = run.scenarios
    const arrow = { ...scenario!.ladder!.arrows[0]!, message }
    const full = { ...scenario!, ladder: { ...scenario!.ladder!, arrows: Array.from({ length: 160 }, () => arrow) } }
    run.scenarios = Array.from({ length: 60 }, () => full)
    const text = JSON.stringify(bounded(run))
    expect(text.length).toBeGreaterThan(30_000_000)
    expect(text.length).toBeLessThan(60_000_000)
    expect(resultSchema.safeParse(bounded(passingRun())).success).toBe(true)
  })
})
