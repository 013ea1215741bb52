/** What a comparison of a run with an earlier one, or with a baseline, came to. */
import { z } from 'zod'
import { findingKindSchema } from './finding.js'
import { gravitySchema } from './terms.js'

const findingStateSchema = z.enum([
  /** It held then, and does not now. */
  'new',
  /** It failed then, and does graver, or in tests that held then. */
  'worse',
  'fixed',
  'still',
  /** In some runs, and not in others. */
  'unsteady',
  /** Broken now; then it was not tested. */
  'newly-tested',
  /** Broken then; now it is not tested, or not everywhere where it broke. */
  'not-tested',
])
export type FindingState = z.infer<typeof findingStateSchema>

const comparedFindingSchema = z.object({
  id: z.string(),
  state: findingStateSchema,
  kind: findingKindSchema,
  severity: z.enum(['fail', 'warn']),
  gravity: gravitySchema,
  title: z.string(),
  /** Why it counts as that, in words. */
  why: z.string(),
  /** Tests that show it: `registrar/refresh udp/ipv4`. */
  tests: z.array(z.string()),
  /** Whether it is a change for the worse that fails a run. */
  regression: z.boolean(),
})
export type ComparedFinding = z.infer<typeof comparedFindingSchema>

const comparedFigureSchema = z.object({
  id: z.string(),
  label: z.string(),
  unit: z.enum(['ms', 'mos', 'share']),
  state: z.enum(['worse', 'better', 'within', 'untold']),
  /** A value a run; shares from 0 to 1. */
  base: z.array(z.number()),
  new: z.array(z.number()),
  /** In words: by how much, or why it cannot be told. */
  text: z.string(),
})
export type ComparedFigure = z.infer<typeof comparedFigureSchema>

const sideSchema = z.object({
  /** As it was named on the command line. */
  name: z.string(),
  runs: z.number().int(),
  clock: z.enum(['wall', 'virtual']),
  /** Of the first and of the last run. */
  from: z.string(),
  to: z.string(),
  ringproof: z.string(),
  target: z.string(),
  /** As its servers call themselves. */
  software: z.array(z.string()).optional(),
  /** Of the job that ran it, where a CI server said so. */
  commit: z.array(z.string()).optional(),
  /** Planted on purpose. */
  faults: z.array(z.string()).optional(),
  tests: z.number().int(),
})

export const comparisonSchema = z.object({
  base: sideSchema,
  new: sideSchema,
  /** What the comparison cannot tell, and why. */
  limits: z.array(
    z.object({
      code: z.enum([
        'other-target',
        'other-version',
        'other-clock',
        'other-faults',
        'other-network',
        'other-selection',
        'shard',
        'interrupted',
        'unreachable',
        'nothing-in-common',
        'load-invalid',
        'other-load',
        'other-software',
        'one-run',
        'other-place',
        'standstill',
        'same-run',
        'defects',
      ]),
      text: z.string(),
    }),
  ),
  /** False where what differs may not be the target's doing, or too little was tested: nothing is a regression or fixed then. */
  conclusive: z.boolean(),
  sentence: z.string(),
  findings: z.array(comparedFindingSchema),
  /** What was tested and is not any more, by reason. */
  untested: z.array(z.object({ why: z.string(), tests: z.array(z.string()) })),
  /** Tests that are decided now and were not then. */
  newlyTested: z.array(z.string()),
  /** Tests that came to different verdicts in runs of the same side, or in attempts of one run. */
  unsteady: z.array(z.object({ test: z.string(), text: z.string() })),
  figures: z.array(comparedFigureSchema),
})
export type Comparison = z.infer<typeof comparisonSchema>
