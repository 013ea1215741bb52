import { parseUri, type SipUri } from '../message/uri.js'
import type { Flow, Hop, TransportName } from '../transport/flow.js'
import { canonicalAddress, isNumericAddress, sameEndpoint } from '../transport/network.js'
import type { CallSide } from './call-table.js'
import type { Binding } from './location-service.js'

/**
 * Where to send a request for a binding. A connection that the device opened is used again (RFC 5626 §5.3); a device
 * behind a NAT is reached where its REGISTER came from; a contact on another host than that is never followed, so that
 * nobody can point the provider at third parties. Where outbound was agreed the flow is the only way (RFC 5626 §7).
 * Undefined: there is no way to it now.
 * @param o defects: follow the contact nevertheless; open a connection of our own
 */
export function hopOfBinding(
  binding: Binding,
  o: { readonly natIgnored?: boolean; readonly connectAnew?: boolean } = {},
): Hop | undefined {
  const { flow, parsed } = binding
  if (flow.transport !== 'udp' && flow.open && o.connectAnew !== true) return hopOf(flow)
  if (binding.outbound !== undefined && o.natIgnored !== true && o.connectAnew !== true) {
    return flow.transport === 'udp' ? udpHop(flow) : undefined
  }
  const direct = directHop(parsed)
  if (direct !== undefined && (o.natIgnored === true || direct.remote.address === flow.remote.address)) return direct
  return flow.transport === 'udp' ? udpHop(flow) : undefined
}

/** Where to send a request of a dialog to one of its ends; `uri` is the Request-URI. */
export function hopOfSide(side: CallSide, uri: string): Hop | undefined {
  const { flow } = side
  if (flow.transport !== 'udp' && flow.open) return hopOf(flow)
  const direct = directHop(parseUri(uri))
  if (direct === undefined) return flow.transport === 'udp' ? udpHop(flow) : undefined
  if (flow.transport === 'udp' && uri === side.contact && direct.remote.address !== flow.remote.address) {
    return udpHop(flow)
  }
  return direct
}

/** Where a URI with a numeric host leads (RFC 3263 §4.1, §4.2). */
export function directHop(uri: SipUri): Hop | undefined {
  const host = uri.params.get('maddr') ?? uri.host
  if ((uri.scheme !== 'sip' && uri.scheme !== 'sips') || !isNumericAddress(host)) return undefined
  const transport = transportOf(uri)
  const port = uri.port ?? (transport === 'tls' ? 5061 : 5060)
  return { transport, remote: { address: canonicalAddress(host), port }, serverName: host }
}

/** Does the device sit where its contact says? */
export function isBehindNat(flow: Flow, contact: string | undefined): boolean {
  if (contact === undefined) return false
  const direct = directHop(parseUri(contact))
  return direct === undefined || !sameEndpoint(direct.remote, flow.remote)
}

function transportOf(uri: SipUri): TransportName {
  if (uri.scheme === 'sips') return 'tls'
  const named = uri.params.get('transport')?.toLowerCase()
  return named === 'tcp' || named === 'tls' ? named : 'udp'
}

function hopOf(flow: Flow): Hop {
  return { transport: flow.transport, remote: flow.remote, flow }
}

function udpHop(flow: Flow): Hop {
  return { transport: 'udp', remote: flow.remote, localAddress: flow.local.address }
}
