/** Processes REGISTER requests: RFC 3261 §10.3, RFC 3327, RFC 5626 §6, RFC 5630 §5.2. */
import { createResponse } from '../message/build.js'
import { formatNameAddr, type NameAddr, type SipRequest, type SipResponse } from '../message/message.js'
import { parseUri, type SipUri, uriEquals } from '../message/uri.js'
import { canonicalAddress, sameEndpoint } from '../transport/network.js'
import type { Flow } from '../transport/flow.js'
import type { ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { DigestServer } from './digest-server.js'
import type { Binding, LocationService } from './location-service.js'
import type { OwnHosts } from './own-hosts.js'
import type { RegistrarRules } from './rules/registrar.js'

const EXTENSIONS = ['path', 'outbound']
/** Seconds within which a device with an outbound flow is expected to show a sign of life (RFC 5626 §5.4). */
const FLOW_TIMER = 120

/** A registrar that is overrun needs so many milliseconds without a request. */
const OVERRUN_MS = 120_000

type Refusal = { readonly status: number; readonly reason?: string; readonly headers?: [string, string][] }

/** What a REGISTER asks for one contact. */
interface Wish {
  readonly contact: NameAddr
  readonly uri: SipUri
  /** Seconds; 0 removes. */
  readonly seconds: number
}

export class Registrar {
  readonly #context: ProviderContext
  readonly #rules: RegistrarRules
  readonly #location: LocationService
  readonly #digest: DigestServer
  readonly #hosts: OwnHosts

  /** Told when a device has made or renewed its binding. */
  onBound: ((account: ProviderAccount) => void) | undefined

  /** Call-IDs of devices that lost their account to another one. */
  readonly #displaced = new Set<string>()

  /** When somebody asked last. */
  #askedAt = -OVERRUN_MS

  constructor(context: ProviderContext, location: LocationService, digest: DigestServer, hosts: OwnHosts) {
    this.#context = context
    this.#rules = context.rules.registrar
    this.#location = location
    this.#digest = digest
    this.#hosts = hosts
  }

  /** The response to a REGISTER that came on `flow`; bindings are changed when it returns. */
  answer(request: SipRequest, flow: Flow): SipResponse {
    const refuse = (o: Refusal) => createResponse(request, o.status, o.reason, this.#with(o.headers ?? []))

    // RFC 3261 §10.3 step 2
    const unsupported = request.headers.values('Require').filter((tag) => !EXTENSIONS.includes(tag.toLowerCase()))
    if (unsupported.length > 0 && this.#rules.checksRequire)
      return refuse({ status: 420, headers: [['Unsupported', unsupported.join(', ')]] })

    if (this.#isOverrun()) return refuse({ status: 503 })

    // step 3
    const credentials = this.#digest.verify(request, 'registrar')
    switch (credentials.outcome) {
      case 'accepted':
        if (!this.#digest.consume(credentials.use)) return refuse(this.#digest.challenge('registrar', true))
        break
      case 'stale':
        if (credentials.isUnknown && !this.#context.rules.digest.challengesUnknownNonce) return refuse({ status: 403 })
        if (credentials.isUnknown && !this.#rules.bindsAtRefresh && !this.#location.knows(request.callId))
          return refuse({ status: 481 })
        return refuse(this.#digest.challenge('registrar', true))
      case 'unknown-user':
        return refuse({ status: 404 })
      case 'absent':
      case 'refused':
        return refuse(this.#digest.challenge('registrar', false))
      default:
        return credentials satisfies never
    }

    // step 5: other domains; before step 4, whose answer is about accounts of this domain.
    const aor = parseUri(request.to.uri)
    if (!this.#hosts.isDomain(aor.host))
      return this.#rules.ownDomainOnly ? refuse({ status: 404 }) : this.#confirm(request, [], false)

    // step 4. An address-of-record that does not exist gets the same answer as somebody else's.
    const user = this.#rules.readsEscapes ? aor.userDecoded : aor.user
    const account = this.#context.accounts.byName(user ?? '')
    if (account === undefined) return refuse({ status: 403 })
    if (account !== credentials.account && this.#rules.ownersOnly) return refuse({ status: 403 })
    if (account === this.#context.accounts.all[this.#rules.locksNth - 1]) return refuse({ status: 403 })

    const outcome = this.#update(request, flow, account)
    if ('status' in outcome) return refuse(outcome)
    if (outcome.bindings.length > 0) this.onBound?.(account)
    return this.#confirm(request, outcome.bindings, outcome.outbound)
  }

  /** Overloaded since a restart, where the rules say so: whoever asks keeps it so. */
  #isOverrun(): boolean {
    if (this.#rules.recovers || this.#context.isRestarted !== true) return false
    const now = this.#context.clock.now()
    const pause = now - this.#askedAt
    this.#askedAt = now
    return pause < OVERRUN_MS
  }

  #update(
    request: SipRequest,
    flow: Flow,
    account: ProviderAccount,
  ): Refusal | { bindings: readonly Binding[]; outbound: boolean } {
    const current = this.#location.of(account.user)
    const contacts = request.contacts()
    if (contacts === '*') {
      const refusal = this.#removeAll(request, current, account)
      return refusal ?? { bindings: this.#location.of(account.user), outbound: false }
    }
    if (contacts.length === 0) {
      if (current.length === 0 && !this.#rules.answersEmptyQuery) return { status: 404, reason: 'Not Found' }
      if (!this.#rules.queryRemoves) return { bindings: current, outbound: false }
      this.#location.replace(account.user, [])
      return { bindings: [], outbound: false }
    }

    const wishes = this.#wishes(request, contacts)
    if ('status' in wishes) return wishes
    const evil = wishes.find((wish) => wish.seconds > 0 && this.#isOurs(wish.uri))
    if (evil !== undefined && this.#rules.refusesOwnAddress) return { status: 403, reason: 'Contact Is Here' }

    const path = this.#path(request, flow)
    if ('status' in path) return path

    const flows = wishes.filter((wish) => outboundKey(wish.contact) !== undefined)
    const agreed = flows.length > 0 && this.#knowsOutbound(request)
    if (agreed && !isFirstHop(request) && !hasOutboundPath(path.values)) {
      // RFC 5626 §6, §11.6
      return { status: 439, reason: 'First Hop Lacks Outbound Support' }
    }
    if (flows.length > 0 && wishes.filter((wish) => wish.seconds > 0).length > 1) {
      // RFC 5626 §6: one flow, one binding.
      return { status: 400, reason: 'One Flow At A Time' }
    }
    const outbound = agreed && this.#rules.knowsOutbound
    let next = [...current]
    let late = false
    for (const wish of wishes) {
      const key = outbound ? outboundKey(wish.contact) : undefined
      const index = next.findIndex((binding) => this.#isSame(binding, wish, key))
      const old = next[index]
      // step 7: the same device's requests count in order; another Call-ID is a device that restarted.
      const isSameDevice = old?.callId === request.callId || this.#rules.ordersAcrossCallIds
      if (old !== undefined && isSameDevice && request.cseq.number <= old.cseq) {
        if (this.#rules.checksOrder) {
          late = true
          continue
        }
      }
      if (index >= 0) next.splice(index, 1)
      const { followsFlows, followsSource } = this.#rules
      const kept = (key !== undefined && !followsFlows) || !followsSource ? old?.flow : undefined
      if (wish.seconds > 0) next.push(this.#bind(request, kept ?? flow, wish, path.values, key))
    }
    if (!this.#rules.removesNamedOnly && wishes.some((wish) => wish.seconds === 0)) next = []
    if (late) {
      if (!this.#rules.isAtomic) this.#location.replace(account.user, next)
      return { status: 500, reason: 'CSeq Out Of Order' }
    }
    const shared = this.#share(request, current, next, wishes)
    if ('status' in shared) return shared
    next = shared.bindings
    this.#location.replace(account.user, next)
    if (!this.#rules.sharesAddresses) this.#displaceOthersAt(flow, account)
    return { bindings: next, outbound: agreed }
  }

  #displaceOthersAt(flow: Flow, account: ProviderAccount): void {
    for (const { user } of this.#context.accounts.all) {
      if (user === account.user) continue
      const elsewhere = this.#location.of(user).filter((binding) => !sameEndpoint(binding.flow.remote, flow.remote))
      this.#location.replace(user, elsewhere)
    }
  }

  /** Step 6. */
  #removeAll(request: SipRequest, current: readonly Binding[], account: ProviderAccount): Refusal | undefined {
    if (request.headers.values('Contact').length > 1 || request.expires !== 0)
      return this.#rules.checksStar ? { status: 400, reason: 'Bad Use Of Contact *' } : undefined

    if (!this.#rules.starRemoves) return undefined
    const late = current.some((binding) => binding.callId === request.callId && request.cseq.number <= binding.cseq)
    if (late) return { status: 500, reason: 'CSeq Out Of Order' }
    this.#location.replace(account.user, [])
    return undefined
  }

  /** What is asked for each contact, or why it is refused. Step 7. */
  #wishes(request: SipRequest, contacts: readonly NameAddr[]): Wish[] | Refusal {
    const { policy } = this.#context
    const requestSecure = /^sips:/i.test(request.uri)
    const wishes: Wish[] = []
    for (const contact of contacts) {
      const uri = parseUri(contact.uri)
      if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return { status: 400, reason: 'Contact Is No SIP URI' }
      // RFC 5630 §5.2
      if (uri.scheme === 'sips' && !requestSecure && this.#rules.refusesMixedSips)
        return { status: 400, reason: 'SIPS Contact In SIP REGISTER' }

      const own = deltaSeconds(contact.params.get('expires'))
      const asked = this.#rules.readsContactExpires ? own : undefined
      const seconds = asked ?? request.expires ?? policy.maxExpires
      if (seconds > 0 && seconds < 3600 && seconds < policy.minExpires && this.#rules.checksMinimum) {
        return {
          status: 423,
          headers: this.#rules.tellsMinimum ? [['Min-Expires', String(policy.minExpires)]] : [],
        }
      }
      wishes.push({ contact, uri, seconds: Math.min(seconds, policy.maxExpires) })
    }
    return wishes
  }

  #isSame(binding: Binding, wish: Wish, key: { instance: string; regId: string } | undefined): boolean {
    const { comparesContacts } = this.#rules
    const asText = binding.uri === wish.contact.uri
    if (comparesContacts === 'removals as text') return wish.seconds === 0 && asText
    // RFC 5626 §6: instance and flow number replace the comparison of URIs.
    if (key !== undefined && binding.outbound !== undefined)
      return key.instance === binding.outbound.instance && key.regId === binding.outbound.regId

    return comparesContacts === 'as text' ? asText : uriEquals(binding.parsed, wish.uri)
  }

  #bind(
    request: SipRequest,
    flow: Flow,
    wish: Wish,
    path: readonly string[],
    outbound: { instance: string; regId: string } | undefined,
  ): Binding {
    const { clock } = this.#context
    const q = Number.parseFloat(wish.contact.params.get('q') ?? '1')
    return {
      uri: wish.contact.uri,
      parsed: wish.uri,
      params: wish.contact.params,
      callId: request.callId,
      cseq: request.cseq.number,
      at: clock.now(),
      expiresAt: clock.now() + this.#rules.kept(wish.seconds) * 1000,
      q: Number.isNaN(q) || !this.#rules.keepsPreference ? 1 : Math.min(1, Math.max(0, q)),
      flow,
      path,
      ...(outbound === undefined ? {} : { outbound }),
    }
  }

  /** What becomes of the bindings that another device made with the same credentials (BH-10). */
  #share(
    request: SipRequest,
    current: readonly Binding[],
    next: readonly Binding[],
    wishes: readonly Wish[],
  ): { bindings: Binding[] } | Refusal {
    const { policy } = this.#context
    const isAdding = wishes.some((wish) => wish.seconds > 0)
    const asked = wishes.flatMap((wish) => outboundKey(wish.contact)?.instance ?? [])
    // RFC 5626 §4.2.1: one device may hold several flows, each with a Call-ID of its own.
    const isOwn = (binding: Binding) =>
      binding.callId === request.callId || (binding.outbound !== undefined && asked.includes(binding.outbound.instance))
    const others = next.filter((binding) => !isOwn(binding))
    const lost = !this.#rules.storesDisplaced && this.#displaced.has(request.callId)
    if (isAdding && lost) return { bindings: [...current] }
    if (!isAdding || others.length === 0) return { bindings: [...next] }
    const rule = this.#rules.sharedCredentials ?? policy.sharedCredentials
    if (rule === 'fork') return { bindings: [...next] }
    if (rule === 'refuse' && current.length > 0) return { status: 403, reason: 'Another Device Is Registered' }
    for (const { callId } of others) this.#displaced.add(callId)
    return { bindings: next.filter(isOwn).map((binding) => this.#takesOver(binding, others)) }
  }

  /** What a binding becomes that displaces others. */
  #takesOver(binding: Binding, others: readonly Binding[]): Binding {
    if (this.#rules.displacingRenews) return binding
    const endsAt = Math.max(...others.map(({ expiresAt }) => expiresAt))
    return { ...binding, expiresAt: Math.min(binding.expiresAt, endsAt), toldUntil: binding.expiresAt }
  }

  // A contact that leads back here would make the provider send to itself.
  #isOurs(uri: SipUri): boolean {
    return this.#hosts.isOwnPlace(uri)
  }

  /** RFC 3327 §5.3; only the proxy that hands the request in may put itself on the way, nobody else's address. */
  #path(request: SipRequest, flow: Flow): { values: string[] } | Refusal {
    const values = request.headers.values('Path')
    if (values.length === 0) return { values }
    if (!request.headers.values('Supported').some((tag) => tag.toLowerCase() === 'path'))
      return { status: 421, headers: [['Require', 'path']] }

    for (const value of values) {
      const uri = parseUri(/<([^>]*)>/.exec(value)?.[1] ?? value)
      if (canonicalAddress(uri.host) !== canonicalAddress(flow.remote.address)) return { status: 403, reason: 'Path' }
    }
    return { values }
  }

  /** RFC 5626 §6: the device says that it knows the extension. */
  #knowsOutbound(request: SipRequest): boolean {
    return request.headers.values('Supported').some((tag) => tag.toLowerCase() === 'outbound')
  }

  /** Step 8. */
  #confirm(request: SipRequest, bindings: readonly Binding[], outbound: boolean): SipResponse {
    const { clock } = this.#context
    const now = clock.now()
    const listed = this.#rules.listsBindings ? bindings : []
    const headers: [string, string][] = listed.map((binding) => {
      const told = this.#rules.told(((binding.toldUntil ?? binding.expiresAt) - now) / 1000)
      const params = new Map(binding.params)
      if (!this.#rules.tellsPreference) params.delete('q')
      if (!this.#rules.tellsTime) params.delete('expires')
      else params.set('expires', String(Math.max(0, Math.round(told))))
      return ['Contact', formatNameAddr({ uri: binding.uri, params })]
    })
    for (const value of request.headers.all('Path')) headers.push(['Path', value])
    if (outbound) headers.push(['Require', 'outbound'], ['Flow-Timer', String(FLOW_TIMER)])
    if (this.#rules.returnsRecordRoute)
      for (const value of request.headers.all('Record-Route')) headers.push(['Record-Route', value])

    headers.push(['Date', new Date(clock.unixMs()).toUTCString()])
    return createResponse(request, 200, undefined, this.#with(headers))
  }

  #with(headers: [string, string][]): { headers: [string, string][]; toTag: string } {
    return { headers, toTag: this.#context.random.token(10) }
  }
}

function outboundKey(contact: NameAddr): { instance: string; regId: string } | undefined {
  const instance = contact.params.get('+sip.instance')
  const regId = contact.params.get('reg-id')
  // RFC 5626 §6: a reg-id without an instance is ignored.
  return instance === undefined || regId === undefined ? undefined : { instance, regId }
}

/** RFC 5626 §6: did the device come straight to us? */
function isFirstHop(request: SipRequest): boolean {
  return request.vias().length === 1
}

/** RFC 5626 §6: the first hop says that it keeps the flow. */
function hasOutboundPath([first]: readonly string[]): boolean {
  return first !== undefined && parseUri(/<([^>]*)>/.exec(first)?.[1] ?? first).params.has('ob')
}

function deltaSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  return Math.min(Number(text), 2 ** 32 - 1)
}
