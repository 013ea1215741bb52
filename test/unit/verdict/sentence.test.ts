import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import type { VitalSign } from '../../../src/result/survey-result.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import type { RunFacts } from '../../../src/verdict/facts.js'
import { problemsOf } from '../../../src/result/problems.js'
import { check, note, on, result, run, sign } from './records.js'

const holds: Partial<CheckResult> = { verdict: 'pass' }
const load: LoadResult = {
  profile: 'load',
  valid: true,
  generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
  calls: { started: 5, completed: 5, failed: 0, oneWay: 1, twoWay: 4 },
  relays: [],
}
const sentence = (facts: Partial<RunFacts>) => run(facts).sentence

const STEPS = { login: 'register', call: 'call', audio: 'talk', 'hang-up': 'hang up' } as const
/** All vital signs of these variants, some with other checks. */
const survey = (variants: string[], others: VitalSign[] = []): RunFacts['survey'] => ({
  durationMs: 1,
  facts: [],
  vitalSigns: [
    ...variants.flatMap((variant) =>
      Object.entries(STEPS).map(([id, step]) => sign(`survey/${id}`, [check('x', holds)], { step, ...on(variant) })),
    ),
    ...others,
  ],
})
const broken = (id: keyof typeof STEPS, variant: string, harm: string) =>
  sign(`survey/${id}`, [check('x', { gravity: 'outage', harm })], { step: STEPS[id], code: 'x', ...on(variant) })

const talk = (
  verdict: CheckResult['verdict'],
  variant = 'udp/ipv4',
  more: Partial<CheckResult> = {},
): ScenarioResult => ({
  ...result('media/echo', [check('heard', { verdict, ...more })], { step: 'talk' }),
  ...on(variant),
})
const failing = (id: string, more: Partial<CheckResult>) =>
  result(id, [check('x', { harm: `${id} is out. More.`, ...more })])

describe('the sentence says first whether customers can telephone', () => {
  it('by the vital signs', () => {
    const all = ['udp/ipv4', 'tcp/ipv4', 'tls/ipv4', 'udp/ipv6', 'tcp/ipv6', 'tls/ipv6']
    expect(sentence({ survey: survey(all) })).toBe('Calls work on UDP, TCP and TLS over IPv4 and IPv6.')
    expect(sentence({ survey: survey(['udp/ipv4', 'tls/ipv4', 'tls/ipv6']) })).toBe(
      'Calls work on UDP over IPv4 and TLS over IPv4 and IPv6.',
    )
  })

  it('or, where a busy machine left the survey open and nothing was run, what it saw', () => {
    const vague = sign('survey/account', [check('x', { verdict: 'inconclusive' })], {
      verdict: 'inconclusive',
      reasonCode: 'harness-late',
      reason: 'No account can log in: REGISTER is rejected with 404',
    })
    expect(sentence({ survey: survey([], [vague]), incomplete: true })).toBe(
      'Nothing could be decided: No account can log in: REGISTER is rejected with 404 (this machine was too busy to be sure: run it again).',
    )
  })

  it('and where they cannot, what is missing', () => {
    const expired = broken('login', 'tls/ipv4', 'The certificate has expired. Nobody gets in.')
    expect(sentence({ survey: survey(['udp/ipv4'], [expired]) })).toBe(
      'Customers cannot call over TLS; calls work on UDP over IPv4. Not fit for release: The certificate has expired (only on TLS).',
    )
    // What strikes where calls work is named too.
    const oneRelay = failing('media/every-relay', {
      gravity: 'outage',
      harm: 'One side hears nothing in 1 of 13 calls. More.',
    })
    expect(sentence({ survey: survey(['udp/ipv4'], [expired]), scenarios: [oneRelay] })).toContain(
      'Customers cannot call over TLS; calls work on UDP over IPv4, but not all of them: One side hears nothing in 1 of 13 calls.',
    )
    const endless = broken('hang-up', 'udp/ipv4', 'Calls stay up. They are billed.')
    expect(sentence({ survey: survey(['udp/ipv4'], [endless]) })).toBe(
      'Calls can be made on UDP over IPv4, but do not last or end as they should: Calls stay up. Not fit for release.',
    )
    const deaf = broken('audio', 'udp/ipv4', 'No audio: the caller does not hear the callee. And so on.')
    const connects = sign('survey/call', [check('x', holds)], { step: 'call' })
    expect(sentence({ survey: survey([], [connects, deaf]) })).toBe(
      'Calls are set up, but not with audio both ways: the caller does not hear the callee. Not fit for release.',
    )
    const nobody = broken('login', 'udp/ipv4', 'No account can log in: 403 for all 12. Tried once each.')
    const notRun = [{ id: 'x', why: '', kind: 'blocked', blockedBy: 'survey/login#x', count: 389 }] as const
    expect(run({ survey: survey([], [nobody]), notRun })).toMatchObject({
      verdict: 'fail',
      exitCode: 1,
      sentence:
        'Nobody can telephone: No account can log in: 403 for all 12. Not fit for release. 389 tests were not tested because of it.',
    })
  })

  it('by the scenarios that make calls, where there was no survey', () => {
    expect(sentence({ scenarios: [talk('pass'), talk('pass', 'tls/ipv4')] })).toBe(
      'Calls work on UDP and TLS over IPv4. 2 of 2 tests passed.',
    )
    expect(sentence({ scenarios: [talk('pass'), talk('fail', 'tls/ipv4', { gravity: 'outage' })] })).toMatch(
      /^Calls have no audio both ways over TLS; calls work on UDP over IPv4\. Not fit for release: Harm of media\/echo \(only on TLS\)\./,
    )
    expect(sentence({ scenarios: [result('dns/records', [check('x', holds)])] })).toBe('1 of 1 test passed.')
  })
})

describe('the sentence', () => {
  it('says who is without service before it says that calls work', () => {
    const nat = result('nat/keep-alive', [check('rings', { gravity: 'outage', harm: 'Devices behind NAT ring not.' })])
    expect(sentence({ survey: survey(['udp/ipv4']), scenarios: [nat] })).toBe(
      'Part of the service is out: Devices behind NAT ring not. Otherwise calls work on UDP over IPv4. Not fit for release. 0 of 1 test passed.',
    )
    const other = failing('b/b', { gravity: 'harm' })
    expect(sentence({ survey: survey(['udp/ipv4']), scenarios: [nat, other] })).toContain(
      ' Not fit for release: 2 problems. 0 of 2 tests passed.',
    )
    const silent = ['tcp/ipv4', 'tcp/ipv6'].map((variant) => broken('audio', variant, 'Nobody hears anything.'))
    expect(sentence({ survey: survey(['udp/ipv4', 'udp/ipv6'], silent) })).toMatch(
      /^Calls have no audio both ways over TCP; calls work on UDP over IPv4 and IPv6\./,
    )
    const noLogin = [broken('login', 'udp/ipv6', 'No log-in.'), broken('login', 'tls/ipv4', 'No log-in.')]
    expect(sentence({ survey: survey(['udp/ipv4', 'tls/ipv6'], noLogin) })).toMatch(
      /^Customers cannot call on UDP over IPv6 and TLS over IPv4; calls work on UDP over IPv4 and TLS over IPv6\./,
    )
  })

  it('counts the cards that a reader sees: neither notes nor defects nor what is known', () => {
    const known = {
      file: 'x.known.json',
      deviations: [{ scenario: 'k/k', check: 'x', rule: 'RFC 3261 §10.3', reason: 'it is so' }],
    }
    const conclusion = run({
      known,
      scenarios: [
        failing('a/a', { gravity: 'exposure' }),
        failing('k/k', {}),
        result('c/c', [check('x', { gravity: 'letter' }), check('y', { gravity: 'letter' })]),
        result('w/w', [check('x', { gravity: 'exposure', level: 'FINDING', verdict: 'warn' })]),
        result('e/e', [], { verdict: 'error', reason: 'TypeError', reasonCode: 'scenario-defect' }),
      ],
      notes: [note('EXAM-INFO', {}, { severity: 'info' })],
    })
    expect(conclusion.sentence).toContain(
      'Not fit for release: a/a is out. In all 2 problems (1 of them formal) and 1 warning.',
    )
    expect(problemsOf(conclusion.findings).map(({ id }) => id)).toEqual(['a/a', 'w/w', 'c/c'])
  })

  it('warns of what operations must know before it counts what nobody notices', () => {
    const scenarios = [
      result('c/c', [check('x', { gravity: 'letter' })]),
      result('w/w', [check('x', { gravity: 'exposure', level: 'FINDING', verdict: 'warn' })]),
    ]
    expect(sentence({ scenarios })).toBe(
      'Warning: Harm of w/w. In all 1 formal problem and 1 warning. 1 of 2 tests passed (1 with a warning).',
    )
  })

  it('names the gravest in plain words and counts the rest', () => {
    const scenarios = [
      failing('a/a', { gravity: 'harm' }),
      failing('b/b', { gravity: 'outage' }),
      failing('c/c', { gravity: 'letter' }),
      failing('d/d', { gravity: 'outage', level: 'SHOULD', verdict: 'warn' }),
      result('e/e', [check('x', { verdict: 'inconclusive' })]),
    ]
    expect(sentence({ scenarios, load })).toBe(
      'Not fit for release: b/b is out. In all 3 problems (1 of them formal) and 1 warning. Under load 4 of 5 calls had audio in both directions. 1 of 5 tests passed (1 with a warning); 1 could not be decided.',
    )
  })

  it('does not call unfit what customers will not notice', () => {
    const scenarios = [
      talk('pass'),
      result('c/c', [check('x', { gravity: 'letter' }), check('y', { gravity: 'letter' })]),
      result('d/d', [check('z', { gravity: 'letter' })]),
    ]
    expect(run({ scenarios })).toMatchObject({
      verdict: 'fail',
      exitCode: 1,
      sentence:
        'Calls work on UDP over IPv4. 2 formal problems: standards are broken, which customers will hardly notice. 1 of 3 tests passed.',
    })
    expect(run({ scenarios, failOn: 'harm' })).toMatchObject({ verdict: 'warn', exitCode: 0 })
  })

  it('counts what the target lacks neither as passed nor as failed', () => {
    const lacking = result('srtp/x', [], { verdict: 'unsupported' })
    expect(sentence({ scenarios: [talk('pass'), lacking] })).toContain('1 of 1 test passed')
    expect(sentence({ scenarios: [lacking] })).toBe('Nothing was tested: the target has none of what was asked for.')
  })

  it('of an interrupted run says what there was', () => {
    const interruptedBy = 'SIGINT'
    expect(sentence({ interruptedBy })).toBe('Interrupted before anything was tested.')
    expect(sentence({ interruptedBy, scenarios: [talk('pass')] })).toBe(
      'Interrupted. Calls work on UDP over IPv4. 1 of 1 test passed.',
    )
    expect(sentence({ interruptedBy, scenarios: [failing('b/b', { gravity: 'outage' })] })).toBe(
      'Interrupted. Not fit for release: b/b is out. 0 of 1 test passed.',
    )
    const calls = { started: 5, completed: 2, failed: 0, oneWay: 0, twoWay: 4 }
    expect(sentence({ interruptedBy, load: { ...load, calls } })).toBe(
      'Interrupted. Until the interruption 4 of 5 calls had audio in both directions.',
    )
  })

  it('of a load that is not valid says why', () => {
    const invalid = { ...load, valid: false, generator: { ...load.generator, problems: ['sent 80 ms late'] } }
    expect(sentence({ load: invalid })).toBe('The load is not valid: sent 80 ms late.')
    expect(sentence({ load: invalid, scenarios: [failing('b/b', {})] })).toBe(
      'Not fit for release: b/b is out. The load is not valid: sent 80 ms late. 0 of 1 test passed.',
    )
  })

  it('of a load says who was called, and tells calls that were not to be answered from those without audio', () => {
    const dialled = { echo: 3, account: 2, other: 0 }
    const calls = { started: 5, completed: 5, failed: 0, oneWay: 0, twoWay: 5, dialled, meant: { answered: 5 } }
    expect(sentence({ load: { ...load, calls } })).toBe(
      'Under load all 5 calls had audio in both directions (3 to the echo test, 2 between accounts).',
    )
    const meant = { answered: 3, busy: 1, cancelled: 1 }
    const between = { ...calls, twoWay: 3, meant, dialled: { echo: 0, account: 5, other: 0 } }
    expect(sentence({ load: { ...load, calls: between } })).toBe(
      'Under load all 3 calls had audio in both directions (between accounts); 2 calls were not to be answered (1 busy, 1 cancelled).',
    )
    const both = { ...between, dialled: { echo: 1, account: 4, other: 0 } }
    expect(sentence({ load: { ...load, calls: both } })).toContain('(1 to the echo test, 2 between accounts); 2 calls')
    expect(sentence({ load: { ...load, calls: { ...between, twoWay: 2, failed: 1, completed: 4 } } })).toContain(
      '2 of 3 calls had audio in both directions (between accounts)',
    )
  })

  it('does not praise a load whose limits were crossed', () => {
    const calls = { ...load.calls, oneWay: 0, twoWay: 5 }
    const thresholds = [{ metric: 'rtp_loss_ratio', condition: 'p(95)<0.01', ok: false }]
    expect(sentence({ load: { ...load, calls, thresholds } })).toBe(
      'Not fit for release: Too many packets were lost under load. Under load all 5 calls had audio in both directions.',
    )
    expect(sentence({ load: { ...load, calls: { ...calls, started: 0, completed: 0, twoWay: 0 } } })).toBe(
      'Under load no call was made.',
    )
  })

  it('where everything is open says so', () => {
    const open = result('e/e', [check('x', { verdict: 'inconclusive' })])
    expect(run({ scenarios: [open] })).toMatchObject({
      verdict: 'inconclusive',
      exitCode: 4,
      sentence:
        'Nothing could be decided: no test reached the point where its checks begin. 0 of 1 test passed; 1 could not be decided.',
    })
  })

  it('of a target that does not answer is told by who asked it', () => {
    expect(sentence({ unreachable: 'dus.net does not answer.' })).toBe('dus.net does not answer.')
    const gone = run({ scenarios: [failing('b/b', { gravity: 'outage' })], gone: 'It stopped answering.' })
    expect(gone).toMatchObject({ exitCode: 1 })
    expect(gone.sentence).toBe('It stopped answering. Not fit for release: b/b is out. 0 of 1 test passed.')
  })
})
