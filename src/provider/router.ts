/** Finds out where a request goes: RFC 3261 §16.5, with the diversions that customers have switched on. */
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { formatUri, parseUri, type SipUri } from '../message/uri.js'
import type { Flow, Hop } from '../transport/flow.js'
import { familyOf } from '../transport/network.js'
import type { ProviderAddresses } from './addresses.js'
import { nationalForm, type ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import { type Destination, destinationOf } from './dial-plan.js'
import { directHop, hopOfBinding } from './hops.js'
import type { Binding, LocationService } from './location-service.js'
import type { OwnHosts } from './own-hosts.js'
import { dropTransfer } from './passed-messages.js'
import { type Outlook, RingingCall } from './ringing-call.js'
import type { ServiceHost } from './services/service-host.js'
import type { ServiceTransaction } from './services/service-transaction.js'
import type { SettingsBook } from './settings.js'
import type { DeviceTarget, Exhaustion, Target } from './targets.js'
import type { ProxyRules } from './rules/proxy.js'

export type Route =
  | {
      readonly targets: readonly Target[]
      readonly onExhausted?: (why: Exhaustion) => readonly Target[]
      readonly onRedirect?: (response: SipResponse) => Outlook | undefined
      readonly noAnswerMs?: number
    }
  | { readonly status: number; readonly reason?: string; readonly headers?: [string, string][] }

/** How long it takes to divert a call once more, where circles are followed. */
const ROUND_MS = 100

export class Router {
  readonly #context: ProviderContext
  readonly #rules: ProxyRules
  readonly #location: LocationService
  readonly #hosts: OwnHosts
  readonly #settings: SettingsBook
  readonly #services: ServiceHost
  /** Set by the proxy: has the account as many calls as it may have? */
  isFull: (account: ProviderAccount) => boolean = () => false
  /** Set by the proxy: are the devices of the account at this address not called at present? */
  isShunned: (account: ProviderAccount, address: string) => boolean = () => false

  constructor(o: {
    context: ProviderContext
    location: LocationService
    hosts: OwnHosts
    settings: SettingsBook
    services: ServiceHost
  }) {
    this.#context = o.context
    this.#rules = o.context.rules.proxy
    this.#location = o.location
    this.#hosts = o.hosts
    this.#settings = o.settings
    this.#services = o.services
  }

  showsNumber(account: ProviderAccount): boolean {
    return this.#settings.of(account.user).callerId
  }

  /** The targets of a request outside of dialogs; its own Route values are taken off already. */
  route(request: SipRequest, caller: ProviderAccount, flow: Flow): Route {
    if (request.headers.has('Replaces') && this.#rules.replaces === 'refused') return { status: 481 }
    dropTransfer(this.#context, request)
    const uri = parseUri(request.uri)
    const [route] = request.headers.values('Route')
    if (route !== undefined || (uri.scheme !== 'tel' && !this.#hosts.serves(uri)))
      return this.#elsewhere(request, route)

    const dialled = uri.userDecoded ?? ''
    if (!this.#rules.readsEscapes && /%2a/i.test(uri.user ?? '')) return { status: 404 }
    if (!this.#rules.readsPlus && dialled.startsWith('+')) return { status: 404 }
    const destination = destinationOf(dialled, this.#context.accounts)
    const secure = uri.scheme === 'sips'
    switch (destination.kind) {
      case 'nowhere':
        return { status: 404 }
      case 'service':
        return { targets: [this.#service(request, destination, this.#actsOn(caller, flow))] }
      case 'queue': {
        const agents = this.#context.accounts.all.filter(
          (account) => account.roles.includes('queue-agent') && !this.#settings.of(account.user).queuePaused,
        )
        const targets = agents.flatMap((agent) => this.#devices(agent, secure).targets)
        return targets.length > 0 ? { targets } : { status: 480 }
      }
      case 'account':
        if (request.method !== 'INVITE') {
          const { targets, refusal } = this.#devices(destination.account, secure)
          return targets.length > 0 ? { targets } : refusal
        }
        if (destination.extension) this.#announceExtension(request, dialled, destination.account)
        return this.#ring(request, destination.account, caller, secure)
      default:
        return destination satisfies never
    }
  }

  /** Where a request outside of a transaction would go first. */
  firstDevice(uri: SipUri): DeviceTarget | undefined {
    const destination = destinationOf(uri.userDecoded ?? '', this.#context.accounts)
    if (destination.kind !== 'account') return undefined
    return this.#devices(destination.account, uri.scheme === 'sips').targets[0]
  }

  /** A domain of others, or a route that the customer wants: followed if it is an address (RFC 3261 §16.5, §16.6). */
  #elsewhere(request: SipRequest, route: string | undefined): Route {
    const next = route === undefined ? request.uri : (/<([^>]*)>/.exec(route)?.[1] ?? route)
    const parsed = parseUri(next)
    const hop = directHop(parsed)
    if (hop === undefined) return { status: 404, reason: 'Domain Not Served' }
    let { uri } = request
    if (route !== undefined && !parsed.params.has('lr') && this.#rules.knowsStrictRouters) {
      // §16.6 step 6: the next hop is a strict router.
      request.headers.removeFirstValue('Route')
      const rest = request.headers.values('Route')
      request.headers.set('Route', [...rest, `<${request.uri}>`].join(', '))
      uri = next
    }
    const party = { host: hop.remote.address, family: familyOf(hop.remote.address), secure: hop.transport === 'tls' }
    return { targets: [{ kind: 'device', uri, hop, q: 1, path: [], party }] }
  }

  /** Rings an account's devices, and says what becomes of the call when nobody takes it. */
  #ring(request: SipRequest, first: ProviderAccount, caller: ProviderAccount, secure: boolean): Route {
    const ways = {
      context: this.#context,
      settings: this.#settings,
      devices: (account: ProviderAccount) => this.#devices(account, secure).targets,
      service: (service: Extract<Destination, { kind: 'service' }>, whose: ProviderAccount) =>
        this.#service(request, service, whose),
      circle: () => this.#circle(request),
      isFull: (account: ProviderAccount) => this.isFull(account),
      leadsTo: (response: SipResponse) => this.#leadsTo(response),
    }
    const called = nationalForm(parseUri(request.uri).userDecoded ?? '')
    const call = new RingingCall(ways, { called, first, caller })
    const targets = call.begin()
    if (typeof targets === 'number') return targets === 480 ? this.#devices(first, secure).refusal : { status: targets }
    const { noAnswerMs } = call
    return {
      targets,
      onExhausted: (why) => call.whenRefused(why),
      onRedirect: (response) => call.whenRedirected(response),
      ...(noAnswerMs === undefined ? {} : { noAnswerMs }),
    }
  }

  /** Whose services a call to a code switches. */
  #actsOn(caller: ProviderAccount, { remote }: Flow): ProviderAccount {
    if (this.#context.rules.service.codesActOn !== 'first at the address') return caller
    const isThere = ({ flow }: Binding) => flow.remote.address === remote.address && flow.remote.port === remote.port
    return this.#context.accounts.all.find(({ user }) => this.#location.of(user).some(isThere)) ?? caller
  }

  /** Where a telephone's 3xx leads; undefined: to somebody else's domain, or it cannot be read. */
  #leadsTo(response: SipResponse): Destination | undefined {
    const parsed = firstContact(response)
    if (parsed === undefined) return undefined
    if (parsed.scheme !== 'tel' && !this.#hosts.serves(parsed)) return undefined
    return destinationOf(parsed.userDecoded ?? '', this.#context.accounts)
  }

  /** Where circles are followed: each time round the caller is told that the call is forwarded (RFC 3261 §21.1.3). */
  #circle({ uri }: SipRequest): Target {
    const { clock } = this.#context
    const call = (tx: ServiceTransaction) => {
      let over = false
      const goRound = () => {
        if (over) return
        tx.respond(createResponse(tx.request, 181, undefined, { toTag: this.#context.random.token(10) }))
        clock.after(ROUND_MS, goRound)
      }
      tx.onCancel = () => {
        over = true
        tx.respond(createResponse(tx.request, 487, undefined, { toTag: this.#context.random.token(10) }))
      }
      goRound()
    }
    return { kind: 'service', uri, call, q: 1 }
  }

  #devices(
    account: ProviderAccount,
    secure: boolean,
  ): { targets: DeviceTarget[]; refusal: { status: number; headers?: [string, string][] } } {
    const { names } = this.#context
    const skipped = this.#context.accounts.all[this.#rules.skipsNth - 1]
    const bindings = account === skipped ? [] : this.#location.of(account.user)
    const allowed =
      secure && this.#rules.keepsSips ? bindings.filter(({ parsed }) => parsed.scheme === 'sips') : bindings
    const called = this.#rules.callsOneFlow ? oneFlowEach(allowed) : allowed
    const targets = called
      .filter(({ flow }) => !this.isShunned(account, flow.remote.address))
      .flatMap((binding) => this.#device(account, binding, secure) ?? [])
    if (secure && bindings.length > 0 && allowed.length === 0) {
      // RFC 5630 §5.3
      const warning = `380 ${names.domain} "SIPS Not Allowed"`
      return { targets, refusal: { status: 480, headers: [['Warning', warning]] } }
    }
    return { targets, refusal: { status: 480 } }
  }

  #device(line: ProviderAccount, binding: Binding, secure: boolean): DeviceTarget | undefined {
    const { rules, clock } = this.#context
    const { natMemoryMs, natPort, knowsCarrierAddresses } = this.#rules
    const age = clock.now() - binding.at
    const hop = hopOfBinding(binding, {
      natIgnored: natMemoryMs === 0 || age > natMemoryMs,
      carrierNatIgnored: !knowsCarrierAddresses,
      atContactPort: natPort === 'of the contact',
      connectAnew: !rules.transport.reusesConnections,
    })
    if (hop === undefined) return undefined
    const way = this.#rules.callsFromOwnHost ? hop : fromFirstHost(hop, this.#context.addresses)
    // RFC 5630 §5.3: a SIP request goes to a SIP URI, over TLS where the contact is SIPS.
    const uri =
      binding.parsed.scheme === 'sips' && !secure ? formatUri({ ...binding.parsed, scheme: 'sip' }) : binding.uri
    const party = {
      host: binding.flow.remote.address,
      family: familyOf(way.remote.address),
      secure: way.transport === 'tls',
    }
    return { kind: 'device', line, uri: asTarget(uri), hop: way, q: binding.q, path: binding.path, party }
  }

  #service(
    request: SipRequest,
    destination: Extract<Destination, { kind: 'service' }>,
    caller: ProviderAccount,
  ): Target {
    return {
      kind: 'service',
      uri: request.uri,
      call: this.#services.callTo(destination.service, caller, destination.time),
      q: 1,
    }
  }

  /** Tells a trunk which extension was dialled (BH-12). */
  #announceExtension(request: SipRequest, dialled: string, trunk: ProviderAccount): void {
    const { names } = this.#context
    const { tellsExtension, namesExtensionAsCalled } = this.#rules
    const main = trunk.numbers[0] ?? trunk.user
    const called = tellsExtension && namesExtensionAsCalled ? dialled : main
    request.headers.set('P-Called-Party-ID', `<sip:${called}@${names.domain}>`)
    if (!tellsExtension) request.headers.set('To', `<sip:${main}@${names.domain}>`)
  }
}

/** As servers do that do not tell each other which of them a device has registered with. */
function fromFirstHost(hop: Hop, { ipv4, secondIpv4 }: ProviderAddresses): Hop {
  return hop.localAddress !== undefined && hop.localAddress === secondIpv4 ? { ...hop, localAddress: ipv4 } : hop
}

/** RFC 5626 §7: of the flows of one device, one at a time; the latest is the likeliest to live. */
function oneFlowEach(bindings: readonly Binding[]): readonly Binding[] {
  return bindings.filter(
    ({ outbound }, index) =>
      outbound === undefined ||
      !bindings.slice(index + 1).some((later) => later.outbound?.instance === outbound.instance),
  )
}

function firstContact(response: SipResponse): SipUri | undefined {
  try {
    const contacts = response.contacts()
    const [first] = contacts === '*' ? [] : contacts
    return first === undefined ? undefined : parseUri(first.uri)
  } catch {
    return undefined
  }
}

/** RFC 3261 §16.6 step 2: what may not stand in a Request-URI goes. */
function asTarget(uri: string): string {
  const parsed = parseUri(uri)
  if (!parsed.params.has('method') && parsed.headers.size === 0) return uri
  const params = new Map(parsed.params)
  params.delete('method')
  return formatUri({ ...parsed, params, headers: new Map() })
}
