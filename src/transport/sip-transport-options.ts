/** What a SIP transport is told when it is made. */
import type { Clock } from '../clock/clock.js'
import type { SipMessage, Via } from '../message/message.js'
import type { Flow, TransportName } from './flow.js'
import type { Endpoint, Network, TlsClientOptions } from './network.js'

export interface SipTransportOptions {
  readonly network: Network
  readonly clock: Clock
  readonly parseMode: 'strict' | 'fast'
  /** TLS towards servers. Certificates are verified unless this says otherwise. */
  readonly tlsClient?: Omit<TlsClientOptions, 'serverName'>
  /** Where connections leave from when the hop does not say, and what a wildcard socket publishes. */
  readonly localAddress?: string
  /** Where nothing is bound at a hop's own local address, datagrams leave from another one of that family. Default: a port is taken there. */
  readonly leavesFromAny?: boolean
  /** What to publish for a local address, e.g. a NAT's public one; the local one when it returns undefined. */
  readonly advertise?: (transport: TransportName, local: Endpoint) => Endpoint | undefined
  /** Answer CRLFCRLF on streams with CRLF (RFC 5626 §4.4.1). Default true. */
  readonly answerPings?: boolean
  /** A connection on which a message has begun is closed when its end does not come within so many milliseconds. Default: never. */
  readonly messageWithinMs?: number
  /** RFC 3263 §5 for responses whose connection is gone and cannot be reopened (RFC 3261 §18.2.2). */
  readonly locateSentBy?: (via: Via) => Promise<readonly Endpoint[]>
  /** Where an answer to this request goes over UDP instead of where the RFCs say: for defects put in on purpose. */
  readonly replyTo?: (request: SipMessage, flow: Flow) => Endpoint | undefined
}
