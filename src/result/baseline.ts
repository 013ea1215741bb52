/**
 * What a later run is held against: verdicts, findings and figures of one run, or of several that were made alike. A baseline file
 * is written of it, small enough to be reviewed; `result.json` has it all, too.
 */
import { z } from 'zod'
import { findingKindSchema } from './finding.js'
import { gravitySchema, placeSchema, runVerdictSchema, verdictSchema } from './terms.js'

export const BASELINE_VERSION = 1

export const selectionSchema = z.object({
  only: z.array(z.string()).optional(),
  area: z.string().optional(),
  transport: z.string().optional(),
  family: z.string().optional(),
  slow: z.boolean().optional(),
  /** `2/3`: the second of three parts. */
  shard: z.string().optional(),
  /** Folders of the user's own scenarios. */
  own: z.array(z.string()).optional(),
})
/** What was chosen on the command line; empty where nothing was. */
export type SelectionRecord = z.infer<typeof selectionSchema>

const baselineRunSchema = z.object({
  startedAt: z.string(),
  seed: z.number(),
  verdict: runVerdictSchema,
  software: z.array(z.string()),
  /** Addresses that the target saw us under. */
  seenFrom: z.array(z.string()),
  /** How long the machine that tested stood still at worst, ms. */
  worstLagMs: z.number().optional(),
  /** Of the job that ran it, where a CI server said so. */
  commit: z.string().optional(),
})

const baselineFindingSchema = z.object({
  /** As in `result.json`: the code of the cause. */
  id: z.string(),
  kind: findingKindSchema,
  severity: z.enum(['fail', 'warn']),
  gravity: gravitySchema,
  title: z.string(),
  /** In how many of the runs, where not in all of them. */
  runs: z.number().int().optional(),
  /** In how many tests it was seen, where not all of them stand in `seen`. */
  tests: z.number().int().optional(),
  /** Names of its rules, where it is about rules of tests. */
  rules: z.array(z.string()).optional(),
  /** Relays on which it showed, where it did not on all. */
  relays: z.array(z.string()).optional(),
  /** `registrar/refresh udp/ipv4`. */
  seen: z.array(z.string()),
})
export type BaselineFinding = z.infer<typeof baselineFindingSchema>

const testSchema = z.union([
  verdictSchema,
  z.object({
    verdicts: z.partialRecord(verdictSchema, z.number().int()),
    /** Rules that broke, and in how many runs; those of known deviations as well. */
    broken: z.record(z.string(), z.number().int()).optional(),
    /** Rules that were not decided. */
    open: z.record(z.string(), z.number().int()).optional(),
    /** It failed, and did not when it was run again. */
    unsteady: z.number().int().optional(),
    /** Code of the reason, where nothing was decided. */
    why: z.string().optional(),
  }),
])
/** One test: its verdict, where that is all that there is to say. */
export type BaselineTest = z.infer<typeof testSchema>

const figureSchema = z.object({
  /** `ms`: smaller is better. `mos`: larger is. `share`: `runs` holds `[hits, of, events]`, of which events come by themselves. */
  unit: z.enum(['ms', 'mos', 'share']),
  label: z.string(),
  /** A value a run, in the order of `runs`; null where a run has none. */
  runs: z.array(z.union([z.number(), z.tuple([z.number(), z.number(), z.number()]), z.null()])),
})
export type BaselineFigure = z.infer<typeof figureSchema>

export const baselineSchema = z.object({
  baselineVersion: z.literal(BASELINE_VERSION),
  ringproof: z.string(),
  command: z.string(),
  clock: z.enum(['wall', 'virtual']),
  target: z.object({ name: z.string(), domain: z.string().optional(), faults: z.array(z.string()).optional() }),
  /** Absent where a result of an older release does not tell. */
  selection: selectionSchema.optional(),
  /** Conditions of the access line (`--network`). */
  network: z.string().optional(),
  /** What kind of load it was, where there was one: two that differ in this are no measure of each other. */
  load: z.object({ profile: z.string(), order: z.string(), valid: z.boolean() }).optional(),
  runs: z.array(baselineRunSchema).min(1),
  findings: z.array(baselineFindingSchema),
  /** By id of the scenario: its rules, and its tests by transport and family. */
  tests: z.record(z.string(), z.object({ rules: z.string(), on: z.record(z.string(), testSchema) })),
  /** What was not run, and for which kind of reason. */
  notRun: z.record(z.string(), z.string()),
  figures: z.record(z.string(), figureSchema),
})
/** One run, or several that were made alike, as others are compared with them. */
export type Baseline = z.infer<typeof baselineSchema>

/** `registrar/refresh udp/ipv4`; a load has neither transport nor family. */
export const placeKey = ({ scenario, transport, family }: z.infer<typeof placeSchema>): string =>
  transport === '' ? scenario : `${scenario} ${transport}/${family}`
