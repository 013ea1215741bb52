/** What a load showed to be wrong, as findings of the result: relays that differ, calls that failed, limits that were crossed. */
import type { Finding, LoadResult, RelayResult } from '../result/result.js'

/** A relay that loses more than this part of its packets is told of; the load profiles' limit is the same. */
const LOSS = 0.01

/** What crossing a threshold of k6 means to somebody who telephones. */
export const LIMITS: Readonly<Record<string, string>> = {
  sip_calls_completed: 'not every call was completed',
  sip_call_success: 'calls failed',
  rtp_two_way_audio: 'calls lacked audio',
  rtp_loss_ratio: 'too many packets were lost',
  rtp_jitter: 'audio came too unevenly',
  voip_mos: 'speech quality was too low',
  sip_session_request_delay: 'calls took too long to set up',
  dropped_iterations: 'not all calls that were due could be made',
}

/** Thresholds that a finding about relays or about failed calls already explains. */
const EXPLAINED: Readonly<Record<string, readonly string[]>> = {
  'LOAD-CALLS-FAILED': ['sip_calls_completed', 'sip_call_success', 'rtp_two_way_audio', 'dropped_iterations'],
  'LOAD-RELAY-SILENT': ['rtp_two_way_audio', 'rtp_loss_ratio', 'voip_mos'],
  'LOAD-RELAY-ONE-WAY': ['rtp_two_way_audio', 'rtp_loss_ratio', 'voip_mos'],
  'LOAD-RELAY-WRONG-AUDIO': ['rtp_two_way_audio'],
  'LOAD-RELAY-LOSS': ['rtp_loss_ratio', 'voip_mos'],
}

/**
 * Findings of a load, the most harmful first. None where the generator was too slow, or where it was interrupted: then its
 * numbers are not the target's. They fail where the load's own thresholds do, or no call was completed, and warn otherwise.
 */
export function loadFindings(load: LoadResult, interrupted: boolean): Finding[] {
  if (!load.valid || interrupted) return []
  const broken = (load.thresholds ?? []).filter((one) => !one.ok)
  const mismatch = (load.reconciliation ?? []).filter((one) => !one.ok)
  const severity = broken.length > 0 || nothingWorked(load) ? 'fail' : 'warn'
  const about: About = {
    kind: 'load',
    gravity: 'harm',
    severity,
    provider: [],
    scenarios: [{ scenario: `load/${load.profile}`, transport: '', family: '' }],
  }
  const found: Finding[] = [...failedCalls(load, about), ...relayFindings(load, about)]
  const explained = new Set(found.flatMap(({ id }) => EXPLAINED[id.split(' ')[0] ?? ''] ?? []))
  const rest = broken.filter(({ metric }) => !explained.has(metric))
  if (rest.length > 0) {
    const words = rest.map(({ metric }) => LIMITS[metric] ?? `${metric} was beyond its limit`)
    found.push({
      ...about,
      id: 'LOAD-LIMITS',
      provider: [],
      scenarios: [...about.scenarios],
      title: upper(`${[...new Set(words)].join(', ')} under load`),
      harm: 'Many customers at once notice it, above all in the busy hour.',
      advice: 'Look at the load’s curves for the moment when it began, and at what the servers were short of then.',
      evidence: [],
      expected: rest.map(({ metric, condition }) => `${metric} ${condition}`).join('; '),
      actual: 'not held',
    })
  }
  if (mismatch.length > 0) found.push(countedDifferently(mismatch, load.profile))
  return found
}

/** Whether every call failed: whoever brings a profile without thresholds is told so all the same. */
export function nothingWorked({ calls }: Pick<LoadResult, 'calls'>): boolean {
  return calls.completed === 0 && calls.failed > 0
}

type About = Pick<Finding, 'kind' | 'gravity' | 'severity' | 'provider' | 'scenarios'>

function failedCalls({ calls }: LoadResult, about: About): Finding[] {
  if (calls.failed === 0) return []
  const statuses = Object.entries(calls.byStatus ?? {}).filter(([status]) => !status.startsWith('2'))
  return [
    {
      ...about,
      id: 'LOAD-CALLS-FAILED',
      provider: [],
      scenarios: [...about.scenarios],
      title: `${calls.failed} of ${calls.started} calls failed under load`,
      harm: 'Customers get an error or silence instead of their call.',
      advice: 'Look at the answers that were given, and at what the servers were short of when the first of them came.',
      evidence: [],
      count: calls.failed,
      expected: 'every call is answered with 200 and carried to its end',
      actual: statuses.length > 0 ? statuses.map(([status, many]) => `${status}: ${many}`).join(', ') : 'broken off',
    },
  ]
}

/** One way in which a relay can be bad, the most harmful first. */
interface Trouble {
  readonly id: string
  /** In words after `N of M calls through RELAY`. */
  readonly title: (sick: Sick) => string
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

const TROUBLES: readonly Trouble[] = [
  {
    id: 'LOAD-RELAY-SILENT',
    title: ({ where, hit }) => `Nothing at all is heard through ${where}: all its ${hit} calls`,
    harm: 'Customers whose call gets such a relay hear nothing and hang up; the next call may be good.',
    expected: 'audio comes back through every relay',
    holds: (relay) => relay.packetsReceived === 0,
    calls: (relay) => relay.calls,
    actual: (relay) => `${relay.packetsSent} packets sent to it, none came`,
  },
  {
    id: 'LOAD-RELAY-ONE-WAY',
    title: ({ where, hit, of }) => `${hit} of ${of} calls through ${where} are heard in one direction only`,
    harm: 'Every so many calls one of the two hears nothing, and nobody can say why: it depends on the relay.',
    expected: 'audio in both directions',
    holds: (relay) => relay.oneWayCalls > 0,
    calls: (relay) => relay.oneWayCalls,
    actual: (relay) => `${relay.oneWayCalls} of ${relay.calls} calls one-way`,
  },
  {
    id: 'LOAD-RELAY-WRONG-AUDIO',
    title: ({ where, hit, of }) => `${hit} of ${of} calls through ${where} have audio that is not theirs`,
    harm: 'Customers hear somebody else’s call, or noise.',
    expected: 'each call’s own audio',
    holds: (relay) => (relay.wrongAudioCalls ?? 0) > 0,
    calls: (relay) => relay.wrongAudioCalls ?? 0,
    actual: (relay) => `${relay.wrongAudioCalls ?? 0} of ${relay.calls} calls with other audio`,
  },
  {
    id: 'LOAD-RELAY-LOSS',
    title: ({ where, loss }) => `${loss} of the audio is lost through ${where}`,
    harm: 'Customers hear gaps and clicks.',
    expected: `less than ${LOSS * 100} % of packets lost`,
    holds: (relay) => lossOf(relay) >= LOSS,
    calls: (relay) => relay.calls,
    actual: (relay) => `${relay.packetsLost} of ${relay.packetsLost + relay.packetsReceived} packets lost`,
  },
]

/** Each relay by its worst trouble; relays with the same are one finding. */
function relayFindings({ relays }: LoadResult, about: About): Finding[] {
  const used = relays.filter((relay) => relay.calls > 0)
  const worst = new Map(used.map((relay) => [relay, TROUBLES.find((trouble) => trouble.holds(relay))]))
  return TROUBLES.flatMap((trouble) => {
    const sick = used.filter((relay) => worst.get(relay) === trouble)
    if (sick.length === 0) return []
    const hit = sick.reduce((sum, relay) => sum + trouble.calls(relay), 0)
    const of = sick.reduce((sum, relay) => sum + relay.calls, 0)
    const shares = sick.map(lossOf)
    const [least, most] = [Math.min(...shares), Math.max(...shares)].map(percent)
    return [
      {
        ...about,
        id: trouble.id,
        provider: [],
        scenarios: [...about.scenarios],
        title: trouble.title({
          where: placesOf(sick, used.length),
          hit,
          of,
          loss: least === most ? `${most} %` : `${least} to ${most} %`,
        }),
        harm: trouble.harm,
        advice:
          sick.length === used.length
            ? 'All relays are alike in this: look at what they have in common (network, version, CPU) before at any one.'
            : 'Take it out of use, and compare its configuration, network and load with its neighbours’: those are better.',
        evidence: sick.flatMap((relay) => relay.worst?.evidence ?? []),
        count: hit,
        expected: trouble.expected,
        actual: sick.map((relay) => `${nameOf(relay)}: ${trouble.actual(relay)}`).join('; '),
      },
    ]
  })
}

function placesOf(sick: readonly RelayResult[], all: number): string {
  if (sick.length > 1 && sick.length === all) return `all ${all} relays`
  const names = sick.map(nameOf)
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function nameOf({ name, address }: RelayResult): string {
  return name === address ? address : `${name} (${address})`
}

function percent(part: number): string {
  return (part * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })
}

function countedDifferently(mismatch: NonNullable<LoadResult['reconciliation']>, profile: string): Finding {
  return {
    id: 'LOAD-COUNTS-DIFFER',
    kind: 'load',
    gravity: 'letter',
    severity: 'fail',
    title: 'k6 and the call agents counted differently: one of them lost calls',
    provider: [],
    evidence: [],
    harm: 'Nobody who telephones; but the numbers of this load are not to be relied on.',
    advice: 'Run the load again; if it happens again, report it to the makers of ringproof.',
    scenarios: [{ scenario: `load/${profile}`, transport: '', family: '' }],
    expected: 'the same counts',
    actual: mismatch.map(({ what, k6, agents }) => `${what}: k6 ${k6}, agents ${agents}`).join('; '),
  }
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
