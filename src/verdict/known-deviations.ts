/** Failures that are known of a target and lived with: they still show, with the reason, and do not fail the run. */
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { Finding, NotRun } from '../result/finding.js'
import type { KnownDeviation, KnownDeviations, KnownNote, RunFacts, SeenNote } from './facts.js'
import { placeOf } from './place.js'

/** Marks what is known: the check keeps its verdict, the scenario warns instead of failing where nothing else failed. */
export function withKnownDeviations(result: ScenarioResult, known: KnownDeviations | undefined): ScenarioResult {
  const own = deviationsOf(result, known)
  if (own.length === 0) return result
  const checks = result.checks.map((check): CheckResult => {
    const deviation = own.find((one) => one.check === check.id)
    if (deviation === undefined || (check.verdict !== 'fail' && check.verdict !== 'warn')) return check
    return { ...check, expectedFailure: deviation.reason, reasonCode: 'known-deviation' }
  })
  const isUnexpected = checks.some(
    ({ verdict, expectedFailure }) => verdict === 'fail' && expectedFailure === undefined,
  )
  if (result.verdict !== 'fail' || isUnexpected) return { ...result, checks }
  const reasons = checks.flatMap(({ expectedFailure }) => expectedFailure ?? [])
  return {
    ...result,
    checks,
    verdict: 'warn',
    reason: `known deviation: ${[...new Set(reasons)].join('; ')}`,
    reasonCode: 'known-deviation',
  }
}

/** Deviations that are listed and were not seen: the list is out of date. One finding for each. */
export function unexpectedPasses(results: readonly ScenarioResult[], known: KnownDeviations | undefined): Finding[] {
  const found = new Map<KnownDeviation, ScenarioResult[]>()
  for (const result of results) {
    for (const deviation of deviationsOf(result, known)) {
      const check = result.checks.find(({ id }) => id === deviation.check)
      if (check?.verdict === 'pass') found.set(deviation, [...(found.get(deviation) ?? []), result])
    }
  }
  return [...found].map(([deviation, held]) => ({
    id: `UNEXPECTED-PASS ${deviation.scenario} ${deviation.check}`,
    kind: 'unexpected-pass',
    gravity: 'letter',
    severity: 'warn',
    title: `Listed as a known deviation, but it held: ${held[0]?.title ?? deviation.scenario}`,
    provider: [...new Set(held.flatMap(({ provider }) => provider))],
    evidence: [...new Set(held.flatMap(({ evidence }) => evidence))],
    harm: 'Nobody notices; the list of known deviations is out of date.',
    advice: `Remove '${deviation.check}' of '${deviation.scenario}' from ${known?.file ?? 'the list'}, or find out what changed.`,
    scenarios: held.map(placeOf),
    rule: deviation.rule,
  }))
}

/** What is known of the scenario, on its transport and family. */
export function deviationsOf(result: ScenarioResult, known: KnownDeviations | undefined): KnownDeviation[] {
  const name = `${result.variant.transport}/${result.variant.family}`
  return (known?.deviations ?? []).filter(
    ({ scenario, variant }) => scenario === result.id && (variant === undefined || variant === name),
  )
}

/** Why what a standing check noticed is lived with; undefined where it is not. */
export const knownNote = ({ note, place }: SeenNote, known: KnownDeviations | undefined): KnownNote | undefined =>
  known?.standing?.find(
    ({ standing, rule, method, transport }) =>
      standing === note.id &&
      rule === note.rule &&
      (method === undefined || method === note.method) &&
      (transport === undefined || transport === place.transport),
  )

/** What was left out by choice or for a reason that lies in the run: such a run cannot say that something is not seen any more. */
const LEAVES_OPEN: readonly (NotRun['kind'] | undefined)[] = [
  undefined,
  'slow',
  'not selected',
  'unreachable',
  'broken off',
  'load',
  'blocked',
  'part',
]

/** What standing checks are known to find, and did not in a run of everything. */
export function unseenNotes({ notes, notRun, known, scenarios, interruptedBy }: RunFacts): Finding[] {
  const isWhole =
    scenarios.length > 0 && interruptedBy === undefined && !notRun.some(({ kind }) => LEAVES_OPEN.includes(kind))
  if (!isWhole) return []
  const seen = new Set(notes.map((one) => knownNote(one, known)))
  return (known?.standing ?? [])
    .filter((one) => !seen.has(one))
    .map((one) => ({
      id: `UNEXPECTED-PASS ${[one.standing, one.rule, one.method, one.transport].filter(Boolean).join(' ')}`,
      kind: 'unexpected-pass',
      gravity: 'letter',
      severity: 'warn',
      title: `Listed as a known deviation, but not seen any more: ${one.standing}, ${one.rule}`,
      provider: [],
      evidence: [],
      harm: 'Nobody notices; the list of known deviations is out of date.',
      advice: `Remove '${one.standing}' (${one.rule}) from ${known?.file ?? 'the list'}, or find out what changed.`,
      scenarios: [],
      rule: one.rule,
    }))
}
