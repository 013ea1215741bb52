/** Does the target answer at all? Asked before anything else, so that an outage is told as one, not as sixty failures. */
import { UserAgent } from '../agent/user-agent.js'
import { within } from '../clock/within.js'
import { FAMILIES, TRANSPORTS } from '../scenario/target.js'
import type { Variant } from '../scenario/variant.js'
import type { World } from '../scenario/world.js'
import { formatEndpoint, NetworkError } from '../transport/network.js'

export interface Probe {
  readonly variant: Variant
  readonly where: string
  /** Undefined where it answered. */
  readonly trouble: string | undefined
  /** The Server header of its answer. */
  readonly software: string | undefined
  /** The address that it saw us under, where it told. */
  readonly seenAs: string | undefined
}

/** Three repeats at T1 = 500 ms: what does not answer by then is not there. */
const ANSWER_MS = 3_600

/**
 * Sends one OPTIONS over each transport and family that the target names, and where that is met with silence one REGISTER
 * without Contact, which changes nothing (RFC 3261 §10.2.3). Nothing is dialled.
 */
export async function probe(world: World): Promise<Probe[]> {
  const variants = TRANSPORTS.flatMap((transport) => FAMILIES.map((family) => ({ transport, family })))
  const found = await Promise.all(variants.map((variant) => probeOne(world, variant)))
  return found.flatMap((one) => one ?? [])
}

async function probeOne(world: World, variant: Variant): Promise<Probe | undefined> {
  const hop = world.target.hop(variant)
  const localAddress = world.address(variant.family)
  if (!hop) return undefined
  const about = {
    variant,
    where: `${variant.transport} ${formatEndpoint(hop.remote)}`,
    software: undefined,
    seenAs: undefined,
  }
  if (!localAddress) return { ...about, trouble: `this machine has no ${variant.family} address that leads there` }
  const [account] = world.target.document.accounts
  const agent = new UserAgent({
    name: 'probe',
    clock: world.clock,
    network: world.network,
    random: world.random,
    account: { user: account?.user ?? 'ringproof', password: '', domain: world.target.domain(variant.transport) },
    outbound: hop,
    localAddress,
    timers: world.target.timers,
    // Whoever answers is there, however odd the answer.
    parseMode: 'fast',
    listen: variant.transport === 'tls' ? ['tcp'] : ['udp', 'tcp'],
    tls: { verify: true, ...(world.target.authority ? { ca: world.target.authority } : {}) },
    automatic: { authenticate: false },
  })
  try {
    await agent.start()
    const uri = `sip:${world.target.domain(variant.transport)}`
    const asked = await within(world.clock, agent.request('OPTIONS', uri), ANSWER_MS)
    // Some servers drop OPTIONS unseen.
    const again = asked === undefined ? agent.request('REGISTER', uri, { to: `<${agent.aor}>` }) : undefined
    const exchange = asked ?? (again && (await within(world.clock, again, ANSWER_MS)))
    const answer = exchange?.final
    if (!answer) return { ...about, trouble: troubleOf(exchange?.error) }
    const via = answer.via
    const seenAs = via.received ?? via.host
    return {
      ...about,
      trouble: undefined,
      software: answer.headers.get('Server') ?? answer.headers.get('User-Agent'),
      seenAs,
    }
  } catch (error) {
    return { ...about, trouble: troubleOf(error) }
  } finally {
    await agent.stop({ withinMs: 300 }).catch(() => undefined)
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof NetworkError) return error.message
  if (error instanceof Error) return error.message
  return 'no answer to OPTIONS nor to REGISTER'
}
