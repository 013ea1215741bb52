/** What lies around IP on the links that captures are taken from. */

/** An IP packet, or a PDU that stands without one. */
export interface OnLink {
  readonly kind: 'ip' | 'pdu'
  /** Where it begins. */
  readonly start: number
}

interface Link {
  readonly name: string
  readonly find: (data: Buffer) => OnLink | undefined
}

const IPV4 = 0x0800
const IPV6 = 0x86dd
const VLAN = new Set([0x8100, 0x88a8, 0x9100, 0x9200])
const PPPOE_SESSION = 0x8864
const MPLS = new Set([0x8847, 0x8848])

const half = (data: Buffer, at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
const ip = (start: number): OnLink => ({ kind: 'ip', start })

/** By what the EtherType says; IEEE 802.1Q tags, PPPoE and MPLS labels are passed over. @param at of the EtherType */
function byEtherType(data: Buffer, at: number): OnLink | undefined {
  let place = at
  while (VLAN.has(half(data, place))) place += 4
  const type = half(data, place)
  const start = place + 2
  if (type === IPV4 || type === IPV6) return ip(start)
  // RFC 2516: version and type, code, session, length; then the PPP protocol.
  if (type === PPPOE_SESSION) return byPpp(data, start + 6)
  if (MPLS.has(type)) return underLabels(data, start)
  return undefined
}

/** RFC 3032: the lowest bit of the third octet ends the stack of labels. What is under it is told by its first bits. */
function underLabels(data: Buffer, at: number): OnLink | undefined {
  let place = at
  while (place + 4 <= data.length && ((data[place + 2] ?? 0) & 1) === 0) place += 4
  place += 4
  const version = (data[place] ?? 0) >> 4
  if (version === 4 || version === 6) return ip(place)
  // RFC 4448: a control word of zero bits, then Ethernet.
  return version === 0 ? byEtherType(data, place + 4 + 12) : undefined
}

/** RFC 1661: protocols of one or of two octets. */
function byPpp(data: Buffer, at: number): OnLink | undefined {
  const place = data[at] === 0xff && data[at + 1] === 0x03 ? at + 2 : at
  const short = ((data[place] ?? 0) & 1) === 1
  const protocol = short ? data[place] : half(data, place)
  return protocol === 0x21 || protocol === 0x57 ? ip(place + (short ? 1 : 2)) : undefined
}

/** BSD's families of IP, in the byte order of the machine that captured. */
const FAMILIES = new Set([2, 10, 24, 28, 30])

function byFamily(data: Buffer): OnLink | undefined {
  if (data.length < 4) return undefined
  return FAMILIES.has(data.readUInt32LE(0)) || FAMILIES.has(data.readUInt32BE(0)) ? ip(4) : undefined
}

const ethernet: Link = { name: 'Ethernet', find: (data) => byEtherType(data, 12) }
const raw: Link = { name: 'Raw IP', find: () => ip(0) }
const null4: Link = { name: 'BSD loopback', find: byFamily }

/** By LINKTYPE_ number, and the DLT_ numbers that older files have in their place. */
const LINKS: Readonly<Record<number, Link>> = {
  0: null4,
  1: ethernet,
  9: { name: 'PPP', find: (data) => byPpp(data, 0) },
  12: raw,
  14: raw,
  50: { name: 'PPP', find: (data) => byPpp(data, 0) },
  51: { name: 'PPPoE', find: (data) => byPpp(data, 6) },
  101: raw,
  108: null4,
  109: { name: 'BSD enc', find: () => ip(12) },
  113: { name: 'Linux cooked', find: (data) => byEtherType(data, 14) },
  228: raw,
  229: raw,
  252: { name: 'Exported PDU', find: () => ({ kind: 'pdu', start: 0 }) },
  276: {
    name: 'Linux cooked v2',
    // The EtherType stands first here: looked at as if it stood before what follows.
    find: (data) => {
      const type = half(data, 0)
      if (type === IPV4 || type === IPV6) return ip(20)
      return VLAN.has(type) ? byEtherType(data, 22) : undefined
    },
  },
}

export const linkOf = (number: number): Link | undefined => LINKS[number]
