import type { Clock } from '../clock/clock.js'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  Network,
  StreamConnection,
  StreamListener,
  UdpSocket,
} from '../transport/network.js'

/** In the terms of RFC 4787 §4.1 and §5. */
export interface NatOptions {
  readonly inner: Network
  readonly clock: Clock
  /** Where the mappings are bound; an address of the inner network. */
  readonly publicAddress: string
  /** What the device believes its address to be; default 10.0.0.2. */
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

/** The network of a device behind a NAT, over either wire. */
export class NatNetwork implements Network {
  readonly kind: 'sockets' | 'memory'
  readonly clock: Clock

  constructor(options: NatOptions) {
    this.kind = options.inner.kind
    this.clock = options.clock
  }

  /** The UDP mappings that live now. */
  mappings(): NatMapping[] {
    throw new Error('not yet')
  }

  /** Forgets all UDP mappings, as a router does that was switched off and on. */
  forget(): void {
    throw new Error('not yet')
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
