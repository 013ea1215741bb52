/** A subscription as the subscriber keeps it: RFC 6665 §4.1, §4.4.1. */
import type { Timer } from '../clock/clock.js'
import { Dialog } from '../dialog/dialog.js'
import { createRequest } from '../message/build.js'
import { type EventName, isSameEvent, parseEvent, parseSubscriptionState } from '../message/event.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { escapeUser } from '../message/uri.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { Hop } from '../transport/flow.js'
import type { AgentCore } from './agent-core.js'
import type { Credentials } from './credentials.js'
import type { Exchange, RequestOptions } from './exchange.js'
import { ExchangeRecord } from './exchange-record.js'
import { type Notification, notificationOf } from './notification.js'
import { refreshAfter } from './registration.js'
import type { DialogOwner, StackUser } from './stack.js'

export interface SubscribeOptions extends RequestOptions {
  /** Media types that are understood; default: none are named, which means the package's own. */
  readonly accept?: string
  /** Seconds asked for. Default 3600. */
  readonly expires?: number
  /** Refreshed by itself before it ends. Default: yes. */
  readonly keep?: boolean
}

/** `neutral` until the first NOTIFY (RFC 6665 §4.1.2.4). */
export type SubscriberState = 'neutral' | 'pending' | 'active' | 'terminated'

/** A refresh that is answered so ends the subscription (RFC 6665 §4.1.2.2). */
const ENDS = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])
const DEFAULT_EXPIRES_S = 3600
/** Of who watches: NOTIFY is taken, too. */
const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, NOTIFY, MESSAGE'

export class Subscription implements DialogOwner {
  readonly event: EventName
  /** URI of what is watched. */
  readonly resource: string
  readonly callId: string
  readonly localTag: string
  readonly agent: StackUser
  readonly notifications: Notification[] = []
  /** Answers to SUBSCRIBE, the first one, refreshes and the end. */
  readonly exchanges: Exchange[] = []
  /** Seconds, of the last 2xx or NOTIFY that told them. */
  granted: number | undefined
  readonly #core: AgentCore
  readonly #o: SubscribeOptions
  readonly #credentials: Credentials
  readonly #onEnd: () => void
  /** By the notifier's tag: a SUBSCRIBE that was forked has several. */
  readonly #dialogs = new Map<string, Dialog>()
  /** Of the first SUBSCRIBE's 2xx, used where a NOTIFY has not come. */
  #fallback: Dialog | undefined
  #cseq: number
  /** Seconds asked for when a refresh is not told otherwise: what a 423 has named counts from then on. */
  #wish: number
  #state: SubscriberState = 'neutral'
  #timer: Timer | undefined
  /** Timer N of RFC 6665 §4.1.2.4: until then a NOTIFY may begin a further dialog. */
  #opensUntil = 0
  #asking = false
  #listeners: (() => void)[] = []

  /** @param o.onEnd told once, when it is over */
  constructor(o: {
    core: AgentCore
    agent: StackUser
    event: string
    resource: string
    options: SubscribeOptions
    onEnd: () => void
  }) {
    this.#core = o.core
    this.agent = o.agent
    this.event = parseEvent(o.event) ?? { type: o.event, id: undefined }
    this.resource = o.resource
    this.#o = o.options
    this.#onEnd = o.onEnd
    this.#wish = o.options.expires ?? DEFAULT_EXPIRES_S
    this.callId = o.core.random.token(26)
    this.localTag = o.core.random.token(12)
    this.#cseq = o.core.random.int(2 ** 16)
    this.#credentials = o.core.newCredentials(o.options)
  }

  get state(): SubscriberState {
    return this.#state
  }

  /** The dialog that its requests go in; undefined before there is one. */
  get dialog(): Dialog | undefined {
    const [first] = this.#dialogs.values()
    return first ?? this.#fallback
  }

  /** Sends the first SUBSCRIBE (RFC 6665 §4.1.2.1). */
  async subscribe(): Promise<Exchange> {
    const record = await this.#ask(this.#wish, (hop, seconds) => this.#initial(hop, seconds))
    if (!isSuccess(record)) {
      this.#end()
      return record
    }
    const [request] = record.requests.slice(-1)
    if (request !== undefined && record.final !== undefined && this.#dialogs.size === 0)
      this.#fallback = Dialog.ofCaller(request, record.final)

    return record
  }

  /** Asks for more time in the same dialog (RFC 6665 §4.1.2.2). @param expires seconds; default: as at first; 0 unsubscribes */
  async refresh(expires = this.#wish, o: RequestOptions = {}): Promise<Exchange> {
    const dialogs = this.#dialogs.size > 0 ? [...this.#dialogs.values()] : [this.#fallback]
    const records = await Promise.all(
      dialogs.map((dialog) =>
        dialog === undefined
          ? this.#ask(expires, (hop, seconds) => this.#initial(hop, seconds), o)
          : this.#ask(expires, (hop, seconds) => this.#inDialog(dialog, hop, seconds), o, dialog),
      ),
    )
    const [first = new ExchangeRecord('SUBSCRIBE', this.#core.clock.now())] = records
    if (records.every((one) => ENDS.has(one.status ?? 0))) this.#end()
    return first
  }

  /** Ends it (RFC 6665 §4.1.2.3); the last NOTIFY comes afterwards. */
  async unsubscribe(): Promise<Exchange | undefined> {
    this.#timer?.cancel()
    return this.#state === 'terminated' ? undefined : this.refresh(0)
  }

  /** Forgets it without a word, as a device that was switched off: what still comes for it gets 481. */
  forget(): void {
    this.#end()
  }

  /** The next notification that `which` picks, of those that are there or come within so many milliseconds. */
  notified(which: (one: Notification) => boolean, withinMs: number): Promise<Notification | undefined> {
    const look = () => this.notifications.find(which)
    const found = look()
    if (found !== undefined || withinMs <= 0) return Promise.resolve(found)
    return new Promise((resolve) => {
      const finish = (one: Notification | undefined) => {
        timer.cancel()
        this.#listeners = this.#listeners.filter((listener) => listener !== heard)
        resolve(one)
      }
      const heard = () => {
        const one = look()
        if (one !== undefined) finish(one)
      }
      const timer = this.#core.clock.after(withinMs, () => finish(undefined))
      this.#listeners.push(heard)
    })
  }

  // --- what arrives

  /** RFC 6665 §4.4.1: Call-ID, our tag and Event say whose NOTIFY it is. */
  matches(notify: SipRequest): boolean {
    return notify.callId === this.callId && notify.to.tag === this.localTag
  }

  handleRequest(tx: ServerTransaction): void {
    const { request } = tx
    const refuse = (status: number) => this.#core.respond(tx, this.localTag, { status })
    if (request.method !== 'NOTIFY') {
      refuse(405)
      return
    }
    if (!isSameEvent(parseEvent(request.headers.get('Event')), this.event)) {
      refuse(489)
      return
    }
    const tag = request.from.tag ?? ''
    const known = this.#dialogs.get(tag)
    const { clock } = this.#core
    // RFC 6665 §4.1.2.4
    if (this.#state === 'terminated' || (known === undefined && !this.#asking && clock.now() > this.#opensUntil)) {
      refuse(481)
      return
    }
    const admitted = known?.admit(request) ?? { ok: true }
    if (!admitted.ok) {
      refuse(500)
      return
    }
    const dialog = known ?? this.#begin(request, tag)
    dialog.refreshTarget(request)
    refuse(200)
    this.#take(request, tag)
  }

  handleAck(): void {}

  handleStray(): void {}

  // --- inside

  /** RFC 6665 §4.4.1: the NOTIFY makes the dialog, and its Record-Route the route set. */
  #begin(notify: SipRequest, tag: string): Dialog {
    const dialog = Dialog.ofCallee(notify, this.localTag, { state: 'confirmed' })
    dialog.localSequence = this.#cseq
    this.#dialogs.set(tag, dialog)
    this.#fallback = undefined
    this.#core.stack.addDialog(dialog.id, this)
    return dialog
  }

  #take(request: SipRequest, tag: string): void {
    const told = parseSubscriptionState(request.headers.get('Subscription-State'))
    this.notifications.push(notificationOf(request, this.#core.clock.now(), this.#asking))
    if (told?.state === 'terminated') {
      this.#forgetDialog(tag)
      if (this.#dialogs.size === 0) this.#end()
    } else if (this.#state !== 'terminated') {
      this.#state = told?.state === 'pending' ? 'pending' : 'active'
      if (told?.expires !== undefined) this.#lasts(told.expires)
    }
    for (const listener of this.#listeners) listener()
  }

  /** One SUBSCRIBE with its log-in; a 423 is obeyed once (RFC 6665 §4.2.1.1). */
  async #ask(
    expires: number,
    compose: (hop: Hop, seconds: number) => SipRequest,
    o: RequestOptions = {},
    dialog?: Dialog,
  ): Promise<Exchange> {
    const core = this.#core
    let seconds = expires
    let obeyed = false
    this.#asking = true
    const { accept: _accept, expires: _expires, keep: _keep, ...options } = this.#o
    const record = await core.converse({
      method: 'SUBSCRIBE',
      hop: () => core.hopFor(dialog?.nextHop ?? this.resource, 'SUBSCRIBE', dialog !== undefined),
      compose: (hop) => {
        this.#opensUntil = core.clock.now() + 64 * core.timers.T1
        return compose(hop, seconds)
      },
      credentials: this.#credentials,
      options: { ...options, ...o },
      automatic: core.automatic,
      onRefusal: (response) => {
        const least = Number(response.headers.get('Min-Expires'))
        if (response.status !== 423 || obeyed || seconds === 0 || !(least > seconds)) return false
        obeyed = true
        seconds = least
        this.#wish = Math.max(this.#wish, least)
        return true
      },
    })
    this.#asking = false
    this.exchanges.push(record)
    const granted = expiresOf(record.final)
    if (isSuccess(record) && seconds > 0 && this.#state !== 'terminated') this.#lasts(granted ?? seconds)
    return record
  }

  #initial(hop: Hop, seconds: number): SipRequest {
    const core = this.#core
    const { displayName, domain, user } = core.account
    this.#cseq += 1
    return this.#dressed(
      createRequest({
        method: 'SUBSCRIBE',
        uri: this.resource,
        from: {
          ...(displayName === undefined ? {} : { display: displayName }),
          uri: `sip:${escapeUser(user)}@${domain}`,
          tag: this.localTag,
        },
        to: { uri: this.resource },
        callId: this.callId,
        cseq: this.#cseq,
        contact: `<${core.contactFor(hop)}>`,
      }),
      seconds,
    )
  }

  #inDialog(dialog: Dialog, hop: Hop, seconds: number): SipRequest {
    return this.#dressed(dialog.request('SUBSCRIBE', { contact: `<${this.#core.contactFor(hop)}>` }), seconds)
  }

  #dressed(request: SipRequest, seconds: number): SipRequest {
    const { type, id } = this.event
    request.headers.set('Event', id === undefined ? type : `${type};id=${id}`)
    request.headers.set('Expires', String(seconds))
    if (this.#o.accept !== undefined) request.headers.set('Accept', this.#o.accept)
    request.headers.set('Allow', ALLOW)
    this.#core.sign(request)
    return request
  }

  /** It lasts so many seconds from now on. */
  #lasts(seconds: number): void {
    this.granted = seconds
    this.#timer?.cancel()
    if (this.#o.keep === false || seconds === 0) return
    this.#timer = this.#core.clock.after(1000 * refreshAfter(seconds), () => {
      if (this.#state !== 'terminated') this.#core.unattended(this.refresh())
    })
  }

  #forgetDialog(tag: string): void {
    const dialog = this.#dialogs.get(tag)
    if (dialog === undefined) return
    dialog.terminate()
    this.#core.stack.removeDialog(dialog.id)
    this.#dialogs.delete(tag)
  }

  #end(): void {
    this.#timer?.cancel()
    for (const tag of Array.from(this.#dialogs.keys())) this.#forgetDialog(tag)
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#onEnd()
    for (const listener of this.#listeners) listener()
  }
}

const isSuccess = ({ status = 0 }: Exchange): boolean => status >= 200 && status < 300

function expiresOf(response: SipResponse | undefined): number | undefined {
  const text = response?.headers.get('Expires')
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
