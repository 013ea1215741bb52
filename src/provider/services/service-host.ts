/** All service numbers: user agents that answer, and that call for wake-up. RFC 3261 §8.2, §13. */
import { Dialog, dialogId } from '../../dialog/dialog.js'
import { createRequest, createResponse } from '../../message/build.js'
import type { SipRequest } from '../../message/message.js'
import type { SipUri } from '../../message/uri.js'
import { isRejection } from '../../sdp/offer-answer.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { Flow } from '../../transport/flow.js'
import { type Family, familyOf } from '../../transport/network.js'
import type { ProviderAccount } from '../account.js'
import { contactOf } from '../call-table.js'
import type { ProviderContext } from '../context.js'
import type { Disk } from '../disk.js'
import type { ServiceName } from '../dial-plan.js'
import { hopOfBinding } from '../hops.js'
import type { LocationService } from '../location-service.js'
import { ownContact } from '../own-contact.js'
import type { RelayPool } from '../relay.js'
import type { SettingsBook } from '../settings.js'
import { announce, type Behaviour } from './behaviour.js'
import type { TimeOfDay } from './local-time.js'
import type { MailboxBook } from './mailbox-book.js'
import { behaviourOf } from './service-menu.js'
import { ALLOW, ServiceDialog, type ServiceDialogOptions, SUPPORTED } from './service-dialog.js'
import { ServiceMedia } from './service-media.js'
import type { ServiceCall, ServiceTransaction } from './service-transaction.js'
import { wantsDtls } from './service-dtls.js'
import type { WakeUpBook } from './wake-up.js'

/** User part of the Contacts that services give out. */
const CONTACT_PREFIX = 'svc-'
const KNOWN = new Set(['SUBSCRIBE', 'NOTIFY', 'REFER', 'MESSAGE', 'PUBLISH', 'REGISTER'])
/** Milliseconds that a wake-up call rings. */
const WAKE_UP_RINGS_MS = 60_000

export class ServiceHost {
  readonly settings: SettingsBook
  readonly wakeUps: WakeUpBook
  readonly mailboxes: MailboxBook
  readonly #context: ProviderContext
  readonly #layer: TransactionLayer
  readonly #relays: RelayPool
  readonly #location: LocationService
  readonly #dialogs = new Map<string, ServiceDialog>()
  /** Whose wake-up call was ordered in a call with DTLS-SRTP: it comes with it. */
  readonly #wokenByDtls: Set<string>
  readonly #mikeySeen: Disk['mikeySeen']

  constructor(o: {
    context: ProviderContext
    layer: TransactionLayer
    relays: RelayPool
    location: LocationService
    settings: SettingsBook
    disk: Disk
  }) {
    this.#context = o.context
    this.#layer = o.layer
    this.#relays = o.relays
    this.#location = o.location
    this.settings = o.settings
    this.mailboxes = o.disk.mailboxes
    this.#wokenByDtls = o.disk.wokenByDtls
    this.#mikeySeen = o.disk.mikeySeen
    this.wakeUps = o.disk.wakeUps
    this.wakeUps.onDue = (account) => this.#wake(account)
  }

  get size(): number {
    return this.#dialogs.size
  }

  get calls(): readonly ServiceDialog[] {
    return [...this.#dialogs.values()]
  }

  /** Is it a Contact of a service? */
  owns(uri: SipUri): boolean {
    return uri.user?.startsWith(CONTACT_PREFIX) === true
  }

  /** What a call to a service number comes to. @param account who dialled; of a mailbox that takes a call, its owner */
  callTo(service: ServiceName, account: ProviderAccount, time?: TimeOfDay): ServiceCall {
    return (tx) => this.#initial(tx, service, account, time)
  }

  /** A request to one of our Contacts. */
  inDialog(tx: ServiceTransaction): void {
    const { request } = tx
    const dialog =
      this.#dialogs.get(dialogId(request.callId, request.to.tag, request.from.tag)) ?? this.#byCallIdAlone(request)
    if (dialog !== undefined) {
      // RFC 3261 §26.1.4
      const { rules } = this.#context
      const anyone = !rules.identity.checksByeSender || !rules.service.checksTags
      if (tx.flow.remote.address !== dialog.flow.remote.address && !anyone) {
        tx.respond(this.#refusal(request, 403))
        return
      }
      dialog.receive(tx)
      return
    }
    if (!this.#context.rules.service.refusesUnknownDialogs && request.method === 'BYE') {
      tx.respond(createResponse(request, 200))
      return
    }
    // RFC 3261 §12.2.2, §15.1.2
    tx.respond(this.#refusal(request, 481))
  }

  #byCallIdAlone(request: SipRequest): ServiceDialog | undefined {
    if (request.method !== 'BYE' || this.#context.rules.service.checksTags) return undefined
    return [...this.#dialogs.values()].find(({ dialog }) => dialog.callId === request.callId)
  }

  acknowledge(ack: SipRequest): void {
    this.#dialogs.get(dialogId(ack.callId, ack.to.tag, ack.from.tag))?.acknowledge(ack)
  }

  close(): void {
    for (const dialog of Array.from(this.#dialogs.values())) dialog.end()
  }

  // --- calls to services

  #initial(tx: ServiceTransaction, service: ServiceName, account: ProviderAccount, time?: TimeOfDay): void {
    const { request } = tx
    const refusal = this.#inspect(tx)
    if (refusal !== undefined) {
      tx.respond(refusal)
      return
    }
    if (service === 'echo' && !this.#context.rules.service.echoIsUp) {
      tx.respond(this.#refusal(request, 503))
      return
    }
    if (request.method === 'OPTIONS') {
      const response = this.#refusal(request, this.#context.rules.service.optionsStatus)
      response.headers.set('Accept', 'application/sdp')
      tx.respond(response)
      return
    }
    if (request.body.length === 0 && !this.#context.rules.service.takesLateOffers) {
      tx.respond(this.#refusal(request, 488))
      return
    }
    let cancelled = false
    tx.onCancel = () => {
      cancelled = true
      tx.respond(this.#refusal(request, 487))
    }
    const offer = request.body.length > 0 ? SessionDescription.parse(request.body) : undefined
    if (service === 'wakeUp') {
      if (offer !== undefined && wantsDtls(this.#context, offer)) this.#wokenByDtls.add(account.user)
      else this.#wokenByDtls.delete(account.user)
    }
    const family = familyOfOffer(offer) ?? familyOf(tx.flow.remote.address)
    const call = { secure: tx.flow.transport === 'tls', seen: this.#mikeySeen }
    ServiceMedia.open(this.#context, this.#relays.next(), family, call).then(
      (media) => {
        if (cancelled) media.close()
        else this.#accept(tx, offer, media, this.#behaviour(service, account, time))
      },
      (error: unknown) => {
        this.#context.log(`no relay for a service: ${String(error)}`)
        if (!cancelled) tx.respond(this.#refusal(request, 500))
      },
    )
  }

  #behaviour(service: ServiceName, account: ProviderAccount, time?: TimeOfDay): Behaviour {
    const { settings, wakeUps, mailboxes } = this
    return behaviourOf(service, { settings, wakeUps, mailboxes, context: this.#context, account, time })
  }

  #accept(
    tx: ServiceTransaction,
    offer: SessionDescription | undefined,
    media: ServiceMedia,
    behaviour: Behaviour,
  ): void {
    const { request, flow } = tx
    const description = offer === undefined ? media.offer() : media.answer(offer, flow.remote.address)
    if (isRejection(description)) {
      media.close()
      const response = this.#refusal(request, description.status)
      response.headers.set(
        'Warning',
        `399 ${this.#context.names.domain} "${description.rejected.replace(/["\\]/g, "'")}"`,
      )
      tx.respond(response)
      return
    }
    const dialog = Dialog.ofCallee(escaped(request), this.#context.random.token(12), {
      overTls: flow.transport === 'tls',
    })
    const contact = this.#contactOn(flow, contactOf(request), request.uri)
    const peer = { flow, contact: contactOf(request) }
    const serviceDialog = this.#register({ dialog, media, behaviour, contact, peer, onOver: tx.onOver })
    serviceDialog.ring(tx, description)
  }

  #register({
    onOver,
    ...o
  }: Pick<ServiceDialogOptions, 'dialog' | 'media' | 'behaviour' | 'contact' | 'peer'> & {
    onOver?: (() => void) | undefined
  }): ServiceDialog {
    const { id } = o.dialog
    const serviceDialog = new ServiceDialog({
      ...o,
      context: this.#context,
      layer: this.#layer,
      onEnd: () => {
        this.#dialogs.delete(id)
        onOver?.()
      },
    })
    this.#dialogs.set(id, serviceDialog)
    return serviceDialog
  }

  /** What a user agent server looks at before a request's own meaning: RFC 3261 §8.2.1 to §8.2.3. */
  #inspect(tx: ServiceTransaction): ReturnType<typeof createResponse> | undefined {
    const { request } = tx
    const { rules } = this.#context
    const { method } = request
    if (method !== 'INVITE' && method !== 'OPTIONS') {
      if (request.to.tag !== undefined || method === 'BYE' || method === 'CANCEL') return this.#refusal(request, 481)
      // §8.2.1, §21.5.2
      return this.#refusal(request, KNOWN.has(method) ? 405 : rules.service.unknownMethodStatus)
    }
    // §8.2.2.2
    if (tx.merged && rules.service.refusesMerged) return this.#refusal(request, 482)
    if (request.to.tag !== undefined) return this.#refusal(request, 481)
    // §8.2.2.3
    const unsupported = request.headers.values('Require').filter((tag) => !SUPPORTED.includes(tag.toLowerCase()))
    if (unsupported.length > 0 && rules.service.checksRequire) {
      const response = this.#refusal(request, 420)
      response.headers.set('Unsupported', unsupported.join(', '))
      return response
    }
    // §8.2.3
    if (request.body.length > 0 && request.contentType !== 'application/sdp') {
      const response = this.#refusal(request, rules.service.unknownBodyStatus)
      response.headers.set('Accept', 'application/sdp')
      return response
    }
    return undefined
  }

  #refusal(request: SipRequest, status: number): ReturnType<typeof createResponse> {
    const headers: [string, string][] = [
      ['Allow', ALLOW],
      ['Supported', SUPPORTED.join(', ')],
    ]
    const withoutAllow = status === 405 && !this.#context.rules.service.tellsAllow
    return createResponse(request, status, undefined, {
      toTag: this.#context.random.token(12),
      headers: withoutAllow ? [] : headers,
    })
  }

  /** @param contact of the device that is answered or called */
  #contactOn(flow: Flow, contact: string | undefined, requestUri: string): string {
    return ownContact(this.#context, CONTACT_PREFIX, { flow, contact, requestUri })
  }

  // --- calls from services

  #wake(account: ProviderAccount, dtls = this.#wokenByDtls.has(account.user)): void {
    const [binding] = this.#location.of(account.user)
    const hop = binding === undefined ? undefined : hopOfBinding(binding)
    if (binding === undefined || hop === undefined) {
      this.#context.log(`nobody to wake at ${account.user}`)
      return
    }
    const call = { secure: hop.transport === 'tls', seen: this.#mikeySeen }
    ServiceMedia.open(this.#context, this.#relays.next(), familyOf(hop.remote.address), call).then(
      (media) => this.#ringUp(account, binding.uri, binding.flow, hop, { media, dtls }),
      (error: unknown) => this.#context.log(`no relay for a wake-up call: ${String(error)}`),
    )
  }

  #ringUp(
    account: ProviderAccount,
    uri: string,
    flow: Flow,
    hop: NonNullable<ReturnType<typeof hopOfBinding>>,
    { media, dtls }: { media: ServiceMedia; dtls: boolean },
  ): void {
    const { names, random, clock } = this.#context
    const contact = this.#contactOn(flow, uri, uri)
    const invite = createRequest({
      method: 'INVITE',
      uri,
      from: { display: 'Wake-up', uri: `sip:wake-up@${names.domain}`, params: new Map([['tag', random.token(12)]]) },
      to: `<sip:${account.user}@${names.domain}>`,
      callId: `${random.token(20)}@${names.domain}`,
      cseq: 1,
      contact: { uri: contact },
      headers: [
        ['Allow', ALLOW],
        ['Supported', 'timer'],
      ],
      body: media.offer(dtls).toBytes(),
      contentType: 'application/sdp',
    })
    const behaviour = announce(this.#context, 'wakeUpCall', { ms: 10_000 })
    const established = new Map<string, ServiceDialog>()
    const ringing = clock.after(WAKE_UP_RINGS_MS, () => client.cancel())
    const client = this.#layer.request(invite, hop, {
      onResponse: (response, from) => {
        if (response.status < 200) return
        ringing.cancel()
        if (response.status >= 300) {
          media.close()
          // Another device than the one that ordered it.
          if (dtls && response.status === 488) this.#wake(account, false)
          return
        }
        const tag = response.to.tag ?? ''
        const known = established.get(tag)
        const dialog = known?.dialog ?? Dialog.ofCaller(invite, response)
        // RFC 3261 §13.2.2.4: every 2xx gets its ACK.
        this.#layer.sendStateless(dialog.ack(1), hop).catch(() => {})
        if (known !== undefined) return
        const rejected = media.accept(SessionDescription.parse(response.body), from.remote.address)
        const peer = { flow: from, contact: contactOf(response) }
        const serviceDialog = this.#register({ dialog, media, behaviour, contact, peer })
        established.set(tag, serviceDialog)
        if (rejected === undefined) serviceDialog.established()
        else serviceDialog.hangUp()
      },
      onTimeout: () => media.close(),
      onTransportError: () => media.close(),
      onTerminated: () => ringing.cancel(),
    })
  }
}

function familyOfOffer(offer: SessionDescription | undefined): Family | undefined {
  const address = offer?.media.find((media) => media.port !== 0)?.connection?.address
  return address === undefined ? undefined : familyOf(address)
}

/** The request with a `#` of its To as it has to be: what we send in the dialog has to follow the grammar. */
function escaped(request: SipRequest): SipRequest {
  const { uri } = request.to
  if (!uri.includes('#')) return request
  const copy = request.clone()
  // The URI alone: a display name is the caller's own words.
  copy.headers.set(
    'To',
    (request.headers.get('To') ?? '').replace(uri, () => uri.replaceAll('#', '%23')),
  )
  return copy
}
