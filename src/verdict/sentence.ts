/** The verdict of a run in a sentence or two: can customers telephone, what is gravest, how much was tested. */
import type { RunVerdict } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding, NotRun } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import { breakpointInWords } from './breakpoint.js'
import { type Variant, variantsInWords } from '../result/variants.js'
import { meantAnswered, meantSignalling, meantUnanswered } from '../result/load-calls.js'
import { problemsOf } from '../result/problems.js'
import { isGrave, problemsInWords } from './problems.js'
import { runsInWords } from './load-runs.js'
import { outageInWords } from './outages.js'
import { fails } from '../result/what-fails.js'
import { serviceOf, variantsBesides } from './service.js'
import { counted, distinct, headline, raised } from '../result/texts.js'

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
    notLoaded(run),
    figures(run),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const isEmpty = ({ scenarios, findings, survey, load: run }: Told) =>
  scenarios.length === 0 &&
  (survey?.vitalSigns ?? []).length === 0 &&
  findings.length === 0 &&
  (run === undefined || isIdle(run))

/** Nothing was ordered of it, or nothing came of it. */
const isIdle = ({ calls, runs }: LoadResult) => calls.started + (runs?.started ?? 0) === 0

function nothing({ verdict, notRun, load: run }: Told): string {
  if (verdict === 'interrupted') return 'Interrupted before anything was tested.'
  if (run?.valid === false) return load({ verdict, notRun, load: run, scenarios: [], findings: [] })
  if (run !== undefined) return 'Under load no call was made.'
  const unloaded = notRun.find(({ kind }) => kind === 'load')
  if (unloaded !== undefined) return unloaded.why
  // What was left out by the command line explains nothing: that is what was asked for.
  const asked = notRun.filter(({ kind }) => kind !== 'not selected')
  const reasons = distinct(asked.map(({ why, kind }) => (kind === 'slow' ? `${why}: run with --slow` : why)))
  const more = reasons.length > 1 ? ` (and ${counted(reasons.length - 1, 'other reason')})` : ''
  return reasons.length === 0 ? 'Nothing was tested.' : `Nothing was tested: ${reasons[0]}${more}.`
}

/** That calls work is said only where calls with audio were made, and after who is without them. */
function service({ survey, scenarios, findings }: Told): string {
  const { works, fails: out, open: untold } = serviceOf(survey, scenarios)
  if (works.length > 0) {
    const work = `calls work on ${variantsInWords(works)}`
    if (out.length > 0) {
      const isSilent = out.every(({ steps }) => steps.length > 0 && steps.every((step) => step === 'talk'))
      const trouble = isSilent ? 'Calls have no audio both ways' : 'Customers cannot call'
      const there = outageAmid(findings, works)
      const but = there === undefined ? '' : `, but not all of them: ${headline(there.title)}${where(there)}`
      return `${trouble} ${variantsBesides(out, works)}; ${work}${but}.`
    }
    const outage = partialOutage(findings)
    if (outage === undefined) return `${raised(work)}.`
    if (outage.reach?.step === 'hang up')
      return `Calls can be made on ${variantsInWords(works)}, but do not last or end as they should: ${headline(outage.title)}${where(outage)}.`
    return `Part of the service is out: ${headline(outage.title)}${where(outage)}. Otherwise ${work}.`
  }
  if (out.length === 0 || survey === undefined) return ''
  const sign = theOutage(findings)
  if (sign === undefined) return ''
  // Where a server is not reached on one line and nobody asked for calls on the others, that nobody can telephone is not true.
  const isUnreached = findings
    .filter((one) => one.kind === 'vital-sign' && fails(one))
    .every((one) => one.scenarios.every(({ scenario }) => scenario === 'survey/reach'))
  const there = untold.length > 0 && isUnreached ? ` ${variantsBesides(out, untold)}` : ''
  if (sign.reach?.step !== 'talk') return `Nobody can telephone${there}: ${headline(sign.title)}.`
  return `Calls are set up, but not with audio both ways: ${headline(sign.title.replace(/^No audio: /, ''))}.`
}

/** What keeps everybody from telephoning, where nobody can. */
const theOutage = (findings: readonly Finding[]): Finding | undefined =>
  findings.find((one) => one.kind === 'vital-sign' && fails(one))

/** An outage that strikes where calls work otherwise. */
const outageAmid = (findings: readonly Finding[], works: readonly Variant[]): Finding | undefined =>
  problemsOf(findings).find(
    (one) =>
      fails(one) &&
      one.gravity === 'outage' &&
      one.kind !== 'vital-sign' &&
      one.scenarios.some((place) =>
        works.some(({ transport, family }) => transport === place.transport && family === place.family),
      ),
  )

/** What takes the service from some, where others have it. */
const partialOutage = (findings: readonly Finding[]): Finding | undefined =>
  problemsOf(findings).find((one) => fails(one) && one.gravity === 'outage')

function problems(run: Told): string {
  const all = problemsOf(run.findings)
  const [first] = all
  if (first === undefined || !all.some(fails)) return open(run)
  const counts = problemsInWords(all)
  if (isGrave(first)) {
    if (isToldByService(first, run)) return `Not fit for release${all.length > 1 ? `: ${counts}` : ''}.`
    return `Not fit for release: ${headline(first.title)}${where(first)}.${all.length > 1 ? ` In all ${counts}.` : ''}`
  }
  // Nothing that fails is grave. What warns may be, and stands before it.
  if (first.gravity !== 'letter') return `Warning: ${headline(first.title)}${where(first)}. In all ${counts}.`
  const formal = all.filter(fails).length
  const broken = formal === 1 ? 'a standard is broken' : 'standards are broken'
  const warnings = all.length > formal ? ` And ${counted(all.length - formal, 'warning')}.` : ''
  return `${counted(formal, 'formal problem')}: ${broken}, which customers will hardly notice.${warnings}`
}

/** Where nobody can telephone, or part of the service is out, the cause was named with it. */
function isToldByService(first: Finding, run: Told): boolean {
  const { works, fails: out } = serviceOf(run.survey, run.scenarios)
  if (works.length > 0) return out.length === 0 && first === partialOutage(run.findings)
  return service(run) !== '' && first === theOutage(run.findings)
}

/** Where nothing fails: what is still open. */
function open({ verdict, scenarios, findings, survey }: Told): string {
  const defects = findings.filter(({ kind }) => kind === 'defect')
  const unsure = survey?.vitalSigns.find((sign) => sign.verdict === 'inconclusive')
  if (verdict === 'inconclusive' && scenarios.length === 0 && unsure !== undefined) {
    const why = unsure.reasonCode === 'harness-late' ? ' (this machine was too busy to be sure: run it again)' : ''
    return `Nothing could be decided: ${headline(unsure.reason)}${why}.`
  }
  if (verdict === 'error') return `${counted(defects.length, 'defect')} of ringproof or of a scenario: see below.`
  const came = (...verdicts: ScenarioResult['verdict'][]) => scenarios.some((one) => verdicts.includes(one.verdict))
  // A target that stopped answering leaves a run open in which others had passed.
  if (verdict === 'inconclusive' && came('inconclusive') && !came('pass', 'warn'))
    return 'Nothing could be decided: no test reached the point where its checks begin.'
  const warnings = problemsOf(findings)
  const [first] = warnings
  if (first === undefined) return ''
  if (first.gravity === 'letter') return `${counted(warnings.length, 'warning')}.`
  const more = warnings.length > 1 ? ` And ${counted(warnings.length - 1, 'more warning')}.` : ''
  return `Warning: ${headline(first.title)}${where(first)}.${more}`
}

function where({ where: place }: Finding): string {
  const isPart = place !== undefined && (place.transports ?? place.families ?? place.relays) !== undefined
  return isPart ? ` (${place.text})` : ''
}

function load({ load: run, verdict }: Told): string {
  if (!run || (isIdle(run) && run.valid)) return ''
  if (!run.valid)
    return `The load is not valid: ${(run.generator.problems ?? []).join('; ') || 'the generator was too slow'}.`
  // What failed beyond the limit is what was asked for.
  if (run.breakpoint !== undefined) return `${breakpointInWords(run.breakpoint)}.`
  const relays = run.relays.filter((relay) => relay.calls > 0)
  const through = relays.length > 0 ? ` through ${counted(relays.length, 'relay')}` : ''
  const audio = run.calls.started === 0 ? [] : [`${audioOf(run)}${through}`]
  const came = [...audio, runsInWords(run)].filter((part) => part !== '').join('; ')
  if (came === '') return ''
  const told = `${verdict === 'interrupted' ? 'Until the interruption' : 'Under load'} ${came}.`
  return [told, ...(run.outages ?? []).map(outageInWords)].join(' ')
}

/** Why there was no load, where one was all that was asked for; who cannot telephone at all was told that. */
function notLoaded(run: Told): string {
  if (run.load !== undefined || run.scenarios.length > 0 || service(run) !== '') return ''
  return run.notRun.find(({ kind }) => kind === 'load')?.why ?? ''
}

/** Who was called, and how many of the calls that were to be answered had audio; what became of the others. */
function audioOf({ calls }: LoadResult): string {
  const { started, completed, oneWay, twoWay = completed - oneWay, dialled } = calls
  const toBeAnswered = meantAnswered(calls)
  const signalling = meantSignalling(calls)
  const asked = started - toBeAnswered - signalling
  const kinds = meantUnanswered(calls).map(([how, count]) => `${count} ${how}`)
  // Nobody but accounts of ours is called in order not to answer.
  const who = dialledInWords(dialled && { ...dialled, account: Math.max(0, dialled.account - asked) })
  const refused =
    asked === 0
      ? ''
      : `; ${counted(asked, 'call')} ${asked === 1 ? 'was' : 'were'} not to be answered (${kinds.join(', ')})`
  const silent =
    signalling === 0 ? '' : `${counted(signalling, 'call')} without audio ${signalling === 1 ? 'was' : 'were'} made`
  if (toBeAnswered === 0 && asked === 0 && signalling > 0)
    return `${completed === started ? '' : `${completed} of `}${silent}, set up and ended as they should be${who}: nothing is said about audio`
  const rest = `${refused}${silent === '' ? '' : `; ${silent}`}`
  if (toBeAnswered === 0) return `no call was to be answered${who}${rest}`
  const share = twoWay === toBeAnswered ? 'all' : `${twoWay} of`
  return `${share} ${counted(toBeAnswered, 'call')} had audio in both directions${who}${rest}`
}

/** ` (12 to the echo test, 8 between accounts)`; empty where it is not known. */
function dialledInWords(dialled: LoadResult['calls']['dialled']): string {
  if (dialled === undefined) return ''
  const { echo, account, other } = dialled
  const parts: [number, string][] = [
    [echo, 'to the echo test'],
    [account, 'between accounts'],
    [other, 'to another number'],
  ]
  const used = parts.filter(([count]) => count > 0)
  if (used.length === 1) return ` (${used[0]?.[1]})`
  return used.length === 0 ? '' : ` (${used.map(([count, to]) => `${count} ${to}`).join(', ')})`
}

/** How much was tested, and how much of it passed. What the target lacks is no part of it. */
function figures({ scenarios, notRun }: Told): string {
  const count = (...verdicts: ScenarioResult['verdict'][]) =>
    scenarios.filter(({ verdict }) => verdicts.includes(verdict)).length
  const tested = scenarios.length - count('unsupported', 'not applicable')
  const blocked = notRun.reduce((sum, { kind, count: of = 1 }) => sum + (kind === 'blocked' ? of : 0), 0)
  const [undecided, passed, warned] = [count('inconclusive', 'error'), count('pass', 'warn'), count('warn')]
  if (tested === 0) {
    if (blocked > 0) return `${counted(blocked, 'test')} ${blocked === 1 ? 'was' : 'were'} not tested because of it.`
    return scenarios.length === 0 ? '' : 'Nothing was tested: the target has none of what was asked for.'
  }
  const parts = [
    `${passed} of ${counted(tested, 'test')} passed${warned > 0 ? ` (${warned} with a warning)` : ''}`,
    ...(undecided > 0 ? [`${undecided} could not be decided`] : []),
    ...(blocked > 0 ? [`${blocked} not tested, since what they depend on does not work`] : []),
  ]
  return `${parts.join('; ')}.`
}
