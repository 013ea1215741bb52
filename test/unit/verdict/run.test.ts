import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../../src/result/problems.js'
import type { KnownNote } from '../../../src/verdict/facts.js'
import { check, note, on, result, run } from './records.js'

describe('what is known of a target', () => {
  const deviation = {
    scenario: 'srtp/replayed',
    check: 'dropped',
    rule: 'RFC 3711 §3.3.2',
    reason: 'rtpengine keeps no list',
  }
  const known = { file: 'x.known.json', deviations: [deviation] }

  it('warns with its reason instead of failing', () => {
    const conclusion = run({ scenarios: [result('srtp/replayed', [check('dropped')])], known })
    expect(conclusion).toMatchObject({ verdict: 'warn', exitCode: 0 })
    expect(conclusion.scenarios[0]).toMatchObject({
      verdict: 'warn',
      reason: 'known deviation: rtpengine keeps no list',
      reasonCode: 'known-deviation',
      checks: [{ verdict: 'fail', expectedFailure: 'rtpengine keeps no list' }],
    })
    expect(conclusion.findings).toMatchObject([
      { severity: 'warn', broken: [{ expectedFailure: 'rtpengine keeps no list' }] },
    ])
  })

  it('excuses nothing else in the same scenario', () => {
    const scenarios = [result('srtp/replayed', [check('dropped'), check('heard')])]
    expect(run({ scenarios, known })).toMatchObject({ verdict: 'fail', scenarios: [{ verdict: 'fail' }] })
  })

  it('is told of where it did not show any more, once for all variants', () => {
    const held = [check('dropped', { verdict: 'pass' })]
    const scenarios = [result('srtp/replayed', held), result('srtp/replayed', held, on('tls/ipv4'))]
    expect(run({ scenarios, known })).toMatchObject({
      verdict: 'warn',
      findings: [{ kind: 'unexpected-pass', scenarios: [{ transport: 'udp' }, { transport: 'tls' }] }],
    })
  })

  it('may be so on one variant only', () => {
    const own = { file: '', deviations: [{ ...deviation, variant: 'tls/ipv4' }] }
    const scenarios = [result('srtp/replayed', [check('dropped')])]
    expect(run({ scenarios, known: own }).verdict).toBe('fail')
  })
})

describe('what standing checks are known to find', () => {
  const rule = 'RFC 3261 §8.2.6.2'
  const entry = { standing: 'EXAM-TAGS', rule, reason: 'it has no state' }
  const knowing = (...standing: KnownNote[]) => ({ file: 'x.known.json', deviations: [], standing })
  const scenarios = [result('media/echo', [check('heard', { verdict: 'pass' })])]
  const invite = note('EXAM-TAGS', {}, { method: 'INVITE' })

  it('warns with its reason, is no problem to act on, and does not fail the run', () => {
    const conclusion = run({ scenarios, notes: [invite], known: knowing(entry) })
    expect(conclusion).toMatchObject({ verdict: 'warn', exitCode: 0 })
    expect(conclusion.findings).toMatchObject([
      { id: 'EXAM-TAGS', severity: 'warn', broken: [{ check: 'EXAM-TAGS', expectedFailure: 'it has no state' }] },
    ])
    expect(problemsOf(conclusion.findings)).toEqual([])
    expect(run({ scenarios, notes: [invite] })).toMatchObject({ verdict: 'fail', exitCode: 1 })
  })

  it.each([
    ['another check', note('EXAM-CSEQ')],
    ['another section', note('EXAM-TAGS', {}, { rule: 'RFC 3261 §12.2.1.1' })],
    ['another method', note('EXAM-TAGS', {}, { method: 'BYE' })],
    ['another transport', note('EXAM-TAGS', { transport: 'tls' }, { method: 'INVITE' })],
  ])('excuses no other: %s', (_, other) => {
    const known = knowing({ ...entry, method: 'INVITE', transport: 'udp' })
    expect(run({ scenarios, notes: [invite], known }).exitCode).toBe(0)
    const conclusion = run({ scenarios, notes: [invite, other], known })
    expect(conclusion.exitCode).toBe(1)
    expect(problemsOf(conclusion.findings)).toHaveLength(1)
  })

  it('is told of where a run of everything does not see it any more', () => {
    expect(run({ scenarios, known: knowing(entry) }).findings).toMatchObject([
      { kind: 'unexpected-pass', id: `UNEXPECTED-PASS EXAM-TAGS ${rule}`, severity: 'warn' },
    ])
    const notRun = [{ id: '', why: '', kind: 'not selected' as const }]
    expect(run({ scenarios, notRun, known: knowing(entry) }).findings).toEqual([])
    expect(run({ scenarios, notes: [invite], known: knowing(entry) }).findings).toMatchObject([{ id: 'EXAM-TAGS' }])
  })
})

describe('foreign hands', () => {
  const foreign = [{ account: '1001', how: 'registered', atMs: 5, contact: 'sip:x@192.0.2.9' }] as const

  it('make inconclusive what did not hold with that account, and are told of once', () => {
    const scenarios = [
      result('flapping/displaces', [check('fraud', { gravity: 'exposure' })], { accounts: ['1001'] }),
      result('media/echo', [check('heard', { verdict: 'pass' })], { accounts: ['1001'] }),
    ]
    const conclusion = run({ scenarios, foreign })
    expect(conclusion.scenarios.map(({ verdict, reasonCode }) => [verdict, reasonCode])).toEqual([
      ['inconclusive', 'foreign-hands'],
      ['pass', undefined],
    ])
    expect(conclusion.findings).toMatchObject([
      {
        kind: 'foreign-hands',
        scenarios: [{ scenario: 'flapping/displaces' }],
        title: 'Somebody else used account 1001 during the run',
      },
    ])
    expect(conclusion).toMatchObject({ verdict: 'warn', exitCode: 0 })
  })

  it('make inconclusive what did not come about with that account, or was told by comparing a call of theirs', () => {
    const own = { accounts: ['1001'] }
    const scenarios = [
      result('media/two-way', [], { ...own, verdict: 'inconclusive', reasonCode: 'call-refused', reason: 'got 480' }),
      result('proxy/to-tag', [], { ...own, verdict: 'not applicable', reasonCode: 'is-b2bua' }),
      result('retransmission/cancel', [], { ...own, verdict: 'inconclusive', reasonCode: 'harness-late' }),
      result('digest/sha-256', [], { ...own, verdict: 'unsupported', reasonCode: 'feature-lacking' }),
    ]
    const conclusion = run({ scenarios, foreign })
    expect(conclusion.scenarios.map(({ verdict, reasonCode }) => [verdict, reasonCode])).toEqual([
      ['inconclusive', 'foreign-hands'],
      ['inconclusive', 'foreign-hands'],
      ['inconclusive', 'harness-late'],
      ['unsupported', 'feature-lacking'],
    ])
    expect(conclusion.scenarios[0]?.reason).toBe('somebody else used the account 1001 during the run: got 480')
    expect(conclusion.findings[0]?.harm).toMatch(/^2 results are inconclusive/)
  })

  it('leave out what standing checks saw where a call of theirs arrived, and say so', () => {
    const notes = [
      { ...note('EXAM-KEYS-IN-CLEAR'), disturbed: true },
      { ...note('EXAM-GRAMMAR'), disturbed: false },
    ]
    const { findings } = run({
      scenarios: [result('media/echo', [check('heard', { verdict: 'pass' })])],
      foreign,
      notes,
    })
    expect(findings.map(({ kind }) => kind).sort()).toEqual(['foreign-hands', 'standing-check'])
    const [card] = findings.filter(({ kind }) => kind === 'foreign-hands')
    expect(card?.harm).toMatch(/^1 observation of the standing checks was left out/)
  })

  it('spoil nothing of other accounts', () => {
    const scenarios = [result('media/echo', [check('heard')], { accounts: ['1002'] })]
    expect(run({ scenarios, foreign })).toMatchObject({ verdict: 'fail', exitCode: 1 })
  })
})

describe('a defect', () => {
  const broken = (id: string, variant = 'udp/ipv4') =>
    result(id, [], {
      verdict: 'error',
      reason: 'TypeError: x is not a function\n at …',
      reasonCode: 'scenario-defect',
      defect: { message: 'TypeError: x is not a function', file: 'scenarios/x.ts', line: 12 },
      ...on(variant),
    })

  it('is one finding, with file, line and message', () => {
    const conclusion = run({ scenarios: [broken('a/b'), broken('a/b', 'tcp/ipv4')] })
    expect(conclusion).toMatchObject({ verdict: 'error', exitCode: 6 })
    expect(conclusion.findings).toMatchObject([
      {
        kind: 'defect',
        title: 'Mistake in scenario a/b (scenarios/x.ts:12): TypeError: x is not a function',
        count: 2,
      },
    ])
  })

  it('does not take back what others found', () => {
    const conclusion = run({ scenarios: [broken('a/b'), result('media/echo', [check('heard')])] })
    expect(conclusion).toMatchObject({ verdict: 'fail', exitCode: 1 })
    expect(conclusion.findings.map(({ kind }) => kind)).toEqual(['rule', 'defect'])
    expect(conclusion.sentence).not.toMatch(/decides nothing/)
  })
})

describe('a load that was not run', () => {
  const notRun = [{ id: 'load/load', kind: 'load' as const, why: 'No calls were made.', title: 'Calls.' }]

  it('has passed nothing, where it was all that was asked for', () => {
    expect(run({ notRun, incomplete: true })).toMatchObject({ verdict: 'inconclusive', exitCode: 5 })
    const scenarios = [result('media/echo', [check('heard', { verdict: 'pass' })])]
    expect(run({ notRun, incomplete: true, scenarios })).toMatchObject({ verdict: 'pass', exitCode: 5 })
  })
})
