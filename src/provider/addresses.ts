/** The addresses and ports that the provider listens on. */
import type { Endpoint } from '../transport/network.js'

/** One media relay: an IPv4 address of its own, and a range of ports of its own on the IPv6 address that all share. */
export interface RelayAddress {
  readonly name: string
  readonly ipv4: string
  /** Both ends included; ports are taken from here. */
  readonly ipv4Ports: PortSpan
  readonly ipv6: string
  readonly ipv6Ports: PortSpan
}

export interface PortSpan {
  readonly first: number
  readonly last: number
}

/** Where the parts of the provider listen. SIP ports are the same on IPv4 and IPv6, on UDP and TCP. */
export interface ProviderAddresses {
  readonly ipv4: string
  readonly ipv6: string
  /** Of a second SIP host, on the same ports; undefined: there is none. On IPv6 there never is. */
  readonly secondIpv4?: string | undefined
  readonly sipPort: number
  readonly sipsPort: number
  readonly relays: readonly RelayAddress[]
  readonly stun: { readonly address: string; readonly ports: readonly number[] }
  readonly dns: Endpoint
  readonly ntp: Endpoint
}

export interface AddressOptions {
  /** The first three octets of every IPv4 address. Default `127.0.0`. */
  readonly prefix?: string
  /**
   * Which of several providers on one machine this is, 0 (default) to 9: since ::1 is the only IPv6 loopback address,
   * the ports that are taken there move by it.
   */
  readonly ipv6Slot?: number
}

/** The addresses that the provider takes when it is not told others. */
export function defaultAddresses(o: AddressOptions = {}): ProviderAddresses {
  const prefix = o.prefix ?? '127.0.0'
  const slot = o.ipv6Slot ?? 0
  if (!Number.isInteger(slot) || slot < 0 || slot > 9) throw new RangeError(`ipv6Slot ${slot}: expected 0 to 9`)
  const first = IPV6_FIRST + slot * RELAYS * IPV6_PORTS_PER_RELAY
  const relays = Array.from({ length: RELAYS }, (_, index) => ({
    name: `relay-${index + 1}`,
    ipv4: `${prefix}.${156 + index}`,
    ipv4Ports: { first: 20_000, last: 59_999 },
    ipv6: '::1',
    ipv6Ports: {
      first: first + index * IPV6_PORTS_PER_RELAY,
      last: first + (index + 1) * IPV6_PORTS_PER_RELAY - 1,
    },
  }))
  const shift = slot * 100
  return {
    ipv4: `${prefix}.71`,
    ipv6: '::1',
    secondIpv4: `${prefix}.72`,
    sipPort: 5060 + shift,
    sipsPort: 5061 + shift,
    relays,
    stun: { address: `${prefix}.71`, ports: [3478, 10_000] },
    dns: { address: `${prefix}.71`, port: 5353 },
    ntp: { address: `${prefix}.71`, port: 11_123 },
  }
}

/** Where SIP is listened for: the first host's addresses, then the second's. */
export function sipAddressesOf(
  { ipv4, ipv6, secondIpv4 }: ProviderAddresses,
  families: readonly ('ipv4' | 'ipv6')[] = ['ipv4', 'ipv6'],
): string[] {
  const first = families.map((family) => (family === 'ipv4' ? ipv4 : ipv6))
  return secondIpv4 !== undefined && families.includes('ipv4') ? [...first, secondIpv4] : first
}

const RELAYS = 5
// Ten providers of five relays fit between 12000 and 61999: below the ports that most kernels hand out, where possible.
const IPV6_FIRST = 12_000
const IPV6_PORTS_PER_RELAY = 1000
