/**
 * Takes orders for runs of scenarios: each waits for its moment, for a place within the target's limits, and for accounts, first
 * come first served. A run counts as a call towards the limits.
 */
import { unixNow } from '../../clock/wall-clock.js'
import type { ScenarioResult } from '../../result/scenario-result.js'
import type { TargetAccount } from '../../target/target-file.js'
import type { SeenNote } from '../../verdict/facts.js'
import type { CallAdmission } from '../call-admission.js'
import { isAlone, type OrderedRuns, runsOf, type TimedRun, Turns } from './run-order.js'
import type { PushableScenario, RunOutcome, RunWorkerData } from './run-protocol.js'
import { isEnough, RunThreads } from './run-threads.js'

export interface RunDeskOptions {
  readonly data: Omit<RunWorkerData, 'startedAt'>
  readonly workers: number
  /** Accounts that calls do not use. */
  readonly accounts: readonly TargetAccount[]
  /** Takes the accounts of calls away from them, where no call was ordered: all of the target's. Undefined where calls go on. */
  readonly takeOver: () => Promise<readonly TargetAccount[] | undefined>
  readonly startedAt: number
  /** A run begins, so much later than it was ordered for, ms. */
  readonly onBegun: (lateMs: number) => void
  readonly onOutcome: (outcome: RunOutcome) => void
  /** Outcomes that nobody was there to take. */
  readonly onUndelivered: (count: number) => void
  readonly onLag: (lagMaxMs: number) => void
  readonly onCrash: (what: string) => void
}

/** Shared with calls. */
export interface Places {
  readonly admission: CallAdmission
  /** A place was given back: calls that wait may go on. */
  readonly given: () => void
}

/** What was ordered, while it goes on. */
export interface Runs {
  readonly over: Promise<readonly RunOutcome[]>
  readonly isWave: boolean
  /** Runs that began later than ordered, since limits or accounts did not allow them yet. */
  readonly heldBack: () => number
  /** Nobody waits for them any more. */
  end(): void
}

interface Run extends TimedRun {
  readonly id: string
  /** Unix ms. */
  readonly wantedAt: number
  readonly order: Order
  state: 'coming' | 'waiting' | 'placed' | 'running' | 'over'
  timer: NodeJS.Timeout | undefined
}

interface Order {
  readonly outcomes: RunOutcome[]
  readonly runs: Run[]
  readonly resolve: (outcomes: readonly RunOutcome[]) => void
  outstanding: number
  heldBack: number
  abandoned: boolean
}

/** Runs that wait, of all orders: more would begin so late that nobody ordered them like that. */
const MOST_WAITING = 5_000
/** A run that begins so much later than ordered was held back, ms. */
const HELD_BACK_MS = 100

export class RunDesk {
  readonly #o: RunDeskOptions
  readonly #turns = new Turns()
  readonly #runs = new Map<string, Run>()
  #waiting: Run[] = []
  #threads: Promise<RunThreads> | undefined
  #ready: RunThreads | undefined
  #places: Places | undefined
  #accounts: readonly TargetAccount[]
  #number = 0
  #peak = 0

  constructor(o: RunDeskOptions) {
    this.#o = o
    this.#accounts = o.accounts
  }

  /** Runs that wait, that run, and the most that ran at once. */
  get load(): { readonly waiting: number; readonly running: number; readonly peak: number } {
    return { waiting: this.#waiting.length, running: this.#ready?.running ?? 0, peak: this.#peak }
  }

  /** Reads an order, and begins it. @throws BadOrderError, NoRoomError */
  async begin(body: unknown, places: Places): Promise<Runs> {
    this.#places = places
    const threads = await this.#start(isAlone(body))
    const scenarios = threads.scenarios.map((one) => (threads.hasAccountsFor(one) ? one : this.#withoutAccounts(one)))
    const ordered = runsOf(body, scenarios, this.#turns)
    const refused = ordered.isWave ? undefined : places.admission.refusal(performance.now())
    if (refused !== undefined) throw new NoRoomError(refused.why, refused.retryAfterMs)
    if (this.#waiting.length + ordered.runs.length > MOST_WAITING) {
      const why = `${this.#waiting.length} runs wait until limits and accounts of the target file allow them`
      throw new NoRoomError(`${why}; more are not taken`, 1000)
    }
    return this.#take(ordered)
  }

  /** Lets runs begin that wait, as far as there are places and accounts. */
  proceed(): void {
    const threads = this.#ready
    if (threads === undefined || this.#places === undefined) return
    const { admission } = this.#places
    const late: Run[] = []
    for (const run of this.#waiting) {
      // What no thread that lives has accounts for would wait for ever.
      if (!threads.hasAccountsFor(run.scenario)) {
        this.#ended(run.id, this.#lostOutcome(run.id, 'no thread is left that has accounts for it'))
        continue
      }
      const begin = late.length > MOST_PASSED_OVER ? undefined : threads.lend(run.id, run.scenario)
      if (begin === undefined) {
        late.push(run)
        continue
      }
      const now = performance.now()
      const at = admission.reserve(now, now)
      if (at === undefined) {
        threads.takeBack(run.id)
        late.push(run)
        continue
      }
      run.state = 'placed'
      const go = () => {
        run.state = 'running'
        begin(run.variant)
      }
      if (at > now) run.timer = setTimeout(go, at - now)
      else go()
      this.#peak = Math.max(this.#peak, threads.running)
    }
    this.#waiting = late
  }

  async kept(folder: string): Promise<ScenarioResult[]> {
    return (await this.#ready?.kept(folder)) ?? []
  }

  async notes(): Promise<SeenNote[]> {
    return (await this.#ready?.notes()) ?? []
  }

  /** Breaks off what runs, which cleans up; gives up what waits. */
  async stop(withinMs: number): Promise<void> {
    for (const run of this.#runs.values()) this.#end(run)
    const threads = await this.#threads?.catch(() => undefined)
    await threads?.stop(withinMs)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #start(alone: boolean): Promise<RunThreads> {
    this.#threads ??= this.#startThreads(alone).catch((error: unknown) => {
      this.#threads = undefined
      throw error
    })
    return this.#threads
  }

  /** @param alone no calls are made beside the runs */
  async #startThreads(alone: boolean): Promise<RunThreads> {
    const { data, workers, startedAt, onLag, onCrash, takeOver } = this.#o
    // Two devices and a caller make most stories.
    const isShort = !isEnough(this.#accounts, { devices: { a: {}, b: {} } })
    const isLess = alone && this.#accounts.length < data.document.accounts.length / 2
    if (isShort || isLess) this.#accounts = (await takeOver()) ?? this.#accounts
    const threads = await RunThreads.start({
      data: { ...data, startedAt },
      workers,
      accounts: this.#accounts,
      onBegun: (id, unixMs) => this.#begun(id, unixMs),
      onEnded: (id, outcome) => this.#ended(id, outcome),
      onLost: (id, why) => this.#ended(id, this.#lostOutcome(id, `the thread that ran it died: ${why}`)),
      onAdmit: (go) => this.#admit(go),
      onLag,
      onCrash: (what) => {
        onCrash(what)
        this.proceed()
      },
      onFree: () => this.proceed(),
    })
    this.#ready = threads
    return threads
  }

  #withoutAccounts(scenario: PushableScenario): PushableScenario {
    const [own, all] = [this.#accounts.length, this.#o.data.document.accounts.length]
    const have = own === all ? `the target file has ${all}` : `there are ${own} beside those that calls use`
    return {
      ...scenario,
      variants: scenario.variants.map(({ variant, why = `it needs more accounts: ${have}` }) => ({ variant, why })),
    }
  }

  #take({ isWave, runs }: OrderedRuns): Runs {
    let resolve: Order['resolve'] = () => {}
    const over = new Promise<readonly RunOutcome[]>((settle) => (resolve = settle))
    const order: Order = { outcomes: [], runs: [], resolve, outstanding: runs.length, heldBack: 0, abandoned: false }
    const now = unixNow()
    for (const timed of runs) {
      const id = `run-${++this.#number}`
      const run: Run = { ...timed, id, wantedAt: now + timed.atMs, order, state: 'coming', timer: undefined }
      order.runs.push(run)
      this.#runs.set(id, run)
      if (timed.atMs > 0) run.timer = setTimeout(() => this.#wait(run), timed.atMs)
      else this.#wait(run)
    }
    return { over, isWave, heldBack: () => order.heldBack, end: () => this.#abandon(order) }
  }

  #wait(run: Run): void {
    run.state = 'waiting'
    this.#waiting.push(run)
    this.proceed()
  }

  /** One more call of a run: within the rate that the target's limits allow. */
  #admit(go: () => void): void {
    const now = performance.now()
    const at = this.#places?.admission.another(now) ?? now
    if (at > now) setTimeout(go, at - now)
    else go()
  }

  #begun(id: string, unixMs: number): void {
    const run = this.#runs.get(id)
    if (run === undefined) return
    const lateMs = Math.max(0, unixMs - run.wantedAt)
    if (lateMs > HELD_BACK_MS) run.order.heldBack += 1
    this.#o.onBegun(lateMs)
  }

  #ended(id: string, outcome: RunOutcome): void {
    const run = this.#runs.get(id)
    if (run === undefined) return
    const { order } = run
    this.#finish(run)
    order.outcomes.push(outcome)
    this.#o.onOutcome(outcome)
    if (order.abandoned) this.#o.onUndelivered(1)
    this.#settle(order)
  }

  /** Ends a run that nobody waits for. */
  #end(run: Run): void {
    clearTimeout(run.timer)
    if (run.state === 'running') {
      this.#ready?.breakOff(run.id)
      return
    }
    if (run.state === 'over') return
    if (run.state === 'placed') this.#ready?.takeBack(run.id)
    this.#waiting = this.#waiting.filter((one) => one !== run)
    this.#finish(run)
    this.#settle(run.order)
  }

  #finish(run: Run): void {
    this.#runs.delete(run.id)
    const hadPlace = run.state === 'placed' || run.state === 'running'
    run.state = 'over'
    run.order.outstanding -= 1
    if (!hadPlace) return
    this.#places?.admission.release()
    this.#places?.given()
    this.proceed()
  }

  #settle(order: Order): void {
    if (order.outstanding === 0) order.resolve(order.outcomes)
  }

  #abandon(order: Order): void {
    if (order.outstanding === 0) return
    order.abandoned = true
    this.#o.onUndelivered(order.outcomes.length)
    for (const run of order.runs) this.#end(run)
  }

  /** All that can be said of a run whose thread is gone, or that no thread is left for. */
  #lostOutcome(id: string, reason: string): RunOutcome {
    const run = this.#runs.get(id)
    return {
      id: run?.scenario.id ?? '',
      title: '',
      variant: run?.variant ?? { transport: '', family: '' },
      verdict: 'inconclusive',
      reason,
      reasonCode: 'harness-defect',
      durationMs: 0,
      checks: [],
      endedAt: unixNow(),
      lagMs: 0,
    }
  }
}

/** Runs that later ones may overtake, where accounts are free for those and not for them. */
const MOST_PASSED_OVER = 50

/** No run can be taken now. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError'
  readonly retryAfterMs: number

  constructor(why: string, retryAfterMs: number) {
    super(why)
    this.retryAfterMs = retryAfterMs
  }
}
