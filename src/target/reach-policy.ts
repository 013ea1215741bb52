/** To which addresses anything is sent: those of the target file, what DNS gives for its names, and our own devices. */
import { type Extensions, extensionsOf, isForbiddenUri } from './dial-policy.js'
import { type IpAddress, type IpRange, isLoopbackHost, parseIp, parseIpRange, rangeHolds } from './ip-address.js'
import type { TargetDocument } from './target-schema.js'

/**
 * Why nothing is sent to an address. `elsewhere`: the target file neither names nor allows it. `private`: besides, it is
 * private while the target is public, so that no telephone of a customer could send there either. `nowhere`: it is no
 * place to send to at all: a wildcard, a port of ours that nobody listens on, an address behind a NAT of our own.
 */
export type OutOfReach = 'elsewhere' | 'private' | 'nowhere'

interface Place {
  readonly address: string
  readonly port: number
}

const LOOPBACK = ['127.0.0.0/8', '::1']
// RFC 1918, RFC 6598, RFC 3927, RFC 1122 §3.2.1.3, RFC 4193, RFC 4291 §2.5.
const PRIVATE = rangesOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1',
])

/**
 * The addresses that a run may send to. What the target names in Contact, Record-Route, Via or SDP, whoever it speaks to,
 * is held against them where packets leave (`transport/gated-network.ts`). Ports are free: a firewall list says where
 * packets come from, and held against that they are elsewhere (BH-13).
 */
export class ReachPolicy {
  readonly #ranges: IpRange[]
  /** Names of the target file, and those that DNS leads to from them. */
  readonly #names = new Set<string>()
  readonly #learned = new Set<string>()
  /** Judged before, by address; ports matter for our own addresses alone. */
  readonly #judged = new Map<string, OutOfReach | 'named' | 'own'>()
  /** URIs that were asked about before: a load calls the same ones again and again. */
  readonly #forbidden = new Map<string, boolean>()
  readonly #extensions: Extensions
  readonly #ownPlaces = new Set<string>()
  readonly #ownAddresses = new Set<string>()
  readonly #nowhere = new Set<string>()

  /** @param addresses that were learned elsewhere, as `addresses` of another policy says them */
  constructor(
    target: Pick<
      TargetDocument,
      'domain' | 'endpoints' | 'dns' | 'stun' | 'ntp' | 'published' | 'limits' | 'accounts' | 'services'
    >,
    addresses: Iterable<string> = [],
  ) {
    const { domain, endpoints, dns, stun, ntp, published, limits } = target
    this.#extensions = extensionsOf(target)
    const { udp, tcp, tls } = endpoints
    const hosts = [domain, udp?.host, tcp?.host, tls?.host, tls?.domain, dns?.server, stun?.host, ntp?.host]
    const listed = [...(published?.signalling ?? []), ...(published?.relays ?? [])].flatMap((entry) => entry.addresses)
    const named = [...hosts.filter((host) => host !== undefined), ...listed]
    // Whoever tests a server on this machine lets it lead to this machine: nothing leaves it.
    const local = named.some(isLoopbackHost) ? LOOPBACK : []
    this.#ranges = rangesOf([...named, ...limits.mayReach, ...local])
    for (const host of named) this.trustName(host)
    for (const address of addresses) this.learn(address)
  }

  /** Addresses that DNS gave for names of the target file. */
  get addresses(): string[] {
    return [...this.#learned]
  }

  /** DNS leads from a name of the target file to this one. */
  trustName(name: string): void {
    if (parseIp(name) === undefined) this.#names.add(nameForm(name))
  }

  /** Whether a name, or the SRV name of a service under it, is of the target file or was led to from there. */
  trusts(name: string): boolean {
    return this.#names.has(nameForm(name)) || this.#names.has(nameForm(name).replace(/^(?:_[^.]+\.)+/, ''))
  }

  /** DNS gave this address for a name that is trusted. */
  learn(address: string): void {
    if (this.#learned.has(address)) return
    this.#learned.add(address)
    this.#ranges.push(...rangesOf([address]))
    this.#judged.clear()
  }

  /** A socket of ours: the other device of a call may be led to it. */
  opened({ address, port }: Place): void {
    this.#ownPlaces.add(`${address} ${port}`)
    if (this.#ownAddresses.has(address)) return
    this.#ownAddresses.add(address)
    this.#judged.clear()
  }

  /** An address that is reached from within a simulated NAT alone. */
  isInside(address: string): void {
    this.#nowhere.add(address)
    this.#judged.clear()
  }

  /** Why nothing may be sent there; undefined: it may. */
  refuses({ address, port }: Place): OutOfReach | undefined {
    let judged = this.#judged.get(address)
    if (judged === undefined) {
      judged = this.#judge(address)
      // A flood of addresses must not fill the memory.
      if (this.#judged.size >= 10_000) this.#judged.clear()
      this.#judged.set(address, judged)
    }
    if (judged === 'named') return undefined
    if (judged !== 'own') return judged
    return this.#ownPlaces.has(`${address} ${port}`) ? undefined : 'nowhere'
  }

  /** Whether a call to this URI must not leave, whoever has written it. */
  forbids(uri: string): boolean {
    let forbidden = this.#forbidden.get(uri)
    if (forbidden === undefined) {
      forbidden = isForbiddenUri(uri, this.#extensions)
      if (this.#forbidden.size >= 10_000) this.#forbidden.clear()
      this.#forbidden.set(uri, forbidden)
    }
    return forbidden
  }

  #judge(address: string): OutOfReach | 'named' | 'own' {
    const ip = parseIp(address)
    // 0.0.0.0 and ::, which SDP has for "nowhere" (RFC 3264 §8.4).
    if (ip === undefined || ip.value === 0n || this.#nowhere.has(address)) return 'nowhere'
    if (holds(this.#ranges, ip)) return 'named'
    if (this.#ownAddresses.has(address)) return 'own'
    const isPublic = !this.#ranges.some((range) => holds(PRIVATE, { family: range.family, value: range.first }))
    return isPublic && holds(PRIVATE, ip) ? 'private' : 'elsewhere'
  }
}

const holds = (ranges: readonly IpRange[], ip: IpAddress): boolean => ranges.some((range) => rangeHolds(range, ip))

function rangesOf(texts: readonly string[]): IpRange[] {
  return texts.flatMap((text) => parseIpRange(text) ?? [])
}

const nameForm = (name: string): string => name.toLowerCase().replace(/\.$/, '')
