import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import type { NotRun } from '../../../src/result/finding.js'
import type { VitalSign } from '../../../src/result/survey-result.js'
import type { RelayResult } from '../../../src/result/load-relays.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import type { RunFacts } from '../../../src/verdict/facts.js'
import { check, on, result, run, sign } from './records.js'

// Situations and their sentence, whole: it is what operations read first.

const sentence = (facts: Partial<RunFacts>) => run(facts).sentence
const held: Partial<CheckResult> = { verdict: 'pass' }
const out: Partial<CheckResult> = { gravity: 'outage' }

const at = (variant: string, step: 'register' | 'call' | 'talk' | 'hang up', more: Partial<CheckResult> = held) =>
  sign(`survey/${step}`, [check('x', { harm: `No ${step}. More.`, ...more })], { step, ...on(variant) })
const survey = (...vitalSigns: VitalSign[]): Partial<RunFacts> => ({ survey: { durationMs: 1, facts: [], vitalSigns } })
const works = (variant: string) => (['register', 'call', 'talk'] as const).map((step) => at(variant, step))
const scenario = (id: string, more: Partial<CheckResult>, rest: Partial<ScenarioResult> = {}) =>
  result(id, [check('x', { harm: `${id} is out. More.`, ...more })], rest)

describe('whether customers can telephone', () => {
  it.each<[string, Partial<RunFacts>, string]>([
    ['calls with audio', survey(...works('udp/ipv4')), 'Calls work on UDP over IPv4.'],
    ['no audio was tried', survey(at('udp/ipv4', 'call')), ''],
    [
      'audio that fails, though it is no outage',
      survey(at('udp/ipv4', 'talk', { gravity: 'harm' })),
      'Not fit for release: No talk.',
    ],
    [
      'audio that was heard once and not another time',
      survey(...works('udp/ipv4'), at('udp/ipv4', 'talk', out)),
      'Calls are set up, but not with audio both ways: No talk. Not fit for release.',
    ],
    [
      'one of two checks of a log-in',
      survey(
        ...works('udp/ipv4'),
        sign('survey/register', [check('y', held), check('x', { ...out, harm: 'No register.' })], {
          step: 'register',
          ...on('tls/ipv4'),
        }),
      ),
      'Customers cannot call over TLS; calls work on UDP over IPv4. Not fit for release: No register (only on TLS).',
    ],
    [
      'what warns of an outage',
      survey(...works('udp/ipv4'), at('udp/ipv4', 'call', { gravity: 'outage', verdict: 'warn', level: 'SHOULD' })),
      'Calls work on UDP over IPv4. Warning: No call.',
    ],
    [
      'no survey, and scenarios that make no calls',
      {
        scenarios: [
          scenario('b/b', held, { step: 'talk' }),
          scenario('a/a', out, on('tls/ipv4')),
          scenario('c/c', { verdict: 'inconclusive' }, { step: 'talk', ...on('tcp/ipv4') }),
        ],
      },
      'Part of the service is out: a/a is out. Otherwise calls work on UDP over IPv4. Not fit for release. 1 of 3 tests passed; 1 could not be decided.',
    ],
    ['audio that is undecided', survey(at('udp/ipv4', 'talk', { verdict: 'inconclusive' })), ''],
    [
      'audio that only warns',
      survey(at('udp/ipv4', 'talk', { verdict: 'warn', level: 'SHOULD' })),
      'Calls work on UDP over IPv4. Warning: No talk.',
    ],
    [
      'audio, though what fails there is no outage',
      survey(...works('udp/ipv4'), at('udp/ipv4', 'call', { gravity: 'harm' })),
      'Calls work on UDP over IPv4. Not fit for release: No call.',
    ],
    [
      'audio, though one account cannot log in',
      survey(...works('udp/ipv4'), { ...at('udp/ipv4', 'register', out), account: '1001' }),
      'Part of the service is out: No register. Otherwise calls work on UDP over IPv4. Not fit for release.',
    ],
    [
      'audio, though another address of the name in DNS is dead',
      survey(...works('udp/ipv4'), sign('survey/every-address', [check('x', { ...out, harm: 'A dead address.' })])),
      'Part of the service is out: A dead address. Otherwise calls work on UDP over IPv4. Not fit for release.',
    ],
    [
      'no log-in where calls were heard',
      survey(...works('udp/ipv4'), at('udp/ipv4', 'register', out)),
      'Nobody can telephone: No register. Not fit for release.',
    ],
    [
      'no log-in on the one line where it was tried, others being reached',
      survey(sign('survey/reach', [check('x', held)], on('tcp/ipv4')), at('udp/ipv4', 'register', out)),
      'Nobody can telephone: No register. Not fit for release.',
    ],
    [
      'one line that is not reached, where no call was asked for on the other',
      survey(
        at('udp/ipv4', 'register'),
        sign('survey/reach', [check('x', { ...out, harm: 'No TLS.' })], { step: 'register', ...on('tls/ipv4') }),
      ),
      'Nobody can telephone over TLS: No TLS. Not fit for release.',
    ],
    [
      'no calls where one was heard',
      survey(...works('udp/ipv4'), at('udp/ipv4', 'call', out)),
      'Nobody can telephone: No call. Not fit for release.',
    ],
    [
      'no audio',
      survey(at('udp/ipv4', 'call'), at('udp/ipv4', 'talk', out)),
      'Calls are set up, but not with audio both ways: No talk. Not fit for release.',
    ],
    [
      'calls over one family',
      survey(...works('udp/ipv4'), at('udp/ipv6', 'register', out)),
      'Customers cannot call over IPv6; calls work on UDP over IPv4. Not fit for release: No register (only over IPv6).',
    ],
    [
      'no audio on one transport and no log-in on another',
      survey(...works('udp/ipv4'), at('tcp/ipv4', 'talk', out), at('tls/ipv4', 'register', out)),
      'Customers cannot call over TCP and TLS; calls work on UDP over IPv4. Not fit for release: No talk (only on TCP). In all 2 problems.',
    ],
    [
      'neither audio nor log-in on the other transport',
      survey(...works('udp/ipv4'), at('tls/ipv4', 'talk', out), at('tls/ipv4', 'register', out)),
      'Customers cannot call over TLS; calls work on UDP over IPv4. Not fit for release: No talk (only on TLS). In all 2 problems.',
    ],
    [
      'reach is missing: no step of a call',
      survey(
        ...works('udp/ipv4'),
        sign('survey/reach', [check('x', held)]),
        sign('survey/reach', [check('x', { ...out, harm: 'No reach.' })], on('tls/ipv4')),
      ),
      'Customers cannot call over TLS; calls work on UDP over IPv4. Not fit for release: No reach (only on TLS).',
    ],
    [
      'an outage where calls work, beside one where they do not',
      { ...survey(...works('udp/ipv4'), at('tls/ipv4', 'register', out)), scenarios: [scenario('a/a', out)] },
      'Customers cannot call over TLS; calls work on UDP over IPv4, but not all of them: a/a is out. Not fit for release: No register (only on TLS). In all 2 problems. 0 of 1 test passed.',
    ],
    [
      'an outage where calls do not work anyway',
      {
        ...survey(...works('udp/ipv4'), at('udp/ipv6', 'register', out)),
        scenarios: [scenario('a/a', out, on('udp/ipv6')), scenario('b/b', { gravity: 'harm' })],
      },
      'Customers cannot call over IPv6; calls work on UDP over IPv4. Not fit for release: No register (only over IPv6). In all 3 problems. 0 of 2 tests passed.',
    ],
    [
      'no survey, and no step of a call is out',
      { scenarios: [scenario('a/a', out, { step: 'talk' })] },
      'Not fit for release: a/a is out. 0 of 1 test passed.',
    ],
    [
      'no survey, and what is known of the target',
      {
        scenarios: [scenario('a/a', out, { step: 'call' }), scenario('b/b', held, { step: 'talk' })],
        known: { file: 'x', deviations: [{ scenario: 'a/a', check: 'x', rule: '', reason: 'so' }] },
      },
      'Calls work on UDP over IPv4. 2 of 2 tests passed (1 with a warning).',
    ],
  ])('%s', (_, facts, expected) => expect(sentence(facts)).toBe(expected))
})

describe('where nothing fails', () => {
  const warns = (id: string, gravity: CheckResult['gravity'] = 'harm') =>
    scenario(id, { gravity, level: 'SHOULD', verdict: 'warn' })
  const defect = (id: string) => result(id, [], { verdict: 'error', reason: id, reasonCode: 'scenario-defect' })

  it.each<[string, Partial<RunFacts>, string]>([
    ['one warning', { scenarios: [warns('a/a')] }, 'Warning: a/a is out. 1 of 1 test passed (1 with a warning).'],
    [
      'two warnings',
      { scenarios: [warns('a/a'), warns('b/b')] },
      'Warning: a/a is out. And 1 more warning. 2 of 2 tests passed (2 with a warning).',
    ],
    [
      'three warnings, one on TLS alone',
      {
        scenarios: [
          { ...warns('a/a', 'outage'), ...on('tls/ipv4') },
          scenario('a/a', held),
          warns('b/b'),
          warns('c/c', 'letter'),
        ],
      },
      'Warning: a/a is out (only on TLS). And 2 more warnings. 4 of 4 tests passed (3 with a warning).',
    ],
    ['a formal warning', { scenarios: [warns('a/a', 'letter')] }, '1 warning. 1 of 1 test passed (1 with a warning).'],
    [
      'formal warnings',
      { scenarios: [warns('a/a', 'letter'), warns('b/b', 'letter')] },
      '2 warnings. 2 of 2 tests passed (2 with a warning).',
    ],
    [
      'a defect beside a warning',
      { scenarios: [defect('a/a'), warns('b/b')] },
      '1 defect of ringproof or of a scenario: see below. 1 of 2 tests passed (1 with a warning); 1 could not be decided.',
    ],
    [
      'defects',
      { scenarios: [defect('a/a'), defect('b/b')] },
      '2 defects of ringproof or of a scenario: see below. 0 of 2 tests passed; 2 could not be decided.',
    ],
    ['nothing at all', {}, 'Nothing was tested.'],
    ['everything in order', { scenarios: [scenario('a/a', held)] }, '1 of 1 test passed.'],
    ['a survey without signs', survey(), 'Nothing was tested.'],
  ])('%s', (_, facts, expected) => expect(sentence(facts)).toBe(expected))

  it('a load that was not run says why', () => {
    const notRun: NotRun[] = [
      { id: 'x', why: 'Not asked for.', kind: 'not selected' },
      { id: 'load', why: 'k6 is not there.', kind: 'load' },
    ]
    expect(sentence({ notRun })).toBe('k6 is not there.')
    expect(sentence({ notRun: notRun.slice(0, 1) })).toBe('Nothing was tested.')
    expect(sentence({ ...survey(), notRun })).toBe('k6 is not there.')
  })

  it('a run without tests says why those that were asked for are none', () => {
    const others: NotRun = { id: 'others', why: '656 tests were not selected', kind: 'not selected' }
    const forking: NotRun = { id: 'a/a', why: 'udp/ipv4: only where accounts fork', kind: 'policy' }
    const slow: NotRun = { id: 'b/b', why: 'takes 3 min 20 s', kind: 'slow' }
    expect(sentence({ ...survey(), notRun: [forking, others] })).toBe(
      'Nothing was tested: udp/ipv4: only where accounts fork.',
    )
    expect(sentence({ ...survey(), notRun: [slow, others] })).toBe(
      'Nothing was tested: takes 3 min 20 s: run with --slow.',
    )
    expect(sentence({ ...survey(), notRun: [forking, slow] })).toBe(
      'Nothing was tested: udp/ipv4: only where accounts fork (and 1 other reason).',
    )
  })
})

describe('formal problems', () => {
  const formal = (id: string) => scenario(id, { gravity: 'letter' })
  const warns = scenario('w/w', { gravity: 'letter', level: 'SHOULD', verdict: 'warn' })
  it.each<[string, ScenarioResult[], string]>([
    ['one', [formal('a/a')], '1 formal problem: a standard is broken, which customers will hardly notice.'],
    [
      'two',
      [formal('a/a'), formal('b/b')],
      '2 formal problems: standards are broken, which customers will hardly notice.',
    ],
    [
      'one and a formal warning',
      [formal('a/a'), warns],
      '1 formal problem: a standard is broken, which customers will hardly notice. And 1 warning.',
    ],
  ])('%s', (_, scenarios, expected) => expect(sentence({ scenarios }).startsWith(`${expected} `)).toBe(true))
})

describe('what was not run', () => {
  const blocked = (count?: number): NotRun => ({
    id: 'x',
    why: '',
    kind: 'blocked',
    blockedBy: 'x',
    ...(count === undefined ? {} : { count }),
  })
  const other: NotRun = { id: 'y', why: '', kind: 'slow', count: 9 }
  const lacking = result('srtp/x', [], { verdict: 'not applicable' })
  it.each<[string, Partial<RunFacts>, string]>([
    ['one test', { scenarios: [lacking], notRun: [blocked(), other] }, '1 test was not tested because of it.'],
    ['two tests', { scenarios: [lacking], notRun: [blocked(), blocked()] }, '2 tests were not tested because of it.'],
    [
      'beside what was tested',
      { scenarios: [scenario('a/a', held)], notRun: [blocked(3), other] },
      '1 of 1 test passed; 3 not tested, since what they depend on does not work.',
    ],
    ['for other reasons', { scenarios: [scenario('a/a', held)], notRun: [other] }, '1 of 1 test passed.'],
    [
      'of what the target lacks',
      { scenarios: [lacking] },
      'Nothing was tested: the target has none of what was asked for.',
    ],
  ])('%s', (_, facts, expected) => expect(sentence(facts)).toBe(expected))
})

describe('a load', () => {
  const relay = (nth: number, calls: number): RelayResult => ({
    name: `relay-${nth}`,
    address: `192.0.2.${nth}`,
    calls,
    packetsSent: 1000,
    packetsReceived: 1000,
    packetsLost: 0,
    jitterP95Ms: 2,
    oneWayCalls: 0,
  })
  const load = (more: Partial<LoadResult> = {}): Partial<RunFacts> => ({
    load: {
      profile: 'load',
      valid: true,
      generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
      calls: { started: 5, completed: 5, failed: 0, oneWay: 0 },
      relays: [],
      ...more,
    },
  })
  const limits = (...metrics: string[]) => ({
    thresholds: [
      { metric: 'rtp_loss_ratio', condition: 'c', ok: true },
      ...metrics.map((metric) => ({ metric, condition: 'c', ok: false })),
    ],
  })
  const none = { started: 0, completed: 0, failed: 0, oneWay: 0 }
  const interruptedBy = 'SIGINT' as const

  it.each<[string, Partial<RunFacts>, string]>([
    ['all well', load(), 'Under load all 5 calls had audio in both directions.'],
    [
      'through the relays that had calls',
      load({ relays: [relay(1, 3), relay(2, 0), relay(3, 2)] }),
      'Under load all 5 calls had audio in both directions through 2 relays.',
    ],
    ['through none that had', load({ relays: [relay(2, 0)] }), 'Under load all 5 calls had audio in both directions.'],
    [
      'some one way, not counted both ways',
      load({ calls: { started: 5, completed: 5, failed: 0, oneWay: 2 } }),
      'Under load 3 of 5 calls had audio in both directions.',
    ],
    [
      'signalling alone',
      load({ calls: { started: 5, completed: 5, failed: 0, oneWay: 0, twoWay: 0, meant: { signalling: 5 } } }),
      'Under load 5 calls without audio were made, set up and ended as they should be: nothing is said about audio.',
    ],
    [
      'signalling alone beside calls with audio',
      load({
        calls: { started: 5, completed: 5, failed: 0, oneWay: 0, twoWay: 3, meant: { answered: 3, signalling: 2 } },
      }),
      'Under load all 3 calls had audio in both directions; 2 calls without audio were made.',
    ],
    [
      'limits crossed, which are the problems',
      load(limits('rtp_jitter', 'voip_mos')),
      'Not fit for release: Audio arrived too unevenly under load. In all 2 problems. Under load all 5 calls had audio in both directions.',
    ],
    [
      'interrupted: limits say nothing',
      { ...load(limits('rtp_jitter')), interruptedBy },
      'Interrupted. Until the interruption all 5 calls had audio in both directions.',
    ],
    ['not valid without a reason', load({ valid: false }), 'The load is not valid: the generator was too slow.'],
    [
      'not valid for several reasons',
      load({
        valid: false,
        generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1, problems: ['it was late', 'it lost'] },
      }),
      'The load is not valid: it was late; it lost.',
    ],
    [
      'not valid, and no call',
      load({ valid: false, calls: none }),
      'The load is not valid: the generator was too slow.',
    ],
    ['no call', load({ calls: none }), 'Under load no call was made.'],
    ['no call beside tests', { ...load({ calls: none }), scenarios: [scenario('a/a', held)] }, '1 of 1 test passed.'],
    [
      'interrupted before a call',
      { ...load({ calls: none }), interruptedBy },
      'Interrupted before anything was tested.',
    ],
  ])('%s', (_, facts, expected) => expect(sentence(facts)).toBe(expected))
})

it('what broke the run off comes first', () => {
  const scenarios = [scenario('a/a', held)]
  expect(sentence({ scenarios, defect: 'It threw.', gone: 'It stopped answering.' })).toBe(
    'It threw. It stopped answering. 1 of 1 test passed.',
  )
  const open = scenario('b/b', { verdict: 'inconclusive' })
  const words = 'Nothing could be decided: no test reached the point where its checks begin.'
  expect(sentence({ scenarios: [...scenarios, open], gone: 'It stopped.' })).toBe(
    'It stopped. 1 of 2 tests passed; 1 could not be decided.',
  )
  expect(sentence({ scenarios: [open], gone: 'It stopped.' })).toBe(
    `It stopped. ${words} 0 of 1 test passed; 1 could not be decided.`,
  )
})
