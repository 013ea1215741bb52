/** The threads that run scenarios: started at the first order, each with accounts of its own, watched. */
import { Worker } from 'node:worker_threads'
import type { ScenarioResult } from '../../result/scenario-result.js'
import { AccountPool, accountsNeeded, type Lease } from '../../runner/account-pool.js'
import type { Variant } from '../../scenario/variant.js'
import type { TargetAccount } from '../../target/target-file.js'
import type { SeenNote } from '../../verdict/facts.js'
import { compiledFile } from '../../worlds/package-folder.js'
import { askThreads } from '../ask-threads.js'
import type { FromRunWorker, PushableScenario, RunOutcome, RunWorkerData, ToRunWorker } from './run-protocol.js'

export interface RunThreadsOptions {
  readonly data: RunWorkerData
  /** Threads at most; fewer where there are few accounts. */
  readonly workers: number
  /** Accounts that are lent to runs. */
  readonly accounts: readonly TargetAccount[]
  readonly onBegun: (run: string, unixMs: number) => void
  /** Its accounts are free again. */
  readonly onEnded: (run: string, outcome: RunOutcome) => void
  /** The thread of a run died. */
  readonly onLost: (run: string, why: string) => void
  /** A run wants to make another call; `go` lets it. */
  readonly onAdmit: (go: () => void) => void
  readonly onLag: (lagMaxMs: number) => void
  readonly onCrash: (what: string) => void
  /** An account can be lent again that could not before. */
  readonly onFree: () => void
}

interface Thread {
  readonly worker: Worker
  readonly pool: AccountPool
  readonly accounts: readonly TargetAccount[]
  readonly running: Map<string, Lease>
  alive: boolean
  stopped: () => void
  kept: ((results: readonly ScenarioResult[]) => void) | undefined
  noted: ((notes: readonly SeenNote[]) => void) | undefined
}

/** A thread has accounts for some scenarios at a time, or it is not worth having. */
const ACCOUNTS_OF_A_THREAD = 8

export class RunThreads {
  readonly #o: RunThreadsOptions
  readonly #threads: Thread[] = []
  readonly #resting = new Set<NodeJS.Timeout>()
  #scenarios: readonly PushableScenario[] = []
  #stopping = false

  private constructor(o: RunThreadsOptions) {
    this.#o = o
  }

  /** @throws when a thread cannot be started */
  static async start(o: RunThreadsOptions): Promise<RunThreads> {
    const threads = new RunThreads(o)
    const wanted = Math.max(1, Math.min(o.workers, Math.floor(o.accounts.length / ACCOUNTS_OF_A_THREAD)))
    try {
      const [first] = await Promise.all(Array.from({ length: wanted }, (_, index) => threads.#start(index, wanted)))
      threads.#scenarios = first ?? []
      return threads
    } catch (error) {
      await threads.stop(0)
      throw error
    }
  }

  get scenarios(): readonly PushableScenario[] {
    return this.#scenarios
  }

  get alive(): number {
    return this.#threads.filter(({ alive }) => alive).length
  }

  get running(): number {
    return this.#threads.reduce((sum, { running }) => sum + running.size, 0)
  }

  /** Whether the accounts of one thread are enough for it, once they are free. */
  hasAccountsFor(scenario: PushableScenario): boolean {
    return this.#threads.some((thread) => thread.alive && isEnough(thread.accounts, scenario))
  }

  /** Begins a run where accounts are free for it, on the thread with the fewest runs. @returns how to begin it, once */
  lend(run: string, scenario: PushableScenario): ((variant: Variant) => void) | undefined {
    const byLoad = this.#threads.filter(({ alive }) => alive).toSorted((a, b) => a.running.size - b.running.size)
    for (const thread of byLoad) {
      const lease = thread.pool.take(scenario)
      if (lease === undefined) continue
      thread.running.set(run, lease)
      return (variant) => this.#tell(thread, { kind: 'run', id: run, scenario: scenario.id, variant, lease })
    }
    return undefined
  }

  /** Gives accounts back that were lent to a run that did not begin. */
  takeBack(run: string): void {
    for (const thread of this.#threads) {
      const lease = thread.running.get(run)
      if (lease === undefined) continue
      thread.running.delete(run)
      thread.pool.giveBack(lease)
    }
  }

  breakOff(run: string): void {
    for (const thread of this.#threads) if (thread.running.has(run)) this.#tell(thread, { kind: 'break-off', id: run })
  }

  /** The first failures, with captures that are written into the folder. */
  kept(folder: string): Promise<ScenarioResult[]> {
    return askThreads<Thread, ScenarioResult>(this.#threads, (thread, settle) => {
      thread.kept = settle
      this.#tell(thread, { kind: 'kept', folder })
    })
  }

  /** What the standing checks noticed in all runs. */
  notes(): Promise<SeenNote[]> {
    return askThreads<Thread, SeenNote>(this.#threads, (thread, settle) => {
      thread.noted = settle
      this.#tell(thread, { kind: 'notes' })
    })
  }

  /** Breaks off all runs, which clean up, and ends the threads. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true
    for (const timer of this.#resting) clearTimeout(timer)
    await Promise.all(
      this.#threads.map(async (thread) => {
        if (thread.alive && withinMs > 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, withinMs + 1_000)
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

  #start(index: number, of: number): Promise<readonly PushableScenario[]> {
    const { data } = this.#o
    const accounts = this.#o.accounts.filter((_, at) => at % of === index)
    const worker = new Worker(compiledFile('src/load/runs/run-worker.ts'), {
      workerData: data,
      name: `runs-${index + 1}`,
      // A mistake in a scenario is told with the line of its source.
      execArgv: [...process.execArgv, '--enable-source-maps'],
    })
    const thread: Thread = {
      worker,
      accounts,
      pool: new AccountPool({ accounts: [...accounts], services: data.document.services }),
      running: new Map(),
      alive: true,
      stopped: () => {},
      kept: undefined,
      noted: undefined,
    }
    this.#threads.push(thread)
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromRunWorker) => {
        if (message.kind === 'ready') resolve(message.scenarios)
        else this.#hear(thread, message)
      })
      worker.on('error', (error) => {
        reject(error)
        this.#crashed(thread, error instanceof Error ? (error.stack ?? error.message) : String(error))
      })
      worker.on('exit', (code) => {
        reject(new Error(`a thread that runs scenarios exited with ${code}`))
        this.#crashed(thread, `exited with ${code}`)
      })
    })
  }

  #hear(thread: Thread, message: Exclude<FromRunWorker, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'begun':
        this.#o.onBegun(message.id, message.unixMs)
        return
      case 'ended':
        this.#giveBack(thread, message)
        this.#o.onEnded(message.id, message.outcome)
        return
      case 'admit':
        this.#o.onAdmit(() => this.#tell(thread, { kind: 'admitted', ticket: message.ticket }))
        return
      case 'second':
        this.#o.onLag(message.lagMaxMs)
        return
      case 'kept':
        thread.kept?.(message.results)
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

  /** An account at which a contact may have been left rests until that is gone: the next run would meet it. */
  #giveBack(thread: Thread, { id, left }: Extract<FromRunWorker, { kind: 'ended' }>): void {
    const lease = thread.running.get(id)
    thread.running.delete(id)
    if (lease === undefined) return
    const rests = new Map(left.map(({ user, seconds }) => [user, seconds]))
    const free = new Map([...lease].filter(([, { user }]) => !rests.has(user)))
    thread.pool.giveBack(free)
    // Two devices may have shared it.
    const resting = new Set([...lease.values()].filter(({ user }) => rests.has(user)))
    for (const account of resting) {
      const timer = setTimeout(
        () => {
          this.#resting.delete(timer)
          thread.pool.giveBack(new Map([['', account]]))
          this.#o.onFree()
        },
        (rests.get(account.user) ?? 0) * 1000,
      )
      this.#resting.add(timer.unref())
    }
  }

  #crashed(thread: Thread, what: string): void {
    if (!thread.alive) return
    thread.alive = false
    if (!this.#stopping) this.#o.onCrash(what)
    thread.stopped()
    thread.kept?.([])
    thread.noted?.([])
    const lost = [...thread.running.keys()]
    thread.running.clear()
    for (const run of lost) this.#o.onLost(run, what.split('\n')[0] ?? what)
  }

  #tell(thread: Thread, message: ToRunWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (thread.alive) thread.worker.postMessage(message)
  }
}

/** Whether a scenario's devices can have these accounts, all free. */
export function isEnough(accounts: readonly TargetAccount[], scenario: Pick<PushableScenario, 'devices'>): boolean {
  return [...accountsNeeded(scenario)].every(
    ([role, count]) => accounts.filter(({ roles }) => roles.includes(role)).length >= count,
  )
}
