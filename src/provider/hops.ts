/** Where requests go: to bindings, to the ends of dialogs, to addresses; and how we name ourselves on the way back. */
import { parseUri, type SipUri } from '../message/uri.js'
import type { Flow, Hop, TransportName } from '../transport/flow.js'
import { addressBlock } from '../transport/address.js'
import { canonicalAddress, isNumericAddress } from '../transport/network.js'
import type { CallSide } from './call-table.js'
import type { Binding } from './location-service.js'

/**
 * Where to send a request for a binding. A connection that the device opened is used again (RFC 5626 §5.3); a device
 * behind a NAT is reached where its REGISTER came from; a contact on another host than that is never followed, so that
 * nobody can point the provider at third parties. Where outbound was agreed the flow is the only way (RFC 5626 §7).
 * Undefined: there is no way to it now.
 * @param o follow the contact nevertheless; only that of a carrier's inside address, or only its port; open a connection of our own
 */
export function hopOfBinding(
  binding: Binding,
  o: {
    readonly natIgnored?: boolean
    readonly carrierNatIgnored?: boolean
    readonly atContactPort?: boolean
    readonly connectAnew?: boolean
  } = {},
): Hop | undefined {
  const { flow, parsed } = binding
  if (flow.transport !== 'udp' && flow.open && o.connectAnew !== true) return hopOf(flow)
  if (binding.outbound !== undefined && o.natIgnored !== true && o.connectAnew !== true)
    return flow.transport === 'udp' ? udpHop(flow) : undefined

  const direct = directHop(parsed)
  if (direct !== undefined) {
    const { address, port } = direct.remote
    if (o.natIgnored === true || address === flow.remote.address) return from(direct, flow)
    if (o.carrierNatIgnored === true && isCarriers(address)) return from(direct, flow)
    if (o.atContactPort === true && flow.transport === 'udp')
      return { ...udpHop(flow), remote: { address: flow.remote.address, port } }
  }
  return flow.transport === 'udp' ? udpHop(flow) : undefined
}

/** Where to send a request of a dialog to one of its ends; `uri` is the Request-URI. */
export function hopOfSide(side: CallSide, uri: string): Hop | undefined {
  const { flow } = side
  if (flow.transport !== 'udp' && flow.open) return hopOf(flow)
  const direct = directHop(parseUri(uri))
  if (direct === undefined) return flow.transport === 'udp' ? udpHop(flow) : undefined
  if (flow.transport === 'udp' && uri === side.contact && direct.remote.address !== flow.remote.address)
    return udpHop(flow)

  return from(direct, flow)
}

/** Where a URI with a numeric host leads (RFC 3263 §4.1, §4.2). */
export function directHop(uri: SipUri): Hop | undefined {
  const host = uri.params.get('maddr') ?? uri.host
  if ((uri.scheme !== 'sip' && uri.scheme !== 'sips') || !isNumericAddress(host)) return undefined
  const transport = transportOf(uri)
  const port = uri.port ?? (transport === 'tls' ? 5061 : 5060)
  return { transport, remote: { address: canonicalAddress(host), port }, serverName: host }
}

/**
 * A URI of ours for a device that is reached over TLS. RFC 5630 §5.3 forbids transport=tls, so that it is a SIPS URI (RFC
 * 3261 §16.7 step 8).
 * DEVIATION: a device whose own Contact says transport=tls is answered in its words. Many of those know no SIPS URI, and
 * to a SIP Request-URI belongs a SIP Record-Route (RFC 3261 §16.6 step 4).
 * @param place user, host and port
 * @param contact of the device
 * @param requestUri of the request that this is about; a SIPS one wants SIPS URIs everywhere (§12.1.1, §16.6 step 4)
 */
export function ownUriOverTls(place: string, contact: string | undefined, requestUri: string): string {
  const isSecure = /^sips:/i.test(requestUri)
  const inItsWords = !isSecure && contact !== undefined && saysTransportTls(contact)
  return inItsWords ? `sip:${place};transport=tls` : `sips:${place}`
}

function saysTransportTls(contact: string): boolean {
  const { scheme, params } = parseUri(contact)
  return scheme === 'sip' && params.get('transport')?.toLowerCase() === 'tls'
}

/** RFC 6598 §7. */
const isCarriers = addressBlock('100.64.0.0/10')

function transportOf(uri: SipUri): TransportName {
  if (uri.scheme === 'sips') return 'tls'
  const named = uri.params.get('transport')?.toLowerCase()
  return named === 'tcp' || named === 'tls' ? named : 'udp'
}

function hopOf(flow: Flow): Hop {
  return { transport: flow.transport, remote: flow.remote, flow }
}

/** Over UDP from the address that the device knows: its router, or a list of its own, lets nothing else in. */
function from(hop: Hop, { local, remote }: Flow): Hop {
  const isSame = hop.transport === 'udp' && hop.remote.address === remote.address
  return isSame ? { ...hop, localAddress: local.address } : hop
}

function udpHop(flow: Flow): Hop {
  return { transport: 'udp', remote: flow.remote, localAddress: flow.local.address }
}
