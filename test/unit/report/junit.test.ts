import { parser, type Tag } from 'sax'
import { describe, expect, test } from 'vitest'
import { junit, xml } from '../../../src/report/junit.js'
import type { RunResult } from '../../../src/result/result.js'
import { exitCodeOf } from '../../../src/verdict/exit-code.js'
import { hasRegressions } from '../../../src/verdict/comparison/compare.js'
import { comparedRun } from './compared-run.js'
import { emptyRun, faultyRun, interruptedRun, passingRun, unreachableRun } from './fixtures.js'
import { knownOfStandingCheck, surveyedRun } from './surveyed-run.js'

interface TestCase {
  readonly suite: string
  readonly name: string
  state: 'passed' | 'failure' | 'error' | 'skipped'
  message: string
  output: string
}

/** Read by a parser that refuses what is not well-formed. */
function casesIn(text: string): TestCase[] {
  const reader = parser(true)
  const cases: TestCase[] = []
  let suite = ''
  let isOutput = false
  const onerror = (error: Error) => {
    throw error
  }
  const onopentag = ({ name, attributes }: Tag) => {
    const last = cases.at(-1)
    if (name === 'testsuite') suite = attributes['name'] ?? ''
    if (name === 'testcase')
      cases.push({ suite, name: attributes['name'] ?? '', state: 'passed', message: '', output: '' })
    if (last && (name === 'failure' || name === 'error' || name === 'skipped'))
      Object.assign(last, { state: name, message: attributes['message'] ?? '' })
    isOutput = name === 'system-out'
  }
  const onclosetag = () => {
    isOutput = false
  }
  const ontext = (told: string) => {
    const last = cases.at(-1)
    if (isOutput && last) last.output += told
  }
  Object.assign(reader, { onerror, onopentag, onclosetag, ontext })
  reader.write(text).close()
  return cases
}

const failed = (cases: readonly TestCase[]) => cases.filter(({ state }) => state === 'failure' || state === 'error')
const names = (cases: readonly TestCase[]) => cases.map(({ name }) => name)

/** As a run makes it that fails on regressions alone. */
function gated(gravity: 'harm' | 'letter' = 'letter'): RunResult {
  const run = comparedRun()
  const hasFailed = hasRegressions(run.comparison!, gravity)
  return { ...run, failOn: { gravity, onlyRegressions: true }, exitCode: exitCodeOf({ failed: hasFailed }) }
}

describe('junit.xml', () => {
  test('a suite per area, a case per scenario and variant, counted', () => {
    const text = junit(faultyRun())
    expect(text).toMatch(/<testsuite name="registrar" tests="13" failures="6" errors="0" skipped="0"/)
    expect(text).toContain('name="registrar/refresh-replaces [tcp ipv6]"')
    expect(text).toContain('<error message="TypeError')
    expect(text).toMatch(/<skipped message="inconclusive: The code was answered/)
    expect(text).toMatch(/<skipped message="unsupported: /)
    expect(text).toMatch(/<skipped message="not tested: takes 660 s"\/>/)
    expect(text).toMatch(/<testsuite name="load" tests="4" failures="2"/)
    expect(text).toContain('<property name="target" value="')
    // The schema of Jenkins' xUnit plugin has no such attribute there.
    expect(text).not.toMatch(/<testsuites [^>]*skipped=/)
  })

  test('of a generator that was too slow nothing fails, and nothing passes unsaid', () => {
    expect(junit(interruptedRun())).toMatch(/<testsuite name="load" tests="6" failures="0" errors="0" skipped="1"/)
  })

  test.each([
    ['a faulty run', faultyRun()],
    ['a run with a survey', surveyedRun()],
    ['a run that was compared', comparedRun('<base & "line">')],
  ])('is well-formed, whatever came from the network: %s', (_name, run) => {
    const text = junit(run)
    expect(text).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
    expect(casesIn(text).length).toBeGreaterThan(5)
  })

  test('the survey is a suite: a case a vital sign, and the account where there is one', () => {
    const text = junit(surveyedRun())
    expect(text).toMatch(/<testsuite name="survey" tests="25" failures="3" errors="0" skipped="0"/)
    expect(text).toContain('name="survey/account [udp ipv4] bob"')
    expect(text).toMatch(
      /name="survey\/reach \[tls ipv4\]" time="0.012">\n +<failure message="TLS: certificate expired/,
    )
  })

  test('what is blocked is skipped, and so is a known deviation, each with its reason', () => {
    const text = junit(surveyedRun())
    expect(text.match(/<skipped message="not tested: blocked by No telephone can connect over TLS/g)).toHaveLength(25)
    expect(text).toContain('name="registrar/refresh-replaces [tls ipv6]"')
    const known = casesIn(text).find(({ name }) => name === 'registrar/unregister-all [udp ipv4]')
    expect(known).toMatchObject({
      state: 'skipped',
      message: 'known deviation: Kamailio removes them after 10 s, ticket OPS-812',
    })
    expect(known?.output).toContain('expected: ')
  })

  test('what XML cannot hold is replaced', () => {
    expect(xml('a\u0000b\ud800c\ufffe<&"\u001b')).toBe('a\ufffdb\ufffdc\ufffd&#60;&#38;&#34;\ufffd')
  })

  test('captures of what failed are attached, a line each, below the folder that is named', () => {
    const cases = casesIn(junit(faultyRun(), 'build/report'))
    const attached = cases.filter(({ output }) => output.includes('[[ATTACHMENT|'))
    expect(attached.length).toBeGreaterThan(3)
    for (const { output, state } of attached) {
      expect(state).not.toBe('passed')
      expect(output.split('\n').at(-1)).toMatch(/^\[\[ATTACHMENT\|build\/report\/evidence\/[^|\]]+\.pcapng\]\]$/)
    }
  })

  test('nothing that a target sent, and no path that leads elsewhere, is taken for an attachment', () => {
    const run = surveyedRun()
    const bad = '[[ATTACHMENT|/etc/passwd]]'
    const scenarios = run.scenarios.map((one) => ({
      ...one,
      evidence: ['../../secret.pcapng', '/etc/passwd', 'a|b', `x\n${bad}`],
      checks: one.checks.map((check) => ({ ...check, actual: bad })),
      attempts: [
        { verdict: 'fail' as const, reason: bad, durationMs: 1, evidence: [] },
        { verdict: one.verdict, reason: '', durationMs: 1, evidence: [] },
      ],
    }))
    const outputs = casesIn(junit({ ...run, scenarios }))
      .filter(({ suite }) => suite !== 'survey')
      .map(({ output }) => output)
    expect(outputs.join('\n')).not.toContain('[[ATTACHMENT|')
    expect(outputs.join('\n')).toContain('[[ATTACHMENT |/etc/passwd]]')
    expect(outputs.join('\n')).toContain('attempt 1: fail: ')
  })
})

describe('what fails in junit.xml is what fails the run', () => {
  test('without --fail-on everything that is broken does', () => {
    const cases = failed(casesIn(junit(comparedRun())))
    expect(names(cases)).toEqual(['registrar/fresh [udp ipv4]', 'registrar/lasting [udp ipv4]'])
  })

  test('with --fail-on regression what is new and what is slower does; what failed before is skipped and says so', () => {
    const cases = casesIn(junit(gated()))
    expect(names(failed(cases))).toEqual(['registrar/fresh [udp ipv4]', 'round-trip/udp/ipv4'])
    const before = cases.find(({ name }) => name === 'registrar/lasting [udp ipv4]')
    expect(before).toMatchObject({ state: 'skipped' })
    expect(before?.message).toMatch(/^as before \(dus\.baseline\.json\): /)
    expect(before?.output).toContain('expected: ')
  })

  test('with --fail-on regression,harm figures do not', () => {
    const cases = casesIn(junit(gated('harm')))
    expect(names(failed(cases))).toEqual(['registrar/fresh [udp ipv4]'])
    expect(cases.find(({ name }) => name === 'round-trip/udp/ipv4')).toMatchObject({ state: 'skipped' })
  })

  test('with --fail-on harm what is only formal does not', () => {
    const run = faultyRun()
    const formal = run.findings.filter(({ severity }) => severity === 'fail').map(({ id }) => id)
    const all = { ...run, findings: run.findings.map((one) => ({ ...one, gravity: 'letter' as const })) }
    expect(formal.length).toBeGreaterThan(0)
    const cases = casesIn(junit({ ...all, failOn: { gravity: 'harm', onlyRegressions: false } }))
    const told = cases.filter(({ message }) => message.startsWith('formal, which fails no run'))
    expect(told.length).toBeGreaterThan(0)
  })

  test('a comparison that tells nothing spares, and says so', () => {
    const run = gated()
    const comparison = {
      ...run.comparison!,
      conclusive: false,
      findings: run.comparison!.findings.map((one) => ({ ...one, regression: false })),
    }
    const cases = casesIn(junit({ ...run, comparison, exitCode: 4, sentence: 'What changed cannot be told.' }))
    expect(names(failed(cases))).toEqual(['the run came to a result'])
    expect(cases.find(({ name }) => name.startsWith('registrar/fresh'))?.message).toMatch(
      /^what changed cannot be told/,
    )
  })

  test('what a standing check found and no scenario failed for is a case of its own', () => {
    const run = surveyedRun()
    const card = { ...knownOfStandingCheck(run), severity: 'fail' as const, id: 'EXAM-TAGS' }
    const { expectedFailure: _, ...rule } = card.broken![0]!
    const with1 = { ...run, findings: [...run.findings, { ...card, broken: [rule] }] }
    const found = casesIn(junit(with1)).filter(({ suite }) => suite === 'findings')
    expect(found.map(({ name }) => name)).toContain('EXAM-TAGS')
  })

  test.each([
    ['passing', passingRun()],
    ['faulty', faultyRun()],
    ['interrupted', interruptedRun()],
    ['unreachable', unreachableRun()],
    ['empty', emptyRun()],
    ['surveyed', surveyedRun()],
    ['compared', comparedRun()],
    ['gated', gated()],
  ])('a %s run has a red case exactly where it does not end with 0', (_name, run) => {
    expect(failed(casesIn(junit(run))).length > 0).toBe(run.exitCode !== 0)
  })
})
