/**
 * Virtual scenarios on several cores. Each has a world of its own, so it makes no difference which thread runs it. This
 * file is both sides: loaded as a worker it performs its share, imported it deals out the shares.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { FaultName } from '../provider/faults.js'
import { type FinishedScenario, perform, type PerformOptions } from '../runner/perform.js'
import { keyOf, type PlanEntry, plan } from '../runner/plan.js'
import { writeEvidence } from './evidence-file.js'
import { loadScenarios } from './project.js'
import { virtualStages } from './virtual-stages.js'

interface Share {
  readonly seed: number
  readonly faults: readonly FaultName[]
  readonly folder: string
  readonly keys: readonly string[]
}

type FromWorker = { readonly key: string; readonly finished: FinishedScenario } | { readonly defect: string }

/** Fewer than this are done before a thread has loaded its code. */
const WORTH_A_THREAD = 24
const MOST_THREADS = 4

/** Performs scenarios on as many threads as pay, and writes their captures into `folder`. */
export function onThreads({ seed, faults }: { seed: number; faults: readonly FaultName[] }, folder: string) {
  return async (o: PerformOptions, entries: readonly PlanEntry[]): Promise<Map<string, FinishedScenario>> => {
    const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(entries.length / WORTH_A_THREAD))
    if (threads < 2) return perform(o, entries)
    const byKey = new Map(entries.map((entry) => [keyOf(entry), entry]))
    const finished = new Map<string, FinishedScenario>()
    const shares = Array.from({ length: threads }, (_, n) =>
      [...byKey.keys()].filter((_key, index) => index % threads === n),
    )
    await Promise.all(
      shares.map((keys) =>
        performShare({ seed, faults, folder, keys }, o.signal, ({ key, finished: one }) => {
          const entry = byKey.get(key)
          finished.set(key, one)
          if (entry) o.reporter?.ended?.(entry, one.result)
        }),
      ),
    )
    return finished
  }
}

function performShare(
  share: Share,
  signal: AbortSignal | undefined,
  take: (one: Extract<FromWorker, { key: string }>) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share })
    const end = () => void worker.terminate()
    signal?.addEventListener('abort', end, { once: true })
    worker.on('message', (message: FromWorker) => {
      if ('defect' in message) reject(new Error(message.defect))
      else take(message)
    })
    worker.once('error', reject)
    worker.once('exit', () => {
      signal?.removeEventListener('abort', end)
      resolve()
    })
  })
}

// --- the worker -----------------------------------------------------------------------------------------------------

async function work({ seed, faults, folder, keys }: Share): Promise<void> {
  const mine = new Set(keys)
  const { stages, document } = await virtualStages({ seed, faults })
  const { entries } = plan(await loadScenarios(), { slow: true }, document, stages.wire)
  // One after another: what is finished is told at once, so that an interruption loses nothing.
  for (const entry of entries.filter((one) => mine.has(keyOf(one)))) {
    const done = await perform(
      { document, stages, writeEvidence: (key, record) => writeEvidence(folder, key, record) },
      [entry],
    )
    for (const [key, finished] of done) parentPort?.postMessage({ key, finished } satisfies FromWorker)
  }
}

if (!isMainThread && parentPort) {
  const share: Share = workerData
  work(share).catch((error: unknown) => {
    parentPort?.postMessage({
      defect: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies FromWorker)
  })
}
