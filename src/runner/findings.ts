/** What needs attention: failures and warnings grouped by cause rather than by scenario, the most harmful first. */
import type { ExaminerNote } from '../examiner/examiner.js'
import type { CheckResult, Finding, ScenarioResult } from '../result/result.js'
import { variantName } from './expected-failures.js'

/** Areas whose failure takes the service from customers, in the order of harm. */
const HARM_ORDER = [
  'registrar',
  'digest',
  'media',
  'proxy',
  'retransmission',
  'nat',
  'flapping',
  'tls',
  'srtp',
  'tcp',
  'ipv6',
  'dialog',
  'dns',
  'services',
  'dtmf',
  'security',
]

interface Cause {
  readonly check: CheckResult
  readonly results: ScenarioResult[]
}

/** Groups what did not hold: one finding for each rule of a scenario that broke, across its variants, and for each standing check. */
export function findingsOf(
  results: readonly ScenarioResult[],
  notes: readonly { readonly scenario: ScenarioResult; readonly note: ExaminerNote }[],
): Finding[] {
  const causes = new Map<string, Cause>()
  for (const result of results) {
    for (const check of result.checks) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue
      const key = `${result.id}#${check.id}`
      const cause = causes.get(key) ?? { check, results: [] }
      cause.results.push(result)
      causes.set(key, cause)
    }
  }
  const broken = [...causes].map(([key, cause]) => fromCause(key, cause))
  const standing = groupNotes(notes)
  return [...broken, ...standing]
    .sort((a, b) => weight(a) - weight(b))
    .map(({ finding }, rank) => ({ ...finding, rank }))
}

interface Weighed {
  readonly finding: Finding
  readonly area: string
}

function fromCause(key: string, { check, results }: Cause): Weighed {
  const first = results[0]
  if (!first) throw new Error('a cause has at least one result')
  const expected = results.every((result) =>
    result.checks.every((c) => c.id !== check.id || c.verdict === 'pass' || c.expectedFailure !== undefined),
  )
  const failed = results.some((result) => result.checks.some((c) => c.id === check.id && c.verdict === 'fail'))
  return {
    area: first.area,
    finding: {
      id: key,
      severity: failed && !expected ? 'fail' : 'warn',
      title: `Does not hold: ${check.paraphrase ?? first.title}`,
      provider: first.provider,
      evidence: [...new Set(results.flatMap((result) => result.evidence))],
      ...(first.harm ? { harm: first.harm } : {}),
      ...(first.advice ? { advice: first.advice } : {}),
      scenarios: results.map((result) => `${result.id} ${variantName(result)}`),
      count: results.length,
      rule: `${check.level} ${check.rule}: ${check.paraphrase ?? check.id}`,
      expected: check.expected,
      actual: check.actual,
    },
  }
}

function groupNotes(notes: readonly { readonly scenario: ScenarioResult; readonly note: ExaminerNote }[]): Weighed[] {
  const groups = new Map<string, { note: ExaminerNote; scenarios: ScenarioResult[]; count: number }>()
  for (const { scenario, note } of notes) {
    const key = `${note.id} ${note.title}`
    const group = groups.get(key) ?? { note, scenarios: [], count: 0 }
    group.scenarios.push(scenario)
    group.count += note.count
    groups.set(key, group)
  }
  return [...groups.values()].map(({ note, scenarios, count }) => ({
    area: scenarios[0]?.area ?? 'security',
    finding: {
      id: note.id,
      severity: note.severity,
      title: note.title,
      provider: [...note.provider],
      evidence: [...new Set(scenarios.flatMap((scenario) => scenario.evidence))].slice(0, 5),
      harm: note.harm,
      advice: note.advice,
      scenarios: scenarios.map((scenario) => `${scenario.id} ${variantName(scenario)}`),
      count,
      rule: note.rule,
      expected: note.expected,
      actual: note.actual,
    },
  }))
}

function weight({ finding, area }: Weighed): number {
  const severity = { fail: 0, warn: 1000, info: 2000 }[finding.severity]
  const harm = HARM_ORDER.indexOf(area)
  return severity + (harm < 0 ? HARM_ORDER.length : harm) * 10 - Math.min(9, finding.count ?? 0)
}
