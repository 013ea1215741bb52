import { describe, expect, it } from 'vitest'
import type { AudioLoss } from '../../../src/result/audio.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import { verdictOfLosses } from '../../../src/verdict/loss.js'
import { check, note, on, result, run, sign } from './records.js'

// What a reader gets of each kind of finding that is no card of broken rules: whole, word for word.

const only = (facts: Parameters<typeof run>[0], kind: string) => {
  const found = run(facts).findings.filter((one) => one.kind === kind || one.id === kind)
  expect(found).toHaveLength(1)
  const { rank: _, ...rest } = found[0]!
  return rest
}
const held = { verdict: 'pass' } as const

describe('a defect', () => {
  const broken = (id: string, more: Partial<ScenarioResult> = {}) =>
    result(id, [], {
      verdict: 'error',
      reason: 'TypeError: x is not a function',
      reasonCode: 'scenario-defect',
      evidence: [`${id}.pcapng`],
      ...more,
    })
  const where = { message: 'x is not a function', file: 'scenarios/x.ts', line: 12 }

  it('of a scenario names its file and line', () => {
    const scenarios = ['udp/ipv4', 'tcp/ipv4'].map((one) => broken('a/b', { defect: where, ...on(one) }))
    expect(only({ scenarios }, 'defect')).toEqual({
      id: 'DEFECT scenarios/x.ts:12',
      kind: 'defect',
      severity: 'warn',
      gravity: 'letter',
      title: 'Mistake in scenario a/b (scenarios/x.ts:12): x is not a function',
      provider: [],
      evidence: ['a/b.pcapng'],
      harm: '2 tests decide nothing about the target. The other results stand.',
      advice: 'Correct scenarios/x.ts, and run it again.',
      scenarios: [
        { scenario: 'a/b', transport: 'udp', family: 'ipv4' },
        { scenario: 'a/b', transport: 'tcp', family: 'ipv4' },
      ],
      count: 2,
      expected: 'the scenario runs to its end',
      actual: 'x is not a function',
    })
  })

  it('of ringproof is to be reported', () => {
    const scenarios = [broken('a/b', { reasonCode: 'harness-defect' })]
    expect(only({ scenarios }, 'defect')).toMatchObject({
      id: 'DEFECT a/b',
      title: 'ringproof failed in scenario a/b: TypeError: x is not a function',
      harm: 'One test decides nothing about the target. The other results stand.',
      advice: 'Report it with the files of this run: it is a defect of ringproof, not of the target.',
      actual: 'TypeError: x is not a function',
    })
  })

  it('whose file or line is not known says what there is', () => {
    const of = (defect?: ScenarioResult['defect']) => {
      const { id, title, advice } = only({ scenarios: [broken('a/b', defect ? { defect } : {})] }, 'defect')
      return [id, title, advice]
    }
    expect(of()).toEqual([
      'DEFECT a/b',
      'Mistake in scenario a/b: TypeError: x is not a function',
      'Correct the scenario, and run it again.',
    ])
    expect(of({ message: 'no', file: 'x.ts' })).toEqual([
      'DEFECT x.ts',
      'Mistake in scenario a/b (x.ts): no',
      'Correct x.ts, and run it again.',
    ])
  })

  it('is one for all that met it, and another for each other mistake', () => {
    const at = (line: number, ...ids: string[]) => ids.map((id) => broken(id, { defect: { ...where, line } }))
    const scenarios = [...at(12, 'a/a', 'b/b', 'c/c'), ...at(13, 'a/a', 'b/b', 'c/c', 'd/d', 'e/e', 'f/f')]
    const { findings } = run({ scenarios })
    expect(findings.map(({ title }) => title)).toEqual([
      'Mistake in scenario a/a, b/b and c/c (scenarios/x.ts:12): x is not a function',
      'Mistake in 6 scenarios (scenarios/x.ts:13): x is not a function',
    ])
    expect(findings[1]?.evidence).toHaveLength(5)
  })
})

describe('somebody else on our accounts', () => {
  const used = (account = '1001') => ({ accounts: [account] })
  const hand = (more = {}) => ({ account: '1001', how: 'registered', atMs: 5, ...more }) as const

  it('is told with what it spoils', () => {
    const facts = {
      foreign: [hand({ contact: 'sip:x@192.0.2.9' }), hand({ how: 'called' })],
      scenarios: [
        result('media/echo', [check('heard')], { ...used(), evidence: ['one'] }),
        result('media/hold', [check('heard', held)], { ...used(), evidence: ['other'] }),
      ],
    }
    expect(only(facts, 'foreign-hands')).toEqual({
      id: 'FOREIGN-HANDS',
      kind: 'foreign-hands',
      severity: 'warn',
      gravity: 'harm',
      title: 'Somebody else used account 1001 during the run',
      provider: [],
      evidence: ['one'],
      harm: '1 result is inconclusive: what was seen may be the other user’s doing.',
      advice:
        'Stop the other user (another ringproof, a telephone, a second test job), or give this run accounts of its own; then run again. What an earlier run left registered when it was killed looks the same until it expires.',
      scenarios: [{ scenario: 'media/echo', transport: 'udp', family: 'ipv4' }],
      count: 2,
      expected: 'only this run uses the accounts of the target file',
      actual: '1001 was registered by another device (sip:x@192.0.2.9)',
    })
  })

  it.each([
    [hand({ how: 'called' }), '1001 was in a call that is not ours'],
    [hand({ how: 'displaced' }), '1001 lost its registration to another device'],
  ])('%o', (foreign, actual) => {
    expect(only({ foreign: [foreign] }, 'foreign-hands')).toMatchObject({
      actual,
      harm: 'No result of this run depends on it.',
    })
  })

  it('names three contacts at most, and counts accounts', () => {
    const foreign = [1, 2, 3, 4, 1].map((nth) => hand({ account: `100${nth}`, contact: `sip:${nth}` }))
    expect(only({ foreign }, 'foreign-hands')).toMatchObject({
      title: 'Somebody else used 4 of the accounts during the run',
      actual: '1001 was registered by another device (sip:1, sip:2, sip:3)',
    })
  })

  it('counts results, vital signs and observations apart', () => {
    const reasonCode = 'foreign-hands' as const
    const spoilt = { verdict: 'inconclusive', reasonCode } as const
    const scenarios = ['a', 'b'].map((id) => result(id, [check('x')], used()))
    const survey = (signs: number) => ({
      durationMs: 1,
      facts: [],
      vitalSigns: [
        sign('survey/reach', [check('x', held)]),
        ...Array.from({ length: signs }, () => sign('survey/login', [], spoilt)),
      ],
    })
    const disturbed = { ...note('EXAM-KEYS-IN-CLEAR'), disturbed: true }
    const harm = (facts: Parameters<typeof run>[0]) => only({ foreign: [hand()], ...facts }, 'foreign-hands').harm
    expect(harm({ scenarios, survey: survey(1) })).toBe(
      '2 results and 1 basic function are inconclusive: what was seen may be the other user’s doing.',
    )
    expect(harm({ survey: survey(1) })).toBe(
      '1 basic function is inconclusive: what was seen may be the other user’s doing.',
    )
    expect(harm({ survey: survey(2), notes: [disturbed] })).toBe(
      '2 basic functions are inconclusive: what was seen may be the other user’s doing. 1 observation of the standing checks was left out: calls of the other user reached devices of this run there.',
    )
    expect(harm({ notes: [disturbed, disturbed, note('EXAM-TAGS')] })).toBe(
      '2 observations of the standing checks were left out: calls of the other user reached devices of this run there.',
    )
  })

  it('spoils what did not hold, and nothing that did', () => {
    const checks = [
      check('broke'),
      check('warned', { verdict: 'warn' }),
      check('held', held),
      check('open', { verdict: 'inconclusive', reasonCode: 'packet-lost' }),
    ]
    const [spoilt] = run({
      foreign: [hand()],
      scenarios: [result('a/a', checks, { ...used(), reason: 'it broke' })],
    }).scenarios
    expect(spoilt).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'foreign-hands',
      reason: 'somebody else used the account 1001 during the run',
    })
    expect(spoilt?.checks.map(({ verdict, reasonCode }) => [verdict, reasonCode])).toEqual([
      ['inconclusive', 'foreign-hands'],
      ['inconclusive', 'foreign-hands'],
      ['pass', undefined],
      ['inconclusive', 'packet-lost'],
    ])
    expect(spoilt?.checks[2]).toBe(checks[2])
    const warned = result('a/a', [check('x', { verdict: 'warn' })], used())
    expect(run({ foreign: [hand()], scenarios: [warned] }).scenarios[0]?.verdict).toBe('inconclusive')
  })

  it.each([
    ['not-reached', true],
    ['no-answer', true],
    ['login-refused', true],
    ['call-refused', true],
    ['call-not-arrived', true],
    ['no-audio', true],
    ['is-b2bua', true],
    ['is-proxy', true],
    ['packet-lost', false],
    ['timed-out', false],
    ['relays-no-media', false],
  ] as const)('may be why it ended with %s: %s', (reasonCode, itMay) => {
    const stopped = result('a/a', [], { ...used(), verdict: 'not applicable', reasonCode, reason: '' })
    const [found] = run({ foreign: [hand()], scenarios: [stopped] }).scenarios
    expect([found?.reasonCode, found?.reason]).toEqual(
      itMay ? ['foreign-hands', 'somebody else used the account 1001 during the run'] : [reasonCode, ''],
    )
    const passed = result('a/a', [], { ...used(), reasonCode })
    expect(run({ foreign: [hand()], scenarios: [passed] }).scenarios[0]?.verdict).toBe('pass')
  })
})

describe('a deviation that is listed and was not seen', () => {
  const known = {
    file: 'x.known.json',
    deviations: [
      { scenario: 'srtp/replayed', check: 'dropped', rule: 'RFC 3711 §3.3.2', reason: 'no list' },
      { scenario: 'srtp/replayed', check: 'other', rule: 'RFC 3711 §3.3.2', reason: 'no list' },
    ],
  }

  it('is told whole', () => {
    const one = (variant: string, more: Partial<ScenarioResult>) =>
      result('srtp/replayed', [check('first', { verdict: 'warn' }), check('dropped', held)], {
        ...on(variant),
        ...more,
      })
    const scenarios = [
      one('udp/ipv4', { provider: ['EP-9'], evidence: ['one'] }),
      one('tls/ipv4', { provider: ['EP-9', 'EP-4'], evidence: ['two'] }),
    ]
    expect(only({ scenarios, known }, 'unexpected-pass')).toEqual({
      id: 'UNEXPECTED-PASS srtp/replayed dropped',
      kind: 'unexpected-pass',
      severity: 'warn',
      gravity: 'letter',
      title: 'Listed as a known deviation, but it held: title of srtp/replayed',
      provider: ['EP-9', 'EP-4'],
      evidence: ['one', 'two'],
      harm: 'Nobody notices; the list of known deviations is out of date.',
      advice: "Remove 'dropped' of 'srtp/replayed' from x.known.json, or find out what changed.",
      scenarios: [
        { scenario: 'srtp/replayed', transport: 'udp', family: 'ipv4' },
        { scenario: 'srtp/replayed', transport: 'tls', family: 'ipv4' },
      ],
      rule: 'RFC 3711 §3.3.2',
    })
  })

  it('excuses what it names and warns, and leaves everything else', () => {
    const checks = [
      check('dropped'),
      check('other', { verdict: 'warn' }),
      check('held', held),
      check('warned', { verdict: 'warn' }),
      check('open', { verdict: 'inconclusive' }),
    ]
    const [excused] = run({ known, scenarios: [result('srtp/replayed', checks)] }).scenarios
    expect(excused?.checks.map(({ reasonCode, expectedFailure }) => [reasonCode, expectedFailure])).toEqual([
      ['known-deviation', 'no list'],
      ['known-deviation', 'no list'],
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(excused).toMatchObject({ verdict: 'warn', reason: 'known deviation: no list' })
    const reasons = { ...known, deviations: known.deviations.map((one, nth) => ({ ...one, reason: `reason ${nth}` })) }
    const both = [check('dropped'), check('other')]
    expect(run({ known: reasons, scenarios: [result('srtp/replayed', both)] }).scenarios[0]?.reason).toBe(
      'known deviation: reason 0; reason 1',
    )
  })

  it('changes no verdict but a fail, and nothing on other variants', () => {
    const open = result('srtp/replayed', [check('dropped', { verdict: 'inconclusive' })], { reason: 'late' })
    const warned = result('srtp/replayed', [check('dropped', { verdict: 'warn' })], { reason: 'hm' })
    const [first, second] = run({ known, scenarios: [open, warned] }).scenarios
    expect([first?.verdict, first?.reason, second?.verdict, second?.reason]).toEqual([
      'inconclusive',
      'late',
      'warn',
      'hm',
    ])
    expect(second?.checks[0]?.expectedFailure).toBe('no list')
    const deviations = [{ ...known.deviations[0]!, variant: 'udp/ipv6' }]
    for (const [variant, verdict] of [
      ['udp/ipv6', 'warn'],
      ['udp/ipv4', 'fail'],
      ['tls/ipv6', 'fail'],
    ] as const) {
      const scenarios = [result('srtp/replayed', [check('dropped')], on(variant))]
      expect(run({ known: { file: '', deviations }, scenarios }).scenarios[0]?.verdict, variant).toBe(verdict)
    }
  })
})

describe('what the path loses', () => {
  const loss = (lost: number, expected: number, relay = 'relay-1'): AudioLoss => ({ relay, expected, lost, gaps: lost })
  const heard = (losses: AudioLoss[], variant: string, more: Partial<ScenarioResult> = {}) => {
    const verdict = verdictOfLosses(losses)
    const open = { verdict: 'inconclusive', reasonCode: 'packet-lost' } as const
    const checks = [check('complete', { losses, ...(verdict === 'open' ? open : { verdict }) }), check('heard', held)]
    return result('media/echo', checks, { ...on(variant), ...(verdict === 'open' ? open : {}), ...more })
  }
  const path = { requests: 1000, again: 20, apart: { requests: 500, again: 20 } }

  it('is told once', () => {
    const scenarios = [
      heard([loss(40, 2000)], 'udp/ipv4', { evidence: ['one'] }),
      heard([loss(0, 100)], 'tcp/ipv4', { evidence: ['none'] }),
      heard([loss(60, 3000, 'relay-2')], 'tls/ipv4', { evidence: ['two'] }),
    ]
    expect(only({ scenarios, path }, 'PATH-LOSS')).toEqual({
      id: 'PATH-LOSS',
      kind: 'standing-check',
      severity: 'warn',
      gravity: 'harm',
      title: 'The path to the target loses packets: 2.0 % lost (100 of 5100 packets)',
      provider: [],
      evidence: ['one', 'two'],
      harm: 'Calls from here have gaps. Whether it is the target that loses the audio cannot be told: the path to the target loses as much: 20 of 1000 requests had to be repeated.',
      advice:
        'Run again from a place with a better line to the target. Where operations run both ends, look at the network between them.',
      scenarios: [
        { scenario: 'media/echo', transport: 'udp', family: 'ipv4' },
        { scenario: 'media/echo', transport: 'tls', family: 'ipv4' },
      ],
      rule: 'at most 1 % of the audio packets are lost',
      expected: 'at most 1.0 % lost',
      actual: 'relay-1: 1.9 % lost (40 of 2100 packets); relay-2: 2.0 % lost (60 of 3000 packets)',
    })
  })

  it('shows in five records at most, and says where no signalling would tell', () => {
    const variants = ['udp/ipv4', 'tcp/ipv4', 'tls/ipv4', 'udp/ipv6', 'tcp/ipv6', 'tls/ipv6']
    const scenarios = variants.map((one) => heard([loss(12, 600)], one, { evidence: [one] }))
    const words =
      'Calls from here have gaps. Whether it is the target that loses the audio cannot be told: there was no signalling over UDP that would show what the path to the target loses.'
    const nothing = { requests: 0, again: 0, apart: { requests: 0, again: 0 } }
    for (const none of [undefined, nothing]) {
      expect(only({ scenarios, path: none }, 'PATH-LOSS')).toMatchObject({
        harm: words,
        evidence: variants.slice(0, 5),
      })
    }
  })
})
