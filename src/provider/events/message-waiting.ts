/** Mailbox lights: the package message-summary of RFC 3842, and what devices are told that never subscribed. */
import { createRequest } from '../../message/build.js'
import { formatMessageSummary, MESSAGE_SUMMARY } from '../../message/message-summary.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { ProviderAccount } from '../account.js'
import type { ProviderContext } from '../context.js'
import { hopOfBinding } from '../hops.js'
import type { Binding, LocationService } from '../location-service.js'
import { ownContact } from '../own-contact.js'
import type { MailboxBook, MailboxChange } from '../services/mailbox-book.js'
import type { EventPackage, ToTell } from './event-package.js'
import type { EventServer } from './event-server.js'

export class MessageWaiting implements EventPackage {
  readonly name = 'message-summary'
  readonly contentType = MESSAGE_SUMMARY
  readonly leastGapMs = 0
  readonly #context: ProviderContext
  readonly #layer: TransactionLayer
  readonly #location: LocationService
  readonly #mailboxes: MailboxBook
  readonly #events: EventServer

  constructor(o: {
    context: ProviderContext
    layer: TransactionLayer
    location: LocationService
    mailboxes: MailboxBook
    events: EventServer
  }) {
    this.#context = o.context
    this.#layer = o.layer
    this.#location = o.location
    this.#mailboxes = o.mailboxes
    this.#events = o.events
    o.mailboxes.onChange = (user, change) => this.#changed(user, change)
  }

  mayWatch(watcher: ProviderAccount, watched: ProviderAccount): boolean {
    return watcher === watched || !this.#context.rules.events.mailboxForOwnerOnly
  }

  state({ watched }: Pick<ToTell, 'watched'>): string {
    const voice = this.#mailboxes.count(watched.user)
    const account = `sip:${watched.user}@${this.#context.names.domain}`
    return formatMessageSummary({ waiting: voice.fresh > 0, account, voice })
  }

  /** A device has registered: where messages wait and nobody has asked, it is told. */
  registered(account: ProviderAccount): void {
    if (this.#mailboxes.count(account.user).fresh === 0) return
    // Behind the answer to its REGISTER.
    this.#context.clock.after(0, () => this.#tellUnasked(account))
  }

  #changed(user: string, change: MailboxChange): void {
    const account = this.#context.accounts.byName(user)
    const { tellsNewMessages, tellsDeletedMessages } = this.#context.rules.events
    const isTold = change === 'left' ? tellsNewMessages : tellsDeletedMessages
    if (account === undefined || !isTold) return
    this.#events.changed(this, account)
    this.#tellUnasked(account)
  }

  #tellUnasked(account: ProviderAccount): void {
    if (!this.#context.rules.events.tellsUnasked || !this.#context.policy.tellsUnasked) return
    if (this.#events.isWatched(this, account)) return
    for (const binding of this.#location.of(account.user)) this.#tell(account, binding)
  }

  #tell(account: ProviderAccount, binding: Binding): void {
    const hop = hopOfBinding(binding)
    if (hop === undefined) return
    const { names, random, rules } = this.#context
    const aor = `sip:${account.user}@${names.domain}`
    const contact = ownContact(this.#context, 'mwi-', {
      flow: binding.flow,
      contact: binding.uri,
      requestUri: binding.uri,
    })
    const notify = createRequest({
      method: 'NOTIFY',
      uri: binding.uri,
      from: { uri: aor, tag: random.token(12) },
      to: { uri: aor },
      callId: `${random.token(20)}@${names.domain}`,
      cseq: 1,
      contact: { uri: contact },
      headers: [
        ['Event', this.name],
        ['Subscription-State', 'active'],
      ],
      ...(rules.events.sendsBody ? { body: this.state({ watched: account }), contentType: this.contentType } : {}),
    })
    this.#layer.request(notify, hop, {})
  }
}
