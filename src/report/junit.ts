/** `junit.xml`: a testsuite for the survey, one per area with a testcase per scenario and variant, and one for the load. */
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { NotRun } from '../result/finding.js'
import type { VitalSign } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { findingById } from './finding-view.js'
import { clip } from './html.js'
import { deviating } from './known-deviations.js'
import { harmOf } from './parts.js'

interface Case {
  readonly suite: string
  readonly name: string
  readonly seconds: number
  readonly state: 'passed' | 'failure' | 'error' | 'skipped'
  readonly message: string
  readonly text: string
}

/** @returns the document's text */
export function junit(result: RunResult): string {
  const all = [
    ...(result.survey?.vitalSigns ?? []).map(ofVitalSign),
    ...result.scenarios.map(ofScenario),
    ...result.notRun.flatMap((entry) => ofNotRun(entry, result)),
    ...(result.load ? ofLoad(result.load) : []),
  ]
  const cases = withUniqueNames(all)
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  const seconds = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000 || 0
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`ringproof ${result.target.name}`)}" ${counts(cases)} time="${seconds.toFixed(3)}">`,
    ...suites.flatMap((suite) =>
      suiteLines(
        result,
        suite,
        cases.filter((one) => one.suite === suite),
      ),
    ),
    '</testsuites>',
    '',
  ].join('\n')
}

/** CI servers keep the last of two testcases of a name: what stands twice, as in results of version 1, is numbered. */
function withUniqueNames(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>()
  return cases.map((one) => {
    const key = `${one.suite}\n${one.name}`
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` }
  })
}

function suiteLines(result: RunResult, suite: string, cases: readonly Case[]): string[] {
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0)
  const attributes = `name="${xml(suite)}" ${counts(cases)} time="${seconds.toFixed(3)}" timestamp="${xml(result.startedAt)}"`
  return [
    `  <testsuite ${attributes}>`,
    ...cases.flatMap((one) => {
      const head = `    <testcase classname="${xml(`${result.target.name}.${suite}`)}" name="${xml(one.name)}" time="${one.seconds.toFixed(3)}"`
      if (one.state === 'passed') return [`${head}/>`]
      const message = `message="${xml(clip(one.message, 500))}"`
      const type = one.state === 'skipped' ? '' : ` type="${one.state}"`
      const inner = one.text === '' ? '/>' : `>${xml(one.text)}</${one.state}>`
      return [`${head}>`, `      <${one.state} ${message}${type}${inner}`, '    </testcase>']
    }),
    '  </testsuite>',
  ]
}

function counts(cases: readonly Case[]): string {
  const of = (state: Case['state']) => cases.filter((one) => one.state === state).length
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`
}

/** All of the survey in one suite, whatever areas its vital signs belong to. */
function ofVitalSign(vitalSign: VitalSign): Case {
  const { account } = vitalSign
  const one = ofScenario(vitalSign)
  return { ...one, suite: 'survey', name: account === undefined ? one.name : `${one.name} ${account}` }
}

/** A case for each transport and family, as if it had been run; one where they are not known. */
function ofNotRun({ id, why, area, kind, blockedBy, variants }: NotRun, result: RunResult): Case[] {
  const blocker = findingById(blockedBy, result)?.title ?? blockedBy ?? why
  const message = kind === 'blocked' ? `blocked by ${blocker}` : `not run: ${why}`
  const names = variants?.map(({ transport, family }) => `${id} [${transport} ${family}]`) ?? [id]
  return names.map((name) => ({ suite: area ?? 'not run', name, seconds: 0, state: 'skipped', message, text: '' }))
}

function ofScenario(scenario: ScenarioResult): Case {
  const { id, area, variant, verdict, reason, durationMs } = scenario
  const base = { suite: area, name: `${id} [${variant.transport} ${variant.family}]`, seconds: durationMs / 1000 }
  switch (verdict) {
    case 'pass':
      return { ...base, state: 'passed', message: '', text: '' }
    case 'warn':
      return { ...base, ...ofWarning(scenario) }
    case 'fail':
      return { ...base, state: 'failure', message: reason || scenario.title, text: failureText(scenario) }
    case 'error':
      return {
        ...base,
        state: 'error',
        message: reason || 'a defect of ringproof or of the scenario',
        text: failureText(scenario),
      }
    case 'inconclusive':
    case 'unsupported':
    case 'not applicable':
      return { ...base, state: 'skipped', message: reason ? `${verdict}: ${reason}` : verdict, text: '' }
    default:
      return verdict satisfies never
  }
}

/** A warning passes; a known deviation is skipped with its reason, as other tools report an expected failure. */
function ofWarning(scenario: ScenarioResult): Pick<Case, 'state' | 'message' | 'text'> {
  const reasons = [...new Set(deviating(scenario).map(({ expectedFailure = '' }) => expectedFailure))]
  if (reasons.length === 0) return { state: 'passed', message: '', text: '' }
  return { state: 'skipped', message: `known deviation: ${reasons.join('; ')}`, text: '' }
}

function failureText(scenario: ScenarioResult): string {
  const broken = scenario.checks.filter((check) => check.verdict === 'fail' || check.verdict === 'error')
  const lines = [scenario.title, ...broken.flatMap(checkLines)]
  const harm = harmOf(scenario)
  if (scenario.verdict === 'fail' && harm) lines.push(`who notices: ${clip(harm, 1000)}`)
  if (scenario.verdict === 'fail' && scenario.advice) lines.push(`what to do: ${clip(scenario.advice, 1000)}`)
  if (scenario.evidence.length > 0) lines.push(`evidence: ${scenario.evidence.join(', ')}`)
  if (scenario.repeat) lines.push(`repeat: ${scenario.repeat}`)
  return lines.join('\n')
}

function checkLines(check: CheckResult): string[] {
  const rule = `${check.level} ${check.rule}${check.paraphrase ? `: ${check.paraphrase}` : ''} (${check.id})`
  const line = check.line === undefined ? [] : [`  line: ${clip(check.line, 1000)}`]
  const known = check.expectedFailure === undefined ? [] : [`  known deviation: ${clip(check.expectedFailure, 1000)}`]
  return [rule, `  expected: ${clip(check.expected, 1000)}`, `  actual: ${clip(check.actual, 1000)}`, ...line, ...known]
}

function ofLoad(load: LoadResult): Case[] {
  const suite = 'load'
  const base = { suite, seconds: 0, text: '' }
  const sound: Case = load.valid
    ? { ...base, name: 'the generator kept up', state: 'passed', message: '' }
    : {
        ...base,
        name: 'the generator kept up',
        state: 'skipped',
        message: `not valid: ${(load.generator.problems ?? []).join('; ')}`,
      }
  const verdictOf = (name: string, ok: boolean, message: string): Case => {
    if (ok) return { ...base, name, state: 'passed', message: '' }
    // What a generator that was too slow measured is neither a pass nor a failure.
    return load.valid ? { ...base, name, state: 'failure', message } : { ...base, name, state: 'skipped', message }
  }
  return [
    sound,
    ...(load.thresholds ?? []).map(({ metric, condition, ok, measured }) =>
      verdictOf(
        `${metric}: ${condition}`,
        ok,
        `threshold not met: ${metric} ${condition}${measured === undefined ? '' : `, measured ${measured}`}`,
      ),
    ),
    ...(load.reconciliation ?? []).map(({ what, k6, agents, ok }) =>
      verdictOf(`k6 and agents agree: ${what}`, ok, `k6 counted ${k6}, the agents ${agents}`),
    ),
  ]
}

/** Text for XML: what XML 1.0 cannot hold at all is replaced by U+FFFD, the rest escaped; line breaks stay. */
export function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/\r/g, '&#13;')
}
