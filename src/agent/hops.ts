/** Where requests go: the way that a URI names, and the way back (RFC 3261 §8.1.2, RFC 3263 §4). */
import { parseUri } from '../message/uri.js'
import { defaultPort, type Flow, type Hop, type TransportName } from '../transport/flow.js'
import { type Endpoint, isNumericAddress, sameEndpoint } from '../transport/network.js'

/**
 * Where RFC 3263 §4 leads for a URI with a numeric host; what has a name goes to `outbound`, whose place in DNS is the
 * business of whoever chose it.
 */
export function hopOfUri(uri: string, outbound: Hop): Hop {
  const target = parseUri(uri)
  const maddr = target.params.get('maddr')
  const host = maddr ?? target.host
  if (!isNumericAddress(host)) return outbound

  const wish = target.params.get('transport')?.toLowerCase()
  let transport: TransportName
  if (target.scheme === 'sips' || wish === 'tls') {
    transport = 'tls'
  } else if (wish === 'udp' || wish === 'tcp') {
    transport = wish
  } else {
    // DEVIATION: RFC 3263 §4.1 says UDP where a numeric URI names no transport. A server that we speak to over TCP or
    // TLS and that forgot the parameter in its Record-Route is still spoken to as before. Over TLS that is the connection
    // there is, whatever port is named: servers with one Record-Route for all transports name the port of UDP.
    const isSameServer = host === outbound.remote.address
    if (isSameServer && outbound.transport === 'tls') return outbound
    transport = isSameServer ? outbound.transport : 'udp'
  }
  const remote: Endpoint = { address: host, port: target.port ?? defaultPort(transport) }
  if (transport === outbound.transport && sameEndpoint(remote, outbound.remote)) return outbound

  const { serverName } = outbound
  return transport === 'tls' && serverName !== undefined ? { transport, remote, serverName } : { transport, remote }
}

/** The way that a request came, as a way to go. */
export function hopBack(flow: Flow): Hop {
  return { transport: flow.transport, remote: flow.remote }
}
