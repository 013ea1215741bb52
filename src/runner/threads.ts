/**
 * Virtual scenarios on several cores. Each has a world of its own, so it makes no difference which thread runs it. This
 * file is both sides: loaded as a worker it performs scenarios, imported it starts the workers.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { evidenceWriter } from '../evidence/evidence-file.js'
import { stagesKnowing } from '../worlds/stages.js'
import { virtualStages, type VirtualStagesOptions } from '../worlds/virtual-stages.js'
import { withAccountsOf } from './blocking.js'
import { type FinishedScenario, perform, type PerformOptions } from './perform.js'
import { notPerformed } from './not-performed.js'
import { keyOf, type PlanEntry, plan } from './plan.js'
import { loadScenarios, type ScenarioFolder } from './scenario-files.js'

export interface ThreadsOptions extends Pick<VirtualStagesOptions, 'seed' | 'faults' | 'line'> {
  /** Folders of the user's scenarios. */
  readonly own: readonly ScenarioFolder[]
}

interface Work extends ThreadsOptions {
  readonly folder: string
  readonly known: PerformOptions['known']
  readonly attempt: number | undefined
  readonly keys: readonly string[]
  /** One number, shared by all threads: how many of the keys have been taken. Each takes the next when it is free. */
  readonly taken: SharedArrayBuffer
}

type FromWorker =
  | { readonly key: string; readonly finished: FinishedScenario }
  /** It is performed now. */
  | { readonly begun: string }
  | { readonly defect: string }

/** Fewer than this are done before a thread has loaded its code. */
const WORTH_A_THREAD = 24
const MOST_THREADS = 4

/** Performs scenarios on as many threads as pay, and writes their captures into `folder`. */
export function onThreads({ seed, faults, line, own }: ThreadsOptions, folder: string) {
  return async (o: PerformOptions, entries: readonly PlanEntry[]): Promise<Map<string, FinishedScenario>> => {
    const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(entries.length / WORTH_A_THREAD))
    if (threads < 2) return perform(o, entries)
    const byKey = new Map(entries.map((entry) => [keyOf(entry), entry]))
    const finished = new Map<string, FinishedScenario>()
    const work: Work = {
      seed,
      faults,
      line,
      own,
      folder,
      known: o.known,
      attempt: o.attempt,
      keys: [...byKey.keys()],
      taken: new SharedArrayBuffer(4),
    }
    const take = (key: string, one: FinishedScenario) => {
      const entry = byKey.get(key)
      finished.set(key, one)
      if (entry) o.reporter?.ended?.(entry, one.result)
    }
    const crashes = await Promise.all(Array.from({ length: threads }, () => onThread(work, o.signal, take)))
    for (const { key, why } of crashes.flatMap((crash) => crash ?? [])) {
      const entry = byKey.get(key)
      if (entry && !finished.has(key)) take(key, crashed(entry, why))
    }
    // Where all threads have crashed, what nobody took is performed here.
    const left = o.signal?.aborted ? [] : entries.filter((entry) => !finished.has(keyOf(entry)))
    if (left.length > 0) for (const [key, one] of await perform(o, left)) finished.set(key, one)
    return finished
  }
}

/** The scenario that a thread performed when it ended, and why it ended. */
interface Crash {
  readonly key: string
  readonly why: string
}

/** What stands in the report for a scenario whose thread did not survive it. */
function crashed(entry: PlanEntry, why: string): FinishedScenario {
  const reason = `the thread that performed it ended: ${why}`
  return notPerformed(entry, { verdict: 'error', reason, reasonCode: 'harness-defect', defect: { message: reason } })
}

function onThread(
  work: Work,
  signal: AbortSignal | undefined,
  take: (key: string, finished: FinishedScenario) => void,
): Promise<Crash | undefined> {
  return new Promise((resolve) => {
    let begun: string | undefined
    let why: string | undefined
    // A mistake in a scenario is told with the line of its source: threads do not take that over from their parent.
    const execArgv = [...process.execArgv, '--enable-source-maps']
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: work, execArgv })
    const end = () => void worker.terminate()
    signal?.addEventListener('abort', end, { once: true })
    worker.on('message', (message: FromWorker) => {
      if ('defect' in message) {
        why = message.defect
      } else if ('begun' in message) {
        begun = message.begun
      } else {
        begun = undefined
        take(message.key, message.finished)
      }
    })
    worker.once('error', (error) => (why = error instanceof Error ? error.message : String(error)))
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', end)
      const isOver = signal?.aborted === true || (code === 0 && why === undefined)
      // Before its first test: all are performed by the others then, but it is not to go unseen.
      if (!isOver && begun === undefined)
        process.emitWarning(`a thread of the run ended early: ${why ?? `exit code ${code}`}`)
      if (isOver || begun === undefined) resolve(undefined)
      else resolve({ key: begun, why: why ?? `exit code ${code}` })
    })
  })
}

// --- the worker -----------------------------------------------------------------------------------------------------

async function work({ seed, faults, line, own, folder, known, attempt, keys, taken }: Work): Promise<void> {
  const world = await virtualStages({ seed, faults, line })
  const { entries } = plan(await loadScenarios(own), { slow: true }, world.document, world.stages.wire)
  const stages = known ? stagesKnowing(world.stages, known.facts) : world.stages
  const document = known ? withAccountsOf(world.document, known) : world.document
  const byKey = new Map(entries.map((entry) => [keyOf(entry), entry]))
  const counter = new Int32Array(taken)
  const writeEvidence = evidenceWriter(folder)
  // One after another: what is finished is told at once, so that an interruption loses nothing.
  for (let key = keys[Atomics.add(counter, 0, 1)]; key !== undefined; key = keys[Atomics.add(counter, 0, 1)]) {
    const entry = byKey.get(key)
    if (entry === undefined) throw new Error(`a thread does not know the scenario ${key}`)
    parentPort?.postMessage({ begun: key } satisfies FromWorker)
    // oxlint-disable-next-line no-await-in-loop -- see above
    const done = await perform(
      {
        document,
        stages,
        writeEvidence,
        ...(attempt === undefined ? {} : { attempt }),
      },
      [entry],
    )
    for (const [one, finished] of done) parentPort?.postMessage({ key: one, finished } satisfies FromWorker)
  }
}

if (!isMainThread && parentPort) {
  const given: Work = workerData
  work(given).catch((error: unknown) => {
    parentPort?.postMessage({
      defect: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies FromWorker)
  })
}
