import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { SipMessage, SipRequest } from '../message/message.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Network, TlsClientOptions, TlsServerOptions } from '../transport/network.js'
import type { Hop, TransportName } from '../transport/sip-transport.js'
import type { Automatic } from './automatic.js'
import { automaticDefaults } from './automatic.js'
import type { Answer, Call, IncomingCall, InviteOptions, OutgoingCall } from './call.js'
import type { AgentEvent } from './events.js'
import type { Exchange, OutOfDialogOptions } from './exchange.js'
import type { MediaFactory } from './media-factory.js'
import type { RegisterOptions, RegisterOutcome } from './registration.js'
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

export interface UserAgentOptions {
  readonly name: string
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly account: Account
  readonly outbound: Hop | HopResolver
  readonly localAddress: string
  readonly localPort?: number
  readonly timers: TimerTable
  readonly parseMode: 'strict' | 'fast'
  /** What it listens on, where it makes its own stack. Default `udp` and `tcp`. */
  readonly listen?: readonly TransportName[]
  readonly tls?: Omit<TlsClientOptions, 'serverName'>
  readonly tlsServer?: TlsServerOptions
  /** Shared transport and transactions; without, the agent makes its own. */
  readonly stack?: SharedStack
  readonly media?: MediaFactory
  /** `crlf` (RFC 5626 §3.5.1 on streams, a lone CRLF pair on UDP), `stun` on UDP; milliseconds between. Default: none. */
  readonly keepAlive?: { readonly kind: 'crlf' | 'stun'; readonly everyMs: number }
  /** Seconds asked for when registering. Default 3600. */
  readonly expires?: number
  /** Put the address that `received` and `rport` of a response tell into Contact (RFC 3581). */
  readonly contactFromRport?: boolean
  /** User part of the Contact. Default: the account's user; with a shared stack a unique token. */
  readonly contactUser?: string
  /** In-dialog requests follow the route set (default), or always go to `outbound`. */
  readonly inDialogHop?: 'route' | 'outbound'
  readonly userAgentHeader?: string
  readonly automatic?: Partial<Automatic>
  /** Sees every message that the agent or its transactions are about to send; may alter it, `undefined` swallows it. */
  readonly beforeSend?: (message: SipMessage) => SipMessage | undefined
  readonly observe?: (e: AgentEvent) => void
}

/** A telephone: registers, calls, is called. RFC 3261 §8 to §15, §22. */
export class UserAgent {
  readonly name: string
  readonly account: Account
  /** Live switches; new calls copy them. */
  readonly automatic: Automatic
  /** Current and past calls that have not ended. */
  readonly calls: ReadonlySet<Call> = new Set()
  /** Decides about a new call. Absent: 480. */
  onCall?: ((call: IncomingCall) => void) | undefined
  /** Decides about any other request outside of calls; `undefined` leaves it to the agent, `'nothing'` leaves it unanswered. */
  onRequest?: ((request: SipRequest) => Answer | 'nothing' | undefined) | undefined
  /** See UserAgentOptions.beforeSend. */
  beforeSend?: ((message: SipMessage) => SipMessage | undefined) | undefined
  observe?: ((e: AgentEvent) => void) | undefined

  constructor(o: UserAgentOptions) {
    this.name = o.name
    this.account = o.account
    this.automatic = { ...automaticDefaults(), ...o.automatic }
  }

  get stack(): SharedStack {
    throw new Error('not yet')
  }
  /** Address-of-record, `sip:user@domain`. */
  get aor(): string {
    return `sip:${this.account.user}@${this.account.domain}`
  }
  /** The URI it is reached at, as in Contact. */
  get contactUri(): string {
    throw new Error('not yet')
  }
  get registered(): boolean {
    return false
  }

  /** Binds its sockets. */
  start(): Promise<void> {
    return Promise.reject(new Error('not yet'))
  }
  /** Adds or refreshes the binding and keeps it (RFC 3261 §10.2); never throws for what the target does. */
  register(o?: RegisterOptions): Promise<RegisterOutcome> {
    return Promise.reject(new Error(`not yet ${String(o)}`))
  }
  /** Removes this agent's binding (`all`: Contact `*`). Resolves undefined where there is none. */
  unregister(o?: { readonly all?: boolean }): Promise<RegisterOutcome | undefined> {
    return Promise.reject(new Error(`not yet ${String(o)}`))
  }
  /** A request outside of dialogs. `uri`: a SIP URI, or a user of the account's domain. */
  request(method: string, uri: string, o?: OutOfDialogOptions): Promise<Exchange> {
    return Promise.reject(new Error(`not yet ${method} ${uri} ${String(o)}`))
  }
  /** Calls a SIP URI, or a user or number of the account's domain. Returns at once. */
  invite(to: string, o?: InviteOptions): OutgoingCall {
    throw new Error(`not yet ${to} ${String(o)}`)
  }
  /** Hangs up every call, removes the binding, closes; ends within `withinMs` (default 3000) even if the target is mute. */
  stop(o?: { readonly withinMs?: number }): Promise<void> {
    return Promise.reject(new Error(`not yet ${String(o)}`))
  }
}
