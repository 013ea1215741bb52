/** The monitor: one round after the other, each judged, what turned told, what is known kept. It takes its time from a clock alone. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { MonitorAlert, MonitorState } from '../result/monitor.js'
import type { RunResult } from '../result/result.js'
import { judgeRound } from '../verdict/monitor.js'
import type { Delivery } from './delivery.js'
import { firstPauseOf, lookPauseOf, pauseOf } from './schedule.js'

/** What a round came to. */
export interface RoundReport {
  /** From the monitor's folder; absent where nothing was written. */
  readonly folder?: string | undefined
  readonly result?: RunResult | undefined
  /** Why there is no result, or why it says nothing: this machine's own trouble, in a sentence. */
  readonly trouble?: string | undefined
}

export interface MonitorOptions {
  readonly clock: Clock
  /** The date, Unix ms, as the machine has it now: it jumps where somebody sets it, or the machine slept. */
  readonly date: () => number
  readonly random: Random
  readonly everyMs: number
  /** Formal problems are told, too. */
  readonly letter: boolean
  readonly state: MonitorState
  /** One round: never rejects for what a target does. */
  readonly perform: (signal: AbortSignal) => Promise<RoundReport>
  /** Keeps the state. @throws where it cannot be kept */
  readonly keep: (state: MonitorState) => void
  /** Told after each round, with the state that it left. */
  readonly ended: (report: RoundReport, state: MonitorState) => void | Promise<void>
  readonly delivery: Delivery
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
}

/** The date and the clock may part by so much in a round, ms: more is a machine that slept, or a date that was set. */
const MOST_DRIFT_MS = 5_000
/** Alerts that wait for delivery. */
const MOST_PENDING = 100

export class Monitor {
  readonly #o: MonitorOptions
  #state: MonitorState
  /** When the next round begins, Unix ms; undefined while one goes on. */
  #nextAt: number | undefined
  #lastTrouble: string | undefined

  constructor(o: MonitorOptions) {
    this.#o = o
    this.#state = o.state
  }

  get state(): MonitorState {
    return this.#state
  }

  get nextAt(): number | undefined {
    return this.#nextAt
  }

  /** Goes on until the signal. */
  async run(): Promise<void> {
    const { clock, everyMs, random, signal, date } = this.#o
    await this.#pause(firstPauseOf(everyMs, this.#state.last?.endedAt, date()))
    while (!signal.aborted) {
      const startedAt = clock.now()
      // oxlint-disable-next-line no-await-in-loop -- never two rounds at once
      const looksAgain = await this.#round()
      if (clock.now() - startedAt > everyMs) this.#overrun(clock.now() - startedAt)
      if (looksAgain) {
        // oxlint-disable-next-line no-await-in-loop -- the same
        await this.#pause(lookPauseOf(everyMs, random))
        // oxlint-disable-next-line no-await-in-loop -- the same
        if (!signal.aborted) await this.#round(true)
      }
      // oxlint-disable-next-line no-await-in-loop -- the same
      await this.#pause(pauseOf(everyMs, clock.now() - startedAt, random))
    }
  }

  /** @returns whether a second look at once would settle something */
  async #round(isLook = false): Promise<boolean> {
    const { perform, signal, random, letter, ended } = this.#o
    this.#nextAt = undefined
    const begun = this.#moment()
    const report = await perform(signal)
    const over = this.#moment()
    const drift = Math.abs(over.date - over.clock - (begun.date - begun.clock))
    const slept =
      drift > MOST_DRIFT_MS ? `the machine slept, or its date was set, by ${Math.round(drift / 1000)} s` : undefined
    const round = {
      startedAt: new Date(begun.date).toISOString(),
      endedAt: new Date(over.date).toISOString(),
      folder: report.folder,
      result: report.result,
      trouble: slept ?? report.trouble,
    }
    const judged = judgeRound(this.#state, round, { letter, idOf: () => random.token(16) })
    const { counters } = judged.state
    this.#change({
      ...judged.state,
      counters: isLook ? { ...counters, looks: counters.looks + 1 } : counters,
      pending: [...judged.state.pending, ...judged.alerts.flatMap((alert) => this.#addressed(alert))].slice(
        -MOST_PENDING,
      ),
    })
    this.#tellTrouble()
    for (const { headline, event } of judged.alerts) this.#o.tell(`${event}: ${headline}`)
    await ended({ ...report, trouble: round.trouble }, this.#state)
    await this.#deliver()
    return judged.looksAgain || slept !== undefined
  }

  #moment(): { readonly date: number; readonly clock: number } {
    return { date: this.#o.date(), clock: this.#o.clock.now() }
  }

  /** A disk that is full must not end it: what is known is still known. */
  #change(state: MonitorState): void {
    this.#state = state
    try {
      this.#o.keep(state)
    } catch (error) {
      this.#o.tell(`The state cannot be kept: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #addressed(alert: MonitorAlert): MonitorState['pending'] {
    return this.#o.delivery.addressees.map((to) => ({ alert, to, tries: 0 }))
  }

  /** What is the matter with this machine is told when it begins and when it changes. */
  #tellTrouble(): void {
    const why = this.#state.blind?.why
    const line =
      why === undefined ? 'The target can be watched again.' : `This round says nothing of the target: ${why}`
    if (why !== this.#lastTrouble) this.#o.tell(line)
    this.#lastTrouble = why
  }

  #overrun(tookMs: number): void {
    const { counters } = this.#state
    this.#change({ ...this.#state, counters: { ...counters, overruns: counters.overruns + 1 } })
    const [took, every] = [tookMs, this.#o.everyMs].map((ms) => Math.round(ms / 1000))
    this.#o.tell(
      `The round took ${took} s, longer than the interval of ${every} s: choose a longer one, or fewer scenarios.`,
    )
  }

  async #deliver(): Promise<void> {
    const { delivery, signal, tell } = this.#o
    for (const one of this.#state.pending) {
      if (signal.aborted) return
      // Kept first: one that is killed meanwhile knows that it had begun.
      const begun = { ...one, tries: one.tries + 1 }
      this.#change({ ...this.#state, pending: this.#state.pending.map((other) => (other === one ? begun : other)) })
      // oxlint-disable-next-line no-await-in-loop -- in their order
      const { outcome, why } = await delivery.deliver(begun, signal)
      if (signal.aborted && outcome !== 'delivered') return
      const { counters, pending } = this.#state
      if (outcome !== 'delivered') tell(`The alert was not delivered to the ${one.to}: ${why ?? 'no reason is known'}`)
      if (outcome === 'later') continue
      const count = outcome === 'delivered' ? 'alertsSent' : 'alertsFailed'
      this.#change({
        ...this.#state,
        pending: pending.filter((other) => other !== begun),
        counters: { ...counters, [count]: counters[count] + 1 },
      })
    }
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal, date } = this.#o
    if (signal.aborted || ms <= 0) return
    this.#nextAt = date() + ms
    await new Promise<void>((resolve) => {
      const over = () => {
        timer.cancel()
        signal.removeEventListener('abort', over)
        resolve()
      }
      const timer = clock.after(ms, over)
      signal.addEventListener('abort', over, { once: true })
    })
    this.#nextAt = undefined
  }
}
