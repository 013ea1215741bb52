/** Several runs that were made alike become one baseline: what repeats, what does not, and how figures vary. */
import type { Baseline, BaselineFigure, BaselineFinding, BaselineTest } from '../../result/baseline.js'
import type { Verdict } from '../../result/terms.js'
import { compareWeight } from '../order.js'
import { selectionInWords } from './limits.js'
import type { NamedBaseline } from './compare.js'

/** The runs are not of one kind. The message says in a sentence which, and what to do. */
export class NotAlikeError extends Error {
  override readonly name = 'NotAlikeError'
}

/** @throws NotAlikeError */
export function joined(sides: readonly NamedBaseline[]): Baseline {
  const [first, ...rest] = sides
  if (first === undefined) throw new NotAlikeError('There are no runs to make a baseline of.')
  for (const one of sides) assertWhole(one)
  for (const one of rest) assertAlike(first, one)
  assertDistinct(sides)
  const all = sides
    .map(({ baseline }) => baseline)
    .toSorted((a, b) => ((a.runs[0]?.startedAt ?? '') < (b.runs[0]?.startedAt ?? '') ? -1 : 1))
  const runs = all.flatMap((one) => one.runs)
  return {
    ...first.baseline,
    runs,
    findings: findingsOf(all, runs.length),
    tests: testsOf(all),
    notRun: sorted(Object.assign({}, ...all.map(({ notRun }) => notRun))),
    figures: figuresOf(all),
  }
}

const sorted = <T>(of: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1)))

function assertWhole({ name, baseline }: NamedBaseline): void {
  const { runs, load } = baseline
  if (runs.some(({ verdict }) => verdict === 'interrupted'))
    throw new NotAlikeError(`${name} was interrupted: a baseline is made of whole runs.`)
  if (load !== undefined && !load.valid)
    throw new NotAlikeError(`The load of ${name} is not valid: a baseline is made of valid ones.`)
  if (Object.keys(baseline.tests).length === 0)
    throw new NotAlikeError(`${name} tested nothing: a baseline is made of runs that did.`)
}

function assertAlike({ name, baseline: a }: NamedBaseline, { name: other, baseline: b }: NamedBaseline): void {
  const shard = (one: Baseline) => one.selection?.shard ?? 'the whole'
  const traits: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['target', a.target.name, b.target.name],
    ['domain', a.target.domain, b.target.domain],
    ['faults planted', a.target.faults?.join(', '), b.target.faults?.join(', ')],
    ['version of ringproof', a.ringproof, b.ringproof],
    ['clock', a.clock, b.clock],
    ['command', a.command, b.command],
    ['choice of tests', selectionInWords(a.selection), selectionInWords(b.selection)],
    ['part of a run', shard(a), shard(b)],
    ['access line', a.network, b.network],
    ['load', a.load && `${a.load.profile} ${a.load.order}`, b.load && `${b.load.profile} ${b.load.order}`],
  ]
  const odd = traits.find(([, one, another]) => one !== another)
  if (odd === undefined) return
  const [what, one, another] = odd
  throw new NotAlikeError(
    `${name} and ${other} are not alike: ${what} ${one ?? 'none'}, and ${another ?? 'none'}. A baseline is made of runs of one kind.`,
  )
}

/** The same run twice, or the same seed of a simulation, would show a noise of nothing. */
function assertDistinct(sides: readonly NamedBaseline[]): void {
  const seen = new Map<string, string>()
  for (const { name, baseline } of sides) {
    for (const { startedAt, seed } of baseline.runs) {
      const key = baseline.clock === 'virtual' ? `seed ${seed}` : `${startedAt} ${seed}`
      const before = seen.get(key)
      const hint =
        baseline.clock === 'virtual' ? ' Simulated runs of the same seed are the same: give each another --seed.' : ''
      if (before !== undefined) throw new NotAlikeError(`${before} and ${name} hold the same run.${hint}`)
      seen.set(key, name)
    }
  }
}

function findingsOf(all: readonly Baseline[], total: number): BaselineFinding[] {
  const groups = new Map<string, { finding: BaselineFinding; runs: number }>()
  for (const { findings, runs } of all) {
    for (const one of findings) {
      const known = groups.get(one.id)
      const many = one.runs ?? runs.length
      groups.set(
        one.id,
        known === undefined
          ? { finding: one, runs: many }
          : { finding: together(known.finding, one), runs: known.runs + many },
      )
    }
  }
  return [...groups.values()]
    .map(({ finding: { runs: _runs, ...finding }, runs }) => ({ ...finding, ...(runs === total ? {} : { runs }) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function together(a: BaselineFinding, b: BaselineFinding): BaselineFinding {
  const worst = compareWeight(a, b) <= 0 ? a : b
  const rules = union(a.rules, b.rules)
  const relays = a.relays === undefined || b.relays === undefined ? undefined : union(a.relays, b.relays)
  const tests = Math.max(a.tests ?? a.seen.length, b.tests ?? b.seen.length)
  const { relays: _, tests: __, ...rest } = worst
  const seen = union(a.seen, b.seen)
  return {
    ...rest,
    ...(rules.length > 0 ? { rules } : {}),
    ...(relays === undefined ? {} : { relays }),
    ...(tests > seen.length ? { tests } : {}),
    seen,
  }
}

const union = (a: readonly string[] = [], b: readonly string[] = []): string[] => [...new Set([...a, ...b])].toSorted()

function testsOf(all: readonly Baseline[]): Baseline['tests'] {
  const tests: Baseline['tests'] = {}
  for (const one of all) {
    for (const [id, { rules, on }] of Object.entries(one.tests)) {
      const known = tests[id]
      if (known === undefined) {
        const counted = Object.entries(on).map(([variant, test]) => [variant, full(test, one.runs.length)] as const)
        tests[id] = { rules, on: Object.fromEntries(counted) }
        continue
      }
      known.rules = union(known.rules.split(' '), rules.split(' '))
        .filter((rule) => rule !== '')
        .join(' ')
      for (const [variant, test] of Object.entries(on)) {
        const before = known.on[variant]
        const counted = full(test, one.runs.length)
        known.on[variant] = before === undefined ? counted : sumOf(full(before, 1), counted)
      }
    }
  }
  // What came out the same in all runs is one word again.
  for (const entry of Object.values(tests))
    for (const [variant, test] of Object.entries(entry.on)) entry.on[variant] = shortened(test)
  return sorted(Object.fromEntries(Object.entries(tests).map(([id, { rules, on }]) => [id, { rules, on: sorted(on) }])))
}

type Counts = Readonly<Record<string, number>>
type FullTest = Exclude<BaselineTest, string>

const full = (test: BaselineTest, runs: number): FullTest =>
  typeof test === 'string' ? { verdicts: { [test]: runs } } : test

function sumOf(one: FullTest, other: FullTest): FullTest {
  const unsteady = (one.unsteady ?? 0) + (other.unsteady ?? 0)
  const why = one.why ?? other.why
  const [broken, open] = [added(one.broken, other.broken), added(one.open, other.open)]
  return {
    verdicts: added(one.verdicts, other.verdicts),
    ...(Object.keys(broken).length > 0 ? { broken } : {}),
    ...(Object.keys(open).length > 0 ? { open } : {}),
    ...(unsteady > 0 ? { unsteady } : {}),
    ...(why === undefined ? {} : { why }),
  }
}

function added(a: Counts | undefined = {}, b: Counts | undefined = {}): Record<string, number> {
  const sum: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count
  return sorted(sum)
}

/** A verdict that all runs came to, with nothing else to say. How many they were stands in the file's head. */
function shortened(test: BaselineTest): BaselineTest {
  if (typeof test === 'string') return test
  const { broken, open, unsteady, why, verdicts } = test
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema's own keys
  const names = Object.keys(verdicts) as Verdict[]
  const [only] = names
  return names.length === 1 && only !== undefined && !broken && !open && !unsteady && why === undefined ? only : test
}

function figuresOf(all: readonly Baseline[]): Record<string, BaselineFigure> {
  const figures: Record<string, BaselineFigure> = {}
  const ids = new Set(all.flatMap((one) => Object.keys(one.figures)))
  for (const id of ids) {
    const first = all.find((one) => one.figures[id] !== undefined)?.figures[id]
    if (first === undefined) continue
    const { unit, label } = first
    figures[id] = { unit, label, runs: all.flatMap((one) => one.figures[id]?.runs ?? one.runs.map(() => null)) }
  }
  return sorted(figures)
}
