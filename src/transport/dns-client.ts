import type { Answer, RecordType } from 'dns-packet'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Endpoint, Family, Network } from './network.js'

export interface DnsClientOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Asked in this order. */
  readonly servers: readonly Endpoint[]
  /** Milliseconds until a question is repeated; doubles with each round over the servers. Default 2,000. */
  readonly timeoutMs?: number
  /** Rounds over the servers. Default 3. */
  readonly attempts?: number
  /** Source addresses, where the wildcard will not do. */
  readonly localAddress?: { readonly ipv4?: string; readonly ipv6?: string }
}

export interface DnsReply {
  /** NOERROR, NXDOMAIN, … */
  readonly rcode: string
  readonly answers: readonly Answer[]
  readonly server: Endpoint
  readonly transport: 'udp' | 'tcp'
}

/** No server gave an answer that can be used. */
export class DnsError extends Error {
  readonly code: 'timeout' | 'server-failure' | 'malformed' | 'unreachable'

  constructor(code: DnsError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DnsError'
    this.code = code
  }
}

/** What `locate` needs of a resolver. */
export interface Resolver {
  query(name: string, type: RecordType): Promise<DnsReply>
  /** A (ipv4) or AAAA (ipv6) addresses, aliases followed; empty where there are none. */
  addresses(name: string, family: Family): Promise<string[]>
}

/** A stub resolver over our own wires. */
export class DnsClient implements Resolver {
  constructor(_options: DnsClientOptions) {}

  query(_name: string, _type: RecordType): Promise<DnsReply> {
    throw new Error('not yet')
  }

  addresses(_name: string, _family: Family): Promise<string[]> {
    throw new Error('not yet')
  }
}

/** The resolvers that this machine is set up with. */
export function systemServers(): Endpoint[] {
  throw new Error('not yet')
}
