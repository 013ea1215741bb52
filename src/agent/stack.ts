import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { SipMessage } from '../message/message.js'
import type { TransactionLayer } from '../transaction/transaction-layer.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Endpoint, Network, TlsClientOptions, TlsServerOptions } from '../transport/network.js'
import type { SipTransport, TransportName } from '../transport/sip-transport.js'
import type { UserAgent } from './user-agent.js'

export interface StackOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly timers: TimerTable
  readonly parseMode: 'strict' | 'fast'
  readonly localAddress: string
  /** Of the UDP socket and the stream listener; 0 or absent: any. */
  readonly localPort?: number
  /** What it listens on. Default `udp` and `tcp`. */
  readonly listen?: readonly TransportName[]
  readonly tlsClient?: Omit<TlsClientOptions, 'serverName'>
  readonly tlsServer?: TlsServerOptions
}

/**
 * One transport and one transaction layer, shared by any number of user agents: what arrives goes to the agent that
 * owns the dialog, else to the one whose Contact user stands in the Request-URI.
 */
export class SharedStack {
  constructor(o: StackOptions) {
    void o
  }
  get transport(): SipTransport {
    throw new Error('not yet')
  }
  get transactions(): TransactionLayer {
    throw new Error('not yet')
  }
  start(): Promise<void> {
    return Promise.reject(new Error('not yet'))
  }
  /** Where responses and new requests are expected (Via sent-by, Contact). */
  advertised(transport: TransportName): Endpoint {
    void transport
    throw new Error('not yet')
  }
  attach(agent: UserAgent): void {
    void agent
  }
  detach(agent: UserAgent): void {
    void agent
  }
  /** Watches every message that the transport hands up, before the transactions; `true` swallows it. */
  intercept?: ((message: SipMessage) => boolean) | undefined
  close(): Promise<void> {
    return Promise.resolve()
  }
}
