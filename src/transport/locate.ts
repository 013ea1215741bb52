/** Locating SIP servers by DNS: RFC 3263 §4. */
import type { Answer, NaptrData, RecordType, SrvData } from 'dns-packet'
import type { Random } from '../clock/random.js'
import { parseUri } from '../message/uri.js'
import { canonicalAddress, familyOf, isNumericAddress } from './address.js'
import { DnsError, type Resolver } from './dns-client.js'
import type { Endpoint, Family, WireTransport } from './network.js'

/** Where to try next: fits a Hop of the SIP transport. */
export interface Location {
  readonly transport: WireTransport
  readonly remote: Endpoint
  /** TLS: the domain that the certificate must carry, which is the one asked for, not the one SRV named (RFC 5922 §7.3). */
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
  readonly port?: number | undefined
  readonly params?: ReadonlyMap<string, string | undefined>
}

/** There is nowhere to send the request. */
export class LocateError extends Error {
  readonly code: 'scheme' | 'transport' | 'no-address' | 'not-available'

  constructor(code: LocateError['code'], message: string) {
    super(message)
    this.name = 'LocateError'
    this.code = code
  }
}

const DEFAULT_PORT = { udp: 5060, tcp: 5060, tls: 5061 } as const
const SRV_PREFIX = { udp: '_sip._udp.', tcp: '_sip._tcp.', tls: '_sips._tcp.' } as const
const NAPTR_SERVICE: Record<string, WireTransport> = { 'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls' }

/** A server before its addresses are known. */
export interface Server {
  readonly transport: WireTransport
  readonly host: string
  readonly port: number
}

/**
 * Where to send a request for `target` (a domain, a SIP URI as text or parsed), best first. RFC 3263 §4.
 *
 * All the transports that the domain offers are listed, the preferred one first, and under each all its servers, so
 * that the list can be tried from its top as §4.3 says. Within one server the families come in the client's order
 * (RFC 6157 §5). Draws from `random` only to choose among SRV records by weight.
 *
 * Throws LocateError where there is nowhere to go, DnsError where DNS does not answer, ParseError for a bad URI.
 */
export async function locate(target: string | LocateTarget, options: LocateOptions): Promise<Location[]> {
  const uri = typeof target === 'string' ? parseTarget(target) : target
  return new Search(uri, options).run()
}

/**
 * The servers that a domain announces in its NAPTR and SRV records, best first; empty where it has no such records.
 * RFC 3263 §4.1, §4.2. Throws as `locate` does.
 */
export async function announcedServers(domain: string, options: LocateOptions): Promise<readonly Server[]> {
  if (isNumericAddress(domain)) return []
  return new Search({ scheme: 'sip', host: domain }, options).announced()
}

function parseTarget(text: string): LocateTarget {
  if (isNumericAddress(text)) return { scheme: 'sip', host: text }
  return parseUri(/^(?:sips?|tel):/i.test(text) ? text : `sip:${text}`)
}

class Search {
  readonly #dns: Resolver
  readonly #random: Random
  readonly #transports: readonly WireTransport[]
  readonly #families: readonly Family[]
  readonly #secure: boolean
  /** RFC 3263 §4: the maddr parameter, else the host. */
  readonly #target: string
  readonly #port: number | undefined
  readonly #chosen: WireTransport | undefined
  readonly #serverName: string

  constructor(uri: LocateTarget, options: LocateOptions) {
    const { transports = ['udp', 'tcp', 'tls'], families = ['ipv6', 'ipv4'] } = options
    this.#dns = options.dns
    this.#random = options.random
    this.#families = families
    this.#secure = uri.scheme === 'sips'
    if (!this.#secure && uri.scheme !== 'sip')
      throw new LocateError('scheme', `A ${uri.scheme} URI names no server; only sip and sips URIs do`)

    // RFC 3263 §4.1: for sips, only what TLS protects.
    this.#transports = this.#secure ? transports.filter((transport) => transport === 'tls') : transports
    this.#target = withoutBrackets(uri.params?.get('maddr') ?? uri.host)
    this.#serverName = withoutBrackets(uri.host)
    this.#port = uri.port
    this.#chosen = this.#transportParameter(uri.params?.get('transport'))
    if (this.#transports.length === 0) {
      throw new LocateError(
        'transport',
        `${uri.host} is to be reached over TLS, which is not among the transports here`,
      )
    }
  }

  async run(): Promise<Location[]> {
    const transport = this.#chosen ?? this.#defaultTransport()
    // RFC 3263 §4.2: a numeric address is used as it is, and a port means that only addresses are looked up.
    const servers =
      isNumericAddress(this.#target) || this.#port !== undefined
        ? [{ transport, host: this.#target, port: this.#port ?? DEFAULT_PORT[transport] }]
        : await this.#servers(transport)
    const found = (await Promise.all(servers.map((server) => this.#locationsOf(server)))).flat()
    if (found.length > 0) return found
    const families = this.#families.join(' and ')
    throw new LocateError('no-address', `${this.#target} has no address (${families}) that a request could be sent to`)
  }

  async #servers(fallback: WireTransport): Promise<Server[]> {
    const found = await this.announced()
    if (found.length > 0) return found
    // RFC 3263 §4.2: no SRV records, so the domain itself is the server.
    return [{ transport: fallback, host: this.#target, port: DEFAULT_PORT[fallback] }]
  }

  /** What NAPTR and SRV records lead to. */
  async announced(): Promise<Server[]> {
    const offered = await this.#offered()
    const lists = await Promise.all(offered.map(({ transport, name }) => this.#servicesAt(transport, name)))
    const found = lists.flatMap((list) => list ?? [])
    if (found.length === 0 && lists.includes(undefined)) {
      // RFC 2782, Target: a single "." says that the service is decidedly not there.
      throw new LocateError('not-available', `${this.#target} says in its SRV records that it offers no SIP service`)
    }
    return found
  }

  /** The transports to be tried and the names of their SRV records. RFC 3263 §4.1. */
  async #offered(): Promise<{ transport: WireTransport; name: string }[]> {
    const known = (transport: WireTransport) => ({ transport, name: SRV_PREFIX[transport] + this.#target })
    if (this.#chosen !== undefined) return [known(this.#chosen)]
    const records = (await this.#records(this.#target, 'NAPTR')).flatMap((answer) =>
      answer.type === 'NAPTR' ? [answer.data] : [],
    )
    const usable = records.flatMap((record) => {
      const transport = this.#transportOf(record)
      return transport === undefined ? [] : [{ transport, name: record.replacement, record }]
    })
    // RFC 3263 §4.1: without NAPTR records, SRV is asked for each transport that we have.
    if (usable.length === 0) return this.#transports.map(known)
    return usable.sort((a, b) => a.record.order - b.record.order || a.record.preference - b.record.preference)
  }

  #transportOf({ services, flags, regexp }: NaptrData): WireTransport | undefined {
    // RFC 3263 §4.1: an SRV record follows (flag "s"), named by the replacement and no expression.
    if (flags.toLowerCase() !== 's' || regexp !== '') return undefined
    const transport = NAPTR_SERVICE[services.toUpperCase()]
    // For sips, `transports` holds TLS alone, which drops all services but SIPS.
    return transport !== undefined && this.#transports.includes(transport) ? transport : undefined
  }

  /** The servers of one SRV name in the order to try them; undefined: declared absent. */
  async #servicesAt(transport: WireTransport, name: string): Promise<Server[] | undefined> {
    const records = (await this.#records(name, 'SRV')).flatMap((answer) => (answer.type === 'SRV' ? [answer.data] : []))
    const [only] = records
    if (records.length === 1 && only !== undefined && (only.target === '.' || only.target === '')) return undefined
    return orderServices(records, this.#random).map(({ target, port }) => ({ transport, host: target, port }))
  }

  async #locationsOf(server: Server): Promise<Location[]> {
    const { transport, host, port } = server
    const lists = await Promise.allSettled(this.#families.map((family) => this.#addresses(host, family)))
    const found = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []))
    // One family's trouble must not hide the other's addresses.
    const refused = lists.find((list) => list.status === 'rejected')
    if (found.length === 0 && refused !== undefined) throw refused.reason
    return found.map((address) => ({
      transport,
      remote: { address, port },
      ...(transport === 'tls' ? { serverName: this.#serverName } : {}),
    }))
  }

  async #addresses(host: string, family: Family): Promise<string[]> {
    if (!isNumericAddress(host)) return this.#dns.addresses(host, family)
    return familyOf(host) === family ? [canonicalAddress(host)] : []
  }

  async #records(name: string, type: RecordType): Promise<readonly Answer[]> {
    try {
      return (await this.#dns.query(name, type)).answers
    } catch (error) {
      // Servers that know nothing of NAPTR or SRV refuse; that must not keep plain addresses from being found.
      if (error instanceof DnsError && error.code === 'server-failure') return []
      throw error
    }
  }

  #transportParameter(value: string | undefined): WireTransport | undefined {
    if (value === undefined) return undefined
    const name = value.toLowerCase()
    // RFC 3261 §26.2.2: over sips, transport=tcp means TLS over TCP.
    const wanted = this.#secure && name === 'tcp' ? 'tls' : name
    const found = this.#transports.find((transport) => transport === wanted)
    if (found !== undefined) return found
    throw new LocateError('transport', `transport=${value} is asked for; usable here: ${this.#transports.join(', ')}`)
  }

  // RFC 3263 §4.1: UDP for sip, TLS over TCP for sips, unless the client lacks it.
  #defaultTransport(): WireTransport {
    return (['udp', 'tcp', 'tls'] as const).find((transport) => this.#transports.includes(transport)) ?? 'udp'
  }
}

/** SRV records in the order in which to try them: by priority, then drawn by weight. RFC 2782, Weight and Usage rules. */
export function orderServices(records: readonly SrvData[], random: Random): SrvData[] {
  const ordered: SrvData[] = []
  const priorities = [...new Set(records.map((record) => record.priority ?? 0))].sort((a, b) => a - b)
  for (const priority of priorities) {
    // Those of weight 0 come first, which gives them the small chance that is meant for them.
    const left = records
      .filter((record) => (record.priority ?? 0) === priority)
      .sort((a, b) => Number((a.weight ?? 0) > 0) - Number((b.weight ?? 0) > 0))
    while (left.length > 0) {
      const sum = left.reduce((total, record) => total + (record.weight ?? 0), 0)
      const drawn = random.int(sum + 1)
      let running = 0
      const at = left.findIndex((record) => (running += record.weight ?? 0) >= drawn)
      ordered.push(...left.splice(at, 1))
    }
  }
  return ordered
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
