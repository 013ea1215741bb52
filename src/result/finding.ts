/** What a run concludes: findings with the rules that they rest on, and what was not run. */
import { z } from 'zod'
import { gravitySchema, levelSchema, placeSchema, stepSchema } from './terms.js'

const brokenRuleSchema = z.object({
  check: z.string(),
  level: levelSchema,
  rule: z.string(),
  paraphrase: z.string(),
  /** As first seen. */
  expected: z.string(),
  actual: z.string(),
  line: z.string().optional(),
  expectedFailure: z.string().optional(),
  gravity: gravitySchema,
  cause: z.string(),
  /** Where it broke. */
  scenarios: z.array(placeSchema),
})
export type BrokenRule = z.infer<typeof brokenRuleSchema>

export const findingKindSchema = z.enum([
  /** A vital sign of the target is missing. */
  'vital-sign',
  /** Rules of scenarios that did not hold. */
  'rule',
  /** Rules of scenarios that did not hold once, and held when the scenario was run again. */
  'unsteady',
  /** A standing check, over everything that the target sent. */
  'standing-check',
  'load',
  /** Somebody else uses our accounts. */
  'foreign-hands',
  /** Listed as a known deviation, but it held. */
  'unexpected-pass',
  /** A defect of ringproof or of a scenario. */
  'defect',
])
export type FindingKind = z.infer<typeof findingKindSchema>

export const findingSchema = z.object({
  /** Stable: the cause's code, `EXAM-KEYS-IN-CLEAR`, `LOAD-RELAY-LOSS`. One finding a run has it. */
  id: z.string(),
  kind: findingKindSchema,
  severity: z.enum(['fail', 'warn', 'info']),
  gravity: gravitySchema,
  title: z.string(),
  provider: z.array(z.string()),
  evidence: z.array(z.string()),
  /** Who notices it and how. */
  harm: z.string().optional(),
  /** What to do or whom to ask: as the gravest of its rules says. */
  advice: z.string().optional(),
  /** What its other rules say of it. */
  moreAdvice: z.array(z.string()).optional(),
  /** Where it was seen. */
  scenarios: z.array(placeSchema),
  /** On which transports, families and relays it showed, where it did not on all of those that were tested; in words for a person. */
  where: z
    .object({
      transports: z.array(z.string()).optional(),
      families: z.array(z.string()).optional(),
      relays: z.array(z.string()).optional(),
      /** Users of the accounts that it is about. */
      accounts: z.array(z.string()).optional(),
      text: z.string(),
    })
    .optional(),
  /** How far it reaches: the step of an everyday call, and in how many of the executions that looked. */
  reach: z.object({ step: stepSchema.optional(), showed: z.number(), of: z.number() }).optional(),
  /** How often it was seen. */
  count: z.number().optional(),
  rule: z.string().optional(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  /** All rules that broke with it; `rule`, `expected` and `actual` are those of the first. Absent for standing checks. */
  broken: z.array(brokenRuleSchema).optional(),
  /** Rules and standing checks that broke because of it, in short. */
  consequences: z.array(z.object({ title: z.string(), scenarios: z.array(placeSchema) })).optional(),
  /** How many executions were not run because of it. */
  blocks: z.number().optional(),
  /** Place in the run's order, 0 the gravest. */
  rank: z.number().optional(),
})
export type Finding = z.infer<typeof findingSchema>

export const notRunSchema = z.object({
  id: z.string(),
  why: z.string(),
  /** What kind of reason: decides what would get it tested. */
  kind: z
    .enum([
      'slow',
      'target file',
      'policy',
      'accounts',
      'sockets',
      'not selected',
      'unreachable',
      'broken off',
      'load',
      'blocked',
      'part',
    ])
    .optional(),
  /** The finding's id of the vital sign that it depends on and that is missing, where it is blocked. */
  blockedBy: z.string().optional(),
  /** On which transports and families; absent where it is about all of them, or that is not known. */
  variants: z.array(z.object({ transport: z.string(), family: z.string() })).optional(),
  /** How many scenarios the entry stands for; 1 where absent. */
  count: z.number().optional(),
  title: z.string().optional(),
  area: z.string().optional(),
  purposes: z.array(z.string()).optional(),
  /** Rows of the provider's promises that it is about. */
  provider: z.array(z.string()).optional(),
})
export type NotRun = z.infer<typeof notRunSchema>

export const standingNoteSchema = z.object({
  /** Stable: `EXAM-KEYS-IN-CLEAR`. */
  id: z.string(),
  severity: z.enum(['fail', 'warn', 'info']),
  gravity: gravitySchema,
  /** As of rules: what shares it is one finding. Default: the id. */
  cause: z.string().optional(),
  follows: z.array(z.string()).optional(),
  title: z.string(),
  rule: z.string(),
  /** Of the message that shows it; of a response, its request's. */
  method: z.string().optional(),
  provider: z.array(z.string()),
  expected: z.string(),
  actual: z.string(),
  harm: z.string(),
  advice: z.string(),
  /** How often in this scenario. */
  count: z.number(),
  /** How many messages, session descriptions and packets the check looked at. */
  judged: z.number().optional(),
  /** True where the check reads the clock: what it saw while the harness itself was late says nothing about the target. */
  readsClock: z.boolean().optional(),
})

/** One thing that a standing check noticed in one scenario, or in a load. */
export type StandingNote = z.infer<typeof standingNoteSchema>
