/** The monitor: one round after the other, each judged, what turned told, what is known kept. It takes its time from a clock alone. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { MonitorAlert, MonitorState } from '../result/monitor.js'
import type { RunResult } from '../result/result.js'
import { judgeRound } from '../verdict/monitor.js'
import type { Addressee, Delivery } from './delivery.js'
import { OnceTold } from './once-told.js'
import { firstPauseOf, lookPauseOf, pauseOf, retryPauseOf } from './schedule.js'

/** What a round came to. */
export interface RoundReport {
  /** From the monitor's folder; absent where nothing could be written. */
  readonly folder?: string | undefined
  readonly result?: RunResult | undefined
  /** Why its report is not on the disk, in a sentence, where there is a result all the same. */
  readonly unkept?: string | undefined
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
  /** One round. */
  readonly perform: (signal: AbortSignal) => Promise<RoundReport>
  /** Keeps the state. Never throws: a disk that is full must not end it, what is known is still known. */
  readonly keep: (state: MonitorState) => void
  /** Told after each round, with the state that it left. */
  readonly ended: (report: RoundReport, state: MonitorState) => void | Promise<void>
  readonly delivery: Delivery
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
}

type Pending = MonitorState['pending'][number]

/** The date and the clock may part by so much in a round, ms: more is a machine that slept, or a date that was set. */
const MOST_DRIFT_MS = 5_000
/** Alerts that wait for delivery. */
const MOST_PENDING = 100

export class Monitor {
  readonly #o: MonitorOptions
  readonly #once: OnceTold
  #state: MonitorState
  /** When the next round begins, Unix ms; undefined while one goes on. */
  #nextAt: number | undefined
  #isTooLong = false
  /** When an alert that was not taken is sent again, by the clock; by addressee and id. After a restart at once. */
  readonly #retryAt = new Map<string, number>()

  constructor(o: MonitorOptions) {
    this.#o = o
    this.#once = new OnceTold(o.tell)
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
    const report = await perform(signal).catch((error: unknown): RoundReport => {
      return { trouble: `the round could not be made: ${error instanceof Error ? error.message : String(error)}` }
    })
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
    const why = this.#state.blind?.why
    this.#once.now('target', why && `This round says nothing of the target: ${why}`, 'The target can be watched again.')
    if (!isLook) this.#lookAtPace(over.clock - begun.clock)
    for (const { headline, event } of judged.alerts) this.#o.tell(`${event}: ${headline}`)
    await ended({ ...report, trouble: round.trouble }, this.#state)
    await this.#deliver()
    return judged.looksAgain || slept !== undefined
  }

  #moment(): { readonly date: number; readonly clock: number } {
    return { date: this.#o.date(), clock: this.#o.clock.now() }
  }

  #change(state: MonitorState): void {
    this.#state = state
    this.#o.keep(state)
  }

  #addressed(alert: MonitorAlert): MonitorState['pending'] {
    return this.#o.delivery.addressees.map((to) => ({ alert, to, tries: 0 }))
  }

  /** What a round itself takes, without the time of those who are told. */
  #lookAtPace(tookMs: number): void {
    const { everyMs } = this.#o
    const isTooLong = tookMs > everyMs
    const { counters } = this.#state
    if (isTooLong) this.#change({ ...this.#state, counters: { ...counters, overruns: counters.overruns + 1 } })
    const [took, every] = [tookMs, everyMs].map((ms) => Math.round(ms / 1000))
    const line = `A round took ${took} s, longer than the interval of ${every} s: choose a longer one, or fewer scenarios.`
    // However long it takes each time: told once.
    if (isTooLong && this.#isTooLong) return
    this.#isTooLong = isTooLong
    this.#once.now('pace', isTooLong ? line : undefined, `Rounds take no longer than the interval again.`)
  }

  /** What is due, to each addressee in its order: what went wrong is not told after it is well again. */
  async #deliver(): Promise<void> {
    const { delivery, signal, tell, clock } = this.#o
    const waits = new Set<Addressee>()
    for (const one of this.#state.pending) {
      if (signal.aborted) return
      if (waits.has(one.to)) continue
      if (this.#dueAt(one) > clock.now()) {
        waits.add(one.to)
        continue
      }
      // Kept first: one that is killed meanwhile knows that it had begun.
      const begun = { ...one, tries: one.tries + 1 }
      this.#change({ ...this.#state, pending: this.#state.pending.map((other) => (other === one ? begun : other)) })
      // oxlint-disable-next-line no-await-in-loop -- in their order
      const { outcome, why = 'no reason is known' } = await delivery.deliver(begun, signal)
      if (signal.aborted && outcome !== 'delivered') return
      if (outcome === 'later') {
        waits.add(one.to)
        this.#retryAt.set(keyOf(one), clock.now() + retryPauseOf(begun.tries))
        const pause = Math.round(retryPauseOf(begun.tries) / 1000)
        tell(`The ${one.to} has not taken an alert: ${why}. It is sent again in ${pause} s.`)
        continue
      }
      if (outcome === 'failed') tell(`An alert for the ${one.to} was given up: ${why}. It said: ${one.alert.headline}`)
      const { counters, pending } = this.#state
      const count = outcome === 'delivered' ? 'alertsSent' : 'alertsFailed'
      this.#retryAt.delete(keyOf(one))
      this.#change({
        ...this.#state,
        pending: pending.filter((other) => other !== begun),
        counters: { ...counters, [count]: counters[count] + 1 },
      })
    }
  }

  #dueAt(one: Pending): number {
    return this.#retryAt.get(keyOf(one)) ?? 0
  }

  /** When something is sent, by the clock: the first of each addressee's. */
  #nextDelivery(): number {
    const { pending } = this.#state
    const firsts = pending.filter((one) => pending.find(({ to }) => to === one.to) === one)
    return Math.min(...firsts.map((one) => this.#dueAt(one)))
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal, date } = this.#o
    if (signal.aborted || ms <= 0) return
    const end = clock.now() + ms
    this.#nextAt = date() + ms
    while (!signal.aborted && clock.now() < end) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (this.#nextDelivery() <= clock.now()) await this.#deliver()
      // oxlint-disable-next-line no-await-in-loop -- the same
      else await this.#sleep(Math.min(end, this.#nextDelivery()) - clock.now())
    }
    this.#nextAt = undefined
  }

  #sleep(ms: number): Promise<void> {
    const { clock, signal } = this.#o
    return new Promise((resolve) => {
      const over = () => {
        timer.cancel()
        signal.removeEventListener('abort', over)
        resolve()
      }
      const timer = clock.after(ms, over)
      signal.addEventListener('abort', over, { once: true })
    })
  }
}

const keyOf = ({ to, alert }: Pending): string => `${to} ${alert.id}`
