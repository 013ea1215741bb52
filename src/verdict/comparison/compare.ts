/** The one entry of comparisons: what changed from one side to the other. Pure: the same two give the same comparison. */
import type { Baseline } from '../../result/baseline.js'
import type { ComparedFigure, Comparison, FindingState } from '../../result/comparison.js'
import { counted, distinct, listed, raised } from '../../result/texts.js'
import { type LeastGravity, regressionsOf } from '../../result/what-fails.js'
import { compareWeight } from '../order.js'
import { exitCodes } from '../exit-code.js'
import { compareFindings } from './findings.js'
import { figuresUntold, isComplete, isConclusive, limitsOf, loadsCompare } from './limits.js'
import { compareFigure } from './noise.js'
import { decidedIn, testKeys, testOf } from './tests.js'
import { sideInWords } from '../../result/compared-sides.js'
import { newlyTested, newlyUntested, unsteadyTests } from './untested.js'

/** One side, and as it was named. */
export interface NamedBaseline {
  readonly name: string
  readonly baseline: Baseline
}

const ORDER: readonly FindingState[] = ['new', 'worse', 'unsteady', 'still', 'newly-tested', 'not-tested', 'fixed']

export function compare(before: NamedBaseline, after: NamedBaseline): Comparison {
  const [base, now] = [before.baseline, after.baseline]
  const limits = limitsOf(base, now)
  const conclusive = isConclusive(limits)
  const findings = compareFindings({ base, now, loadsCompare: loadsCompare(base, now), conclusive }).toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || compareWeight(a, b) || (a.id < b.id ? -1 : 1),
  )
  const comparison = {
    base: sideOf(before),
    new: sideOf(after),
    limits,
    conclusive,
    findings,
    untested: newlyUntested(base, now),
    newlyTested: newlyTested(base, now),
    unsteady: unsteadyTests(base, now),
    figures: figuresOf(base, now, limits),
  }
  return { ...comparison, sentence: sentenceOf(comparison) }
}

function sideOf({ name, baseline }: NamedBaseline): Comparison['base'] {
  const software = distinct(baseline.runs.flatMap((run) => run.software)).toSorted()
  const commit = distinct(baseline.runs.flatMap((run) => run.commit ?? []))
  const times = baseline.runs.map(({ startedAt }) => startedAt).toSorted()
  return {
    name,
    runs: times.length,
    clock: baseline.clock,
    from: times[0] ?? '',
    to: times.at(-1) ?? '',
    ringproof: baseline.ringproof,
    target: baseline.target.name,
    ...(software.length === 0 ? {} : { software }),
    ...(commit.length === 0 ? {} : { commit }),
    ...(baseline.target.faults?.length ? { faults: baseline.target.faults } : {}),
    tests: testKeys(baseline).filter((key) => decidedIn(testOf(baseline, key)) > 0).length,
  }
}

function figuresOf(base: Baseline, now: Baseline, limits: Comparison['limits']): ComparedFigure[] {
  const both = Object.entries(now.figures).flatMap(([id, figure]) => {
    const then = base.figures[id]
    return then === undefined || then.unit !== figure.unit ? [] : [{ id, base: then, new: figure }]
  })
  return both.map((one) =>
    compareFigure({ ...one, among: both.length, untold: figuresUntold(limits, one.id.startsWith('load/')) }),
  )
}

export function hasRegressions(comparison: Comparison, failOn: LeastGravity): boolean {
  const { findings, figures } = regressionsOf(comparison, failOn)
  return findings.length + figures.length > 0
}

/** How a comparison ends that is to fail on regressions: not valid where it could not tell of all whether there are any. */
export function exitCodeOfComparison(comparison: Comparison, failOn: LeastGravity): number {
  if (hasRegressions(comparison, failOn)) return exitCodes.failed
  return isComplete(comparison.limits) ? exitCodes.held : exitCodes.notValid
}

function sentenceOf({
  base,
  new: now,
  conclusive,
  limits,
  findings,
  figures,
  untested,
}: Omit<Comparison, 'sentence'>): string {
  const many = (state: FindingState) => findings.filter((one) => one.state === state).length
  const against = `against ${sideInWords(base, now)}`
  if (!conclusive) {
    const [cause] = limits
    const parts = [`${many('new')} only now`, `${many('fixed')} only before`, `${many('still')} in both`]
    return `What changed cannot be told. ${cause?.text ?? ''} Problems ${against}: ${parts.join(', ')}.`
  }
  const off = untested.reduce((sum, { tests }) => sum + tests.length, 0)
  const worse = figures.filter(({ state }) => state === 'worse')
  const bad = [
    ...(many('new') > 0 ? [counted(many('new'), 'new problem')] : []),
    ...(many('worse') > 0 ? [`${many('worse')} worse`] : []),
    ...(worse.length > 0
      ? [`${counted(worse.length, 'figure')} worse (${worse[0]?.label}${worse.length > 1 ? ' and others' : ''})`]
      : []),
  ]
  const rest = [
    ...(many('fixed') > 0 ? [`${many('fixed')} fixed`] : []),
    ...(many('still') > 0 ? [`${many('still')} unchanged`] : []),
    ...(many('unsteady') > 0
      ? [`${many('unsteady')} ${many('unsteady') === 1 ? 'varies' : 'vary'} from run to run`]
      : []),
    ...(off > 0 ? [`${counted(off, 'test')} no longer tested`] : []),
  ]
  const lead = bad.length === 0 ? `nothing is worse ${against}` : `${listed(bad)} ${against}`
  return `${raised(lead)}${rest.length > 0 ? `; ${rest.join(', ')}` : ''}.`
}
