/** A network that sends nothing to where nothing may be sent: the one gate that every packet of a run goes through. */
import type { Clock } from '../clock/clock.js'
import {
  type ConnectOptions,
  type Endpoint,
  formatEndpoint,
  type ListenOptions,
  type Network,
  NetworkError,
  type Route,
  type StreamConnection,
  type StreamListener,
  type TlsInfo,
  type UdpSocket,
  type WireTransport,
} from './network.js'

/** Decides what may leave. */
export interface Gate<Why extends string = string> {
  /** Why nothing may be sent there; undefined: it may. */
  refuses(remote: Endpoint): Why | undefined
  /** Told each socket of ours, before anything is sent from it. */
  opened?(local: Endpoint): void
  /** Told where something has come from. */
  heard?(remote: Endpoint): void
  /** Whether a call to this URI must not leave. */
  forbids?(uri: string): boolean
}

/** Something that was not sent. */
export interface Refusal<Why extends string = string> {
  readonly at: number
  /** `dialling`: an emergency or premium number in a Request-URI or Refer-To. */
  readonly why: Why | 'dialling'
  readonly transport: WireTransport
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Lent; absent where a connection was to be opened. */
  readonly data?: Uint8Array
  /** Of `dialling`. */
  readonly uri?: string | undefined
}

export type RefusalTap<Why extends string = string> = (refusal: Refusal<Why>) => void

const NOWHERE: Endpoint = { address: '', port: 0 }

/**
 * Passes on to another network what the gate lets through. A datagram that it does not is dropped, and a SIP message's
 * sender is told of it as of a failed transport; a connection is not opened. What comes in is not touched.
 */
export class GatedNetwork<Why extends string> implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock
  /** What it sends over. */
  readonly inner: Network
  readonly #keeper: Keeper<Why>

  constructor(inner: Network, gate: Gate<Why>, tap?: RefusalTap<Why>) {
    this.kind = inner.kind
    this.clock = inner.clock
    this.inner = inner
    this.#keeper = { clock: inner.clock, gate, tap: tap ?? (() => {}) }
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    const socket = await this.inner.bindUdp(at)
    this.#keeper.gate.opened?.(socket.local)
    return new GatedUdpSocket(socket, this.#keeper)
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { kind, remote, localAddress } = options
    const { clock, gate, tap } = this.#keeper
    const why = gate.refuses(remote)
    if (why !== undefined) {
      const local = localAddress === undefined ? NOWHERE : { address: localAddress, port: 0 }
      tap({ at: clock.now(), why, transport: kind, local, remote })
      throw refused(kind, remote)
    }
    const connection = await this.inner.connect(options)
    gate.opened?.(connection.local)
    return new GatedConnection(connection, this.#keeper)
  }

  async listen(options: ListenOptions): Promise<StreamListener> {
    const { gate } = this.#keeper
    const listener = await this.inner.listen({
      ...options,
      onConnection: (connection) => {
        gate.heard?.(connection.remote)
        options.onConnection(new GatedConnection(connection, this.#keeper))
      },
    })
    gate.opened?.(listener.local)
    return listener
  }
}

interface Keeper<Why extends string> {
  readonly clock: Clock
  readonly gate: Gate<Why>
  readonly tap: RefusalTap<Why>
}

class GatedUdpSocket<Why extends string> implements UdpSocket {
  readonly local: Endpoint
  fetch?: () => void
  readonly room?: (bytes: number) => Buffer
  readonly #inner: UdpSocket
  readonly #keeper: Keeper<Why>
  #onError: ((error: NetworkError) => void) | undefined
  /** The last one that was let through: streams send to the same for minutes. */
  #admitted: Endpoint | undefined

  constructor(inner: UdpSocket, keeper: Keeper<Why>) {
    this.#inner = inner
    this.#keeper = keeper
    this.local = inner.local
    const { room } = inner
    if (inner.fetch !== undefined) this.fetch = () => inner.fetch?.()
    if (room !== undefined) this.room = room
    inner.onError = (error) => this.#onError?.(error)
  }

  get lends(): boolean {
    return this.#inner.lends === true
  }

  get onMessage(): UdpSocket['onMessage'] {
    return this.#inner.onMessage
  }

  set onMessage(handler: UdpSocket['onMessage']) {
    const { gate } = this.#keeper
    this.#inner.onMessage =
      handler === undefined || gate.heard === undefined
        ? handler
        : (data, from, at) => {
            gate.heard?.(from)
            handler(data, from, at)
          }
  }

  get onError(): UdpSocket['onError'] {
    return this.#onError
  }

  set onError(handler: UdpSocket['onError']) {
    this.#onError = handler
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (to !== this.#admitted || isLetter(data[0])) {
      const { clock, gate, tap } = this.#keeper
      const why = gate.refuses(to)
      const uri = why === undefined ? forbiddenIn(data, gate) : undefined
      if (why !== undefined || uri !== undefined) {
        const about = { at: clock.now(), transport: 'udp', local: this.local, remote: to, data } as const
        tap(why === undefined ? { ...about, why: 'dialling', uri: uri ?? '' } : { ...about, why })
        // RFC 3261 §18.4: who sent a message learns that it did not go out.
        if (isLetter(data[0])) queueMicrotask(() => this.#onError?.(refused('udp', to)))
        return
      }
      this.#admitted = to
    }
    this.#inner.send(data, to)
  }

  /** What goes this way is no message, which would have to be looked at each time. */
  route(to: Endpoint): Route | undefined {
    return this.#keeper.gate.refuses(to) === undefined ? this.#inner.route?.(to) : undefined
  }

  close(): void {
    this.#inner.close()
  }
}

class GatedConnection<Why extends string> implements StreamConnection {
  readonly kind: StreamConnection['kind']
  readonly local: Endpoint
  readonly remote: Endpoint
  declare readonly tls?: TlsInfo
  readonly #inner: StreamConnection
  readonly #keeper: Keeper<Why>

  constructor(inner: StreamConnection, keeper: Keeper<Why>) {
    this.#inner = inner
    this.#keeper = keeper
    this.kind = inner.kind
    this.local = inner.local
    this.remote = inner.remote
    if (inner.tls !== undefined) this.tls = inner.tls
  }

  get open(): boolean {
    return this.#inner.open
  }

  get onData(): StreamConnection['onData'] {
    return this.#inner.onData
  }

  set onData(handler: StreamConnection['onData']) {
    this.#inner.onData = handler
  }

  get onClose(): StreamConnection['onClose'] {
    return this.#inner.onClose
  }

  set onClose(handler: StreamConnection['onClose']) {
    this.#inner.onClose = handler
  }

  write(data: Uint8Array): void {
    const { clock, gate, tap } = this.#keeper
    // Also on a connection that the other side has opened.
    const why = gate.refuses(this.remote)
    const uri = why === undefined ? forbiddenIn(data, gate) : undefined
    if (why === undefined && uri === undefined) {
      this.#inner.write(data)
      return
    }
    const about = { at: clock.now(), transport: this.kind, local: this.local, remote: this.remote, data }
    tap(why === undefined ? { ...about, why: 'dialling', uri: uri ?? '' } : { ...about, why })
  }

  close(): void {
    this.#inner.close()
  }
}

const isLetter = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a

/** Requests that reach somebody else: what they name is dialled. */
const REACHING = /^(INVITE|MESSAGE|REFER) +(\S+)/
const REFER_TO = /\n(?:Refer-To|r)[ \t]*:[ \t]*(?:[^<\r\n]*<)?([^>\r\n]+)/i
/** The header lines of a request stand in its first bytes. */
const LOOKED_AT = 4096

/** The URI that a message would have somebody call, where it must not. */
function forbiddenIn(data: Uint8Array, gate: Gate): string | undefined {
  const first = data[0]
  // I, M, R: the hot path never comes further.
  if (gate.forbids === undefined || (first !== 0x49 && first !== 0x4d && first !== 0x52)) return undefined
  const text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, LOOKED_AT)).toString('latin1')
  const [, method, uri = ''] = REACHING.exec(text) ?? []
  if (method === undefined) return undefined
  const referred = method === 'REFER' ? REFER_TO.exec(text)?.[1] : undefined
  return [uri, referred].find((one) => one !== undefined && gate.forbids?.(one) === true)
}

function refused(transport: WireTransport, remote: Endpoint): NetworkError {
  return new NetworkError(
    'not-allowed',
    `nothing is sent to ${formatEndpoint(remote)} over ${transport.toUpperCase()}: the target file does not allow it`,
    { cause: remote },
  )
}
