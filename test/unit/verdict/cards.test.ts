import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/result/scenario-result.js'
import { check, note, on, result, run, sign, titles } from './records.js'

const holds = { verdict: 'pass' } as const
const silent: Partial<CheckResult> = { cause: 'no-audio', gravity: 'outage' }

describe('a card', () => {
  it('has who notices what as its title, and the rule beside it', () => {
    const [card] = run({ scenarios: [result('nat/keep-alive', [check('afterIdle')])] }).findings
    expect(card).toMatchObject({
      id: 'nat/keep-alive',
      kind: 'rule',
      severity: 'fail',
      gravity: 'harm',
      title: 'Harm of nat/keep-alive',
      rule: 'MUST RFC 3261 §10.3: rule afterIdle holds',
      expected: 'this',
      actual: 'that',
      scenarios: [{ scenario: 'nat/keep-alive', transport: 'udp', family: 'ipv4' }],
      count: 1,
      rank: 0,
    })
  })

  it('is one for all that shares a cause: scenarios, transports, levels, standing checks', () => {
    const { findings } = run({
      scenarios: [
        result('media/echo', [check('heard', silent)], { provider: ['EP-9'] }),
        result('media/echo', [check('heard', silent)], on('tcp/ipv4')),
        result('nat/audio', [check('isHeard', { ...silent, level: 'SHOULD', verdict: 'warn', gravity: 'harm' })], {
          provider: ['EP-4'],
        }),
      ],
      notes: [note('EXAM-SILENCE', {}, { cause: 'no-audio', severity: 'warn', title: 'Nothing was sent' })],
    })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      id: 'no-audio',
      kind: 'rule',
      severity: 'fail',
      gravity: 'outage',
      title: 'Harm of media/echo',
      provider: ['EP-9', 'EP-4'],
    })
    expect(findings[0]?.broken?.map(({ paraphrase, scenarios }) => [paraphrase, scenarios.length])).toEqual([
      ['rule heard holds', 2],
      ['rule isHeard holds', 1],
      ['Nothing was sent', 1],
    ])
  })

  it('counts the tests whose rules broke, not those in which a standing check saw the same', () => {
    const places = ['media/echo', 'media/two-way', 'media/hold', 'media/early']
    const { findings } = run({
      scenarios: places.map((id) =>
        result(id, [check('heard', id === 'media/echo' ? silent : { ...silent, ...holds })]),
      ),
      notes: places.map((id) => note('EXAM-SILENCE', { scenario: id }, { cause: 'no-audio' })),
    })
    expect(findings).toMatchObject([{ id: 'no-audio', reach: { showed: 1, of: 1 } }])
    const alone = places.map((id) => note('EXAM-SILENCE', { scenario: id }))
    const scenarios = places.map((id) => result(id, [check('heard', holds)]))
    expect(run({ scenarios, notes: alone }).findings).toMatchObject([{ reach: { showed: 4, of: 4 } }])
  })

  it('of one scenario without a cause is one, headed by the gravest of its rules', () => {
    const checks = [
      check('complete', { harm: 'Callers hear gaps.' }),
      check('heard', { harm: 'Callers hear nothing. They hang up.', gravity: 'outage' }),
    ]
    const { findings } = run({ scenarios: [result('media/echo', checks)] })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      title: 'Callers hear nothing',
      harm: 'Callers hear nothing. They hang up. Callers hear gaps.',
      gravity: 'outage',
    })
  })

  it('gives the advice of its gravest rule, that of others beside it, and no sentence twice', () => {
    const heard = { cause: 'no-audio', harm: 'Callers hear nothing. They hang up.' }
    const scenarios = [
      result('media/early', [
        check('heard', { ...heard, gravity: 'harm', harm: 'Callers hear nothing. Not even ringing.' }),
      ]),
      result('media/echo', [check('heard', { ...heard, gravity: 'outage' })]),
    ]
    expect(run({ scenarios }).findings).toMatchObject([
      {
        harm: 'Callers hear nothing. They hang up. Not even ringing.',
        advice: 'Advice of media/echo.',
        moreAdvice: ['Advice of media/early.'],
      },
    ])
  })

  it('of a rule that says nothing of its own has what its scenario says, whatever its level', () => {
    const date = check('date', { level: 'SHOULD', verdict: 'warn' })
    const [card] = run({ scenarios: [result('registrar/adds', [check('accepted', holds), date])] }).findings
    expect(card).toMatchObject({ severity: 'warn', title: 'Harm of registrar/adds' })
  })

  it('carries the figures of this run', () => {
    const figured = (figures?: Record<string, string>) =>
      run({
        scenarios: [
          result('nat/idle', [
            check('reached', {
              harm: 'Devices cannot be called after {idle|a minute or so}.',
              ...(figures && { figures }),
            }),
          ]),
        ],
      }).findings[0]?.title
    expect(figured({ idle: '8 s' })).toBe('Devices cannot be called after 8 s')
    expect(figured()).toBe('Devices cannot be called after a minute or so')
    const harm = 'Not after {idle|a minute}.'
    const { scenarios } = run({
      scenarios: [result('nat/idle', [check('a', { harm, figures: { idle: '8 s' } })], { harm })],
    })
    expect(scenarios).toMatchObject([{ harm: 'Not after 8 s.', checks: [{ harm: 'Not after 8 s.' }] }])
  })

  it('of standing checks has their title, and no list of rules', () => {
    const [card] = run({ notes: [note('EXAM-TAGS'), note('EXAM-TAGS', { scenario: 'media/hold' })] }).findings
    expect(card).toMatchObject({ id: 'EXAM-TAGS', kind: 'standing-check', title: 'Title of EXAM-TAGS', count: 2 })
    expect(card).not.toHaveProperty('broken')
  })
})

describe('consequences', () => {
  const refused = result('registrar/adds', [check('accepted', { cause: 'registration-refused', gravity: 'outage' })])
  const unheard = (variant = 'udp/ipv4') =>
    result('media/echo', [check('heard', { ...silent, follows: ['registration-refused'] })], on(variant))

  it('are told under what brought them about, and make no card', () => {
    const { findings } = run({ scenarios: [unheard(), refused] })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      id: 'registration-refused',
      consequences: [
        { title: 'Harm of media/echo', scenarios: [{ scenario: 'media/echo', transport: 'udp', family: 'ipv4' }] },
      ],
    })
  })

  it('need a cause that was broken where they showed, or was not seen to hold there', () => {
    const held = result(
      'registrar/adds',
      [check('accepted', { ...holds, cause: 'registration-refused' })],
      on('tls/ipv4'),
    )
    expect(run({ scenarios: [refused, held, unheard('tls/ipv4')] }).findings.map(({ id }) => id)).toEqual([
      'no-audio',
      'registration-refused',
    ])
    expect(run({ scenarios: [refused, unheard('tls/ipv4')] }).findings.map(({ id }) => id)).toEqual([
      'registration-refused',
    ])
  })

  it('stay a card for those executions that nothing explains', () => {
    const held = result(
      'registrar/adds',
      [check('accepted', { ...holds, cause: 'registration-refused' })],
      on('tls/ipv4'),
    )
    const { findings } = run({ scenarios: [refused, held, unheard(), unheard('tls/ipv4')] })
    expect(findings.map(({ id, scenarios, consequences }) => [id, scenarios.length, consequences?.length])).toEqual([
      ['registration-refused', 1, 1],
      ['no-audio', 1, undefined],
    ])
  })

  it('of consequences are told at the beginning of the chain', () => {
    const { findings } = run({
      scenarios: [
        refused,
        result('proxy/call', [check('rings', { cause: 'call-not-delivered', follows: ['registration-refused'] })]),
        result('media/echo', [check('heard', { ...silent, follows: ['call-not-delivered'] })]),
      ],
    })
    expect(findings.map(({ id, consequences }) => [id, consequences?.map(({ title }) => title)])).toEqual([
      ['registration-refused', ['Harm of proxy/call', 'Harm of media/echo']],
    ])
  })

  it('of each other: the graver stays, whichever was seen first', () => {
    const a = result('a/a', [check('a', { cause: 'no-audio', gravity: 'harm', follows: ['audio-lost'] })])
    const b = result('b/b', [check('b', { cause: 'audio-lost', gravity: 'outage', follows: ['no-audio'] })])
    for (const scenarios of [
      [a, b],
      [b, a],
    ])
      expect(run({ scenarios }).findings.map(({ id }) => id)).toEqual(['audio-lost'])
  })

  it('make a card as grave as the gravest of them', () => {
    const lesser = result('registrar/adds', [
      check('listed', { cause: 'binding-not-listed', gravity: 'letter', level: 'SHOULD', verdict: 'warn' }),
    ])
    const graver = result('proxy/call', [check('rings', { gravity: 'outage', follows: ['binding-not-listed'] })])
    expect(run({ scenarios: [lesser, graver] })).toMatchObject({
      exitCode: 1,
      findings: [{ id: 'binding-not-listed', severity: 'fail', gravity: 'outage' }],
    })
  })

  it('that are not known are not excused by what is known', () => {
    const known = {
      file: 'x.known.json',
      deviations: [{ scenario: 'registrar/adds', check: 'accepted', rule: 'RFC 3261 §10.3', reason: 'it is so' }],
    }
    const { findings, exitCode } = run({ scenarios: [refused, unheard()], known })
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([
      ['no-audio', 'fail'],
      ['registration-refused', 'warn'],
    ])
    expect(exitCode).toBe(1)
  })

  it('may follow another scenario by its id', () => {
    const first = result('dns/records', [check('srv', { gravity: 'letter' })])
    const second = result('tcp/reuse', [check('there', { follows: ['dns/records'], gravity: 'letter' })])
    expect(run({ scenarios: [first, second] }).findings.map(({ id }) => id)).toEqual(['dns/records'])
  })
})

describe('vital signs', () => {
  const expired = { code: 'expired', ...on('tls/ipv4') }
  const reach = [check('reached', { gravity: 'outage', harm: 'The certificate has expired: nobody gets in over TLS.' })]

  it('that miss the same thing are one card, above everything else, with what it blocks', () => {
    const { findings, notRun, exitCode } = run({
      survey: {
        durationMs: 1,
        facts: [],
        vitalSigns: [
          sign('survey/reach', [check('reached', holds)]),
          sign('survey/reach', reach, expired),
          sign('survey/reach', reach, { ...expired, ...on('tls/ipv6') }),
        ],
      },
      scenarios: [result('security/fraud', [check('refused', { gravity: 'outage' })])],
      notRun: [
        { id: 'tls/calls', why: '', kind: 'blocked', blockedBy: 'survey/reach#expired', count: 7 },
        { id: 'tls/reuse', why: '', kind: 'blocked', blockedBy: 'survey/reach#expired' },
      ],
    })
    expect(findings.map(({ id, kind, blocks }) => [id, kind, blocks])).toEqual([
      ['survey/reach#expired', 'vital-sign', 8],
      ['security/fraud', 'rule', undefined],
    ])
    expect(findings[0]).toMatchObject({
      title: 'The certificate has expired: nobody gets in over TLS',
      where: { transports: ['tls'], text: 'only on TLS' },
      reach: { showed: 2, of: 3 },
    })
    expect(notRun.map(({ blockedBy }) => blockedBy)).toEqual(['survey/reach#expired', 'survey/reach#expired'])
    expect(exitCode).toBe(1)
  })

  it('say where they are missing, whatever else shares the card', () => {
    const refused = { cause: 'not-reachable', gravity: 'outage' } as const
    const reached = (variant: string, more: Partial<CheckResult>) =>
      sign('survey/reach', [check('answers', { ...refused, ...more })], { ...on(variant), code: 'refused' })
    const [card] = run({
      survey: { durationMs: 1, facts: [], vitalSigns: [reached('tcp/ipv4', {}), reached('udp/ipv4', holds)] },
      scenarios: [result('tcp/beside-udp', [check('listens', refused)])],
    }).findings
    expect(card?.where).toEqual({ transports: ['tcp'], text: 'only on TCP' })
  })

  it('name the accounts that cannot log in', () => {
    const login = (account: string) =>
      sign('survey/login', [check('accepted', { gravity: 'outage', cause: 'registration-refused' })], {
        code: 'login-refused',
        account,
        accounts: [account],
      })
    const [card] = run({
      survey: { durationMs: 1, facts: [], vitalSigns: ['1001', '1002', '1003'].map(login) },
    }).findings
    expect(card).toMatchObject({
      id: 'registration-refused',
      where: { accounts: ['1001', '1002', '1003'], text: 'accounts 1001, 1002 and 1003' },
      reach: { showed: 3, of: 3 },
    })
  })

  it('can be what others follow, by code of cause and by id, and what they block moves with them', () => {
    const { findings, notRun } = run({
      survey: {
        durationMs: 1,
        facts: [],
        vitalSigns: [
          sign('survey/reach', reach, expired),
          sign('survey/call', [check('rings', { gravity: 'outage', follows: ['survey/reach#expired'] })], {
            code: 'no-answer',
            ...on('tls/ipv4'),
          }),
        ],
      },
      scenarios: [],
      notRun: [{ id: 'tls/calls', why: '', kind: 'blocked', blockedBy: 'survey/call#no-answer', count: 3 }],
    })
    expect(findings.map(({ id, blocks }) => [id, blocks])).toEqual([['survey/reach#expired', 3]])
    expect(notRun[0]?.blockedBy).toBe('survey/reach#expired')
  })

  it('share a card with rules of the same cause', () => {
    const audio = sign('survey/audio', [check('heard', silent)], { code: 'no-audio' })
    expect(
      run({
        survey: { durationMs: 1, facts: [], vitalSigns: [audio] },
        scenarios: [result('media/early', [check('heard', { ...silent, gravity: 'harm' })])],
      }).findings,
    ).toMatchObject([{ id: 'no-audio', kind: 'vital-sign', title: 'Harm of survey/audio' }])
  })
})

describe('the order of cards', () => {
  it('is severity, gravity, the everyday path, and how much of it; what nobody notices comes last', () => {
    const of = (id: string, more: Partial<CheckResult>, step?: 'call') =>
      result(id, [check('x', { harm: `${id}.`, ...more })], step ? { step } : {})
    expect(
      titles({
        scenarios: [
          of('a/warn', { gravity: 'outage', level: 'SHOULD', verdict: 'warn' }),
          of('a/letter', { gravity: 'letter' }, 'call'),
          of('a/fraud', { gravity: 'exposure', level: 'FINDING', verdict: 'warn' }),
          of('a/harm-of-half', { gravity: 'harm' }),
          { ...of('a/harm-of-half', { ...holds, gravity: 'harm' }), ...on('tcp/ipv4') },
          of('a/harm-of-all', { gravity: 'harm' }),
          of('a/harm-in-calls', { gravity: 'harm' }, 'call'),
          of('a/exposure', { gravity: 'exposure' }),
          of('a/outage', { gravity: 'outage' }),
        ],
      }).map((title) => title.split(': ')[0]),
    ).toEqual([
      'a/outage',
      'a/exposure',
      'a/harm-in-calls',
      'a/harm-of-all',
      'a/harm-of-half',
      'a/warn',
      'a/fraud',
      'a/letter',
    ])
  })
})
