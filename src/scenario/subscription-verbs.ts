/** How a device of a story watches something: subscriptions of RFC 6665. */
import type { Exchange } from '../agent/exchange.js'
import type { Notification } from '../agent/notification.js'
import type { SubscribeOptions, Subscription } from '../agent/subscription.js'
import type { DeviceWiring } from './device-wiring.js'
import { inconclusive, loginTaken, unsupported } from './outcome.js'
import { whyNotSubscribed } from './reasons.js'

/** Answers of a target that does not serve the package, or whose devices would have to. */
const NOT_SERVED: Readonly<Record<number, string>> = {
  403: 'it does not allow that subscription',
  404: 'it knows nothing to watch there',
  405: 'SUBSCRIBE is not allowed there',
  406: 'it has no format of ours',
  489: 'it does not know the event package',
  501: 'it does not know SUBSCRIBE',
}

/** A subscription that was asked for, and the answer. */
export interface Subscribing {
  readonly subscription: Subscription
  readonly exchange: Exchange
}

export class SubscriptionVerbs {
  readonly #wiring: DeviceWiring

  constructor(wiring: DeviceWiring) {
    this.#wiring = wiring
  }

  /** Notifications that belong to no subscription of the device. */
  get unasked(): readonly Notification[] {
    return this.#wiring.agent.subscriptions.unasked
  }

  async asks(event: string, to: string, options: SubscribeOptions): Promise<Subscribing> {
    const { agent, name } = this.#wiring
    this.#wiring.stays()
    const subscription = agent.watches(event, to, options)
    const exchange = await subscription.subscribe()
    this.#wiring.note(`${name} subscribes to ${event} of ${to}: ${exchange.status ?? 'no answer'}`)
    return { subscription, exchange }
  }

  async subscribes(event: string, to: string, options: SubscribeOptions): Promise<Subscription> {
    const { subscription, exchange } = await this.asks(event, to, options)
    const { final } = exchange
    if (final !== undefined && final.status < 300) return subscription
    loginTaken(final)
    const why = final && NOT_SERVED[final.status]
    if (why !== undefined)
      unsupported(`the target does not serve the event package '${event}': ${why} (${final?.status})`)
    const { code, text } = whyNotSubscribed(exchange)
    return inconclusive(`${this.#wiring.name}'s subscription to ${event} ${text}`, code)
  }
}
