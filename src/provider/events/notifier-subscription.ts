/** One subscription as the notifier keeps it: RFC 6665 §4.2. */
import type { Timer } from '../../clock/clock.js'
import type { Dialog } from '../../dialog/dialog.js'
import { formatNameAddr, type SipRequest } from '../../message/message.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { ProviderAccount } from '../account.js'
import type { CallSide } from '../call-table.js'
import type { ProviderContext } from '../context.js'
import { hopOfSide } from '../hops.js'
import type { EventPackage } from './event-package.js'

/** A NOTIFY that is refused so ends the subscription (RFC 6665 §4.2.2). */
const ENDS = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])
/** NOTIFYs that wait for the one before: more than this, and the older ones are of no use any more. */
const MOST_WAITING = 8

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
  readonly #waiting: SipRequest[] = []
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

  /** Tells the present state (RFC 6665 §4.2.2). */
  notify(): void {
    if (this.#ended) return
    const left = Math.max(0, Math.round((this.#expiresAt - this.#o.context.clock.now()) / 1000))
    this.#enqueue(`active;expires=${left}`)
  }

  /** Ends it, and says so. */
  end(reason: 'timeout'): void {
    if (this.#ended) return
    this.#ended = true
    this.#timer?.cancel()
    if (this.#o.context.rules.events.tellsEnd) this.#enqueue(`terminated;reason=${reason}`)
    this.#finishWhenTold()
  }

  /** Forgets it without a word. */
  drop(): void {
    this.#ended = true
    this.#timer?.cancel()
    this.#waiting.length = 0
    this.#finishWhenTold()
  }

  #enqueue(state: string): void {
    const { dialog, contact, pack, event, watched, context } = this.#o
    const { rules } = context
    const hasBody = rules.events.sendsBody
    const notify = dialog.request('NOTIFY', {
      contact: `<${contact}>`,
      headers: [
        ['Event', event],
        ...(rules.events.tellsState ? [['Subscription-State', state] satisfies [string, string]] : []),
      ],
      ...(hasBody ? { body: pack.state(watched, this.#version), contentType: pack.contentType } : {}),
    })
    this.#version += 1
    if (!rules.events.notifiesInDialog) notify.headers.set('To', formatNameAddr({ uri: notify.to.uri }))
    this.#waiting.push(notify)
    // CSeq numbers may skip; the latest state is what counts.
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
    this.#send()
  }

  /** One after the other: what overtakes another is refused for its CSeq number. */
  #send(): void {
    if (this.#isSending) return
    const notify = this.#waiting.shift()
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
    if (!this.#ended || this.#over || this.#isSending || this.#waiting.length > 0) return
    this.#over = true
    this.#o.dialog.terminate()
    this.#o.onEnd()
  }
}
