/** A router test: everything that can be learned of the way between this machine and a reflector, in little more than one wait. */
import type { RouterFacts } from '../result/router-result.js'
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import { findAlg } from './alg.js'
import { type FlowWorld, ProbeFlow } from './flow.js'
import { findKind } from './kind.js'
import { findLifetimes } from './lifetimes.js'
import type { Seen } from './reflector-message.js'
import { findSizes } from './sizes.js'

interface ExamineOptions extends FlowWorld {
  /** The address of this machine that reaches the reflector. */
  readonly local: string
  /** Where the reflector answers to SIP. */
  readonly server: Endpoint
  readonly named: string
  /** Another port of it, in case something on the way keeps what is no SIP from the SIP port. */
  readonly otherPort: number
  readonly interfaceMtu?: number | undefined
  /** The longest silence that is tried, ms. */
  readonly longestMs: number
  /** What is done, for people. */
  readonly tell?: (line: string) => void
}

/** The first sockets say how many ports are kept. */
const SOCKETS = 5

/** Undefined: no reflector answers there. */
export async function examineRouter(o: ExamineOptions): Promise<RouterFacts | undefined> {
  const { server, local, named, tell = () => {} } = o
  const found = await firstAnswer(o)
  if (found === undefined) return undefined
  const { at, seen, ports } = found
  const isTranslated = seen.some(({ mapped, own }) => !sameEndpoint(mapped, own))
  const where = { ...o, server: at, interfaceMtu: o.interfaceMtu }
  tell(
    `kind of NAT, sizes and SIP in the first seconds; silences of up to ${Math.round(o.longestMs / 1000)} s meanwhile`,
  )
  const [lifetimes, rest] = await Promise.all([
    findLifetimes(where, o.longestMs),
    // One after the other: none of them is to lose datagrams to the others.
    (async () => {
      const kind = await findKind(where, isTranslated)
      const alg = await findAlg({ ...where, server })
      return { kind, alg, sizes: await findSizes(where) }
    })(),
  ])
  const [first] = seen
  return {
    reflector: { named, address: server.address, ports },
    local,
    outside: first?.mapped.address ?? local,
    isTranslated,
    answersOnSipPort: at.port === server.port,
    ...rest.kind,
    ports: { kept: seen.filter(({ mapped, own }) => mapped.port === own.port).length, of: seen.length },
    lifetimes,
    alg: rest.alg,
    sizes: rest.sizes,
  }
}

interface FirstAnswer {
  /** Where it answers. */
  readonly at: Endpoint
  readonly seen: readonly { readonly own: Endpoint; readonly mapped: Endpoint }[]
  readonly ports: readonly number[]
}

async function firstAnswer(o: ExamineOptions): Promise<FirstAnswer | undefined> {
  const { server, local, otherPort } = o
  for (const port of [server.port, otherPort]) {
    const at = { address: server.address, port }
    // oxlint-disable-next-line no-await-in-loop -- the second only where the first is silent
    const all = await Promise.all(Array.from({ length: SOCKETS }, () => seenFrom(o, local, at)))
    const seen = all.flatMap((one) => (one === undefined ? [] : [one]))
    const [first] = seen
    if (first !== undefined) return { at, seen, ports: [...new Set(first.places.map((place) => place.port))] }
  }
  return undefined
}

async function seenFrom(
  world: FlowWorld,
  local: string,
  at: Endpoint,
): Promise<{ readonly own: Endpoint; readonly mapped: Endpoint; readonly places: Seen['places'] } | undefined> {
  const flow = await ProbeFlow.open(world, { address: local, port: 0 })
  try {
    const seen = await flow.hello(at)
    return seen && { own: flow.socket.local, mapped: seen.mapped, places: seen.places }
  } finally {
    flow.close()
  }
}
