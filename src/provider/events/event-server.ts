/** Takes subscriptions and tells changes: the notifier of RFC 6665 §4.2, for the packages that the provider serves itself. */
import { Dialog, dialogId } from '../../dialog/dialog.js'
import { createResponse, type HeaderList } from '../../message/build.js'
import { parseEvent } from '../../message/event.js'
import type { SipRequest } from '../../message/message.js'
import { parseUri, type SipUri } from '../../message/uri.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { Flow } from '../../transport/flow.js'
import type { ProviderAccount } from '../account.js'
import { contactOf } from '../call-table.js'
import type { ProviderContext } from '../context.js'
import { destinationOf } from '../dial-plan.js'
import { ownContact } from '../own-contact.js'
import type { ServiceTransaction } from '../services/service-transaction.js'
import type { EventPackage } from './event-package.js'
import type { LineUse } from './line-book.js'
import { NotifierSubscription } from './notifier-subscription.js'

/** User part of the Contacts that notifiers give out. */
const CONTACT_PREFIX = 'evt-'
const DEFAULT_EXPIRES_S = 3600
const ALLOW = 'SUBSCRIBE, NOTIFY, OPTIONS'
/** The subscriptions of one account beyond which no more are taken. */
const MOST_OF_AN_ACCOUNT = 200

export class EventServer {
  readonly #context: ProviderContext
  readonly #layer: TransactionLayer
  readonly #packages = new Map<string, EventPackage>()
  readonly #subscriptions = new Map<string, NotifierSubscription>()

  constructor(context: ProviderContext, layer: TransactionLayer) {
    this.#context = context
    this.#layer = layer
  }

  /** Serves a package from now on, where the provider offers it. */
  add(pack: EventPackage): void {
    if (this.#context.policy.eventPackages.includes(pack.name)) this.#packages.set(pack.name, pack)
  }

  /** Is it a Contact of a notifier? */
  owns(uri: SipUri): boolean {
    return uri.user?.startsWith(CONTACT_PREFIX) === true
  }

  /** Is it a subscription that ends here? What is no package of ours goes to the devices of whom it names. */
  takes({ method, headers }: SipRequest): boolean {
    return method === 'SUBSCRIBE' && this.#packages.has(parseEvent(headers.get('Event'))?.type ?? '')
  }

  /** A SUBSCRIBE outside of dialogs. @param watcher whose credentials it has */
  subscribe(tx: ServiceTransaction, watcher: ProviderAccount): void {
    const { request } = tx
    const { accounts, random } = this.#context
    const event = request.headers.get('Event') ?? ''
    const pack = this.#packages.get(parseEvent(event)?.type ?? '')
    if (request.to.tag !== undefined) {
      this.#refreshUnknown(tx)
      return
    }
    if (pack === undefined) {
      this.#answer(tx, 489)
      return
    }
    const destination = destinationOf(parseUri(request.uri).userDecoded ?? '', accounts)
    if (destination.kind !== 'account') {
      this.#answer(tx, 404)
      return
    }
    const watched = destination.account
    const own = [...this.#subscriptions.values()].filter((one) => one.watcher === watcher)
    if (!pack.mayWatch(watcher, watched) || own.length >= MOST_OF_AN_ACCOUNT) {
      this.#answer(tx, 403)
      return
    }
    const accepted = request.headers.values('Accept').map((type) => type.split(';')[0]?.trim().toLowerCase())
    if (accepted.length > 0 && !accepted.includes(pack.contentType) && !accepted.includes('*/*')) {
      this.#answer(tx, 406)
      return
    }
    const seconds = this.#granted(tx)
    if (seconds === undefined) return
    const dialog = Dialog.ofCallee(request, random.token(12), {
      state: 'confirmed',
      overTls: tx.flow.transport === 'tls',
    })
    const { id } = dialog
    const before = own.find((one) => one.concerns(pack, watched))
    const subscription = new NotifierSubscription({
      context: this.#context,
      layer: this.#layer,
      pack,
      event,
      watcher,
      watched,
      dialog,
      contact: this.#contactOn(tx.flow, request),
      peer: { flow: tx.flow, contact: contactOf(request) },
      onEnd: () => this.#subscriptions.delete(id),
    })
    this.#subscriptions.set(id, subscription)
    this.#grant(tx, subscription, seconds)
    // As if the device that was there before were there still: the new one hears nothing further.
    if (!this.#context.rules.events.followsRestart && before !== undefined) subscription.drop()
  }

  /** A request to one of our Contacts. */
  inDialog(tx: ServiceTransaction): void {
    const { request } = tx
    const subscription = this.#subscriptions.get(dialogId(request.callId, request.to.tag, request.from.tag))
    if (request.method !== 'SUBSCRIBE') {
      this.#answer(tx, subscription === undefined ? 481 : 405)
      return
    }
    if (subscription === undefined) {
      this.#refreshUnknown(tx)
      return
    }
    const admitted = subscription.dialog.admit(request)
    if (!admitted.ok) {
      this.#answer(tx, admitted.status)
      return
    }
    const seconds = this.#granted(tx)
    if (seconds === undefined) return
    subscription.dialog.refreshTarget(request)
    subscription.peer.contact = contactOf(request) ?? subscription.peer.contact
    subscription.peer.flow = tx.flow
    this.#grant(tx, subscription, seconds, true)
  }

  /** Where a subscriber was last seen; undefined where the request is of no subscription. */
  peerAddress(request: SipRequest): string | undefined {
    const id = dialogId(request.callId, request.to.tag, request.from.tag)
    return this.#subscriptions.get(id)?.peer.flow.remote.address
  }

  /** Has somebody of this account a subscription to that state? */
  isWatched(pack: EventPackage, watched: ProviderAccount): boolean {
    return [...this.#subscriptions.values()].some((one) => one.concerns(pack, watched))
  }

  /** The state has changed: whoever watches it is told. @param change what has changed, where packages tell that alone */
  changed(pack: EventPackage, watched: ProviderAccount, change?: LineUse): void {
    for (const one of this.#subscriptions.values()) if (one.concerns(pack, watched)) one.changed(change)
  }

  close(): void {
    for (const one of Array.from(this.#subscriptions.values())) one.drop()
  }

  // RFC 3261 §12.2.2: as after a restart, when a device refreshes what is no longer known.
  #refreshUnknown(tx: ServiceTransaction): void {
    if (this.#context.rules.events.refusesUnknown) this.#answer(tx, 481)
    else this.#answer(tx, 200, [['Expires', tx.request.headers.get('Expires') ?? String(DEFAULT_EXPIRES_S)]])
  }

  /** Seconds that are granted; undefined: the request has been refused. RFC 6665 §4.2.1.1 */
  #granted(tx: ServiceTransaction): number | undefined {
    const { policy, rules } = this.#context
    const asked = tx.request.expires ?? DEFAULT_EXPIRES_S
    if (asked > 0 && asked < 3600 && asked < policy.minExpires) {
      this.#answer(tx, 423, rules.events.tellsMinimum ? [['Min-Expires', String(policy.minExpires)]] : [])
      return undefined
    }
    return Math.min(asked, policy.maxExpires)
  }

  /** Answers 200 and tells the state at once (RFC 6665 §4.2.1.2). */
  #grant(tx: ServiceTransaction, subscription: NotifierSubscription, seconds: number, isRefresh = false): void {
    const { events } = this.#context.rules
    tx.respond(
      createResponse(tx.request, 200, undefined, {
        toTag: subscription.dialog.localTag,
        contact: { uri: subscription.contact },
        headers: [...(events.tellsTime ? ([['Expires', String(seconds)]] as const) : []), ['Allow', ALLOW]],
      }),
    )
    if (seconds === 0) {
      if (events.endsWhenAsked) subscription.end('timeout')
      return
    }
    if (!isRefresh || events.lengthensAtRefresh) subscription.lasts(seconds)
    if (events.notifiesAtOnce) subscription.notify()
  }

  #answer(tx: ServiceTransaction, status: number, headers: HeaderList = []): void {
    const allow: [string, string][] = status === 405 ? [['Allow', ALLOW]] : []
    const events: [string, string][] = status === 489 ? [['Allow-Events', [...this.#packages.keys()].join(', ')]] : []
    tx.respond(
      createResponse(tx.request, status, undefined, {
        toTag: this.#context.random.token(12),
        headers: [...headers, ...allow, ...events],
      }),
    )
  }

  #contactOn(flow: Flow, request: SipRequest): string {
    return ownContact(this.#context, CONTACT_PREFIX, { flow, contact: contactOf(request), requestUri: request.uri })
  }
}
