// The mailbox light: subscriptions to message-summary, and what is told of each change. RFC 3842, RFC 6665.
import { header, parameter } from './sip-message.mjs'
import { Dialog } from './dialog.mjs'
import { token } from './sip-endpoint.mjs'

const EVENT = 'message-summary'
const TYPE = 'application/simple-message-summary'
const SHORTEST_S = 10
const LONGEST_S = 3600

export class MessageWaiting {
  #endpoint
  #mailboxes
  #front
  #subscriptions = new Set()

  /** @param front `{ address, port, domain }` of the proxy that leads to telephones */
  constructor(endpoint, mailboxes, front) {
    this.#endpoint = endpoint
    this.#mailboxes = mailboxes
    this.#front = front
  }

  /** SUBSCRIBE, a first one or a refresh. */
  take(request, transaction) {
    const event = header(request, 'event')?.split(';')[0].trim()
    const isWithin = parameter(header(request, 'to') ?? '', 'tag') !== undefined
    const known = [...this.#subscriptions].find(({ dialog }) => dialog.isOf(request))
    if (event !== EVENT) return transaction.respond(489, { headers: [['allow-events', EVENT]] })
    if (isWithin && known === undefined) return transaction.respond(481)
    const asked = Number.parseInt(header(request, 'expires') ?? String(LONGEST_S), 10)
    if (asked > 0 && asked < SHORTEST_S)
      return transaction.respond(423, { headers: [['min-expires', String(SHORTEST_S)]] })
    if (known && !known.dialog.takes(request, { refreshes: true })) return transaction.respond(500)
    const subscription = known ?? this.#added(request)
    const granted = Math.min(asked, LONGEST_S)
    transaction.respond(200, {
      tag: subscription.dialog.ours.tag,
      headers: [
        ['contact', this.#endpoint.contact(EVENT)],
        ['expires', String(granted)],
        ['allow-events', EVENT],
      ],
    })
    this.#lasts(subscription, granted)
    return this.#tells(subscription)
  }

  #added(request) {
    const subscription = {
      dialog: Dialog.accepted(this.#endpoint, request),
      account: header(request, 'x-account'),
    }
    this.#subscriptions.add(subscription)
    return subscription
  }

  #lasts(subscription, seconds) {
    clearTimeout(subscription.timer)
    subscription.until = Date.now() + seconds * 1000
    if (seconds === 0) {
      this.#subscriptions.delete(subscription)
      return
    }
    subscription.timer = setTimeout(() => {
      this.#subscriptions.delete(subscription)
      this.#tells(subscription)
    }, seconds * 1000).unref()
  }

  /** To be called when a mailbox has changed. Who has not subscribed is told unasked, as many telephones expect. */
  changed(account) {
    const all = [...this.#subscriptions].filter((one) => one.account === account)
    for (const one of all) this.#tells(one)
    if (all.length === 0) this.#tellsUnasked(account)
  }

  #tellsUnasked(account) {
    const { domain } = this.#front
    const uri = `sip:${account}@${domain}`
    const headers = [
      ['max-forwards', '70'],
      ['from', `<${uri}>;tag=${token()}`],
      ['to', `<${uri}>`],
      ['call-id', token()],
      ['cseq', '1 NOTIFY'],
      ['contact', this.#endpoint.contact(EVENT)],
      ['event', EVENT],
      ['subscription-state', 'active'],
      ['content-type', TYPE],
    ]
    this.#endpoint.request(
      { method: 'NOTIFY', uri, headers, body: this.#summary(account) },
      this.#front,
      () => undefined,
    )
  }

  #tells(subscription) {
    const left = Math.max(0, Math.round((subscription.until - Date.now()) / 1000))
    const isActive = this.#subscriptions.has(subscription)
    subscription.dialog.request('NOTIFY', {
      headers: [
        ['contact', this.#endpoint.contact(EVENT)],
        ['event', EVENT],
        ['subscription-state', isActive ? `active;expires=${left}` : 'terminated;reason=timeout'],
        ['content-type', TYPE],
      ],
      body: this.#summary(subscription.account),
      // RFC 6665 §4.2.2: who does not know it any more is told no more.
      onFinal: (response) => {
        if (response === undefined || response.status === 481) this.#lasts(subscription, 0)
      },
    })
  }

  #summary(account) {
    const { length } = this.#mailboxes.of(account).messages
    return [
      `Messages-Waiting: ${length > 0 ? 'yes' : 'no'}`,
      `Message-Account: sip:${account}@${this.#front.domain}`,
      `Voice-Message: ${length}/0 (0/0)`,
      '',
    ].join('\r\n')
  }
}
