/** The addresses and ports that a provider publishes, to be looked up for every packet. */
import { type IpRange, parseIp, parseIpRange, rangeHolds } from './ip-address.js'
import { type PortRange, parsePortRange } from './published-ports.js'
import type { TargetDocument } from './target-schema.js'

/** Who on the published list sent a packet. */
export type PublishedSource = { readonly role: 'signalling' } | { readonly role: 'relay'; readonly name: string }

interface Entry {
  readonly source: PublishedSource
  readonly addresses: readonly IpRange[]
  readonly udp: readonly PortRange[]
  readonly tcp: readonly PortRange[]
}

/**
 * The provider's firewall list (EP-3 to EP-5, BH-13), ready to be asked for every packet: answers are remembered, so
 * that only the first packet of a source costs a search.
 */
export class PublishedList {
  /** Whether the target publishes signalling addresses; without them nothing can be said about signalling. */
  readonly listsSignalling: boolean
  /** Whether the target publishes relays; without them nothing can be said about media. */
  readonly listsRelays: boolean
  readonly #entries: readonly Entry[]
  readonly #answers = new Map<string, PublishedSource | undefined>()

  constructor(target: Pick<TargetDocument, 'published'>) {
    const signalling = target.published?.signalling ?? []
    const relays = target.published?.relays ?? []
    this.listsSignalling = signalling.length > 0
    this.listsRelays = relays.length > 0
    this.#entries = [
      ...signalling.map((entry) => ({
        source: { role: 'signalling' } as const,
        addresses: entry.addresses.flatMap((range) => parseIpRange(range) ?? []),
        udp: (entry.udp ?? []).flatMap((range) => parsePortRange(range) ?? []),
        tcp: (entry.tcp ?? []).flatMap((range) => parsePortRange(range) ?? []),
      })),
      ...relays.map((relay) => ({
        source: { role: 'relay', name: relay.name } as const,
        addresses: relay.addresses.flatMap((range) => parseIpRange(range) ?? []),
        udp: relay.udp.flatMap((range) => parsePortRange(range) ?? []),
        tcp: [],
      })),
    ]
  }

  /** The entry that a packet from this address and port belongs to, signalling first. TLS runs over the TCP ports. */
  sourceOf(address: string, port: number, transport: 'udp' | 'tcp' | 'tls'): PublishedSource | undefined {
    const protocol = transport === 'udp' ? 'udp' : 'tcp'
    const key = `${protocol} ${port} ${address}`
    if (this.#answers.has(key)) return this.#answers.get(key)
    const source = this.#entries.find((entry) => entryHolds(entry, address, port, protocol))?.source
    // A flood of forged sources must not fill the memory.
    if (this.#answers.size >= 10_000) this.#answers.clear()
    this.#answers.set(key, source)
    return source
  }

  /** Whether a packet may come from this address and port. */
  isPublished(address: string, port: number, transport: 'udp' | 'tcp' | 'tls'): boolean {
    return this.sourceOf(address, port, transport) !== undefined
  }

  /** The name of the relay that owns this address and UDP port, also where a signalling entry claims it too. */
  relayOf(address: string, port: number): string | undefined {
    const entry = this.#entries.find(
      ({ source, ...rest }) => source.role === 'relay' && entryHolds({ source, ...rest }, address, port, 'udp'),
    )
    return entry?.source.role === 'relay' ? entry.source.name : undefined
  }
}

function entryHolds(entry: Entry, address: string, port: number, protocol: 'udp' | 'tcp'): boolean {
  const ip = parseIp(address)
  return (
    ip !== undefined &&
    entry[protocol].some((range) => range.first <= port && port <= range.last) &&
    entry.addresses.some((range) => rangeHolds(range, ip))
  )
}
