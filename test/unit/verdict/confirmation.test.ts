import { describe, expect, it } from 'vitest'
import type { ScenarioResult } from '../../../src/result/result.js'
import { confirmed, wantsAgain } from '../../../src/verdict/confirmation.js'
import { check, on, result, run } from './records.js'

const passed = (id = 'sent'): ScenarioResult => result('media/echo', [check(id, { verdict: 'pass', actual: 'good' })])
const failed = (id = 'sent', more: Partial<ScenarioResult> = {}): ScenarioResult =>
  result('media/echo', [check(id, { actual: 'bad', arrow: 3 })], more)
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
  ])('%s', (_, attempts, again) => {
    expect(wantsAgain(attempts)).toBe(again)
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

  it('is part of what fails every time elsewhere', () => {
    const { findings } = run({ scenarios: [unsteady('udp/ipv4'), { ...failed(), ...on('tls/ipv4') }] })
    expect(findings).toMatchObject([{ id: 'media/echo', kind: 'rule', severity: 'fail' }])
    expect(findings[0]?.scenarios).toHaveLength(2)
  })
})
