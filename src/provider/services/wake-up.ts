/** Orders for wake-up calls. Times of day are UTC. */
import type { Timer } from '../../clock/clock.js'
import type { ProviderAccount } from '../account.js'
import type { ProviderContext } from '../context.js'

export interface TimeOfDay {
  readonly hour: number
  readonly minute: number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** The second call comes so long after the first, whether that was answered or not (SC-15). */
const SECOND_AFTER_MS = 5 * 60 * 1000

export class WakeUpBook {
  readonly #context: ProviderContext
  readonly #call: (account: ProviderAccount) => void
  readonly #orders = new Map<string, Map<string, Timer[]>>()

  /** @param call rings the account */
  constructor(context: ProviderContext, call: (account: ProviderAccount) => void) {
    this.#context = context
    this.#call = call
  }

  order(account: ProviderAccount, time: TimeOfDay): void {
    this.cancel(account, time)
    const { clock, rules } = this.#context
    const first = msUntil(clock.unixMs(), time) + rules.service.wakeUpDelayMs
    const timers = [clock.after(first, () => this.#call(account))]
    if (!rules.service.wakesTwice) {
      this.#forgetAfter(account, time, timers, first)
    } else {
      timers.push(clock.after(first + SECOND_AFTER_MS, () => this.#call(account)))
      this.#forgetAfter(account, time, timers, first + SECOND_AFTER_MS)
    }
    const orders = this.#orders.get(account.user) ?? new Map<string, Timer[]>()
    orders.set(keyOf(time), timers)
    this.#orders.set(account.user, orders)
  }

  /** True if there was such an order. */
  cancel(account: ProviderAccount, time: TimeOfDay): boolean {
    if (!this.#context.rules.service.cancelsWakeUps) return true
    const orders = this.#orders.get(account.user)
    const timers = orders?.get(keyOf(time)) ?? []
    for (const timer of this.#context.rules.service.cancelsBothCalls ? timers : timers.slice(0, 1)) timer.cancel()
    return orders?.delete(keyOf(time)) ?? false
  }

  /** Active orders as HHMM, earliest of the day first. */
  of(account: ProviderAccount): string[] {
    return [...(this.#orders.get(account.user)?.keys() ?? [])].sort()
  }

  close(): void {
    for (const orders of this.#orders.values())
      for (const timers of orders.values()) for (const timer of timers) timer.cancel()

    this.#orders.clear()
  }

  #forgetAfter(account: ProviderAccount, time: TimeOfDay, timers: Timer[], ms: number): void {
    timers.push(this.#context.clock.after(ms, () => this.#orders.get(account.user)?.delete(keyOf(time))))
  }
}

function keyOf({ hour, minute }: TimeOfDay): string {
  return `${String(hour).padStart(2, '0')}${String(minute).padStart(2, '0')}`
}

/** Milliseconds from a moment to the next time that the clock shows this time, a day at most. */
function msUntil(unixMs: number, { hour, minute }: TimeOfDay): number {
  const due = (hour * 60 + minute) * 60_000
  const left = due - (unixMs % DAY_MS)
  return left > 0 ? left : left + DAY_MS
}
