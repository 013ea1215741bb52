/** One subscription as the notifier keeps it: RFC 6665 §4.2. */
import type { Timer } from '../../clock/clock.js'
import type { Dialog } from '../../dialog/dialog.js'
import { formatNameAddr, type SipRequest } from '../../message/message.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { ProviderAccount } from '../account.js'
import type { CallSide } from '../call-table.js'
import type { ProviderContext } from '../context.js'
import { hopOfSide } from '../hops.js'
import type { EventPackage, ToTell } from './event-package.js'
import type { LineUse } from './line-book.js'

/** A NOTIFY that is refused so ends the subscription (RFC 6665 §4.2.2). */
const ENDS = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])

export interface NotifierSubscriptionOptions {
  readonly context: ProviderContext
  readonly layer: TransactionLayer
  readonly pack: EventPackage
  /** Value of Event. */
  readonly event: string
  readonly watcher: ProviderAccount
  readonly watched: ProviderAccount
  readonly dialog: Dialog
  /** Our Contact URI. */
  readonly contact: string
  readonly peer: CallSide
  readonly onEnd: () => void
}

export class NotifierSubscription {
  readonly #o: NotifierSubscriptionOptions
  #expiresAt = 0
  #timer: Timer | undefined
  #version = 0
  /** What the next NOTIFY tells: everything, or what has changed; undefined: nothing waits to be told. */
  #due: 'everything' | Set<LineUse> | undefined
  /** When the last one was sent, ms of the clock. */
  #toldAt = Number.NEGATIVE_INFINITY
  #gap: Timer | undefined
  /** The last NOTIFY of all waits to be sent. */
  #lastWords: string | undefined
  #isSending = false
  #ended = false
  #over = false

  constructor(o: NotifierSubscriptionOptions) {
    this.#o = o
  }

  get dialog(): Dialog {
    return this.#o.dialog
  }
  get contact(): string {
    return this.#o.contact
  }
  get peer(): CallSide {
    return this.#o.peer
  }
  get watcher(): ProviderAccount {
    return this.#o.watcher
  }

  concerns(pack: EventPackage, watched: ProviderAccount): boolean {
    return !this.#ended && this.#o.pack === pack && this.#o.watched === watched
  }

  /** It ends after so many seconds, unless they are lengthened. */
  lasts(seconds: number): void {
    const { clock } = this.#o.context
    this.#expiresAt = clock.now() + 1000 * seconds
    this.#timer?.cancel()
    this.#timer = clock.after(1000 * seconds, () => this.end('timeout'))
  }

  /** Tells the whole state at once (RFC 6665 §4.2.2). */
  notify(): void {
    if (this.#ended) return
    this.#due = 'everything'
    this.#toldAt = Number.NEGATIVE_INFINITY
    this.#send()
  }

  /** Tells what has changed, as soon as the package allows. @param change undefined: the whole state is told */
  changed(change?: LineUse): void {
    if (this.#ended) return
    if (change === undefined) this.#due = 'everything'
    else if (this.#due !== 'everything') this.#due = (this.#due ?? new Set()).add(change)
    this.#send()
  }

  /** Ends it, and says so. */
  end(reason: 'timeout'): void {
    if (this.#ended) return
    this.#ended = true
    this.#timer?.cancel()
    this.#gap?.cancel()
    this.#due = undefined
    if (this.#o.context.rules.events.tellsEnd) this.#lastWords = `terminated;reason=${reason}`
    this.#send()
    this.#finishWhenTold()
  }

  /** Forgets it without a word. */
  drop(): void {
    this.#ended = true
    this.#timer?.cancel()
    this.#gap?.cancel()
    this.#due = undefined
    this.#lastWords = undefined
    this.#finishWhenTold()
  }

  /** What is told next, as it is now; undefined: nothing, or not yet. */
  #next(): SipRequest | undefined {
    const { clock } = this.#o.context
    if (this.#lastWords !== undefined) {
      const words = this.#lastWords
      this.#lastWords = undefined
      return this.#words(words, undefined)
    }
    if (this.#due === undefined) return undefined
    const waitMs = this.#toldAt + this.#o.pack.leastGapMs - clock.now()
    if (waitMs > 0) {
      this.#gap?.cancel()
      this.#gap = clock.after(waitMs, () => this.#send())
      return undefined
    }
    const changes = this.#due === 'everything' ? undefined : [...this.#due]
    this.#due = undefined
    this.#toldAt = clock.now()
    const left = Math.max(0, Math.round((this.#expiresAt - clock.now()) / 1000))
    return this.#words(`active;expires=${left}`, changes)
  }

  #words(state: string, changes: ToTell['changes']): SipRequest {
    const { dialog, contact, pack, event, watcher, watched, context } = this.#o
    const { rules } = context
    const { sendsBody } = rules.events
    const version = this.#version
    const notify = dialog.request('NOTIFY', {
      contact: `<${contact}>`,
      headers: [
        ['Event', event],
        ...(rules.events.tellsState ? [['Subscription-State', state] satisfies [string, string]] : []),
      ],
      ...(sendsBody ? { body: pack.state({ watcher, watched, version, changes }), contentType: pack.contentType } : {}),
    })
    this.#version += 1
    if (!rules.events.notifiesInDialog) notify.headers.set('To', formatNameAddr({ uri: notify.to.uri }))
    return notify
  }

  /** One after the other: what overtakes another is refused for its CSeq number. */
  #send(): void {
    if (this.#isSending) return
    const notify = this.#next()
    if (notify === undefined) return
    const { layer, dialog, peer, context } = this.#o
    const hop = hopOfSide(peer, dialog.nextHop)
    if (hop === undefined) {
      context.log(`no way to notify ${dialog.callId}`)
      this.drop()
      return
    }
    this.#isSending = true
    const done = (isLost: boolean) => {
      this.#isSending = false
      if (isLost) this.drop()
      this.#send()
      this.#finishWhenTold()
    }
    layer.request(notify, hop, {
      onResponse: ({ status }) => {
        if (status >= 200) done(ENDS.has(status))
      },
      // RFC 6665 §4.2.2: who does not answer is not told any more.
      onTimeout: () => done(true),
      onTransportError: () => done(true),
    })
  }

  #finishWhenTold(): void {
    if (!this.#ended || this.#over || this.#isSending || this.#lastWords !== undefined) return
    this.#over = true
    this.#o.dialog.terminate()
    this.#o.onEnd()
  }
}
