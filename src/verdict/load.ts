/** What a load showed to be wrong: relays with trouble, calls that failed, limits that were crossed. */
import type { Cause } from '../result/causes.js'
import type { Finding, Gravity, LoadResult, RelayResult } from '../result/result.js'
import type { Breakage } from './breakage.js'
import { placeOfLoad } from './place.js'
import { counted, distinct, headline, listed, raised } from './texts.js'

/** A relay that loses more than this part of its packets is worth a finding; the load profiles' limit is the same. */
const LOSS = 0.01
/** Where more calls than this share fail, those concerned have no service. */
const OUTAGE = 0.1

interface Limit {
  /** What crossing it means to somebody who telephones. */
  readonly words: string
  /** What explains it, where it was seen too. */
  readonly follows: readonly string[]
}

const CALLS_FAILED = 'LOAD-CALLS-FAILED'
const AUDIO: readonly Cause[] = ['no-audio', 'wrong-audio']

/** Thresholds of our load profiles, by k6's metric. */
const LIMITS: Readonly<Record<string, Limit>> = {
  sip_calls_completed: { words: 'not every call was completed', follows: [CALLS_FAILED] },
  sip_call_success: { words: 'calls failed', follows: [CALLS_FAILED] },
  rtp_two_way_audio: { words: 'calls lacked audio', follows: [...AUDIO, CALLS_FAILED] },
  rtp_loss_ratio: { words: 'too many packets were lost', follows: ['no-audio', 'audio-lost'] },
  rtp_jitter: { words: 'audio arrived too unevenly', follows: [] },
  voip_mos: { words: 'speech quality was too low', follows: ['no-audio', 'audio-lost'] },
  sip_session_request_delay: { words: 'calls took too long to set up', follows: [] },
  dropped_iterations: { words: 'not all calls that were due could be made', follows: [CALLS_FAILED] },
}

/** What crossing a threshold of k6 means, in words. */
const wordsOfLimit = (metric: string): string => LIMITS[metric]?.words ?? `${metric} is beyond its limit`

/**
 * Breakages of a load. None where the generator was too slow, or where it was interrupted: then its numbers are not the
 * target's. What the load's own thresholds do not object to warns.
 */
export function breakagesOfLoad(load: LoadResult | undefined, interrupted: boolean): Breakage[] {
  if (load === undefined || !isSound(load) || interrupted) return []
  return [...failedCalls(load), ...relayTroubles(load), ...crossedLimits(load)]
}

/** Whether its numbers are the target's. Counts that differ do not change what the agents recorded. */
const isSound = ({ valid, generator }: LoadResult): boolean => generator.sound ?? valid

/** Whether every call failed: whoever brings a profile without thresholds is told so all the same. */
export const nothingWorked = ({ calls }: Pick<LoadResult, 'calls'>): boolean =>
  calls.completed === 0 && calls.failed > 0

interface Trouble {
  readonly cause: string
  readonly severity?: Finding['severity']
  readonly gravity: Gravity
  readonly title: string
  readonly harm: string
  readonly advice: string
  readonly expected: string
  readonly actual: string
  readonly count?: number
  readonly follows?: readonly string[]
  readonly evidence?: readonly string[]
  readonly relays?: readonly string[]
  readonly ofRelays?: number
}

function breakage({ profile }: LoadResult, trouble: Trouble): Breakage {
  const { cause, title, expected, actual, severity = 'warn', follows = [], count = 1, evidence = [], ...rest } = trouble
  return {
    ...rest,
    kind: 'load',
    cause,
    follows,
    severity,
    place: placeOfLoad(profile),
    title,
    rule: {
      key: `load/${profile}#${cause}`,
      check: cause,
      level: severity === 'fail' ? 'MUST' : 'FINDING',
      rule: 'load',
      paraphrase: expected,
      expected,
      actual,
    },
    provider: [],
    evidence,
    step: cause === CALLS_FAILED ? 'call' : 'talk',
    count,
  }
}

function failedCalls(load: LoadResult): Breakage[] {
  const { failed, started, byStatus = {}, failedByStatus = byStatus } = load.calls
  if (failed === 0) return []
  const statuses = Object.entries(failedByStatus).filter(([status]) => !status.startsWith('2'))
  return [
    breakage(load, {
      cause: CALLS_FAILED,
      severity: nothingWorked(load) ? 'fail' : 'warn',
      gravity: failed > started * OUTAGE ? 'outage' : 'harm',
      title: `${failed} of ${counted(started, 'call')} failed under load`,
      harm: 'Callers get an error or silence instead of their call.',
      advice: 'Look at the answers below, and at what the servers were short of when the first of them came.',
      count: failed,
      expected: 'every call is answered with 200 and lasts until it is hung up',
      actual: statuses.length > 0 ? statuses.map(([status, many]) => `${status}: ${many}`).join(', ') : 'broken off',
    }),
  ]
}

/** Each limit that was crossed; folded where a failed call or a relay explains it. */
function crossedLimits(load: LoadResult): Breakage[] {
  const crossed = (load.thresholds ?? []).filter(({ ok }) => !ok)
  return distinct(crossed.map(({ metric }) => metric)).map((metric) => {
    const own = crossed.filter((one) => one.metric === metric)
    return breakage(load, {
      cause: `LOAD-LIMIT ${metric}`,
      follows: LIMITS[metric]?.follows ?? [],
      severity: 'fail',
      gravity: 'harm',
      title: `${raised(wordsOfLimit(metric))} under load`,
      harm: 'Customers notice it when many telephone at once, above all in the busy hour.',
      advice:
        'Look at the curves of the load for the moment when it began, and at what the servers were short of then.',
      expected: own.map(({ condition }) => `${metric} ${condition}`).join('; '),
      actual: 'not held',
    })
  })
}

/** One way in which a relay can be bad. */
interface RelayTrouble {
  readonly cause: Cause
  readonly gravity: Gravity
  readonly title: (sick: Sick) => string
  /** After `Callers whose call goes through relay-3`, or `Callers`. */
  readonly harm: string
  readonly expected: string
  readonly holds: (relay: RelayResult) => boolean
  /** Calls that it concerns. */
  readonly calls: (relay: RelayResult) => number
  readonly actual: (relay: RelayResult) => string
}

interface Sick {
  readonly where: string
  readonly hit: number
  readonly of: number
  readonly loss: string
}

const lossOf = ({ packetsLost, packetsReceived }: RelayResult) =>
  packetsLost + packetsReceived > 0 ? packetsLost / (packetsLost + packetsReceived) : 0

/** The most harmful first. */
const TROUBLES: readonly RelayTrouble[] = [
  {
    cause: 'no-audio',
    gravity: 'outage',
    title: ({ where, hit }) => `No audio comes back through ${where}: ${counted(hit, 'call')} silent`,
    harm: 'hear nothing',
    expected: 'audio comes back through every relay',
    holds: (relay) => relay.packetsReceived === 0,
    calls: (relay) => relay.calls,
    actual: (relay) => `${relay.packetsSent} packets sent to it, none came back`,
  },
  {
    cause: 'no-audio',
    gravity: 'outage',
    title: ({ where, hit, of }) =>
      `${hit} of ${counted(of, 'call')} through ${where} had no audio in one direction or both`,
    harm: 'are not heard, or hear nothing',
    expected: 'audio in both directions',
    holds: (relay) => relay.oneWayCalls > 0,
    calls: (relay) => relay.oneWayCalls,
    actual: (relay) => `in ${relay.oneWayCalls} of ${counted(relay.calls, 'call')} an end received nothing`,
  },
  {
    cause: 'wrong-audio',
    gravity: 'exposure',
    title: ({ where, hit, of }) => `${hit} of ${counted(of, 'call')} through ${where} had audio of another call`,
    harm: 'hear somebody else’s call, or noise',
    expected: 'each call’s own audio',
    holds: (relay) => (relay.wrongAudioCalls ?? 0) > 0,
    calls: (relay) => relay.wrongAudioCalls ?? 0,
    actual: (relay) => `${relay.wrongAudioCalls ?? 0} of ${counted(relay.calls, 'call')} with other audio`,
  },
  {
    cause: 'audio-lost',
    gravity: 'harm',
    title: ({ where, loss }) => `${loss} of the audio is lost through ${where}`,
    harm: 'hear gaps and clicks',
    expected: `less than ${LOSS * 100} % of packets lost`,
    holds: (relay) => lossOf(relay) >= LOSS,
    calls: (relay) => relay.calls,
    actual: (relay) => `${relay.packetsLost} of ${relay.packetsLost + relay.packetsReceived} packets lost`,
  },
]

/** Each relay by its worst trouble; relays with the same are told together. */
function relayTroubles(load: LoadResult): Breakage[] {
  const used = load.relays.filter((relay) => relay.calls > 0)
  const worst = new Map(used.map((relay) => [relay, TROUBLES.find((trouble) => trouble.holds(relay))]))
  return TROUBLES.flatMap((trouble) => {
    const sick = used.filter((relay) => worst.get(relay) === trouble)
    if (sick.length === 0) return []
    const isAll = sick.length === used.length
    const hit = sick.reduce((sum, relay) => sum + trouble.calls(relay), 0)
    const of = sick.reduce((sum, relay) => sum + relay.calls, 0)
    const shares = sick.map(lossOf)
    const [least, most] = [Math.min(...shares), Math.max(...shares)].map(percent)
    const title = trouble.title({
      where: sick.length > 1 && isAll ? `all ${sick.length} relays` : listed(sick.map(nameOf)),
      hit,
      of,
      loss: least === most ? `${most} %` : `${least} to ${most} %`,
    })
    const through = isAll ? '' : ` whose call goes through ${listed(sick.map(({ name }) => name))}`
    return breakage(load, {
      cause: trouble.cause,
      gravity: trouble.gravity,
      title: headline(title),
      harm: `Callers${through} ${trouble.harm}.`,
      advice: adviceFor(sick.length, used.length),
      evidence: sick.flatMap((relay) => relay.worst?.evidence ?? []),
      count: hit,
      expected: trouble.expected,
      actual: sick.map((relay) => `${nameOf(relay)}: ${trouble.actual(relay)}`).join('; '),
      relays: sick.map(({ name }) => name),
      ofRelays: used.length,
    })
  })
}

function adviceFor(sick: number, used: number): string {
  if (sick < used)
    return `Take ${sick === 1 ? 'it' : 'them'} out of use, and compare configuration, network and load with the relays that work.`
  if (used === 1) return 'Look at the relay’s configuration, network and CPU.'
  return 'All relays are alike in this: look first at what they have in common (network, version, CPU).'
}

const nameOf = ({ name, address }: RelayResult): string => (name === address ? address : `${name} (${address})`)

const percent = (part: number): string => (part * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })

/** Where k6 and the agents counted differently: it is ours to explain, and says nothing about the target. */
export function countsDiffer(load: LoadResult | undefined): Finding[] {
  const mismatch = (load?.reconciliation ?? []).filter(({ ok }) => !ok)
  if (load === undefined || mismatch.length === 0) return []
  return [
    {
      id: 'LOAD-COUNTS-DIFFER',
      kind: 'defect',
      severity: 'warn',
      gravity: 'letter',
      title: 'k6 and the call agents counted differently: the load is not valid',
      provider: [],
      evidence: [],
      harm: 'Nobody who telephones notices; one of the two lost calls, so the numbers of this load are not reliable.',
      advice: 'Run the load again. If it happens again, report it: it is a defect of ringproof.',
      scenarios: [placeOfLoad(load.profile)],
      expected: 'the same counts',
      actual: mismatch.map(({ what, k6, agents }) => `${what}: k6 ${k6}, agents ${agents}`).join('; '),
    },
  ]
}
