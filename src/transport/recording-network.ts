import type { Clock } from '../clock/clock.js'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  Network,
  StreamConnection,
  StreamListener,
  UdpSocket,
  WireTransport,
} from './network.js'

/** One thing that happened on the wire. */
export interface WireEvent {
  /** The clock's reading in the socket's callback, or just before sending. */
  readonly at: number
  readonly kind: 'datagram' | 'data' | 'connect' | 'accept' | 'close' | 'error'
  readonly direction: 'in' | 'out'
  readonly transport: WireTransport
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Numbers the connections of one recording from 1; absent for UDP. */
  readonly connection?: number
  /** A copy. Over TLS: the plain text. */
  readonly data?: Buffer
  readonly note?: string
}

export type NetworkTap = (event: WireEvent) => void

/** Passes everything on to another network and tells `tap` what went over it. */
export class RecordingNetwork implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock

  constructor(inner: Network, _tap: NetworkTap) {
    this.kind = inner.kind
    this.clock = inner.clock
  }

  bindUdp(_at: Endpoint): Promise<UdpSocket> {
    throw new Error('not yet')
  }

  connect(_options: ConnectOptions): Promise<StreamConnection> {
    throw new Error('not yet')
  }

  listen(_options: ListenOptions): Promise<StreamListener> {
    throw new Error('not yet')
  }
}
