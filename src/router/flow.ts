/** A socket of a router test: asks the reflector, again where a datagram was lost, and hears what comes unasked. */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { type Endpoint, formatEndpoint, type Network, type UdpSocket } from '../transport/network.js'
import {
  encodeReflector,
  HEADER_BYTES,
  HELLO_BYTES,
  parseReflector,
  parseSeen,
  type ReflectorMessage,
  type ReflectorMessageType,
  type Seen,
} from './reflector-message.js'

/** When a question that got no answer is asked again, ms after the one before, and when it is given up. */
const AGAIN_MS = [300, 600, 1_200]

interface Answer {
  readonly message: ReflectorMessage
  /** Of the datagram. */
  readonly length: number
  readonly from: Endpoint
}

interface Question {
  readonly type: ReflectorMessageType
  readonly place?: number
  readonly flag?: boolean
  readonly body: Buffer
  /** As many tries as it may take; default 4. */
  readonly tries?: number
}

export interface FlowWorld {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
}

export class ProbeFlow {
  readonly socket: UdpSocket
  /** Datagrams that are no answer to a question of this socket. */
  onOther: ((data: Buffer, from: Endpoint) => void) | undefined
  readonly #world: FlowWorld
  readonly #waiting = new Map<string, (answer: Answer) => void>()
  readonly #pokes = new Map<string, Endpoint>()

  private constructor(world: FlowWorld, socket: UdpSocket) {
    this.#world = world
    this.socket = socket
    socket.onMessage = (data, from) => this.#received(data, from)
    // An ICMP error says no more than that nothing comes back.
    socket.onError = () => {}
  }

  /** @throws NetworkError */
  static async open(world: FlowWorld, at: Endpoint): Promise<ProbeFlow> {
    return new ProbeFlow(world, await world.network.bindUdp(at))
  }

  close(): void {
    this.socket.close()
  }

  /** Undefined: no answer came. */
  ask(
    to: Endpoint,
    { type, place = 0, flag = false, body, tries = AGAIN_MS.length }: Question,
  ): Promise<Answer | undefined> {
    const id = this.#world.random.bytes(8)
    return this.expectAnswer(id, to, encodeReflector({ type, place, flag, id, body }), tries)
  }

  /** Sends bytes until something with that id comes, or not. */
  expectAnswer(id: Buffer, to: Endpoint, data: Buffer, tries = AGAIN_MS.length): Promise<Answer | undefined> {
    const { clock } = this.#world
    const key = id.toString('hex')
    return new Promise((resolve) => {
      let timer: Timer | undefined
      const end = (answer?: Answer) => {
        timer?.cancel()
        this.#waiting.delete(key)
        resolve(answer)
      }
      const attempt = (nth: number) => {
        timer = clock.after(AGAIN_MS[nth] ?? 1_200, () => (nth + 1 < tries ? attempt(nth + 1) : end()))
        this.socket.send(data, to)
      }
      this.#waiting.set(key, end)
      attempt(0)
    })
  }

  /** How the reflector sees this socket; undefined: no answer. */
  async hello(to: Endpoint): Promise<Seen | undefined> {
    const answer = await this.ask(to, { type: 'hello', body: Buffer.alloc(HELLO_BYTES - HEADER_BYTES) })
    return answer === undefined ? undefined : parseSeen(answer.message.body)
  }

  /** Where the poke of that id has come from; undefined: it has not. */
  pokedFrom(id: Buffer): Endpoint | undefined {
    return this.#pokes.get(id.toString('hex'))
  }

  #received(data: Buffer, from: Endpoint): void {
    const message = parseReflector(data)
    if (message === undefined) {
      this.onOther?.(data, from)
      return
    }
    const key = message.id.toString('hex')
    if (message.type === 'poke') this.#pokes.set(key, from)
    this.#waiting.get(key)?.({ message, length: data.length, from })
  }
}

/** One string for an endpoint, to compare by. */
export const placeOf = formatEndpoint
