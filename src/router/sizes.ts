/** Which datagrams pass: their largest size, each way, and whether those do that need fragments. */
import type { RouterSizes } from '../result/router-result.js'
import type { Endpoint } from '../transport/network.js'
import { type FlowWorld, ProbeFlow } from './flow.js'
import { COOKIE_BYTES, HEADER_BYTES } from './reflector-message.js'

/**
 * Bytes of UDP payload: what any path carries (RFC 791: 576 with headers; RFC 8200: 1280), SIP's limit on UDP (RFC 3261 §18.1.1), tunnels
 * of DS-Lite and mobile networks, PPPoE, Ethernet, and what needs fragments there.
 */
const SIZES = [512, 1_200, 1_232, 1_300, 1_372, 1_412, 1_432, 1_452, 1_464, 1_472, 1_600, 2_000, 3_000, 4_500]
const FRAGMENTS_FROM = 1_473

interface Where extends FlowWorld {
  readonly local: string
  readonly server: Endpoint
  readonly interfaceMtu: number | undefined
}

/** One after the other, the small ones first, as a large one that is lost may bring others into trouble. */
export async function findSizes(where: Where): Promise<RouterSizes> {
  const { server, local, interfaceMtu } = where
  const flow = await ProbeFlow.open(where, { address: local, port: 0 })
  try {
    const seen = await flow.hello(server)
    if (seen === undefined) return {}
    const passes = async (size: number, echo: boolean) => {
      const body = Buffer.alloc(size - HEADER_BYTES)
      seen.cookie.copy(body, 0, 0, COOKIE_BYTES)
      const answer = await flow.ask(server, { type: 'size', flag: echo, body, tries: 3 })
      return answer !== undefined && answer.message.body.readUInt16BE(0) === size && (!echo || answer.length === size)
    }
    const up = await largestOf(SIZES, (size) => passes(size, false))
    // What does not get there cannot come back.
    const down = await largestOf(
      SIZES.filter((size) => size <= (up.largest ?? 0)),
      (size) => passes(size, true),
    )
    const both = Math.min(up.largest ?? 0, down.largest ?? 0)
    const needsFragments = interfaceMtu === undefined || interfaceMtu <= 1_500
    return {
      ...(up.largest === undefined ? {} : { upLargest: up.largest }),
      ...(up.lost === undefined ? {} : { upLost: up.lost }),
      ...(down.largest === undefined ? {} : { downLargest: down.largest }),
      ...(down.lost === undefined ? {} : { downLost: down.lost }),
      ...(interfaceMtu === undefined ? {} : { interfaceMtu }),
      ...(needsFragments && both > 0 ? { fragments: both >= FRAGMENTS_FROM } : {}),
    }
  } finally {
    flow.close()
  }
}

async function largestOf(
  sizes: readonly number[],
  passes: (size: number) => Promise<boolean>,
): Promise<{ readonly largest?: number; readonly lost?: number }> {
  let largest: number | undefined
  for (const size of sizes) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    if (!(await passes(size))) return { lost: size, ...(largest === undefined ? {} : { largest }) }
    largest = size
  }
  return largest === undefined ? {} : { largest }
}
