/** Relays under load: what calls through them came to, and what they counted themselves. */
import { z } from 'zod'

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

export const beyondSchema = z.object({
  what: z.enum(['calls a second', 'calls at a time']),
  /** Up to so many all is well. */
  upTo: z.number(),
  /** Calls at a time, where the load does not tell whether it is these or calls a second. */
  orAtATime: z.number().optional(),
  /** Where it is one relay that has no room for more. */
  relay: z.string().optional(),
})

export const relaySchema = z.object({
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

export const relayCountsSchema = relayFactsSchema.extend({
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
