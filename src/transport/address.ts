/** Numeric addresses of both families: their one spelling, their bytes, blocks of them. */
import { isIP, SocketAddress } from 'node:net'

export type Family = 'ipv4' | 'ipv6'

/** A numeric address and a port. IPv6 without brackets, in the canonical form of RFC 5952. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

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

/** Spellings met before; working one out takes a microsecond. */
const canonicalForms = new Map<string, string>()

/** The one spelling of an address by which it can be compared (RFC 5952); what is no IPv6 address comes back as it is. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address
  const known = canonicalForms.get(address)
  if (known !== undefined) return known
  if (isIP(address) !== 6) return address
  const zone = address.indexOf('%')
  const bare = zone < 0 ? address : address.slice(0, zone)
  const form = new SocketAddress({ address: bare, family: 'ipv6' }).address
  const canonical = zone < 0 ? form : form + address.slice(zone)
  if (canonicalForms.size >= 4096) canonicalForms.clear()
  canonicalForms.set(address, canonical)
  return canonical
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

/**
 * A test for membership in an address or a CIDR block (`192.0.2.0/24`, `2001:db8::/56`, `192.0.2.1`).
 * Throws RangeError where the text is neither.
 */
export function addressBlock(text: string): (address: string) => boolean {
  const slash = text.indexOf('/')
  const base = slash < 0 ? text : text.slice(0, slash)
  const width = isIP(base) === 4 ? 32 : isIP(base) === 6 ? 128 : 0
  const length = slash < 0 ? width : Number(text.slice(slash + 1))
  if (width === 0 || !Number.isInteger(length) || length < 0 || length > width)
    throw new RangeError(`'${text}' is neither a numeric address nor a CIDR block`)

  const shift = BigInt(width - length)
  const wanted = addressValue(base) >> shift
  const family = familyOf(base)
  return (address) => familyOf(address) === family && isIP(address) !== 0 && addressValue(address) >> shift === wanted
}

/** The bytes of a numeric address: 4 or 16. Throws RangeError where it is none. */
export function addressBytes(address: string): Buffer {
  const kind = isIP(address)
  if (kind === 0) throw new RangeError(`'${address}' is no numeric address`)
  if (kind === 4) return Buffer.from(address.split('.').map(Number))
  const [bare = ''] = address.split('%')
  // A dotted quad at the end stands for the last two groups.
  const text = bare.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = text.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  const bytes = Buffer.alloc(16)
  groups.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i)
  })
  return bytes
}

/** The address that 4 or 16 bytes stand for, in canonical form. */
export function addressFromBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16))
  return canonicalAddress(groups.join(':'))
}

function addressValue(address: string): bigint {
  return BigInt(`0x${addressBytes(address).toString('hex')}`)
}
