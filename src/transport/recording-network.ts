/** A network that tells everything that goes over another one. */
import type { Clock } from '../clock/clock.js'
import {
  type ConnectOptions,
  type Endpoint,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamListener,
  type TlsInfo,
  type UdpSocket,
  type WireTransport,
} from './network.js'
import { StreamEnd } from './stream-end.js'
import type { TlsOriginal } from './tls-original.js'

/** One thing that happened on the wire. */
export interface WireEvent {
  /** The clock's reading in the socket's callback, or just before sending. */
  readonly at: number
  readonly kind: 'datagram' | 'data' | 'connect' | 'accept' | 'close' | 'error'
  readonly direction: 'in' | 'out'
  readonly transport: WireTransport
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Numbers the connections of one recording from 1; absent for UDP, and where no connection came about. */
  readonly connection?: number
  /** A copy. Over TLS: the plain text. */
  readonly data?: Buffer
  /** Of a connection over TLS that begins, or does not come about: as it is on the wire, where that is to be kept. */
  readonly original?: TlsOriginal
  readonly note?: string
}

export type NetworkTap = (event: WireEvent) => void

/** Where an error or a listener has no peer. */
const NOWHERE: Endpoint = { address: '', port: 0 }

/**
 * Passes everything on to another network and tells `tap` what went over it, in the order in which it happened: what
 * comes in before its receiver sees it, what goes out before it is handed to the wire.
 */
export class RecordingNetwork implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock
  readonly #inner: Network
  readonly #tap: NetworkTap
  readonly #slab = new Slab()
  readonly #thrown: (error: unknown) => void
  readonly #shares: boolean
  #connections = 0

  /**
   * @param thrown told what a receiver of data throws. Default: it is thrown on, into the callback of the socket.
   * @param shares whoever receives a datagram gets the very bytes that are on record, and must not write into them
   */
  constructor(
    inner: Network,
    tap: NetworkTap,
    thrown = (error: unknown): void => {
      throw error
    },
    shares = false,
  ) {
    this.kind = inner.kind
    this.clock = inner.clock
    this.#inner = inner
    this.#tap = tap
    this.#thrown = thrown
    this.#shares = shares
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    const socket = await this.#inner.bindUdp(at)
    return new RecordedUdpSocket(socket, this.clock, this.#tap, this.#slab, this.#thrown, this.#shares)
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { kind, remote } = options
    try {
      const connection = await this.#inner.connect(options)
      return this.#record(connection, 'connect')
    } catch (error) {
      const local = options.localAddress === undefined ? NOWHERE : { address: options.localAddress, port: 0 }
      this.#tap({
        at: this.clock.now(),
        kind: 'error',
        direction: 'out',
        transport: kind,
        local,
        remote,
        note: describe(error),
        ...(error instanceof NetworkError && error.original ? { original: error.original } : {}),
      })
      throw error
    }
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    return this.#inner.listen({
      ...options,
      onConnection: (connection) => options.onConnection(this.#record(connection, 'accept')),
    })
  }

  #record(connection: StreamConnection, how: 'connect' | 'accept'): RecordedConnection {
    const number = ++this.#connections
    const { local, remote, kind, tls } = connection
    this.#tap({
      at: this.clock.now(),
      kind: how,
      direction: how === 'connect' ? 'out' : 'in',
      transport: kind,
      local,
      remote,
      connection: number,
      ...(tls === undefined ? {} : { note: describeTls(tls) }),
      ...(tls?.original === undefined ? {} : { original: tls.original }),
    })
    return new RecordedConnection(connection, number, this.clock, this.#tap, this.#slab, this.#thrown)
  }
}

class RecordedUdpSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  readonly #inner: UdpSocket
  readonly #clock: Clock
  readonly #tap: NetworkTap
  readonly #slab: Slab

  constructor(
    inner: UdpSocket,
    clock: Clock,
    tap: NetworkTap,
    slab: Slab,
    thrown: (error: unknown) => void,
    shares: boolean,
  ) {
    this.#inner = inner
    this.local = inner.local
    this.#clock = clock
    this.#tap = tap
    this.#slab = slab
    const local = inner.local
    inner.onMessage = (data, from, at) => {
      const copy = slab.copy(data)
      tap({ at, kind: 'datagram', direction: 'in', transport: 'udp', local, remote: from, data: copy })
      try {
        this.onMessage?.(shares ? copy : data, from, at)
      } catch (error) {
        thrown(error)
      }
    }
    inner.onError = (error) => {
      const note = describe(error)
      tap({ at: clock.now(), kind: 'error', direction: 'in', transport: 'udp', local, remote: NOWHERE, note })
      this.onError?.(error)
    }
  }

  send(data: Uint8Array, to: Endpoint): void {
    this.#tap({
      at: this.#clock.now(),
      kind: 'datagram',
      direction: 'out',
      transport: 'udp',
      local: this.local,
      remote: to,
      data: this.#slab.copy(data),
    })
    this.#inner.send(data, to)
  }

  close(): void {
    this.#inner.close()
  }
}

class RecordedConnection extends StreamEnd {
  readonly #inner: StreamConnection
  readonly #number: number
  readonly #clock: Clock
  readonly #tap: NetworkTap
  readonly #slab: Slab
  readonly #thrown: (error: unknown) => void
  #closedByUs = false

  constructor(
    inner: StreamConnection,
    number: number,
    clock: Clock,
    tap: NetworkTap,
    slab: Slab,
    thrown: (error: unknown) => void,
  ) {
    super(inner.kind, inner.local, inner.remote, inner.tls)
    this.#inner = inner
    this.#thrown = thrown
    this.#number = number
    this.#clock = clock
    this.#tap = tap
    this.#slab = slab
    // Recorded when it happens, also where nobody listens yet.
    inner.onData = (data, at) => {
      this.#tell('data', 'in', at, data)
      this.arrived(data, at)
    }
    inner.onClose = (error) => {
      this.#tell(
        error === undefined ? 'close' : 'error',
        this.#closedByUs ? 'out' : 'in',
        clock.now(),
        undefined,
        error,
      )
      this.ended(error)
    }
  }

  get open(): boolean {
    return this.#inner.open
  }

  override get onData(): StreamConnection['onData'] {
    return super.onData
  }

  override set onData(handler: StreamConnection['onData']) {
    super.onData = handler && guarded(handler, this.#thrown)
  }

  override get onClose(): StreamConnection['onClose'] {
    return super.onClose
  }

  override set onClose(handler: StreamConnection['onClose']) {
    super.onClose = handler && guarded(handler, this.#thrown)
  }

  write(data: Uint8Array): void {
    if (!this.#inner.open) return
    this.#tell('data', 'out', this.#clock.now(), data)
    this.#inner.write(data)
  }

  close(): void {
    if (this.#inner.open) this.#closedByUs = true
    this.#inner.close()
  }

  #tell(
    kind: WireEvent['kind'],
    direction: WireEvent['direction'],
    at: number,
    data?: Uint8Array,
    error?: NetworkError,
  ): void {
    this.#tap({
      at,
      kind,
      direction,
      transport: this.kind,
      local: this.local,
      remote: this.remote,
      connection: this.#number,
      ...(data === undefined ? {} : { data: this.#slab.copy(data) }),
      ...(error === undefined ? {} : { note: describe(error) }),
    })
  }
}

function guarded<A extends unknown[]>(handler: (...args: A) => void, thrown: (error: unknown) => void) {
  return (...args: A): void => {
    try {
      handler(...args)
    } catch (error) {
      thrown(error)
    }
  }
}

/** Copies small pieces of memory into large ones, which costs a third of an allocation each. */
class Slab {
  #buffer = Buffer.allocUnsafeSlow(0)
  #used = 0

  copy(data: Uint8Array): Buffer {
    const { length } = data
    if (this.#used + length > this.#buffer.length) {
      if (length > 16_384) return Buffer.from(data)
      this.#buffer = Buffer.allocUnsafeSlow(131_072)
      this.#used = 0
    }
    this.#buffer.set(data, this.#used)
    const copy = this.#buffer.subarray(this.#used, this.#used + length)
    this.#used += length
    return copy
  }
}

function describe(error: unknown): string {
  if (error instanceof NetworkError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

function describeTls(tls: TlsInfo): string {
  const name = tls.serverName === undefined ? '' : `, server name ${tls.serverName}`
  const problem = tls.certificateProblem === undefined ? '' : `; ${tls.certificateProblem}`
  return tls.standIn ? `TLS stand-in${name}` : `${tls.version}, ${tls.cipher}${name}${problem}`
}
