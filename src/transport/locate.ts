import type { Random } from '../clock/random.js'
import type { Resolver } from './dns-client.js'
import type { Endpoint, Family, WireTransport } from './network.js'

/** Where to try next: fits a Hop of the SIP transport. */
export interface Location {
  readonly transport: WireTransport
  readonly remote: Endpoint
  /** TLS: the domain that the certificate must carry, which is the one asked for, not the one SRV named (RFC 5922 §7.2). */
  readonly serverName?: string
}

export interface LocateOptions {
  readonly dns: Resolver
  readonly random: Random
  /** Transports that the client has, in its order of preference; default udp, tcp, tls. */
  readonly transports?: readonly WireTransport[]
  /** Families that the client has, the preferred one first; default ipv6, ipv4. */
  readonly families?: readonly Family[]
}

/** What the procedure looks at in a URI; a parsed SIP URI fits. */
export interface LocateTarget {
  readonly scheme: string
  readonly host: string
  readonly port?: number
  readonly params?: ReadonlyMap<string, string | undefined>
}

/** Where to send a request for `target` (a domain, a SIP URI, or a parsed one), best first. RFC 3263 §4. */
export function locate(_target: string | LocateTarget, _options: LocateOptions): Promise<Location[]> {
  throw new Error('not yet')
}
