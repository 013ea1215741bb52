/** Many runs of one or several targets, one after the other: what `ringproof history` makes of the results below a folder. */
import { z } from 'zod'
import { baselineSchema } from './baseline.js'
import type { FindingKind } from './finding.js'
import { roundOutcomeSchema } from './monitor.js'
import { type Gravity, runVerdictSchema, type Verdict, verdictSchema } from './terms.js'

export const HISTORY_VERSION = 1

const runSchema = z.object({
  /** Its folder, from the folder that was read: `dus.net/20261101T060000Z`; `.` for that folder itself. */
  folder: z.string(),
  /** Its page, from the folder that was read; absent where there is none. */
  report: z.string().optional(),
  /** `run`, `load`, `start`, `router`. */
  command: z.string(),
  /** ISO 8601, UTC. Of a run in simulated time, which has no date: when its file was written. */
  startedAt: z.string(),
  simulated: z.boolean().optional(),
  durationMs: z.number(),
  verdict: runVerdictSchema,
  /** Nothing of the target answered: nothing else could be decided, and yet that was. */
  unreachable: z.boolean().optional(),
  sentence: z.string(),
  ringproof: z.string(),
  /** Faults that were planted into the embedded provider. */
  faults: z.array(z.string()).optional(),
  /** Tests by verdict. */
  tests: z.partialRecord(verdictSchema, z.number()),
  /** Tests that were not run. */
  notRun: z.number(),
})
/** One run, as a point of its target's history. */
export type HistoryRun = z.infer<typeof runSchema>

const unitSchema = z.enum(['ms', 'mos', 'percent', 'count', 's'])

export const historyPointSchema = z.object({
  target: z.string(),
  run: runSchema,
  snapshot: baselineSchema,
  /** What only a history shows: calls of a load, lifetimes of a router's flows. */
  more: z.array(z.object({ id: z.string(), label: z.string(), unit: unitSchema })),
  values: z.record(z.string(), z.number()),
  /** Of a monitor's round: what it came to. */
  outcome: roundOutcomeSchema.optional(),
})
/** What a history keeps of a run: a fraction of its result. */
export type HistoryPoint = z.infer<typeof historyPointSchema>

/**
 * How a finding stands in a run. `shown`: it is there; `unsteady`: it was seen and did not show again; `held`: the tests that had
 * shown it hold; `open`: they were not run, or not decided.
 */
export type HistoryStanding = 'shown' | 'unsteady' | 'held' | 'open'

export interface HistoryFinding {
  /** The code of the cause, as in `result.json`. */
  readonly id: string
  readonly kind: FindingKind
  readonly severity: 'fail' | 'warn'
  readonly gravity: Gravity
  /** As it was told last. */
  readonly title: string
  /** In each run of the target, in their order. */
  readonly standings: readonly HistoryStanding[]
  /** Places in the target's runs at which it was first and last seen. */
  readonly first: number
  readonly last: number
  /** Where the spell began that goes on, or the last one. */
  readonly since: number
  /** In how many runs it showed, and in how many it was seen once only. */
  readonly shown: number
  readonly unsteady: number
  /** How often it came: more than once means that it was away in between. */
  readonly spells: number
  /** `there`: in the last run that looked; `gone`: no more; `unknown`: nobody has looked since. */
  readonly state: 'there' | 'gone' | 'unknown'
}

/** A vital sign, or a scenario over all its transports and families as the worst saw it; null where a run has none. */
export interface HistoryTest {
  readonly id: string
  readonly verdicts: readonly (Verdict | null)[]
}

export interface HistoryFigure {
  readonly id: string
  readonly label: string
  readonly unit: z.infer<typeof unitSchema>
  readonly values: readonly (number | null)[]
}

export interface HistoryTarget {
  readonly name: string
  /** The oldest first. */
  readonly runs: readonly HistoryRun[]
  /** Those that are there first, then by gravity. */
  readonly findings: readonly HistoryFinding[]
  readonly signs: readonly HistoryTest[]
  /** Scenarios that did not come to the same verdict in all runs that ran them. */
  readonly changed: readonly HistoryTest[]
  /** How many scenarios always came to the same. */
  readonly steady: number
  readonly figures: readonly HistoryFigure[]
}

export interface History {
  readonly historyVersion: typeof HISTORY_VERSION
  readonly ringproof: string
  /** By name. */
  readonly targets: readonly HistoryTarget[]
  /** Files that look like results and are none that can be read, and why. */
  readonly unread: readonly { readonly path: string; readonly why: string }[]
}
