/** The threads that call: started, given their share of the accounts, handed orders, watched. */
import { randomInt, randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { unixNow } from '../clock/wall-clock.js'
import type { StandingNote } from '../result/finding.js'
import { compiledFile } from '../worlds/package-folder.js'
import { askThreads } from './ask-threads.js'
import type { CallEngine, OrderedCall, WaveCall, WaveEvents } from './call-engine.js'
import type { CallOrder } from './call-order.js'
import { CallBook, type CallBookOptions, type CallLoad, type PendingCall } from './call-book.js'
import type { CallRecord, EndCause } from './call-record.js'
import type { Left } from './left.js'
import { type PoolThread, settle } from './pool-thread.js'
import { joined, type StormOrder, type StormReport } from './registration-storm.js'
import { expectMixedLives } from './engine-flags.js'
import type {
  CallAnswer,
  CallCapture,
  CallEvent,
  CallOfWave,
  FromWorker,
  ToWorker,
  WorkerData,
  WorkerSample,
} from './worker-protocol.js'

export interface PoolOptions extends CallBookOptions {
  readonly workers: number
  readonly data: Omit<WorkerData, 'index' | 'workers' | 'patternBase' | 'accounts'>
  readonly accounts: WorkerData['accounts']
  readonly onSample: (worker: number, sample: WorkerSample) => void
  /** A thread died; what it was doing is lost. @param calls those that were going on */
  readonly onCrash: (what: string, calls: number) => void
  /** Another thread is in its place: it has ended what was left at the target. */
  readonly onReplaced?: (() => void) | undefined
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined
}

/** What the registrations came to. */
export interface Readiness {
  readonly registered: number
  readonly delaysMs: readonly number[]
  readonly troubles: readonly string[]
}

/** What a storm may take beyond its time: a registration that is not answered is given up after 32 s. */
const STORM_SLACK_MS = 70_000
/** What a thread that takes another's place is waited for at the end, ms. */
const REPLACING_MS = 8_000
/** Threads that are replaced; more died of something that does not go away. */
const MOST_REPLACED = 4
const NO_THREAD = 'all worker threads of the call agent have crashed'

export class WorkerPool implements CallEngine {
  readonly #o: PoolOptions
  readonly #threads: PoolThread[] = []
  readonly #byCall = new Map<string, PoolThread>()
  #next = 0
  #waveCalls = 0
  readonly #book: CallBook
  readonly #replacing = new Set<Promise<void>>()
  #replaced = 0
  readonly #patternBase = randomInt(2 ** 24)
  #stopping = false
  #retired = false
  #hasCalled = false

  private constructor(o: PoolOptions) {
    this.#o = o
    this.#book = new CallBook(o)
  }

  /** Starts the threads and has their accounts registered. @throws when a thread cannot be started, or when given up */
  static async start(o: PoolOptions): Promise<{ pool: WorkerPool; readiness: Readiness }> {
    expectMixedLives()
    const pool = new WorkerPool(o)
    const starts = Array.from({ length: o.workers }, (_, index) => pool.#startThread(index))
    try {
      const all = await Promise.race([Promise.all(starts), givenUp(o.signal)])
      return {
        pool,
        readiness: {
          registered: all.reduce((sum, one) => sum + one.registered, 0),
          delaysMs: all.flatMap((one) => one.delaysMs),
          troubles: all.flatMap((one) => one.troubles),
        },
      }
    } catch (error) {
      await pool.stop(500)
      throw error
    }
  }

  get workers(): number {
    return this.#threads.filter((thread) => thread.alive).length
  }

  /** Calls that wait for their answer, and calls that are up. */
  get load(): CallLoad {
    return this.#book.load
  }

  place(order: CallOrder): OrderedCall {
    const id = randomUUID()
    const startedAt = unixNow()
    let answered: (answer: CallAnswer) => void = () => {}
    let ended: (record: CallRecord) => void = () => {}
    const call: OrderedCall = {
      id,
      answered: new Promise((resolve) => {
        answered = resolve
      }),
      record: new Promise((resolve) => {
        ended = resolve
      }),
    }
    const pending: PendingCall = { order, startedAt, answered, ended, state: 'coming' }
    const thread = this.#threadFor(order)
    if (thread === undefined) {
      this.#book.lose(id, pending, 'error', NO_THREAD)
      return call
    }
    this.#book.begun(pending, 0)
    thread.calls.set(id, pending)
    this.#byCall.set(id, thread)
    this.#tell(thread, { kind: 'call', id, order })
    return call
  }

  placeWave(wave: string, calls: readonly WaveCall[], { ended, dropped }: WaveEvents): void {
    const parts = new Map<PoolThread, CallOfWave[]>()
    for (const { startAt, order } of calls) {
      const id = `${wave}.${++this.#waveCalls}`
      const pending: PendingCall = { order, startedAt: startAt, ended, dropped, state: 'coming' }
      const thread = this.#threadFor(order)
      if (thread === undefined) {
        this.#book.lose(id, pending, 'error', NO_THREAD)
        continue
      }
      thread.calls.set(id, pending)
      this.#byCall.set(id, thread)
      const part = parts.get(thread) ?? []
      part.push({ id, startAt, order })
      parts.set(thread, part)
    }
    for (const [thread, part] of parts) this.#tell(thread, { kind: 'wave', wave, calls: part })
  }

  endWave(wave: string, why: EndCause): void {
    for (const thread of this.#threads) this.#tell(thread, { kind: 'end-wave', wave, why })
  }

  async registerAgain(order: StormOrder, signal?: AbortSignal): Promise<StormReport> {
    const calm = () => {
      for (const thread of this.#threads) this.#tell(thread, { kind: 'calm' })
    }
    signal?.addEventListener('abort', calm, { once: true })
    const reports = await askThreads<PoolThread, StormReport>(
      this.#threads,
      (thread, done) => {
        thread.stormed = done
        this.#tell(thread, { kind: 'register-again', order })
      },
      stormMs(order) + STORM_SLACK_MS,
    )
    signal?.removeEventListener('abort', calm)
    return joined(reports)
  }

  get retired(): boolean {
    return this.#retired
  }

  /** Has the telephones give their accounts up. @returns false where calls were ordered: then they keep them */
  async retire(): Promise<boolean> {
    if (this.#retired) return true
    if (this.#hasCalled) return false
    this.#retired = true
    await askThreads<PoolThread, never>(this.#threads, (thread, done) => {
      thread.retired = done
      this.#tell(thread, { kind: 'retire' })
    })
    return true
  }

  end(id: string, why: EndCause): void {
    const thread = this.#byCall.get(id)
    if (thread !== undefined) this.#tell(thread, { kind: 'hang-up', id, why })
  }

  /** What was kept of these calls, as far as their threads still have it. */
  captures(ids: readonly string[]): Promise<CallCapture[]> {
    return askThreads<PoolThread, CallCapture>(this.#threads, (thread, done) => {
      thread.captured = done
      this.#tell(thread, { kind: 'captures', ids })
    })
  }

  /** What the standing checks noticed, of all threads. */
  notes(): Promise<StandingNote[]> {
    return askThreads<PoolThread, StandingNote>(this.#threads, (thread, done) => {
      thread.noted = done
      this.#tell(thread, { kind: 'notes' })
    })
  }

  /** Hangs up every call, removes the bindings, ends the threads. */
  async stop(withinMs: number): Promise<void> {
    // One that is just being replaced has left calls at the target.
    await Promise.race([Promise.all(this.#replacing), new Promise((resolve) => setTimeout(resolve, REPLACING_MS))])
    this.#stopping = true
    await Promise.all(
      this.#threads.map(async (thread) => {
        if (thread.alive) {
          await new Promise<void>((resolve) => {
            // Devices that leave take a millisecond each.
            const timer = setTimeout(resolve, withinMs + 2_500 + thread.accounts)
            thread.stopped = () => {
              clearTimeout(timer)
              resolve()
            }
            this.#tell(thread, { kind: 'stop', withinMs })
          })
        }
        await thread.worker.terminate()
      }),
    )
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** @param left by the thread in whose place it is */
  #startThread(index: number, left?: Left): Promise<Extract<FromWorker, { kind: 'ready' }>> {
    const { workers, data, accounts } = this.#o
    const own = accounts.filter((_, at) => at % workers === index)
    const workerData: WorkerData = { ...data, accounts: own, index, workers, patternBase: this.#patternBase, left }
    const worker = new Worker(compiledFile('src/load/worker.ts'), { workerData, name: `calls-${index + 1}` })
    const thread: PoolThread = {
      index,
      worker,
      calls: new Map(),
      accounts: own.length,
      contacts: [],
      alive: left === undefined,
      stopped: () => {},
      captured: undefined,
      noted: undefined,
      stormed: undefined,
      retired: undefined,
    }
    this.#threads.push(thread)
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind !== 'ready') {
          this.#hear(thread, message)
          return
        }
        thread.contacts = message.contacts
        thread.alive = true
        resolve(message)
      })
      worker.on('error', (error) => {
        reject(error)
        this.#crashed(thread, error instanceof Error ? (error.stack ?? error.message) : String(error))
      })
      worker.on('exit', (code) => {
        reject(new Error(`a worker thread of the call agent exited with ${code}`))
        this.#crashed(thread, `exited with ${code}`)
      })
    })
  }

  #hear(thread: PoolThread, message: Exclude<FromWorker, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'begun':
      case 'answered':
      case 'ended':
      case 'dropped':
        this.#happened(thread, message)
        return
      case 'events':
        for (const event of message.events) this.#happened(thread, event)
        return
      case 'stormed':
        thread.stormed?.([message.report])
        return
      case 'retired':
        thread.retired?.([])
        return
      case 'second':
        this.#o.onSample(thread.index, message.sample)
        return
      case 'captures':
        thread.captured?.(message.captures)
        return
      case 'notes':
        thread.noted?.(message.notes)
        return
      case 'stopped':
        thread.stopped()
        return
      default: {
        const never: never = message
        throw new Error(`unknown message ${String(never)}`)
      }
    }
  }

  #happened(thread: PoolThread, event: CallEvent): void {
    const pending = thread.calls.get(event.id)
    if (pending === undefined) return
    if (event.kind === 'ended' || event.kind === 'dropped') this.#forget(thread, event.id)
    this.#book.happened(pending, event)
  }

  #forget(thread: PoolThread, id: string): void {
    thread.calls.delete(id)
    this.#byCall.delete(id)
  }

  /** The thread with the fewest calls; for calls between accounts one that has two. */
  #threadFor(order: CallOrder): PoolThread | undefined {
    this.#hasCalled = true
    const needed = order.dialled === undefined ? 2 : 1
    const fit = this.#threads.filter((thread) => thread.alive && thread.accounts >= needed)
    if (fit.length === 0) return undefined
    this.#next += 1
    let best: PoolThread | undefined
    for (let i = 0; i < fit.length; i++) {
      const thread = fit[(this.#next + i) % fit.length]
      if (thread !== undefined && (best === undefined || thread.calls.size < best.calls.size)) best = thread
    }
    return best
  }

  #crashed(thread: PoolThread, what: string): void {
    if (!thread.alive) return
    thread.alive = false
    if (!this.#stopping) {
      this.#o.onCrash(what, thread.calls.size)
      this.#replace(thread)
    }
    settle(thread)
    const reason = 'the worker thread that made it crashed'
    for (const [id, pending] of thread.calls) {
      this.#forget(thread, id)
      this.#book.lose(id, pending, 'agent-stopped', reason)
    }
  }

  /** Starts another thread in the place of one that died. It hangs up what that one had up, and takes its bindings back, first. */
  #replace({ index, calls, contacts }: PoolThread): void {
    if (this.#retired || this.#replaced >= MOST_REPLACED) return
    this.#replaced += 1
    const dialogs = [...calls.values()].flatMap(({ dialog }) => dialog ?? [])
    const replaced = this.#startThread(index, { dialogs, contacts })
      .then(
        () => this.#o.onReplaced?.(),
        () => undefined,
      )
      .finally(() => this.#replacing.delete(replaced))
    this.#replacing.add(replaced)
  }

  #tell(thread: PoolThread, message: ToWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (thread.alive) thread.worker.postMessage(message)
  }
}

/** Milliseconds that a storm may last. */
const stormMs = (order: StormOrder): number => ('again' in order ? order.overMs + order.withinMs : order.flap.forMs)

/** Rejects when the signal comes. */
function givenUp(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () => reject(new Error('interrupted'))
    if (signal?.aborted === true) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
  })
}
