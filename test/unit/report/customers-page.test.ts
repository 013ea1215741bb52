/** The page for people who know telephony but not SIP: what customers notice, on which lines, what to do. */
import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../../src/cli/explain/catalogue.js'
import { customersPage } from '../../../src/report/customers-page.js'
import { glossaryOf } from '../../../src/report/glossary.js'
import { promisesOf } from '../../../src/report/promises.js'
import { linesOf, meanwhile, urgency, whoMends } from '../../../src/report/who-mends.js'
import type { Finding } from '../../../src/result/finding.js'
import type { RunResult } from '../../../src/result/result.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import { emptyRun, faultyRun, HOSTILE, passingRun } from './fixtures.js'

const [TLS4, UDP4, UDP6] = [
  { transport: 'tls', family: 'ipv4' },
  { transport: 'udp', family: 'ipv4' },
  { transport: 'udp', family: 'ipv6' },
]

const execution = (
  id: string,
  verdict: ScenarioResult['verdict'],
  variant = UDP4,
  provider = ['BH-4'],
): ScenarioResult => ({
  id,
  title: id,
  area: id.split('/')[0] ?? '',
  purposes: [],
  provider,
  variant,
  verdict,
  reason: verdict === 'pass' ? '' : `${id} came to ${verdict}`,
  durationMs: 1,
  checks: [],
  evidence: [],
})

const finding = (o: Partial<Finding> = {}): Finding => ({
  id: 'no-audio',
  kind: 'rule',
  severity: 'fail',
  gravity: 'outage',
  title: 'Callers hear nothing',
  provider: ['BH-4'],
  evidence: [],
  scenarios: [{ scenario: 'media/two-way', ...TLS4 }],
  ...o,
})

const run = (o: Partial<RunResult>): RunResult => ({
  ...emptyRun(),
  providerRows: [{ id: 'BH-4', text: 'Audio always travels over UDP' }],
  ...o,
})

const readable = (result: RunResult): string =>
  customersPage(result)
    .replace(/<style>[^]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

describe('a promise', () => {
  const stateOf = (o: Partial<RunResult>) => promisesOf(run(o))[0]
  const broken: NonNullable<Finding['broken']>[number] = {
    check: 'x',
    level: 'PROMISE',
    rule: 'BH-4',
    paraphrase: '',
    expected: '',
    actual: '',
    gravity: 'outage',
    cause: 'no-audio',
    scenarios: [],
  }

  test('holds on the lines where something was decided and nothing failed', () => {
    const scenarios = [
      execution('media/two-way', 'pass', UDP6),
      execution('media/two-way', 'fail', TLS4),
      execution('media/echo', 'pass', TLS4),
      execution('media/echo', 'inconclusive', UDP4),
    ]
    expect(stateOf({ scenarios })).toMatchObject({ holdsOn: [UDP6] })
  })
  test.each([
    ['broken', 'a rule of its own is', [finding({ broken: [broken] })]],
    [
      'affected',
      'a rule of another is, with tests of its own',
      [finding({ broken: [{ ...broken, rule: 'RFC 3264 §6' }] })],
    ],
    [
      'affected',
      'what follows from a finding failed its tests',
      [finding({ provider: [], consequences: [{ title: '', scenarios: [{ scenario: 'media/two-way', ...UDP4 }] }] })],
    ],
    ['reserved', 'there is a warning', [finding({ severity: 'warn', broken: [broken] })]],
    ['reserved', 'a formal rule is broken', [finding({ gravity: 'letter', broken: [broken] })]],
  ] as const)('is %s where %s', (state, _why, findings) => {
    const scenarios = [execution('media/two-way', 'fail')]
    expect(stateOf({ scenarios, findings: [...findings] })?.state).toBe(state)
  })
  test('whose vital sign is missing is broken, by that sign', () => {
    const sign = { ...execution('survey/audio', 'fail', TLS4), step: 'talk' as const }
    const findings = [finding({ kind: 'vital-sign', scenarios: [{ scenario: 'survey/audio', ...TLS4 }] })]
    const survey = { vitalSigns: [sign, execution('survey/audio', 'pass', UDP4)], facts: [], durationMs: 1 }
    expect(stateOf({ findings, survey })).toMatchObject({
      state: 'broken',
      holdsOn: [UDP4],
    })
  })
  test('is reserved where a test failed and has no card of its own: a known deviation', () => {
    expect(stateOf({ scenarios: [execution('media/echo', 'fail')] })?.state).toBe('reserved')
  })
  test('holds where there is only a note', () => {
    const findings = [finding({ severity: 'info' })]
    expect(stateOf({ scenarios: [execution('media/two-way', 'pass')], findings })?.state).toBe('holds')
  })
  test('is told in part where something could not be decided, or was kept from being run', () => {
    const held = execution('media/two-way', 'pass')
    expect(stateOf({ scenarios: [held, execution('media/echo', 'inconclusive')] })).toMatchObject({
      state: 'partly told',
      why: 'media/echo came to inconclusive',
    })
    const blocked = { id: 'media/echo', why: 'blocked by X', kind: 'blocked' as const, provider: ['BH-4'] }
    expect(stateOf({ scenarios: [held], notRun: [blocked] })).toMatchObject({
      state: 'partly told',
      why: 'blocked by X',
    })
    expect(stateOf({ notRun: [blocked] })).toMatchObject({ state: 'undecided', why: 'blocked by X' })
    expect(stateOf({ scenarios: [held], notRun: [{ ...blocked, kind: 'slow' }] })?.state).toBe('holds')
  })
  test('that was not decided says why', () => {
    expect(stateOf({ scenarios: [execution('media/echo', 'inconclusive')] })).toMatchObject({
      state: 'undecided',
      why: 'media/echo came to inconclusive',
    })
    expect(stateOf({ scenarios: [execution('media/echo', 'unsupported')] })?.state).toBe('not offered')
    expect(stateOf({})).toMatchObject({ state: 'not tested', why: 'no test of this run is about it' })
    const notRun = [{ id: 'media/long', why: 'takes 2 min', provider: ['BH-4'] }]
    expect(stateOf({ notRun })?.why).toBe('takes 2 min')
  })
})

describe('what to do', () => {
  test('goes by gravity and by how certain it is', () => {
    expect(urgency(finding())).toMatch(/^Do not go live/)
    expect(urgency(finding({ gravity: 'letter' }))).toMatch(/^No haste/)
    expect(urgency(finding({ severity: 'warn', gravity: 'exposure' }))).toMatch(/can be abused/)
    expect(urgency(finding({ kind: 'unsteady' }))).toMatch(/^Run again before you decide/)
  })
  test('names who runs what is broken: by the area, or by the step of a call', () => {
    expect(whoMends(finding())).toContain('media relays')
    const sign = [{ scenario: 'survey/register', ...UDP4 }]
    expect(whoMends(finding({ scenarios: sign, reach: { step: 'register', showed: 1, of: 1 } }))).toContain('registrar')
    expect(whoMends(finding({ scenarios: [{ scenario: 'load/soak', transport: '', family: '' }] }))).toContain(
      'capacity',
    )
    expect(whoMends(finding({ scenarios: [] }))).toBeUndefined()
    expect(whoMends(finding({ scenarios: [{ scenario: 'survey/echo', ...UDP4 }] }))).toContain('services')
    const lamps = [{ scenario: 'lamps/text-message', ...UDP4 }]
    expect(whoMends(finding({ id: 'text-changed', scenarios: lamps }))).toContain('text messages')
    const dead = { id: 'dns-dead-record', scenarios: sign, reach: { step: 'register', showed: 1, of: 1 } } as const
    expect(whoMends(finding(dead))).toContain('DNS')
  })
  test('what customers notice is not the title once more', () => {
    const page = (harm: string) => readable(run({ findings: [finding({ harm })] }))
    expect(page('Callers hear nothing.')).not.toContain('Customers notice')
    expect(page('Callers hear nothing. Calls are given up.')).toContain('Customers notice Calls are given up. On which')
  })
  test('what broke because of it is told with it, and how much more there is', () => {
    const consequences = ['A', 'B', 'B', 'Callers hear nothing', 'C', 'D'].map((title) => ({ title, scenarios: [] }))
    const page = (some: typeof consequences) => readable(run({ findings: [finding({ consequences: some })] }))
    expect(page(consequences.slice(0, 3))).toMatch(/And because of it A \. B \. On which lines/)
    expect(page(consequences)).toMatch(/And because of it A \. B \. C \. +and 1 more, on its card On which lines/)
    expect(page([])).not.toContain('And because of it')
  })
  test('an exposure that is noticed is not said to be unnoticed', () => {
    const page = (id: string) =>
      readable(run({ findings: [finding({ id, gravity: 'exposure', harm: 'Callers hear nothing.' })] }))
    expect(page('mailbox-of-others')).toContain('Customers who listen to their mailbox')
    expect(page('privacy-broken')).toContain('Customers who withhold their number')
    expect(page('wrong-audio')).toContain('Customers in calls: they hear strangers.')
    expect(page('code-on-other-account')).toContain('Customers whose services change')
    const withheld = { id: 'code-without-effect', harm: 'Callers hear nothing.' }
    expect(readable(run({ findings: [finding({ ...withheld, gravity: 'exposure' })] }))).toContain('hide their number')
    expect(readable(run({ findings: [finding({ ...withheld, gravity: 'harm' })] }))).not.toContain('hide their number')
    expect(page('calls-without-login')).toContain('Nobody, until somebody abuses it.')
  })
  test('a promise that could not be tested to its end names the problem by its number', () => {
    const blocked = {
      id: 'media/echo',
      why: 'udp/ipv6: blocked by: X (0 packets)',
      kind: 'blocked' as const,
      blockedBy: 'no-audio',
      variants: [UDP6],
      provider: ['BH-4'],
    }
    const page = readable(
      run({
        scenarios: [execution('media/two-way', 'pass')],
        findings: [finding({ provider: [] })],
        notRun: [blocked],
      }),
    )
    expect(page).toContain('not all could be tested on UDP over IPv6, because of 1')
    expect(page).not.toContain('blocked by')
  })
  test('leads customers to lines on which the same tests held, and says where those are not encrypted', () => {
    const of = (...scenarios: ScenarioResult[]) => meanwhile(finding(), run({ scenarios }))
    const failed = execution('media/two-way', 'fail', TLS4)
    expect(of(failed, execution('media/two-way', 'pass', UDP4))).toBe(
      'This works on UDP over IPv4, where calls are not encrypted.',
    )
    expect(of(failed, execution('media/echo', 'pass', UDP4))).toBeUndefined()
    const [held, open] = [execution('media/two-way', 'pass', UDP4), execution('media/two-way', 'inconclusive', UDP6)]
    expect(of(failed, held, open)).toBe('This works on UDP over IPv4, where calls are not encrypted.')
    // Nobody is led from a broken line to one where something as grave is broken.
    const there = finding({ id: 'other', scenarios: [{ scenario: 'dialog/x', ...UDP4 }] })
    const both = run({ scenarios: [failed, held], findings: [finding(), there] })
    expect(meanwhile(finding(), both)).toBeUndefined()
    expect(meanwhile(finding(), { ...both, findings: [{ ...there, gravity: 'harm' }] })).toBeDefined()
    expect(
      meanwhile(finding({ gravity: 'harm' }), { ...both, findings: [{ ...there, gravity: 'harm' }] }),
    ).toBeUndefined()
    expect(meanwhile(finding({ severity: 'warn' }), run({ scenarios: [failed, held] }))).toBeUndefined()
    expect(meanwhile(finding({ kind: 'load' }), run({ scenarios: [failed, held] }))).toBeUndefined()
    expect(
      meanwhile(finding({ gravity: 'exposure' }), run({ scenarios: [execution('media/two-way', 'pass')] })),
    ).toBeUndefined()
  })
  test('says on which lines', () => {
    expect(linesOf(finding({ where: { text: 'through relay-3' } }))).toBe('through relay-3')
    expect(linesOf(finding())).toBe('on all that were tested for it: TLS over IPv4')
    expect(linesOf(finding({ scenarios: [{ scenario: 'load/soak', transport: '', family: '' }] }))).toBe('under load')
    expect(linesOf(finding({ scenarios: [] }))).toBeUndefined()
  })
})

describe('customers.html', () => {
  test('tells the gravest first, what only a standard minds apart, and numbers lead from promises to problems', () => {
    const formal = finding({ id: 'no-415', gravity: 'letter', title: 'No Accept in a 415' })
    const text = readable(run({ findings: [finding(), formal], scenarios: [execution('media/two-way', 'fail', TLS4)] }))
    expect(text).toMatch(/1\. outage Callers hear nothing .*On which lines .*TLS over IPv4.*What to do Do not go live/)
    expect(text).toMatch(/Formal: hardly anybody notices 2\. No Accept in a 415/)
    expect(text).toMatch(/BH-4 Audio always travels over UDP does not hold See 1 , 2/)
    expect(text).toContain('Of 1 promise: 1 does not hold.')
  })
  test('says so where nothing is wrong, or nothing was asked of promises', () => {
    expect(readable(passingRun())).toContain('Nothing that this run looked at.')
    expect(readable({ ...emptyRun(), providerRows: undefined })).not.toContain('What is promised')
  })
  test('loads nothing, runs nothing, and shows what is hostile as text', () => {
    const text = customersPage({ ...faultyRun(), sentence: HOSTILE[0], target: { name: HOSTILE.join(' '), file: 'x' } })
    expect(text).toContain("script-src 'none'")
    expect(text).not.toMatch(/<script|<img|<[^>]* on\w+=/)
  })
  test('explains the words that occur, and no others', () => {
    expect(glossaryOf('An INVITE over TLS; the proxy.').map(({ word }) => word)).toEqual(['INVITE', 'proxy', 'TLS'])
    expect(glossaryOf('Bindings, and two REGISTERs').map(({ word }) => word)).toEqual(['binding', 'REGISTER'])
    expect(glossaryOf('re-INVITEs and TLSA')).toEqual([])
  })
  test('has every abbreviation that customers are told of', async () => {
    const { scenarios, standing, signs, rows } = await loadCatalogue()
    const told = [
      ...scenarios.flatMap(({ definition: { harm, rules } }) => [
        harm,
        ...Object.values(rules).map((rule) => rule.harm),
      ]),
      ...standing.flatMap(({ title, harm }) => [title, harm]),
      ...signs.map(({ harm }) => harm),
      ...rows.map(({ text }) => text),
    ].join('\n')
    const abbreviations = new Set(told.match(/(?<![\w-])[A-Z]{2,}\d?(?=s?(?![\w-]))/g))
    const words = new Set(glossaryOf(told).map(({ word }) => word))
    // Whoever knows telephony knows what an IP address and a standard are.
    const KNOWN = ['ID', 'IP', 'IN', 'IP4', 'RFC']
    expect([...abbreviations].filter((one) => !words.has(one) && !KNOWN.includes(one))).toEqual([])
  })
})
