/** Verdicts in words, in order of harm, and what each means. */
import type { RunVerdict, Verdict } from '../result/result.js'

export interface VerdictWords {
  readonly word: string
  /** What it means, for the legend. */
  readonly meaning: string
}

/** All verdicts of scenarios and checks, the most harmful first. */
export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  fail: { word: 'fail', meaning: 'A rule that must hold did not hold.' },
  error: { word: 'error', meaning: 'ringproof or the scenario itself went wrong: says nothing about the target.' },
  inconclusive: { word: 'inconclusive', meaning: 'The point where the check begins was never reached: not decided.' },
  warn: {
    word: 'warn',
    meaning: 'All that must hold held; something that should hold did not, or operations must know of it.',
  },
  pass: { word: 'pass', meaning: 'All that must or should hold held.' },
  unsupported: { word: 'unsupported', meaning: 'The target says that it lacks the feature: not tested.' },
  'not applicable': { word: 'not applicable', meaning: 'About a role that this target does not play: not tested.' },
}

export const VERDICT_ORDER = Object.keys(VERDICTS).filter((name): name is Verdict => name in VERDICTS)

/** The most harmful of some verdicts; undefined of none. */
export function worst(verdicts: readonly Verdict[]): Verdict | undefined {
  return VERDICT_ORDER.find((verdict) => verdicts.includes(verdict))
}

/** How many there are of each, the most harmful first. */
export function tally(verdicts: readonly Verdict[]): { verdict: Verdict; count: number }[] {
  return VERDICT_ORDER.map((verdict) => ({
    verdict,
    count: verdicts.filter((one) => one === verdict).length,
  })).filter(({ count }) => count > 0)
}

/** The verdict of a whole run as a headline's first words. */
export const RUN_VERDICTS: Readonly<Record<RunVerdict, string>> = {
  pass: 'All held',
  warn: 'Held, with warnings',
  fail: 'Failed',
  invalid: 'Not valid',
  inconclusive: 'Not decided',
  error: 'Defect of ringproof',
  interrupted: 'Interrupted',
}

/** A word for machines and class names: `not applicable` becomes `not-applicable`. */
export function slug(verdict: Verdict | RunVerdict): string {
  return verdict.replaceAll(' ', '-')
}

/** A verdict's sign where there is text only. */
export const SIGNS: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  inconclusive: '?',
  unsupported: '–',
  'not applicable': '·',
  error: '⚠',
}
