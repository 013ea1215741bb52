import { describe, expect, test } from 'vitest'
import type { ComparedFinding, Comparison } from '../../../src/result/comparison.js'
import type { RunResult } from '../../../src/result/result.js'
import { compare, exitCodeOfComparison, hasRegressions } from '../../../src/verdict/comparison/compare.js'
import { joined } from '../../../src/verdict/comparison/join.js'
import { ran, side, tested } from './comparison-fixtures.js'
import { check, note, result, sign } from './records.js'

const compared = (before: RunResult, after: RunResult): Comparison => compare(side(before, 'then'), side(after, 'now'))
const states = ({ findings }: Comparison): string[] => findings.map(({ id, state }) => `${id} ${state}`)
const of = (id: string, { findings }: Comparison): ComparedFinding => {
  const found = findings.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no ${id} in ${findings.map((one) => one.id).join(', ')}`)
  return found
}

describe('findings of two runs', () => {
  test('are new, fixed or unchanged, by their cause', () => {
    const before = ran({
      scenarios: [tested('a/new', 'held'), tested('a/fixed', 'broken'), tested('a/still', 'broken')],
    })
    const after = ran({
      scenarios: [tested('a/new', 'broken'), tested('a/fixed', 'held'), tested('a/still', 'broken')],
    })
    const comparison = compared(before, after)
    expect(states(comparison)).toEqual(['a/new-cause new', 'a/still-cause still', 'a/fixed-cause fixed'])
    expect(comparison.findings.map(({ regression }) => regression)).toEqual([true, false, false])
    expect(comparison.sentence).toMatch(
      /^1 new problem against then \(run of 2026-\d\d-\d\d\); 1 fixed, 1 unchanged\.$/,
    )
    expect(exitCodeOfComparison(comparison, 'letter')).toBe(1)
  })

  test('a problem that is not tested any more is not fixed', () => {
    const before = ran({ scenarios: [tested('a/b', 'broken'), tested('a/c', 'held')] })
    expect(of('a/b-cause', compared(before, ran({ scenarios: [tested('a/c', 'held')] }))).state).toBe('not-tested')
    const open = ran({ scenarios: [tested('a/b', 'open'), tested('a/c', 'held')] })
    expect(of('a/b-cause', compared(before, open)).state).toBe('not-tested')
  })

  test('nor one whose rule is not reached, though its test fails for another', () => {
    const both = (first: 'fail' | 'pass', second: 'fail' | 'inconclusive') =>
      ran({
        scenarios: [
          result('a/b', [
            check('first', { verdict: first, cause: 'one' }),
            check('second', { verdict: second, cause: 'two' }),
          ]),
        ],
      })
    const comparison = compared(both('pass', 'fail'), both('fail', 'inconclusive'))
    expect(states(comparison).toSorted()).toEqual(['one new', 'two not-tested'])
  })

  test('one that held only where it was tested is told with what was not', () => {
    const two = (state: 'broken' | 'held') => [tested('a/b', state, 'udp/ipv4'), tested('a/b', state, 'tls/ipv4')]
    const comparison = compared(ran({ scenarios: two('broken') }), ran({ scenarios: two('held').slice(0, 1) }))
    expect(of('a/b-cause', comparison)).toMatchObject({
      state: 'not-tested',
      why: 'it is gone from 1 of 2 tests that showed it; the others could not be decided now',
      tests: ['a/b tls/ipv4'],
    })
  })

  test('a problem that was not tested then is no regression', () => {
    const comparison = compared(
      ran({ scenarios: [tested('a/c', 'held')] }),
      ran({ scenarios: [tested('a/c', 'held'), tested('a/b', 'broken')] }),
    )
    expect(of('a/b-cause', comparison)).toMatchObject({ state: 'newly-tested', regression: false })
    expect(comparison.newlyTested).toEqual(['a/b udp/ipv4'])
    expect(exitCodeOfComparison(comparison, 'letter')).toBe(0)
  })

  test('a known problem that breaks tests which held is worse', () => {
    const some = (tls: 'broken' | 'held') =>
      ran({ scenarios: [tested('a/b', 'broken'), tested('a/b', tls, 'tls/ipv4')] })
    expect(of('a/b-cause', compared(some('held'), some('broken')))).toMatchObject({
      state: 'worse',
      why: '1 test fails now and did not before',
      tests: ['a/b tls/ipv4'],
      regression: true,
    })
  })

  test('audio that fails in other tests each time is no worse: calls meet a broken relay by chance', () => {
    const four = (cause: string, ...broken: number[]) =>
      ran({
        scenarios: [1, 2, 3, 4].map((at) =>
          result(`a/${at}`, [check('rule', { verdict: broken.includes(at) ? 'fail' : 'pass', cause })]),
        ),
      })
    const relay = of('no-audio', compared(four('no-audio', 1, 2), four('no-audio', 2, 3)))
    expect(relay).toMatchObject({
      state: 'still',
      regression: false,
      why: 'unchanged, though 1 test fails now and did not before and 1 test that showed it does so no longer',
    })
    // What does not depend on relays fails where it is broken.
    expect(of('login', compared(four('login', 1, 2), four('login', 2, 3)))).toMatchObject({ state: 'worse' })
    // Nor does what only comes on top.
    expect(of('no-audio', compared(four('no-audio', 1), four('no-audio', 1, 2, 3)))).toMatchObject({ state: 'worse' })
    expect(of('login', compared(four('login', 1, 2), four('login', 2))).why).toBe(
      'unchanged, though 1 test that showed it does so no longer',
    )
  })

  test('a problem that goes to another relay is worse', () => {
    const run = (relay: string) => {
      const one = ran({ scenarios: [tested('a/b', 'broken')] })
      return { ...one, findings: one.findings.map((two) => ({ ...two, where: { relays: [relay], text: '' } })) }
    }
    expect(of('a/b-cause', compared(run('relay-1'), run('relay-2')))).toMatchObject({
      state: 'worse',
      why: 'it was on relay-1 before, and is on relay-2 now',
    })
    expect(of('a/b-cause', compared(run('relay-1'), run('relay-1'))).state).toBe('still')
    // Nor is it fixed where no call met that relay.
    const relays = (name: string) => {
      const counted = { calls: 1, listened: 1, oneWay: 0, wrong: 0, altered: 0, unrecognised: 0, packets: 9 }
      const direction = { to: 'caller' as const, ...counted, expected: 9, lost: 0, gaps: 0 }
      return ran({ scenarios: [tested('a/b', 'held')] }, { relays: [{ name, directions: [direction] }] })
    }
    expect(of('a/b-cause', compared(run('relay-1'), relays('relay-2')))).toMatchObject({
      state: 'not-tested',
      why: 'it was on relay-1, and no call met that now',
    })
    expect(of('a/b-cause', compared(run('relay-1'), relays('relay-1'))).state).toBe('fixed')
  })

  test('another cause in a test that failed before is new all the same', () => {
    const two = (second: 'pass' | 'fail') =>
      ran({
        scenarios: [result('a/b', [check('x', { cause: 'one' }), check('y', { verdict: second, cause: 'two' })])],
      })
    expect(states(compared(two('pass'), two('fail'))).toSorted()).toEqual(['one still', 'two new'])
  })

  test('what warns is told and fails nothing; a warning that becomes a fail does', () => {
    const should = (verdict: 'pass' | 'warn' | 'fail') =>
      ran({ scenarios: [result('a/b', [check('x', { verdict, level: 'SHOULD', cause: 'one' })])] })
    expect(of('one', compared(should('pass'), should('warn')))).toMatchObject({ state: 'new', regression: false })
    expect(of('one', compared(should('warn'), should('fail')))).toMatchObject({
      state: 'worse',
      why: expect.stringContaining('it was only a warning before'),
      regression: true,
    })
  })

  test('what stands under another cause now is the same problem', () => {
    const lines = (cause: string) => ran({ scenarios: [result('a/b', [check('x', { cause })])] })
    expect(states(compared(lines('one'), lines('two'))).toSorted()).toEqual(['one still', 'two still'])
  })

  test('standing checks are new where the traffic was looked at then', () => {
    const noted = (...notes: ReturnType<typeof note>[]) => ran({ scenarios: [tested('media/echo', 'held')], notes })
    expect(of('EXAM-X', compared(noted(), noted(note('EXAM-X')))).state).toBe('new')
    expect(of('EXAM-X', compared(noted(note('EXAM-X')), noted())).state).toBe('fixed')
    const elsewhere = ran({ scenarios: [tested('a/b', 'held')] })
    expect(of('EXAM-X', compared(elsewhere, noted(note('EXAM-X')))).state).toBe('newly-tested')
    expect(of('EXAM-X', compared(noted(note('EXAM-X')), elsewhere)).state).toBe('not-tested')
  })

  test('vital signs are compared, and what they block is no longer tested', () => {
    const survey = (verdict: 'pass' | 'fail') => ({
      durationMs: 1,
      facts: [],
      vitalSigns: [sign('survey/login', [check('login', { verdict, cause: 'login-refused' })], { verdict })],
    })
    const before = ran({ survey: survey('pass'), scenarios: [tested('a/b', 'held')] })
    const blocked = { id: 'a/b', why: 'blocked', kind: 'blocked' as const, blockedBy: 'login-refused' }
    const comparison = compared(before, ran({ survey: survey('fail'), scenarios: [], notRun: [blocked] }))
    expect(of('login-refused', comparison)).toMatchObject({ state: 'new', kind: 'vital-sign', regression: true })
    expect(comparison.untested).toEqual([{ why: 'blocked by: Harm of survey/login', tests: ['a/b udp/ipv4'] }])
  })
})

describe('what a comparison cannot tell', () => {
  const good = () => ran({ scenarios: [tested('a/b', 'held')] })
  const bad = (more: Partial<RunResult> = {}) => ran({ scenarios: [tested('a/b', 'broken')] }, more)
  const codes = ({ limits }: Comparison) => limits.map(({ code }) => code)

  test.each<[string, Partial<RunResult>]>([
    ['other-target', { target: { name: 'kamailio', file: 'k.yaml' } }],
    ['other-clock', { clock: 'virtual' }],
  ])('%s: nothing is a regression, and a gate does not pass', (code, more) => {
    const comparison = compared(good(), bad(more))
    expect(codes(comparison)).toContain(code)
    expect(comparison).toMatchObject({
      conclusive: false,
      sentence: expect.stringMatching(/^What changed cannot be told\./),
    })
    expect(hasRegressions(comparison, 'letter')).toBe(false)
    expect(exitCodeOfComparison(comparison, 'letter')).toBe(4)
  })

  test('runs of the same domain under one name, and of two, are told apart', () => {
    const at = (domain: string) => ({ target: { name: 'dus', file: 'x', domain } })
    expect(compared(bad(at('a.example')), bad(at('b.example'))).conclusive).toBe(false)
    expect(compared(bad(at('a.example')), bad(at('a.example'))).conclusive).toBe(true)
  })

  test('another version of ringproof: what it did not know is not new', () => {
    const later = ran(
      { scenarios: [result('a/b', [check('rule', { verdict: 'pass' }), check('later', { cause: 'later' })])] },
      { ringproof: '2.0.0' },
    )
    const comparison = compared(good(), later)
    expect(of('later', comparison)).toMatchObject({ state: 'newly-tested', why: 'ringproof 1.0.0 did not check this' })
    expect(codes(comparison)).toContain('other-version')
    expect(of('a/b-cause', compared(good(), bad({ ringproof: '2.0.0' })))).toMatchObject({
      state: 'new',
      regression: true,
    })
  })

  test.each<[string, Partial<RunResult>]>([
    ['other-selection', { selection: { only: ['a/'] } }],
    ['shard', { selection: { shard: '1/2' } }],
    ['other-network', { environment: { node: '', platform: '', seenFrom: [], network: 'loss=1%' } }],
    ['other-software', { target: { name: 'dus', file: 'dus.yaml', software: ['B 2'] } }],
    ['other-faults', { target: { name: 'dus', file: 'dus.yaml', faults: ['relay-one-way'] } }],
  ])('%s is told, and what was tested on both sides is compared', (code, more) => {
    const software = { target: { name: 'dus', file: 'dus.yaml', software: ['A 1'] } }
    const comparison = compared(
      ran({ scenarios: [tested('a/b', 'held')] }, code === 'other-software' ? software : {}),
      bad(more),
    )
    expect(codes(comparison)).toContain(code)
    expect(of('a/b-cause', comparison).state).toBe('new')
  })

  test('a test that another part runs, or that was not selected, says so', () => {
    const whole = ran({ scenarios: [tested('a/b', 'held'), tested('a/c', 'held')] })
    const part = (selection: RunResult['selection']) => ran({ scenarios: [tested('a/b', 'held')] }, { selection })
    expect(compared(whole, part({ shard: '1/2' })).untested[0]?.why).toMatch(/another part than 1\/2/)
    expect(compared(whole, part({ only: ['a/b'] })).untested[0]?.why).toBe('it was not selected on the command line')
    expect(compared(whole, part({})).untested[0]?.why).toMatch(/ringproof 1\.0\.0 has no such scenario/)
  })

  test('a run that was interrupted compares what it tested, and does not pass a gate', () => {
    const cut = ran({ scenarios: [tested('a/b', 'held')], interruptedBy: 'SIGINT' })
    const comparison = compared(ran({ scenarios: [tested('a/b', 'held'), tested('a/c', 'held')] }), cut)
    expect(codes(comparison)).toContain('interrupted')
    expect(exitCodeOfComparison(comparison, 'letter')).toBe(4)
    expect(exitCodeOfComparison(compared(good(), { ...bad(), verdict: 'interrupted' }), 'letter')).toBe(1)
  })

  test('the same run twice, and runs without a test in common', () => {
    const one = good()
    expect(codes(compared(one, one))).toContain('same-run')
    expect(compared(one, ran({ scenarios: [tested('x/y', 'held')] })).conclusive).toBe(false)
  })

  test('formal rules and figures do not fail a gate that is for harm', () => {
    const letter = (verdict: 'pass' | 'fail') =>
      ran({ scenarios: [result('a/b', [check('x', { verdict, gravity: 'letter', cause: 'one' })])] })
    const comparison = compared(letter('pass'), letter('fail'))
    expect(exitCodeOfComparison(comparison, 'letter')).toBe(1)
    expect(exitCodeOfComparison(comparison, 'harm')).toBe(0)
  })
})

describe('several runs', () => {
  const runs = (...broken: boolean[]) =>
    joined(broken.map((is, at) => side(ran({ scenarios: [tested('a/b', is ? 'broken' : 'held')] }), `run ${at}`)))

  test('what fails in some of them is unsteady, whatever it does now', () => {
    const base = { name: 'baseline', baseline: runs(false, true, false) }
    for (const state of ['broken', 'held'] as const) {
      const comparison = compare(base, side(ran({ scenarios: [tested('a/b', state)] })))
      expect(of('a/b-cause', comparison).state).toBe('unsteady')
      expect(hasRegressions(comparison, 'letter')).toBe(false)
      expect(comparison.unsteady).toEqual([{ test: 'a/b udp/ipv4', text: 'before: failed in 1 of 3 runs' }])
    }
  })

  test('what fails in all of them is still there; what passes in all is new when it fails', () => {
    const now = side(ran({ scenarios: [tested('a/b', 'broken')] }))
    expect(of('a/b-cause', compare({ name: '', baseline: runs(true, true) }, now)).state).toBe('still')
    expect(of('a/b-cause', compare({ name: '', baseline: runs(false, false) }, now)).state).toBe('new')
    expect(
      of(
        'a/b-cause',
        compare(side(ran({ scenarios: [tested('a/b', 'held')] })), { name: '', baseline: runs(true, true) }),
      ).state,
    ).toBe('new')
  })

  test('what was seen once and not confirmed is unsteady', () => {
    const once = ran({
      scenarios: [
        result(
          'a/b',
          [check('rule', { verdict: 'inconclusive', reasonCode: 'unsteady', cause: 'a/b-cause', heldOnce: true })],
          {
            verdict: 'inconclusive',
            reasonCode: 'unsteady',
          },
        ),
      ],
    })
    const held = ran({ scenarios: [tested('a/b', 'held')] })
    expect(of('a/b-cause', compared(held, once))).toMatchObject({ state: 'unsteady', regression: false })
  })

  test('are refused where they are not of one kind, or the same', () => {
    const of = (more: Partial<RunResult>) =>
      side(ran({ scenarios: [tested('a/b', 'held')] }, more), JSON.stringify(more))
    const refused = (more: Partial<RunResult>) => () => joined([of({}), of(more)])
    expect(refused({ target: { name: 'other', file: '' } })).toThrow(/not alike: target dus, and other/)
    expect(refused({ ringproof: '2.0.0' })).toThrow(/version of ringproof/)
    expect(refused({ clock: 'virtual' })).toThrow(/clock/)
    expect(refused({ selection: { only: ['x'] } })).toThrow(/choice of tests the default, and --only x/)
    expect(refused({ selection: { shard: '1/2' } })).toThrow(/part of a run/)
    expect(refused({ verdict: 'interrupted' })).toThrow(/was interrupted/)
    const one = of({})
    expect(() => joined([one, { ...one, name: 'again' }])).toThrow(/hold the same run/)
    const virtual = of({ clock: 'virtual', seed: 1 })
    expect(() => joined([virtual, of({ clock: 'virtual', seed: 1 })])).toThrow(/give each another --seed/)
    expect(() => joined([])).toThrow(/no runs/)
  })

  test('a baseline takes over the runs of another, and counts them', () => {
    const three = runs(true, true, true)
    const four = joined([
      { name: 'three', baseline: three },
      side(ran({ scenarios: [tested('a/b', 'held')] }), 'one more'),
    ])
    expect(four.runs).toHaveLength(4)
    expect(four.tests['a/b']?.on['udp/ipv4']).toEqual({ verdicts: { fail: 3, pass: 1 }, broken: { rule: 3 } })
    expect(four.findings[0]).toMatchObject({ id: 'a/b-cause', runs: 3 })
  })
})
