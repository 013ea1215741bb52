import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import { check, note, on, result, run, sign } from './records.js'

const held = { verdict: 'pass' } as const
const cause = 'c'
const card = (facts: Parameters<typeof run>[0]) => run(facts).findings[0]!
const one = (id: string, more: Partial<CheckResult> = {}, rest: Partial<ScenarioResult> = {}) =>
  result(id, [check('x', { cause, ...more })], rest)

describe('what heads a card', () => {
  const title = (...scenarios: ScenarioResult[]) => card({ scenarios }).title
  it.each<[string, ScenarioResult[]]>([
    ['the graver', [one('a/a', { gravity: 'exposure' }), one('b/b', { gravity: 'outage' })]],
    ['what showed more often', [one('a/a'), ...['udp/ipv4', 'tcp/ipv4'].map((variant) => one('b/b', {}, on(variant)))]],
    ['what happens in an everyday call', [one('a/a'), one('b/b', {}, { step: 'call' })]],
  ])('%s', (_, scenarios) => {
    expect(title(...scenarios)).toBe('Harm of b/b')
    expect(title(...scenarios.toReversed())).toBe('Harm of b/b')
  })

  it('a rule before a note, and what is not known of the target before what is', () => {
    const notes = [note('EXAM-X', {}, { cause, gravity: 'harm' })]
    expect(card({ scenarios: [one('a/a')], notes })).toMatchObject({ title: 'Harm of a/a', kind: 'rule' })
    const known = { file: 'x', deviations: [{ scenario: 'a/a', check: 'x', rule: '', reason: 'so' }] }
    const scenarios = [one('a/a', { gravity: 'outage' }), one('b/b', { gravity: 'letter' })]
    for (const order of [scenarios, scenarios.toReversed()]) {
      expect(card({ known, scenarios: order })).toMatchObject({
        title: 'Harm of b/b',
        severity: 'fail',
        gravity: 'letter',
      })
    }
  })

  it('of a rule without a harm what it asks for', () => {
    const { harm: _, ...bare } = one('a/a')
    expect(card({ scenarios: [bare] })).not.toHaveProperty('harm')
    expect(card({ scenarios: [bare] }).title).toBe('Not met: rule x holds')
    const { paraphrase: __, ...unsaid } = check('x', { cause })
    expect(card({ scenarios: [{ ...bare, checks: [unsaid] }] })).toMatchObject({
      title: 'Not met: title of a/a',
      broken: [{ paraphrase: 'x' }],
    })
  })
})

describe('what a card holds', () => {
  it('of one rule: all of it, and nothing that is not there', () => {
    const scenarios = [one('a/a', { line: 'Contact: *', gravity: 'outage' }, { provider: ['EP-9'], evidence: ['one'] })]
    const place = { scenario: 'a/a', transport: 'udp', family: 'ipv4' }
    expect(card({ scenarios })).toEqual({
      id: 'c',
      kind: 'rule',
      severity: 'fail',
      gravity: 'outage',
      title: 'Harm of a/a',
      provider: ['EP-9'],
      evidence: ['one'],
      harm: 'Harm of a/a.',
      advice: 'Advice of a/a.',
      scenarios: [place],
      reach: { showed: 1, of: 1 },
      count: 1,
      rule: 'MUST RFC 3261 §10.3: rule x holds',
      expected: 'this',
      actual: 'that',
      broken: [
        {
          check: 'x',
          level: 'MUST',
          rule: 'RFC 3261 §10.3',
          paraphrase: 'rule x holds',
          expected: 'this',
          actual: 'that',
          line: 'Contact: *',
          gravity: 'outage',
          cause: 'c',
          scenarios: [place],
        },
      ],
      rank: 0,
    })
    const { advice: _, ...silent } = scenarios[0]!
    expect(card({ scenarios: [silent] })).not.toHaveProperty('advice')
  })

  it('of a note: its own words, and each place', () => {
    const notes = [1, 2].map((nth) => ({
      ...note('EXAM-X', { scenario: `media/${nth}` }, { count: nth, severity: 'warn' }),
      evidence: [String(nth)],
    }))
    const scenarios = [1, 2, 3].map((nth) => result(`media/${nth}`, [], nth === 2 ? { step: 'talk' } : {}))
    expect(card({ notes, scenarios })).toEqual({
      id: 'EXAM-X',
      kind: 'standing-check',
      severity: 'warn',
      gravity: 'letter',
      title: 'Title of EXAM-X',
      provider: [],
      evidence: ['2', '1'],
      harm: 'Harm of EXAM-X.',
      advice: 'Advice of EXAM-X.',
      scenarios: [2, 1].map((nth) => ({ scenario: `media/${nth}`, transport: 'udp', family: 'ipv4' })),
      reach: { step: 'talk', showed: 2, of: 3 },
      count: 3,
      rule: 'RFC 3261 §8.2.6.2',
      expected: 'this',
      actual: 'that',
      rank: 0,
    })
  })

  it('of a note beside a rule, the note as a rule: a MUST where it fails, else a finding', () => {
    const levels = (severity: 'fail' | 'warn') =>
      card({
        scenarios: [one('a/a', { gravity: 'outage' })],
        notes: [note('EXAM-X', {}, { cause, severity })],
      }).broken?.map(({ level }) => level)
    expect([levels('fail'), levels('warn')]).toEqual([
      ['MUST', 'MUST'],
      ['MUST', 'FINDING'],
    ])
  })

  it('is not endless: ten records, three harms, three more pieces of advice', () => {
    const scenarios = Array.from({ length: 12 }, (_, nth) => one(`a/${nth}`, {}, { evidence: [String(nth)] }))
    const { evidence, harm, advice, moreAdvice } = card({ scenarios })
    expect(evidence).toEqual(Array.from({ length: 10 }, (_, nth) => String(nth)))
    expect(harm).toBe('Harm of a/0. Harm of a/1. Harm of a/2.')
    expect([advice, moreAdvice]).toEqual(['Advice of a/0.', [1, 2, 3].map((nth) => `Advice of a/${nth}.`)])
  })

  it('tells of one rule the harm where it was seen first', () => {
    const scenarios = ['192.0.2.1', '192.0.2.2'].map((address, nth) =>
      one('a/a', { harm: `${address} does not answer.` }, on(nth === 0 ? 'udp/ipv4' : 'tcp/ipv4')),
    )
    expect(card({ scenarios }).harm).toBe('192.0.2.1 does not answer.')
  })

  it('of an unsteady rule counts the executions that looked', () => {
    const unsteady = { verdict: 'inconclusive', reasonCode: 'unsteady' } as const
    const scenarios = [
      one('a/a', unsteady),
      one('a/a', held, on('tcp/ipv4')),
      one('a/a', { verdict: 'inconclusive', reasonCode: 'not-reached' }, on('tls/ipv4')),
      one('a/a', { verdict: 'warn', level: 'SHOULD' }, on('udp/ipv6')),
    ]
    expect(card({ scenarios }).reach).toEqual({ showed: 2, of: 3 })
    expect(card({ scenarios: scenarios.slice(0, 2) })).toMatchObject({ kind: 'unsteady', reach: { showed: 1, of: 2 } })
  })

  it('of vital signs counts accounts apart', () => {
    const login = (account: string, more: Partial<CheckResult>) =>
      sign('survey/login', [check('x', { cause, gravity: 'outage', ...more })], { account, accounts: [account] })
    const vitalSigns = [login('1001', {}), login('1002', held), login('1003', { verdict: 'warn' })]
    const found = card({ survey: { durationMs: 1, facts: [], vitalSigns } })
    expect([found.reach, found.where?.text]).toEqual([{ showed: 2, of: 3 }, 'accounts 1001 and 1003'])
    expect(card({ survey: { durationMs: 1, facts: [], vitalSigns: vitalSigns.slice(0, 2) } }).where?.text).toBe(
      'account 1001',
    )
  })
})

describe('the id of a missing vital sign', () => {
  const id = (more: Partial<CheckResult>, code?: string) =>
    card({
      survey: {
        durationMs: 1,
        facts: [],
        vitalSigns: [sign('survey/reach', [check('y', held), check('x', more)], code ? { code } : {})],
      },
    }).id
  it('is the cause of its rule, else the sign with what is missing', () => {
    expect(id({ cause: 'not-reachable' }, 'refused')).toBe('not-reachable')
    expect(id({ cause: 'not-reachable', verdict: 'warn' }, 'refused')).toBe('not-reachable')
    expect(id({}, 'refused')).toBe('survey/reach#refused')
    expect(id({})).toBe('survey/reach')
    expect(id({ cause: 'not-reachable' }, 'out-of-reach')).toBe('out-of-reach')
  })
})

it('what blocks counts the blocked of each cause that is told in a card, and of no other', () => {
  const blocked = (by: string, count?: number) =>
    ({ id: 'x', why: '', kind: 'blocked', blockedBy: by, ...(count ? { count } : {}) }) as const
  const scenarios = [
    result('a/a', [check('x', { cause: 'a' })]),
    result('b/b', [check('x', { cause: 'b', follows: ['a'] })]),
    result('d/d', [check('x', { cause: 'd', gravity: 'letter' })]),
    result('e/e', [check('x', { cause: 'e', follows: ['d'], gravity: 'letter' })]),
  ]
  const { findings, notRun } = run({
    scenarios,
    notRun: [blocked('a'), blocked('b', 2), blocked('e', 4), blocked('z', 9)],
  })
  expect(findings.map(({ id, blocks }) => [id, blocks])).toEqual([
    ['a', 3],
    ['d', 4],
  ])
  expect(notRun.map(({ blockedBy }) => blockedBy)).toEqual(['a', 'a', 'd', 'z'])
})
