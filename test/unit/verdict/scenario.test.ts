import { describe, expect, it } from 'vitest'
import { reasonCodeOf, verdictOfCheck, worst } from '../../../src/verdict/check.js'
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
    const lightestFirst = ['pass', 'not applicable', 'unsupported', 'warn', 'inconclusive', 'fail', 'error'] as const
    for (const [at, verdict] of lightestFirst.entries()) {
      expect(worst(lightestFirst.slice(0, at + 1))).toBe(verdict)
      expect(worst(lightestFirst.slice(0, at + 1).toReversed())).toBe(verdict)
    }
  })

  it.each([
    ['pass', undefined],
    ['fail', 'rule-broken'],
    ['warn', 'recommendation-not-met'],
    ['inconclusive', 'not-reached'],
    ['unsupported', 'feature-lacking'],
    ['not applicable', 'not-applicable'],
    ['error', 'scenario-defect'],
  ] as const)('that is %s has the code %s where nothing more is known', (verdict, code) =>
    expect(reasonCodeOf(verdict)).toBe(code),
  )
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

  it('says of each rule how it did not hold', () => {
    const how = (...checks: ReturnType<typeof check>[]) => judgeScenario(checks, toldToItsEnd, []).reason
    const open = { verdict: 'inconclusive' } as const
    const warns = { verdict: 'warn' } as const
    expect(how(check('a', { paraphrase: 'A' }), check('b'))).toBe(
      'rule broken: A – expected: this; actual: that. rule broken: rule b holds – expected: this; actual: that',
    )
    const { paraphrase: _, ...bare } = check('a', open)
    expect(how(bare)).toBe('not decided: a – expected: this; actual: that')
    expect(how(check('a', { ...warns, level: 'SHOULD' }))).toMatch(/^SHOULD not met: rule a holds/)
    expect(how(check('a', { ...warns, level: 'FINDING' }))).toMatch(/^noticed: rule a holds/)
    expect(how(check('a', { ...open, level: 'SHOULD' }), check('b', warns))).toMatch(/^not decided: rule a holds[^.]*$/)
  })

  it('passes without a code, and has that of its verdict where the check has none', () => {
    expect(judgeScenario([check('a', { verdict: 'warn' })], toldToItsEnd, []).reasonCode).toBe('recommendation-not-met')
    expect(judgeScenario([], { verdict: 'unsupported', reason: 'no TLS' }, [])).toEqual({
      verdict: 'unsupported',
      reason: 'no TLS',
      reasonCode: 'feature-lacking',
    })
  })

  it('that leaves a rule unchecked is defective, unless a rule broke', () => {
    const held = check('a', { verdict: 'pass' })
    expect(judgeScenario([held], toldToItsEnd, ['b', 'c'])).toMatchObject({
      verdict: 'error',
      reasonCode: 'scenario-defect',
      defect: { message: 'the scenario ended without checking: b, c' },
    })
    expect(judgeScenario([check('a')], toldToItsEnd, ['b']).verdict).toBe('fail')
  })

  it('that ended early where this machine was too slow to tell is undecided, not defective', () => {
    const late = check('a', { verdict: 'inconclusive', reasonCode: 'harness-late' })
    const skipped = check('b', { verdict: 'inconclusive', reasonCode: 'not-reached' })
    expect(judgeScenario([late, skipped], toldToItsEnd, ['b'])).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'harness-late',
    })
    const held = check('a', { verdict: 'pass' })
    expect(judgeScenario([held, skipped], toldToItsEnd, ['b']).verdict).toBe('error')
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
