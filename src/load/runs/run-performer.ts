/**
 * Runs scenarios as load on one thread: each as in a conformance run, on accounts that were lent to it, judged by the same
 * rules and standing checks. Keeps the records of the first failures.
 */
import { breath } from '../../clock/breath.js'
import { evidenceWriter } from '../../evidence/evidence-file.js'
import { RecordMemory, type ScenarioRecord } from '../../evidence/record.js'
import type { ScenarioResult } from '../../result/scenario-result.js'
import type { StandingNote } from '../../result/finding.js'
import { ForeignHandsWatch } from '../../runner/foreign-hands.js'
import { pathIn, pathOf } from '../../runner/path-loss.js'
import { keyOf, type LoadedScenario, type PlanEntry } from '../../runner/plan.js'
import { runScenario, type ToldScenario } from '../../runner/run-scenario.js'
import { contactsLeft } from '../../scenario/contacts-left.js'
import type { Variant } from '../../scenario/variant.js'
import type { World } from '../../scenario/world.js'
import type { TargetAccount } from '../../target/target-file.js'
import { settledAll } from '../../verdict/conclude.js'
import type { KnownDeviations, SeenNote } from '../../verdict/facts.js'
import { placeOf } from '../../verdict/place.js'
import type { Pace } from '../../worlds/pace.js'
import type { BindingLeft, FromRunWorker, RunOutcome } from './run-protocol.js'

export interface RunPerformerOptions {
  readonly world: World
  readonly scenarios: ReadonlyMap<string, LoadedScenario>
  readonly known: KnownDeviations | undefined
  /** The moment that results count from, ms of the world's clock. */
  readonly startMs: number
  readonly pace: Pick<Pace, 'next'>
  readonly send: (message: FromRunWorker) => void
}

/** Records that are kept for their evidence. */
const MOST_KEPT = 24
/** Of one scenario on one variant. */
const MOST_KEPT_OF_ONE = 3
/** A registration of a device lasts so long where nothing else is known, seconds. */
const LONGEST_BINDING_S = 3600

interface Kept {
  readonly key: string
  readonly record: ScenarioRecord
  readonly result: ScenarioResult
}

export class RunPerformer {
  readonly #o: RunPerformerOptions
  readonly #memory = new RecordMemory()
  readonly #running = new Map<string, () => void>()
  readonly #over = new Set<Promise<void>>()
  readonly #tickets = new Map<number, () => void>()
  readonly #notes = new Map<string, SeenNote>()
  readonly #kept: Kept[] = []
  /** What is kept already: a kind of failure once. */
  readonly #kinds = new Map<string, Set<string>>()
  /** One starts after another. */
  #starting: Promise<void> = Promise.resolve()
  #ticket = 0

  constructor(o: RunPerformerOptions) {
    this.#o = o
  }

  /** Begins a run, as soon as this thread can serve one more. */
  begin(id: string, scenario: string, variant: Variant, lease: ReadonlyMap<string, TargetAccount>): void {
    const loaded = this.#o.scenarios.get(scenario)
    if (loaded === undefined) throw new Error(`this thread does not know the scenario ${scenario}`)
    let breakOff: () => void = () => {}
    const interrupted = new Promise<void>((resolve) => (breakOff = resolve))
    this.#running.set(id, breakOff)
    const turn = this.#starting.then(() => this.#o.pace.next(() => this.#running.size))
    this.#starting = turn
    const over = turn
      .then(() => this.#perform(id, { ...loaded, variant }, lease, interrupted))
      .finally(() => {
        this.#running.delete(id)
        this.#over.delete(over)
      })
    this.#over.add(over)
  }

  breakOff(id: string): void {
    this.#running.get(id)?.()
  }

  admitted(ticket: number): void {
    this.#tickets.get(ticket)?.()
    this.#tickets.delete(ticket)
  }

  /** Breaks off all runs; resolves when they have cleaned up. */
  async stop(): Promise<void> {
    for (const breakOff of this.#running.values()) breakOff()
    for (const go of this.#tickets.values()) go()
    await Promise.all(this.#over)
  }

  notes(): SeenNote[] {
    return [...this.#notes.values()]
  }

  /** The first failures, with their captures in the folder of the run. */
  kept(folder: string): ScenarioResult[] {
    const write = evidenceWriter(folder)
    return this.#kept.map(({ key, record, result }) => ({ ...result, ...write(`load ${key}`, record) }))
  }

  async #perform(
    id: string,
    entry: PlanEntry,
    lease: ReadonlyMap<string, TargetAccount>,
    interrupted: Promise<void>,
  ): Promise<void> {
    const { world, startMs: runStartMs, send } = this.#o
    const { clock } = world
    const beganAt = clock.now()
    send({ kind: 'begun', id, unixMs: clock.unixMs() })
    const watch = new ForeignHandsWatch()
    const told = await runScenario({
      entry,
      world: { ...world, admitCall: this.#admission() },
      lease,
      runStartMs,
      interrupted,
      memory: this.#memory,
      watch,
    })
    const { record } = told
    const settle = (result: ScenarioResult): ScenarioResult => {
      const facts = { foreign: watch.seen, known: this.#o.known, path: pathOf([{ path: pathIn(record.messages) }]) }
      return settledAll([result], facts)[0] ?? result
    }
    const settled = settle(told.result)
    const outcome: RunOutcome = {
      id: settled.id,
      title: settled.title,
      variant: settled.variant,
      verdict: settled.verdict,
      reason: settled.reason,
      durationMs: settled.durationMs,
      checks: settled.checks,
      endedAt: clock.unixMs(),
      lagMs: world.lagBetween(beganAt, clock.now()),
      ...(settled.reasonCode === undefined ? {} : { reasonCode: settled.reasonCode }),
      ...(settled.defect === undefined ? {} : { defect: settled.defect }),
    }
    send({ kind: 'ended', id, outcome, left: leftOf(record, lease) })
    // What runs beside it comes first.
    await breath()
    this.#read(told, entry, settle, watch.wasDisturbed(record))
  }

  /** The first call of a run has its place with it; each further one waits for its turn. */
  #admission(): World['admitCall'] {
    let isFirst = true
    return async () => {
      if (isFirst) {
        isFirst = false
        return () => {}
      }
      const ticket = ++this.#ticket
      const turn = new Promise<void>((resolve) => this.#tickets.set(ticket, resolve))
      this.#o.send({ kind: 'admit', ticket })
      await turn
      return () => {}
    }
  }

  /** Lets the standing checks read the record, and keeps it where it shows something new. */
  #read(
    told: ToldScenario,
    entry: PlanEntry,
    settle: (result: ScenarioResult) => ScenarioResult,
    disturbed: boolean,
  ): void {
    const key = keyOf(entry)
    const { notes } = told.read(false)
    const isNew = disturbed ? false : notes.map((note) => this.#add(note, told.result)).includes(true)
    const kinds = this.#kinds.get(key) ?? new Set<string>()
    const kind = kindOf(settle(told.result)) ?? (isNew ? 'noticed' : undefined)
    if (kind === undefined || kinds.has(kind) || kinds.size >= MOST_KEPT_OF_ONE || this.#kept.length >= MOST_KEPT) {
      told.record.release()
      return
    }
    this.#kinds.set(key, kinds.add(kind))
    this.#kept.push({ key: `${key} ${kinds.size}`, record: told.record, result: settle(told.read(true).result) })
  }

  /** @returns whether something that needs attention was noticed for the first time */
  #add(note: StandingNote, result: ScenarioResult): boolean {
    const at = `${keyOfResult(result)} ${note.id} ${note.title}`
    const known = this.#notes.get(at)
    const sum = known === undefined ? note : { ...known.note, count: known.note.count + note.count }
    this.#notes.set(at, { note: sum, place: placeOf(result), evidence: [] })
    return known === undefined && note.severity !== 'info'
  }
}

const keyOfResult = ({ id, variant }: ScenarioResult): string => `${id} ${variant.transport}/${variant.family}`

/** What is worth a capture of its own: which checks did not hold, or why it was not decided; undefined where nothing is. */
function kindOf({ verdict, reasonCode, checks }: ScenarioResult): string | undefined {
  if (verdict === 'pass' || verdict === 'unsupported' || verdict === 'not applicable') return undefined
  if (reasonCode === 'interrupted' || reasonCode === 'harness-late') return undefined
  const broken = checks.filter((check) => check.verdict === verdict).map(({ id }) => id)
  return [verdict, ...(broken.length > 0 ? broken : [reasonCode])].join(' ')
}

/** Accounts at which contacts of the run may still be registered. */
function leftOf({ messages }: ScenarioRecord, lease: ReadonlyMap<string, TargetAccount>): BindingLeft[] {
  return [...lease].flatMap(([device, { user }]) =>
    contactsLeft(messages, device).map(({ contact }) => {
      const asked = Number(contact.params.get('expires') ?? LONGEST_BINDING_S)
      return { user, seconds: Number.isFinite(asked) ? Math.min(asked, LONGEST_BINDING_S) : LONGEST_BINDING_S }
    }),
  )
}
