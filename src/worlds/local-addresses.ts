/** The addresses of this machine that the devices of a load are spread over. */
import type { Clock } from '../clock/clock.js'
import { type IpRange, parseIpRange } from '../target/ip-address.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { type Family, NetworkError } from '../transport/network.js'

/** By family; a family that was not asked for is absent. */
export type LocalAddresses = Readonly<Partial<Record<Family, readonly string[]>>>

/** The addresses that were asked for cannot be used; the message says what can. */
export class LocalAddressError extends Error {
  override readonly name = 'LocalAddressError'
}

/** More sockets to listen on are of no use to anybody. */
const MOST = 1024
/** Addresses that are named in an error. */
const MOST_NAMED = 3

/**
 * Reads addresses and prefixes (`127.0.1.0/24`, `fd00::/122`), and tries each address.
 * @throws LocalAddressError where one cannot be read, or is not this machine's
 */
export async function localAddressesOf(texts: readonly string[], clock: Clock): Promise<LocalAddresses> {
  const all = new Set<string>()
  for (const text of texts) {
    const range = parseIpRange(text)
    if (range === undefined)
      throw new LocalAddressError(`--local takes an address or a prefix such as 127.0.1.0/24, not '${text}'.`)
    for (const address of addressesOf(range, text, MOST - all.size)) all.add(address)
  }
  const network = new KernelNetwork(clock)
  const missing: string[] = []
  for (const address of all) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- a moment each
      const socket = await network.bindUdp({ address, port: 0 })
      socket.close()
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      missing.push(address)
    }
  }
  const [first] = missing
  if (first !== undefined) {
    const named = missing.slice(0, MOST_NAMED).join(', ')
    const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : ''
    throw new LocalAddressError(
      `This machine does not have ${named}${more} (--local); add it: ip address add ${first}/${first.includes(':') ? 128 : 32} dev lo`,
    )
  }
  const of = (isIpv6: boolean) => [...all].filter((address) => address.includes(':') === isIpv6)
  const [ipv4, ipv6] = [of(false), of(true)]
  return { ...(ipv4.length === 0 ? {} : { ipv4 }), ...(ipv6.length === 0 ? {} : { ipv6 }) }
}

function addressesOf({ family, first, last }: IpRange, text: string, most: number): string[] {
  const size = last - first + 1n
  // RFC 1122 §3.2.1.3: the first and the last of an IPv4 network are no host's (RFC 3021: but where there are only two).
  const edge = family === 'ipv4' && size > 2n ? 1n : 0n
  if (size - 2n * edge > BigInt(most))
    throw new LocalAddressError(`--local ${text}: at most ${MOST} addresses can be used; name a smaller part of it.`)
  const all: string[] = []
  for (let value = first + edge; value <= last - edge; value++) all.push(textOf(family, value))
  return all
}

function textOf(family: Family, value: bigint): string {
  if (family === 'ipv4') return [24n, 16n, 8n, 0n].map((bits) => String((value >> bits) & 255n)).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(16 * (7 - at))) & 0xffffn).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
