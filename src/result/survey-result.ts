/** What the survey at the beginning of a run learned of the target. */
import { z } from 'zod'
import { scenarioSchema } from './scenario-result.js'

const vitalSignSchema = scenarioSchema.extend({
  /** What is missing, as a code: `expired`, `login-refused`. Absent where it is there. */
  code: z.string().optional(),
  /** User of the account, where it is about one. */
  account: z.string().optional(),
  /** How many executions were not run because of it. */
  blocks: z.number().optional(),
})

/** One thing that everything else depends on, tried before all else; recorded as a scenario is. */
export type VitalSign = z.infer<typeof vitalSignSchema>

const factSchema = z.object({
  /** Stable: `round-trip`, `role`. */
  id: z.string(),
  /** What it is about, for people: `Round trip`. */
  label: z.string(),
  value: z.string(),
  /** Of a time: the same as a number, ms. */
  ms: z.number().optional(),
  /** How it was learned. */
  how: z.string(),
  transport: z.string().optional(),
  family: z.string().optional(),
})

/** Something learned about the target. */
export type Fact = z.infer<typeof factSchema>

export const surveySchema = z.object({
  durationMs: z.number(),
  vitalSigns: z.array(vitalSignSchema),
  facts: z.array(factSchema),
})

/** What was learned about the target before anything else. */
export type SurveyResult = z.infer<typeof surveySchema>
