/** What one execution of a scenario came to: its checks, its ladder, its pictures. */
import { z } from 'zod'
import { gravitySchema, levelSchema, reasonCodeSchema, stepSchema, verdictSchema } from './terms.js'
import { lossSchema, relayAudioSchema } from './audio.js'

const checkSchema = z.object({
  id: z.string(),
  level: levelSchema,
  /** Where the rule stands: `RFC 3261 §10.3`, a provider row (`BH-10`) or `security`. */
  rule: z.string(),
  verdict: verdictSchema,
  expected: z.string(),
  actual: z.string(),
  /** Our paraphrase of the rule. */
  paraphrase: z.string().optional(),
  gravity: gravitySchema,
  /** A code for what is broken; rules and standing checks with the same are one finding. Default: the scenario's id. */
  cause: z.string().optional(),
  /** Causes that bring this one about. */
  follows: z.array(z.string()).optional(),
  reasonCode: reasonCodeSchema.optional(),
  /** Where it is unsteady: whether it held in another attempt, or was only not decided there. */
  heldOnce: z.boolean().optional(),
  /** Of a rule about the share of lost packets: what was counted. It is decided over all packets of the run. */
  losses: z.array(lossSchema).optional(),
  /** Who notices, and how, that just this did not hold; where absent, the scenario's. */
  harm: z.string().optional(),
  /** Measured values of this run, by the names that `harm` uses for them: `{idle|a while}`. */
  figures: z.record(z.string(), z.string()).optional(),
  /** Index into the ladder's arrows of the message that shows it. */
  arrow: z.number().int().optional(),
  /** The offending line of that message. */
  line: z.string().optional(),
  /** Why this check's failure is expected of this target (its file of known deviations). */
  expectedFailure: z.string().optional(),
})
export type CheckResult = z.infer<typeof checkSchema>

export const arrowSchema = z.object({
  atMs: z.number(),
  from: z.string(),
  to: z.string(),
  label: z.string(),
  kind: z.enum(['sip', 'rtp', 'rtcp', 'stun', 'dns', 'other', 'note']),
  transport: z.string().optional(),
  /** True where the same bytes went the same way before (a retransmission). */
  again: z.boolean().optional(),
  /** True where the message never reached its target's stack on purpose (swallowed or lost on the wire). */
  lost: z.boolean().optional(),
  /** True where one device sent it to another, and it did not pass the target. */
  direct: z.boolean().optional(),
  /** The whole message as text, masked; absent for packets shown only as a count. */
  message: z.string().optional(),
})
export type LadderArrow = z.infer<typeof arrowSchema>

export const ladderSchema = z.object({
  lanes: z.array(z.string()),
  arrows: z.array(arrowSchema),
  omitted: z.number().optional(),
})
export type Ladder = z.infer<typeof ladderSchema>

const pictureSchema = z.discriminatedUnion('kind', [
  z.object({
    /** Who was reachable when: a lane a device, coloured segments, marks for events. */
    kind: z.literal('timeline'),
    title: z.string(),
    durationMs: z.number(),
    lanes: z.array(
      z.object({
        name: z.string(),
        segments: z.array(
          z.object({
            fromMs: z.number(),
            toMs: z.number(),
            state: z.enum(['reachable', 'unreachable', 'unknown']),
            note: z.string().optional(),
          }),
        ),
      }),
    ),
    marks: z.array(z.object({ atMs: z.number(), lane: z.string().optional(), label: z.string() })),
  }),
  z.object({
    /** Idle times against answered or deaf. */
    kind: z.literal('idle'),
    title: z.string(),
    points: z.array(z.object({ idleMs: z.number(), answered: z.boolean() })),
  }),
  z.object({
    kind: z.literal('table'),
    title: z.string(),
    columns: z.array(z.string()),
    rows: z.array(z.array(z.string())),
  }),
])
export type Picture = z.infer<typeof pictureSchema>

const recordingSchema = z.object({
  /** The device; where it had several calls, which. */
  who: z.string(),
  direction: z.enum(['sent', 'heard']),
  /** Of what can be played; 0: there was no sound. */
  seconds: z.number(),
  /** Of a long one: between its beginning and its end, ms. */
  leftOutMs: z.number().optional(),
  /** The sound file; empty where none was written. */
  evidence: z.array(z.string()),
})

/** One direction of the audio of a call, decrypted. */
export type Recording = z.infer<typeof recordingSchema>

export const scenarioSchema = z.object({
  id: z.string(),
  title: z.string(),
  area: z.string(),
  purposes: z.array(z.string()),
  provider: z.array(z.string()),
  variant: z.object({ transport: z.string(), family: z.string() }),
  verdict: verdictSchema,
  reason: z.string(),
  /** Absent where it passed. */
  reasonCode: reasonCodeSchema.optional(),
  /** Where the verdict is `error`: what went wrong, and where in which file, as far as is known. */
  defect: z
    .object({
      message: z.string(),
      file: z.string().optional(),
      line: z.number().int().optional(),
      column: z.number().int().optional(),
    })
    .optional(),
  durationMs: z.number(),
  checks: z.array(checkSchema),
  /** The step of an everyday call at which customers meet what it tests; absent where they hardly do. */
  step: stepSchema.optional(),
  /** Names of the relays (published list) that its audio went through, or their addresses. */
  relays: z.array(z.string()).optional(),
  /** What each relay did for its calls. */
  audio: z.array(relayAudioSchema).optional(),
  /** Users of the accounts that it used. */
  accounts: z.array(z.string()).optional(),
  evidence: z.array(z.string()),
  /** Where it failed: what its telephones said and heard. */
  recordings: z.array(recordingSchema).optional(),
  /** Start, milliseconds after the run's. */
  startedAtMs: z.number().optional(),
  /** Where it was run again, to confirm what failed or to decide what was left open: all attempts, in their order. */
  attempts: z
    .array(
      z.object({
        verdict: verdictSchema,
        reason: z.string(),
        reasonCode: reasonCodeSchema.optional(),
        durationMs: z.number(),
        evidence: z.array(z.string()),
      }),
    )
    .optional(),
  /** The story in words as it happened. */
  story: z.array(z.object({ atMs: z.number(), text: z.string() })).optional(),
  ladder: ladderSchema.optional(),
  pictures: z.array(pictureSchema).optional(),
  /** Names of planted faults that this scenario is known to catch. */
  catches: z.array(z.string()).optional(),
  /** The command that repeats just this. */
  repeat: z.string().optional(),
  /** Who notices when this fails, and how, in an operator's words; what to do or whom to ask. */
  harm: z.string().optional(),
  advice: z.string().optional(),
  file: z.string().optional(),
})
export type ScenarioResult = z.infer<typeof scenarioSchema>
