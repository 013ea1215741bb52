/** A simulated NAT in front of devices: RFC 4787. */
import type { Clock, Timer } from '../clock/clock.js'
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

/** Behaviour in the terms of RFC 4787 §4.1 and §5. */
export interface NatOptions {
  readonly inner: Network
  readonly clock: Clock
  /** Where the mappings are bound; an address of the inner network. What is of the other family passes untouched. */
  readonly publicAddress: string
  /** What a device on the wildcard believes its address to be; default 10.0.0.2. */
  readonly insideAddress?: string
  /** A UDP mapping is forgotten when nothing went out for so long, milliseconds. */
  readonly mappingTimeoutMs: number
  readonly filtering: 'endpoint-independent' | 'address-and-port-dependent'
  /** Default endpoint-independent: one public port per inside socket. */
  readonly mapping?: 'endpoint-independent' | 'address-and-port-dependent'
}

/** One mapping that lives now. */
export interface NatMapping {
  readonly inside: Endpoint
  readonly outside: Endpoint
  /** The only destination, where the mapping depends on it. */
  readonly peer?: Endpoint
}

/** Inside ports, where none is asked for. */
const FIRST_INSIDE_PORT = 20_000

/**
 * The network of devices behind a NAT, over either wire: each UDP mapping is a socket of the inner network, on the
 * public address and a port of its own. Only outbound datagrams keep a mapping alive (RFC 4787 §4.3 REQ-6). TCP and
 * TLS go out from the public address; nobody gets in.
 *
 * DEVIATION: RFC 4787 REQ-5 wants mappings to live two minutes; real ones live as short as 30 s, so the time is given.
 */
export class NatNetwork implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock
  readonly #options: NatOptions
  readonly #insideAddress: string
  readonly #sockets = new Map<string, NatUdpSocket>()
  #nextPort = FIRST_INSIDE_PORT

  constructor(options: NatOptions) {
    this.kind = options.inner.kind
    this.clock = options.clock
    this.#options = options
    this.#insideAddress = options.insideAddress ?? '10.0.0.2'
  }

  /** The UDP mappings that live now. */
  mappings(): NatMapping[] {
    return [...this.#sockets.values()].flatMap((socket) => socket.mappings())
  }

  /** Forgets all UDP mappings, as a router does that was switched off and on. */
  forget(): void {
    for (const socket of this.#sockets.values()) socket.forget()
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    if (!this.#translates(at.address)) return this.#options.inner.bindUdp(at)
    const address = this.#inside(at.address)
    const port = at.port === 0 ? this.#freePort(address) : at.port
    const local = { address, port }
    const key = formatEndpoint(local)
    if (this.#sockets.has(key)) throw new NetworkError('port-taken', `UDP ${key}: the port is taken`)
    const socket = new NatUdpSocket(this.#options, local, () => this.#sockets.delete(key))
    this.#sockets.set(key, socket)
    return socket
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { inner, publicAddress } = this.#options
    if (!this.#translates(options.remote.address)) return inner.connect(options)
    const connection = await inner.connect({ ...options, localAddress: publicAddress })
    const address = this.#inside(options.localAddress ?? this.#insideAddress)
    return new TranslatedConnection(connection, { address, port: connection.local.port })
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
    return familyOf(address) === familyOf(this.#options.publicAddress)
  }

  #inside(address: string): string {
    return isWildcard(address) ? this.#insideAddress : address
  }

  #freePort(address: string): number {
    while (this.#sockets.has(formatEndpoint({ address, port: this.#nextPort }))) this.#nextPort += 1
    return this.#nextPort++
  }
}

interface Mapping {
  readonly peer: Endpoint | undefined
  /** Undefined while it is being bound. */
  socket: UdpSocket | undefined
  waiting: { data: Buffer; to: Endpoint }[]
  lastOut: number
  expiry: Timer | undefined
  /** When something was last sent to whom: who may answer. */
  readonly sentTo: Map<string, number>
  gone: boolean
}

class NatUdpSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  readonly #options: NatOptions
  readonly #release: () => void
  readonly #byPeer = new Map<string, Mapping>()
  #open = true

  constructor(options: NatOptions, local: Endpoint, release: () => void) {
    this.#options = options
    this.local = local
    this.#release = release
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (!this.#open) return
    const now = this.#options.clock.now()
    const dependent = this.#options.mapping === 'address-and-port-dependent'
    const peer = formatEndpoint(to)
    const key = dependent ? peer : ''
    const mapping = this.#byPeer.get(key) ?? this.#create(key, dependent ? to : undefined)
    mapping.lastOut = now
    mapping.sentTo.set(peer, now)
    if (mapping.socket === undefined) mapping.waiting.push({ data: Buffer.from(data), to })
    else mapping.socket.send(data, to)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.forget()
    this.#release()
  }

  mappings(): NatMapping[] {
    return [...this.#byPeer.values()].flatMap(({ socket, peer }) =>
      socket === undefined
        ? []
        : [{ inside: this.local, outside: socket.local, ...(peer === undefined ? {} : { peer }) }],
    )
  }

  forget(): void {
    for (const [key, mapping] of this.#byPeer) this.#drop(key, mapping)
  }

  #create(key: string, peer: Endpoint | undefined): Mapping {
    const now = this.#options.clock.now()
    const mapping: Mapping = {
      peer,
      socket: undefined,
      waiting: [],
      lastOut: now,
      expiry: undefined,
      sentTo: new Map(),
      gone: false,
    }
    this.#byPeer.set(key, mapping)
    this.#expireLater(key, mapping)
    this.#options.inner.bindUdp({ address: this.#options.publicAddress, port: 0 }).then(
      (socket) => this.#bound(mapping, socket),
      (error: unknown) => {
        this.#drop(key, mapping)
        this.onError?.(error instanceof NetworkError ? error : new NetworkError('other', String(error)))
      },
    )
    return mapping
  }

  #bound(mapping: Mapping, socket: UdpSocket): void {
    if (mapping.gone) {
      socket.close()
      return
    }
    mapping.socket = socket
    socket.onMessage = (data, from, at) => {
      if (!mapping.gone && this.#lets(mapping, from, at)) this.onMessage?.(data, from, at)
    }
    socket.onError = (error) => this.onError?.(error)
    for (const { data, to } of mapping.waiting.splice(0)) socket.send(data, to)
  }

  // RFC 4787 §5.
  #lets(mapping: Mapping, from: Endpoint, at: number): boolean {
    if (this.#options.filtering === 'endpoint-independent') return true
    const sentAt = mapping.sentTo.get(formatEndpoint(from))
    return sentAt !== undefined && at - sentAt < this.#options.mappingTimeoutMs
  }

  #expireLater(key: string, mapping: Mapping): void {
    const { clock, mappingTimeoutMs } = this.#options
    mapping.expiry = clock.after(mapping.lastOut + mappingTimeoutMs - clock.now(), () => {
      if (clock.now() - mapping.lastOut >= mappingTimeoutMs) this.#drop(key, mapping)
      else this.#expireLater(key, mapping)
    })
  }

  #drop(key: string, mapping: Mapping): void {
    mapping.gone = true
    mapping.expiry?.cancel()
    mapping.socket?.close()
    if (this.#byPeer.get(key) === mapping) this.#byPeer.delete(key)
  }
}

/** A connection as the device sees it: from its inside address. */
class TranslatedConnection extends StreamEnd {
  readonly #inner: StreamConnection

  constructor(inner: StreamConnection, local: Endpoint) {
    super(inner.kind, local, inner.remote, inner.tls)
    this.#inner = inner
    inner.onData = (data, at) => this.arrived(data, at)
    inner.onClose = (error) => this.ended(error)
  }

  get open(): boolean {
    return this.#inner.open
  }

  write(data: Uint8Array): void {
    this.#inner.write(data)
  }

  close(): void {
    this.#inner.close()
  }
}
