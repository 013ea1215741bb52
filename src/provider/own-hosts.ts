import type { SipUri } from '../message/uri.js'
import { canonicalAddress } from '../transport/network.js'
import type { ProviderAddresses } from './addresses.js'
import type { ProviderNames } from './context.js'

/** Tells what names the provider itself: its domains, its addresses, its ports. */
export class OwnHosts {
  readonly #domains: ReadonlySet<string>
  readonly #addresses: ReadonlySet<string>
  readonly #relays: ReadonlySet<string>
  readonly #ports: ReadonlySet<number>

  constructor(addresses: ProviderAddresses, names: ProviderNames) {
    this.#domains = new Set([names.domain, names.secure].map((name) => name.toLowerCase()))
    this.#addresses = new Set([addresses.ipv4, addresses.ipv6].map(canonicalAddress))
    this.#relays = new Set(addresses.relays.map((relay) => relay.ipv4))
    this.#ports = new Set([addresses.sipPort, addresses.sipsPort])
  }

  /** Is this a domain whose users are ours, by name or by address? */
  isDomain(host: string): boolean {
    const text = host.toLowerCase().replace(/\.$/, '')
    return this.#domains.has(text) || this.#addresses.has(canonicalAddress(text))
  }

  /**
   * Does the URI lead to our SIP ports? An address that other programs share (::1) counts only with one of our ports.
   */
  isHere(uri: SipUri): boolean {
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return false
    return this.isDomain(uri.host) && (uri.port === undefined || this.#ports.has(uri.port))
  }

  /** Is it one of our machines? Devices can't be there; on a shared loopback address only the names are surely ours. */
  isOwnHost(host: string): boolean {
    const text = canonicalAddress(host.toLowerCase().replace(/\.$/, ''))
    if (text === '::1' || text === '127.0.0.1') return false
    return this.isDomain(text) || this.#relays.has(text)
  }
}
