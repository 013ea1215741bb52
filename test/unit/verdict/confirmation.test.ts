import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import { confirmed, mayChange, wantsAgain, wantsMorePackets } from '../../../src/verdict/confirmation.js'
import { check, on, result, run } from './records.js'

const passed = (id = 'sent'): ScenarioResult => result('media/echo', [check(id, { verdict: 'pass', actual: 'good' })])
const failed = (id = 'sent', more: Partial<ScenarioResult> = {}): ScenarioResult =>
  result('media/echo', [check(id, { actual: 'bad', arrow: 3 })], more)
const lost = (count: number, more: Partial<CheckResult> = {}): CheckResult =>
  check('complete', {
    verdict: 'inconclusive',
    reasonCode: 'packet-lost',
    losses: [{ relay: 'relay-1', expected: 250, lost: count, gaps: count }],
    ...more,
  })
const heard = (...checks: CheckResult[]): ScenarioResult =>
  result('media/echo', checks, { reasonCode: 'packet-lost', reason: 'open' })
const open = (reasonCode: ScenarioResult['reasonCode']): ScenarioResult =>
  result('media/echo', [check('sent', { verdict: 'inconclusive', reasonCode: 'not-reached' })], {
    reasonCode,
    reason: 'open',
  })

const late = open('harness-late')

describe('what is run again', () => {
  it.each([
    ['what failed', [failed()], true],
    ['not what failed twice', [failed(), failed()], false],
    ['not what failed once and held once', [failed(), passed()], false],
    ['what failed once and was not reached then', [failed(), open('call-refused')], true],
    ['three times at most', [failed(), open('call-refused'), open('call-refused')], false],
    ['what failed at the second attempt alone', [failed('one'), failed('other')], true],
    ['what chance left open', [open('packet-lost')], true],
    ['what chance left open twice', [open('packet-lost'), open('timed-out')], true],
    ['not what the target left open at the second attempt', [open('packet-lost'), open('call-refused')], false],
    ['not what the target left open', [open('call-refused')], false],
    ['what chance left open and then failed', [open('packet-lost'), failed()], true],
    ['not what passed', [passed()], false],
    ['not a known deviation', [result('media/echo', [check('sent', { expectedFailure: 'mended in 5.7' })])], false],
    ['what the machine was too slow for, beside what failed once', [failed(), late, late], true],
    ['what the machine was too slow for, and failed then', [late, late, failed()], true],
    ['not what failed twice beside that', [late, failed(), late, failed()], false],
    ['what the machine was too slow for five times', [late, late, late, late, late], true],
    ['not what it was too slow for six times', [late, late, late, late, late, late], false],
    ['not a defect', [failed('sent', { verdict: 'error' })], false],
    ['not nothing', [], false],
    ['not a defect beside a failure', [failed(), failed('sent', { verdict: 'error' })], false],
    [
      'a failure beside what is known',
      [result('media/echo', [check('known', { expectedFailure: 'x' }), check('sent')])],
      true,
    ],
    ['a failure beside what held', [result('media/echo', [check('held', { verdict: 'pass' }), check('sent')])], true],
    [
      'not what failed once and warned once',
      [failed(), result('media/echo', [check('sent', { verdict: 'warn' })])],
      false,
    ],
    ['not what fails by the share of its losses', [heard(lost(50, { verdict: 'fail' }))], false],
    ['not what is open for its losses', [heard(lost(5))], false],
    ['what is open for its losses and for more', [heard(lost(5), check('x', { verdict: 'inconclusive' }))], true],
    [
      'what is open for losses and for lateness',
      [heard(lost(5), lost(5, { id: 'late', reasonCode: 'harness-late' }))],
      true,
    ],
    ['nor what is open without a code', [result('media/echo', [check('sent', { verdict: 'inconclusive' })])], false],
  ])('%s', (_, attempts, again) => {
    expect(wantsAgain(attempts)).toBe(again)
  })

  it.each([
    ['packet-lost', true],
    ['harness-late', true],
    ['timed-out', true],
    ['no-answer', true],
    ['call-not-arrived', true],
    ['call-refused', false],
    ['login-refused', false],
    ['not-reached', false],
  ] as const)('what was left open by %s: %s', (code, again) => expect(wantsAgain([open(code)])).toBe(again))

  it('more often where the path loses packets: never held in four', () => {
    const attempts = (...many: ScenarioResult[]) => wantsAgain(many, true)
    expect(attempts(failed(), failed())).toBe(true)
    expect(attempts(failed(), failed(), failed())).toBe(true)
    expect(attempts(failed(), failed(), failed(), failed())).toBe(false)
    expect(attempts(failed(), failed(), passed())).toBe(false)
  })

  it('to count more packets, six times at most, where nothing else is open', () => {
    expect([1, 5, 6].map((times) => wantsMorePackets(times, heard(lost(5))))).toEqual([true, true, false])
    expect(wantsMorePackets(1, heard(lost(5), check('x', { verdict: 'inconclusive' })))).toBe(false)
    expect(wantsMorePackets(1, heard(lost(5), check('x', { verdict: 'pass' })))).toBe(true)
    expect(wantsMorePackets(1, open('packet-lost'))).toBe(false)
    expect(wantsMorePackets(1, { ...heard(lost(5)), verdict: 'fail' })).toBe(false)
    expect(wantsMorePackets(1, result('media/echo', [], { verdict: 'inconclusive' }))).toBe(false)
  })

  it('is told only when the run is over, as is what more packets may change', () => {
    expect([failed(), passed(), heard(lost(5)), heard(lost(50, { verdict: 'fail' }))].map(mayChange)).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(mayChange(heard(lost(0, { verdict: 'pass' }), check('x', { verdict: 'warn' })))).toBe(false)
  })
})

describe('what several attempts come to', () => {
  it('fails twice: a fail, with the records of both', () => {
    const merged = confirmed([failed('sent', { evidence: ['one'] }), failed('sent', { evidence: ['two'] })])
    expect(merged).toMatchObject({ verdict: 'fail', reasonCode: 'rule-broken', evidence: ['one', 'two'] })
    expect(merged.attempts?.map(({ verdict }) => verdict)).toEqual(['fail', 'fail'])
  })

  it('fails once and is left open once: a fail where that is known of the target, else not yet one', () => {
    const late = result('media/echo', [check('sent', { verdict: 'inconclusive', reasonCode: 'harness-late' })])
    for (const attempts of [[failed(), late] as const, [late, failed()] as const]) {
      expect(confirmed(attempts, ['sent'])).toMatchObject({ verdict: 'fail', reasonCode: 'rule-broken' })
      expect(confirmed(attempts)).toMatchObject({ verdict: 'inconclusive', reasonCode: 'unsteady' })
    }
    expect(confirmed([failed(), passed()], ['sent'])).toMatchObject({ verdict: 'inconclusive' })
  })

  it('fails once: unsteady, neither a fail nor a pass, told with both values', () => {
    const merged = confirmed([failed(), passed()])
    expect(merged).toMatchObject({ verdict: 'inconclusive', reasonCode: 'unsteady' })
    expect(merged.checks).toMatchObject([
      { verdict: 'inconclusive', reasonCode: 'unsteady', actual: 'bad; in another attempt: good', arrow: 3 },
    ])
  })

  it('fails twice in one rule and once in another: a fail, and the other is unsteady', () => {
    const both = result('media/echo', [check('sent'), check('other', { arrow: 7 })])
    const one = result('media/echo', [check('sent', { arrow: 1 }), check('other', { verdict: 'pass' })])
    const merged = confirmed([both, one])
    expect(merged.verdict).toBe('fail')
    expect(merged.checks).toMatchObject([
      { id: 'sent', verdict: 'fail', arrow: 1 },
      { id: 'other', verdict: 'inconclusive', reasonCode: 'unsteady' },
    ])
    // It points into the ladder of an attempt that is not shown.
    expect(merged.checks[1]).not.toHaveProperty('arrow')
  })

  it('open, then passed: passed', () => {
    expect(confirmed([open('packet-lost'), passed()])).toMatchObject({ verdict: 'pass', reason: '' })
  })

  it('open since the machine was too slow, then for a reason of the target: that is told', () => {
    const merged = confirmed([late, open('call-refused')])
    expect(merged).toMatchObject({ verdict: 'inconclusive', reasonCode: 'call-refused' })
    expect(merged.attempts).toMatchObject([{ reasonCode: 'harness-late' }, { reasonCode: 'call-refused' }])
  })

  it('one attempt is as it was', () => {
    const one = failed()
    expect(confirmed([one])).toBe(one)
  })

  it('all attempts are told, each with its own verdict, reason and records', () => {
    const merged = confirmed([
      failed('sent', { reason: 'it broke', durationMs: 3, evidence: ['one', 'both'] }),
      { ...passed(), durationMs: 4, evidence: ['both', 'two'] },
    ])
    expect(merged.evidence).toEqual(['one', 'both', 'two'])
    expect(merged.attempts).toEqual([
      { verdict: 'fail', reason: 'it broke', durationMs: 3, evidence: ['one', 'both'] },
      { verdict: 'pass', reason: '', durationMs: 4, evidence: ['both', 'two'] },
    ])
  })

  it('unsteady in several rules is told of each', () => {
    const { paraphrase: _, ...bare } = check('other', { actual: 'worse' })
    const both = result('media/echo', [check('sent', { actual: 'bad' }), bare])
    const neither = result('media/echo', [
      check('sent', { verdict: 'pass', actual: 'good' }),
      { ...bare, verdict: 'warn', actual: 'hm' },
    ])
    for (const attempts of [
      [both, neither],
      [neither, both],
    ] as const) {
      expect(confirmed(attempts)).toMatchObject({
        verdict: 'inconclusive',
        reasonCode: 'unsteady',
        reason:
          'did not hold in every one of 2 attempts: rule sent holds – bad; in another attempt: good. other – worse; in another attempt: hm',
      })
    }
  })

  it('failed once and was not reached again: unsteady, with the one value there is', () => {
    const later = result('media/echo', [check('other', { verdict: 'pass' })])
    expect(confirmed([failed(), later]).checks).toMatchObject([
      { id: 'sent', verdict: 'inconclusive', actual: 'bad' },
      { id: 'other', verdict: 'pass' },
    ])
  })

  it('shows the attempt that fails in what is confirmed, though a later one fails in less', () => {
    const one = (ids: string[], evidence: string) =>
      result(
        'media/echo',
        ['sent', 'other'].map((id) => check(id, { verdict: ids.includes(id) ? 'fail' : 'pass' })),
        {
          evidence: [evidence],
          story: [{ atMs: 0, text: evidence }],
        },
      )
    const third = one(['other'], 'third')
    const open = third.checks.map((each) => (each.id === 'sent' ? { ...each, verdict: 'inconclusive' as const } : each))
    const attempts = [one(['sent'], 'first'), one(['sent'], 'second'), { ...third, checks: open }] as const
    const { story } = confirmed(attempts)
    expect(story?.[0]?.text).toBe('second')
  })

  it('what the attempt that is shown left open, another one decided', () => {
    const at = (sent: CheckResult['verdict'], other: CheckResult['verdict']) =>
      result('media/echo', [check('sent', { verdict: sent }), check('other', { verdict: other })])
    const verdicts = (first: ScenarioResult, second: ScenarioResult) =>
      confirmed([first, second]).checks.map(({ verdict, reasonCode }) => reasonCode ?? verdict)
    expect(verdicts(at('pass', 'fail'), at('inconclusive', 'fail'))).toEqual(['pass', 'fail'])
    expect(verdicts(at('warn', 'fail'), at('inconclusive', 'fail'))).toEqual(['warn', 'fail'])
    expect(verdicts(at('inconclusive', 'fail'), at('inconclusive', 'fail'))).toEqual(['inconclusive', 'fail'])
    expect(verdicts(at('warn', 'fail'), at('pass', 'fail'))).toEqual(['pass', 'fail'])
  })

  it('open in all attempts: as the first ended', () => {
    expect(confirmed([open('packet-lost'), open('timed-out')])).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'packet-lost',
      reason: 'open',
    })
    const lacking = result('media/echo', [], {
      verdict: 'unsupported',
      reason: 'no TLS',
      reasonCode: 'feature-lacking',
    })
    const elsewhere = result('media/echo', [], { verdict: 'not applicable', reason: 'a proxy' })
    expect(confirmed([open('packet-lost'), lacking])).toMatchObject({
      verdict: 'unsupported',
      reason: 'no TLS',
      reasonCode: 'feature-lacking',
    })
    expect(confirmed([open('packet-lost'), elsewhere])).toMatchObject({
      verdict: 'not applicable',
      reason: 'a proxy',
      reasonCode: 'not-applicable',
    })
  })

  it('lost packets add up, relay by relay', () => {
    const sum = (...counts: number[]) => {
      const [first, ...more] = counts.map((count) => heard(lost(count)))
      const { checks, verdict } = confirmed([first!, ...more])
      return [verdict, checks[0]?.verdict, checks[0]?.reasonCode, checks[0]?.actual, checks[0]?.losses?.length]
    }
    expect(sum(3, 1)).toEqual(['pass', 'pass', undefined, '0.8 % lost (4 of 500 packets)', 2])
    expect(sum(4, 4)).toEqual(['inconclusive', 'inconclusive', 'packet-lost', '1.6 % lost (8 of 500 packets)', 2])
    expect(sum(50, 50, 50)).toEqual(['fail', 'fail', 'rule-broken', '20.0 % lost (150 of 750 packets)', 3])
    const through = (relay: string, count: number) =>
      lost(count, { losses: [{ relay, expected: 2000, lost: count, gaps: count }] })
    const merged = (one: CheckResult, other: CheckResult) => confirmed([heard(one), heard(other)]).verdict
    // Each attempt is open for another relay; together they show that neither loses too much.
    const [first, second, third] = [
      [3, 0],
      [0, 3],
      [3, 0],
    ].map(([one, other]) => [
      { relay: 'relay-1', expected: 250, lost: one!, gaps: one! },
      { relay: 'relay-2', expected: 250, lost: other!, gaps: other! },
    ])
    const attempts = [first, second, third].map((losses) => heard(lost(0, { losses: losses! })))
    expect(confirmed([attempts[0]!, attempts[1]!, attempts[2]!])).toMatchObject({ verdict: 'pass', reason: '' })
    expect(merged(through('relay-1', 300), through('relay-2', 0))).toBe('fail')
    expect(merged(through('relay-2', 0), through('relay-1', 25))).toBe('inconclusive')
    expect(merged(through('relay-2', 0), through('relay-1', 0))).toBe('pass')
  })

  it('a rule about losses that failed without a count fails as any other', () => {
    const uncounted = check('complete', { actual: 'nothing came' })
    expect(
      confirmed([heard(lost(5)), result('media/echo', [uncounted]), result('media/echo', [uncounted])]),
    ).toMatchObject({
      verdict: 'fail',
      checks: [{ actual: 'nothing came' }],
    })
  })

  it('a defect of ours stays a defect', () => {
    const defect = failed('sent', { verdict: 'error', defect: { message: 'x is undefined' } })
    expect(confirmed([failed(), defect])).toMatchObject({ verdict: 'error', defect: { message: 'x is undefined' } })
  })
})

describe('what is unsteady in a run', () => {
  const unsteady = (variant: string) =>
    confirmed([
      { ...failed(), ...on(variant) },
      { ...passed(), ...on(variant) },
    ])

  it('is a warning of its own, with the gravity of its rule', () => {
    const { findings, verdict, exitCode } = run({ scenarios: [unsteady('udp/ipv4')] })
    expect(findings).toMatchObject([
      {
        id: 'UNSTEADY media/echo',
        kind: 'unsteady',
        severity: 'warn',
        gravity: 'harm',
        title: 'Not every time: Harm of media/echo',
      },
    ])
    expect([verdict, exitCode]).toEqual(['inconclusive', 4])
    expect(run({ scenarios: [unsteady('udp/ipv4'), result('media/two-way', [])] })).toMatchObject({
      verdict: 'warn',
      exitCode: 0,
    })
  })

  it('is told as seen once where no other attempt decided it', () => {
    const once = confirmed([failed(), open('no-answer'), open('no-answer')])
    expect(once.reason).toMatch(/^failed in one of 3 attempts, and was not decided in the others: /)
    const { findings } = run({ scenarios: [once, result('media/two-way', [])] })
    expect(findings).toMatchObject([
      { kind: 'unsteady', severity: 'warn', title: 'Seen once, not confirmed: Harm of media/echo' },
    ])
  })

  it('is part of what fails every time elsewhere', () => {
    const { findings } = run({ scenarios: [unsteady('udp/ipv4'), { ...failed(), ...on('tls/ipv4') }] })
    expect(findings).toMatchObject([{ id: 'media/echo', kind: 'rule', severity: 'fail' }])
    expect(findings[0]?.scenarios).toHaveLength(2)
  })

  it('is told under what is as unsteady and brings it about', () => {
    const once = (id: string, follows: string[]) =>
      confirmed([result(id, [check('rule', { follows })]), result(id, [check('rule', { follows, verdict: 'pass' })])])
    const { findings } = run({ scenarios: [once('media/echo', []), once('media/hold', ['media/echo'])] })
    expect(findings).toMatchObject([
      { id: 'UNSTEADY media/echo', consequences: [{ title: 'Not every time: Harm of media/hold' }] },
    ])
    expect(findings).toHaveLength(1)
  })
})
