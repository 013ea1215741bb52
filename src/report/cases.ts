/**
 * A run as CI servers see it: a case for each vital sign, for each scenario on each transport and family, for what the load was to keep,
 * for what broke in no scenario, and one for the run itself. A case fails where it fails the run: none fails exactly where the run ends with 0.
 */
import type { ComparedFigure } from '../result/comparison.js'
import type { Finding, NotRun } from '../result/finding.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import { findingById } from './finding-view.js'
import { clip } from './html.js'
import { deviating } from './known-deviations.js'
import { harmOf } from './parts.js'
import { isPlaceOf } from './places.js'
import { showsIn, type Sparing, sparingOf } from './spared.js'

export interface Case {
  readonly suite: string
  /** Of a suite, unique; the same in every run. */
  readonly name: string
  readonly seconds: number
  readonly state: 'passed' | 'failure' | 'error' | 'skipped'
  /** Why it did not pass, in a line. */
  readonly message: string
  /** Rule, expected, actual, who notices, how to repeat it; empty where it passed. */
  readonly text: string
  /** What was run, where the case is an execution of a scenario or a vital sign. */
  readonly of?: ScenarioResult
}

/** All cases, in the order of the report. */
export function casesOf(result: RunResult): Case[] {
  const sparing = sparingOf(result)
  const told = [
    ...(result.survey?.vitalSigns ?? []).map((one) => ofVitalSign(one, sparing)),
    ...result.scenarios.map((one) => ofScenario(one, sparing)),
    ...result.notRun.flatMap((entry) => ofNotRun(entry, result)),
    ...(result.load ? ofLoad(result.load) : []),
    ...(result.comparison?.figures ?? []).map((one) => ofFigure(one, sparing)),
  ]
  const all = [...told, ...sparing.failing.filter((one) => !isTold(one, told)).map(ofFinding)]
  return withUniqueNames([...all, ofRun(result, all)])
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

/** All of the survey in one suite, whatever areas its vital signs belong to. */
function ofVitalSign(vitalSign: VitalSign, sparing: Sparing): Case {
  const { account } = vitalSign
  const one = ofScenario(vitalSign, sparing)
  return { ...one, suite: 'survey', name: account === undefined ? one.name : `${one.name} ${account}` }
}

/** A case for each transport and family, as if it had been run; one where they are not known. */
function ofNotRun({ id, why, area, kind, blockedBy, variants }: NotRun, result: RunResult): Case[] {
  const blocker = findingById(blockedBy, result)?.title ?? blockedBy ?? why
  const message = `not tested: ${kind === 'blocked' ? `blocked by ${blocker}` : why}`
  const names = variants?.map(({ transport, family }) => `${id} [${transport} ${family}]`) ?? [id]
  return names.map((name) => ({ suite: area ?? 'not tested', name, seconds: 0, state: 'skipped', message, text: '' }))
}

type Told = Pick<Case, 'state' | 'message' | 'text'>

const PASSED: Told = { state: 'passed', message: '', text: '' }

function ofScenario(scenario: ScenarioResult, sparing: Sparing): Case {
  const { id, area, variant, durationMs } = scenario
  const name = `${id} [${variant.transport} ${variant.family}]`
  return {
    suite: area,
    name,
    seconds: durationMs / 1000,
    of: scenario,
    ...VERDICTS[scenario.verdict](scenario, sparing),
  }
}

const left = ({ verdict, reason }: ScenarioResult): Told => ({
  state: 'skipped',
  message: reason ? `${verdict}: ${reason}` : verdict,
  text: '',
})

const VERDICTS: Readonly<Record<ScenarioResult['verdict'], (scenario: ScenarioResult, sparing: Sparing) => Told>> = {
  pass: () => PASSED,
  warn: ofWarning,
  fail: ofFailure,
  error: (scenario) => ({
    state: 'error',
    message: scenario.reason || 'a defect of ringproof or of the scenario',
    text: failureText(scenario),
  }),
  inconclusive: left,
  unsupported: left,
  'not applicable': left,
}

/** What fails no run is skipped with its reason. */
function ofFailure(scenario: ScenarioResult, sparing: Sparing): Told {
  const message = scenario.reason || scenario.title
  const why = sparing.whySpared(scenario)
  const text = failureText(scenario)
  return why === undefined
    ? { state: 'failure', message, text }
    : { state: 'skipped', message: `${why}: ${message}`, text }
}

/** A warning passes; a known deviation is skipped with its reason, as other tools report an expected failure. */
function ofWarning(scenario: ScenarioResult): Told {
  const reasons = [...new Set(deviating(scenario).map(({ expectedFailure = '' }) => expectedFailure))]
  return reasons.length === 0
    ? PASSED
    : { state: 'skipped', message: `known deviation: ${reasons.join('; ')}`, text: failureText(scenario) }
}

function failureText(scenario: ScenarioResult): string {
  const broken = scenario.checks.filter(
    ({ verdict, expectedFailure }) =>
      verdict === 'fail' || verdict === 'error' || (verdict !== 'pass' && expectedFailure !== undefined),
  )
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
  const base = { suite: 'load', seconds: 0 }
  const sound: Case = load.valid
    ? { ...base, name: 'the generator kept up', ...PASSED }
    : {
        ...base,
        name: 'the generator kept up',
        state: 'skipped',
        message: `not valid: ${(load.generator.problems ?? []).join('; ')}`,
        text: '',
      }
  const verdictOf = (name: string, ok: boolean, message: string): Case => {
    if (ok) return { ...base, name, ...PASSED }
    // What a generator that was too slow measured is neither a pass nor a failure.
    return { ...base, name, state: load.valid ? 'failure' : 'skipped', message, text: '' }
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

/** What was measured, against a baseline. */
function ofFigure({ id, label, state, text }: ComparedFigure, { figures }: Sparing): Case {
  const base = { suite: 'comparison', name: id, seconds: 0, text: '' }
  const message = `${label}: ${text}`
  if (figures.has(id)) return { ...base, state: 'failure', message }
  if (state === 'untold') return { ...base, state: 'skipped', message: `not told from noise: ${message}` }
  if (state === 'worse')
    return { ...base, state: 'skipped', message: `worse, which does not fail this run: ${message}` }
  return { ...base, ...PASSED }
}

/** Whether a case that failed is about it already. */
const isTold = (finding: Finding, cases: readonly Case[]): boolean =>
  cases.some(({ state, of }) => state === 'failure' && of !== undefined && showsIn(finding, of) && isOwnOf(finding, of))

/** A standing check may find something in a scenario that failed for another reason. */
const isOwnOf = ({ kind, scenarios }: Finding, of: ScenarioResult): boolean =>
  kind !== 'standing-check' && scenarios.some((place) => isPlaceOf(place, of))

/** What fails the run and no scenario: what a standing check found, or what a load came to. */
function ofFinding({ id, title, rule, expected, actual, harm, advice, evidence }: Finding): Case {
  const lines = [
    ['rule', rule],
    ['expected', expected],
    ['actual', actual],
    ['who notices', harm],
    ['what to do', advice],
    ['evidence', evidence.length === 0 ? undefined : evidence.join(', ')],
  ]
  const text = lines
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${clip(value, 1000)}`]))
    .join('\n')
  return { suite: 'findings', name: id, seconds: 0, state: 'failure', message: title, text }
}

/** What no other case tells: that the target was out of reach, that the run was broken off, that nothing was decided. */
function ofRun({ exitCode, sentence = '', repeat = '' }: RunResult, cases: readonly Case[]): Case {
  const base = { suite: 'run', name: 'the run came to a result', seconds: 0 }
  const hasFailed = cases.some(({ state }) => state === 'failure')
  if (exitCode === 0 || (exitCode === 1 && hasFailed)) return { ...base, ...PASSED }
  const message = `exit code ${exitCode}: ${sentence}`
  return {
    ...base,
    state: exitCode === 1 ? 'failure' : 'error',
    message,
    text: repeat === '' ? '' : `repeat: ${repeat}`,
  }
}
