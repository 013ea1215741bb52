import { describe, expect, it } from 'vitest'
import { verdictOfCheck, worst } from '../../../src/verdict/check.js'
import { judgeScenario } from '../../../src/verdict/scenario.js'
import { check } from './records.js'

const toldToItsEnd = { verdict: 'pass', reason: '' } as const
const open = { verdict: 'inconclusive', reason: 'nobody answered', code: 'no-answer' } as const

describe('a check', () => {
  it.each([
    ['MUST', 'fail'],
    ['PROMISE', 'fail'],
    ['OWED', 'fail'],
    ['SHOULD', 'warn'],
    ['FINDING', 'warn'],
    ['MAY', 'pass'],
  ] as const)('of level %s that does not hold: %s', (level, verdict) => {
    expect(verdictOfCheck(level, false)).toBe(verdict)
    expect(verdictOfCheck(level, true)).toBe('pass')
  })

  it('the weightiest of several verdicts counts', () => {
    expect(worst([])).toBe('pass')
    expect(worst(['pass', 'warn', 'inconclusive'])).toBe('inconclusive')
    expect(worst(['fail', 'inconclusive', 'unsupported'])).toBe('fail')
  })
})

describe('a scenario', () => {
  it('passes where all held, and says nothing', () => {
    expect(judgeScenario([check('a', { verdict: 'pass' })], toldToItsEnd, [])).toEqual({ verdict: 'pass', reason: '' })
  })

  it('fails by a broken rule, however the story ended', () => {
    const checks = [check('a'), check('b', { verdict: 'inconclusive' })]
    for (const end of [toldToItsEnd, open]) {
      expect(judgeScenario(checks, end, [])).toEqual({
        verdict: 'fail',
        reason: 'rule broken: rule a holds – expected: this; actual: that',
        reasonCode: 'rule-broken',
      })
    }
  })

  it('warns where what did not hold ended the story early: the rule may be a promise that this target does not make', () => {
    const noticed = check('a', { level: 'FINDING', verdict: 'warn' })
    expect(judgeScenario([noticed], toldToItsEnd, ['b']).verdict).toBe('warn')
    expect(judgeScenario([check('a', { verdict: 'pass' })], toldToItsEnd, ['b']).verdict).toBe('error')
  })

  it('that could not be told to its end is as it ended, with the code of that', () => {
    expect(judgeScenario([check('a', { verdict: 'warn' })], open, [])).toEqual({
      verdict: 'inconclusive',
      reason: 'nobody answered',
      reasonCode: 'no-answer',
    })
    expect(judgeScenario([], { verdict: 'not applicable', reason: 'a B2BUA', code: 'is-b2bua' }, [])).toMatchObject({
      reasonCode: 'is-b2bua',
    })
  })

  it('is undecided for the reason of the check that is', () => {
    const late = check('a', { verdict: 'inconclusive', reasonCode: 'harness-late' })
    expect(judgeScenario([late], toldToItsEnd, [])).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'harness-late',
    })
  })

  it('that leaves a rule unchecked is defective, unless a rule broke', () => {
    const held = check('a', { verdict: 'pass' })
    expect(judgeScenario([held], toldToItsEnd, ['b'])).toMatchObject({
      verdict: 'error',
      reasonCode: 'scenario-defect',
      defect: { message: 'the scenario ended without checking: b' },
    })
    expect(judgeScenario([check('a')], toldToItsEnd, ['b']).verdict).toBe('fail')
  })

  it('that threw is an error, and says where', () => {
    const defect = { message: 'TypeError: x', file: 'scenarios/x.ts', line: 3 }
    const end = { verdict: 'error', reason: 'TypeError: x\n at …', code: 'scenario-defect', defect } as const
    expect(judgeScenario([], end, [])).toEqual({
      verdict: 'error',
      reason: 'TypeError: x\n at …',
      reasonCode: 'scenario-defect',
      defect,
    })
  })
})
