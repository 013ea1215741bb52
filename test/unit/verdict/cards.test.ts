import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/result.js'
import { findingsOf, headline } from '../../../src/verdict/cards.js'

const check = (id: string, more: Partial<CheckResult> = {}): CheckResult => ({
  id,
  level: 'MUST',
  gravity: 'harm',
  rule: 'RFC 3261 §10.3',
  verdict: 'fail',
  expected: 'this',
  actual: 'that',
  paraphrase: `rule ${id} holds`,
  ...more,
})

const result = (id: string, checks: CheckResult[], more: Partial<ScenarioResult> = {}): ScenarioResult => ({
  id,
  title: `title of ${id}`,
  area: id.split('/')[0] ?? '',
  purposes: [],
  provider: [],
  variant: { transport: 'udp', family: 'ipv4' },
  verdict: 'fail',
  reason: '',
  durationMs: 1,
  checks,
  evidence: [`evidence/${id.replace('/', '_')}.pcapng`],
  harm: `Harm of ${id}.`,
  advice: `Advice of ${id}.`,
  ...more,
})

describe('findings', () => {
  it('have who notices what as their headline, and the rule beside it', () => {
    const [finding] = findingsOf([result('nat/keep-alive', [check('afterIdle')])], [])
    expect(finding).toMatchObject({
      id: 'nat/keep-alive#afterIdle',
      severity: 'fail',
      title: 'Harm of nat/keep-alive',
      rule: 'MUST RFC 3261 §10.3: rule afterIdle holds',
      expected: 'this',
      actual: 'that',
      scenarios: [{ scenario: 'nat/keep-alive', transport: 'udp', family: 'ipv4' }],
      count: 1,
    })
  })

  it('of one harm are one, with each rule once and all scenarios that it was seen in', () => {
    const harm = 'Customers cannot call each other.'
    const both = [check('path', { paraphrase: 'the way is given' }), check('reaches')]
    const other = { transport: 'tcp', family: 'ipv4' }
    const found = findingsOf(
      [
        result('ipv6/from-ipv4', both, { harm, provider: ['EP-9'] }),
        result('ipv6/from-ipv4', both, { harm, provider: ['EP-9'], variant: other }),
        result('ipv6/from-ipv6', both, { harm, provider: ['EP-4'] }),
      ],
      [],
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.scenarios.map((one) => `${one.scenario} ${one.transport}/${one.family}`)).toEqual([
      'ipv6/from-ipv4 udp/ipv4',
      'ipv6/from-ipv4 tcp/ipv4',
      'ipv6/from-ipv6 udp/ipv4',
    ])
    expect(found[0]?.provider).toEqual(['EP-9', 'EP-4'])
    expect(found[0]?.advice).toBe('Advice of ipv6/from-ipv4. Advice of ipv6/from-ipv6.')
    expect(found[0]?.broken?.map(({ paraphrase, scenarios }) => [paraphrase, scenarios.length])).toEqual([
      ['the way is given', 3],
      ['rule reaches holds', 3],
    ])
  })

  it('of one rule in several scenarios are one, though the scenarios have harms of their own', () => {
    const tag = check('tag', { paraphrase: 'the answer carries the tag' })
    const found = findingsOf([result('srtp/one', [tag]), result('srtp/two', [tag])], [])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ title: 'Harm of srtp/one', harm: 'Harm of srtp/one. Harm of srtp/two.' })
  })

  it('that join two groups make them one', () => {
    const found = findingsOf(
      [
        result('srtp/one', [check('a')]),
        result('srtp/two', [check('b')]),
        result('srtp/three', [check('a'), check('b')], { harm: 'Harm of three.' }),
      ],
      [],
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.scenarios).toHaveLength(3)
  })

  it('say what just that rule does, where the scenario says something graver', () => {
    const lossy = check('complete', { harm: 'Callers hear gaps.' })
    const found = findingsOf([result('media/echo', [check('heard', { verdict: 'pass' }), lossy])], [])
    expect(found[0]).toMatchObject({ title: 'Callers hear gaps', harm: 'Callers hear gaps.' })
  })

  it('of one scenario are one, headed by the first rule that broke', () => {
    const checks = [
      check('heard', { harm: 'Callers hear nothing.' }),
      check('complete', { harm: 'Callers hear gaps.' }),
    ]
    const found = findingsOf([result('media/echo', checks)], [])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ title: 'Callers hear nothing', harm: 'Callers hear nothing. Callers hear gaps.' })
    expect(found[0]?.broken).toHaveLength(2)
  })

  it('of different causes stay apart, the most harmful area first', () => {
    const found = findingsOf([result('dtmf/one', [check('a')]), result('registrar/one', [check('b')])], [])
    expect(found.map(({ id, rank }) => [id, rank])).toEqual([
      ['registrar/one#b', 0],
      ['dtmf/one#a', 1],
    ])
  })

  it('of a recommendation beside rules that must hold do not claim the harm that those would do', () => {
    const date = check('date', { level: 'SHOULD', verdict: 'warn', paraphrase: 'the 200 tells the date' })
    const found = findingsOf([result('registrar/adds', [check('accepted', { verdict: 'pass' }), date])], [])
    expect(found[0]).toMatchObject({ severity: 'warn', title: 'Recommended, but not so: the 200 tells the date' })
    expect(found[0]?.harm).toBeUndefined()
  })

  it('of a scenario that only asks what operations must know do', () => {
    const open = check('refused', { level: 'FINDING', verdict: 'warn' })
    const found = findingsOf([result('security/open', [open])], [])
    expect(found[0]).toMatchObject({ severity: 'warn', title: 'Harm of security/open' })
  })

  it('that are known of the target only warn', () => {
    const known = check('a', { expectedFailure: 'version 5 does so' })
    const found = findingsOf([result('nat/one', [known], { verdict: 'warn' })], [])
    expect(found[0]).toMatchObject({ severity: 'warn', broken: [{ expectedFailure: 'version 5 does so' }] })
  })

  it('a headline is the first sentence, without its stop', () => {
    expect(headline('One packet is lost. Then a second one.')).toBe('One packet is lost')
    expect(headline('Calls end after 1.5 s of silence.')).toBe('Calls end after 1.5 s of silence')
  })
})
