import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
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

/** How a link treats what is sent over it. Shares are between 0 and 1. */
export interface LinkConditions {
  /** One way, milliseconds. */
  readonly delayMs: number
  /** Up to so many milliseconds on top, at random; order is kept. */
  readonly jitterMs: number
  readonly loss: number
  readonly duplicate: number
  /** Share of datagrams that are held back until the next one of the same pair has overtaken them. */
  readonly reorder: number
}

/** Conditions for some of the traffic. `from` and `to` are an address or a CIDR block; what is left out matches all. */
export interface LinkRule {
  readonly from?: string
  readonly to?: string
  readonly transport?: WireTransport
  readonly conditions: Partial<LinkConditions>
}

/** A datagram, or a piece of a stream, that is about to leave. */
export interface Parcel {
  readonly transport: WireTransport
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Buffer
}

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  readonly link?: Partial<LinkConditions>
  /** Addresses that a wildcard socket sends from; default 127.0.0.1 and ::1. */
  readonly host?: { readonly ipv4?: string; readonly ipv6?: string }
}

/** A whole internet in memory: every address exists, and whoever binds one has it. */
export class MemoryNetwork implements Network {
  readonly kind = 'memory'
  readonly clock: Clock
  /** Sees every datagram before it leaves; false loses it. */
  filter: ((parcel: Parcel) => boolean) | undefined

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock
  }

  /** Adds conditions; of the rules that match, the last one added counts. */
  setLink(_rule: LinkRule): { remove(): void } {
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
