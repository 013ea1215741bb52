/** What a load showed to be wrong: relays with trouble, calls that failed, limits that were crossed. */
import type { Finding } from '../result/finding.js'
import type { LoadResult } from '../result/load-result.js'
import type { Breakage } from './breakage.js'
import { limitsFound } from './breakpoint.js'
import { beyondInWords, callsFailed } from './failed-calls.js'
import { CALLS_FAILED, limitOf, SLOW, wordsOfLimit } from './limits.js'
import { breakagesOfRuns } from './load-runs.js'
import { placeOfLoad } from './place.js'
import { relayTroubles } from './relay-troubles.js'
import { counted, distinct, listed, raised } from '../result/texts.js'
import type { TroubleWords } from './trouble.js'

/**
 * Breakages of a load. None where the generator was too slow, or where it was interrupted: then its numbers are not the
 * target's. What the load's own thresholds do not object to warns.
 */
export function breakagesOfLoad(load: LoadResult | undefined, interrupted: boolean): Breakage[] {
  if (load === undefined || !isSound(load) || interrupted) return []
  const troubles = relayTroubles(load)
  if (load.breakpoint !== undefined) {
    // Too much was ordered on purpose: what gives way then is what was asked for. That calls are mixed up never is.
    const mixedUp = troubles.filter(({ gravity }) => gravity === 'exposure')
    return [
      ...notRegistered(load),
      ...limits(load, load.breakpoint),
      ...mixedUp.map((found) => breakage(load, found)),
      ...sessionsLeft(load),
    ]
  }
  return [
    ...notRegistered(load),
    ...failedCalls(load),
    ...slowAnswers(load),
    ...troubles.map((found) => breakage(load, found)),
    ...sessionsLeft(load),
    ...breakagesOfRuns(load),
    ...crossedLimits(load),
  ]
}

const NOT_REGISTERED = 'LOAD-NOT-REGISTERED'

/** Whether its numbers are the target's. Counts that differ do not change what the agents recorded. */
const isSound = ({ valid, generator }: LoadResult): boolean => generator.sound ?? valid

/** Whether every call failed: whoever brings a profile without thresholds is told so all the same. */
export const nothingWorked = ({ calls }: Pick<LoadResult, 'calls'>): boolean =>
  calls.completed === 0 && calls.failed > 0

interface Trouble extends TroubleWords {
  readonly cause: string
  readonly severity?: Finding['severity']
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
    step: cause === NOT_REGISTERED ? 'register' : cause === CALLS_FAILED || cause === SLOW ? 'call' : 'talk',
    count,
  }
}

/** More devices than this share may be left out of no load: it is another one without them. */
const MOST_UNREGISTERED = 0.01

/** Devices that were left out, as the target did not let them register. */
function notRegistered(load: LoadResult): Breakage[] {
  const { wanted = 0, registered = 0, why = [] } = load.devices ?? {}
  const count = wanted - registered
  if (count === 0) return []
  return [
    breakage(load, {
      cause: NOT_REGISTERED,
      severity: count > wanted * MOST_UNREGISTERED ? 'fail' : 'warn',
      gravity: 'harm',
      title: `${count} of ${counted(wanted, 'device')} could not register: the load was made without ${count === 1 ? 'it' : 'them'}`,
      harm: 'Customers whose telephone cannot register are not reached, and mostly cannot call.',
      advice: 'Look at the accounts and passwords of the target file, and at what the registrar was short of then.',
      count,
      expected: 'every device registers before the first call',
      actual: `${why.join('; ')}${count > why.length ? '; …' : ''}`,
    }),
  ]
}

function failedCalls(load: LoadResult): Breakage[] {
  const found = callsFailed(load)
  if (found === undefined) return []
  return [breakage(load, { cause: CALLS_FAILED, severity: nothingWorked(load) ? 'fail' : 'warn', ...found })]
}

/** Answers that become slow with the load. */
function slowAnswers(load: LoadResult): Breakage[] {
  const { slow } = load
  if (slow === undefined) return []
  const { calls, of, slowMs, usualMs, beyond } = slow
  return [
    breakage(load, {
      cause: SLOW,
      gravity: 'harm',
      title: `Answers take ${inWords(slowMs)} beyond ${beyondInWords(beyond)}, and ${inWords(usualMs)} below`,
      harm: 'Callers hear nothing for that long after they have dialled, and dial again.',
      advice: 'Look at what the servers were short of then: CPU, database, worker processes, DNS.',
      count: calls,
      expected: 'answers that are as quick under load as without',
      actual: `${calls} of ${counted(of, 'answer')} slow: half of them ${inWords(slowMs)} or more, of the others ${inWords(usualMs)}`,
    }),
  ]
}

/** Sessions that relays keep when no call of ours is up any more, and nobody else used them. */
function sessionsLeft(load: LoadResult): Breakage[] {
  const keeping = (load.relayCounts ?? []).filter(({ left = 0 }) => left > 0)
  if (keeping.length === 0) return []
  const count = keeping.reduce((all, { left = 0 }) => all + left, 0)
  const calls = keeping.reduce((all, { ours }) => all + ours.calls, 0)
  const names = keeping.flatMap(({ relays }) => relays)
  return [
    breakage(load, {
      cause: 'LOAD-SESSIONS-LEFT',
      gravity: 'harm',
      title: `${counted(count, 'session')} of ${counted(calls, 'call')} ${count === 1 ? 'is' : 'are'} left at ${listed(names)} after all calls are over`,
      harm: 'Each keeps ports of the relay until its own time limit: when none are free, calls have no audio, or are rejected.',
      advice:
        'See that the server deletes the session (ng command delete) with every BYE, CANCEL and final refusal, of calls that lost a device, too.',
      count,
      expected: 'no session is left when its call is over',
      actual: keeping
        .map(({ relays, left = 0, waitedMs }) => `${listed(relays)}: ${left} after ${(waitedMs / 1000).toFixed(0)} s`)
        .join('; '),
      relays: names,
      ofRelays: load.relays.length,
    }),
  ]
}

const inWords = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`)
const causesOfRuns = (load: LoadResult): string[] => distinct(breakagesOfRuns(load).map(({ cause }) => cause))

/** What was found by searching for it. A target that does not recover fails. */
function limits(load: LoadResult, breakpoint: NonNullable<LoadResult['breakpoint']>): Breakage[] {
  return limitsFound(breakpoint).map(({ isRecovered, relays, ...found }, index) =>
    breakage(load, {
      ...found,
      cause: isRecovered ? `LOAD-BREAKPOINT${index === 0 ? '' : ` ${index + 1}`}` : 'LOAD-NOT-RECOVERED',
      severity: isRecovered ? 'info' : 'fail',
      ...(relays.length === 0 ? {} : { relays, ofRelays: load.relays.length }),
    }),
  )
}

/** Each limit that was crossed; folded where a failed call or a relay explains it. */
function crossedLimits(load: LoadResult): Breakage[] {
  const crossed = (load.thresholds ?? []).filter(({ ok }) => !ok)
  return distinct(crossed.map(({ metric }) => metric)).map((metric) => {
    const own = crossed.filter((one) => one.metric === metric)
    const isMeasured = wasMeasured(metric, load) && !own.every(({ empty }) => empty === true)
    return breakage(load, {
      cause: `LOAD-LIMIT ${metric}`,
      follows: [
        ...(limitOf(metric)?.follows ?? []),
        ...(metric.startsWith('scenario_') ? causesOfRuns(load) : []),
        ...(isMeasured ? [] : [CALLS_FAILED]),
      ],
      severity: 'fail',
      gravity: 'harm',
      ...wordsOfCrossed(metric),
      ...(isMeasured ? {} : { title: `Nothing was measured under load that ${metric} could be held against` }),
      expected: own.map(({ condition }) => `${metric} ${condition}`).join('; '),
      actual: distinct(own.map(measuredInWords)).join('; '),
    })
  })
}

/** A metric of the script's own is named as it is: what it means, only the script knows. */
function wordsOfCrossed(metric: string): Pick<Trouble, 'title' | 'harm' | 'advice'> {
  const tags = /\{(.*)\}$/.exec(metric)?.[1]
  if (limitOf(metric) !== undefined) {
    return {
      title: `${raised(wordsOfLimit(metric))} under load${tags === undefined ? '' : ` (${tags})`}`,
      harm: 'Customers notice it when many telephone at once, above all in the busy hour.',
      advice:
        'Look at the curves of the load for the moment when it began, and at what the servers were short of then.',
    }
  }
  return {
    title: `${wordsOfLimit(metric)} under load`,
    harm: 'The load script measures it, and says what it means to customers.',
    advice: 'Look at what the script measures there, and at the curves of the load for what went on meanwhile.',
  }
}

const measuredInWords = ({ condition, measured, empty }: NonNullable<LoadResult['thresholds']>[number]): string =>
  measured === undefined
    ? empty === true
      ? 'nothing was counted'
      : 'not held'
    : `${/^[^<>=!]*/.exec(condition)?.[0].trim()} is ${measured.toLocaleString('en-US', { maximumSignificantDigits: 4 })}`

/** k6 takes what was never measured for nought: no call was of bad quality where none was heard. */
const wasMeasured = (name: string, { metrics, calls }: LoadResult): boolean =>
  metrics === undefined || calls.completed > 0 || name !== 'voip_mos' || metrics.some(({ metric }) => metric === name)

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
