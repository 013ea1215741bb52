/**
 * The far end of a router test: says how it sees whoever asks, and sends where it is asked to. Safe on the open internet: it keeps
 * nothing of who asks by UDP; no answer is longer than its request; what is sent to another socket than the one that asked, or unmasked,
 * goes only where a cookie proves that it was received; sources and all of them together are limited.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import {
  type Endpoint,
  formatEndpoint,
  type Network,
  type StreamConnection,
  type StreamListener,
  type UdpSocket,
} from '../transport/network.js'
import { Cookies } from './cookies.js'
import { framed, readFrames } from './frames.js'
import { RateLimiter, type RateLimits } from './rate-limit.js'
import {
  COOKIE_BYTES,
  encodeReflector,
  encodeSeen,
  HEADER_BYTES,
  MOST_PLACES,
  parseReflector,
  parseWake,
  probeIdOf,
  type ReflectorMessage,
} from './reflector-message.js'

/** A router test sends some 300 messages in its first second, and few afterwards. */
const EACH: RateLimits = { perSecond: 20, burst: 600 }
const ALL: RateLimits = { perSecond: 2_000, burst: 4_000 }
const MOST_CONNECTIONS = 500
const MOST_CONNECTIONS_EACH = 16
/** Longer than any lifetime that can be asked for. */
const CONNECTION_MS = 2_100_000
/** A test asks once on a connection, and is called twice. What is never read must not pile up here, nor keep a connection from ending. */
const MOST_SAID_EACH = 20
/** One that has asked nothing by then is nobody's test. */
const ASKS_WITHIN_MS = 15_000

interface ReflectorOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Addresses of one family or both; a second one of a family tells more kinds of NAT apart. */
  readonly addresses: readonly string[]
  /** The first is the one that SIP uses: routers that rewrite SIP know it by its port. Two tell filters apart. */
  readonly ports: readonly number[]
}

interface Place {
  readonly socket: UdpSocket
  readonly listener: StreamListener
}

interface Caller {
  readonly connection: StreamConnection
  /** Messages so far. */
  said: number
}

export class Reflector {
  readonly #clock: Clock
  readonly #cookies: Cookies
  readonly #limiter: RateLimiter
  readonly #places: Place[] = []
  /** By both ends: they have not been closed. */
  readonly #callers = new Map<string, Caller>()

  private constructor({ clock, random }: ReflectorOptions) {
    this.#clock = clock
    this.#cookies = new Cookies(clock, random.bytes(32))
    this.#limiter = new RateLimiter(clock, EACH, ALL)
  }

  /** @throws NetworkError where a port is taken */
  static async start(o: ReflectorOptions): Promise<Reflector> {
    const reflector = new Reflector(o)
    try {
      for (const address of o.addresses) {
        for (const port of o.ports) {
          // oxlint-disable-next-line no-await-in-loop -- in their order
          await reflector.#open(o.network, { address, port })
        }
      }
    } catch (error) {
      await reflector.stop()
      throw error
    }
    return reflector
  }

  /** Where it answers. */
  get places(): readonly Endpoint[] {
    return this.#places.map(({ socket }) => socket.local)
  }

  async stop(): Promise<void> {
    for (const { connection } of this.#callers.values()) connection.close()
    this.#callers.clear()
    for (const { socket } of this.#places) socket.close()
    await Promise.all(this.#places.splice(0).map(({ listener }) => listener.close()))
  }

  async #open(network: Network, at: Endpoint): Promise<void> {
    const socket = await network.bindUdp(at)
    try {
      // Where any port will do, TCP has the same one.
      const place = {
        kind: 'tcp',
        at: socket.local,
        onConnection: (one: StreamConnection) => this.#accepts(one),
      } as const
      const listener = await network.listen(place)
      this.#places.push({ socket, listener })
    } catch (error) {
      socket.close()
      throw error
    }
    // Who asked may be gone: nothing to be done about it.
    socket.onError = () => {}
    socket.onMessage = (data, from) => {
      // Port 0 is nobody's, and an answer to it would go nowhere.
      if (from.port === 0) return
      const answer = this.#answer(data, from, socket)
      if (answer !== undefined && answer.length <= data.length && this.#limiter.admits(from.address))
        socket.send(answer, from)
    }
  }

  #answer(data: Buffer, from: Endpoint, socket: UdpSocket): Buffer | undefined {
    const message = parseReflector(data)
    if (message === undefined) return mirrored(data)
    if (message.type === 'size') return this.#sized(message, data.length, from)
    if (message.type === 'speak') return this.#proven(message, from)
    return this.#common(message, from, socket.local)
  }

  /** What is asked by UDP and by TCP alike. */
  #common(message: ReflectorMessage, from: Endpoint, at: Endpoint): Buffer | undefined {
    const { id, type } = message
    if (type === 'hello') {
      const others = this.places.filter((place) => formatEndpoint(place) !== formatEndpoint(at))
      const family = others.filter(({ address }) => address.includes(':') === at.address.includes(':'))
      const body = encodeSeen({
        mapped: from,
        cookie: this.#cookies.for(from),
        places: [at, ...family].slice(0, MOST_PLACES),
      })
      return encodeReflector({ type: 'seen', place: 0, flag: false, id, body })
    }
    if (type === 'wake') {
      const body = Buffer.from([this.#wakes(message, at) ? 1 : 0])
      return encodeReflector({ type: 'waking', place: message.place, flag: message.flag, id, body })
    }
    return undefined
  }

  /** Sends a poke to a socket that has proven that it asked. */
  #wakes({ body, place, flag }: ReflectorMessage, at: Endpoint): boolean {
    const wake = parseWake(body)
    if (wake === undefined || !this.#cookies.proves(wake.whom, wake.cookie)) return false
    const poke = encodeReflector({ type: 'poke', place, flag, id: wake.pokeId, body: Buffer.alloc(0) })
    if (flag) {
      const caller = this.#callers.get(keyOf(wake.whom, at))
      return caller !== undefined && says(caller, poke)
    }
    // In the order in which they were told to whoever asked at this place.
    const family = this.#places.filter(
      ({ socket }) => socket.local.address.includes(':') === wake.whom.address.includes(':'),
    )
    const own = family.filter(({ socket }) => formatEndpoint(socket.local) === formatEndpoint(at))
    const ordered = [...own, ...family.filter((one) => !own.includes(one))]
    const from = ordered[place]
    if (from === undefined || !this.#limiter.admits(wake.whom.address)) return false
    from.socket.send(poke, wake.whom)
    return true
  }

  #sized({ id, flag, body, place }: ReflectorMessage, length: number, from: Endpoint): Buffer | undefined {
    const arrived = Buffer.alloc(2)
    arrived.writeUInt16BE(Math.min(length, 0xffff))
    const isProven = this.#cookies.proves(from, body.subarray(0, COOKIE_BYTES))
    if (flag && !isProven) return undefined
    const filler = Buffer.alloc(flag ? Math.max(0, length - HEADER_BYTES - 2) : 0)
    return encodeReflector({ type: 'sized', place, flag, id, body: Buffer.concat([arrived, filler]) })
  }

  /** Bytes of theirs as they are: to whom has proven that it wants them, and nobody else. */
  #proven({ body }: ReflectorMessage, from: Endpoint): Buffer | undefined {
    const proof = body.subarray(0, COOKIE_BYTES)
    return this.#cookies.proves(from, proof) ? body.subarray(COOKIE_BYTES) : undefined
  }

  #accepts(connection: StreamConnection): void {
    const { remote, local } = connection
    const fromThere = [...this.#callers.values()].filter(
      (one) => one.connection.remote.address === remote.address,
    ).length
    if (this.#callers.size >= MOST_CONNECTIONS || fromThere >= MOST_CONNECTIONS_EACH) {
      connection.close()
      return
    }
    const key = keyOf(remote, local)
    const caller: Caller = { connection, said: 0 }
    this.#callers.set(key, caller)
    let limit = this.#clock.after(ASKS_WITHIN_MS, () => connection.close())
    connection.onClose = () => {
      limit.cancel()
      if (this.#callers.get(key) === caller) this.#callers.delete(key)
    }
    readFrames(connection, (data) => {
      const message = parseReflector(data)
      const answer = message && this.#common(message, remote, local)
      limit.cancel()
      limit = this.#clock.after(CONNECTION_MS, () => connection.close())
      if (answer === undefined || answer.length > data.length || !this.#limiter.admits(remote.address))
        connection.close()
      else says(caller, answer)
    })
  }
}

const keyOf = (remote: Endpoint, local: Endpoint): string => `${formatEndpoint(remote)} ${formatEndpoint(local)}`

/** False: it has been told enough, and is closed. */
function says(caller: Caller, message: Buffer): boolean {
  if (caller.said >= MOST_SAID_EACH) {
    caller.connection.close()
    return false
  }
  caller.said += 1
  caller.connection.write(framed(message))
  return true
}

/** What of SIP has arrived, so that no router finds SIP in it; the end is cut off where it would be longer than what came. */
function mirrored(data: Buffer): Buffer | undefined {
  const id = probeIdOf(data)
  if (id === undefined) return undefined
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Math.min(data.length, 0xffff))
  const body = Buffer.concat([length, data.subarray(0, Math.max(0, data.length - HEADER_BYTES - 2))])
  return encodeReflector({ type: 'mirror', place: 0, flag: false, id, body })
}
