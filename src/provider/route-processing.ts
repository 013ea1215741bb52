/** Route, Record-Route and the Via part that tells loops: RFC 3261 §16.4 and §16.6, RFC 5393, RFC 6157. */
import { createHash } from 'node:crypto'
import type { SipRequest } from '../message/message.js'
import { formatUri, parseUri } from '../message/uri.js'
import type { Flow, Hop, TransportName } from '../transport/flow.js'
import { canonicalAddress, type Family, familyOf } from '../transport/network.js'
import { sipAddressesOf } from './addresses.js'
import type { ProviderContext } from './context.js'
import { directHop, ownUriOverTls } from './hops.js'
import type { OwnHosts } from './own-hosts.js'
import type { ProxyRules } from './rules/proxy.js'

/** User part of the URIs that the proxy puts into Record-Route: by it they are known again (RFC 3261 §16.4). */
const ROUTE_USER = 'rr'

export class RouteProcessing {
  readonly #context: ProviderContext
  readonly #rules: ProxyRules
  readonly #hosts: OwnHosts

  constructor(context: ProviderContext, hosts: OwnHosts) {
    this.#context = context
    this.#rules = context.rules.proxy
    this.#hosts = hosts
  }

  /** RFC 3261 §16.4. Changes the request; returns the Route values that were taken off. */
  preprocess(copy: SipRequest): string[] {
    const uri = parseUri(copy.uri)
    if (uri.user === ROUTE_USER && this.#hosts.isHere(uri) && this.#rules.knowsStrictRouters) {
      // The sender is a strict router: it has put our Record-Route value here and the target at the end.
      const routes = copy.headers.values('Route')
      const last = routes.pop()
      if (last !== undefined) {
        copy.uri = uriOf(last)
        copy.headers.remove('Route')
        for (const route of routes) copy.headers.add('Route', route)
      }
    }
    const maddr = uri.params.get('maddr')
    if (maddr !== undefined && this.#hosts.isDomain(maddr) && this.#hosts.isHere({ ...uri, host: maddr })) {
      const params = new Map(uri.params)
      params.delete('maddr')
      params.delete('transport')
      copy.uri = formatUri({ ...uri, params })
    }
    const popped: string[] = []
    for (;;) {
      const [route] = copy.headers.values('Route')
      if (route === undefined || !this.#hosts.isHere(parseUri(uriOf(route)))) return popped
      // Of a pair of Record-Route values both are ours.
      copy.headers.removeFirstValue('Route')
      popped.push(route)
    }
  }

  /** §16.6 steps 6 and 7; what is left in Route comes before the Request-URI. */
  nextHop(copy: SipRequest, otherwise: () => Hop | undefined): Hop | undefined {
    const [route] = copy.headers.values('Route')
    if (route === undefined) return otherwise()
    const uri = uriOf(route)
    const parsed = parseUri(uri)
    if (!parsed.params.has('lr') && this.#rules.knowsStrictRouters) {
      copy.headers.removeFirstValue('Route')
      const rest = copy.headers.values('Route')
      copy.headers.set('Route', [...rest, `<${copy.uri}>`].join(', '))
      copy.uri = uri
    }
    return directHop(parsed)
  }

  /**
   * §16.6 step 4; RFC 6157 §3.1.1: where the two sides differ in family (or transport), one value for each, the one for
   * the callee on top.
   * @param contact of the device that `inbound` leads to
   */
  recordRoute(copy: SipRequest, inbound: Flow, contact: string | undefined, hop: Hop): void {
    if (!this.#rules.recordsRoute) return
    const families = [familyOf(hop.remote.address), familyOf(inbound.local.address)] as const
    const from = hop.flow?.local.address ?? hop.localAddress
    const towards = this.#routeUri(hop.transport, { family: families[0], at: from }, copy.uri, copy.uri)
    const back = this.#routeUri(
      inbound.transport,
      { family: families[1], at: inbound.local.address },
      contact,
      copy.uri,
    )
    if (towards !== back) copy.headers.prepend('Record-Route', `<${back}>`)
    if (families[0] !== families[1] && !this.#rules.recordsBothFamilies) return
    copy.headers.prepend('Record-Route', `<${towards}>`)
  }

  /** RFC 5393 §4.2.2 */
  hasLooped(request: SipRequest, loopHash: string): boolean {
    const { addresses } = this.#context
    return request
      .vias()
      .some(
        ({ host, branch }) =>
          branch?.endsWith(`.${loopHash}`) === true && sipAddressesOf(addresses).includes(canonicalAddress(host)),
      )
  }

  #ownIpv4(): string {
    const { ipv4 } = this.#context.addresses
    // An address of the provider's own network, as of a server that does not know by which one it is reached.
    return this.#rules.recordsReachable ? ipv4 : ipv4.replace(/\d+$/, (last) => String(Number(last) + 40))
  }

  /** @param here our own address on that side, as far as it is known */
  #routeUri(
    transport: TransportName,
    here: { readonly family: Family; readonly at: string | undefined },
    contact: string | undefined,
    requestUri: string,
  ): string {
    const { addresses, names } = this.#context
    const { family } = here
    if (here.at !== undefined && here.at === addresses.secondIpv4) {
      // By the name of both hosts (RFC 3261 §16.6 step 4: "or a suitable stand-in"): the second is there for when one is lost.
      if (transport === 'tls') return `${ownUriOverTls(`${ROUTE_USER}@${names.secure}`, contact, requestUri)};lr`
      return `sip:${ROUTE_USER}@${names.domain}${transport === 'tcp' ? ';transport=tcp' : ''};lr`
    }
    const host = family === 'ipv6' ? `[${addresses.ipv6}]` : this.#ownIpv4()
    if (transport === 'tls')
      return `${ownUriOverTls(`${ROUTE_USER}@${host}:${addresses.sipsPort}`, contact, requestUri)};lr`
    return `sip:${ROUTE_USER}@${host}:${addresses.sipPort}${transport === 'tcp' ? ';transport=tcp' : ''};lr`
  }
}

/** Of all that decides where a request goes here, and of what tells one request from another (RFC 5393 §4.2.1, §4.2.4). */
export function loopHashOf(request: SipRequest, popped: readonly string[]): string {
  return createHash('sha1')
    .update([request.uri, ...popped, request.callId, request.cseq.number, request.from.tag ?? ''].join('\n'))
    .digest('hex')
    .slice(0, 12)
}

function uriOf(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value
}
