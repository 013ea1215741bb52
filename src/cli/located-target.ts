/** Finds the servers that a target file leaves out: RFC 3263. */
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { within } from '../clock/within.js'
import { TRANSPORTS } from '../scenario/target.js'
import type { TargetDocument } from '../target/target-file.js'
import { DnsClient, type Resolver, systemServers } from '../transport/dns-client.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { announcedServers, type Server } from '../transport/locate.js'
import { isNumericAddress } from '../transport/network.js'
import { UnreachableError } from './errors.js'

/** Where the file names servers already, a DNS that does not answer must not hold up the run. */
const PATIENCE_MS = 4_000

/** Asks the DNS server of the target file, or this machine's. */
export async function withLocatedEndpoints(document: TargetDocument): Promise<TargetDocument> {
  const clock = new WallClock()
  const servers = document.dns ? [{ address: document.dns.server, port: document.dns.port }] : systemServers()
  const dns = new DnsClient({ network: new KernelNetwork(clock), clock, random: new SystemRandom(), servers })
  return locateEndpoints(document, dns, (found) => within(clock, found, PATIENCE_MS))
}

/**
 * The target with the endpoints that its file leaves out, as its domain announces them in NAPTR and SRV records: the first
 * server of each transport. A file without any endpoint and a domain without such records mean the domain itself, over UDP.
 * @throws UnreachableError where the file names no endpoint and DNS leads to none
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
  throw new UnreachableError(
    `The target file names no endpoint, and DNS leads to none for ${domain}: ${why}. Name one under endpoints.`,
  )
}
