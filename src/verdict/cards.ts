/** Cards: what needs attention, grouped by what is broken rather than by who saw it, with its consequences. */
import type { BrokenRule, Finding, NotRun } from '../result/finding.js'
import { type Breakage, isExpected, ruleKeys } from './breakage.js'
import type { Execution, Executions } from './executions.js'
import { type Folded, fold } from './folding.js'
import { compareWeight, graver, worse } from './order.js'
import { distinctPlaces } from './place.js'
import { distinct, sentencesOf } from '../result/texts.js'
import { blockedBy } from './vital-signs.js'
import { whereOf } from './where.js'

/** What a card holds at most of each; the rest is one click away. */
const MOST_EVIDENCE = 10
const MOST_HARMS = 3
/** Advice besides that of the gravest rule. */
const MOST_MORE_ADVICE = 3

export interface CardFacts {
  readonly breakages: readonly Breakage[]
  /** In which executions the rules were looked at. */
  readonly executions: Executions
  /** How many executions there were: standing checks look at all of them. */
  readonly performed: number
  readonly notRun: readonly NotRun[]
}

export interface Cards {
  /** One for each cause that stands by itself. */
  readonly cards: Finding[]
  /** In which of them, by id, a cause that does not stand by itself is told. */
  readonly toldIn: ReadonlyMap<string, string>
}

export function cardsOf(facts: CardFacts): Cards {
  const folded = fold(facts.breakages, facts.executions)
  const standing = new Set(folded.map(({ cause }) => cause))
  const toldIn = folded.flatMap(({ cause, consequences }) =>
    [...consequences.keys()].flatMap((one): [string, string][] => (standing.has(one) ? [] : [[one, cause]])),
  )
  const blocks = ({ cause }: Folded) =>
    [cause, ...toldIn.flatMap(([one, by]) => (by === cause ? one : []))].reduce(
      (sum, one) => sum + blockedBy(facts.notRun, one),
      0,
    )
  return { cards: folded.map((one) => cardOf(one, facts, blocks(one))), toldIn: new Map(toldIn) }
}

function cardOf({ cause, own, consequences }: Folded, { executions, performed }: CardFacts, blocks: number): Finding {
  const ranked = gravestFirst(own)
  const [gravest] = ranked
  if (gravest === undefined) throw new Error(`nothing broke of ${cause}`)
  const folded = [...consequences.values()].flat()
  const counting = [...own, ...folded].filter((one) => !isExpected(one))
  const lookedAt = (breakages: readonly Breakage[]) => ruleKeys(breakages).flatMap((key) => executions.get(key) ?? [])
  const looked = lookedAt(own)
  // A vital sign is tried on each transport by itself; a scenario may use others beside that of its variant.
  const signs = own.filter(({ kind }) => kind === 'vital-sign')
  const where = signs.length > 0 ? whereOf(cause, signs, lookedAt(signs)) : whereOf(cause, own, looked)
  // Of a rule that broke in several places, as first seen: a vital sign names each address.
  const told = new Set<string>()
  const firsts = ranked.filter(({ rule: { key } }) => !told.has(key) && told.add(key))
  const harms = distinct(firsts.flatMap(({ harm }) => harm ?? [])).slice(0, MOST_HARMS)
  const [advice, ...moreAdvice] = distinct(ranked.flatMap((one) => one.advice ?? []))
  const { rule } = gravest
  const broken = brokenRules(ranked)
  return {
    id: cause,
    kind: kindOf([...own, ...folded]),
    severity: counting.map(({ severity }) => severity).reduce(worse, gravest.severity),
    // What a standing check says of its effect is a presumption: beside a rule whose effect was seen it makes nothing graver.
    gravity: [...own, ...folded.filter(({ kind }) => kind !== 'standing-check')]
      .filter((one) => !isExpected(one))
      .map(({ gravity }) => gravity)
      .reduce(graver, gravest.gravity),
    title: gravest.title,
    provider: distinct(own.flatMap(({ provider }) => provider)),
    evidence: distinct(ranked.flatMap(({ evidence }) => evidence)).slice(0, MOST_EVIDENCE),
    // Rules of one scenario begin alike.
    ...(harms.length > 0 ? { harm: distinct(harms.flatMap(sentencesOf)).join(' ') } : {}),
    ...(advice === undefined ? {} : { advice }),
    ...(moreAdvice.length > 0 ? { moreAdvice: moreAdvice.slice(0, MOST_MORE_ADVICE) } : {}),
    scenarios: distinctPlaces(ranked.map(({ place }) => place)),
    ...(where === undefined ? {} : { where }),
    reach: reachOf(own, looked, performed),
    count: own.reduce((sum, { count }) => sum + count, 0),
    rule: gravest.kind === 'rule' ? `${rule.level} ${rule.rule}: ${rule.paraphrase}` : rule.rule,
    expected: rule.expected,
    actual: rule.actual,
    ...(own.every((one) => one.kind === 'standing-check' && !isExpected(one)) ? {} : { broken }),
    ...(folded.length > 0 ? { consequences: [...consequences.values()].map(consequenceOf) } : {}),
    ...(blocks > 0 ? { blocks } : {}),
  }
}

/** What a card is about is told by the most important that saw it, or that broke because of it. */
function kindOf(breakages: readonly Breakage[]): Finding['kind'] {
  const kinds = new Set(breakages.map(({ kind }) => kind))
  for (const kind of ['vital-sign', 'rule', 'unsteady', 'load'] as const) if (kinds.has(kind)) return kind
  return 'standing-check'
}

/** What is not lived with, then the gravest, then what showed most often, then what happens in everyday calls. */
function gravestFirst(own: readonly Breakage[]): Breakage[] {
  const often = new Map<string, number>()
  for (const { rule } of own) often.set(rule.key, (often.get(rule.key) ?? 0) + 1)
  const count = ({ rule }: Breakage) => often.get(rule.key) ?? 0
  return own.toSorted(
    (a, b) =>
      Number(isExpected(a)) - Number(isExpected(b)) ||
      compareWeight(a, b) ||
      Number(b.kind === 'rule') - Number(a.kind === 'rule') ||
      count(b) - count(a) ||
      Number(b.step !== undefined) - Number(a.step !== undefined),
  )
}

function reachOf(
  own: readonly Breakage[],
  looked: readonly Execution[],
  performed: number,
): NonNullable<Finding['reach']> {
  const step = own.find((one) => one.step !== undefined)?.step
  // Tests are counted by their own rules; a standing check reads along in all of them, and counts where it is alone.
  const rules = own.filter(({ kind }) => kind !== 'standing-check')
  const counted = rules.length > 0 ? rules : own
  const showed = new Set(counted.map(({ place, account = '' }) => JSON.stringify([place, account])))
  const of = looked.length > 0 ? new Set(looked.map(({ key }) => key)).size : performed
  return { ...(step === undefined ? {} : { step }), showed: showed.size, of: Math.max(of, showed.size) }
}

/** Each rule once, with where it broke; what was expected and what came, as first seen. */
function brokenRules(ranked: readonly Breakage[]): BrokenRule[] {
  const rules = new Map<string, BrokenRule>()
  for (const { rule, gravity, cause, place } of ranked) {
    const { check, level, rule: source, paraphrase, expected, actual, line, expectedFailure } = rule
    const key = `${level} ${source} ${paraphrase}`
    const known = rules.get(key)
    if (known) {
      known.scenarios.push(place)
      continue
    }
    rules.set(key, {
      check,
      level,
      rule: source,
      paraphrase,
      expected,
      actual,
      ...(line === undefined ? {} : { line }),
      ...(expectedFailure === undefined ? {} : { expectedFailure }),
      gravity,
      cause,
      scenarios: [place],
    })
  }
  return [...rules.values()]
}

function consequenceOf(breakages: readonly Breakage[]): NonNullable<Finding['consequences']>[number] {
  const [gravest] = breakages.toSorted(compareWeight)
  return { title: gravest?.title ?? '', scenarios: distinctPlaces(breakages.map(({ place }) => place)) }
}
