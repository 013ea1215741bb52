/** What a network is to those who send and receive over it: sockets, connections, and what goes wrong with them. */
import type { Clock } from '../clock/clock.js'
import type { Endpoint } from './address.js'
import type { TlsOriginal } from './tls-original.js'

export type StreamKind = 'tcp' | 'tls'
export type WireTransport = 'udp' | StreamKind

export type NetworkErrorCode =
  | 'port-taken'
  | 'unreachable'
  | 'refused'
  | 'closed'
  | 'certificate'
  | 'tls'
  | 'timeout'
  | 'address'
  | 'no-descriptors'
  | 'not-allowed'
  | 'other'

/**
 * What went wrong on a wire. `certificate`: the peer's certificate was refused; `tls`: the handshake failed for another
 * reason; `address`: not a numeric address, or not one of this machine; `no-descriptors`: this process may open no more sockets;
 * `not-allowed`: nothing may be sent there.
 */
export class NetworkError extends Error {
  readonly code: NetworkErrorCode
  /** Of `certificate`: all that is wrong with it. */
  readonly certificate: readonly CertificateFault[]
  /** Of `tls`: how the handshake failed. */
  readonly handshake: HandshakeFault | undefined
  /** Of a handshake that failed: as it was on the wire, where that was to be kept. */
  original: TlsOriginal | undefined

  constructor(
    code: NetworkErrorCode,
    message: string,
    options: ErrorOptions & {
      readonly certificate?: readonly CertificateFault[]
      readonly handshake?: HandshakeFault
    } = {},
  ) {
    super(message, options)
    this.name = 'NetworkError'
    this.code = code
    this.certificate = options.certificate ?? []
    this.handshake = options.handshake
  }
}

/** The remote endpoint of a failed datagram, which the wire notes on the error or its cause. */
export function remoteOf(error: NetworkError): Endpoint | undefined {
  const { cause } = error
  if (typeof cause !== 'object' || cause === null || !('address' in cause) || !('port' in cause)) return undefined
  const { address, port } = cause
  return typeof address === 'string' && typeof port === 'number' ? { address, port } : undefined
}

/** What is wrong with a certificate. Times are Unix milliseconds. */
export type CertificateFault =
  | { readonly kind: 'absent' }
  | { readonly kind: 'expired'; readonly at: number | undefined }
  | { readonly kind: 'not-yet-valid'; readonly at: number | undefined }
  /** It speaks for others; `wildcard`: for a pattern that SIP does not accept (RFC 5922 §7.2). */
  | {
      readonly kind: 'name'
      readonly wanted: string
      readonly carries: readonly string[]
      readonly wildcard: boolean
    }
  | { readonly kind: 'untrusted'; readonly why: 'self-signed' | 'unknown-authority' | 'chain-incomplete' }
  | { readonly kind: 'purpose' }
  | { readonly kind: 'revoked' }
  /** As OpenSSL names it. */
  | { readonly kind: 'other'; readonly code: string }

/** `version`: none in common; `cipher`: none in common, or none that the server's certificate fits; `not-tls`: what answered is no TLS. */
export type HandshakeFault = 'version' | 'cipher' | 'not-tls' | 'other'

/** The way from a socket to one address, for who sends there for minutes. */
export interface Route {
  /** As `UdpSocket.send`. */
  send(data: Uint8Array): void
}

/** A bound UDP socket. Handlers are plain properties; one user per socket. */
export interface UdpSocket {
  readonly local: Endpoint
  /**
   * Sends one datagram. Never throws; what fails comes to `onError`, later. The bytes must not be changed before the
   * event loop has turned, and the kernel may read them later still when its buffer is full.
   */
  send(data: Uint8Array, to: Endpoint): void
  /**
   * True where `data` of `onMessage` is lent for the time of the call, so that whoever keeps it copies it, and what was
   * sent may be changed at once.
   */
  readonly lends?: boolean
  /** Of sockets that lend: memory to write the next datagram into, which so need not be copied. The same for all of a network. */
  readonly room?: (bytes: number) => Buffer
  /** The way to an address, where there is a shorter one than `send`; undefined: there is none, or nothing may be sent there. */
  route?(to: Endpoint): Route | undefined
  /** Of sockets that are looked at from time to time: hands over at once what has come. */
  fetch?(): void
  /** `at` is the clock's reading when the datagram came, as near as it is known. Unless it is lent, the receiver owns `data`. */
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  /** Linux tells a socket that serves many peers nothing of ICMP: silence does not mean that somebody is there. */
  onError: ((error: NetworkError) => void) | undefined
  close(): void
}

/** What the handshake agreed on, and who the peer says it is. */
export interface TlsInfo {
  readonly version: string
  readonly cipher: string
  /** The name asked for (client) or asked of us (server) in the handshake. */
  readonly serverName?: string
  /** The peer's certificate; absent where it sent none. */
  readonly subject?: string
  /** As `DNS:name`, `URI:sip:name`, `IP:address`. */
  readonly subjectAltNames?: readonly string[]
  /** Unix milliseconds. */
  readonly validFrom?: number
  readonly validTo?: number
  /** What is wrong with the peer's certificate, where the client was told to go on regardless (`verify: false`). */
  readonly certificateProblem?: string
  /** The same, one by one. */
  readonly certificateFaults?: readonly CertificateFault[]
  /** True in memory: nothing was encrypted and nothing was checked. */
  readonly standIn: boolean
  /** As it was on the wire, where that was to be kept. */
  readonly original?: TlsOriginal
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

export interface TlsClientOptions {
  /** The domain or numeric address that the certificate must carry, RFC 5922 §7.2. */
  readonly serverName: string
  /** PEM of a private authority, in place of the public ones. */
  readonly ca?: string
  /** False: connect whatever the certificate says, and report it in `TlsInfo.certificateProblem`. */
  readonly verify: boolean
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
}

export interface TlsServerOptions {
  /** PEM, the server's certificate first, then its intermediates. */
  readonly cert: string
  readonly key: string
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
}

/** A TCP or TLS connection. What arrives before `onData` or `onClose` is set is kept until it is. */
export interface StreamConnection {
  readonly kind: StreamKind
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly tls?: TlsInfo
  readonly open: boolean
  /** Never throws; writing to a closed connection does nothing. The bytes must not be changed afterwards. */
  write(data: Uint8Array): void
  onData: ((data: Buffer, at: number) => void) | undefined
  /** Called once when the connection has ended, whichever side ended it, after the last data; never inside `close`. */
  onClose: ((error?: NetworkError) => void) | undefined
  /** Sends what is still to be sent, then closes. */
  close(): void
}

export interface StreamListener {
  readonly local: Endpoint
  /** Stops listening. Accepted connections stay open; unfinished handshakes are dropped. */
  close(): Promise<void>
}

export interface ConnectOptions {
  readonly kind: StreamKind
  readonly remote: Endpoint
  readonly localAddress?: string
  /** Required for `tls`. */
  readonly tls?: TlsClientOptions
  /** Milliseconds for connection and handshake together; default 10,000. */
  readonly timeoutMs?: number
}

export interface ListenOptions {
  readonly kind: StreamKind
  readonly at: Endpoint
  /** Required for `tls`. */
  readonly tls?: TlsServerOptions
  /** A connection, after its handshake. */
  readonly onConnection: (connection: StreamConnection) => void
}

/** The wire. Every promise is rejected with a NetworkError, and with nothing else. */
export interface Network {
  readonly kind: 'sockets' | 'memory'
  /** The clock whose readings stamp what arrives. */
  readonly clock: Clock
  /** Port 0 takes any free port; `0.0.0.0` and `::` take all addresses of their family. */
  bindUdp(at: Endpoint): Promise<UdpSocket>
  connect(options: ConnectOptions): Promise<StreamConnection>
  listen(options: ListenOptions): Promise<StreamListener>
}

export {
  addressBytes,
  addressFromBytes,
  canonicalAddress,
  type Endpoint,
  type Family,
  familyOf,
  formatEndpoint,
  isNumericAddress,
  isWildcard,
  sameEndpoint,
} from './address.js'
