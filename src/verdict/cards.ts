/** What needs attention: failures and warnings grouped by cause rather than by scenario, the most harmful first. */
import type { BrokenRule, CheckResult, Finding, Level, Place, ScenarioResult } from '../result/result.js'
import type { SeenNote } from './facts.js'
import { distinctPlaces, placeOf } from './place.js'

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

/** Purposes whose failure hands a customer's line or money to others, or leaves customers without calls: before all areas. */
const FIRST = new Set([
  'ID-FRAUD',
  'REG-AUTHZ',
  'DIG-BADPW',
  'REG-ADD',
  'REG-REFRESH',
  'MED-TWOWAY',
  'HALF',
  'TX-TIMEOUT',
])
/** Purposes about requests that telephones hardly ever make: after all areas. */
const LAST = new Set([
  'REG-ESCAPED',
  'REG-404',
  'REG-420',
  'REG-STARBAD',
  'REG-CSEQ',
  'REG-ATOMIC',
  'REG-URI',
  'REG-NO6XX',
])

/** One rule of one scenario that did not hold, in all variants that it broke in. */
interface Breach {
  readonly key: string
  readonly severity: 'fail' | 'warn'
  readonly results: ScenarioResult[]
  readonly checks: CheckResult[]
}

/**
 * Groups what did not hold: one finding for rules that broke in the same scenario or with the same harm, and for one rule that
 * broke in several scenarios; one for each standing check.
 */
export function findingsOf(results: readonly ScenarioResult[], notes: readonly SeenNote[]): Finding[] {
  const broken = causesOf(breachesOf(results)).map(fromCause)
  const standing = groupNotes(notes)
  return [...broken, ...standing]
    .sort((a, b) => weight(a) - weight(b))
    .map(({ finding }, rank) => ({ ...finding, rank }))
}

function breachesOf(results: readonly ScenarioResult[]): Breach[] {
  const found = new Map<string, { results: ScenarioResult[]; checks: CheckResult[] }>()
  for (const result of results) {
    for (const check of result.checks) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue
      const key = `${result.id}#${check.id}`
      const breach = found.get(key) ?? { results: [], checks: [] }
      breach.results.push(result)
      breach.checks.push(check)
      found.set(key, breach)
    }
  }
  return [...found].map(([key, breach]) => {
    const unexpected = breach.checks.some((check) => check.verdict === 'fail' && check.expectedFailure === undefined)
    return { key, severity: unexpected ? 'fail' : 'warn', ...breach }
  })
}

/** Breaches that share their scenario, their harm, or their rule, are one cause; what fails and what only warns are told apart. */
function causesOf(breaches: readonly Breach[]): Breach[][] {
  const groups: { marks: Set<string>; breaches: Breach[] }[] = []
  for (const breach of breaches) {
    const marks = marksOf(breach)
    const fitting = groups.filter((group) => marks.some((mark) => group.marks.has(mark)))
    const joined = {
      marks: new Set([...fitting.flatMap((group) => [...group.marks]), ...marks]),
      breaches: [...fitting.flatMap((group) => group.breaches), breach],
    }
    const at = fitting[0] ? groups.indexOf(fitting[0]) : groups.length
    groups.splice(at, 1, joined)
    for (const group of fitting.slice(1)) groups.splice(groups.indexOf(group), 1)
  }
  return groups.map((group) => group.breaches)
}

function marksOf(breach: Breach): string[] {
  const [result] = breach.results
  const [check] = breach.checks
  if (!result || !check) return []
  const rule = `${breach.severity} rule ${check.rule} ${check.paraphrase ?? breach.key}`
  // A recommendation beside a rule that must hold is a matter of its own: what the scenario warns of is not about it.
  const harm = harmOf(breach)
  if (harm === undefined) return [rule]
  return [rule, `${breach.severity} harm ${harm}`, ...(isAside(breach) ? [] : [`${breach.severity} of ${result.id}`])]
}

const STRENGTH: Readonly<Record<Level, number>> = { MUST: 2, PROMISE: 2, SHOULD: 1, FINDING: 1, MAY: 0 }

/** Whether the scenario holds the target to stronger rules too: then its harm is theirs. */
function isAside({ results, checks }: Breach): boolean {
  const own = Math.max(...checks.map((check) => STRENGTH[check.level]))
  return results.some((result) => result.checks.some((check) => STRENGTH[check.level] > own))
}

/** Who notices it: as the rule says, or the scenario where it is the scenario's matter. */
function harmOf(breach: Breach): string | undefined {
  const own = breach.checks[0]?.harm
  return own ?? (isAside(breach) ? undefined : breach.results[0]?.harm)
}

interface Weighed {
  readonly finding: Finding
  readonly area: string
  readonly purposes: readonly string[]
}

function fromCause(breaches: readonly Breach[]): Weighed {
  const ranked = [...breaches].sort((a, b) => areaRank(a.results[0]?.area) - areaRank(b.results[0]?.area))
  const [worst] = ranked
  const [first] = worst?.results ?? []
  const [check] = worst?.checks ?? []
  if (!worst || !first || !check) throw new Error('a cause has at least one result')
  const results = ranked.flatMap((breach) => breach.results)
  const scenarios = placesOf(results)
  const harms = distinct(ranked.map(harmOf))
  const advice = distinct(results.map((result) => result.advice))
  const broken = brokenRules(ranked)
  return {
    area: first.area,
    purposes: first.purposes,
    finding: {
      id: worst.key,
      kind: 'rule',
      gravity: check.gravity,
      severity: worst.severity,
      title: harms[0] === undefined ? withoutHarm(check, first) : headline(harms[0]),
      provider: [...new Set(results.flatMap((result) => result.provider))],
      evidence: [...new Set(results.flatMap((result) => result.evidence))],
      ...(harms.length > 0 ? { harm: harms.join(' ') } : {}),
      ...(advice.length > 0 ? { advice: advice.join(' ') } : {}),
      scenarios,
      count: scenarios.length,
      rule: `${check.level} ${check.rule}: ${check.paraphrase ?? check.id}`,
      expected: check.expected,
      actual: check.actual,
      broken,
    },
  }
}

/** Each rule once, with where it broke; what was expected and what came, as first seen. */
function brokenRules(breaches: readonly Breach[]): BrokenRule[] {
  const rules = new Map<string, BrokenRule>()
  for (const { results, checks } of breaches) {
    for (const [i, check] of checks.entries()) {
      const result = results[i]
      if (!result) continue
      const key = `${check.level} ${check.rule} ${check.paraphrase ?? check.id}`
      const known = rules.get(key)
      const name = placeOf(result)
      if (known) {
        known.scenarios.push(name)
      } else {
        const { id, level, rule, paraphrase = check.id, expected, actual, line, expectedFailure, gravity } = check
        rules.set(key, {
          check: id,
          level,
          rule,
          gravity,
          cause: check.cause ?? result.id,
          paraphrase,
          expected,
          actual,
          ...(line === undefined ? {} : { line }),
          ...(expectedFailure === undefined ? {} : { expectedFailure }),
          scenarios: [name],
        })
      }
    }
  }
  return [...rules.values()]
}

/** The first sentence of who notices what, without its full stop: it stands alone at the head of a finding. */
export function headline(harm: string): string {
  const end = /[.!?](?=\s+\p{Lu})/u.exec(harm)?.index ?? harm.length
  return harm.slice(0, end).replace(/\.$/, '')
}

function withoutHarm({ level, paraphrase }: CheckResult, { title }: ScenarioResult): string {
  if (paraphrase === undefined) return `Does not hold: ${title}`
  return `${level === 'SHOULD' ? 'Recommended, but not so' : level === 'FINDING' ? 'Not so' : 'Does not hold'}: ${paraphrase}`
}

const placesOf = (results: readonly ScenarioResult[]): Place[] => distinctPlaces(results.map(placeOf))

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text ? [text] : [])))]
}

function groupNotes(notes: readonly SeenNote[]): Weighed[] {
  const groups = new Map<string, { note: SeenNote['note']; seen: SeenNote[] }>()
  for (const one of notes) {
    const key = `${one.note.id} ${one.note.title}`
    const group = groups.get(key) ?? { note: one.note, seen: [] }
    group.seen.push(one)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ note, seen }) => ({
    area: 'security',
    purposes: [],
    finding: {
      id: note.id,
      kind: 'standing-check',
      gravity: note.gravity,
      severity: note.severity,
      title: note.title,
      provider: [...note.provider],
      evidence: [...new Set(seen.flatMap(({ evidence }) => evidence))].slice(0, 5),
      harm: note.harm,
      advice: note.advice,
      scenarios: distinctPlaces(seen.map(({ place }) => place)),
      count: seen.reduce((sum, one) => sum + one.note.count, 0),
      rule: note.rule,
      expected: note.expected,
      actual: note.actual,
    },
  }))
}

function areaRank(area: string | undefined): number {
  const rank = HARM_ORDER.indexOf(area ?? '')
  return rank < 0 ? HARM_ORDER.length : rank
}

function weight({ finding, area, purposes }: Weighed): number {
  const severity = { fail: 0, warn: 1000, info: 2000 }[finding.severity]
  const place = purposes.some((one) => FIRST.has(one)) ? -200 : purposes.some((one) => LAST.has(one)) ? 200 : 0
  return severity + place + areaRank(area) * 10 - Math.min(9, finding.count ?? 0)
}
