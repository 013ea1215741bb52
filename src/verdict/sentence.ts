/** The verdict of a run in one sentence of plain words. */
import type { RunResult } from '../result/result.js'
import { wordsOfLimit } from './load.js'
import { headline } from './texts.js'

type Told = Pick<RunResult, 'verdict' | 'scenarios' | 'findings' | 'notRun'> & {
  readonly load?: RunResult['load'] | undefined
}

export function sentenceOf(result: Told): string {
  const { verdict, scenarios } = result
  const worst = worstOf(result)
  if (verdict === 'interrupted' && scenarios.length === 0 && (result.load?.calls.started ?? 0) === 0)
    return 'Interrupted before anything was tested.'
  if (verdict === 'error')
    return `ringproof itself went wrong in ${counted(scenarios, 'error')} of ${tested(scenarios)} scenarios: this run decides nothing.`
  if (worst !== undefined) {
    const more = result.findings.filter((finding) => finding.severity === 'fail').length - 1
    const others = more > 0 ? ` And ${more} more ${more === 1 ? 'problem' : 'problems'}.` : ''
    // Why a load is not valid is told beside its numbers; here it is one of several things.
    const loaded = result.load?.valid === false ? 'the load is not valid' : lower(load(result, true))
    const warned = counted(scenarios, 'warn')
    const withWarnings = warned > 0 ? `, ${warned} of them with a warning` : ''
    const figures = [`${held(result)}${withWarnings}`, loaded].filter((part) => part !== '').map(withoutStop)
    const lead = verdict === 'interrupted' ? 'Interrupted, and not fit for release' : 'Not fit for release'
    return `${lead}: ${worst}.${others}${figures.length > 0 ? ` (${figures.join('; ')}.)` : ''}`
  }
  const parts = [conformance(result), load(result)].filter((part) => part !== '')
  return parts.length > 0 ? parts.join(' ') : 'Nothing was tested.'
}

/** What fails worst, in a plain half-sentence; undefined where nothing does. */
function worstOf({ findings }: Told): string | undefined {
  const worst = findings.find((finding) => finding.severity === 'fail')
  if (worst === undefined) return undefined
  // Standing checks and rules are named for those who mend them; who notices what is for everybody.
  const told = worst.id.startsWith('LOAD-') || worst.harm === undefined ? worst.title : headline(worst.harm)
  return lower(withoutStop(told))
}

function counted(scenarios: Told['scenarios'], ...verdicts: string[]): number {
  return scenarios.filter((scenario) => verdicts.includes(scenario.verdict)).length
}

/** What the target could not be asked for is no part of what was tested. */
function tested(scenarios: Told['scenarios']): number {
  return scenarios.length - counted(scenarios, 'unsupported', 'not applicable')
}

function held({ scenarios }: Told): string {
  const open = counted(scenarios, 'inconclusive')
  const all = tested(scenarios)
  if (all === 0) return ''
  return `${counted(scenarios, 'pass', 'warn')} of ${all} ${all === 1 ? 'scenario' : 'scenarios'} held${open > 0 ? `; ${open} could not be decided` : ''}`
}

function conformance(result: Told): string {
  const { verdict, scenarios, findings } = result
  if (tested(scenarios) === 0)
    return scenarios.length === 0 ? '' : 'Nothing was tested: the target has none of what was asked for.'
  if (verdict === 'interrupted') return `Interrupted: of what was tested, ${held(result)}.`
  if (counted(scenarios, 'pass', 'warn') === 0)
    return 'Nothing could be decided: no scenario reached the point where its check begins.'
  return `${works(scenarios)}: ${held(result)}${warned(findings)}.`
}

/** @param isTold whether what is wrong with it was said before */
function load({ load: run, verdict }: Told, isTold = false): string {
  if (!run) return ''
  const { started, completed, oneWay, twoWay } = run.calls
  const relays = run.relays.filter((relay) => relay.calls > 0)
  const through = relays.length > 0 ? ` through ${relays.length} ${relays.length === 1 ? 'relay' : 'relays'}` : ''
  if (!run.valid)
    return `The load proves nothing: ${(run.generator.problems ?? []).join('; ') || 'the generator was too slow'}.`
  const both = twoWay ?? completed - oneWay
  const audio =
    started === 0
      ? 'no call was made'
      : both === started
        ? `all ${started} calls had audio in both directions`
        : `${both} of ${started} calls had audio in both directions`
  const crossed = (run.thresholds ?? []).filter((one) => !one.ok).map(({ metric }) => wordsOfLimit(metric))
  // Of a load that was interrupted the limits on numbers say nothing; and what a problem says need not be said twice.
  const but =
    verdict === 'interrupted' || isTold || crossed.length === 0 ? '' : `, but ${[...new Set(crossed)].join(', ')}`
  return `${verdict === 'interrupted' ? 'Until the interruption ' : 'Under load '}${audio}${through}${but}.`
}

/** That calls work is said only where calls with audio were made and held. */
function works(scenarios: Told['scenarios']): string {
  const heard = scenarios.filter(({ area, verdict }) => area === 'media' && (verdict === 'pass' || verdict === 'warn'))
  if (heard.length > 0) return `Calls work on ${where(heard)}`
  return `What was tested works on ${where(scenarios)}`
}

function where(scenarios: Told['scenarios']): string {
  const worked = scenarios.filter((scenario) => scenario.verdict === 'pass' || scenario.verdict === 'warn')
  const names = [...new Set(worked.map((scenario) => scenario.variant.transport))].map((name) => name.toUpperCase())
  const families = [...new Set(worked.map((scenario) => scenario.variant.family))].map((name) =>
    name === 'ipv6' ? 'IPv6' : 'IPv4',
  )
  return `${listed(names)} over ${listed(families)}`
}

function warned(findings: Told['findings']): string {
  const warnings = findings.filter((finding) => finding.severity === 'warn').length
  return warnings === 0 ? '' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
}

function listed(names: readonly string[]): string {
  const order = ['UDP', 'TCP', 'TLS', 'IPv4', 'IPv6']
  const sorted = [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b))
  return sorted.length < 2 ? (sorted[0] ?? 'nothing') : `${sorted.slice(0, -1).join(', ')} and ${sorted.at(-1)}`
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '')
}

function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
