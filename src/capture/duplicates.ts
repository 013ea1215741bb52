/**
 * Packets that were captured twice: on two interfaces that they went through, or on both ways of a mirrored port. A datagram that was really
 * sent twice looks the same where it has no identification (RFC 6864: a packet that is not fragmented needs none), so only what comes at once counts.
 */

/** Between two places of one machine, ms. */
const AT_ONCE = 10
/** On one interface: no timer of SIP or RTP is as short. */
const AT_THE_SAME_PLACE = 1
const MOST_REMEMBERED = 16_384

interface Seen {
  readonly at: number
  readonly port: number
  readonly ip: Buffer
}

export class Duplicates {
  #recent = new Map<number, Seen>()
  #older = new Map<number, Seen>()
  #since = Number.NEGATIVE_INFINITY

  /** Whether the packet was there already. @param ip from its IP header on */
  isOne(ip: Buffer, at: number, port: number): boolean {
    if (at - this.#since > AT_ONCE || this.#recent.size > MOST_REMEMBERED) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#since = at
    }
    const key = keyOf(ip)
    const before = this.#recent.get(key) ?? this.#older.get(key)
    if (before && at - before.at <= (before.port === port ? AT_THE_SAME_PLACE : AT_ONCE) && isSame(before.ip, ip))
      return true
    this.#recent.set(key, { at, port, ip })
    return false
  }
}

/** A router in between lowers the hop limit, and changes the checksum with it. */
const HOP = { 4: [8, 9, 10, 12], 6: [7, 8, 8, 8] } as const

function isSame(one: Buffer, other: Buffer): boolean {
  if (one.length !== other.length) return false
  const [a, b, c, d] = HOP[(one[0] ?? 0) >> 4 === 6 ? 6 : 4]
  return (
    one.compare(other, 0, a, 0, a) === 0 &&
    one.compare(other, b, c, b, c) === 0 &&
    one.compare(other, d, undefined, d) === 0
  )
}

/** Of the words that differ most: identification, ports, sequence numbers, the end. */
function keyOf(ip: Buffer): number {
  let key = ip.length
  const step = Math.max(4, (ip.length >> 6) << 2)
  for (let at = 16; at + 4 <= ip.length; at += step) key = Math.imul(key ^ ip.readInt32BE(at), 0x01000193)
  if (ip.length >= 24) key = Math.imul(key ^ ip.readInt32BE(ip.length - 4) ^ ip.readInt32BE(4), 0x01000193)
  return key
}
