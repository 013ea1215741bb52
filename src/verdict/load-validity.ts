/** Whether a load is valid. Where the generator itself was too slow, nothing is learned about the target. */
import type { LoadResult } from '../result/load-result.js'

/**
 * Runs of scenarios that came to an end; those that began late by more than `ms`, those that this process was too late to judge,
 * and those that say something of the target.
 */
export interface RunsFacts {
  readonly runs: number
  readonly begunLate: number
  readonly late: number
  readonly decided: number
  readonly ms: number
}

/** A target on this machine: how long it was watched, how long it ran, and how long it had work and no core to do it on, ms. */
export interface Neighbour {
  readonly ms: number
  readonly ranMs: number
  readonly waitedMs: number
}

export interface GeneratorFacts {
  /** Audio packets behind their time, 99th percentile, ms; undefined where none was sent. */
  readonly sendLatenessP99Ms: number | undefined
  readonly sendLatenessP999Ms?: number | undefined
  /** Of the worst thread, ms. */
  readonly eventLoopLagP99Ms: number
  /** Datagrams that the kernel dropped since our sockets were not read in time. */
  readonly socketDrops: number
  readonly packetsSent: number
  /** Packets that the kernel did not take. */
  readonly sendErrors: number
  /** Calls that were not made for want of ports, descriptors or threads, by reason. */
  readonly troubles: ReadonlyMap<string, number>
  /** Threads that died, and with what. */
  readonly crashes: readonly string[]
  /** Programs that wanted to run at the same time, on average, and cores to run them on; absent where nobody looked. */
  readonly machine?: { readonly loadAverage: number; readonly cores: number } | undefined
  /** Calls a second that were ordered and those that began, and how many; absent where it is not known. */
  readonly pace?: { readonly ordered: number; readonly began: number; readonly calls: number } | undefined
  /** Calls of waves that began late by more than `ms`, of all; absent where it is not known. */
  readonly late?: { readonly calls: number; readonly of: number; readonly ms: number } | undefined
  /** How many calls this machine can generate; absent where nobody looked. */
  readonly capacity?: Capacity | undefined
  /** Absent where the target is elsewhere, or nobody looked. */
  readonly neighbour?: Neighbour | undefined
  /** Absent where no run was ordered. */
  readonly runs?: RunsFacts | undefined
  /** Where it came to its end before the target did, in words. */
  readonly ceilings?: readonly string[] | undefined
  /** Why what was ordered was not carried through, such as the end of k6; undefined where it was. */
  readonly brokenOff: string | undefined
}

/** How many calls a machine can generate, and how that is known. */
export interface Capacity {
  readonly from: 'calibration' | 'this run'
  /** ISO, of a calibration. */
  readonly at?: string
  /** With audio, at a time; and where they are encrypted. */
  readonly calls?: number
  readonly srtpCalls?: number
  /** Calls a second. */
  readonly rate?: number
}

/** A packet later than its successor's time upsets the target's jitter buffers more than any network would. */
const LATEST_SEND_P99_MS = 20
/** Receive times are wrong by up to this, and so would be the jitter. */
const LONGEST_LAG_P99_MS = 40
const MOST_SEND_ERRORS = 0.001
const MOST_LATE_BEGINNINGS = 0.05
const MOST_UNTOLD = 0.05
/** A server that keeps up waits less than it works; below this share of the time its delays stay in the length of a packet. */
const MOST_WAITING = 0.1

/** What calls may take longer to begin than was ordered: a share of the time, and what waiting for one's turn costs, s. */
const SLOWEST_PACE = 0.8
const PACE_SLACK_S = 3

/** Whether the numbers are the target's (`sound`), and whether they can be relied on (`valid`); why not. */
export function validityOf(
  facts: GeneratorFacts,
  reconciliation: LoadResult['reconciliation'] = [],
): { readonly valid: boolean; readonly sound: boolean; readonly problems: string[] } {
  const problems = problemsOf(facts)
  const sound = problems.length === 0
  if (facts.capacity !== undefined && isTooSlow(facts)) problems.push(capacityInWords(facts.capacity))
  const differing = reconciliation.filter(({ ok }) => !ok)
  if (differing.length > 0) {
    problems.push(
      `k6 and the call agents counted differently (${differing.map(({ what, k6, agents }) => `${what}: ${k6} and ${agents}`).join('; ')}): one of them lost calls`,
    )
  }
  return { valid: problems.length === 0, sound, problems }
}

/** Whether the generator kept up in a second of a load. */
export const isTimely = (second: NonNullable<LoadResult['series']>[number]): boolean =>
  (second.sendLatenessP99Ms ?? 0) <= LATEST_SEND_P99_MS && (second.eventLoopLagMs ?? 0) <= LONGEST_LAG_P99_MS

/** Whether this machine was asked for more than it can do; a generator that broke off, or lost count, was not. */
function isTooSlow(facts: GeneratorFacts): boolean {
  return problemsOf({ ...facts, crashes: [], brokenOff: undefined }).length > 0
}

function capacityInWords({ from, at, calls, srtpCalls, rate }: Capacity): string {
  const parts = [
    ...(calls === undefined
      ? []
      : [`${calls} calls with audio at a time${srtpCalls === undefined ? '' : ` (${srtpCalls} encrypted)`}`]),
    ...(rate === undefined ? [] : [`${rate} calls a second`]),
  ]
  const advice = "'ringproof load --calibrate' measures it"
  if (parts.length === 0) return `how many calls this machine can generate could not be told from this run: ${advice}`
  const all = parts.join(' and ')
  return from === 'calibration'
    ? `this machine can generate ${all}, as it was calibrated on ${(at ?? '').slice(0, 10)}`
    : `estimated from this run, this machine can generate about ${all}: ${advice}`
}

/** What was wrong with the generator, in words; empty where nothing was. */
export function problemsOf(facts: GeneratorFacts): string[] {
  const problems: string[] = []
  const late = facts.sendLatenessP99Ms ?? 0
  if (late > LATEST_SEND_P99_MS) {
    problems.push(
      `the generator was too slow: 1 % of its packets left ${late.toFixed(0)} ms or more behind their time (allowed: ${LATEST_SEND_P99_MS} ms)`,
    )
  }
  if (facts.eventLoopLagP99Ms > LONGEST_LAG_P99_MS) {
    problems.push(
      `the generator was too busy: its event loop lagged by up to ${facts.eventLoopLagP99Ms.toFixed(0)} ms (99th percentile, allowed: ${LONGEST_LAG_P99_MS} ms)`,
    )
  }
  const { pace } = facts
  if (pace !== undefined && pace.calls / pace.began > pace.calls / pace.ordered / SLOWEST_PACE + PACE_SLACK_S) {
    problems.push(
      `calls began at ${told(pace.began)} a second instead of ${told(pace.ordered)}: the target was loaded less than was ordered`,
    )
  }
  const { late: begun } = facts
  if (begun !== undefined && begun.calls > begun.of * MOST_LATE_BEGINNINGS) {
    problems.push(
      `${begun.calls} of ${begun.of} calls began more than ${begun.ms} ms late: the target was loaded less than was ordered`,
    )
  }
  problems.push(...problemsOfRuns(facts.runs))
  const { neighbour } = facts
  if (neighbour !== undefined && isStarved(neighbour)) {
    problems.push(
      `other programs kept this machine's cores busy: the target, which runs on it, too, worked for ${told(neighbour.ranMs / 1000)} s and waited ${told(neighbour.waitedMs / 1000)} s for its turns, so that its delays are not its own`,
    )
  }
  const { loadAverage = 0, cores = 1 } = facts.machine ?? {}
  if (problems.length > 0 && loadAverage > 1.5 * cores)
    problems.push(`other programs compete for this machine: load average ${loadAverage.toFixed(1)} on ${cores} cores`)

  if (facts.socketDrops > 0) {
    problems.push(
      `${facts.socketDrops} packets reached this machine and were dropped by its kernel, since the generator did not read them in time: its losses are not the target's`,
    )
  }
  if (facts.sendErrors > facts.packetsSent * MOST_SEND_ERRORS)
    problems.push(`the kernel did not send ${facts.sendErrors} of ${facts.sendErrors + facts.packetsSent} packets`)

  for (const [reason, count] of facts.troubles)
    problems.push(`${count} ${count === 1 ? 'call was' : 'calls were'} not made because of this machine: ${reason}`)

  problems.push(...(facts.ceilings ?? []))
  for (const crash of facts.crashes) problems.push(`a thread of the call agent crashed: ${crash.split('\n')[0] ?? ''}`)
  if (facts.brokenOff !== undefined) problems.push(facts.brokenOff)
  return problems
}

const isStarved = ({ ms, ranMs, waitedMs }: Neighbour): boolean => waitedMs > 2 * ranMs && waitedMs > ms * MOST_WAITING

function problemsOfRuns(facts: GeneratorFacts['runs']): string[] {
  if (facts === undefined) return []
  const { runs, begunLate, late, decided, ms } = facts
  return [
    ...(begunLate > runs * MOST_LATE_BEGINNINGS
      ? [
          `${begunLate} of ${runs} runs of scenarios began more than ${ms} ms late: the target was loaded less than was ordered`,
        ]
      : []),
    ...(late > runs * MOST_UNTOLD
      ? [`${late} of ${runs} runs of scenarios could not be judged, since the generator itself was late`]
      : []),
    ...(runs > 0 && decided === 0 ? [`none of the ${runs} runs of scenarios came to a verdict`] : []),
  ]
}

function told(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : rate.toFixed(0)
}
