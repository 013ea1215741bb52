/** Which kind of NAT is on the way: RFC 5780 §4 asks the same of STUN servers with two addresses. */
import type { NatDependenceFound } from '../result/router-result.js'
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import { type FlowWorld, placeOf, ProbeFlow } from './flow.js'
import { encodeReflector, encodeWake, type Seen } from './reflector-message.js'

/** A poke that has not come by then does not come. */
const POKE_MS = 400
/** Datagrams get lost: so often is it tried. */
const TRIES = 3

interface KindFound {
  readonly mapping?: NatDependenceFound
  readonly filtering?: NatDependenceFound
  readonly hairpin?: boolean
}

interface Where extends FlowWorld {
  readonly local: string
  /** Where the reflector was found. */
  readonly server: Endpoint
}

/** @param seen how it sees the first flow */
export async function findKind(where: Where, isTranslated: boolean): Promise<KindFound> {
  const [mapping, filtering, hairpin] = await Promise.all([
    findMapping(where),
    findFiltering(where),
    isTranslated ? findHairpin(where) : undefined,
  ])
  return {
    ...(mapping === undefined ? {} : { mapping }),
    ...(filtering === undefined ? {} : { filtering }),
    ...(hairpin === undefined ? {} : { hairpin }),
  }
}

/** The reflector's other places, as seen from one of them. */
function othersOf({ places }: Seen, server: Endpoint): { readonly port: number; readonly address: number } {
  return {
    port: places.findIndex((place, index) => index > 0 && place.address === (places[0]?.address ?? server.address)),
    address: places.findIndex((place) => place.address !== (places[0]?.address ?? server.address)),
  }
}

// RFC 5780 §4.3
async function findMapping(where: Where): Promise<NatDependenceFound | undefined> {
  const flow = await ProbeFlow.open(where, { address: where.local, port: 0 })
  try {
    const first = await flow.hello(where.server)
    if (first === undefined) return undefined
    const others = othersOf(first, where.server)
    const port = first.places[others.port]
    const atPort = port && (await flow.hello({ address: where.server.address, port: port.port }))
    if (atPort === undefined) return undefined
    if (!sameEndpoint(atPort.mapped, first.mapped)) return 'address-and-port-dependent'
    const address = first.places[others.address]
    const atAddress = address && (await flow.hello(address))
    if (atAddress === undefined) return 'not port-dependent'
    return sameEndpoint(atAddress.mapped, first.mapped) ? 'endpoint-independent' : 'address-dependent'
  } finally {
    flow.close()
  }
}

// RFC 5780 §4.4
async function findFiltering(where: Where): Promise<NatDependenceFound | undefined> {
  const asks = await ProbeFlow.open(where, { address: where.local, port: 0 })
  try {
    const told = await asks.hello(where.server)
    if (told === undefined) return undefined
    const { port, address } = othersOf(told, where.server)
    const [asked, atPort, atAddress] = await Promise.all([
      isLetIn(where, asks, 0),
      port > 0 ? isLetIn(where, asks, port) : undefined,
      address > 0 ? isLetIn(where, asks, address) : undefined,
    ])
    // Where not even the one comes in that was sent to, nothing can be said.
    if (asked !== true || atPort === undefined) return undefined
    if (!atPort) return 'address-and-port-dependent'
    if (atAddress === undefined) return 'not port-dependent'
    return atAddress ? 'endpoint-independent' : 'address-dependent'
  } finally {
    asks.close()
  }
}

/** Whether a socket that has sent to the reflector's first place alone gets what another place sends; undefined: not sent. */
async function isLetIn(where: Where, asks: ProbeFlow, place: number): Promise<boolean | undefined> {
  const { clock, random, server } = where
  const flow = await ProbeFlow.open(where, { address: where.local, port: 0 })
  try {
    const seen = await flow.hello(server)
    if (seen === undefined) return undefined
    let isSent = false
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const pokeId = random.bytes(8)
      const body = encodeWake({ whom: seen.mapped, cookie: seen.cookie, pokeId })
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      const answer = await asks.ask(server, { type: 'wake', place, body })
      isSent ||= answer?.message.body[0] === 1
      // oxlint-disable-next-line no-await-in-loop -- the same
      await clock.sleep(POKE_MS)
      if (flow.pokedFrom(pokeId) !== undefined) return true
    }
    return isSent ? false : undefined
  } finally {
    flow.close()
  }
}

// RFC 4787 §6: two sockets behind the NAT, each sends to the outside address of the other, so that each may be answered.
async function findHairpin(where: Where): Promise<boolean | undefined> {
  const { clock, random, server, local } = where
  const [one, two] = await Promise.all([
    ProbeFlow.open(where, { address: local, port: 0 }),
    ProbeFlow.open(where, { address: local, port: 0 }),
  ])
  try {
    const [first, second] = await Promise.all([one.hello(server), two.hello(server)])
    if (first === undefined || second === undefined || placeOf(first.mapped) === placeOf(second.mapped))
      return undefined
    const id = random.bytes(8)
    const poke = encodeReflector({ type: 'poke', place: 0, flag: false, id, body: Buffer.alloc(0) })
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      one.socket.send(poke, second.mapped)
      two.socket.send(poke, first.mapped)
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      await clock.sleep(POKE_MS)
      if (one.pokedFrom(id) !== undefined || two.pokedFrom(id) !== undefined) return true
    }
    return false
  } finally {
    one.close()
    two.close()
  }
}
