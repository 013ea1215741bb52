/** Tells what names the provider itself: its domains, its addresses, its ports. */
import type { SipUri } from '../message/uri.js'
import { canonicalAddress } from '../transport/network.js'
import { type ProviderAddresses, sipAddressesOf } from './addresses.js'
import type { ProviderNames } from './context.js'

export class OwnHosts {
  readonly #domains: ReadonlySet<string>
  readonly #addresses: ReadonlySet<string>
  readonly #relays: ReadonlySet<string>
  readonly #sipPorts: ReadonlySet<number>
  readonly #ports: ReadonlySet<number>

  constructor(addresses: ProviderAddresses, names: ProviderNames) {
    this.#domains = new Set([names.domain, names.secure, names.second].map((name) => name.toLowerCase()))
    this.#addresses = new Set(sipAddressesOf(addresses).map(canonicalAddress))
    // Addresses that are relays alone; where they share one with SIP, a device may be there too.
    this.#relays = new Set(addresses.relays.map(({ ipv4 }) => ipv4).filter((address) => !this.#addresses.has(address)))
    this.#sipPorts = new Set([addresses.sipPort, addresses.sipsPort])
    const { stun, dns, ntp } = addresses
    this.#ports = new Set([...this.#sipPorts, ...stun.ports, dns.port, ntp.port])
  }

  /** Is this a domain whose users are ours, by name or by address? */
  isDomain(host: string): boolean {
    return this.#isName(host) || this.#addresses.has(canonicalAddress(plain(host)))
  }

  /** Does the URI lead to our SIP ports? An address may have other programs too: it counts only with one of our ports. */
  isHere(uri: SipUri): boolean {
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return false
    return this.isDomain(uri.host) && (uri.port === undefined || this.#sipPorts.has(uri.port))
  }

  /** Is the user that the URI names one of ours? A telephone on our own machine is named by its port (RFC 3261 §16.5). */
  serves(uri: SipUri): boolean {
    return this.#isName(uri.host) || this.isHere(uri)
  }

  /** Does the URI lead to us, whatever is served there? Devices can't be there. */
  isOwnPlace(uri: SipUri): boolean {
    const address = canonicalAddress(plain(uri.host))
    if (this.#isName(uri.host) || this.#relays.has(address)) return true
    // A telephone may run on the machine that the provider runs on: then its port is another.
    return this.#addresses.has(address) && (uri.port === undefined || this.#ports.has(uri.port))
  }

  #isName(host: string): boolean {
    return this.#domains.has(plain(host))
  }
}

/** A host as names are compared: without the root's full stop. */
function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
