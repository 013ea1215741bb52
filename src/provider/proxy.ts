/** The stateful proxy: what becomes of a request that arrives. */
import type { ResponseOptions } from '../message/build.js'
import type { SipRequest } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { ServerTransaction, TransactionLayer } from '../transaction/transaction-layer.js'
import type { Flow } from '../transport/flow.js'
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProviderAccount } from './account.js'
import { sipAddressesOf } from './addresses.js'
import { lacksEncryption } from './media-policy.js'
import { Acknowledgements } from './acknowledgements.js'
import { Admission } from './admission.js'
import { CallLimit } from './call-limit.js'
import { CallTable, contactOf, ProxiedCall } from './call-table.js'
import { Channels } from './channels.js'
import type { ProviderContext } from './context.js'
import { DialogRequests } from './dialog-requests.js'
import { isTypedCode } from './dial-plan.js'
import type { DigestServer } from './digest-server.js'
import { CallLines } from './events/call-lines.js'
import type { EventServer } from './events/event-server.js'
import type { LineBook } from './events/line-book.js'
import { takeRefresh, takeSubscription } from './events/subscription-desk.js'
import { type Identity, privacyOf } from './identity.js'
import type { OwnHosts } from './own-hosts.js'
import { completeLength, hideCaller } from './passed-messages.js'
import { answerOptions, METHODS, refuse, trying } from './own-answers.js'
import { askForSession, refusesInterval } from './proxied-session.js'
import { askForReliability } from './reliability.js'
import { Pressure } from './pressure.js'
import { isOfOtherHost, type SipHost } from './second-host.js'
import { Overload, type PaceRefusal } from './overload.js'
import type { RelayPool } from './relay.js'
import { Resender } from './resender.js'
import { ResponseContext } from './response-context.js'
import { loopHashOf, RouteProcessing } from './route-processing.js'
import type { ProxyRules } from './rules/proxy.js'
import { SecondCalls } from './second-calls.js'
import type { ServiceHost } from './services/service-host.js'
import { serviceTransaction } from './services/service-transaction.js'
import { forwardStray, takeStrayCancel } from './strays.js'
import type { DeviceTarget } from './targets.js'
import { answerToText, passText } from './text-messages.js'

/** Requests that begin a dialog, or may do so for all a proxy knows, are record-routed (RFC 3261 §16.6 step 4). */
const NO_DIALOG = new Set(['REGISTER', 'OPTIONS', 'MESSAGE', 'BYE', 'CANCEL', 'ACK', 'PRACK', 'INFO', 'PUBLISH'])

export interface ProxyParts {
  readonly context: ProviderContext
  readonly transport: SipTransport
  readonly layer: TransactionLayer
  readonly hosts: OwnHosts
  readonly digest: DigestServer
  readonly identity: Identity
  /** What knows where devices are, at the host of this address. */
  readonly hostAt: (address: string) => SipHost
  readonly relays: RelayPool
  readonly services: ServiceHost
  readonly events: EventServer
  readonly lines: LineBook
}

/** The stateful proxy (RFC 3261 §16), with the registrar and the services that share its address. */
export class Proxy {
  readonly context: ProviderContext
  readonly layer: TransactionLayer
  readonly resender: Resender | undefined
  readonly calls: CallTable
  readonly #parts: ProxyParts
  readonly #rules: ProxyRules
  readonly #routes: RouteProcessing
  readonly #admission: Admission
  readonly #pressure: Pressure
  readonly #second: SecondCalls
  readonly #channels: Channels
  readonly #overload: Overload
  readonly #inDialog: DialogRequests

  constructor(parts: ProxyParts) {
    this.#parts = parts
    this.context = parts.context
    this.#rules = parts.context.rules.proxy
    this.layer = parts.layer
    this.resender = Resender.isNeeded(parts.context) ? new Resender(parts.context, parts.transport) : undefined
    const { context, digest, transport } = parts
    this.calls = new CallTable({
      clock: context.clock,
      lingerMs: 64 * context.timers.T1,
      silenceMs: context.policy.mediaTimeoutMs,
      onEnd: (call) => this.#channels.free(call),
      onSilence: (call) => this.#foundDead(call, limit),
    })
    this.#pressure = new Pressure(context)
    const limit = new CallLimit(context, parts.layer, this.calls)
    this.#second = new SecondCalls(context, this.calls, limit)
    this.#channels = new Channels(context, { on: () => this.calls.on, ends: (call) => limit.ends(call) })
    this.#overload = new Overload(context)
    for (const address of sipAddressesOf(context.addresses)) {
      const { router } = parts.hostAt(address)
      router.isFull = (account) => this.#channels.isFull(account)
      router.isShunned = (account, at) => this.#overload.isShunned(account, at)
    }
    this.#routes = new RouteProcessing(context, parts.hosts)
    this.#admission = new Admission({
      context,
      digest,
      transport,
      isGuarded: (request, flow) => this.#isGuarded(request, flow),
    })
    const around = {
      ...parts,
      routes: this.#routes,
      admission: this.#admission,
      limit,
      second: this.#second,
      channels: this.#channels,
    }
    this.#inDialog = new DialogRequests(this, around)
    const acknowledgements = new Acknowledgements(this, around)
    parts.layer.onRequest = (tx) => this.#received(tx)
    parts.layer.onAck = (ack, flow) => acknowledgements.pass(ack, flow)
    if (!parts.context.rules.transactions.dropsStrays)
      parts.layer.onStray = (response) => forwardStray(transport, response)
  }

  // --- requests

  #received(tx: ServerTransaction): void {
    const { request } = tx
    const fatal = tx.violations.find(({ status, code }) => status !== undefined && !this.#overlooks(code, request))
    if (fatal?.status !== undefined) {
      // RFC 3261 §16.3 step 1
      this.#refuse(tx, fatal.status, fatal.status === 400 ? `Bad Request: ${fatal.code}` : undefined)
      return
    }
    try {
      this.#process(tx)
    } catch (error) {
      this.context.log(`${request.method} refused: ${String(error)}`)
      this.#refuse(tx, isParseError(error) ? 400 : 500)
    }
  }

  #overlooks(violation: string, request: SipRequest): boolean {
    if (this.#rules.overlooks.includes(violation)) return true
    if (violation === 'request-uri-malformed') return isTypedCode(request.uri)
    return violation === 'to-malformed' && isTypedCode(request.to.uri)
  }

  #process(tx: ServerTransaction): void {
    const { request } = tx
    const uri = parseUri(request.uri)
    // §16.3 step 2
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips' && uri.scheme !== 'tel') return this.#refuse(tx, 416)
    // step 1
    if (!this.#rules.forwardsUnknownMethods && !METHODS.has(request.method)) return this.#refuse(tx, 501)
    // step 3; OPTIONS that ends here is answered as by a final recipient.
    if (request.maxForwards === 0 && this.#rules.refusesZeroHops)
      return request.method === 'OPTIONS' ? answerOptions(this.context, tx) : this.#refuse(tx, 483)

    const copy = request.clone()
    completeLength(this.context, copy)
    const popped = this.#routes.preprocess(copy)
    // step 4, RFC 5393 §4.2.2
    const loopHash = loopHashOf(copy, popped)
    if (this.#rules.detectsLoops && this.#routes.hasLooped(request, loopHash)) return this.#refuse(tx, 482)
    // step 5
    const required = request.headers.values('Proxy-Require')
    if (required.length > 0 && this.#rules.checksProxyRequire)
      return this.#refuse(tx, 420, undefined, { headers: [['Unsupported', required.join(', ')]] })

    const target = parseUri(copy.uri)
    const here = { hosts: this.#parts.hosts, ...this.#parts.hostAt(tx.flow.local.address) }
    if (copy.method === 'CANCEL') return takeStrayCancel(this, here, tx, copy, target)
    const isKnown = copy.method === 'REGISTER' || copy.to.tag !== undefined
    const beside = isKnown ? this.#overload.refusalOf(copy) : undefined
    if (beside !== undefined) return this.#refuseForPace(tx, beside)
    if (copy.method === 'REGISTER' && this.#parts.hosts.isDomain(target.host) && target.user === undefined)
      return this.#register(tx, copy)

    const isHere = this.#parts.hosts.isHere(target)
    if (isHere && this.#parts.services.owns(target)) return this.#toService(tx, copy)
    const desk = { ...this.#parts, admission: this.#admission }
    if (isHere && desk.events.owns(target)) return takeRefresh(desk, tx, copy)
    const inDialog = this.calls.find(copy, tx.flow)
    if (inDialog?.call.forgotten === true || isOfOtherHost(this.context, inDialog, tx.flow))
      return this.#refuse(tx, 481)
    if (inDialog !== undefined && !(isHere && target.user !== undefined))
      return this.#inDialog.take(tx, copy, inDialog, loopHash)

    if (isHere && target.user === undefined) return this.#toDomain(tx, copy)
    if (desk.events.takes(copy)) return takeSubscription(desk, tx, copy)
    const account = this.#admission.authenticate(tx)
    if (account === undefined) return
    const beyond = copy.method === 'INVITE' ? this.#overload.refusalOfCall(account) : undefined
    if (beyond !== undefined) return this.#refuseForPace(tx, beyond)
    const forward = () => this.#forwardInitial(tx, copy, account, loopHash)
    if (copy.method === 'INVITE') this.#pressure.takeOn(tx, forward)
    else forward()
  }

  #register(tx: ServerTransaction, request: SipRequest): void {
    const { local } = tx.flow
    const isSecond = local.address === this.context.addresses.secondIpv4
    if (isSecond && !this.#rules.secondRegisters) return this.#refuse(tx, 403)
    tx.respond(this.#parts.hostAt(local.address).registrar.answer(request, tx.flow))
  }

  /** To the domain itself: RFC 3261 §11.2, §8.2.1. */
  #toDomain(tx: ServerTransaction, request: SipRequest): void {
    if (request.method === 'OPTIONS') return answerOptions(this.context, tx)
    if (METHODS.has(request.method)) return this.#refuse(tx, request.to.tag === undefined ? 404 : 481)
    this.#refuse(tx, 501)
  }

  #forwardInitial(tx: ServerTransaction, copy: SipRequest, account: ProviderAccount, loopHash: string): void {
    const { identity, hostAt } = this.#parts
    const { router } = hostAt(tx.flow.local.address)
    const refusal = identity.check(copy, account)
    if (refusal !== undefined) return this.#refuse(tx, refusal.status, refusal.reason)
    if (refusesInterval(this.context, tx, copy)) return
    if (lacksEncryption(this.context, copy, tx.flow.transport)) return this.#refuse(tx, 488)
    const route = router.route(copy, account, tx.flow)
    const own = answerToText(this.context, copy, 'status' in route ? route.status : undefined)
    if (own !== undefined) return this.#refuse(tx, own)
    if ('status' in route)
      return this.#refuse(tx, route.status, route.reason, route.headers === undefined ? {} : { headers: route.headers })
    if (copy.method === 'INVITE') trying(this.context, tx)
    const [only] = route.targets
    const toService = only?.kind === 'service' && route.targets.length === 1 && route.onExhausted === undefined
    const beyond = copy.method === 'INVITE' && !toService ? this.#channels.refusal(account) : undefined
    if (beyond !== undefined) return this.#refuse(tx, beyond)
    // From here on somebody may see it on a lamp, until the response context has ended it.
    const withheld = !router.showsNumber(account)
    const lines = this.#linesOf(copy, account, withheld)
    identity.assert(copy, account, withheld)
    this.#admission.removeOwnCredentials(copy)
    this.#dropUnknown(copy)
    passText(this.context, copy)
    if (toService) {
      copy.uri = only.uri
      only.call(serviceTransaction(tx, copy, this.context, lines))
      return
    }
    askForSession(this.context, copy)
    askForReliability(this.#rules, copy)
    const beginsDialog = !NO_DIALOG.has(copy.method)
    let call: ProxiedCall | undefined
    if (beginsDialog) {
      call = new ProxiedCall({
        request: copy,
        flow: tx.flow,
        relay: copy.method === 'INVITE' ? this.#parts.relays.next() : undefined,
        shownFrom: withheld ? identity.anonymous(copy.from) : undefined,
        lines,
        now: this.context.clock.now(),
      })
      this.calls.add(call)
      if (copy.method === 'INVITE') this.#channels.take(account, call)
      if (call.shownFrom !== undefined) hideCaller(copy, call.shownFrom)
    }
    const context = new ResponseContext(this, {
      tx,
      request: copy,
      call,
      lines,
      onExhausted: route.onExhausted,
      onRedirect: route.onRedirect,
      noAnswerMs: route.noAnswerMs,
      onDeclined: ({ line, hop }, status) => {
        if (status === 503) this.#overload.isOverloaded(line, hop.remote.address)
      },
      loopHash,
      prepare: (next, device) => {
        if (call?.method === 'INVITE' && device.line !== undefined) this.#channels.take(device.line, call)
        this.#prepare(next, device, tx, beginsDialog)
      },
    })
    context.start(route.targets)
  }

  /** The lines of those who take part in a call between people; undefined: it is none. */
  #linesOf(request: SipRequest, caller: ProviderAccount, withheld: boolean): CallLines | undefined {
    if (request.method !== 'INVITE') return undefined
    const { callId } = request
    const dialled = parseUri(request.uri).userDecoded ?? ''
    const hides = withheld || ['id', 'user', 'header'].some((level) => privacyOf(request).has(level))
    return new CallLines(this.context.rules.events, this.#parts.lines, { callId, caller, dialled, withheld: hides })
  }

  /** A device has gone without a word, or both have: the other one is told, and nothing of the call is left. */
  #foundDead(call: ProxiedCall, limit: CallLimit): void {
    if (call.method !== 'INVITE' || ![...call.legs.values()].some(({ bridge }) => bridge !== undefined))
      this.calls.end(call)
    else if (this.#rules.clearsDeadCalls) limit.ends(call)
  }

  /** Does an INVITE need credentials? One of a known dialog does not, nor one that is refused for another reason anyhow. */
  #isGuarded(request: SipRequest, flow: Flow): boolean {
    const uri = parseUri(request.uri)
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips' && uri.scheme !== 'tel') return false
    if (request.maxForwards === 0 || request.headers.has('Proxy-Require')) return false
    if (this.#parts.hosts.isHere(uri) && this.#parts.services.owns(uri)) return false
    return this.calls.find(request, flow) === undefined
  }

  #toService(tx: ServerTransaction, copy: SipRequest): void {
    if (lacksEncryption(this.context, copy, tx.flow.transport)) return this.#refuse(tx, 488)
    if (copy.method === 'INVITE') trying(this.context, tx)
    this.#parts.services.inDialog(serviceTransaction(tx, copy, this.context))
  }

  // --- where to

  /** What a copy for a device needs besides its Request-URI. */
  #prepare(copy: SipRequest, target: DeviceTarget, tx: ServerTransaction, beginsDialog: boolean): void {
    if (beginsDialog) this.#second.hidesCaller(copy, target)
    if (beginsDialog) this.#routes.recordRoute(copy, tx.flow, contactOf(tx.request), target.hop)
    const routes = [...target.path, ...copy.headers.values('Route')]
    copy.headers.remove('Route')
    for (const route of routes) copy.headers.add('Route', route)
    for (const [name, value] of target.headers ?? []) copy.headers.add(name, value)
    if (target.shows !== undefined)
      copy.headers.set('P-Asserted-Identity', `<sip:${target.shows}@${this.context.names.domain}>`)
  }

  #refuse(tx: ServerTransaction, status: number, reason?: string, o: ResponseOptions = {}): void {
    refuse(this.context, tx, status, reason, o)
  }

  #refuseForPace(tx: ServerTransaction, refusal: PaceRefusal): void {
    if (refusal !== 'nothing') this.#refuse(tx, refusal.status, undefined, { headers: refusal.headers })
  }

  #dropUnknown(copy: SipRequest): void {
    if (this.#rules.forwardsUnknownHeaders) return
    for (const [name] of copy.headers.entries()) if (/^x-/i.test(name)) copy.headers.remove(name)
  }
}

function isParseError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ParseError'
}
