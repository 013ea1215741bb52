/** The target as scenarios see it: what its file says, with its names resolved to addresses. */
import { DialPolicy } from '../target/dial-policy.js'
import { PublishedList } from '../target/published-list.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import { type TimerTable, timerTable } from '../transaction/timers.js'
import type { Resolver } from '../transport/dns-client.js'
import type { Family } from '../transport/network.js'
import { canonicalAddress, familyOf, isNumericAddress } from '../transport/network.js'
import type { Hop, TransportName } from '../transport/sip-transport.js'
import type { Variant } from './variant.js'

export const TRANSPORTS: readonly TransportName[] = ['udp', 'tcp', 'tls']
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** A target whose servers were found. */
export interface Target {
  readonly document: TargetDocument
  readonly name: string
  readonly timers: TimerTable
  readonly dialPolicy: DialPolicy
  readonly published: PublishedList
  /** Where signalling goes over this transport and family; undefined where the target has none. */
  hop(variant: Variant): Hop | undefined
  /** Host part of addresses-of-record: TLS may have a registrar name of its own (EP-2). */
  domain(transport: TransportName): string
  /** PEM of the private authority, where the target file names one. */
  readonly authority: string | undefined
  /** Asks DNS as the run does: over our own wires, nothing kept. */
  readonly dns: Resolver
  /** Numeric addresses of a service host such as STUN, by family. */
  addressesOf(host: string): Promise<readonly string[]>
  /** Why an endpoint of the file could not be reached by name, `tls ipv6: …`. */
  readonly unresolved: readonly string[]
}

export interface ResolveOptions {
  readonly document: TargetDocument
  readonly dns: Resolver
  readonly authority?: string | undefined
  /** Numeric addresses of a name as this machine sees them; default: what `dns` says. */
  readonly lookUp?: ((host: string) => Promise<readonly string[]>) | undefined
}

/** Finds the servers of a target: numeric hosts as they are, names by their addresses. */
export async function resolveTarget(o: ResolveOptions): Promise<Target> {
  const { document, dns, authority, lookUp = (host) => addressesBy(dns, host) } = o
  const hops = new Map<string, Hop>()
  const unresolved: string[] = []
  const known = new Map<string, Promise<readonly string[]>>()
  const addressesOf = (host: string): Promise<readonly string[]> => {
    const found = known.get(host) ?? (isNumericAddress(host) ? Promise.resolve([canonicalAddress(host)]) : lookUp(host))
    known.set(host, found)
    return found
  }
  for (const transport of TRANSPORTS) {
    const endpoint = document.endpoints[transport]
    if (!endpoint) continue
    const serverName = transport === 'tls' ? nameOnTls(document, endpoint.host) : undefined
    let addresses: readonly string[] = []
    let why = 'no address of that family'
    try {
      addresses = await addressesOf(endpoint.host)
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
    for (const family of document.families) {
      const address = addresses.find((a) => familyOf(a) === family)
      if (address) {
        hops.set(`${transport} ${family}`, {
          transport,
          remote: { address, port: endpoint.port },
          ...(serverName ? { serverName } : {}),
        })
      } else {
        unresolved.push(`${transport} ${family}: ${endpoint.host}: ${why}`)
      }
    }
  }
  return {
    document,
    name: document.name,
    timers: timerTable(document.timers),
    dialPolicy: new DialPolicy(document),
    published: new PublishedList(document),
    hop: ({ transport, family }) => hops.get(`${transport} ${family}`),
    domain: (transport) => inUri((transport === 'tls' && document.endpoints.tls?.domain) || document.domain),
    authority,
    dns,
    addressesOf,
    unresolved,
  }
}

/**
 * The name that the certificate must carry: the domain that clients start from (RFC 5922 §7.3). Those who enter a server by
 * name start from that name; nobody starts from a number while the registrar has a name.
 */
function nameOnTls(document: TargetDocument, host: string): string {
  return document.endpoints.tls?.domain ?? (isNumericAddress(host) ? document.domain : host)
}

/** RFC 3261 §25.1: an IPv6 address stands in brackets within a URI. */
function inUri(domain: string): string {
  return domain.includes(':') ? `[${domain}]` : domain
}

/** Addresses of both families; one family's trouble must not hide the other's. */
async function addressesBy(dns: Resolver, host: string): Promise<readonly string[]> {
  const lists = await Promise.allSettled(FAMILIES.map((family) => dns.addresses(host, family)))
  const found = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []))
  const refused = lists.find((list) => list.status === 'rejected')
  if (found.length === 0 && refused !== undefined) throw refused.reason
  return found
}

/** The number that rings an account, as dialled. */
export const numberOf = (account: TargetAccount): string => account.numbers[0] ?? account.user
