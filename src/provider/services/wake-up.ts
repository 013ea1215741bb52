/** Orders for wake-up calls, at times of day of the provider's time zone. */
import type { Timer } from '../../clock/clock.js'
import type { ProviderAccount } from '../account.js'
import type { ProviderContext } from '../context.js'
import { nextTime, offsetAt, type TimeOfDay } from './local-time.js'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** The second call comes so long after the first, whether that was answered or not (SC-15). */
const SECOND_AFTER_MS = 5 * MINUTE_MS

export class WakeUpBook {
  readonly #context: ProviderContext
  /** Rings the account. */
  onDue: ((account: ProviderAccount) => void) | undefined
  readonly #orders = new Map<string, Map<string, Timer[]>>()

  constructor(context: ProviderContext) {
    this.#context = context
  }

  order(account: ProviderAccount, time: TimeOfDay): void {
    this.cancel(account, time)
    const { clock, rules } = this.#context
    if (!rules.service.keepsSeveralWakeUps) for (const other of this.of(account)) this.cancel(account, timeOf(other))
    const first = this.#msUntil(time)
    if (first === undefined) return
    const timers = [clock.after(first, () => this.onDue?.(account))]
    if (!rules.service.wakesTwice) {
      this.#forgetAfter(account, time, timers, first)
    } else {
      timers.push(clock.after(first + SECOND_AFTER_MS, () => this.onDue?.(account)))
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

  /** How many are active, of all accounts. */
  get size(): number {
    return [...this.#orders.values()].reduce((sum, { size }) => sum + size, 0)
  }

  close(): void {
    for (const orders of this.#orders.values())
      for (const timers of orders.values()) for (const timer of timers) timer.cancel()

    this.#orders.clear()
  }

  /** Until the first call; undefined: it never comes. */
  #msUntil(time: TimeOfDay): number | undefined {
    const { clock, rules, policy } = this.#context
    const now = clock.unixMs()
    const due =
      rules.service.wakeUpClock === 'right' ? nextTime(now, time, policy.timeZone) : this.#carelessly(now, time)
    const midnight = now + DAY_MS - ((now + offsetAt(now, policy.timeZone)) % DAY_MS)
    if (due >= midnight && !rules.service.wakesNextDay) return undefined
    return due - now + rules.service.wakeUpDelayMs
  }

  /** With the offset of the zone at this moment, or none. */
  #carelessly(now: number, { hour, minute }: TimeOfDay): number {
    const { rules, policy } = this.#context
    const offset = rules.service.wakeUpClock === 'UTC' ? 0 : offsetAt(now, policy.timeZone)
    const left = (hour * 60 + minute) * MINUTE_MS - ((now + offset) % DAY_MS)
    return now + (left > 0 ? left : left + DAY_MS)
  }

  #forgetAfter(account: ProviderAccount, time: TimeOfDay, timers: Timer[], ms: number): void {
    timers.push(this.#context.clock.after(ms, () => this.#orders.get(account.user)?.delete(keyOf(time))))
  }
}

function keyOf({ hour, minute }: TimeOfDay): string {
  return `${String(hour).padStart(2, '0')}${String(minute).padStart(2, '0')}`
}

function timeOf(key: string): TimeOfDay {
  return { hour: Number(key.slice(0, 2)), minute: Number(key.slice(2)) }
}
