/** What a monitor remembers from round to round, and what it tells when something has turned. */
import { z } from 'zod'
import { baselineSchema } from './baseline.js'
import { findingKindSchema } from './finding.js'
import { gravitySchema } from './terms.js'

export const MONITOR_VERSION = 1

/** `decided`: it said something of the target · `blind`: it could not · `interrupted`: it was broken off by the monitor's own end */
export const roundOutcomeSchema = z.enum(['decided', 'blind', 'interrupted'])
export type RoundOutcome = z.infer<typeof roundOutcomeSchema>

/** What is said of a problem: of its finding, as it was seen last. */
const aboutSchema = z.object({
  /** The code of its cause: as in results, the same from round to round. */
  cause: z.string(),
  kind: findingKindSchema,
  gravity: gravitySchema,
  headline: z.string(),
  rule: z.string().optional(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  harm: z.string().optional(),
  advice: z.string().optional(),
  /** Folder of the round that shows it, and the capture in it, from the monitor's folder. */
  report: z.string().optional(),
  capture: z.string().optional(),
})
export type AboutProblem = z.infer<typeof aboutSchema>

const problemSchema = aboutSchema.extend({
  /** `suspected`: seen once; `open`: seen again at once, and told. */
  state: z.enum(['suspected', 'open']),
  /** ISO 8601, UTC. */
  firstAt: z.string(),
  lastAt: z.string(),
  openedAt: z.string().optional(),
  /** Rounds in which it was seen. */
  seen: z.number().int(),
  /** Rounds in a row in which it was looked for and not seen, and how many it takes until it is told to be well again. */
  well: z.number().int(),
  needed: z.number().int(),
  /** What of the round that showed it is needed to tell later whether it is gone: a baseline of its tests alone. */
  base: baselineSchema,
})
/** Something that is wrong with the target. */
export type MonitorProblem = z.infer<typeof problemSchema>

const closedSchema = aboutSchema.extend({
  openedAt: z.string(),
  closedAt: z.string(),
  /** How often it has come within a day of its going. */
  times: z.number().int(),
})
export type ClosedProblem = z.infer<typeof closedSchema>

export const alertSchema = z.object({
  alertVersion: z.literal(MONITOR_VERSION),
  /** The same however often it has to be sent. */
  id: z.string(),
  /** `problem`: something turned and stayed so · `well`: it is well again · `blind`: nothing can be said of the target · `sees`: it can again */
  event: z.enum(['problem', 'well', 'blind', 'sees']),
  target: z.string(),
  headline: z.string(),
  at: z.string(),
  since: z.string(),
  ...aboutSchema
    .pick({ rule: true, expected: true, actual: true, gravity: true, report: true, capture: true })
    .partial().shape,
  /** Each with what the alert itself says of the gravest of them. */
  problems: z.array(aboutSchema.extend({ since: z.string() })),
  /** Problems that are open now, these included. */
  open: z.number().int(),
})
export type MonitorAlert = z.infer<typeof alertSchema>

const countersSchema = z.object({
  /** Rounds that said something of the target; that could not; and that were broken off by the monitor's own end. */
  decided: z.number().int(),
  blind: z.number().int(),
  interrupted: z.number().int(),
  /** Second looks among them. */
  looks: z.number().int(),
  /** Rounds that took longer than the interval. */
  overruns: z.number().int(),
  alertsSent: z.number().int(),
  alertsFailed: z.number().int(),
})

export const monitorStateSchema = z.object({
  monitorVersion: z.literal(MONITOR_VERSION),
  target: z.string(),
  problems: z.array(problemSchema),
  /** What is well again, the last ones first. */
  closed: z.array(closedSchema),
  /** Alerts that have not been delivered to one of those who are to have them. */
  pending: z.array(z.object({ alert: alertSchema, to: z.enum(['command', 'webhook']), tries: z.number().int() })),
  /** Since when nothing can be said of the target, in how many rounds, and why; absent where it can. */
  blind: z.object({ since: z.string(), rounds: z.number().int(), why: z.string(), told: z.boolean() }).optional(),
  last: z
    .object({
      startedAt: z.string(),
      endedAt: z.string(),
      outcome: roundOutcomeSchema,
      sentence: z.string(),
      folder: z.string().optional(),
    })
    .optional(),
  counters: countersSchema,
})
export type MonitorState = z.infer<typeof monitorStateSchema>

export const freshState = (target: string): MonitorState => ({
  monitorVersion: MONITOR_VERSION,
  target,
  problems: [],
  closed: [],
  pending: [],
  counters: { decided: 0, blind: 0, interrupted: 0, looks: 0, overruns: 0, alertsSent: 0, alertsFailed: 0 },
})
