/** What was found in a capture of somebody else's: the shape of `judge.json`. */
import { z } from 'zod'
import { arrowSchema, ladderSchema } from './scenario-result.js'
import { gravitySchema, runVerdictSchema, stepSchema } from './terms.js'

/** Whose doing something is, as far as the capture shows it. */
const sideSchema = z.object({
  who: z.enum(['provider', 'telephone', 'network', 'unknown']),
  /** What shows it, or why it cannot be told; a sentence. */
  why: z.string(),
})
export type JudgedSide = z.infer<typeof sideSchema>

/** Where a finding shows. */
const sightingSchema = z.object({
  /** Key of a call, a registration or a stream; absent where it is about the capture. */
  of: z.string().optional(),
  /** What was seen there; a sentence. */
  text: z.string(),
  side: sideSchema,
  /** As Wireshark counts. */
  frames: z.array(z.number()),
  /** A display filter for Wireshark that shows it. */
  filter: z.string().optional(),
})
export type JudgedSighting = z.infer<typeof sightingSchema>

export const judgedFindingSchema = z.object({
  /** The rule's name, or a standing check's. */
  id: z.string(),
  /** As of findings of runs (src/result/causes.ts). */
  cause: z.string(),
  severity: z.enum(['fail', 'warn', 'info']),
  gravity: gravitySchema,
  title: z.string(),
  /** Who notices it and how. */
  harm: z.string(),
  advice: z.string(),
  /** Where the rule stands. */
  rule: z.string(),
  expected: z.string(),
  step: stepSchema.optional(),
  seen: z.array(sightingSchema),
  /** How often; as many as are seen or more. */
  count: z.number(),
})
export type JudgedFinding = z.infer<typeof judgedFindingSchema>

const judgedLadderSchema = ladderSchema.extend({
  arrows: z.array(
    arrowSchema.extend({
      /** As Wireshark counts; of a stream its first. */
      frame: z.number(),
    }),
  ),
})
export type JudgedLadder = z.infer<typeof judgedLadderSchema>

const subjectSchema = z.object({
  /** `call-1`, `registration-1`. */
  key: z.string(),
  /** In words: `1001 → 1002`. */
  title: z.string(),
  /** What came of it, in words. */
  outcome: z.string(),
  /** ms after the capture's first packet. */
  atMs: z.number(),
  durationMs: z.number(),
  callIds: z.array(z.string()),
  transports: z.array(z.string()),
  /** Keys of its streams. */
  streams: z.array(z.string()),
  /** Keys of the keypad, each way that one side sent them in; a phrase each. */
  pressed: z.array(z.string()).optional(),
  /** Key of the call that it is another leg of. */
  legOf: z.string().optional(),
  filter: z.string(),
  ladder: judgedLadderSchema.optional(),
})
export type JudgedSubject = z.infer<typeof subjectSchema>

const streamSchema = z.object({
  key: z.string(),
  from: z.string(),
  to: z.string(),
  ssrc: z.string(),
  codec: z.string(),
  packets: z.number(),
  lost: z.number(),
  expected: z.number(),
  reordered: z.number(),
  jitterMs: z.number().optional(),
  atMs: z.number(),
  durationMs: z.number(),
  /** Keys of the keypad that came as telephone-event (RFC 4733). */
  digits: z.string().optional(),
  /** Keys of the keypad that were heard in the audio, as two tones at a time. */
  tones: z.string().optional(),
  /** The call that announced it. */
  of: z.string().optional(),
})
export type JudgedStream = z.infer<typeof streamSchema>

export const judgeResultSchema = z.object({
  schemaVersion: z.literal(1),
  ringproof: z.string(),
  command: z.literal('judge'),
  /** Name of the capture file. */
  file: z.string(),
  /** Of its first and last packet; ISO. */
  startedAt: z.string(),
  endedAt: z.string(),
  verdict: runVerdictSchema,
  exitCode: z.number(),
  sentence: z.string(),
  packets: z.number(),
  links: z.array(z.string()),
  /** Who the provider is, and where it was captured. */
  servers: z.array(z.string()),
  serversWhy: z.string(),
  where: z.enum(['telephone', 'provider', 'middle', 'one machine', 'unknown']),
  whereWhy: z.string(),
  /** What could not be judged, and why: none of it is a fault of those who telephone. */
  limits: z.array(z.string()),
  counts: z.record(z.string(), z.number()),
  calls: z.array(subjectSchema),
  registrations: z.array(subjectSchema),
  streams: z.array(streamSchema),
  findings: z.array(judgedFindingSchema),
})
export type JudgeResult = z.infer<typeof judgeResultSchema>
