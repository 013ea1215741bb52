/** The subscriptions of one user agent, and what it is told without having asked. */
import type { ServerTransaction } from '../transaction/transaction.js'
import type { AgentCore } from './agent-core.js'
import { type Notification, notificationOf } from './notification.js'
import type { StackUser } from './stack.js'
import { type SubscribeOptions, Subscription } from './subscription.js'

/** Told to devices that never subscribed, by many servers. */
const MAY_COME_UNASKED = 'message-summary'

export class Subscriptions {
  /** Notifications that belong to no subscription, and were taken. */
  readonly unasked: Notification[] = []
  readonly #core: AgentCore
  readonly #user: StackUser
  readonly #all = new Set<Subscription>()

  constructor(core: AgentCore, user: StackUser) {
    this.#core = core
    this.#user = user
  }

  /** A subscription that has not been asked for yet. @param resource URI of what is watched */
  add(event: string, resource: string, options: SubscribeOptions): Subscription {
    const subscription: Subscription = new Subscription({
      core: this.#core,
      agent: this.#user,
      event,
      resource,
      options,
      onEnd: () => this.#all.delete(subscription),
    })
    this.#all.add(subscription)
    return subscription
  }

  /** Those that are not over. */
  get live(): readonly Subscription[] {
    return [...this.#all]
  }

  /** A NOTIFY outside of the dialogs that are known. */
  handleNotify(tx: ServerTransaction): void {
    const { request } = tx
    // RFC 6665 §4.1.2.4: the first one may come before the answer to its SUBSCRIBE.
    const owner = this.live.find((one) => one.matches(request))
    if (owner !== undefined) {
      owner.handleRequest(tx)
      return
    }
    const told = notificationOf(request, this.#core.clock.now(), false)
    const tag = this.#core.random.token(12)
    // DEVIATION: RFC 6665 §4.1.3 has 481 for what nobody subscribed to. Telephones take waiting messages all the same, as
    // servers tell them so.
    if (request.to.tag === undefined && told.event?.type === MAY_COME_UNASKED) {
      this.unasked.push(told)
      this.#core.respond(tx, tag, { status: 200 })
    } else {
      this.#core.respond(tx, tag, { status: 481 })
    }
  }

  /** Ends all of them, as the device leaves. */
  async unsubscribeAll(): Promise<void> {
    await Promise.all(this.live.map((one) => one.unsubscribe()))
  }

  /** Forgets all of them without a word. */
  stop(): void {
    for (const one of this.live) one.forget()
  }
}
