/** Many runs, one after the other: when a finding came and went, which tests changed, how figures moved. Pure, as all that decides. */
import type { Baseline, BaselineFinding } from '../result/baseline.js'
import {
  type History,
  HISTORY_VERSION,
  type HistoryFigure,
  type HistoryFinding,
  type HistoryPoint,
  type HistoryStanding,
  type HistoryTarget,
  type HistoryTest,
} from '../result/history.js'
import type { Verdict } from '../result/terms.js'
import { causeOf, went } from './comparison/findings.js'
import { compareWeight } from './order.js'

/** The worst first: of a scenario that was run over several transports. */
const WORST: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'warn', 'pass', 'unsupported', 'not applicable']
const IS_SIGN = /^survey\//

export function historyOf(ringproof: string, points: readonly HistoryPoint[], unread: History['unread'] = []): History {
  const byTarget = new Map<string, HistoryPoint[]>()
  for (const point of points) {
    const own = byTarget.get(point.target)
    if (own === undefined) byTarget.set(point.target, [point])
    else own.push(point)
  }
  return {
    historyVersion: HISTORY_VERSION,
    ringproof,
    targets: [...byTarget].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => targetOf(name, own)),
    unread,
  }
}

function targetOf(name: string, all: readonly HistoryPoint[]): HistoryTarget {
  const points = all.toSorted((a, b) => Date.parse(a.run.startedAt) - Date.parse(b.run.startedAt))
  const tests = testsOf(points)
  const others = tests.filter(({ id }) => !IS_SIGN.test(id))
  const changed = others.filter(({ verdicts }) => new Set(verdicts.filter((one) => one !== null)).size > 1)
  return {
    name,
    runs: points.map(({ run }) => run),
    findings: findingsOf(points),
    signs: tests.filter(({ id }) => IS_SIGN.test(id)),
    changed,
    steady: others.length - changed.length,
    figures: figuresOf(points),
  }
}

// --- findings -------------------------------------------------------------------------------------------------------

const STATES: readonly HistoryFinding['state'][] = ['there', 'unknown', 'gone']

function findingsOf(points: readonly HistoryPoint[]): HistoryFinding[] {
  const causes = new Set(points.flatMap(({ snapshot }) => snapshot.findings.map(causeOf)))
  return [...causes]
    .map((cause) => findingOf(cause, points))
    .toSorted(
      (a, b) =>
        STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
        compareWeight(a, b) ||
        b.last - a.last ||
        (a.id < b.id ? -1 : 1),
    )
}

function findingOf(cause: string, points: readonly HistoryPoint[]): HistoryFinding {
  const standings: HistoryStanding[] = []
  let latest: { readonly finding: BaselineFinding; readonly snapshot: Baseline } | undefined
  let [first, last, since, spells] = [-1, -1, -1, 0]
  // Whether it was looked for in vain since it was last seen.
  let away = true
  for (const [index, { snapshot }] of points.entries()) {
    const finding = findingIn(snapshot, cause)
    const standing = finding === undefined ? absent(latest, snapshot) : stands(finding)
    standings.push(standing)
    if (standing === 'held') away = true
    if (finding === undefined) continue
    latest = { finding, snapshot }
    if (first < 0) first = index
    last = index
    if (away) {
      since = index
      spells += 1
    }
    away = false
  }
  const { kind = 'rule', severity = 'fail', gravity = 'letter', title = cause } = latest?.finding ?? {}
  return {
    id: cause,
    kind,
    severity,
    gravity,
    title,
    standings,
    first,
    last,
    since,
    shown: standings.filter((one) => one === 'shown').length,
    unsteady: standings.filter((one) => one === 'unsteady').length,
    spells,
    state: stateOf(standings),
  }
}

/** Of the same cause, what is steady stands before what was not confirmed. */
function findingIn({ findings }: Baseline, cause: string): BaselineFinding | undefined {
  const own = findings.filter((one) => causeOf(one) === cause)
  return own.find(({ kind }) => kind !== 'unsteady') ?? own[0]
}

const stands = ({ kind }: BaselineFinding): HistoryStanding => (kind === 'unsteady' ? 'unsteady' : 'shown')

/** How a cause stands in a run that has no finding of it. @param latest where it was seen last */
export function absent(
  latest: { readonly finding: BaselineFinding; readonly snapshot: Baseline } | undefined,
  now: Baseline,
): HistoryStanding {
  if (latest === undefined) return 'open'
  const { finding, snapshot } = latest
  const sides = { base: snapshot, now, loadsCompare: snapshot.load?.profile === now.load?.profile, conclusive: true }
  const { state } = went(finding, sides)
  if (state === 'not-tested') return 'open'
  return state === 'still' ? 'shown' : 'held'
}

function stateOf(standings: readonly HistoryStanding[]): HistoryFinding['state'] {
  const lastSeen = standings.findLastIndex((one) => one === 'shown' || one === 'unsteady')
  const after = standings.slice(lastSeen + 1)
  if (after.includes('held')) return 'gone'
  return after.length === 0 ? 'there' : 'unknown'
}

// --- tests ----------------------------------------------------------------------------------------------------------

function testsOf(points: readonly HistoryPoint[]): HistoryTest[] {
  const ids = new Set(points.flatMap(({ snapshot }) => Object.keys(snapshot.tests)))
  return [...ids]
    .filter((id) => !id.startsWith('load/'))
    .toSorted()
    .map((id) => ({ id, verdicts: points.map(({ snapshot }) => verdictIn(snapshot, id)) }))
}

function verdictIn({ tests }: Baseline, id: string): Verdict | null {
  const all = Object.values(tests[id]?.on ?? {}).flatMap((one) =>
    typeof one === 'string' ? [one] : WORST.filter((verdict) => one.verdicts[verdict] !== undefined),
  )
  return WORST.find((verdict) => all.includes(verdict)) ?? null
}

// --- figures --------------------------------------------------------------------------------------------------------

function figuresOf(points: readonly HistoryPoint[]): HistoryFigure[] {
  const known = new Map<string, Omit<HistoryFigure, 'values'>>()
  for (const { snapshot, more } of points) {
    for (const [id, { label, unit }] of Object.entries(snapshot.figures))
      known.set(id, { id, label, unit: unit === 'share' ? 'percent' : unit })
    for (const one of more) known.set(one.id, one)
  }
  return [...known.values()]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((about) => ({ ...about, values: points.map((point) => valueIn(point, about.id)) }))
    .filter(({ values }) => values.some((one) => one !== null))
}

function valueIn({ snapshot, values }: HistoryPoint, id: string): number | null {
  const [one] = snapshot.figures[id]?.runs ?? []
  if (one === undefined || one === null) return values[id] ?? null
  if (typeof one === 'number') return one
  const [hits, of] = one
  return of > 0 ? Number(((hits / of) * 100).toPrecision(4)) : null
}
