/** A conformance run: all planned scenarios, as many at once as the accounts allow, and what came of them. */
import { ScenarioRecord } from '../evidence/record.js'
import type { ExaminerNote } from '../examiner/examiner.js'
import type { Finding, RunResult, RunVerdict, ScenarioResult } from '../result/result.js'
import type { TargetDocument } from '../target/target-file.js'
import type { World } from '../scenario/world.js'
import { AccountPool, type Lease } from './account-pool.js'
import { applyExpectedFailures, type ExpectedFailures } from './expected-failures.js'
import { findingsOf } from './findings.js'
import { type LoadedScenario, keyOf, type PlanEntry, plan, type Selection } from './plan.js'
import { runScenario, type ScenarioRun, type ToldScenario } from './run-scenario.js'

/** Where scenarios take place. Who supplies it knows what the target is; the runner does not. */
export interface Stages {
  readonly wire: World['network']['kind']
  /** Runs `story` on a world: a shared one (sockets), or one of its own with a clock of its own (virtual time). */
  on<T>(key: string, story: (world: World) => Promise<T>): Promise<T>
  /** Waits a moment between the starts of two stories, so that they do not all set up calls at once and make each other late. */
  betweenStarts?(): Promise<void>
  /** True where each story has a world, and so all accounts, for itself. */
  readonly separate: boolean
}

/** Tells of a run while it goes. */
export interface RunReporter {
  planned?(entries: readonly PlanEntry[], notRun: RunResult['notRun']): void
  begins?(entry: PlanEntry): void
  ended?(entry: PlanEntry, result: ScenarioResult): void
}

export interface RunOptions {
  readonly scenarios: readonly LoadedScenario[]
  readonly document: TargetDocument
  readonly stages: Stages
  readonly selection: Selection
  readonly expected?: ExpectedFailures | undefined
  readonly signal?: AbortSignal | undefined
  readonly reporter?: RunReporter
  /** Writes a scenario's capture; returns the file's path relative to the report. */
  readonly writeEvidence?: (key: string, record: ScenarioRecord) => string
  /** The command that repeats one scenario. */
  readonly repeat?: (entry: PlanEntry) => string
  /** Known from the detection matrix: which planted faults a scenario catches. */
  readonly catches?: (id: string) => readonly string[]
  readonly brief?: boolean
  /** The moment the run began, on the shared world's clock; 0 for worlds of their own. */
  readonly startMs?: number
}

export interface ConformanceOutcome {
  readonly scenarios: ScenarioResult[]
  readonly notRun: RunResult['notRun']
  readonly findings: Finding[]
  readonly noise: NonNullable<RunResult['noise']>
  readonly interrupted: boolean
}

/** Scenarios at a time: more than this would only make this process late. */
const MOST_AT_ONCE = 48

export async function runConformance(o: RunOptions): Promise<ConformanceOutcome> {
  const { entries, notRun } = plan(o.scenarios, o.selection, o.document, o.stages.wire)
  o.reporter?.planned?.(entries, notRun)
  const interrupted = o.signal && abortOf(o.signal)
  const told: { entry: PlanEntry; run: ToldScenario | ScenarioRun }[] = []
  const left: PlanEntry[] = []
  const perform = async (entry: PlanEntry, lease: Lease): Promise<void> => {
    o.reporter?.begins?.(entry)
    const run = await o.stages.on(keyOf(entry), (world) =>
      runScenario({
        entry,
        world,
        lease,
        runStartMs: o.startMs ?? 0,
        interrupted,
        ...(o.brief ? { brief: true } : {}),
      }),
    )
    told.push({ entry, run: o.stages.separate ? withExtras(o, entry, run.read()) : run })
    o.reporter?.ended?.(entry, run.result)
  }
  const can = entries.filter((entry) => entry.unsupported === undefined)
  const peaceful = can.filter((entry) => !entry.definition.provokesBans)
  const provoking = can.filter((entry) => entry.definition.provokesBans)
  if (o.stages.separate) for (const entry of can) await alone(entry)
  else {
    // The longest first, so that the run takes about as long as its longest scenario.
    await together([...peaceful].sort((a, b) => b.definition.seconds - a.definition.seconds))
    // Failed log-ins may get this address banned: last, and one after another.
    for (const entry of provoking) await alone(entry)
  }
  // Ladders, standing checks and capture files take CPU time: on a shared stage only now, when nobody waits for an answer.
  const runs = told.map(({ entry, run }) => ({ entry, run: 'read' in run ? withExtras(o, entry, run.read()) : run }))

  async function alone(entry: PlanEntry): Promise<void> {
    const lease = new AccountPool(o.document).take(entry.definition)
    if (o.signal?.aborted || !lease) left.push(entry)
    else await perform(entry, lease)
  }

  async function together(queue: PlanEntry[]): Promise<void> {
    const pool = new AccountPool(o.document)
    const active = new Set<Promise<void>>()
    while (queue.length > 0 || active.size > 0) {
      if (o.signal?.aborted) left.push(...queue.splice(0))
      for (let i = 0; i < queue.length && active.size < MOST_AT_ONCE; ) {
        const entry = queue[i]
        const lease = entry && pool.take(entry.definition)
        if (!entry || !lease) {
          i += 1
          continue
        }
        queue.splice(i, 1)
        const running = perform(entry, lease).finally(() => {
          pool.giveBack(lease)
          active.delete(running)
        })
        active.add(running)
        await o.stages.betweenStarts?.()
        if (o.signal?.aborted) break
      }
      await Promise.race(active)
    }
  }

  const inOrder = entries.flatMap(
    (entry) =>
      runs.find((run) => run.entry === entry)?.run ?? (entry.unsupported === undefined ? [] : [unsupportedRun(entry)]),
  )
  const { results, findings } = applyExpectedFailures(
    inOrder.map((run) => run.result),
    o.expected,
  )
  const notes = inOrder.flatMap((run, i) =>
    run.notes.map((note: ExaminerNote) => ({ note, scenario: results[i] ?? run.result })),
  )
  return {
    scenarios: results,
    notRun: [
      ...notRun,
      ...left.map((entry) => ({
        id: keyOf(entry),
        why: 'the run was interrupted',
        title: entry.definition.title,
        area: entry.definition.area,
        purposes: [...entry.definition.purposes],
      })),
    ],
    findings: [...findingsOf(results, notes), ...findings],
    noise: noiseOf(inOrder),
    interrupted: o.signal?.aborted ?? false,
  }
}

/** Settles when the signal is aborted: one listener for any number of scenarios. */
function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The verdict over scenarios and findings. Some inconclusive scenarios among others make a warning: the rest still stands. */
export function conformanceVerdict({
  scenarios,
  findings,
  interrupted,
}: Pick<ConformanceOutcome, 'scenarios' | 'findings' | 'interrupted'>): RunVerdict {
  if (interrupted) return 'interrupted'
  const has = (verdict: ScenarioResult['verdict']) => scenarios.some((scenario) => scenario.verdict === verdict)
  if (has('error')) return 'error'
  if (has('fail') || findings.some((finding) => finding.severity === 'fail')) return 'fail'
  const told = scenarios.filter((scenario) => scenario.verdict === 'pass' || scenario.verdict === 'warn')
  if (told.length === 0 && scenarios.length > 0 && has('inconclusive')) return 'inconclusive'
  if (has('warn') || has('inconclusive') || findings.some((finding) => finding.severity === 'warn')) return 'warn'
  return 'pass'
}

function withExtras(o: RunOptions, entry: PlanEntry, run: ScenarioRun): ScenarioRun {
  const evidence = o.writeEvidence ? [o.writeEvidence(keyOf(entry), run.record)] : []
  const catches = o.catches?.(entry.definition.id)
  return {
    ...run,
    result: {
      ...run.result,
      evidence,
      ...(o.repeat ? { repeat: o.repeat(entry) } : {}),
      ...(catches ? { catches: [...catches] } : {}),
    },
  }
}

/** What stands in the report for a scenario that the target says it cannot do. */
function unsupportedRun({ definition, variant, file, unsupported = '' }: PlanEntry): ScenarioRun {
  const { id, title, area, purposes, provider = [], harm, advice } = definition
  const about = { id, title, area, purposes: [...purposes], provider: [...provider], harm, advice, file }
  return {
    result: {
      ...about,
      variant: { ...variant },
      verdict: 'unsupported',
      reason: unsupported,
      durationMs: 0,
      checks: [],
      evidence: [],
    },
    record: new ScenarioRecord(),
    notes: [],
  }
}

/** Bytes on signalling ports that are no SIP: counted, with the first of them shown. */
function noiseOf(runs: readonly ScenarioRun[]): ConformanceOutcome['noise'] {
  const noise = new Map<string, { count: number; evidence: Set<string> }>()
  for (const { record, result } of runs) {
    for (const garbage of record.garbage) {
      const what = `no SIP message: ${garbage.violations[0]?.code ?? 'unreadable'}`
      const entry = noise.get(what) ?? { count: 0, evidence: new Set() }
      entry.count += 1
      for (const file of result.evidence) entry.evidence.add(file)
      noise.set(what, entry)
    }
  }
  return [...noise].map(([what, { count, evidence }]) => ({ what, count, evidence: [...evidence].slice(0, 5) }))
}
