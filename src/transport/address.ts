import { isIP, SocketAddress } from 'node:net'
import type { Endpoint, Family } from './network.js'

/** True for an IPv4 address, or an IPv6 address without brackets. */
export function isNumericAddress(text: string): boolean {
  return isIP(text) !== 0
}

/** The family of a numeric address, told by its colons. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || canonicalAddress(address) === '::'
}

/** The one spelling of an address by which it can be compared (RFC 5952); what is no IPv6 address comes back as it is. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':') || isIP(address) !== 6) return address
  const zone = address.indexOf('%')
  const bare = zone < 0 ? address : address.slice(0, zone)
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return zone < 0 ? canonical : canonical + address.slice(zone)
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint
  return address.includes(':') ? `[${canonicalAddress(address)}]:${port}` : `${address}:${port}`
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port) return false
  return a.address === b.address || canonicalAddress(a.address) === canonicalAddress(b.address)
}
