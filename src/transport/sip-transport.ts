import type { Clock } from '../clock/clock.js'
import type { SipMessage, SipRequest, SipResponse, Via } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { Flow, Hop, TransportName } from './flow.js'
import type { Endpoint, Family, Network, NetworkError, TlsClientOptions, TlsServerOptions } from './network.js'

export { defaultPort, type Flow, type Hop, isReliable, type TransportName } from './flow.js'

export interface SipTransportOptions {
  readonly network: Network
  readonly clock: Clock
  readonly parseMode: 'strict' | 'fast'
  readonly tlsClient?: Omit<TlsClientOptions, 'serverName'>
  /** Where connections leave from when the hop does not say. */
  readonly localAddress?: string
  /** What to publish for a local address, e.g. a NAT's public one; the local one when it returns undefined. */
  readonly advertise?: (transport: TransportName, local: Endpoint) => Endpoint | undefined
  /** Answer CRLFCRLF on streams with CRLF (RFC 5626 §4.4.1). Default true. */
  readonly answerPings?: boolean
  /** RFC 3263 §5 for responses whose connection is gone and cannot be reopened (RFC 3261 §18.2.2). */
  readonly locateSentBy?: (via: Via) => Promise<readonly Endpoint[]>
  /** Where an answer to this request goes over UDP instead of where the RFCs say: for defects put in on purpose. */
  readonly replyTo?: (request: SipRequest, flow: Flow) => Endpoint | undefined
}

export interface TransportStats {
  received: number
  sent: number
  garbage: number
  keepAlives: number
  stun: number
  sendErrors: number
}

export class SipTransport {
  readonly stats: TransportStats = { received: 0, sent: 0, garbage: 0, keepAlives: 0, stun: 0, sendErrors: 0 }
  onMessage: ((message: SipMessage, flow: Flow, at: number, violations: readonly Violation[]) => void) | undefined
  /** Bytes that are no SIP message, or end the stream they came on. */
  onGarbage: ((bytes: Buffer, flow: Flow, violations: readonly Violation[], at: number) => void) | undefined
  onFlowClosed: ((flow: Flow, error?: NetworkError) => void) | undefined
  /** A connection that a peer opened. */
  onFlowOpened: ((flow: Flow) => void) | undefined
  /** A datagram on the SIP port whose first byte is 0 or 1 (RFC 5626 §8). */
  onStun: ((bytes: Buffer, flow: Flow, at: number) => void) | undefined
  onKeepAlive: ((kind: 'ping' | 'pong', flow: Flow, at: number) => void) | undefined
  /** Every message that went out, retransmissions too. */
  onSent: ((message: SipMessage, flow: Flow, at: number) => void) | undefined
  /** Sees each message before the transaction layer; true swallows it. */
  intercept: ((message: SipMessage, flow: Flow, at: number) => boolean) | undefined

  constructor(_o: SipTransportOptions) {}

  /** @throws NetworkError */
  listen(_o: { transport: TransportName; at: Endpoint; tls?: TlsServerOptions }): Promise<Endpoint> {
    throw new Error('not yet')
  }
  /** The local endpoint to publish in Via and Contact. */
  advertised(_transport: TransportName, _family?: Family): Endpoint {
    throw new Error('not yet')
  }
  listensOn(_transport: TransportName, _family?: Family): boolean {
    throw new Error('not yet')
  }
  /** An open flow for the hop without waiting: always there for UDP. */
  openFlow(_hop: Hop): Flow | undefined {
    throw new Error('not yet')
  }
  flowTo(_hop: Hop): Promise<Flow> {
    throw new Error('not yet')
  }
  flows(): Flow[] {
    throw new Error('not yet')
  }
  send(_message: SipMessage, _hop: Hop): Promise<Flow> {
    throw new Error('not yet')
  }
  /** Sends on this flow now. @throws NetworkError */
  sendOn(_flow: Flow, _message: SipMessage, _bytes?: Uint8Array): void {
    throw new Error('not yet')
  }
  /** Puts our own Via on top of a request: sent-by, `rport`, branch. */
  addVia(_request: SipRequest, _hop: Hop, _branch: string, _rport?: boolean): void {
    throw new Error('not yet')
  }
  sendResponse(_response: SipResponse, _flow: Flow): Promise<Flow> {
    throw new Error('not yet')
  }
  close(): Promise<void> {
    throw new Error('not yet')
  }
}
