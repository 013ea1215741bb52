/**
 * How long a NAT or a firewall remembers a flow: many flows, each silent for another time, and then something is sent to each from
 * outside. That takes no longer than the longest silence, and what comes in says nothing but that the flow was remembered.
 */
import type { RouterLifetime } from '../result/router-result.js'
import type { Endpoint, StreamConnection } from '../transport/network.js'
import { framed, readFrames } from './frames.js'
import { type FlowWorld, ProbeFlow } from './flow.js'
import {
  encodeReflector,
  encodeWake,
  HEADER_BYTES,
  HELLO_BYTES,
  parseReflector,
  parseSeen,
  type Seen,
} from './reflector-message.js'

/** Neighbouring silences differ by this factor: the time that is found is less than a tenth too short. */
const STEP = 1.08
const SHORTEST_MS = 5_000
/** Flows of one kind at most: a carrier's NAT gives a customer a few hundred ports. */
const MOST_FLOWS = 48
const SETTLES_MS = 3_000
/** A wake and its poke, with repetitions. */
const WAKE_TRIES = 2
const POKE_MS = 500

interface Where extends FlowWorld {
  readonly local: string
  readonly server: Endpoint
}

/** Silences up to the longest, ms, each a little longer than the one before. */
function silences(longestMs: number, step = STEP): number[] {
  const times: number[] = []
  for (let ms = longestMs; ms >= Math.min(SHORTEST_MS, longestMs); ms /= step) times.unshift(Math.round(ms))
  return times.slice(-MOST_FLOWS)
}

/** All kinds of flow at once. @param longestMs how long it may take, nearly */
export async function findLifetimes(where: Where, longestMs: number): Promise<RouterLifetime[]> {
  const asks = await ProbeFlow.open(where, { address: where.local, port: 0 })
  try {
    // The socket that asks for pokes has to be remembered, too: it asks all the time.
    const told = await asks.hello(where.server)
    if (told === undefined) return []
    const times = silences(longestMs)
    const coarse = [0.25, 0.5, 1].map((share) => Math.round(longestMs * share))
    const [fresh, inUse, tcp] = await Promise.all([
      Promise.all(times.map((idleMs) => udpFlow(where, asks, idleMs, false))),
      Promise.all(times.map((idleMs) => udpFlow(where, asks, idleMs - SETTLES_MS, true))),
      Promise.all(coarse.map((idleMs) => tcpFlow(where, asks, idleMs))),
    ])
    return [lifetimeOf('udp', fresh), lifetimeOf('udp-in-use', inUse), lifetimeOf('tcp', tcp)].filter(
      ({ points }) => points.length > 0,
    )
  } finally {
    asks.close()
  }
}

interface Point {
  readonly idleMs: number
  readonly answered: boolean
}

/** What single flows say of all. A flow that nothing is known of is left out. */
export function lifetimeOf(flow: RouterLifetime['flow'], found: readonly (Point | undefined)[]): RouterLifetime {
  const points = found.flatMap((point) => (point === undefined ? [] : [point])).toSorted((a, b) => a.idleMs - b.idleMs)
  // A datagram may be lost for good: a single gap before two that came is none.
  const lost = points.findIndex(({ answered }, index) => {
    const after = points.slice(index + 1, index + 3)
    return !answered && !(after.length === 2 && after.every((one) => one.answered))
  })
  const held = points.slice(0, lost < 0 ? undefined : lost).findLast(({ answered }) => answered)
  const lostMs = points[lost]?.idleMs
  return {
    flow,
    points,
    ...(held === undefined ? {} : { heldMs: held.idleMs }),
    ...(lostMs === undefined ? {} : { lostMs }),
  }
}

async function udpFlow(where: Where, asks: ProbeFlow, idleMs: number, isUsed: boolean): Promise<Point | undefined> {
  if (idleMs <= 0) return undefined
  const { clock, server, local } = where
  const flow = await ProbeFlow.open(where, { address: local, port: 0 })
  try {
    let seen = await flow.hello(server)
    if (isUsed && seen !== undefined) {
      await clock.sleep(SETTLES_MS)
      seen = await flow.hello(server)
    }
    if (seen === undefined) return undefined
    const since = clock.now()
    await clock.sleep(idleMs)
    const answered = await isPoked(where, asks, seen, false, (id) => flow.pokedFrom(id) !== undefined)
    return answered === undefined
      ? undefined
      : { idleMs: Math.round(clock.now() - since - answered.tookMs), answered: answered.came }
  } finally {
    flow.close()
  }
}

async function tcpFlow(where: Where, asks: ProbeFlow, idleMs: number): Promise<Point | undefined> {
  const { clock, network, server, local, random } = where
  let connection: StreamConnection
  try {
    connection = await network.connect({ kind: 'tcp', remote: server, localAddress: local, timeoutMs: 4_000 })
  } catch {
    return undefined
  }
  try {
    const pokes = new Set<string>()
    const id = random.bytes(8)
    const seen = await new Promise<Seen | undefined>((resolve) => {
      const giveUp = clock.after(4_000, () => resolve(undefined))
      connection.onClose = () => resolve(undefined)
      readFrames(connection, (data) => {
        const message = parseReflector(data)
        if (message?.type === 'poke') pokes.add(message.id.toString('hex'))
        if (message?.type !== 'seen') return
        giveUp.cancel()
        resolve(parseSeen(message.body))
      })
      const hello = { type: 'hello', place: 0, flag: true, id, body: Buffer.alloc(HELLO_BYTES - HEADER_BYTES) } as const
      connection.write(framed(encodeReflector(hello)))
    })
    if (seen === undefined) return undefined
    await clock.sleep(idleMs)
    const answered = await isPoked(where, asks, seen, true, (poke) => pokes.has(poke.toString('hex')))
    return answered === undefined ? undefined : { idleMs, answered: answered.came }
  } finally {
    connection.close()
  }
}

/** Undefined: the reflector did not say that it has sent anything, or has lost the connection. */
async function isPoked(
  { clock, random, server }: Where,
  asks: ProbeFlow,
  seen: Seen,
  overTcp: boolean,
  hasCome: (id: Buffer) => boolean,
): Promise<{ readonly came: boolean; readonly tookMs: number } | undefined> {
  const began = clock.now()
  let isSent = false
  let isAnswered = false
  for (let attempt = 0; attempt < WAKE_TRIES; attempt += 1) {
    const pokeId = random.bytes(8)
    const body = encodeWake({ whom: seen.mapped, cookie: seen.cookie, pokeId })
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const answer = await asks.ask(server, { type: 'wake', flag: overTcp, body })
    isAnswered ||= answer !== undefined
    isSent ||= answer?.message.body[0] === 1
    // oxlint-disable-next-line no-await-in-loop -- the same
    for (let waited = 0; waited < POKE_MS && !hasCome(pokeId); waited += 50) await clock.sleep(50)
    if (hasCome(pokeId)) return { came: true, tookMs: clock.now() - began }
  }
  // A connection that the reflector has lost was ended on the way; where it says nothing any more, nothing is known.
  return isSent || (overTcp && isAnswered) ? { came: false, tookMs: clock.now() - began } : undefined
}
