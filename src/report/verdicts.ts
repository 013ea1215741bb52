/** Verdicts in words, in order of harm, and what each means. */
import type { RunVerdict, Verdict } from '../result/terms.js'

export interface VerdictWords {
  readonly word: string
  /** What it means, for the legend. */
  readonly meaning: string
}

/** All verdicts of scenarios and checks, the most harmful first. */
export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  fail: {
    word: 'fail',
    meaning: 'A mandatory rule is broken: a MUST, a promise of the provider, or what any telephone service owes.',
  },
  error: { word: 'error', meaning: 'Defect of ringproof or of the scenario; says nothing about the target.' },
  inconclusive: {
    word: 'inconclusive',
    meaning: 'Could not be decided: the check was never reached, or this machine was too slow to tell.',
  },
  warn: {
    word: 'warn',
    meaning: 'No mandatory rule is broken; a recommendation (SHOULD) is not met, or operations must know something.',
  },
  pass: { word: 'pass', meaning: 'All rules hold.' },
  unsupported: { word: 'unsupported', meaning: 'The target says that it does not support the feature: not tested.' },
  'not applicable': { word: 'not applicable', meaning: 'Does not apply to this target: not tested.' },
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
  pass: 'Passed',
  warn: 'Passed, with warnings',
  fail: 'Failed',
  invalid: 'Load not valid',
  inconclusive: 'Inconclusive',
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
