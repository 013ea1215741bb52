/** What of a run's result others are compared with. */
import {
  BASELINE_VERSION,
  type Baseline,
  type BaselineFinding,
  type BaselineTest,
  placeKey,
} from '../../result/baseline.js'
import type { Finding, NotRun } from '../../result/finding.js'
import type { LoadResult } from '../../result/load-result.js'
import type { RunResult } from '../../result/result.js'
import type { ScenarioResult } from '../../result/scenario-result.js'
import type { Verdict } from '../../result/terms.js'
import { figuresOf } from './figures.js'

/** Tests of a finding that a baseline names: those that are looked at to see whether it is mended. */
const MOST_SEEN = 20
/** The worst first: of a vital sign that was tried with several accounts. */
const WORST: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'warn', 'pass', 'unsupported', 'not applicable']

/** A baseline of one run. */
export function snapshotOf(result: RunResult): Baseline {
  const { target, load, environment } = result
  return {
    baselineVersion: BASELINE_VERSION,
    ringproof: result.ringproof,
    command: result.command,
    clock: result.clock,
    target: {
      name: target.name,
      ...(target.domain === undefined ? {} : { domain: target.domain }),
      ...(target.faults?.length ? { faults: target.faults.toSorted() } : {}),
    },
    ...(result.selection === undefined ? {} : { selection: result.selection }),
    ...(environment?.network === undefined ? {} : { network: environment.network }),
    ...(load === undefined
      ? {}
      : {
          load: { profile: load.profile, order: orderOf(load), valid: load.valid && result.verdict !== 'interrupted' },
        }),
    runs: [
      {
        startedAt: result.startedAt,
        seed: result.seed,
        verdict: result.verdict,
        software: (target.software ?? []).toSorted(),
        seenFrom: (environment?.seenFrom ?? []).toSorted(),
        ...(environment?.commit === undefined ? {} : { commit: environment.commit }),
        ...(environment?.worstLagMs === undefined ? {} : { worstLagMs: environment.worstLagMs }),
      },
    ],
    findings: result.findings.flatMap(findingOf).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    tests: testsOf(result),
    notRun: Object.fromEntries(result.notRun.flatMap(notRunOf).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    figures: figuresOf(result),
  }
}

/** What makes two loads of a profile alike. */
function orderOf({ order = {}, part, joined }: LoadResult): string {
  const all = { ...order, ...(part === undefined || joined !== undefined ? {} : { part: part.segment }) }
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join('+') : String(value)}`)
    .toSorted()
    .join(' ')
}

/** What is about the target, and more than worth knowing. */
function findingOf(finding: Finding): BaselineFinding[] {
  const { id, kind, severity, gravity, title, scenarios, where, broken = [] } = finding
  if (severity === 'info' || kind === 'defect' || kind === 'unexpected-pass' || kind === 'foreign-hands') return []
  const seen = [...new Set(scenarios.map(placeKey))].toSorted()
  const rules = [...new Set(broken.map(({ check }) => check))].toSorted()
  return [
    {
      id,
      kind,
      severity,
      gravity,
      title,
      ...(rules.length === 0 ? {} : { rules }),
      ...(where?.relays === undefined ? {} : { relays: where.relays.toSorted() }),
      ...(seen.length > MOST_SEEN ? { tests: seen.length } : {}),
      seen: spread(seen, MOST_SEEN),
    },
  ]
}

/** So many of them, from the beginning to the end. */
const spread = <T>(all: readonly T[], most: number): T[] =>
  all.length <= most
    ? [...all]
    : all.filter(
        (_, index) => Math.floor((index * most) / all.length) !== Math.floor(((index - 1) * most) / all.length),
      )

function testsOf({ scenarios, survey, load, verdict }: RunResult): Baseline['tests'] {
  const tests = new Map<string, { rules: Set<string>; on: Map<string, BaselineTest> }>()
  for (const one of [...(survey?.vitalSigns ?? []), ...scenarios]) {
    const entry = tests.get(one.id) ?? { rules: new Set<string>(), on: new Map<string, BaselineTest>() }
    tests.set(one.id, entry)
    for (const { id } of one.checks) entry.rules.add(id)
    const variant = `${one.variant.transport}/${one.variant.family}`
    const before = entry.on.get(variant)
    entry.on.set(variant, before === undefined ? testOf(one) : worseOf(before, testOf(one)))
  }
  if (load !== undefined) {
    const decided = load.valid && verdict !== 'interrupted'
    tests.set(`load/${load.profile}`, { rules: new Set(), on: new Map([['load', decided ? 'pass' : 'inconclusive']]) })
  }
  return Object.fromEntries(
    [...tests]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { rules, on }]) => [
        id,
        {
          rules: [...rules].toSorted().join(' '),
          on: Object.fromEntries([...on].toSorted(([a], [b]) => (a < b ? -1 : 1))),
        },
      ]),
  )
}

function testOf({ verdict, checks, reasonCode }: ScenarioResult): BaselineTest {
  const once = (some: ScenarioResult['checks']) =>
    Object.fromEntries(
      some
        .map(({ id }) => id)
        .toSorted()
        .map((id) => [id, 1]),
    )
  const broken = once(checks.filter((one) => one.verdict === 'warn' || one.verdict === 'fail'))
  const open = once(checks.filter((one) => !['pass', 'warn', 'fail'].includes(one.verdict)))
  const isUnsteady = reasonCode === 'unsteady' || checks.some((one) => one.reasonCode === 'unsteady')
  const why = verdict === 'inconclusive' || verdict === 'error' ? reasonCode : undefined
  // What passed or does not apply has nothing more to say, and makes up most of a baseline.
  const isPlain = Object.keys(broken).length === 0 && !isUnsteady && why === undefined
  if (isPlain && (verdict !== 'pass' || Object.keys(open).length === 0)) return verdict
  return {
    verdicts: { [verdict]: 1 },
    ...(Object.keys(broken).length > 0 ? { broken } : {}),
    ...(Object.keys(open).length > 0 ? { open } : {}),
    ...(isUnsteady ? { unsteady: 1 } : {}),
    ...(why === undefined ? {} : { why }),
  }
}

/** Of the accounts with which a vital sign was tried, as the worst saw it, and all that broke. */
function worseOf(a: BaselineTest, b: BaselineTest): BaselineTest {
  const rank = (test: BaselineTest) => WORST.indexOf(verdictOf(test))
  const [worst, other] = rank(a) <= rank(b) ? [a, b] : [b, a]
  if (typeof worst === 'string' || typeof other === 'string') return worst
  return { ...worst, ...((worst.broken ?? other.broken) ? { broken: { ...other.broken, ...worst.broken } } : {}) }
}

function verdictOf(test: BaselineTest): Verdict {
  if (typeof test === 'string') return test
  return WORST.find((verdict) => test.verdicts[verdict] !== undefined) ?? 'inconclusive'
}

function notRunOf({ id, kind, blockedBy, variants }: NotRun): [string, string][] {
  // A number of tests, without their names.
  if (kind === 'not selected') return []
  const why = kind === 'blocked' && blockedBy !== undefined ? `blocked by ${blockedBy}` : (kind ?? 'other')
  if (variants === undefined) return [[id, why]]
  return variants.map(({ transport, family }) => [`${id} ${transport}/${family}`, why])
}
