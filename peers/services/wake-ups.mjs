// Wake-up calls: two for each order, five minutes apart, by the clock of the time zone that the process runs in (TZ).
import { failed } from './failures.mjs'

const SECOND_MS = 5 * 60_000
/** The clock is looked at so often: it may be put forward or back. */
const LOOKS_MS = 1_000

export class WakeUps {
  #orders = []

  /** @param calls calls an account; @param now Unix ms */
  constructor(calls, now = Date.now) {
    this.calls = calls
    this.now = now
  }

  start() {
    setInterval(() => this.look(), LOOKS_MS).unref()
  }

  /** @param time `{ hour, minute }`: the next moment at which the clock shows it */
  order(account, time) {
    this.cancel(account, time)
    this.#orders.push({ account, time, due: nextMoment(time, this.now()), isSecond: false })
  }

  /** @returns whether there was such an order; its second call does not come either */
  cancel(account, time) {
    const left = this.#orders.filter((one) => one.account !== account || !isSame(one.time, time))
    const found = left.length < this.#orders.length
    this.#orders = left
    return found
  }

  ordersOf = (account) => this.#orders.filter((one) => one.account === account).map(({ time }) => time)

  look() {
    const now = this.now()
    for (const order of this.#orders.filter(({ due }) => due <= now)) {
      const calling = async () => this.calls(order.account)
      void calling().catch(failed('a wake-up call'))
      if (order.isSecond) this.#orders = this.#orders.filter((one) => one !== order)
      else Object.assign(order, { due: order.due + SECOND_MS, isSecond: true })
    }
  }
}

const isSame = (one, other) => one.hour === other.hour && one.minute === other.minute

/** Today's or tomorrow's; a time that the clock skips is taken for the one that it shows instead. */
function nextMoment({ hour, minute }, now) {
  const day = new Date(now)
  const at = (later) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + later, hour, minute).getTime()
  return at(0) > now ? at(0) : at(1)
}
