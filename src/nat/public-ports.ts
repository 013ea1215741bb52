/** The public ports of a NAT: which one a mapping gets (RFC 4787 §4.2, RFC 6888), and who of those that share one is meant. */
import { type Endpoint, type Network, NetworkError, type UdpSocket } from '../transport/network.js'
import type { Mapping } from './nat-mapping.js'
import type { NatKind, PortBlocks } from './nat-kind.js'

/** Takes what has come for a mapping. `from`: as the device is to see it. */
type Deliver = (data: Buffer, from: Endpoint, at: number) => void

export class PublicPort {
  readonly socket: UdpSocket
  readonly #users = new Map<Mapping, Deliver>()

  constructor(socket: UdpSocket) {
    this.socket = socket
    socket.onMessage = (data, from, at) => this.arrived(data, from, at)
  }

  get isFree(): boolean {
    return this.#users.size === 0
  }

  add(mapping: Mapping, deliver: Deliver): void {
    this.#users.set(mapping, deliver)
  }

  remove(mapping: Mapping): void {
    this.#users.delete(mapping)
  }

  /** @param shown the source that the device is to see */
  arrived(data: Buffer, from: Endpoint, at: number, shown: Endpoint = from): void {
    // Of mappings that share the port, the one that spoke to this peer last.
    let latest: { readonly mapping: Mapping; readonly deliver: Deliver; readonly sentAt: number } | undefined
    for (const [mapping, deliver] of this.#users) {
      const sentAt = mapping.openFor(from, at)
      if (sentAt !== undefined && (latest === undefined || sentAt > latest.sentAt))
        latest = { mapping, deliver, sentAt }
    }
    if (latest === undefined) return
    latest.mapping.received(from, at)
    latest.deliver(data, shown, at)
  }
}

interface PublicPortsOptions {
  readonly network: Network
  /** Where they are bound. */
  readonly address: string
  readonly choice: NonNullable<NatKind['ports']>
}

export class PublicPorts {
  readonly #options: PublicPortsOptions
  readonly #open = new Map<number, PublicPort>()
  /** The first ports of the blocks that subscribers, inside addresses, have. */
  readonly #blocks = new Map<string, number[]>()
  /** Mappings that got no port since their subscriber has used up its own, so far. */
  exhausted = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PublicPortsOptions) {
    this.#options = options
  }

  /** The port that an endpoint is; undefined: it is none of this NAT. */
  at({ address, port }: Endpoint): PublicPort | undefined {
    return address === this.#options.address ? this.#open.get(port) : undefined
  }

  /** A port for one more mapping of this device; undefined: it has used up its own. @throws NetworkError */
  async take(inside: Endpoint, mapping: Mapping, deliver: Deliver): Promise<PublicPort | undefined> {
    const { choice } = this.#options
    // One after the other where they want certain ports: two must not try the same.
    const turn = choice === 'any' ? this.#bind(0) : this.#turn.then(() => this.#choose(inside, choice))
    if (choice !== 'any') this.#turn = turn.catch(() => {})
    const port = await turn
    if (port === undefined) this.exhausted += 1
    else port.add(mapping, deliver)
    return port
  }

  give(port: PublicPort, mapping: Mapping): void {
    port.remove(mapping)
    if (!port.isFree) return
    port.socket.close()
    this.#open.delete(port.socket.local.port)
  }

  async #choose(inside: Endpoint, choice: 'preserved' | 'overloaded' | PortBlocks): Promise<PublicPort | undefined> {
    if (typeof choice === 'object') return this.#ofBlocks(inside.address, choice)
    const same = this.#open.get(inside.port)
    if (same !== undefined && choice === 'overloaded') return same
    return (same === undefined ? await this.#tryBind(inside.port) : undefined) ?? this.#bind(0)
  }

  async #ofBlocks(subscriber: string, choice: PortBlocks): Promise<PublicPort | undefined> {
    const own = this.#blocks.get(subscriber) ?? []
    this.#blocks.set(subscriber, own)
    for (;;) {
      for (const first of own) {
        for (let port = first; port < first + choice.blockSize; port += 1) {
          // oxlint-disable-next-line no-await-in-loop -- the first that is free
          const found = this.#open.has(port) ? undefined : await this.#tryBind(port)
          if (found !== undefined) return found
        }
      }
      const next = this.#freeBlock(choice)
      if (next === undefined || own.length >= choice.blocksEach) return undefined
      own.push(next)
    }
  }

  #freeBlock({ first, last, blockSize }: PortBlocks): number | undefined {
    const taken = new Set([...this.#blocks.values()].flat())
    for (let block = first; block + blockSize - 1 <= last; block += blockSize) if (!taken.has(block)) return block
    return undefined
  }

  /** Undefined: somebody else of this machine has it. */
  async #tryBind(port: number): Promise<PublicPort | undefined> {
    try {
      return await this.#bind(port)
    } catch (error) {
      if (error instanceof NetworkError && ['port-taken', 'not-allowed'].includes(error.code)) return undefined
      throw error
    }
  }

  async #bind(port: number): Promise<PublicPort> {
    const opened = new PublicPort(await this.#options.network.bindUdp({ address: this.#options.address, port }))
    this.#open.set(opened.socket.local.port, opened)
    return opened
  }
}
