import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/result/finding.js'
import { compareFindings, graver, worse } from '../../../src/verdict/order.js'

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'x',
  kind: 'rule',
  severity: 'fail',
  gravity: 'harm',
  title: '',
  provider: [],
  evidence: [],
  scenarios: [],
  ...more,
})
const reach = (showed: number, of: number, step?: 'call'): Partial<Finding> => ({
  reach: { showed, of, ...(step ? { step } : {}) },
})

/** Each pair: the first stands before the second. */
const PAIRS: [string, Partial<Finding>, Partial<Finding>][] = [
  [
    'a missing vital sign before anything graver',
    { kind: 'vital-sign', gravity: 'letter' },
    { kind: 'rule', gravity: 'outage' },
  ],
  ['but not one that only warns', { gravity: 'harm' }, { kind: 'vital-sign', severity: 'warn', gravity: 'outage' }],
  ['what warns of harm before what breaks the letter', { severity: 'warn' }, { gravity: 'letter' }],
  ['the letter before notes', { gravity: 'letter' }, { severity: 'info', gravity: 'outage' }],
  ['what fails before what warns', { gravity: 'harm' }, { severity: 'warn', gravity: 'outage' }],
  ['outage before exposure', { gravity: 'outage' }, { gravity: 'exposure' }],
  ['exposure before harm', { gravity: 'exposure' }, { gravity: 'harm' }],
  ['the target before ourselves', { severity: 'warn' }, { severity: 'warn', kind: 'defect', ...reach(9, 9, 'call') }],
  ['and before our list', { severity: 'warn' }, { severity: 'warn', kind: 'unexpected-pass', ...reach(9, 9, 'call') }],
  ['an everyday step before none', reach(1, 9, 'call'), reach(9, 9)],
  ['an everyday step before what has no reach', reach(1, 9, 'call'), {}],
  ['the larger share', reach(1, 2), reach(4, 9)],
  ['some share before none', reach(1, 9), {}],
  ['some share before that of nothing', reach(1, 9), reach(5, 0)],
  ['of the same share what showed more often', reach(4, 8), reach(1, 2)],
  ['seen without a share before not seen', reach(1, 0), reach(0, 0)],
  ['seen without a share before what has no reach', reach(1, 0), {}],
]

const KINDS: readonly Finding['kind'][] = [
  'vital-sign',
  'rule',
  'unsteady',
  'load',
  'standing-check',
  'foreign-hands',
  'defect',
  'unexpected-pass',
]

describe('the order of findings', () => {
  it.each(PAIRS)('%s', (_, first, second) => {
    expect(compareFindings(finding(first), finding(second))).toBeLessThan(0)
    expect(compareFindings(finding(second), finding(first))).toBeGreaterThan(0)
  })

  it('among equals is by kind', () => {
    const one = (kind: Finding['kind']) => finding({ kind, severity: 'warn' })
    for (const [at, kind] of KINDS.entries())
      for (const later of KINDS.slice(at + 1)) expect(compareFindings(one(kind), one(later)), later).toBeLessThan(0)
  })

  it('does not depend on the order in which they were seen', () => {
    const some = fc.record({
      kind: fc.constantFrom(...KINDS),
      severity: fc.constantFrom<Finding['severity']>('fail', 'warn', 'info'),
      gravity: fc.constantFrom<Finding['gravity']>('outage', 'exposure', 'harm', 'letter'),
      reach: fc.option(
        fc.record({ showed: fc.nat(3), of: fc.nat(3) }).map((known) => known),
        { nil: { showed: 0, of: 0 } },
      ),
    })
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const [x, y, z] = [finding(a), finding(b), finding(c)]
        expect(Math.sign(compareFindings(x, y)) + Math.sign(compareFindings(y, x))).toBe(0)
        if (compareFindings(x, y) <= 0 && compareFindings(y, z) <= 0)
          expect(compareFindings(x, z)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('of two', () => {
  it('the graver and the worse count, whichever comes first', () => {
    expect([graver('harm', 'exposure'), graver('exposure', 'harm'), graver('outage', 'letter')]).toEqual([
      'exposure',
      'exposure',
      'outage',
    ])
    expect([worse('warn', 'fail'), worse('fail', 'warn'), worse('info', 'warn')]).toEqual(['fail', 'fail', 'warn'])
  })
})
