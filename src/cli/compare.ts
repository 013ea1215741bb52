/** The commands `compare` and `baseline`, and what a run prints of its comparison. */
import { readRunOrBaseline, writeBaseline } from '../report/baseline-file.js'
import { ResultFileError } from '../report/read-result.js'
import type { ComparedFinding, Comparison, FindingState } from '../result/comparison.js'
import { sideInWords } from '../result/compared-sides.js'
import { counted } from '../result/texts.js'
import { compare, exitCodeOfComparison, type NamedBaseline } from '../verdict/comparison/compare.js'
import { joined, NotAlikeError } from '../verdict/comparison/join.js'
import { snapshotOf } from '../verdict/comparison/snapshot.js'
import { oneLine, type Style } from './console.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'

/** Lines of a kind that are printed; the report, or --json, has them all. */
const MOST = 10

const HEADS: Readonly<Record<FindingState, { readonly word: string; readonly style: Style }>> = {
  new: { word: 'new', style: 'red' },
  worse: { word: 'worse', style: 'red' },
  fixed: { word: 'fixed', style: 'green' },
  still: { word: 'unchanged', style: 'dim' },
  unsteady: { word: 'varies', style: 'yellow' },
  'newly-tested': { word: 'first seen', style: 'yellow' },
  'not-tested': { word: 'not tested', style: 'yellow' },
}
/** Where nothing can be said of what changed. */
const APART: Readonly<Partial<Record<FindingState, string>>> = {
  new: 'only now',
  fixed: 'only before',
  still: 'in both',
}

/** One side of a comparison. @throws UsageError where there is neither a run nor a baseline */
export function sideOf(path: string): NamedBaseline {
  try {
    const read = readRunOrBaseline(path)
    return { name: path, baseline: 'result' in read ? snapshotOf(read.result) : read.baseline }
  } catch (error) {
    throw error instanceof ResultFileError ? new UsageError(error.message) : error
  }
}

export interface CompareOrder {
  readonly base: NamedBaseline
  readonly now: NamedBaseline
  /** Absent: a comparison never fails. */
  readonly failOn?: 'harm' | 'letter' | undefined
}

/** Compares, and prints. @returns the exit code */
export function performCompare({ base, now, failOn }: CompareOrder, context: CliContext): number {
  const comparison = compare(base, now)
  if (context.json) context.out(`${JSON.stringify(comparison, null, 2)}\n`)
  tellComparison(context, comparison)
  context.report([{ style: 'dim', text: oneLine(`  now: ${sideInWords(comparison.new, comparison.base)}`, 500) }])
  return failOn === undefined ? 0 : exitCodeOfComparison(comparison, failOn)
}

/** Joins runs of one kind, and writes the file. @throws UsageError */
export function performBaseline(runs: readonly NamedBaseline[], out: string, context: CliContext): void {
  try {
    const baseline = joined(runs)
    writeBaseline(out, baseline)
    const { length } = baseline.runs
    context.out(`${out}: ${counted(length, 'run')}, ${counted(Object.keys(baseline.tests).length, 'scenario')}\n`)
    if (length < 3) {
      context.complain(
        'With fewer than three runs, slower or worse cannot be told from noise: add runs, five are better.',
      )
    }
  } catch (error) {
    throw error instanceof NotAlikeError ? new UsageError(error.message) : error
  }
}

/** The sentence, what it cannot tell, and a line for each thing that changed. */
export function tellComparison(context: CliContext, comparison: Comparison): void {
  const { sentence, limits, findings, figures, untested, unsteady, conclusive } = comparison
  context.report([{ style: 'bold', text: oneLine(`Comparison: ${sentence}`, 1000) }])
  for (const { text } of limits) context.report([{ style: 'dim', text: `  note       ${oneLine(text, 500)}` }])
  const changed = findings.filter(({ state }) => state !== 'still')
  for (const finding of changed.slice(0, MOST)) tellFinding(context, finding, conclusive)
  if (changed.length > MOST) context.report(`  and ${changed.length - MOST} more`)
  for (const { state, label, text } of figures.filter((one) => one.state === 'worse' || one.state === 'better')) {
    tellLine(
      context,
      state === 'worse' ? { word: 'worse', style: 'red' } : { word: 'better', style: 'green' },
      `${label}: ${text}`,
    )
  }
  for (const { why, tests } of untested.slice(0, MOST))
    tellLine(context, HEADS['not-tested'], `${counted(tests.length, 'test')} no longer tested: ${why}`, tests)
  for (const { test, text } of unsteady.slice(0, MOST)) tellLine(context, HEADS.unsteady, `${test}: ${text}`)
}

function tellFinding(context: CliContext, { state, title, why, tests }: ComparedFinding, conclusive: boolean): void {
  const head = HEADS[state]
  const word = conclusive ? head.word : (APART[state] ?? head.word)
  tellLine(context, { ...head, word }, `${title} – ${why}`, tests)
}

function tellLine(
  context: CliContext,
  { word, style }: { readonly word: string; readonly style: Style },
  text: string,
  tests: readonly string[] = [],
): void {
  const more = tests.length > 2 ? ` and ${tests.length - 2} more` : ''
  const where = tests.length === 0 ? '' : ` (${tests.slice(0, 2).join(', ')}${more})`
  context.report([
    '  ',
    { style, text: word.padEnd('not tested'.length) },
    ` ${oneLine(text, 400)}`,
    { style: 'dim', text: oneLine(where) },
  ])
}
