/** A conformance run: plans, has the scenarios performed, and puts together what was recorded. What it comes to is decided elsewhere. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { NotRun } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import type { RunResult } from '../result/result.js'
import type { Facts } from '../scenario/facts.js'
import type { ForeignHand, KnownDeviations, PathLoss, SeenNote } from '../verdict/facts.js'
import { placeOf } from '../verdict/place.js'
import { stagesKnowing } from '../worlds/stages.js'
import { block, withAccountsOf } from './blocking.js'
import { confirm } from './confirm.js'
import { notPerformed } from './not-performed.js'
import { pathOf } from './path-loss.js'
import { ForeignHandsWatch } from './foreign-hands.js'
import { type FinishedScenario, perform, type PerformOptions, type PerformReporter } from './perform.js'
import { aboutOf, keyOf, type LoadedScenario, type PlanEntry, plan, type Selection } from './plan.js'

/** Tells of a run while it goes. */
export interface RunReporter extends PerformReporter {
  /** So many are run again. */
  confirms?(count: number): void
  planned?(entries: readonly PlanEntry[], notRun: RunResult['notRun']): void
}

/** What was learned of a target before its scenarios are run. */
export interface KnownTarget {
  readonly result: SurveyResult
  readonly facts: Facts
  /** Users of the accounts that can log in; undefined: none was tried. */
  readonly accounts: readonly string[] | undefined
  /** Where the target led to, and nothing was sent. */
  readonly notes?: readonly SeenNote[] | undefined
  /** Why the target is not reachable at all, in a sentence. */
  readonly unreachable?: string | undefined
}

export interface RunOptions extends PerformOptions {
  readonly scenarios: readonly LoadedScenario[]
  readonly selection: Selection
  readonly reporter?: RunReporter | undefined
  /** What is known of the target and lived with: it need not be confirmed. */
  readonly deviations?: KnownDeviations | undefined
  /** False: what fails is told as it came, without running it again. Default true. */
  readonly confirms?: boolean
  /** The command that repeats one scenario. */
  readonly repeat?: (entry: PlanEntry) => string
  /** Gets to know the target, as far as the planned entries rest on it. Default: nothing is known, nothing blocked. */
  readonly look?: ((entries: readonly PlanEntry[], watch: ForeignHandsWatch) => Promise<KnownTarget>) | undefined
  /** Looks again, at the end, who is registered for these users. */
  readonly lookAgain?: ((users: readonly string[], watch: ForeignHandsWatch) => Promise<void>) | undefined
  /** Why scenarios were not begun, where it was no interruption. */
  readonly whyLeft?: () => string | undefined
  /** Known from the detection matrix: which planted faults a scenario catches. */
  readonly catches?: (id: string) => readonly string[]
  /** Who performs the scenarios, where not this thread. */
  readonly perform?:
    | ((o: PerformOptions, entries: readonly PlanEntry[]) => Promise<Map<string, FinishedScenario>>)
    | undefined
}

export interface ConformanceOutcome {
  readonly scenarios: ScenarioResult[]
  readonly notRun: RunResult['notRun']
  /** What the standing checks noticed. */
  readonly notes: SeenNote[]
  readonly noise: NonNullable<RunResult['noise']>
  readonly survey?: SurveyResult | undefined
  /** Who else used our accounts. */
  readonly foreign?: readonly ForeignHand[]
  /** What the path to the target loses, as far as signalling over UDP shows it. */
  readonly path?: PathLoss | undefined
  readonly interrupted: boolean
}

export async function runConformance(o: RunOptions): Promise<ConformanceOutcome> {
  const planned = plan(o.scenarios, o.selection, o.document, o.stages.wire)
  const watch = new ForeignHandsWatch()
  const known = await o.look?.(planned.entries, watch)
  const { result: survey } = known ?? {}
  const {
    entries,
    notRun: blocked,
    vitalSigns,
  } = known
    ? block(planned.entries, o.document, { vitalSigns: known.result.vitalSigns, accounts: known.accounts })
    : { entries: planned.entries, notRun: [], vitalSigns: [] }
  const notRun = [...planned.notRun, ...blocked]
  o.reporter?.planned?.(entries, notRun)
  const can = entries.filter((entry) => entry.unsupported === undefined)
  const options: PerformOptions = {
    ...o,
    watch,
    ...(known
      ? { stages: stagesKnowing(o.stages, known.facts), document: withAccountsOf(o.document, known), known }
      : {}),
  }
  const finished = known?.unreachable ? new Map<string, FinishedScenario>() : await (o.perform ?? perform)(options, can)
  if (o.confirms !== false && !known?.unreachable) {
    await confirm({
      entries: can,
      finished,
      options,
      known: o.deviations,
      perform: o.perform ?? perform,
      onRound: (count) => o.reporter?.confirms?.(count),
    })
  }
  const used = new Set([...finished.values()].flatMap(({ result }) => result.accounts ?? []))
  if (o.lookAgain && used.size > 0 && !o.signal?.aborted) await o.lookAgain([...used], watch)
  const inOrder = entries.flatMap((entry): FinishedScenario[] => {
    if (entry.unsupported !== undefined) return [unsupported(entry)]
    const found = finished.get(keyOf(entry))
    return found ? [{ ...found, result: withExtras(o, entry, found.result) }] : []
  })
  const left = can.filter((entry) => !finished.has(keyOf(entry)))
  return {
    scenarios: inOrder.map(({ result }) => result),
    notes: [
      ...(known?.notes ?? []),
      ...inOrder.flatMap(({ result, notes, disturbed = false }) =>
        notes.map((note) => ({ note, place: placeOf(result), evidence: result.evidence, disturbed })),
      ),
    ],
    notRun: [...notRun, ...left.map((entry) => leftEntry(entry, known?.unreachable ?? o.whyLeft?.()))],
    noise: noiseOf(inOrder),
    ...(survey ? { survey: { ...survey, vitalSigns: [...vitalSigns] } } : {}),
    foreign: watch.seen,
    path: pathOf(inOrder),
    interrupted: o.signal?.aborted ?? false,
  }
}

function withExtras(o: RunOptions, entry: PlanEntry, result: ScenarioResult): ScenarioResult {
  const catches = o.catches?.(entry.definition.id)
  return {
    ...result,
    ...(o.repeat ? { repeat: o.repeat(entry) } : {}),
    ...(catches ? { catches: [...catches] } : {}),
  }
}

/** @param silence why, where the target stopped answering; absent where the run was interrupted */
function leftEntry(entry: PlanEntry, silence: string | undefined): NotRun {
  const kind = silence === undefined ? 'broken off' : 'unreachable'
  return {
    id: entry.definition.id,
    kind,
    why: silence ?? 'the run was interrupted before it was begun',
    count: 1,
    variants: [{ ...entry.variant }],
    ...aboutOf(entry.definition),
  }
}

/** What stands in the report for a scenario that the target says it cannot do. */
const unsupported = (entry: PlanEntry): FinishedScenario =>
  notPerformed(entry, { verdict: 'unsupported', reason: entry.unsupported ?? '', reasonCode: 'feature-lacking' })

/** Bytes on signalling ports that are no SIP: counted by what is wrong with them, with some captures that hold them. */
function noiseOf(finished: readonly FinishedScenario[]): ConformanceOutcome['noise'] {
  const counts = new Map<string, { count: number; evidence: Set<string> }>()
  for (const { noise, result } of finished) {
    for (const code of noise) {
      const entry = counts.get(code) ?? { count: 0, evidence: new Set() }
      entry.count += 1
      for (const file of result.evidence) entry.evidence.add(file)
      counts.set(code, entry)
    }
  }
  return [...counts].map(([code, { count, evidence }]) => ({
    what: `no SIP message: ${code}`,
    count,
    evidence: [...evidence].slice(0, 5),
  }))
}
