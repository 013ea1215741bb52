/** IP addresses and ranges of them, as target files write them. */
import { isIP, isIPv4 } from 'node:net'

/** An IP address as a number, so that prefixes and ranges can be compared. IPv4-mapped IPv6 addresses count as IPv4. */
export interface IpAddress {
  readonly family: 'ipv4' | 'ipv6'
  readonly value: bigint
}

/** A range of addresses, both ends included. */
export interface IpRange {
  readonly family: 'ipv4' | 'ipv6'
  readonly first: bigint
  readonly last: bigint
}

const bits = { ipv4: 32n, ipv6: 128n } as const
const mappedPrefix = 0xffffn

/**
 * Reads an address in any of its spellings (upper case, zeros left out or written, IPv4 within IPv6, zone index,
 * square brackets). Gives undefined for what is no address.
 */
export function parseIp(text: string): IpAddress | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  if (isIPv4(bare)) return { family: 'ipv4', value: ipv4Value(bare) }
  if (isIP(bare) !== 6) return undefined
  const value = ipv6Value(bare)
  if (value >> 32n === mappedPrefix) return { family: 'ipv4', value: value & 0xffffffffn }
  return { family: 'ipv6', value }
}

/** Reads `192.0.2.1` or `2001:db8::/32`. Bits beyond the prefix are ignored. Gives undefined for anything else. */
export function parseIpRange(text: string): IpRange | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined || rest.length > 0) return undefined
  const width = bits[ip.family]
  if (prefix === undefined) return { family: ip.family, first: ip.value, last: ip.value }
  if (!/^\d{1,3}$/.test(prefix) || BigInt(prefix) > width) return undefined
  const hostBits = width - BigInt(prefix)
  const first = (ip.value >> hostBits) << hostBits
  return { family: ip.family, first, last: first + (1n << hostBits) - 1n }
}

/** Reads `192.0.2.1:2223` or `[2001:db8::1]:2223`. Gives undefined for anything else: names, wildcards, a port alone. */
export function parseSocketAddress(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, inBrackets, bare, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const address = inBrackets ?? bare ?? ''
  const port = Number(digits)
  // What stands in brackets is IPv6, and nothing else is.
  if (isIP(address) !== (inBrackets === undefined ? 4 : 6) || !(port >= 1 && port <= 65535)) return undefined
  return parseIp(address)?.value === 0n ? undefined : { address, port }
}

/** Whether the address lies within the range. */
export function rangeHolds(range: IpRange, ip: IpAddress): boolean {
  return range.family === ip.family && range.first <= ip.value && ip.value <= range.last
}

/** Whether two ranges share an address. */
export function rangesMeet(a: IpRange, b: IpRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

/** Whether a host is this machine's own loopback: 127.0.0.0/8, ::1 or the name `localhost`. Nothing is looked up. */
export function isLoopbackHost(host: string): boolean {
  if (/^(?:[^.]+\.)*localhost\.?$/i.test(host)) return true
  const ip = parseIp(host)
  if (ip === undefined) return false
  return ip.family === 'ipv4' ? ip.value >> 24n === 127n : ip.value === 1n
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function ipv6Value(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  let hex = text
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const low = ipv4Value(dotted[2])
    hex = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`
  }
  const [head = '', tail] = hex.split('::')
  const left = head.split(':').filter(Boolean)
  const right = (tail ?? '').split(':').filter(Boolean)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}
