/**
 * `part.json`, beside the `result.json` of a part of a run: the records that its verdict was made of, so that `ringproof merge` can decide
 * over the records of all parts together. Known deviations, and who else used the accounts, are not applied to them yet.
 */
import { z } from 'zod'
import { notRunSchema, standingNoteSchema } from './finding.js'
import { scenarioSchema } from './scenario-result.js'
import { surveySchema } from './survey-result.js'
import { placeSchema } from './terms.js'

export const PART_VERSION = 1

const repeatsSchema = z.object({ requests: z.number(), again: z.number() })

const knownSchema = z.object({
  file: z.string(),
  deviations: z.array(
    z.object({
      scenario: z.string(),
      check: z.string(),
      variant: z.string().optional(),
      rule: z.string(),
      reason: z.string(),
    }),
  ),
  standing: z
    .array(
      z.object({
        standing: z.string(),
        rule: z.string(),
        method: z.string().optional(),
        transport: z.string().optional(),
        reason: z.string(),
      }),
    )
    .optional(),
})

const factsSchema = z.object({
  scenarios: z.array(scenarioSchema),
  notes: z.array(
    z.object({
      note: standingNoteSchema,
      place: placeSchema,
      evidence: z.array(z.string()),
      disturbed: z.boolean().optional(),
    }),
  ),
  notRun: z.array(notRunSchema),
  survey: surveySchema.optional(),
  foreign: z
    .array(
      z.object({
        account: z.string(),
        how: z.enum(['registered', 'called', 'displaced']),
        atMs: z.number(),
        contact: z.string().optional(),
      }),
    )
    .optional(),
  path: repeatsSchema.extend({ apart: repeatsSchema }).optional(),
  known: knownSchema.optional(),
  interruptedBy: z.enum(['SIGINT', 'SIGTERM']).optional(),
  unreachable: z.string().optional(),
  gone: z.string().optional(),
  defect: z.string().optional(),
  incomplete: z.boolean().optional(),
})

export const partSchema = z.object({
  partVersion: z.literal(PART_VERSION),
  /** From 1. */
  index: z.number().int().min(1),
  of: z.number().int().min(1),
  facts: factsSchema,
})
/** One part of a run, as written to `part.json`. */
export type RunPart = z.infer<typeof partSchema>
export type PartFacts = RunPart['facts']
