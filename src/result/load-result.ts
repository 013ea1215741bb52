/** What a load came to. */
import { z } from 'zod'
import { levelSchema } from './terms.js'
import { lossSchema } from './audio.js'
import { scenarioSchema } from './scenario-result.js'
import { standingNoteSchema } from './finding.js'
import { beyondSchema, relayCountsSchema, relaySchema } from './load-relays.js'
import { metricSchema } from './metrics.js'

const distributionSchema = z.object({
  count: z.number(),
  min: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  /** Histogram: upper bound of each bucket and its count. */
  buckets: z.array(z.object({ le: z.number(), count: z.number() })),
})
export type Distribution = z.infer<typeof distributionSchema>

const crossingSchema = z.object({
  metric: z.string(),
  condition: z.string(),
  measured: z.number(),
  relay: z.string().optional(),
})

const breakpointSchema = z.object({
  searches: z.array(
    z.object({
      what: z.enum(['calls at a time', 'calls a second']),
      /** The most that was carried within all thresholds; 0: not even the first step. */
      carried: z.number(),
      /** The least at which something gave way; absent where nothing did, so that more may be carried. */
      brokeAt: z.number().optional(),
      /** What gave way there. */
      gaveWay: crossingSchema.optional(),
      /** Where the generator came to its end first: it could not make so many. */
      generator: z.object({ failedAt: z.number(), problems: z.array(z.string()) }).optional(),
      /** Of each relay by itself: calls at a time that it carried, and at which it gave way. */
      relays: z.array(
        z.object({
          name: z.string(),
          carried: z.number(),
          brokeAt: z.number().optional(),
          gaveWay: crossingSchema.optional(),
        }),
      ),
      /** Whether little was carried again after each step that gave way, and after how many seconds at the latest. */
      recovered: z.boolean().optional(),
      recoveredAfterS: z.number().optional(),
    }),
  ),
  /** As they were taken. */
  steps: z.array(
    z.object({
      atMs: z.number(),
      what: z.string(),
      level: z.number(),
      recovery: z.boolean().optional(),
      ok: z.boolean(),
      crossed: z.array(crossingSchema),
      generator: z.array(z.string()),
      afterS: z.number().optional(),
    }),
  ),
})

/** A part of a load that was split by k6's execution segments, as k6 writes them. */
const partSchema = z.object({ segment: z.string(), sequence: z.string() })
export type LoadPart = z.infer<typeof partSchema>

const runsOfScenarioSchema = z.object({
  id: z.string(),
  title: z.string(),
  variant: z.object({ transport: z.string(), family: z.string() }),
  /** Runs that came to their end. */
  runs: z.number(),
  /** Runs by verdict, and those that did not pass by the code of their reason. */
  verdicts: z.record(z.string(), z.number()),
  reasons: z.record(z.string(), z.number()),
  durationMs: distributionSchema.optional(),
  /** Each check, with the runs in which it held, failed, warned, and was not decided. */
  checks: z.array(
    z.object({
      id: z.string(),
      level: levelSchema,
      rule: z.string(),
      paraphrase: z.string(),
      held: z.number(),
      failed: z.number(),
      warned: z.number(),
      open: z.number(),
      /** Of a rule about the share of lost packets: what was counted in all runs. */
      losses: z.array(lossSchema).optional(),
    }),
  ),
  /** When the first run ended that failed. */
  firstFailAtMs: z.number().optional(),
  /** The first runs that did not pass, a kind of failure once, with their captures. */
  first: z.array(scenarioSchema),
})

/** What the runs of a scenario on one variant came to, that was run as load. */
export type RunsOfScenario = z.infer<typeof runsOfScenarioSchema>

export const loadSchema = z.object({
  profile: z.string(),
  valid: z.boolean(),
  /** From when `atMs` counts. */
  startedAt: z.string().optional(),
  /** What it is a part of; absent where it is a whole load. */
  part: partSchema.optional(),
  /** The parts that it was joined from (`ringproof merge`). */
  joined: z.array(partSchema.extend({ folder: z.string(), calls: z.number() })).optional(),
  /** What made its calls what they are, where that was given. */
  seed: z.number().optional(),
  generator: z.object({ sendLatenessP99Ms: z.number(), eventLoopLagP99Ms: z.number() }).extend({
    /** One packet of a thousand left later than that, ms; absent where no audio was sent. */
    sendLatenessP999Ms: z.number().optional(),
    /** False where the generator itself was too slow or broke off: then the numbers say nothing about the target. */
    sound: z.boolean().optional(),
    /** Why the load is not valid; empty where it is. */
    problems: z.array(z.string()).optional(),
    /** How many calls this machine can generate, where it was asked for more: as it was calibrated, or estimated from this run. */
    capacity: z
      .object({
        from: z.enum(['calibration', 'this run']),
        at: z.string().optional(),
        calls: z.number().optional(),
        srtpCalls: z.number().optional(),
        rate: z.number().optional(),
      })
      .optional(),
    cpuPercent: z.number().optional(),
    socketDrops: z.number().optional(),
    workers: z.number().optional(),
  }),
  calls: z.object({
    started: z.number(),
    completed: z.number(),
    failed: z.number(),
    oneWay: z.number(),
    twoWay: z.number().optional(),
    wrongAudio: z.number().optional(),
    interrupted: z.number().optional(),
    peakConcurrent: z.number().optional(),
    byStatus: z.record(z.string(), z.number()).optional(),
    /** Of those that failed; of calls that were meant to be refused and were, there is nothing here. */
    failedByStatus: z.record(z.string(), z.number()).optional(),
    /** Who was called: the echo test, accounts of ours, other numbers. */
    dialled: z.object({ echo: z.number(), account: z.number(), other: z.number() }).optional(),
    /** How calls were meant to go: answered, busy, declined, cancelled, unanswered. Only those that are answered have audio. */
    meant: z.record(z.string(), z.number()).optional(),
    /** Calls that began later than ordered, as the target's limits did not allow them yet. */
    heldBack: z.number().optional(),
  }),
  relays: z.array(relaySchema),
  /** Calls that were rejected, or not answered, by status: the most frequent first. */
  refusals: z
    .array(
      z.object({
        /** Of the final response; 408 where none came. */
        status: z.number(),
        calls: z.number(),
        of: z.number(),
        /** What Retry-After asked for, seconds: half of them. */
        retryAfterS: z.number().optional(),
        /** The load beyond which it happens, where it depends on that. */
        beyond: beyondSchema.optional(),
        /** Where alone it happens, in words. */
        only: z.string().optional(),
      }),
    )
    .optional(),
  /** Devices that were to be registered before the first call, those that were, and why the first others were not. */
  devices: z.object({ wanted: z.number(), registered: z.number(), why: z.array(z.string()) }).optional(),
  /** Calls that failed otherwise: how they ended, in words what was wrong. The most frequent first. */
  failures: z
    .array(
      z.object({
        why: z.string(),
        end: z.string(),
        calls: z.number(),
        of: z.number(),
        /** How long half of them lasted at most, where the far end hung up, ms. */
        afterMs: z.number().optional(),
      }),
    )
    .optional(),
  /** Answers that become slow beyond a load: how long those and the others take, half of them, ms. */
  slow: z
    .object({ calls: z.number(), of: z.number(), slowMs: z.number(), usualMs: z.number(), beyond: beyondSchema })
    .optional(),
  /** Times in which calls failed, and before and after which they were well. */
  outages: z
    .array(
      z.object({
        fromMs: z.number(),
        /** Until the first call that was well again began. */
        lastedMs: z.number(),
        /** Calls that began meanwhile, and those of them that failed. */
        calls: z.number(),
        failed: z.number(),
        /** Calls that were up when it began: those that lost their audio, and those that did not. */
        cut: z.number(),
        survived: z.number(),
        /** Where it is one relay; then calls that were up are its own. */
        relay: z.string().optional(),
      }),
    )
    .optional(),
  /** The most that is carried, where that was searched for. */
  breakpoint: breakpointSchema.optional(),
  /** One entry a second. */
  series: z
    .array(
      z.object({
        atMs: z.number(),
        activeCalls: z.number(),
        /** Calls that began. */
        callsPerSecond: z.number().optional(),
        setupP95Ms: z.number().optional(),
        lossPercent: z.number().optional(),
        jitterP95Ms: z.number().optional(),
        mosP5: z.number().optional(),
        sendLatenessP99Ms: z.number().optional(),
        eventLoopLagMs: z.number().optional(),
      }),
    )
    .optional(),
  incidents: z
    .array(
      z.object({
        atMs: z.number(),
        text: z.string(),
        relay: z.string().optional(),
        /** What else was going on then, in words; what may be coincidence is called so. */
        also: z.string().optional(),
      }),
    )
    .optional(),
  /** Registrations that were ordered as load: all devices at once (`again`), or devices that take turns (`flapping`). */
  registrations: z
    .array(
      z.object({
        kind: z.enum(['again', 'flapping']),
        devices: z.number(),
        /** In the end. */
        registered: z.number(),
        tries: z.number(),
        /** Tries that failed, by final status. */
        refused: z.record(z.string(), z.number()),
        /** Until the last one was over. */
        tookMs: z.number(),
        /** Until a device was registered. */
        delayMs: distributionSchema.optional(),
      }),
    )
    .optional(),
  /** Scenarios that were run as load, by scenario and variant. */
  scenarios: z.array(runsOfScenarioSchema).optional(),
  /** All of their runs. */
  runs: z
    .object({
      started: z.number(),
      ended: z.number(),
      /** Broken off before they came to an end: they say nothing. */
      interrupted: z.number(),
      /** Runs that began later than ordered by more than half a second, since limits, accounts or this machine did not allow it. */
      begunLate: z.number(),
      /** Runs that could not be decided since ringproof itself was late. */
      harnessLate: z.number(),
      peakConcurrent: z.number(),
      /** How late a thread that runs scenarios was at worst. */
      worstLagMs: z.number(),
    })
    .optional(),
  setupDelayMs: distributionSchema.optional(),
  jitterMs: distributionSchema.optional(),
  roundTripMs: distributionSchema.optional(),
  /** Of calls with both ends here: network one way, as measured, packet and a jitter buffer of 60 ms. */
  mouthToEarMs: distributionSchema.optional(),
  thresholds: z
    .array(
      z.object({
        metric: z.string(),
        condition: z.string(),
        ok: z.boolean(),
        /** What the condition was held against, in the metric's own unit: a rate from 0 to 1, milliseconds, a count. */
        measured: z.number().optional(),
        /** Nothing was counted that it could be held against: of such a metric, or with such tags. */
        empty: z.boolean().optional(),
        /** Only the whole load can be held to it: in a part of one it was not judged. */
        whole: z.boolean().optional(),
      }),
    )
    .optional(),
  /** k6's own count against the agents' records: a mismatch fails the run. */
  reconciliation: z
    .array(z.object({ what: z.string(), k6: z.number(), agents: z.number(), ok: z.boolean() }))
    .optional(),
  /** Relays' own counters, where the target file says how they are asked. */
  relayCounts: z.array(relayCountsSchema).optional(),
  k6: z
    .object({
      version: z.string(),
      exitCode: z.number(),
      iterations: z.number().optional(),
      droppedIterations: z.number().optional(),
    })
    .optional(),
  order: z
    .object({
      calls: z.number().optional(),
      holdS: z.number().optional(),
      rate: z.number().optional(),
      durationS: z.number().optional(),
      transport: z.string().optional(),
      codec: z.string().optional(),
      srtp: z.boolean().optional(),
      to: z.string().optional(),
      /** Kinds of calls, in words, with their shares. */
      kinds: z.array(z.string()).optional(),
    })
    .optional(),
  /** What was measured, in a form that can be added up: `ringproof merge` reads it. */
  metrics: z.array(metricSchema).optional(),
  /** What the standing checks noticed, of which findings are made. */
  notes: z.array(standingNoteSchema).optional(),
})
export type LoadResult = z.infer<typeof loadSchema>
