/** The target as scenarios see it: what its file says, with its names resolved to addresses. */
import type { Random } from '../clock/random.js'
import { DialPolicy } from '../target/dial-policy.js'
import { PublishedList } from '../target/published-list.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import { type TimerTable, timerTable } from '../transaction/timers.js'
import { locate } from '../transport/locate.js'
import type { Resolver } from '../transport/dns-client.js'
import type { Family } from '../transport/network.js'
import { canonicalAddress, familyOf, isNumericAddress } from '../transport/network.js'
import type { Hop, TransportName } from '../transport/sip-transport.js'
import type { Variant } from './scenario.js'

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
  readonly random: Random
  readonly authority?: string | undefined
}

/** Finds the servers of a target: numeric hosts as they are, names by A and AAAA, and what the file leaves out by RFC 3263. */
export async function resolveTarget({ document, dns, random, authority }: ResolveOptions): Promise<Target> {
  const hops = new Map<string, Hop>()
  const unresolved: string[] = []
  const known = new Map<string, Promise<readonly string[]>>()
  const addressesOf = (host: string): Promise<readonly string[]> => {
    const found = known.get(host) ?? lookUp(host, dns)
    known.set(host, found)
    return found
  }
  for (const transport of TRANSPORTS) {
    const endpoint = document.endpoints[transport]
    if (!endpoint) continue
    const serverName = transport === 'tls' ? (document.endpoints.tls?.domain ?? endpoint.host) : undefined
    let addresses: readonly string[] = []
    let why = 'no address of that family'
    try {
      addresses = await addressesOf(endpoint.host)
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
    for (const family of document.families) {
      const address = addresses.find((a) => familyOf(a) === family)
      if (address)
        hops.set(`${transport} ${family}`, {
          transport,
          remote: { address, port: endpoint.port },
          ...(serverName ? { serverName } : {}),
        })
      else unresolved.push(`${transport} ${family}: ${endpoint.host}: ${why}`)
    }
  }
  await addLocated(document, hops, dns, random)
  return {
    document,
    name: document.name,
    timers: timerTable(document.timers),
    dialPolicy: new DialPolicy(document),
    published: new PublishedList(document),
    hop: ({ transport, family }) => hops.get(`${transport} ${family}`),
    domain: (transport) => (transport === 'tls' && document.endpoints.tls?.domain) || document.domain,
    authority,
    dns,
    addressesOf,
    unresolved,
  }
}

/** RFC 3263 §4: transports that the file leaves out are found through NAPTR, SRV, A and AAAA of the domain. */
async function addLocated(
  document: TargetDocument,
  hops: Map<string, Hop>,
  dns: Resolver,
  random: Random,
): Promise<void> {
  const missing = TRANSPORTS.filter((transport) => !document.endpoints[transport])
  if (missing.length === 0 || isNumericAddress(document.domain)) return
  try {
    for (const found of await locate(document.domain, {
      dns,
      random,
      transports: missing,
      families: document.families,
    })) {
      const key = `${found.transport} ${familyOf(found.remote.address)}`
      if (!hops.has(key)) hops.set(key, found)
    }
  } catch {
    // A domain without records has the endpoints of the file and no others.
  }
}

async function lookUp(host: string, dns: Resolver): Promise<readonly string[]> {
  if (isNumericAddress(host)) return [canonicalAddress(host)]
  const found = await Promise.all(FAMILIES.map((family) => dns.addresses(host, family)))
  return found.flat()
}

/** The number that rings an account, as dialled. */
export const numberOf = (account: TargetAccount): string => account.numbers[0] ?? account.user
