/**
 * What a round of a monitor means: which problems are new, which have stayed, which are well again, and what is to be told. Pure: the
 * state before and what was seen give the state after. Decision 0080 has the reasons.
 */
import type { Baseline } from '../result/baseline.js'
import type { Finding } from '../result/finding.js'
import {
  type AboutProblem,
  type ClosedProblem,
  MONITOR_VERSION,
  type MonitorAlert,
  type MonitorProblem,
  type MonitorState,
  type RoundOutcome,
} from '../result/monitor.js'
import { problemsOf } from '../result/problems.js'
import type { RunResult } from '../result/result.js'
import { counted } from '../result/texts.js'
import { causeOf } from './comparison/findings.js'
import { snapshotOf } from './comparison/snapshot.js'
import { exitCodes } from './exit-code.js'
import { absent } from './history.js'
import { compareWeight } from './order.js'

/** Rounds in a row without it, until a problem is told to be well again; twice as many each time that it comes back within a day. */
const WELL_ROUNDS = 2
const MOST_WELL_ROUNDS = 64
const REMEMBERED_MS = 24 * 3_600_000
const MOST_CLOSED = 100
/** Rounds in a row that could not tell anything, until that is told. */
const BLIND_ROUNDS = 3

/** What came of one round. */
export interface Round {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string
  /** Its folder, from the monitor's. */
  readonly folder?: string | undefined
  /** Absent where there is none: the target file is broken, say. */
  readonly result?: RunResult | undefined
  /** Why it says nothing of the target, as a sentence, where that is known: this machine's own trouble. */
  readonly trouble?: string | undefined
}

export interface Judging {
  /** Formal problems count, too. */
  readonly letter: boolean
  /** An id for an alert. */
  readonly idOf: () => string
}

export interface Judged {
  readonly state: MonitorState
  /** At most one for what is new, and one for what is well again. */
  readonly alerts: readonly MonitorAlert[]
  /** Whether a second look at once would settle something. */
  readonly looksAgain: boolean
}

export function judgeRound(before: MonitorState, round: Round, o: Judging): Judged {
  const { result } = round
  if (result?.verdict === 'interrupted')
    return { state: ended(before, round, 'interrupted'), alerts: [], looksAgain: false }
  const why = round.trouble ?? blindness(result)
  return why !== undefined || result === undefined
    ? blindRound(before, round, why ?? 'the round came to no result', o)
    : decidedRound(before, round, result, o)
}

/** Why a result says nothing of the target; undefined where it does. */
function blindness(result: RunResult | undefined): string | undefined {
  if (result === undefined || result.exitCode === exitCodes.unreachable) return undefined
  const { verdict, sentence = '' } = result
  return verdict === 'inconclusive' || verdict === 'invalid' || verdict === 'error' ? sentence : undefined
}

function ended(
  { counters, ...state }: MonitorState,
  { startedAt, endedAt, folder, result }: Round,
  outcome: RoundOutcome,
  sentence = result?.sentence ?? '',
): MonitorState {
  return {
    ...state,
    last: { startedAt, endedAt, outcome, sentence, ...(folder === undefined ? {} : { folder }) },
    counters: { ...counters, [outcome]: counters[outcome] + 1 },
  }
}

// --- rounds that tell nothing ---------------------------------------------------------------------------------------

function blindRound(before: MonitorState, round: Round, why: string, { idOf }: Judging): Judged {
  const { since = round.startedAt, rounds = 0, told = false } = before.blind ?? {}
  const tells = !told && rounds + 1 >= BLIND_ROUNDS
  const state: MonitorState = {
    ...ended(before, round, 'blind', why),
    blind: { since, rounds: rounds + 1, why, told: told || tells },
  }
  const headline = `Nothing can be said of ${before.target}: ${why}`
  return { state, alerts: tells ? [alertOf('blind', headline, since, [], state, round, idOf)] : [], looksAgain: false }
}

// --- rounds that do -------------------------------------------------------------------------------------------------

/** A problem as one round saw it. */
interface Seen {
  readonly about: AboutProblem
  readonly base: Baseline
}

function decidedRound(before: MonitorState, round: Round, result: RunResult, o: Judging): Judged {
  const { blind, ...rest } = before
  const now = snapshotOf(result)
  const { shown, doubtful } = problemsIn(result, round, now, o.letter)
  const at = round.endedAt
  const [opened, closed, problems]: [MonitorProblem[], MonitorProblem[], MonitorProblem[]] = [[], [], []]
  for (const problem of before.problems) {
    const seen = shown.get(problem.cause)
    shown.delete(problem.cause)
    const after = seen ? seenAgain(problem, seen, at) : notSeen(problem, now, doubtful)
    if (after === undefined) {
      if (problem.state === 'open') closed.push(problem)
      continue
    }
    problems.push(after)
    if (after.state === 'open' && problem.state === 'suspected') opened.push(after)
  }
  for (const seen of shown.values()) problems.push(suspected(seen, before.closed, round))
  const state: MonitorState = {
    ...ended(rest, round, 'decided'),
    target: result.target.name,
    problems,
    closed: [...closed.map((one) => closedAt(one, before.closed, at)), ...before.closed].slice(0, MOST_CLOSED),
  }
  const open = problems.filter((one) => one.state === 'open')
  const alerts = [
    ...(blind?.told === true
      ? [alertOf('sees', `${state.target} can be watched again`, blind.since, [], state, round, o.idOf)]
      : []),
    ...told('problem', opened, state, round, o),
    ...told('well', closed, state, round, o),
  ]
  const looksAgain =
    problems.some((one) => one.state === 'suspected') ||
    open.some(({ well, needed }) => well > 0 && needed === WELL_ROUNDS)
  return { state, alerts, looksAgain }
}

/** What is wrong, and causes of which it is not sure whether they are. */
function problemsIn(
  result: RunResult,
  { folder }: Round,
  now: Baseline,
  letter: boolean,
): { shown: Map<string, Seen>; doubtful: ReadonlySet<string> } {
  const all = problemsOf(result.findings).filter(
    ({ severity, gravity, kind }) => kind === 'unsteady' || (severity === 'fail' && (letter || gravity !== 'letter')),
  )
  const shown = new Map<string, Seen>()
  for (const finding of all.filter(({ kind }) => kind !== 'unsteady')) {
    const cause = causeOf(finding)
    const own = now.findings.find((one) => one.id === finding.id)
    if (own !== undefined) shown.set(cause, { about: aboutOf(finding, folder), base: sliceOf(now, own) })
  }
  return { shown, doubtful: new Set(all.filter(({ kind }) => kind === 'unsteady').map(causeOf)) }
}

function aboutOf(finding: Finding, folder: string | undefined): AboutProblem {
  const { kind, gravity, title, rule, expected, actual, harm, advice, evidence, where } = finding
  const [capture] = evidence
  const optional = { rule, expected, actual, harm, advice, report: folder }
  return {
    cause: causeOf(finding),
    kind,
    gravity,
    headline: where === undefined ? title : `${title} (${where.text})`,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(folder === undefined || capture === undefined ? {} : { capture: `${folder}/${capture}` }),
  }
}

/** What is needed of a round to tell later how one of its findings stands. */
const sliceOf = (now: Baseline, finding: Baseline['findings'][number]): Baseline => {
  const ids = new Set(finding.seen.map((key) => key.split(' ')[0]))
  return {
    ...now,
    findings: [finding],
    tests: Object.fromEntries(Object.entries(now.tests).filter(([id]) => ids.has(id))),
    notRun: {},
    figures: {},
  }
}

function suspected(
  { about, base }: Seen,
  closed: readonly ClosedProblem[],
  { startedAt, endedAt }: Round,
): MonitorProblem {
  const times = timesBefore(about.cause, closed, endedAt)
  const needed = Math.min(MOST_WELL_ROUNDS, WELL_ROUNDS * 2 ** times)
  return { ...about, state: 'suspected', firstAt: startedAt, lastAt: endedAt, seen: 1, well: 0, needed, base }
}

/** How often it has come and gone within a day. */
function timesBefore(cause: string, closed: readonly ClosedProblem[], at: string): number {
  const last = closed.find((one) => one.cause === cause)
  return last !== undefined && Date.parse(at) - Date.parse(last.closedAt) < REMEMBERED_MS ? last.times : 0
}

function seenAgain(problem: MonitorProblem, { about, base }: Seen, at: string): MonitorProblem {
  return {
    ...problem,
    ...about,
    base,
    state: 'open',
    openedAt: problem.openedAt ?? at,
    lastAt: at,
    seen: problem.seen + 1,
    well: 0,
  }
}

/** @returns undefined where it is well again, or never was for sure */
function notSeen(problem: MonitorProblem, now: Baseline, doubtful: ReadonlySet<string>): MonitorProblem | undefined {
  const [finding] = problem.base.findings
  const standing =
    doubtful.has(problem.cause) || finding === undefined ? 'unsteady' : absent({ finding, snapshot: problem.base }, now)
  if (problem.state === 'suspected') return standing === 'open' ? problem : undefined
  if (standing === 'open') return problem
  if (standing !== 'held') return { ...problem, well: 0 }
  return problem.well + 1 >= problem.needed ? undefined : { ...problem, well: problem.well + 1 }
}

function closedAt(problem: MonitorProblem, closed: readonly ClosedProblem[], at: string): ClosedProblem {
  const { state: _s, firstAt, lastAt: _l, seen: _n, well: _w, needed: _d, base: _b, openedAt: _o, ...about } = problem
  return { ...about, openedAt: firstAt, closedAt: at, times: timesBefore(problem.cause, closed, at) + 1 }
}

// --- alerts ---------------------------------------------------------------------------------------------------------

function told(
  event: 'problem' | 'well',
  problems: readonly MonitorProblem[],
  state: MonitorState,
  round: Round,
  { idOf }: Judging,
): MonitorAlert[] {
  const sorted = problems.toSorted((a, b) => compareWeight(weightOf(a), weightOf(b)))
  const [first] = sorted
  if (first === undefined) return []
  const more = sorted.length === 1 ? '' : ` (and ${counted(sorted.length - 1, 'more problem')})`
  const headline = event === 'problem' ? `${first.headline}${more}` : `Well again: ${first.headline}${more}`
  return [alertOf(event, headline, first.firstAt, sorted, state, round, idOf)]
}

const weightOf = ({ kind, gravity }: MonitorProblem) => ({ kind, gravity, severity: 'fail' as const })

function alertOf(
  event: MonitorAlert['event'],
  headline: string,
  since: string,
  problems: readonly MonitorProblem[],
  state: MonitorState,
  { endedAt }: Round,
  idOf: () => string,
): MonitorAlert {
  const all = problems.map(
    ({ state: _s, firstAt, lastAt: _l, seen: _n, well: _w, needed: _d, base: _b, openedAt: _o, ...about }) => ({
      ...about,
      since: firstAt,
    }),
  )
  const [first] = all
  const { rule, expected, actual, gravity, report, capture } = first ?? {}
  const gravest = Object.fromEntries(
    Object.entries({ rule, expected, actual, gravity, report, capture }).filter(([, value]) => value !== undefined),
  )
  return {
    alertVersion: MONITOR_VERSION,
    id: idOf(),
    event,
    target: state.target,
    headline,
    at: endedAt,
    since,
    ...gravest,
    problems: all,
    open: state.problems.filter((one) => one.state === 'open').length,
  }
}
