/** The verdict of a run in one sentence of plain words. */
import type { RunResult } from '../result/result.js'

type Told = Pick<RunResult, 'verdict' | 'scenarios' | 'findings' | 'load' | 'notRun'>

export function sentenceOf(result: Told): string {
  const parts = [conformance(result), load(result)].filter((part) => part !== '')
  return parts.length > 0 ? parts.join(' ') : 'Nothing was tested.'
}

function conformance({ verdict, scenarios, findings }: Told): string {
  if (scenarios.length === 0) return verdict === 'interrupted' ? 'Interrupted before anything was tested.' : ''
  const count = (...verdicts: string[]) => scenarios.filter((scenario) => verdicts.includes(scenario.verdict)).length
  const held = `${count('pass', 'warn')} of ${scenarios.length} scenarios held`
  const worst = findings.find((finding) => finding.severity === 'fail')
  const told = worst ? lower(worst.harm ?? `${worst.title}.`) : ''
  const more = findings.filter((finding) => finding.severity === 'fail').length - 1
  const open = count('inconclusive')
  const openly = open > 0 ? `; ${open} could not be decided` : ''
  if (verdict === 'interrupted') return `Interrupted: of what was tested, ${held}.`
  if (verdict === 'error')
    return `ringproof itself went wrong in ${count('error')} of ${scenarios.length} scenarios: this run decides nothing.`
  if (worst)
    return `Not fit for release: ${told}${more > 0 ? ` And ${more} more ${more === 1 ? 'problem' : 'problems'}.` : ''} (${held}${openly}.)`
  if (verdict === 'inconclusive')
    return 'Nothing could be decided: no scenario reached the point where its check begins.'
  return `Calls work on ${where(scenarios)}: ${held}${openly}${warned(findings)}.`
}

function load({ load: run, verdict }: Told): string {
  if (!run) return ''
  const { started, completed, oneWay, twoWay } = run.calls
  const relays = run.relays.filter((relay) => relay.calls > 0)
  const through = relays.length > 0 ? ` through ${relays.length} ${relays.length === 1 ? 'relay' : 'relays'}` : ''
  if (!run.valid)
    return `The load proves nothing: ${(run.generator.problems ?? []).join('; ') || 'the generator was too slow'}.`
  const both = twoWay ?? completed - oneWay
  const audio =
    both === started
      ? `all ${started} calls had audio in both directions`
      : `${both} of ${started} calls had audio in both directions`
  const broken = verdict === 'interrupted' ? '' : brokenLimits(run)
  return `${verdict === 'interrupted' ? 'Until the interruption ' : 'Under load '}${audio}${through}${broken}.`
}

/** What crossing a threshold of k6 means to somebody who telephones. */
const LIMITS: Readonly<Record<string, string>> = {
  sip_calls_completed: 'not every call was completed',
  sip_call_success: 'calls failed',
  rtp_two_way_audio: 'calls lacked audio',
  rtp_loss_ratio: 'too many packets were lost',
  rtp_jitter: 'audio came too unevenly',
  voip_mos: 'speech quality was too low',
  sip_session_request_delay: 'calls took too long to set up',
  dropped_iterations: 'not all calls that were due could be made',
}

function brokenLimits({ thresholds = [], reconciliation = [] }: NonNullable<Told['load']>): string {
  const metrics = new Set(thresholds.filter((one) => !one.ok).map((one) => one.metric))
  const told = [...metrics].map((metric) => LIMITS[metric] ?? `${metric} is beyond its limit`)
  if (reconciliation.some((one) => !one.ok)) told.push('k6 and the call agents counted differently')
  return told.length === 0 ? '' : `, but ${told.join(', ')}`
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

function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
