/** The verdict of a run in a sentence or two: can customers telephone, what is gravest, how much was tested. */
import type { Finding, LoadResult, NotRun, RunVerdict, ScenarioResult, SurveyResult } from '../result/result.js'
import { wordsOfLimit } from './load.js'
import { fails } from './run.js'
import { serviceOf, variantsInWords } from './service.js'
import { counted, distinct, headline, listed } from './texts.js'

interface Told {
  readonly verdict: RunVerdict
  readonly scenarios: readonly ScenarioResult[]
  readonly findings: readonly Finding[]
  readonly notRun: readonly NotRun[]
  readonly survey?: SurveyResult | undefined
  readonly load?: LoadResult | undefined
}

export function sentenceOf(run: Told): string {
  if (isEmpty(run)) return nothing(run)
  const parts = [
    run.verdict === 'interrupted' ? 'Interrupted.' : '',
    service(run),
    problems(run),
    load(run),
    figures(run),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const isEmpty = ({ scenarios, findings, survey, load: run }: Told) =>
  scenarios.length === 0 &&
  survey === undefined &&
  findings.length === 0 &&
  (run === undefined || run.calls.started === 0)

function nothing({ verdict, notRun, load: run }: Told): string {
  if (verdict === 'interrupted') return 'Interrupted before anything was tested.'
  if (run?.valid === false) return load({ verdict, notRun, load: run, scenarios: [], findings: [] })
  if (run !== undefined) return 'Under load no call was made.'
  return notRun.find(({ kind }) => kind === 'load')?.why ?? 'Nothing was tested.'
}

/** That calls work is said only where calls with audio were made. */
function service({ survey, scenarios, findings }: Told): string {
  const { works, fails: out } = serviceOf(survey, scenarios)
  if (works.length > 0) return `Calls work on ${variantsInWords(works)}.`
  if (out.length === 0 || survey === undefined) return ''
  const sign = theOutage(findings)
  if (sign === undefined) return ''
  const lead = sign.reach?.step === 'talk' ? 'Calls are set up, but not with audio both ways' : 'Nobody can telephone'
  return `${lead}: ${headline(sign.title)}.`
}

/** What keeps everybody from telephoning, where nobody can. */
const theOutage = (findings: readonly Finding[]): Finding | undefined =>
  findings.find((one) => one.kind === 'vital-sign' && fails(one))

/** Whether customers notice: then it is not fit for release. */
const isGrave = (finding: Finding) => fails(finding) && finding.gravity !== 'letter'

function problems(run: Told): string {
  const grave = run.findings.filter(isGrave)
  const letters = run.findings.filter((one) => fails(one) && one.gravity === 'letter')
  const toTheLetter = distinct(letters.flatMap(rulesOf)).length
  const [first] = grave
  if (first === undefined) {
    if (toTheLetter === 0) return open(run)
    return `${counted(toTheLetter, 'rule')} ${toTheLetter === 1 ? 'is' : 'are'} broken to the letter, which customers will not notice.`
  }
  const more = grave.length - 1
  const rest = [
    ...(more > 0 ? [counted(more, 'more problem')] : []),
    ...(toTheLetter > 0 ? [`${counted(toTheLetter, 'rule')} broken to the letter`] : []),
  ]
  const others = rest.length === 0 ? '' : ` ${listed(rest)}.`
  // Where nobody can telephone, the cause was named with it.
  const { works } = serviceOf(run.survey, run.scenarios)
  if (works.length === 0 && service(run) !== '' && first === theOutage(run.findings))
    return `Not fit for release.${others}`
  return `Not fit for release: ${headline(first.title)}${where(first)}.${others}`
}

/** Where nothing fails: what is still open. */
function open({ verdict, scenarios, findings }: Told): string {
  const defects = findings.filter(({ kind }) => kind === 'defect')
  if (verdict === 'error') return `${counted(defects.length, 'defect')} of ringproof or of a scenario: see below.`
  if (verdict === 'inconclusive' && scenarios.length > 0)
    return 'Nothing could be decided: no scenario reached the point where its checks begin.'
  const warnings = findings.filter(({ severity, kind }) => severity === 'warn' && kind !== 'defect')
  const [first] = warnings
  if (first === undefined) return ''
  if (first.gravity === 'letter') return `${counted(warnings.length, 'warning')}.`
  const more = warnings.length > 1 ? ` And ${counted(warnings.length - 1, 'more warning')}.` : ''
  return `Warning: ${headline(first.title)}${where(first)}.${more}`
}

/** Rules that a card says are broken. */
function rulesOf({ id, broken = [] }: Finding): string[] {
  const rules = broken.filter(({ level, expectedFailure }) => isBinding(level) && expectedFailure === undefined)
  return rules.length === 0 ? [id] : rules.map(({ rule, paraphrase }) => `${rule} ${paraphrase}`)
}

const isBinding = (level: string) => level === 'MUST' || level === 'PROMISE'

function where({ where: place }: Finding): string {
  const isPart = place !== undefined && (place.transports ?? place.families ?? place.relays) !== undefined
  return isPart ? ` (${place.text})` : ''
}

function load({ load: run, verdict, findings }: Told): string {
  if (!run || (run.calls.started === 0 && run.valid)) return ''
  if (!run.valid)
    return `The load is not valid: ${(run.generator.problems ?? []).join('; ') || 'the generator was too slow'}.`
  const { started, completed, oneWay, twoWay = completed - oneWay } = run.calls
  const relays = run.relays.filter((relay) => relay.calls > 0)
  const through = relays.length > 0 ? ` through ${counted(relays.length, 'relay')}` : ''
  const audio =
    twoWay === started
      ? `all ${counted(started, 'call')} had audio in both directions`
      : `${twoWay} of ${counted(started, 'call')} had audio in both directions`
  const crossed = distinct((run.thresholds ?? []).filter(({ ok }) => !ok).map(({ metric }) => wordsOfLimit(metric)))
  // Of a load that was interrupted, limits on numbers say nothing; what a problem says need not be said twice.
  const but =
    verdict === 'interrupted' || findings.some(isGrave) || crossed.length === 0 ? '' : `, but ${listed(crossed)}`
  return `${verdict === 'interrupted' ? 'Until the interruption' : 'Under load'} ${audio}${through}${but}.`
}

/** How much was tested, and how much of it passed. What the target lacks is no part of it. */
function figures({ scenarios, notRun }: Told): string {
  const count = (...verdicts: ScenarioResult['verdict'][]) =>
    scenarios.filter(({ verdict }) => verdicts.includes(verdict)).length
  const tested = scenarios.length - count('unsupported', 'not applicable')
  const blocked = notRun.reduce((sum, { kind, count: of = 1 }) => sum + (kind === 'blocked' ? of : 0), 0)
  const [undecided, passed, warned] = [count('inconclusive', 'error'), count('pass', 'warn'), count('warn')]
  if (tested === 0) {
    if (blocked > 0) return `${counted(blocked, 'scenario')} ${blocked === 1 ? 'was' : 'were'} not run because of it.`
    return scenarios.length === 0 ? '' : 'Nothing was tested: the target has none of what was asked for.'
  }
  const parts = [
    `${passed} of ${counted(tested, 'scenario')} passed${warned > 0 ? ` (${warned} with a warning)` : ''}`,
    ...(undecided > 0 ? [`${undecided} could not be decided`] : []),
    ...(blocked > 0 ? [`${blocked} not run, blocked by what is missing`] : []),
  ]
  return `${parts.join('; ')}.`
}
