/** What a user agent is told when it is made: whose account, which way out, which wire and clock. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Hop, TransportName } from '../transport/flow.js'
import type { Endpoint, Network, TlsClientOptions, TlsServerOptions } from '../transport/network.js'
import type { Automatic } from './automatic.js'
import type { MediaFactory } from './media-factory.js'
import type { SessionTimerWish } from './session-timer.js'
import type { SharedStack } from './stack.js'

export interface Account {
  readonly user: string
  /** Default: `user`. */
  readonly authUser?: string
  readonly password: string
  /** Host part of the address-of-record. */
  readonly domain: string
  readonly displayName?: string
}

/** Where a request for `uri` (top Route or Request-URI) goes. */
export type HopResolver = (
  uri: string,
  about: { readonly method: string; readonly inDialog: boolean },
) => Hop | Promise<Hop>

/**
 * How the way back is kept open: `crlf` pings a connection (RFC 5626 §4.4.1) and sends CRLFCRLF over UDP, where nobody
 * answers; `stun` asks the SIP port over UDP (RFC 5626 §4.4.2) and takes silence for a dead flow.
 */
export interface KeepAliveWish {
  readonly kind: 'crlf' | 'stun'
  /** Milliseconds between two. */
  readonly everyMs: number
}

export interface UserAgentOptions {
  readonly name: string
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly account: Account
  /** Asked for with each request: a device may go over to another server. */
  readonly outbound: Hop | HopResolver
  readonly localAddress: string
  readonly localPort?: number
  readonly timers: TimerTable
  readonly parseMode: 'strict' | 'fast'
  /** What it listens on, where it makes its own stack. Default `udp` and `tcp`. */
  readonly listen?: readonly TransportName[]
  readonly tls?: Omit<TlsClientOptions, 'serverName'>
  readonly tlsServer?: TlsServerOptions
  /** 100 after 200 ms without an answer, where it makes its own stack. Default true. */
  readonly automaticTrying?: boolean
  /** Shared transport and transactions; without, the agent makes its own. */
  readonly stack?: SharedStack
  readonly media?: MediaFactory
  /** While registered. Default: none. */
  readonly keepAlive?: KeepAliveWish
  /** Seconds asked for when registering. Default 3600. */
  readonly expires?: number
  /**
   * The part of the time until a binding is refreshed that is left to chance, 0 to 1: many devices that registered together do
   * not come back together. Default: 0.
   */
  readonly refreshSpread?: number
  /** What to publish for a local address, where it makes its own stack. */
  readonly advertise?: (transport: TransportName, local: Endpoint) => Endpoint | undefined
  /** Session timers (RFC 4028). Default: it does not know them. */
  readonly sessionTimer?: SessionTimerWish
  /** User part of the Contact. Default: the account's user; with a shared stack a unique token. */
  readonly contactUser?: string
  /** User-Agent and Server header field. Default: none. */
  readonly userAgentHeader?: string
  readonly automatic?: Partial<Automatic>
  /** It says, and can, transfer calls and have its calls transferred: REFER, NOTIFY, Replaces. Default: false. */
  readonly transfers?: boolean
  /** It knows reliable provisional responses (RFC 3262). Default: true; one that transfers does in any case. */
  readonly knowsPrack?: boolean
  /**
   * Told of an error that neither the peer nor the wire can bring about, in work that nobody waits for: a defect of this
   * program. Default: it is thrown, and the process sees an unhandled rejection.
   */
  readonly onDefect?: (error: unknown) => void
}
