import { inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { duration, moment, percent } from '../../../src/report/format.js'
import { clip, escapeHtml, html, visible } from '../../../src/report/html.js'
import { ownLag } from '../../../src/report/own-lag.js'
import { type PackedData, packData } from '../../../src/report/page-data.js'
import { keyOf } from '../../../src/report/places.js'
import { plainText } from '../../../src/report/plain-text.js'
import { summary } from '../../../src/report/summary.js'
import { worst } from '../../../src/report/verdicts.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import { knownOfStandingCheck, surveyedRun } from './surveyed-run.js'
import { bulkyRun, emptyRun, faultyRun, HOSTILE, interruptedRun, passingRun, relaysMet } from './fixtures.js'

describe('escaping', () => {
  test('text never becomes markup, also in attributes', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;')
    const bad = '"><img src=x onerror=1>'
    expect(html`<p title="${bad}">${bad}</p>`.toString()).not.toContain('<img')
  })

  test('markup goes in as it is, and nothing for false and undefined', () => {
    const inner = html`<b>${1}</b>`
    expect(html`<p>${inner}${[inner, inner]}${false}${undefined}</p>`.toString()).toBe(
      '<p><b>1</b><b>1</b><b>1</b></p>',
    )
  })

  test('what is not to be seen is shown', () => {
    expect(visible('a\u0000\u001b[31m\r\u202eb\u2066c\ufeff\ud800\u009b')).toBe(
      'a⟨NUL⟩⟨ESC⟩[31m⟨CR⟩⟨U+202E⟩b⟨U+2066⟩c⟨U+FEFF⟩⟨U+D800⟩⟨U+009B⟩',
    )
    expect(visible('Zoë 😀 שלום\tx\ny')).toBe('Zoë 😀 שלום\tx\ny')
  })

  test('long texts are cut, and it is said by how much', () => {
    expect(clip('x'.repeat(70_000), 10)).toBe('xxxxxxxxxx … (69,990 more characters)')
  })
})

describe('numbers and times', () => {
  test.each([
    [0.812, '0.8 ms'],
    [812.4, '812 ms'],
    [4200, '4.2 s'],
    [55_000, '55 s'],
    [90_000, '90 s'],
    [166_000, '2 min 46 s'],
    [7_500_000, '2 h 5 min'],
    [7_199_900, '2 h'],
    [Number.NaN, '–'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text))

  test('a part of nothing has no percentage', () => {
    expect(percent(0, 0)).toBe('–')
    expect(percent(1, 100_000)).toBe('< 0.01 %')
    expect(percent(1, 8)).toBe('12.5 %')
  })

  test('local time stands beside UTC, where the zone is known', () => {
    const iso = '2026-03-11T06:52:35.412Z'
    expect(moment(iso, 'Europe/Berlin')).toEqual({ local: '2026-03-11 07:52:35 CET', utc: '2026-03-11 06:52:35 UTC' })
    expect(moment(iso, 'Mars/Olympus')).toEqual({ utc: '2026-03-11 06:52:35 UTC' })
    expect(moment('yesterday')).toEqual({ utc: 'yesterday' })
  })

  test('the worst verdict decides', () => {
    expect(worst(['pass', 'warn', 'inconclusive'])).toBe('inconclusive')
    expect(worst(['unsupported', 'pass'])).toBe('pass')
    expect(worst([])).toBeUndefined()
  })
})

describe('summary.md', () => {
  test('says in short what a reviewer wants to know', () => {
    const text = summary(faultyRun())
    expect(text).toMatch(/\*\*Not fit for release/)
    expect(text).toContain('| 9 | 1 | 1 | 1 |')
    expect(text).toMatch(/- ✗ harm \*\*A refresh replaces the binding/)
    expect(text).toMatch(/\*\*Load\*\* \(load\): 961 of 1,000 calls completed, 39 failed, 22 one-way/)
    expect(text).toMatch(/\*\*Not tested:\*\*\n\n- left out of the target file: NTP/)
    expect(text.length).toBeLessThan(6000)
  })

  test('gravity, where, vital signs, what is blocked, defects and known deviations', () => {
    const text = summary(surveyedRun())
    for (const part of [
      '**Basic functions:** 22 of 25 work',
      '- ✗ Reach, TLS over IPv4 and IPv6: TLS: certificate expired on 2026-02-28 (CN=secure.ringproof.test)',
      '- ✗ Account, UDP over IPv4, bob: bob was refused with 403 Forbidden',
      '- ✗ outage **No telephone can connect over TLS: the certificate expired on 2026-02-28**',
      '  - What to do: Renew the certificate',
      '  - Where: only TLS, over IPv4 and IPv6',
      '  - Seen in `survey/reach` (2 of 2 tests)',
      '  - 25 tests not tested because of this',
      '  - Also broken because of this: 2 rules',
      '- ✗ formal **Forwarding loops',
      '- ! accounts in use **Somebody else used account alice',
      '**Defects of ringproof or of a scenario** (2): `proxy/cancel`.',
      '- `registrar/unregister-all`: Contact: \\* removes all bindings – Kamailio removes them after 10 s, ticket OPS-812',
    ])
      expect(text).toContain(part)
    // What is known stands once: under known deviations.
    expect(text).not.toContain('Telephones that log off stay listed')
  })

  test('what a standing check is known to find stands among the known deviations, and in no second place', () => {
    const run = surveyedRun()
    const card = knownOfStandingCheck(run)
    const with13 = Array.from({ length: 13 }, (_, index) => ({ ...card, id: `EXAM-TAGS ${index}` }))
    const text = summary({ ...run, findings: [...run.findings, card] })
    expect(text).toContain('**Known deviations** (2):')
    expect(text).toContain('- `EXAM-TAGS`: A repeated response carries another To tag – it keeps no state')
    expect(text).not.toContain(card.title)
    expect(summary({ ...run, findings: with13 })).toContain('- and 4 more, see index.html')
  })

  test.each([
    ['a faulty run', faultyRun()],
    ['a run with a survey', surveyedRun()],
  ])('nothing in it is markup but its own: %s', (_name, run) => {
    const text = summary(run)
    expect(text).not.toMatch(/<[a-z/!]/i)
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)
  })

  test('says which relays were met, and what was wrong with them', () => {
    expect(summary({ ...emptyRun(), relays: relaysMet() })).toContain(
      '**Relays:** 2 of 3 met, 8 % of 1,000 packets lost\n\n- relay-1: 4 of 10 calls one-way to the caller; 1 of 10 calls with audio to the caller that was not recognised; 8 % of packets lost to the caller\n',
    )
    const [, unmet] = relaysMet()
    expect(summary({ ...emptyRun(), relays: [unmet!] })).not.toContain('**Relays:**')
  })

  test('an empty run has one too, and a load that is not valid says so', () => {
    expect(summary(emptyRun())).toMatch(
      /Not tested:\*\*\n\n- behaviour under load, and how the relays compare: this run tested conformance only/,
    )
    expect(summary(interruptedRun())).toMatch(/\*\*Load not valid:\*\* 1 % of the packets/)
  })
})

describe('a scenario as text', () => {
  const run = { ringproof: '0.1.0', target: 'embedded', startedAt: '2026-03-11T06:52:35.412Z' }
  const failed = faultyRun().scenarios.find((one) => one.id === 'retransmission/lost-200-is-resent')!

  test('begins with the verdict, then rule, expected, actual, the message with its line marked, the ladder', () => {
    const lines = plainText(failed, run).split('\n')
    expect(lines[0]).toBe('✗ FAIL  retransmission/lost-200-is-resent [udp ipv4]')
    const at = (start: string) => lines.findIndex((line) => line.includes(start))
    const order = [
      'who notices: ',
      'what to do: ',
      '✗ MUST RFC 3261 §13.3.1.4',
      'expected  the 200 again',
      'actual    nothing',
      '> Subject',
      '✓ MUST',
      'What happened',
      'Messages',
      '(retransmission)',
      'Evidence',
      'Repeat',
    ].map(at)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
  })

  test('says what the breaking of a rule does, what is known, and why something is undecided', () => {
    const scenarios = [...surveyedRun().scenarios, ...(surveyedRun().survey?.vitalSigns ?? [])]
    const textOf = (id: string) => plainText(scenarios.find((one) => one.id === id)!, run)
    expect(textOf('media/echo')).toContain('gravity   outage: Those affected have no service, or no audio')
    expect(textOf('registrar/unregister-all')).toContain('known deviation: Kamailio removes them after 10 s')
    expect(textOf('services/caller-id-off')).toContain('  A call was refused. Look at the status')
    expect(textOf('survey/login')).toMatch(/^✓ PASS {2}survey\/login \[udp ipv4\]/)
  })

  test('has no line that would flood a bug tracker, and no hidden characters', () => {
    const text = plainText(failed, run)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(700)
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/)
    expect(text).toContain(HOSTILE[0]!)
  })
})

describe('the data of the page', () => {
  const unpack = (packed: string) => JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8'))

  test('is all of the scenarios', async () => {
    const run = passingRun()
    const { data, pieces } = await packData(run, Infinity)
    const byKey = (some: readonly ScenarioResult[]) => new Map(some.map((one) => [keyOf(one), one]))
    const all = pieces.map(unpack)
    expect(byKey(all.flat())).toEqual(byKey(run.scenarios))
    expect(unpack(data).pieces.map((piece: { key: string }[]) => piece.map(({ key }) => key))).toEqual(
      all.map((piece) => piece.map(keyOf)),
    )
  })

  test('is cut where it would be too much: messages of scenarios that passed go first', async () => {
    const run = bulkyRun()
    const [first] = run.scenarios
    first!.verdict = 'fail'
    const whole = await packData(run, Infinity)
    const sizeOf = ({ data, pieces }: PackedData) => data.length + pieces.reduce((sum, piece) => sum + piece.length, 0)
    // No more than has to be.
    const cut = await packData(run, sizeOf(whole) - 1)
    expect(sizeOf(cut)).toBeLessThan(sizeOf(whole))
    const changed = cut.pieces.flatMap((piece, index) => (piece === whole.pieces[index] ? [] : [index]))
    expect(changed).toHaveLength(1)
    const little = (await packData(run, 0)).pieces.flatMap(unpack)
    expect(little.some(({ ladder }) => ladder !== undefined)).toBe(false)
    const half = (await packData(run, sizeOf(whole) / 4)).pieces.flatMap(unpack)
    const kept = half.find((one) => keyOf(one) === keyOf(first!))
    expect(kept).toEqual(first)
    const other = half.find(({ verdict }) => verdict === 'pass')
    expect(other.ladder.arrows[0].message).toBeUndefined()
    expect(other.ladder.arrows).toHaveLength(160)
  })
})

describe('a machine that was late', () => {
  const late = { reasonCode: 'harness-late' as const, verdict: 'inconclusive' as const }
  const told = (worstLagMs: number | undefined) => {
    const { environment, scenarios } = faultyRun()
    const [first, second, ...others] = scenarios
    if (!environment || !first || !second) throw new Error('the fixture has scenarios')
    const attempt = { reason: '', durationMs: 1, evidence: [] }
    const again = {
      ...first,
      verdict: 'pass' as const,
      attempts: [
        { ...attempt, ...late },
        { ...attempt, verdict: 'pass' as const },
      ],
    }
    return {
      ...faultyRun(),
      environment: { ...environment, ...(worstLagMs === undefined ? {} : { worstLagMs }) },
      scenarios: [again, { ...second, ...late }, ...others],
    }
  }

  test('is told with what it did, in the summary too', () => {
    const words =
      'stood still for up to 3.1 s; 1 test was run again for that reason; 1 test stays undecided because of it'
    expect(ownLag(told(3_120))).toBe(words)
    expect(summary(told(3_120))).toContain(`This machine ${words}.`)
  })

  test('is not told where it was on time, or nobody knows', () => {
    expect(ownLag(told(80))).toBeUndefined()
    expect(ownLag(told(undefined))).toBeUndefined()
    expect(summary(told(80))).not.toContain('stood still')
  })
})
