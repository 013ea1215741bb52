import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/result/terms.js'
import { withinReach } from '../../../src/verdict/out-of-reach.js'
import { check, result } from './records.js'

const WHY = 'The target led to 203.0.113.9, which its file does not name: nothing was sent there.'

describe('a scenario in which something was not sent', () => {
  it.each<Verdict>(['fail', 'warn', 'inconclusive'])(
    'is undecided instead of %s, and so is what did not hold',
    (verdict) => {
      const checks = [check('reached', { verdict }), check('answered', { verdict: 'pass' })]
      const before = result('nat/contact', checks, { verdict, reason: 'before', reasonCode: 'rule-broken' })
      expect(withinReach(before, WHY)).toEqual({
        ...before,
        verdict: 'inconclusive',
        reason: WHY,
        reasonCode: 'out-of-reach',
        checks: [{ ...checks[0], verdict: 'inconclusive', reasonCode: 'out-of-reach' }, checks[1]],
      })
    },
  )

  it.each<Verdict>(['pass', 'unsupported', 'not applicable', 'error'])('stays %s', (verdict) => {
    const before = result('nat/contact', [check('reached', { verdict: 'pass' })], { verdict })
    expect(withinReach(before, WHY)).toBe(before)
  })

  it('where all was sent is as it is', () => {
    const failed = result('nat/contact', [check('reached')])
    expect(withinReach(failed, undefined)).toBe(failed)
  })
})
