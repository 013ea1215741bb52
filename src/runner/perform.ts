/** Performs planned scenarios: all at once as far as the accounts allow, or each on a stage of its own. */
import { breath } from '../clock/breath.js'
import { NOTHING_WRITTEN, type WritesEvidence } from '../evidence/evidence-file.js'
import { RecordMemory } from '../evidence/record.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { StandingNote } from '../result/finding.js'
import type { PathLoss } from '../verdict/facts.js'
import type { Facts } from '../scenario/facts.js'
import type { TargetDocument } from '../target/target-file.js'
import type { Stages } from '../worlds/stages.js'
import { AccountPool, type Lease } from './account-pool.js'
import type { ForeignHandsWatch } from './foreign-hands.js'
import { pathIn } from './path-loss.js'
import { keyOf, type PlanEntry } from './plan.js'
import { runScenario, type ScenarioRun, type ToldScenario } from './run-scenario.js'

/** Tells of a run while it goes. */
export interface PerformReporter {
  begins?(entry: PlanEntry): void
  ended?(entry: PlanEntry, result: ScenarioResult): void
  /** One more attempt at it is over. */
  leaves?(entry: PlanEntry): void
  /** What all attempts at it come to. */
  confirmed?(entry: PlanEntry, result: ScenarioResult): void
}

export interface PerformOptions {
  readonly document: TargetDocument
  readonly stages: Stages
  readonly signal?: AbortSignal | undefined
  readonly reporter?: PerformReporter | undefined
  /** Writes a scenario's capture, and the audio of what failed. */
  readonly writeEvidence?: WritesEvidence | undefined
  /**
   * Asked when a scenario heard nothing at all: does the target still answer? When it does not, no more scenarios are
   * begun: each would only wait for its time limit.
   */
  readonly stillThere?: (() => Promise<boolean>) | undefined
  /** Leave out what only a reader needs. */
  readonly brief?: boolean
  /** Looks for others who use our accounts. */
  readonly watch?: ForeignHandsWatch | undefined
  /** What was learned of the target, for who performs elsewhere; `stages` and `document` hold it already. */
  readonly known?: { readonly facts: Facts; readonly accounts: readonly string[] | undefined } | undefined
  /** Which attempt at these scenarios it is; default 1. */
  readonly attempt?: number
  /** Scenarios at a time, at most. */
  readonly atOnce?: number
  /** The moment the run began, on the shared world's clock; 0 for worlds of their own. */
  readonly startMs?: number
}

/** What came of one scenario, as plain data: it may come from another thread. */
export interface FinishedScenario {
  readonly result: ScenarioResult
  /** What the standing checks say of everything the target sent. */
  readonly notes: readonly StandingNote[]
  /** Codes of what arrived on signalling ports and is no SIP. */
  readonly noise: readonly string[]
  /** A call of somebody else reached one of its devices. */
  readonly disturbed?: boolean
  /** What its signalling over UDP tells of the path. */
  readonly path: PathLoss
}

/** Of one scenario. */
const MOST_NOISE = 1_000

/** Scenarios at a time: more than this would only make this process late. */
const MOST_AT_ONCE = 64

/** Where so few are left, what the others told is read beside them: a few milliseconds each are no load then. */
const FEW_LEFT = 6

/** Performs `entries`; what an interruption left out is missing from the map, which is by `keyOf`. */
export async function perform(
  o: PerformOptions,
  entries: readonly PlanEntry[],
): Promise<Map<string, FinishedScenario>> {
  const interrupted = o.signal && abortOf(o.signal)
  const finished = new Map<string, FinishedScenario>()
  const unread: [key: string, told: ToldScenario][] = []
  const memory = new RecordMemory()
  let gone = false
  let running = 0
  let allBegun = false
  let reading: Promise<void> | undefined
  let asking: Promise<void> | undefined
  const tell = async (entry: PlanEntry, lease: Lease): Promise<void> => {
    const key = keyOf(entry)
    o.reporter?.begins?.(entry)
    const { begins } = entry.definition
    running += 1
    const told = await o.stages.on(
      ofAttempt(key, o),
      (world) =>
        runScenario({
          entry,
          world,
          lease,
          runStartMs: o.startMs ?? 0,
          interrupted,
          memory,
          watch: o.watch,
          ...(o.brief ? { brief: true } : {}),
        }),
      { beginsMs: begins === undefined ? undefined : Date.parse(begins) },
    )
    running -= 1
    // One that is full takes the room of others as long as it is kept.
    if (o.stages.separate || told.record.cut) finished.set(key, finish(o, key, told))
    else unread.push([key, told])
    readBeside()
    o.reporter?.ended?.(entry, told.result)
    // Whoever provoked a ban and meets silence then has met what was expected.
    if (told.silence && !entry.definition.provokesBans) await askWhetherThere()
  }
  /** One question at a time answers for all who meet silence meanwhile. */
  const askWhetherThere = async (): Promise<void> => {
    asking ??= (o.stillThere?.() ?? Promise.resolve(true)).then((there) => {
      gone ||= !there
      asking = undefined
    })
    await asking
  }
  if (o.stages.separate) {
    await oneByOne(entries)
  } else {
    // The longest first, so that the run takes about as long as its longest scenario.
    const peaceful = entries.filter(({ definition }) => disturbance(definition) === 0)
    await together([...peaceful].sort((a, b) => b.definition.seconds - a.definition.seconds))
    // Who disturbs others comes last, and one after another; of those, first who disturbs less.
    const disturbing = entries.filter(({ definition }) => disturbance(definition) > 0)
    await oneByOne([...disturbing].sort((a, b) => disturbance(a.definition) - disturbance(b.definition)))
  }
  await reading
  await readWhile(() => true)
  return finished

  /** Ladders, standing checks and capture files take CPU time: on a shared stage only when hardly anybody waits for an answer. */
  async function readWhile(goesOn: () => boolean): Promise<void> {
    for (let next = unread.shift(); next !== undefined; next = goesOn() ? unread.shift() : undefined) {
      const [key, told] = next
      finished.set(key, finish(o, key, told))
      // Packets are read, and an interruption is heard, between two of them.
      if (!o.stages.separate) await breath()
    }
  }

  function readBeside(): void {
    const few = () => allBegun && running <= FEW_LEFT
    if (reading !== undefined || !few()) return
    reading = readWhile(few).then(() => {
      reading = undefined
    })
    // A defect is heard of where the last of them are waited for.
    reading.catch(() => {})
  }

  async function oneByOne(list: readonly PlanEntry[]): Promise<void> {
    for (const entry of list) {
      const lease = new AccountPool(o.document).take(entry.definition)
      if (lease && !o.signal?.aborted && !gone) await tell(entry, lease)
    }
  }

  async function together(queue: PlanEntry[]): Promise<void> {
    const pool = new AccountPool(o.document)
    const active = new Set<Promise<void>>()
    while (queue.length > 0 || active.size > 0) {
      if (o.signal?.aborted || gone) queue.splice(0)
      allBegun = queue.length === 0
      let begun = 0
      for (let i = 0; i < queue.length && active.size < (o.atOnce ?? MOST_AT_ONCE); ) {
        const entry = queue[i]
        const lease = entry && pool.take(entry.definition)
        if (!entry || !lease) {
          i += 1
          continue
        }
        queue.splice(i, 1)
        begun += 1
        const running = tell(entry, lease).finally(() => {
          pool.giveBack(lease)
          active.delete(running)
        })
        active.add(running)
        const pause = o.stages.betweenStarts?.(() => active.size)
        await (interrupted === undefined ? pause : Promise.race([pause, interrupted]))
        if (o.signal?.aborted || gone) break
        // Accounts that were given back meanwhile go to the longest that waits for them, not to what is next in the list.
        i = 0
      }
      // All may have ended meanwhile, between two starts: a race of none never ends.
      if (active.size > 0) await Promise.race(active)
      else if (begun === 0) break
    }
  }
}

/** How much a scenario disturbs all others: not at all, by what may get this address banned, by a restart of the servers or the loss of one. */
function disturbance({ provokesBans, needs = [] }: PlanEntry['definition']): number {
  if (needs.includes('restart') || needs.includes('server-loss')) return 2
  return provokesBans === true ? 1 : 0
}

function finish(o: PerformOptions, key: string, told: ToldScenario): FinishedScenario {
  const { result, notes, record, speech }: ScenarioRun = told.read()
  const failed = result.verdict === 'fail'
  const written = o.writeEvidence?.(ofAttempt(key, o), record, failed ? speech : undefined) ?? NOTHING_WRITTEN
  const noise = record.garbage.slice(0, MOST_NOISE).map((garbage) => garbage.violations[0]?.code ?? 'unreadable')
  const disturbed = o.watch?.wasDisturbed(record) === true
  const path = pathIn(record.messages)
  record.release()
  return { result: { ...result, ...written }, notes, noise, path, ...(disturbed ? { disturbed } : {}) }
}

/** Another attempt is given other random values, and a capture of its own. */
const ofAttempt = (key: string, { attempt = 1 }: PerformOptions): string =>
  attempt === 1 ? key : `${key} attempt ${attempt}`

const aborts = new WeakMap<AbortSignal, Promise<void>>()

/** Settles when the signal is aborted: one listener for any number of stories. */
export function abortOf(signal: AbortSignal): Promise<void> {
  const known = aborts.get(signal)
  if (known) return known
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  aborts.set(signal, aborted)
  return aborted
}
