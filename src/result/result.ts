/**
 * The shape of `result.json`, the one thing that reports are rendered from. Times are milliseconds since the start of the run
 * unless a name says otherwise; text that came from the network is masked before it gets here and escaped when it is shown.
 */
import { z } from 'zod'
import { runVerdictSchema } from './terms.js'
import { relayOfRunSchema } from './audio.js'
import { scenarioSchema } from './scenario-result.js'
import { findingSchema, notRunSchema } from './finding.js'
import { surveySchema } from './survey-result.js'
import { loadSchema } from './load-result.js'
import { selectionSchema } from './baseline.js'
import { comparisonSchema } from './comparison.js'

export const SCHEMA_VERSION = 2

export const resultSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  ringproof: z.string(),
  command: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  seed: z.number(),
  clock: z.enum(['wall', 'virtual']),
  target: z.object({
    name: z.string(),
    file: z.string(),
    domain: z.string().optional(),
    /** `udp 127.0.0.71:5060` and the like. */
    endpoints: z.array(z.string()).optional(),
    /** Server or User-Agent header it sent, as seen. */
    software: z.array(z.string()).optional(),
    relays: z.array(z.object({ name: z.string(), addresses: z.array(z.string()) })).optional(),
    faults: z.array(z.string()).optional(),
  }),
  /** Which tests were chosen on the command line; absent of loads. */
  selection: selectionSchema.optional(),
  /** What changed since an earlier run, where one was given (`--baseline`). */
  comparison: comparisonSchema.optional(),
  /** Which broken rules fail the run, where not all of them do (`--fail-on`). */
  failOn: z.object({ gravity: z.enum(['harm', 'letter']), onlyRegressions: z.boolean() }).optional(),
  /** What was learned about the target first; absent where the run had no survey. */
  survey: surveySchema.optional(),
  verdict: runVerdictSchema,
  /** The verdict in one sentence of plain words. */
  sentence: z.string().optional(),
  exitCode: z.number().int(),
  scenarios: z.array(scenarioSchema),
  notRun: z.array(notRunSchema),
  findings: z.array(findingSchema),
  /** The relays side by side, as the scenarios' calls met them; those that are published and were not met, too. */
  relays: z.array(relayOfRunSchema).optional(),
  load: loadSchema.optional(),
  /** The command line that repeats the run; no secret is ever on one. */
  repeat: z.string().optional(),
  environment: z
    .object({
      node: z.string(),
      platform: z.string(),
      k6: z.string().optional(),
      /** Conditions of the access line that our devices were put behind on purpose (`--network`). */
      network: z.string().optional(),
      cpus: z.number().optional(),
      /** Addresses that the target saw us under, and where a NAT was noticed, what it looked like. */
      seenFrom: z.array(z.string()),
      nat: z.string().optional(),
      /** How long this machine let ringproof stand still at worst, while it surveyed and ran scenarios on sockets. */
      worstLagMs: z.number().optional(),
      timezone: z.string().optional(),
      /** What the CI job that ran it runs for, where its server says so: a version of the job's own repository. */
      commit: z.string().optional(),
    })
    .optional(),
  /** Parts of the target file that were left out, so not tested. */
  notAskedFor: z.array(z.string()).optional(),
  /** Provider rows in the provider's words, so that a report can show the matrix by them. */
  providerRows: z.array(z.object({ id: z.string(), text: z.string() })).optional(),
  /** Areas in the order of the report's matrix, in plain words, those without a scenario of this run too. */
  areas: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
  /** Garbage, stray messages and the like: counted, kept as evidence. */
  noise: z.array(z.object({ what: z.string(), count: z.number(), evidence: z.array(z.string()) })).optional(),
})

/** One run, as written to `result.json`. */
export type RunResult = z.infer<typeof resultSchema>
