/** Transport and transactions of one or many user agents, and who of them takes what arrives. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { createResponse } from '../message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import { dialogId } from '../dialog/dialog.js'
import type { TimerTable } from '../transaction/timers.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import { TransactionLayer } from '../transaction/transaction-layer.js'
import {
  type Endpoint,
  type Family,
  type Network,
  NetworkError,
  type TlsClientOptions,
  type TlsServerOptions,
} from '../transport/network.js'
import type { Flow, TransportName } from '../transport/flow.js'
import { ShortLivedMap } from './short-lived-map.js'
import { HookedTransport, type TransmitHook } from './hooked-transport.js'

export interface StackOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly timers: TimerTable
  readonly parseMode: 'strict' | 'fast'
  readonly localAddress: string
  /** Of the UDP socket and the stream listener; 0 or absent: any. TLS listens on the next port, if one is given. */
  readonly localPort?: number
  /** What it listens on. Default `udp` and `tcp`. */
  readonly listen?: readonly TransportName[]
  readonly tlsClient?: Omit<TlsClientOptions, 'serverName'>
  /** Needed to listen on `tls`. */
  readonly tlsServer?: TlsServerOptions
  /** 100 after 200 ms without an answer (RFC 3261 §17.2.1). Default true. */
  readonly automaticTrying?: boolean
  /** Bytes; see TransactionLayerOptions. */
  readonly pathMtu?: number
  /** What to publish for a local address, e.g. a NAT's public one. */
  readonly advertise?: (transport: TransportName, local: Endpoint) => Endpoint | undefined
}

const PORT_ATTEMPTS = 16

/** Who takes what arrives for one dialog. */
export interface DialogOwner {
  handleRequest(tx: ServerTransaction): void
  handleAck(ack: SipRequest, flow: Flow): void
  /** A 2xx to an INVITE whose transaction is gone. */
  handleStray(response: SipResponse, flow: Flow): void
  readonly agent: StackUser
}

/** A user agent, as its stack sees it. */
export interface StackUser {
  readonly contactUser: string
  readonly aorUser: string
  /** False: mute; whatever is for this agent is dropped. */
  listening(): boolean
  /** A request outside of known dialogs, CANCEL without INVITE included. */
  handleRequest(tx: ServerTransaction): void
  handleFlowClosed(flow: Flow): void
  /** The answer to a CRLF keep-alive (RFC 5626 §4.4.1). */
  handlePong(flow: Flow): void
  handleStun(bytes: Buffer, flow: Flow, at: number): boolean
}

/**
 * One transport and one transaction layer, shared by any number of user agents: what arrives goes to the agent that
 * owns the dialog, else to the one whose Contact user, else to the one whose own user part stands in the Request-URI.
 */
export class SharedStack {
  readonly transport: HookedTransport
  readonly transactions: TransactionLayer
  /** Sees every message that the transport hands up, before the transactions; `true` swallows it. */
  intercept: ((message: SipMessage, flow: Flow) => boolean) | undefined
  readonly #o: StackOptions
  readonly #users = new Set<StackUser>()
  readonly #byName = new Map<string, StackUser>()
  readonly #dialogs = new ShortLivedMap<string, DialogOwner>()
  #started: Promise<void> | undefined
  #mute = 0

  constructor(o: StackOptions) {
    this.#o = o
    this.transport = new HookedTransport({
      network: o.network,
      clock: o.clock,
      parseMode: o.parseMode,
      localAddress: o.localAddress,
      ...(o.tlsClient === undefined ? {} : { tlsClient: o.tlsClient }),
      ...(o.advertise === undefined ? {} : { advertise: o.advertise }),
    })
    this.transactions = new TransactionLayer({
      transport: this.transport,
      clock: o.clock,
      timers: o.timers,
      random: o.random,
      ...(o.automaticTrying === undefined ? {} : { automaticTrying: o.automaticTrying }),
      ...(o.pathMtu === undefined ? {} : { pathMtu: o.pathMtu }),
    })
    this.transport.intercept = (message, flow) => this.#intercept(message, flow)
    this.transport.onFlowClosed = (flow) => {
      for (const user of this.#users) user.handleFlowClosed(flow)
    }
    this.transport.onKeepAlive = (kind, flow) => {
      if (kind === 'pong') for (const user of this.#users) user.handlePong(flow)
    }
    this.transport.onStun = (bytes, flow, at) => {
      for (const user of this.#users) if (user.handleStun(bytes, flow, at)) return
    }
    this.transactions.onRequest = (tx) => this.#request(tx)
    this.transactions.onAck = (ack, flow) => {
      this.#dialogs.get(dialogId(ack.callId, ack.to.tag, ack.from.tag))?.handleAck(ack, flow)
    }
    this.transactions.onStray = (response, flow) => {
      // RFC 3261 §13.2.2.4 and RFC 6026 §7.2: only a repeated 2xx is of any use to a user agent.
      if (response.status >= 200 && response.status < 300 && response.cseq.method === 'INVITE')
        this.#dialogs.get(dialogId(response.callId, response.from.tag, response.to.tag))?.handleStray(response, flow)
    }
  }

  /** Sees every message that is about to be put on the wire, whoever made it. */
  get beforeTransmit(): TransmitHook | undefined {
    return this.transport.beforeTransmit
  }
  set beforeTransmit(hook: TransmitHook | undefined) {
    this.transport.beforeTransmit = hook
  }

  /** Binds the sockets; a second call waits for the first. @throws NetworkError */
  start(): Promise<void> {
    this.#started ??= this.#listen()
    return this.#started
  }

  /**
   * Takes other ports, as a device does that comes into another network: nothing arrives at the ones before, and nothing comes
   * over the connections that it had, which nobody has closed. Returns those, for whoever closes them in the end. @throws NetworkError
   */
  async moves(): Promise<readonly Flow[]> {
    const forsaken = this.transport.forsake()
    await this.transport.unlisten()
    await this.#listen()
    return forsaken
  }

  /** Where responses and new requests are expected (Via sent-by, Contact). */
  advertised(transport: TransportName, family?: Family): Endpoint {
    return this.transport.advertised(transport, family)
  }

  attach(user: StackUser): void {
    this.#users.add(user)
    this.#byName.set(user.contactUser, user)
    if (!this.#byName.has(user.aorUser)) this.#byName.set(user.aorUser, user)
  }

  detach(user: StackUser): void {
    this.#users.delete(user)
    for (const name of [user.contactUser, user.aorUser]) if (this.#byName.get(name) === user) this.#byName.delete(name)

    for (const [id, owner] of this.#dialogs.entries()) if (owner.agent === user) this.#dialogs.delete(id)
  }

  /** How many agents are mute; while none is, nothing is looked at for their sake. */
  countMute(change: 1 | -1): void {
    this.#mute += change
  }

  addDialog(id: string, owner: DialogOwner): void {
    this.#dialogs.set(id, owner)
  }

  removeDialog(id: string): void {
    this.#dialogs.delete(id)
  }

  /** Is any agent left on it? */
  get idle(): boolean {
    return this.#users.size === 0
  }

  async close(): Promise<void> {
    this.transactions.close()
    await this.transport.close()
  }

  async #listen(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#listenOnce()
        return
      } catch (error) {
        // Any port may do: one that was free for UDP can be a connection's over TCP.
        const isTaken = error instanceof NetworkError && error.code === 'port-taken'
        if (!isTaken || (this.#o.localPort ?? 0) !== 0 || attempt === PORT_ATTEMPTS) throw error
        await this.transport.unlisten()
      }
    }
  }

  async #listenOnce(): Promise<void> {
    const { localAddress, localPort = 0, listen = ['udp', 'tcp'], tlsServer } = this.#o
    let port = localPort
    for (const transport of listen) {
      const at = { address: localAddress, port: transport === 'tls' && port !== 0 ? port + 1 : port }
      const bound = await this.transport.listen({
        transport,
        at,
        ...(transport === 'tls' && tlsServer !== undefined ? { tls: tlsServer } : {}),
      })
      // UDP and TCP share a number, so that one URI serves both (RFC 3261 §18.2.1).
      port = transport === 'tls' ? port : bound.port
    }
  }

  #intercept(message: SipMessage, flow: Flow): boolean {
    if (this.#mute > 0 && this.#owner(message)?.listening() === false) return true

    return this.intercept?.(message, flow) ?? false
  }

  #owner(message: SipMessage): StackUser | undefined {
    if (this.#users.size === 1) {
      const [only] = this.#users
      return only
    }
    try {
      if (message.kind === 'response') {
        const dialog = this.#dialogs.get(dialogId(message.callId, message.from.tag, message.to.tag))
        return dialog?.agent ?? this.#named(message.from.uri)
      }
      const dialog = this.#dialogs.get(dialogId(message.callId, message.to.tag, message.from.tag))
      return dialog?.agent ?? this.#named(message.uri)
    } catch {
      return undefined
    }
  }

  #named(uri: string): StackUser | undefined {
    try {
      const parsed = parseUri(uri)
      const user = parsed.userDecoded ?? parsed.user
      return user === undefined ? undefined : this.#byName.get(user)
    } catch {
      return undefined
    }
  }

  #request(tx: ServerTransaction): void {
    const { request } = tx
    const { tag } = request.to
    const owner = tag === undefined ? undefined : this.#dialogs.get(dialogId(request.callId, tag, request.from.tag))
    if (owner !== undefined && request.method !== 'CANCEL') {
      owner.handleRequest(tx)
      return
    }
    const [only] = this.#users
    const user = this.#users.size === 1 ? only : this.#named(request.uri)
    if (user !== undefined) {
      user.handleRequest(tx)
      return
    }
    // RFC 3261 §8.2.2.1: nobody here is called that. §9.2, §12.2.2: nor is there such a dialog.
    const status = request.method === 'CANCEL' || tag !== undefined ? 481 : 404
    tx.respond(createResponse(request, status, undefined, { toTag: this.#o.random.token(10) }))
  }
}
