/**
 * Where the target is, in the order in which it is found: the endpoints of its file; those that the file leaves out, as
 * the domain announces them (`endpointsOf`, RFC 3263: `transport/locate.ts`); the addresses of their names, a hop for each
 * transport and family (`resolveTarget`).
 */
import type { Clock } from '../clock/clock.js'
import { type Random, SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { within } from '../clock/within.js'
import { NO_FACTS, variantKey } from '../scenario/facts.js'
import { FAMILIES, type Target, TRANSPORTS } from '../scenario/target.js'
import { DialPolicy } from '../target/dial-policy.js'
import { PublishedList } from '../target/published-list.js'
import { ReachPolicy } from '../target/reach-policy.js'
import type { TargetDocument } from '../target/target-file.js'
import { timerTable } from '../transaction/timers.js'
import { DnsClient, type Resolver, systemServers } from '../transport/dns-client.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { announcedServers, type Server } from '../transport/locate.js'
import { canonicalAddress, familyOf, isNumericAddress, type Network } from '../transport/network.js'
import type { Hop } from '../transport/sip-transport.js'
import { NoEndpointError } from './target-errors.js'

/** Where the file names servers already, a DNS server that does not answer must not hold up the run. */
const PATIENCE_MS = 4_000

/** A client of the target file's DNS server, or of this machine's, over the wire that the run itself uses. */
export function dnsFor(
  { dns }: Pick<TargetDocument, 'dns'>,
  wire: { readonly clock: Clock; readonly random: Random; readonly network: Network },
): DnsClient {
  return new DnsClient({ ...wire, servers: dns ? [{ address: dns.server, port: dns.port }] : systemServers() })
}

// --- endpoints that the file leaves out -----------------------------------------------------------------------------

/** `locateEndpoints` over real sockets. @throws NoEndpointError */
export async function withLocatedEndpoints(document: TargetDocument): Promise<TargetDocument> {
  const clock = new WallClock()
  const dns = dnsFor(document, { clock, network: new KernelNetwork(clock), random: new SystemRandom() })
  return locateEndpoints(document, dns, (found) => within(clock, found, PATIENCE_MS))
}

/**
 * The target with the endpoints that its file leaves out, as its domain announces them in NAPTR and SRV records: the first
 * server of each transport. A file without any endpoint and a domain without such records mean the domain itself, over UDP.
 * @throws NoEndpointError where the file names no endpoint and DNS leads to none
 */
export async function locateEndpoints(
  document: TargetDocument,
  dns: Resolver,
  bounded: <T>(found: Promise<T>) => Promise<T | undefined>,
): Promise<TargetDocument> {
  const { domain, endpoints, families, unsupported } = document
  const isBare = TRANSPORTS.every((transport) => endpoints[transport] === undefined)
  const missing = TRANSPORTS.filter(
    (transport) => endpoints[transport] === undefined && !unsupported.includes(transport),
  )
  if (missing.length === 0) return document
  const search = announcedServers(domain, { dns, random: new SystemRandom(), transports: missing, families })
  const found = isBare ? await search.catch((error: unknown) => nothingFound(domain, error)) : await eventually(search)
  const first = (transport: Server['transport']) => found.find((server) => server.transport === transport)
  const [udp, tcp, tls] = [first('udp'), first('tcp'), first('tls')]
  // RFC 3263 §4.1, §4.2: without records, and for a numeric address, UDP at the domain itself.
  const itself = isBare && found.length === 0 ? { host: domain, port: 5060 } : undefined
  return {
    ...document,
    endpoints: {
      ...(itself ? { udp: itself } : {}),
      ...(udp ? { udp: placeOf(udp) } : {}),
      ...(tcp ? { tcp: placeOf(tcp) } : {}),
      // RFC 5922 §7.3: the certificate speaks for the domain, not for the server that SRV names.
      ...(tls ? { tls: { ...placeOf(tls), domain } } : {}),
      ...endpoints,
    },
  }

  async function eventually(all: Promise<readonly Server[]>): Promise<readonly Server[]> {
    return (await bounded(all.catch(() => []))) ?? []
  }
}

function placeOf({ host, port }: Server): { host: string; port: number } {
  return { host: isNumericAddress(host) ? host : host.replace(/\.$/, ''), port }
}

function nothingFound(domain: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error)
  throw new NoEndpointError(
    `The target file names no endpoint, and DNS has none for ${domain}: ${why}. Name one under endpoints.`,
  )
}

// --- addresses ------------------------------------------------------------------------------------------------------

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
  const hops = new Map<string, readonly Hop[]>()
  const unresolved: string[] = []
  const reach = new ReachPolicy(document)
  const known = new Map<string, Promise<readonly string[]>>()
  const addressesOf = (host: string): Promise<readonly string[]> => {
    const found = known.get(host) ?? (isNumericAddress(host) ? Promise.resolve([canonicalAddress(host)]) : named(host))
    known.set(host, found)
    return found
  }
  const named = async (host: string): Promise<readonly string[]> => {
    const found = await lookUp(host)
    if (reach.trusts(host)) for (const address of found) reach.learn(address)
    return found
  }
  // All at the same time: a DNS server that does not answer is waited for once, and not once for each name.
  for (const transport of TRANSPORTS) {
    const endpoint = document.endpoints[transport]
    if (endpoint) addressesOf(endpoint.host).catch(() => {})
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
      const found = addresses.filter((address) => familyOf(address) === family)
      if (found.length > 0) {
        hops.set(
          variantKey({ transport, family }),
          found.map((address) => ({
            transport,
            remote: { address, port: endpoint.port },
            ...(serverName ? { serverName } : {}),
          })),
        )
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
    reach,
    hop: (variant) => hops.get(variantKey(variant))?.[0],
    hops: (variant) => hops.get(variantKey(variant)) ?? [],
    domain: (transport) => inUri((transport === 'tls' && document.endpoints.tls?.domain) || document.domain),
    authority,
    dns: new TrustedNames(dns, reach),
    addressesOf,
    unresolved,
    facts: NO_FACTS,
  }
}

/**
 * The name that the certificate must carry: the domain that clients start from (RFC 5922 §7.3). Those who enter a server by
 * name start from that name; nobody starts from a number while the registrar has a name.
 */
export function nameOnTls(document: TargetDocument, host: string): string {
  return document.endpoints.tls?.domain ?? (isNumericAddress(host) ? document.domain : host)
}

/** A resolver whose answers about the target's own names say where packets may go, from name to name. */
class TrustedNames implements Resolver {
  readonly #inner: Resolver
  readonly #reach: ReachPolicy

  constructor(inner: Resolver, reach: ReachPolicy) {
    this.#inner = inner
    this.#reach = reach
  }

  async query(...[name, type]: Parameters<Resolver['query']>): ReturnType<Resolver['query']> {
    const found = await this.#inner.query(name, type)
    if (!this.#reach.trusts(name)) return found
    for (const answer of found.answers) {
      if (answer.type === 'SRV') this.#reach.trustName(answer.data.target)
      else if (answer.type === 'NAPTR') this.#reach.trustName(answer.data.replacement)
      else if (answer.type === 'CNAME') this.#reach.trustName(answer.data)
      else if (answer.type === 'A' || answer.type === 'AAAA') this.#reach.learn(canonicalAddress(answer.data))
    }
    return found
  }

  async addresses(...[name, family]: Parameters<Resolver['addresses']>): Promise<string[]> {
    const found = await this.#inner.addresses(name, family)
    if (this.#reach.trusts(name)) for (const address of found) this.#reach.learn(address)
    return found
  }
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
