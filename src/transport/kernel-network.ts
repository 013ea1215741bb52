import type { Clock } from '../clock/clock.js'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  Network,
  StreamConnection,
  StreamListener,
  UdpSocket,
} from './network.js'

/** The sockets of this machine. */
export class KernelNetwork implements Network {
  readonly kind = 'sockets'
  readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
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
