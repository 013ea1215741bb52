/**
 * The driver of all transactions over one transport: finds the transaction a message belongs to (RFC 3261 §17.1.3,
 * §17.2.3, §9.2), makes new ones, and keeps their timers.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { formatVia, ParseError, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import { NetworkError } from '../transport/network.js'
import { type Flow, type Hop, isReliable, type SipTransport } from '../transport/sip-transport.js'
import { Client, type ClientHost, type ClientTable } from './client-transaction.js'
import { Deadlines, type Waiting } from './deadlines.js'
import { inviteClient } from './invite-client.js'
import { inviteServer } from './invite-server.js'
import { ownString } from './kept-message.js'
import { nonInviteClient } from './non-invite-client.js'
import { nonInviteServer } from './non-invite-server.js'
import { Server, type ServerHost, type ServerMatch, type ServerTable } from './server-transaction.js'
import type { TimerTable } from './timers.js'
import type { ClientTransaction, ClientUser, ServerTransaction } from './transaction.js'

export type { ClientTransaction, ClientUser, ServerTransaction } from './transaction.js'

/** RFC 3261 §8.1.1.7: branches that begin so are unique. */
export const MAGIC_COOKIE = 'z9hG4bK'

/** RFC 3261 §18.1.1: the longest request over UDP when the path MTU is unknown, and how far below a known one to stay. */
const LONGEST_DATAGRAM = 1300
const MTU_MARGIN = 200

const DONE = Promise.resolve()

export interface TransactionLayerOptions {
  readonly transport: SipTransport
  readonly clock: Clock
  readonly timers: TimerTable
  readonly random: Random
  /** Send 100 when the user is slow (RFC 3261 §17.2.1, RFC 4320 §4.1). Default true. */
  readonly automaticTrying?: boolean
  /** Path MTU in bytes (RFC 3261 §18.1.1). Unknown when absent; `Infinity`: requests never leave UDP. */
  readonly pathMtu?: number
}

export interface RequestOptions {
  /** `add` (default): puts our Via on top. `keep`: the topmost Via is already the right one. */
  readonly via?: 'add' | 'keep'
  /** The branch to use; a fresh one when absent. */
  readonly branch?: string
  /** Ask for RFC 3581 `rport`. Default true. */
  readonly rport?: boolean
}

export class TransactionLayer {
  /** A new request; a CANCEL only when no transaction took it (`cancels` tells why); never an ACK. */
  onRequest: ((tx: ServerTransaction) => void) | undefined
  /** An ACK that no transaction absorbed: for a 2xx, or stray. */
  onAck: ((ack: SipRequest, flow: Flow) => void) | undefined
  /** A response that no transaction has a use for. Dropped unless somebody wants to see it (RFC 6026 §7.2). */
  onStray: ((response: SipResponse, flow: Flow) => void) | undefined
  /** A message without what transactions need (Via, CSeq, …); it went nowhere else. */
  onMalformed: ((message: SipMessage, flow: Flow, violations: readonly Violation[]) => void) | undefined

  readonly timers: TimerTable
  readonly #transport: SipTransport
  readonly #clock: Clock
  readonly #random: Random
  readonly #longestDatagram: number
  readonly #deadlines: Deadlines
  /** By branch; a CANCEL's branch is its INVITE's, so its key has a prefix. */
  readonly #clients = new Map<string, Client>()
  /** By branch, the first of a chain of those that share it. */
  readonly #servers = new Map<string, Server>()
  #serverCount = 0
  /** Requests without To tag by From tag, Call-ID and CSeq (RFC 3261 §8.2.2.2). */
  readonly #ongoing = new Map<string, Server>()
  readonly #toPack: { pack(): void }[] = []
  readonly #clientHost: ClientHost
  readonly #serverHost: ServerHost

  constructor(o: TransactionLayerOptions) {
    this.#transport = o.transport
    this.#clock = o.clock
    this.#random = o.random
    this.timers = o.timers
    this.#longestDatagram = o.pathMtu === undefined ? LONGEST_DATAGRAM : o.pathMtu - MTU_MARGIN
    this.#deadlines = new Deadlines(o.clock)
    this.#clientHost = this.#makeClientHost()
    this.#serverHost = this.#makeServerHost(
      o.automaticTrying === false
        ? { ...o.timers, trying: Number.POSITIVE_INFINITY, tryingNonInvite: Number.POSITIVE_INFINITY }
        : o.timers,
    )
    o.transport.user = {
      received: (message, flow, at, violations) => this.#received(message, flow, at, violations),
      failed: (flow, error) => this.#failed(flow, error),
    }
  }

  /** Transactions that live now. */
  get size(): { readonly client: number; readonly server: number } {
    return { client: this.#clients.size, server: this.#serverCount }
  }

  /** A branch that nobody else has. */
  newBranch(): string {
    return MAGIC_COOKIE + this.#random.token(20)
  }

  /**
   * Sends a request in a transaction of its own. The request is changed: our Via comes on top. Never for ACK: that is
   * `sendStateless`.
   */
  request(request: SipRequest, hop: Hop, user: ClientUser, o: RequestOptions = {}): ClientTransaction {
    return this.#start(request, hop, user, o)
  }

  /**
   * Sends a request outside any transaction: the ACK for a 2xx (RFC 3261 §17.1), or what a stateless proxy forwards. The
   * request is changed: our Via comes on top. To repeat it use the transport's `send` or `sendOn`. @throws NetworkError
   */
  async sendStateless(request: SipRequest, hop: Hop, o: RequestOptions = {}): Promise<Flow> {
    const transport = this.#transport
    const via = o.via ?? 'add'
    const branch = o.branch ?? this.newBranch()
    const flow = transport.openFlow(hop) ?? (await transport.flowTo(hop))
    if (via === 'add') transport.addVia(request, flow, branch, o.rport)
    const bytes = request.toBytes()
    if (bytes.length > this.#longestDatagram && flow.transport === 'udp' && hop.flow === undefined && via === 'add') {
      // RFC 3261 §18.1.1, as in a transaction: TCP, and UDP after all if that is refused.
      const wide: Hop = { ...hop, transport: 'tcp' }
      try {
        const stream = transport.openFlow(wide) ?? (await transport.flowTo(wide))
        request.headers.removeFirstValue('via')
        transport.addVia(request, stream, branch, o.rport)
        transport.sendOn(stream, request)
        return stream
      } catch (error) {
        if (!(error instanceof NetworkError && error.code === 'refused')) throw error
      }
    }
    transport.sendOn(flow, request, bytes)
    return flow
  }

  /** Ends all transactions; each user hears `onTerminated` and nothing else. */
  close(): void {
    for (const client of Array.from(this.#clients.values())) client.terminate()
    for (const first of Array.from(this.#servers.values())) {
      for (let server: Server | undefined = first; server !== undefined; ) {
        const next: Server | undefined = server.sibling
        server.terminate()
        server = next
      }
    }
  }

  // --- what the transport hands up

  #received(message: SipMessage, flow: Flow, at: number, violations: readonly Violation[]): void {
    try {
      if (message.kind === 'response') this.#response(message, flow, at)
      else this.#incoming(message, flow, at, violations)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      const { code, rule, offset } = error
      const named = { code, rule, offset, expected: 'what a transaction needs', actual: error.message, status: 400 }
      this.onMalformed?.(message, flow, violations.some((v) => v.code === code) ? violations : [...violations, named])
    }
  }

  /** RFC 3261 §17.1.3: the branch and the method in CSeq tell whose a response is. */
  #response(response: SipResponse, flow: Flow, at: number): void {
    const { via } = response
    const { method } = response.cseq
    const client = via.branch === undefined ? undefined : this.#clients.get(clientKey(via.branch, method))
    // RFC 3261 §18.1.2: what does not carry our sent-by is not for us.
    if (client === undefined || client.method !== method || !client.carriesSentBy(via)) {
      this.onStray?.(response, flow)
      return
    }
    if (!client.receive(response, flow, at) && response.status >= 200) this.onStray?.(response, flow)
  }

  #incoming(request: SipRequest, flow: Flow, at: number, violations: readonly Violation[]): void {
    const match = serverMatch(request)
    const { method } = request
    const server = this.#find(match, method, request)
    if (method === 'ACK') {
      if (server === undefined) this.onAck?.(request, flow)
      else server.acknowledge(request, at)
      return
    }
    if (server !== undefined) {
      server.repeat(at)
      return
    }
    // RFC 3261 §9.2: as if the CANCEL had the method of the request that it cancels.
    const cancels = method === 'CANCEL' ? this.#find(match, undefined, request) : undefined
    const mergeKey = method === 'CANCEL' || request.to.tag !== undefined ? undefined : ongoingKey(request)
    const merged = mergeKey === undefined ? undefined : this.#ongoing.get(mergeKey)
    const key = ownString(match.key)
    const fresh = new Server(
      this.#serverHost,
      request,
      flow,
      at,
      violations,
      { ...match, key, host: ownString(match.host) },
      { merged, mergeKey, cancels },
    )
    fresh.sibling = this.#servers.get(key)
    this.#servers.set(key, fresh)
    this.#serverCount++
    if (mergeKey !== undefined && merged === undefined) this.#ongoing.set(mergeKey, fresh)
    fresh.start()
  }

  /** RFC 3261 §17.2.3. `method` undefined: any but CANCEL. */
  #find(match: ServerMatch, method: string | undefined, request: SipRequest): Server | undefined {
    for (let server = this.#servers.get(match.key); server !== undefined; server = server.sibling) {
      const wanted = server.method
      if (method === undefined ? wanted === 'CANCEL' : method === 'ACK' ? wanted !== 'INVITE' : wanted !== method)
        continue
      if (match.port !== server.match.port || match.host !== server.match.host) continue
      // RFC 2543: an ACK carries the tag of the answer, everything else that of the request.
      if (match.old) {
        const tag = method === 'ACK' ? server.lastResponse?.to.tag : server.match.toTag
        if (tag !== request.to.tag) continue
      }
      return server
    }
    return undefined
  }

  #failed(flow: Flow, error: NetworkError | undefined): void {
    // RFC 3261 §18.1.1: a server may still answer on a connection of its own, if it can reach us.
    if (isReliable(flow.transport) && error === undefined && this.#transport.listensOn(flow.transport)) return
    const reason = error ?? new NetworkError('closed', `the ${flow.transport} connection was closed before the answer`)
    // RFC 3261 §17.1.4. Servers keep their state (RFC 6026 §8.8) and find another way for their next response.
    for (const client of this.#clients.values()) if (client.flow === flow && client.awaitsAnswer) client.fail(reason)
  }

  // --- what transactions need

  #start(request: SipRequest, hop: Hop, user: ClientUser, o: RequestOptions): Client {
    if (request.method === 'ACK') throw new TypeError('an ACK has no transaction (RFC 3261 §17.1); use sendStateless')
    const via = o.via ?? 'add'
    const branch = o.branch ?? (via === 'keep' ? request.via.branch : undefined) ?? this.newBranch()
    const key = clientKey(branch, request.method)
    if (this.#clients.has(key)) throw new TypeError(`the branch ${branch} is in use`)
    const client = new Client(this.#clientHost, { request, hop, user, branch, via, rport: o.rport ?? true })
    this.#clients.set(key, client)
    client.start(this.#clock.now())
    return client
  }

  #makeClientHost(): ClientHost {
    const { timers } = this
    const transport = this.#transport
    const longestDatagram = this.#longestDatagram
    const clock = this.#clock
    const tables: readonly ClientTable[] = [
      nonInviteClient(timers, false),
      nonInviteClient(timers, true),
      inviteClient(timers, false),
      inviteClient(timers, true),
    ]
    return {
      transport,
      longestDatagram,
      now: () => clock.now(),
      table: (invite, reliable) => pick(tables, invite, reliable),
      schedule: (waiting: Waiting, due: number) => this.#deadlines.set(waiting, due),
      forget: (client) => this.#clients.delete(clientKey(client.branch, client.method)),
      packSoon: (transaction) => this.#packSoon(transaction),
      startCancel: (invite, cancel, user) => {
        const { flow } = invite
        if (flow === undefined) throw new Error('a CANCEL before its INVITE')
        // RFC 3261 §9.1: to the same address, port and transport.
        const hop: Hop = { transport: flow.transport, remote: flow.remote, flow }
        return this.#start(cancel, hop, user, { via: 'keep', branch: invite.branch })
      },
    }
  }

  #makeServerHost(timers: TimerTable): ServerHost {
    const transport = this.#transport
    const clock = this.#clock
    const tables: readonly ServerTable[] = [
      nonInviteServer(timers, false),
      nonInviteServer(timers, true),
      inviteServer(timers, false),
      inviteServer(timers, true),
    ]
    return {
      transport,
      now: () => clock.now(),
      table: (invite, reliable) => pick(tables, invite, reliable),
      schedule: (waiting: Waiting, due: number) => this.#deadlines.set(waiting, due),
      forget: (server) => this.#forget(server),
      packSoon: (transaction) => this.#packSoon(transaction),
      deliver: (server) => {
        const onCancel = server.cancels?.onCancel
        if (onCancel === undefined) this.onRequest?.(server)
        else onCancel(server)
      },
      deliverAck: (ack, flow) => this.onAck?.(ack, flow),
    }
  }

  #packSoon(transaction: { pack(): void }): void {
    // The runtime's queueMicrotask makes an object for each call that traces where it came from.
    if (this.#toPack.push(transaction) === 1) void DONE.then(this.#packAll)
  }

  readonly #packAll = (): void => {
    for (const transaction of this.#toPack) transaction.pack()
    this.#toPack.length = 0
  }

  #forget(server: Server): void {
    const { key } = server.match
    const first = this.#servers.get(key)
    if (first === server) {
      if (server.sibling === undefined) this.#servers.delete(key)
      else this.#servers.set(key, server.sibling)
    } else {
      for (let other = first; other !== undefined; other = other.sibling)
        if (other.sibling === server) other.sibling = server.sibling
    }
    this.#serverCount--
    if (server.mergeKey !== undefined && this.#ongoing.get(server.mergeKey) === server)
      this.#ongoing.delete(server.mergeKey)
  }
}

function pick<T>(tables: readonly T[], invite: boolean, reliable: boolean): T {
  const table = tables[(invite ? 2 : 0) + (reliable ? 1 : 0)]
  if (table === undefined) throw new Error('no such table')
  return table
}

function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `CANCEL ${branch}` : branch
}

function ongoingKey(request: SipRequest): string {
  return `${request.callId} ${request.cseq.number} ${request.method} ${request.from.tag ?? ''}`
}

/** RFC 3261 §17.2.3. @throws ParseError when the request lacks what it is told by */
function serverMatch(request: SipRequest): ServerMatch {
  const { via } = request
  const { branch, port } = via
  const { number } = request.cseq
  const host = via.host.toLowerCase()
  if (branch?.startsWith(MAGIC_COOKIE)) return { key: branch, host, port, toTag: undefined, old: false }
  // A client of RFC 2543: its branch is not unique, so everything that identifies the request has to match.
  const key = `${request.callId} ${number} ${request.from.tag ?? ''} ${request.uri} ${formatVia(via)}`
  return { key, host, port, toTag: request.to.tag, old: true }
}
