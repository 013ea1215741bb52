/**
 * The shape of `result.json`, the one thing that reports are rendered from. Times are milliseconds since the start of the run
 * unless a name says otherwise; text that came from the network is masked before it gets here and escaped when it is shown.
 * Longer than 400 lines: it is the whole of an interface, and is read from top to bottom beside a result.
 */
import { z } from 'zod'
import { metricSchema } from './metrics.js'

export const SCHEMA_VERSION = 2

export const verdictSchema = z.enum(['pass', 'warn', 'fail', 'inconclusive', 'unsupported', 'not applicable', 'error'])
/** A scenario's or a check's verdict. */
export type Verdict = z.infer<typeof verdictSchema>

export const levelSchema = z.enum(['MUST', 'PROMISE', 'OWED', 'SHOULD', 'MAY', 'FINDING'])
/**
 * How strongly the rule binds: RFC 2119 words; PROMISE where the provider's own description binds it; OWED where no standard says
 * MUST and yet any telephone service owes it; FINDING where nothing is normative but operations must know.
 */
export type Level = z.infer<typeof levelSchema>

export const gravitySchema = z.enum(['outage', 'exposure', 'harm', 'letter'])
/**
 * What the breaking of a rule does, the gravest first. `outage`: those concerned have no service, or no audio. `exposure`: fraud,
 * privacy, attack. `harm`: customers notice it in features, quality or minutes. `letter`: a rule is broken; hardly anybody notices.
 */
export type Gravity = z.infer<typeof gravitySchema>

export const stepSchema = z.enum(['register', 'call', 'talk', 'hang up'])
/** A step of an everyday call. */
export type Step = z.infer<typeof stepSchema>

export const reasonCodeSchema = z.enum([
  /** A MUST or a promise did not hold. */
  'rule-broken',
  /** A SHOULD, or a finding, did not hold. */
  'recommendation-not-met',
  /** What did not hold is known of this target and lived with. */
  'known-deviation',
  /** The precondition of the check was never reached, for another reason than those below. */
  'not-reached',
  'no-answer',
  'no-connection',
  /** The target led to an address that its file neither names nor allows, so that nothing was sent there. */
  'out-of-reach',
  /** A number that the target file does not allow to be dialled. */
  'not-allowed',
  'login-refused',
  'call-refused',
  'call-not-arrived',
  'no-audio',
  /** Sound came, and was not recognised as what was played: whether it was altered cannot be told. */
  'sound-not-recognised',
  /** An answer was there and broke the grammar, so that a telephone would have dropped it. */
  'unreadable-answer',
  /** One packet may have been lost by the network on the way. */
  'packet-lost',
  /** Audio is lost, and the path to the target loses as much: nothing is said of the target. */
  'path-loses',
  /** More came than can be kept: it sent without end. */
  'flooded',
  /** The harness itself was too late to tell. */
  'harness-late',
  'timed-out',
  'interrupted',
  /** It failed, and did not when it was run again. */
  'unsteady',
  /** Somebody else used the same account meanwhile. */
  'foreign-hands',
  'target-gone',
  /** This machine lacks an address or a port of that kind. */
  'no-local-address',
  /** The target said that it lacks the feature. */
  'feature-lacking',
  'is-b2bua',
  'is-proxy',
  'relays-no-media',
  'not-applicable',
  /** A mistake in the scenario's file, or in ringproof. */
  'scenario-defect',
  'harness-defect',
])
/** Why a verdict is not pass. Nothing is decided or grouped by the words beside it. */
export type ReasonCode = z.infer<typeof reasonCodeSchema>

const placeSchema = z.object({ scenario: z.string(), transport: z.string(), family: z.string() })
/** One execution of a scenario. Of a load: `load/PROFILE`, with empty transport and family. */
export type Place = z.infer<typeof placeSchema>

const lossSchema = z.object({
  /** Name of the relay (published list), or its address. */
  relay: z.string(),
  /** Packets expected, lost, and runs of lost ones. */
  expected: z.number(),
  lost: z.number(),
  gaps: z.number(),
})
/** How many packets of a stream of audio did not arrive. */
export type AudioLoss = z.infer<typeof lossSchema>

const directionSchema = z.object({
  /** Which end of the calls it led audio to. */
  to: z.enum(['caller', 'called']),
  /** Ends of answered calls. */
  calls: z.number(),
  /** Of those, the ends at which it is known what was to be heard, and that it was sent. */
  listened: z.number(),
  /** Ends that heard nothing although the other side spoke. */
  oneWay: z.number(),
  /** Ends that heard audio of somebody else's call. */
  wrong: z.number(),
  /** Ends that heard noise, a tone, or octets that no telephone plays, in place of what was sent. */
  altered: z.number(),
  /** Ends that heard sound of which that cannot be told. */
  unrecognised: z.number(),
  /** Packets received; those expected and lost, by their sequence numbers, and runs of lost ones. */
  packets: z.number(),
  expected: z.number(),
  lost: z.number(),
  gaps: z.number(),
  /** The largest of a call, RFC 3550 §6.4.1, ms. */
  jitterMs: z.number().optional(),
  /** The longest time from the first packet that was sent to the first that arrived, ms: what the beginning of a call lost. */
  startMs: z.number().optional(),
})
const relayAudioSchema = directionSchema.extend({
  /** Name of the relay (published list), or its address. */
  relay: z.string(),
})
/** What went through one relay to one end of the calls of one scenario. */
export type RelayAudio = z.infer<typeof relayAudioSchema>

const relayOfRunSchema = z.object({
  name: z.string(),
  /** False where the target publishes relays, and not this one. */
  published: z.boolean().optional(),
  /** Empty where no call was led over it. */
  directions: z.array(
    directionSchema.extend({
      /** Between these the share of lost packets lies, 0 to 1, each with a confidence of 99.9 %; absent where none was expected. */
      lossAtLeast: z.number().optional(),
      lossAtMost: z.number().optional(),
    }),
  ),
})
/** What went through one relay in all scenarios of a run. */
export type RelayOfRun = z.infer<typeof relayOfRunSchema>

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

const arrowSchema = z.object({
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
  /** The whole message as text, masked; absent for packets shown only as a count. */
  message: z.string().optional(),
})
export type LadderArrow = z.infer<typeof arrowSchema>

const ladderSchema = z.object({
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

const scenarioSchema = z.object({
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
  defect: z.object({ message: z.string(), file: z.string().optional(), line: z.number().int().optional() }).optional(),
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

const findingSchema = z.object({
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

const notRunSchema = z.object({
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
})
export type NotRun = z.infer<typeof notRunSchema>

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
  /** How it was learned. */
  how: z.string(),
  transport: z.string().optional(),
  family: z.string().optional(),
})
/** Something learned about the target. */
export type Fact = z.infer<typeof factSchema>

const surveySchema = z.object({
  durationMs: z.number(),
  vitalSigns: z.array(vitalSignSchema),
  facts: z.array(factSchema),
})
/** What was learned about the target before anything else. */
export type SurveyResult = z.infer<typeof surveySchema>

const standingNoteSchema = z.object({
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

const worstCallSchema = z.object({
  id: z.string(),
  why: z.string(),
  packetsSent: z.number(),
  packetsReceived: z.number(),
  packetsLost: z.number(),
  jitterMs: z.number().optional(),
  mos: z.number().optional(),
  startedAtMs: z.number().optional(),
  /** The higher, the worse a call was. */
  badness: z.number().optional(),
  evidence: z.array(z.string()),
})

const loadDirectionSchema = z.object({
  /** To the device that calls, or to the one that is called; from an echo test, what went there and came back. */
  to: z.enum(['caller', 'called']),
  /** Relay of the other end, where that is another one. */
  with: z.string().optional(),
  /** Ends of answered calls. */
  ends: z.number(),
  /** Of those: nothing heard; audio of another call; audio that began late, or ended before the call. */
  deaf: z.number(),
  wrong: z.number(),
  late: z.number(),
  ended: z.number(),
  /** How long after the answer audio ended, where it did, ms: half of them. */
  endedAfterMs: z.number().optional(),
  /** Packets that were due, lost, and runs of lost ones. */
  expected: z.number(),
  lost: z.number(),
  gaps: z.number(),
  /** Jitter (RFC 3550) of half of the ends, ms; and with a confidence of 99.9 % at least. */
  jitterMs: z.number().optional(),
  jitterAtLeastMs: z.number().optional(),
})
/** What a load heard through a relay at one end of its calls. */
export type LoadDirection = z.infer<typeof loadDirectionSchema>

const beyondSchema = z.object({
  what: z.enum(['calls a second', 'calls at a time']),
  /** Up to so many all is well. */
  upTo: z.number(),
  /** Calls at a time, where the load does not tell whether it is these or calls a second. */
  orAtATime: z.number().optional(),
  /** Where it is one relay that has no room for more. */
  relay: z.string().optional(),
})

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

const relaySchema = z.object({
  name: z.string(),
  address: z.string(),
  calls: z.number(),
  packetsSent: z.number(),
  packetsReceived: z.number(),
  packetsLost: z.number(),
  jitterP95Ms: z.number(),
  oneWayCalls: z.number(),
  /** Absent where no packet was received: nothing heard has no quality. */
  mosP5: z.number().optional(),
  /** Calls in which audio came that was not this call's. */
  wrongAudioCalls: z.number().optional(),
  /** Calls with this call's audio recognised at both ends. */
  twoWayCalls: z.number().optional(),
  duplicates: z.number().optional(),
  reordered: z.number().optional(),
  /** False where packets came from an address that the target file does not publish. */
  published: z.boolean().optional(),
  worst: worstCallSchema.optional(),
  /** By the end that it led audio to; of calls whose other end was on another relay, by that relay too. */
  directions: z.array(loadDirectionSchema).optional(),
  /** Calls at a time up to which all is well with it, where it is not beyond that. */
  wellUpTo: z.number().optional(),
})
export type RelayResult = z.infer<typeof relaySchema>

const relayReadingSchema = z.object({
  /** Unix ms. */
  at: z.number(),
  /** Since its start: packets of known calls that it took in, RTCP and what it did not send on included; of those, by its kernel module. */
  packets: z.number(),
  inKernel: z.number(),
  /** Packets that it could not decrypt, which are not among those above, and packets that it could not send, which are. */
  errors: z.number(),
  /** Sessions that are up, and those that ended since its start. */
  sessions: z.number(),
  endedSessions: z.number(),
  uptimeS: z.number().optional(),
})
/** Counters of a relay at a moment, as it tells them itself. */
export type RelayReading = z.infer<typeof relayReadingSchema>

const relayFactsSchema = z.object({
  /** Names of the relays that have this control address: what it counts is of all of them. */
  relays: z.array(z.string()),
  control: z.string(),
  /** Before the first call, and after the last one. Absent where it was not reached; `why` says how. */
  before: relayReadingSchema.optional(),
  after: relayReadingSchema.optional(),
  why: z.string().optional(),
  /** Packets that it took in within a second without calls of ours, where sessions were up all the same: others use it. */
  movedBefore: z.number().optional(),
  movedAfter: z.number().optional(),
  /** Whether all calls of ours were over by then, and how long it was given to end its sessions, ms. */
  settled: z.boolean(),
  waitedMs: z.number(),
  /** What the agents counted. */
  ours: z.object({
    /** Calls with an end at it; of those, calls whose other end is not ours, or at another relay. */
    calls: z.number(),
    farEnds: z.number(),
    /** Calls of which no relay is known: they may have had a session anywhere. */
    unplaced: z.number(),
    /** Scenarios that ran beside the calls; their packets are not counted here. */
    runs: z.number(),
    /** RTP, and RTCP. */
    sent: z.number(),
    received: z.number(),
    rtcpSent: z.number(),
    rtcpReceived: z.number(),
    /** Holes in what the agents received. */
    lost: z.number(),
    /** Packets that our own sockets dropped, whosever they were. */
    dropped: z.number(),
    /** Packets that beginnings and ends of calls account for, at most: sent when the relay did not know the call yet, or no more. */
    edges: z.number(),
  }),
  /** Other agents of the same load used it too. */
  partial: z.boolean().optional(),
})
/** What is known of a relay's own counters and of ours. */
export type RelayFacts = z.infer<typeof relayFactsSchema>

const relayCountsSchema = relayFactsSchema.extend({
  /**
   * `agree`: all that was sent came back, by both counts. `lost`: it is clear on which side of the relay packets were lost. `shared`: others
   * used it too, so that the counts cannot be told apart. `differ`: neither. `restarted`: its counters began anew.
   */
  state: z.enum(['agree', 'lost', 'shared', 'differ', 'restarted', 'not-reached']),
  /** During the load: packets that it took in, errors, and sessions that began. */
  took: z.number().optional(),
  errors: z.number().optional(),
  sessions: z.number().optional(),
  /** Packets lost before the relay took them in, and in it or after it: at least so many. */
  lostBefore: z.number().optional(),
  lostAfter: z.number().optional(),
  /** Sessions of ours that are up after all calls are over. */
  left: z.number().optional(),
  /** When it was started again, Unix ms. */
  restartedAt: z.number().optional(),
  /** In words. */
  text: z.string(),
})
/** A relay's own counters held against what the agents sent through it and received from it. */
export type RelayCounts = z.infer<typeof relayCountsSchema>

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

const loadSchema = z.object({
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

export const runVerdictSchema = z.enum(['pass', 'warn', 'fail', 'invalid', 'inconclusive', 'error', 'interrupted'])
export type RunVerdict = z.infer<typeof runVerdictSchema>

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
