/** What a SIP message travels on: one connection, or for UDP one pair of our socket and a remote address. */
import type { Endpoint, TlsInfo } from './network.js'

export type TransportName = 'udp' | 'tcp' | 'tls'

/**
 * A way to one peer. Over TCP and TLS it is a connection; over UDP it is the pair of our socket and the peer's address,
 * so that an answer leaves from the very address and port that the question reached (RFC 3581 §4).
 */
export interface Flow {
  /** Unique within its SipTransport, counted from 1. */
  readonly id: number
  readonly transport: TransportName
  readonly local: Endpoint
  readonly remote: Endpoint
  /** True when the peer spoke first (UDP) or opened the connection. */
  readonly inbound: boolean
  readonly open: boolean
  readonly tls?: TlsInfo
  /** Puts bytes on the wire as they are. Throws a NetworkError when the flow is closed. */
  sendRaw(data: Uint8Array): void
  /** Closes the connection; for UDP forgets the pair (the socket stays). */
  close(): void
}

/** Where a request goes next: the outcome of RFC 3263, or a flow that is to be used and no other. */
export interface Hop {
  readonly transport: TransportName
  readonly remote: Endpoint
  /** TLS: the name that the peer's certificate must carry (RFC 5922 §7.2). */
  readonly serverName?: string
  /** This very flow, or a transport error when it is closed. Without it an open connection is reused, or one is opened. */
  readonly flow?: Flow
  /** Which of several local addresses to send from; the first that listens in the right family when absent. */
  readonly localAddress?: string
}

/** True for the transports that neither lose nor reorder (RFC 3261 §17: no retransmission, zero wait states). */
export function isReliable(transport: TransportName): boolean {
  return transport !== 'udp'
}

/** The port that an absent port stands for (RFC 3261 §18.1.1, §19.1.2). */
export function defaultPort(transport: TransportName): number {
  return transport === 'tls' ? 5061 : 5060
}
