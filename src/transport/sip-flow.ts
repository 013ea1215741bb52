/** The two kinds of Flow: a pair of UDP socket and remote address, and a connection with its framer. */
import type { Via } from '../message/message.js'
import { defaultPort, type Flow, type TransportName } from './flow.js'
import {
  canonicalAddress,
  type Endpoint,
  isNumericAddress,
  NetworkError,
  type StreamConnection,
  type TlsInfo,
  type UdpSocket,
} from './network.js'
import { type FramingFault, StreamFramer } from './stream-framer.js'

/** How many remote addresses a UDP socket remembers; the oldest is forgotten first. */
const REMEMBERED_PAIRS = 20_000

/** A bound UDP socket with the flows over it. */
export class UdpPort {
  readonly socket: UdpSocket
  readonly local: Endpoint
  /** What Via and Contact say. */
  readonly published: Endpoint
  open = true
  readonly #flows = new Map<string, Map<number, UdpFlow>>()
  #count = 0
  #latest: UdpFlow | undefined

  constructor(socket: UdpSocket, local: Endpoint, published: Endpoint) {
    this.socket = socket
    this.local = local
    this.published = published
  }

  /** The flow to or from a remote address; made by `create` when it is new. */
  flow(remote: Endpoint, nextId: () => number, inbound: boolean): UdpFlow {
    const latest = this.#latest
    if (latest !== undefined && latest.remote.port === remote.port && latest.remote.address === remote.address)
      return latest

    const address = canonicalAddress(remote.address)
    let ports = this.#flows.get(address)
    if (ports === undefined) {
      ports = new Map()
      this.#flows.set(address, ports)
    }
    let flow = ports.get(remote.port)
    if (flow === undefined) {
      flow = new UdpFlow(nextId(), this, { address, port: remote.port }, inbound)
      ports.set(remote.port, flow)
      if (++this.#count > REMEMBERED_PAIRS) this.#forgetOldest()
    }
    this.#latest = flow
    return flow
  }

  forget(flow: UdpFlow): void {
    if (this.#latest === flow) this.#latest = undefined
    const ports = this.#flows.get(flow.remote.address)
    if (ports?.get(flow.remote.port) !== flow) return
    ports.delete(flow.remote.port)
    this.#count--
    if (ports.size === 0) this.#flows.delete(flow.remote.address)
  }

  *all(): IterableIterator<UdpFlow> {
    for (const ports of this.#flows.values()) yield* ports.values()
  }

  // A forgotten flow still works for whoever holds it.
  #forgetOldest(): void {
    for (const ports of this.#flows.values()) {
      for (const flow of ports.values()) {
        this.forget(flow)
        return
      }
    }
  }
}

export class UdpFlow implements Flow {
  readonly id: number
  readonly transport = 'udp'
  readonly remote: Endpoint
  readonly inbound: boolean
  readonly port: UdpPort

  constructor(id: number, port: UdpPort, remote: Endpoint, inbound: boolean) {
    this.id = id
    this.port = port
    this.remote = remote
    this.inbound = inbound
  }

  get local(): Endpoint {
    return this.port.local
  }

  get open(): boolean {
    return this.port.open
  }

  sendRaw(data: Uint8Array): void {
    if (!this.port.open) throw closed(this)
    this.port.socket.send(data, this.remote)
  }

  close(): void {
    this.port.forget(this)
  }
}

/** What a connection tells its transport. */
export interface StreamOwner {
  streamMessage(flow: StreamFlow, bytes: Buffer, at: number): void
  streamPings(flow: StreamFlow, count: number, at: number): void
  streamPong(flow: StreamFlow, at: number): void
  streamBroken(flow: StreamFlow, fault: FramingFault, bytes: Buffer, at: number): void
  streamClosed(flow: StreamFlow, error: NetworkError | undefined): void
  /** Told of messages whose end has not come yet. */
  readonly unfinished: { begun(flow: StreamFlow): void; over(flow: StreamFlow): void }
}

export class StreamFlow implements Flow {
  readonly id: number
  readonly transport: TransportName
  readonly inbound: boolean
  /** The name that the peer proved when we connected. */
  readonly serverName: string | undefined
  readonly tls?: TlsInfo
  readonly connection: StreamConnection
  readonly #framer: StreamFramer
  readonly #owner: StreamOwner
  /** Pings of what is being read. */
  #pings = 0
  /** Whole messages that came. */
  taken = 0
  #unfinished = false
  #at = 0

  constructor(
    id: number,
    connection: StreamConnection,
    inbound: boolean,
    serverName: string | undefined,
    owner: StreamOwner,
  ) {
    this.id = id
    this.transport = connection.kind
    this.connection = connection
    this.inbound = inbound
    this.serverName = serverName
    if (connection.tls !== undefined) this.tls = connection.tls
    this.#owner = owner
    this.#framer = new StreamFramer({
      message: (bytes) => {
        this.#answerPings()
        this.taken += 1
        owner.streamMessage(this, bytes, this.#at)
      },
      ping: () => {
        this.#pings += 1
      },
      pong: () => owner.streamPong(this, this.#at),
      broken: (fault, bytes) => owner.streamBroken(this, fault, bytes, this.#at),
    })
    connection.onClose = (error) => owner.streamClosed(this, error)
    connection.onData = (data, at) => {
      this.#at = at
      const { taken } = this
      this.#framer.push(data)
      this.#answerPings()
      const unfinished = this.#framer.buffered > 0
      // A message that has begun since is another one: it has its own time.
      if (unfinished !== this.#unfinished || (unfinished && this.taken !== taken)) {
        this.#unfinished = unfinished
        owner.unfinished[unfinished ? 'begun' : 'over'](this)
      }
    }
  }

  get local(): Endpoint {
    return this.connection.local
  }

  get remote(): Endpoint {
    return this.connection.remote
  }

  get open(): boolean {
    return this.connection.open
  }

  sendRaw(data: Uint8Array): void {
    if (!this.connection.open) throw closed(this)
    // RFC 5626 §4.4.1: a ping of ours makes the next CRLF a pong.
    if (data.length === 4 && data[0] === 13 && data[1] === 10 && data[2] === 13 && data[3] === 10)
      this.#framer.expectPong()

    this.connection.write(data)
  }

  /** RFC 5626 §4.4.1: a double CRLF is answered with a single one, at once; many that came at once in one piece. */
  pong(count: number): void {
    this.connection.write(Buffer.alloc(2 * count, '\r\n'))
  }

  close(): void {
    this.connection.close()
  }

  #answerPings(): void {
    const count = this.#pings
    this.#pings = 0
    if (count > 0) this.#owner.streamPings(this, count, this.#at)
  }
}

function closed(flow: Flow): NetworkError {
  const { address, port } = flow.remote
  return new NetworkError('closed', `${flow.transport.toUpperCase()} to ${address} port ${port} is closed`)
}

/**
 * Where a response goes over UDP, by the topmost Via of its request: RFC 3261 §18.2.2 with RFC 3581 §4 between its
 * second and third step. Undefined when the Via names a host that would have to be looked up.
 */
export function udpReplyTarget(via: Via, source: Endpoint): Endpoint | undefined {
  const sentByPort = via.port ?? defaultPort('udp')
  const maddr = via.params.get('maddr')
  if (maddr !== undefined) {
    const address = bare(maddr)
    return isNumericAddress(address) ? { address, port: sentByPort } : undefined
  }
  if (via.received !== undefined) {
    const address = bare(via.received)
    if (typeof via.rport === 'number') return { address, port: via.rport }
    return { address: isNumericAddress(address) ? address : source.address, port: sentByPort }
  }
  return isNumericAddress(via.host) ? { address: via.host, port: sentByPort } : undefined
}

/** Where a new connection for a response goes when the request's is gone (§18.2.2, first step). */
export function streamReplyTarget(via: Via, flow: Flow): Endpoint {
  const port = via.port ?? defaultPort(flow.transport)
  const host = bare(via.received ?? via.host)
  return { address: isNumericAddress(host) ? host : flow.remote.address, port }
}

function bare(address: string): string {
  return address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address
}
