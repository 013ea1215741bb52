/** What an address says about where it can be reached from. */
import { type IpRange, parseIp, parseIpRange, rangeHolds } from '../target/ip-address.js'

const ranges = (texts: readonly string[]): IpRange[] => texts.flatMap((text) => parseIpRange(text) ?? [])

/** RFC 1918, RFC 6598 (carriers' NAT), RFC 3927, RFC 4193, RFC 4291 §2.5.6. */
const PRIVATE = ranges([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
])
const LOOPBACK = ranges(['127.0.0.0/8', '::1/128'])

const known = new Map<string, 'private' | 'loopback' | 'public' | 'name'>()

/** `name`: it is no numeric address. */
export function kindOf(host: string): 'private' | 'loopback' | 'public' | 'name' {
  const before = known.get(host)
  if (before !== undefined) return before
  const ip = parseIp(host)
  const kind =
    ip === undefined
      ? 'name'
      : PRIVATE.some((range) => rangeHolds(range, ip))
        ? 'private'
        : LOOPBACK.some((range) => rangeHolds(range, ip))
          ? 'loopback'
          : 'public'
  if (known.size > 4096) known.clear()
  known.set(host, kind)
  return kind
}

/** Nobody outside of a network can send there. */
export const isPrivate = (host: string): boolean => kindOf(host) === 'private'
