/** A simulated NAT in front of devices: RFC 4787. */
import type { Clock } from '../clock/clock.js'
import {
  type ConnectOptions,
  type Endpoint,
  familyOf,
  formatEndpoint,
  isWildcard,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamListener,
  type UdpSocket,
} from '../transport/network.js'
import { StreamEnd } from '../transport/stream-end.js'
import type { NatKind } from './nat-kind.js'
import { type NatMapping, NatUdpSocket } from './nat-udp-socket.js'
import { PublicPorts } from './public-ports.js'

export type { NatKind } from './nat-kind.js'
export type { NatMapping } from './nat-udp-socket.js'

export interface NatOptions extends NatKind {
  readonly inner: Network
  readonly clock: Clock
  /** Where the mappings are bound; an address of the inner network. What is of the other family passes untouched. */
  readonly publicAddress: string
}

/** Mappings that are remembered, of those that were opened. */
const MOST_REMEMBERED = 2_000

/** Inside ports, where none is asked for. */
const FIRST_INSIDE_PORT = 20_000

/**
 * The network of devices behind a NAT, over either wire: each UDP mapping is a socket of the inner network, on the
 * public address and a port of its own. TCP and TLS go out from the public address; nobody gets in. Several devices may be
 * behind it, each with an inside address of its own.
 *
 * DEVIATION: RFC 4787 REQ-5 wants mappings to live two minutes; real ones live as short as 30 s, so the time is given.
 */
export class NatNetwork implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock
  /** Times of the clock (ms) at which UDP mappings were forgotten. */
  readonly forgottenAt: number[] = []
  /** The UDP mappings that were opened so far, those that are gone included. */
  readonly everMapped: NatMapping[] = []
  readonly #options: NatOptions
  readonly #insideAddress: string
  #publicAddress: string
  #ports: PublicPorts
  readonly #sockets = new Map<string, NatUdpSocket>()
  readonly #streams = new Set<TranslatedConnection>()
  #nextPort = FIRST_INSIDE_PORT
  #devices = 0

  constructor(options: NatOptions) {
    const { inner, clock, publicAddress, ports = 'any' } = options
    this.kind = inner.kind
    this.clock = clock
    this.#options = options
    this.#insideAddress = options.insideAddress ?? '10.0.0.2'
    this.#publicAddress = publicAddress
    this.#ports = new PublicPorts({ network: inner, address: publicAddress, choice: ports })
  }

  /** An inside address for one more device: the first one, then those after it. */
  nextInside(): string {
    const [, front = '', last = ''] = /^(.*?)([\da-f]+)$/i.exec(this.#insideAddress) ?? []
    const base = front.includes(':') ? 16 : 10
    return `${front}${(Number.parseInt(last, base) + this.#devices++).toString(base)}`
  }

  /** The UDP mappings that live now. */
  mappings(): NatMapping[] {
    return [...this.#sockets.values()].flatMap((socket) => socket.mappings())
  }

  /** Packets that opened no mapping since their device has used up its ports, so far. */
  get exhausted(): number {
    return this.#ports.exhausted
  }

  /** Forgets all UDP mappings. */
  forget(): void {
    this.forgottenAt.push(this.clock.now())
    for (const socket of this.#sockets.values()) socket.forget()
  }

  /** Is switched off and on: all mappings are forgotten, and what is sent on a connection gets nowhere from now on. */
  restart(): void {
    this.forget()
    for (const stream of this.#streams) stream.forget()
  }

  /** From now on what is inside is seen at this address, and nothing of before is known: the devices are behind another router. */
  moves(publicAddress: string): void {
    const { inner, ports = 'any' } = this.#options
    this.restart()
    this.#publicAddress = publicAddress
    this.#ports = new PublicPorts({ network: inner, address: publicAddress, choice: ports })
  }

  /** Closes what was forgotten and is open on the other side still. */
  close(): void {
    for (const stream of this.#streams) if (stream.isForgotten) stream.abandon()
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    if (!this.#translates(at.address)) return this.#options.inner.bindUdp(at)
    const address = this.#inside(at.address)
    const port = at.port === 0 ? this.#freePort(address) : at.port
    const local = { address, port }
    const key = formatEndpoint(local)
    if (this.#sockets.has(key)) throw new NetworkError('port-taken', `UDP ${key}: the port is taken`)
    const opened = (mapping: NatMapping) => {
      if (this.everMapped.length < MOST_REMEMBERED) this.everMapped.push(mapping)
    }
    const side = { clock: this.clock, kind: this.#options, ports: this.#ports, opened }
    const socket = new NatUdpSocket(side, local, () => this.#sockets.delete(key))
    this.#sockets.set(key, socket)
    return socket
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { inner, streamTimeoutMs } = this.#options
    if (!this.#translates(options.remote.address)) return inner.connect(options)
    const connection = await inner.connect({ ...options, localAddress: this.#publicAddress })
    const address = this.#inside(options.localAddress ?? this.#insideAddress)
    const local = { address, port: connection.local.port }
    const ended = () => this.#streams.delete(translated)
    const translated = new TranslatedConnection(connection, local, { clock: this.clock, streamTimeoutMs, ended })
    this.#streams.add(translated)
    return translated
  }

  /** A device may listen for TCP, but no connection from outside will ever reach it. */
  async listen(options: ListenOptions): Promise<StreamListener> {
    const { at } = options
    if (!this.#translates(at.address)) return this.#options.inner.listen(options)
    const address = this.#inside(at.address)
    const local = { address, port: at.port === 0 ? this.#freePort(address) : at.port }
    return { local, close: () => Promise.resolve() }
  }

  #translates(address: string): boolean {
    return familyOf(address) === familyOf(this.#publicAddress)
  }

  #inside(address: string): string {
    return isWildcard(address) ? this.#insideAddress : address
  }

  #freePort(address: string): number {
    while (this.#sockets.has(formatEndpoint({ address, port: this.#nextPort }))) this.#nextPort += 1
    return this.#nextPort++
  }
}

interface StreamSide {
  readonly clock: Clock
  readonly streamTimeoutMs: number | undefined
  readonly ended: () => void
}

/** A connection as the device sees it: from its inside address, and without an end where the NAT has forgotten it. */
class TranslatedConnection extends StreamEnd {
  readonly #inner: StreamConnection
  readonly #side: StreamSide
  #passedAt: number
  #isForgotten = false
  #isClosed = false

  constructor(inner: StreamConnection, local: Endpoint, side: StreamSide) {
    super(inner.kind, local, inner.remote, inner.tls)
    this.#inner = inner
    this.#side = side
    this.#passedAt = side.clock.now()
    inner.onData = (data, at) => {
      if (this.#passes()) this.arrived(data, at)
    }
    inner.onClose = (error) => {
      side.ended()
      // What the other side says of its end does not come through either.
      if (this.#passes() && !this.#isClosed) this.ended(error)
    }
  }

  get open(): boolean {
    return !this.#isClosed && (this.#isForgotten || this.#inner.open)
  }

  get isForgotten(): boolean {
    return this.#isForgotten
  }

  write(data: Uint8Array): void {
    if (this.#passes()) this.#inner.write(data)
  }

  close(): void {
    if (this.#passes()) {
      this.#inner.close()
      return
    }
    if (this.#isClosed) return
    this.#isClosed = true
    this.#side.clock.after(0, () => this.ended())
  }

  forget(): void {
    this.#isForgotten = true
  }

  /** Ends it on the other side, too. */
  abandon(): void {
    this.#inner.close()
  }

  #passes(): boolean {
    const now = this.#side.clock.now()
    if (now - this.#passedAt >= (this.#side.streamTimeoutMs ?? Number.POSITIVE_INFINITY)) this.#isForgotten = true
    if (!this.#isForgotten) this.#passedAt = now
    return !this.#isForgotten
  }
}
