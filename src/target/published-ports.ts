/** Ports and ranges of them as target files write them, and what published relays must not have in common. */
import { parseIpRange, rangesMeet } from './ip-address.js'

/** A port, or two with a hyphen. */
export const portRangePattern = /^\d{1,5}(?:-\d{1,5})?$/

interface Relay {
  readonly name: string
  readonly addresses: readonly string[]
  readonly udp: readonly (number | string)[]
}

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Reads a port (5060 or '5060') or a range of ports ('10000-65535'); undefined for what is neither. */
export function parsePortRange(range: number | string): PortRange | undefined {
  const [from = '', to = from] = String(range).split('-')
  const first = Number(from)
  const last = Number(to)
  if (!portRangePattern.test(String(range)) || first < 1 || last > 65535 || first > last) return undefined
  return { first, last }
}

/** Reports names that two relays have, and addresses with ports that would belong to two of them. */
export function checkRelays(
  relays: readonly Relay[],
  problem: (path: (string | number)[], message: string) => void,
): void {
  for (const [index, relay] of relays.entries()) {
    for (const [earlier, other] of relays.slice(0, index).entries()) {
      if (relay.name === other.name) {
        problem(['published', 'relays', index, 'name'], `expected another name than that of relays[${earlier}]`)
      } else if (relaysMeet(relay, other)) {
        problem(
          ['published', 'relays', index, 'addresses'],
          `expected addresses or ports that '${other.name}' does not have too: a packet must belong to one relay`,
        )
      }
    }
  }
}

function relaysMeet(a: Relay, b: Relay): boolean {
  const ports = (relay: Relay) => relay.udp.flatMap((range) => parsePortRange(range) ?? [])
  const addresses = (relay: Relay) => relay.addresses.flatMap((range) => parseIpRange(range) ?? [])
  return (
    addresses(a).some((left) => addresses(b).some((right) => rangesMeet(left, right))) &&
    ports(a).some((left) => ports(b).some((right) => left.first <= right.last && right.first <= left.last))
  )
}
