/**
 * SIP over UDP, TCP and TLS (RFC 3261 §18): ports, flows, Via, what is not SIP.
 * Longer than 400 lines: it is all that the layers above ask of the wire; ports, flows and connections are elsewhere.
 */
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { parseMessage, type Violation } from '../message/parse.js'
import { ConnectionTable } from './connection-table.js'
import type { Flow, Hop, TransportName } from './flow.js'
import {
  canonicalAddress,
  type Endpoint,
  type Family,
  familyOf,
  formatEndpoint,
  isWildcard,
  NetworkError,
  remoteOf,
  sameEndpoint,
  type StreamConnection,
  type StreamKind,
  type StreamListener,
  type TlsServerOptions,
} from './network.js'
import { StreamFlow, streamReplyTarget, UdpFlow, UdpPort, udpReplyTarget } from './sip-flow.js'
import type { FramingFault } from './stream-framer.js'
import type { SipTransportOptions } from './sip-transport-options.js'
import { UnfinishedMessages } from './unfinished-messages.js'
import { stampVia } from './via-stamp.js'

export type { SipTransportOptions } from './sip-transport-options.js'
export { type Flow, type Hop, isReliable, type TransportName } from './flow.js'

/** The layer above: takes every message that nothing swallowed, and hears what happens to flows. */
export interface TransportUser {
  received(message: SipMessage, flow: Flow, at: number, violations: readonly Violation[]): void
  /** The flow has ended, or (UDP) could not carry a datagram. */
  failed(flow: Flow, error: NetworkError | undefined): void
}

const NO_VIOLATIONS: readonly Violation[] = []

interface ListeningStream {
  readonly kind: StreamKind
  readonly local: Endpoint
  readonly published: Endpoint
  readonly listener: StreamListener
}

export class SipTransport {
  /** Set by the transaction layer. */
  user: TransportUser | undefined
  /** Sees every message before `intercept`; without a transaction layer this is where messages come out. */
  onMessage: ((message: SipMessage, flow: Flow, at: number, violations: readonly Violation[]) => void) | undefined
  /** Bytes that are no SIP message, responses that must be dropped (RFC 3261 §18.3), and what broke a stream's framing. */
  onGarbage: ((bytes: Buffer, flow: Flow, violations: readonly Violation[], at: number) => void) | undefined
  onFlowClosed: ((flow: Flow, error?: NetworkError) => void) | undefined
  /** A connection that a peer opened. */
  onFlowOpened: ((flow: Flow) => void) | undefined
  /** A datagram on the SIP port whose first byte is 0 or 1 (RFC 5626 §8). Answer with `flow.sendRaw`. */
  onStun: ((bytes: Buffer, flow: Flow, at: number) => void) | undefined
  onKeepAlive: ((kind: 'ping' | 'pong', flow: Flow, at: number) => void) | undefined
  /** Every message that went out, retransmissions too. */
  onSent: ((message: SipMessage, flow: Flow, at: number) => void) | undefined
  /** Sees each message before the transaction layer; true swallows it. */
  intercept: ((message: SipMessage, flow: Flow, at: number) => boolean) | undefined

  readonly #o: SipTransportOptions
  readonly #udpPorts: UdpPort[] = []
  readonly #streams: ListeningStream[] = []
  readonly unfinished: UnfinishedMessages
  readonly #connections = new ConnectionTable()
  #lastId = 0
  #ended = false

  constructor(o: SipTransportOptions) {
    this.#o = o
    this.unfinished = new UnfinishedMessages(o.clock, o.messageWithinMs)
  }

  /** Takes a port; port 0 takes any free one. @throws NetworkError */
  async listen(o: { transport: TransportName; at: Endpoint; tls?: TlsServerOptions }): Promise<Endpoint> {
    if (o.transport === 'udp') return (await this.#bindUdp(o.at)).published
    const kind = o.transport
    const listener = await this.#o.network.listen({
      kind,
      at: o.at,
      ...(o.tls === undefined ? {} : { tls: o.tls }),
      onConnection: (connection) => {
        if (this.#ended) {
          connection.close()
          return
        }
        const flow = this.#adopt(connection, true, undefined)
        this.onFlowOpened?.(flow)
      },
    })
    const local = { address: canonicalAddress(listener.local.address), port: listener.local.port }
    const published = this.#publish(kind, local)
    this.#streams.push({ kind, local, published, listener })
    return published
  }

  /** The endpoint to publish in Via and Contact. @throws NetworkError when nothing listens there */
  advertised(transport: TransportName, family?: Family): Endpoint {
    const found = this.#published(transport, family)
    if (found === undefined) {
      throw new NetworkError(
        'address',
        `nothing listens on ${transport}${family === undefined ? '' : ` over ${family}`}`,
      )
    }
    return found
  }

  listensOn(transport: TransportName, family?: Family): boolean {
    return this.#published(transport, family) !== undefined
  }

  /** All flows that are known and open. */
  flows(): Flow[] {
    const all: Flow[] = []
    for (const port of this.#udpPorts) all.push(...port.all())
    return [...all, ...this.#connections.all()]
  }

  /** The flow for a hop if there is one now; over UDP there is as soon as a port is taken in the right family. */
  openFlow(hop: Hop): Flow | undefined {
    if (hop.flow !== undefined) return hop.flow.open ? hop.flow : undefined
    if (hop.transport === 'udp') return this.#udpPort(hop)?.flow(hop.remote, this.#nextId, false)
    // RFC 3261 §18.1.1: a connection that is open to that address, port and transport is used again.
    return this.#connections.find(hop, hop.transport)
  }

  /** The flow for a hop, opening a connection (or taking a UDP port) where needed. @throws NetworkError */
  async flowTo(hop: Hop): Promise<Flow> {
    const open = this.openFlow(hop)
    if (open !== undefined) return open
    if (hop.flow !== undefined)
      throw new NetworkError('closed', `the ${hop.transport} flow to ${formatEndpoint(hop.remote)} is closed`)

    if (this.#ended) throw new NetworkError('closed', 'the transport is closed')
    if (hop.transport === 'udp') {
      const any = familyOf(hop.remote.address) === 'ipv6' ? '::' : '0.0.0.0'
      const port = await this.#bindUdp({ address: hop.localAddress ?? this.#localAddress(hop.remote) ?? any, port: 0 })
      return port.flow(hop.remote, this.#nextId, false)
    }
    return await this.#connect(hop, hop.transport)
  }

  /** Sends as it is. A request's topmost Via must be there already. @throws NetworkError */
  async send(message: SipMessage, hop: Hop): Promise<Flow> {
    const flow = this.openFlow(hop) ?? (await this.flowTo(hop))
    this.sendOn(flow, message)
    return flow
  }

  /** Sends on this flow, now. `bytes`: the message's, when they are at hand. @throws NetworkError */
  sendOn(flow: Flow, message: SipMessage, bytes: Uint8Array = message.toBytes()): void {
    flow.sendRaw(bytes)
    if (this.onSent !== undefined) this.onSent(message, flow, this.#o.clock.now())
  }

  /** As `sendOn`, for a message that is only made when somebody watches. @throws NetworkError */
  sendBytes(flow: Flow, kept: { readonly bytes: Uint8Array; readonly message: SipMessage }): void {
    flow.sendRaw(kept.bytes)
    if (this.onSent !== undefined) this.onSent(kept.message, flow, this.#o.clock.now())
  }

  /**
   * Puts our Via on top of a request that will leave on this flow: our sent-by for its transport (RFC 3261 §18.1.1)
   * and, unless told otherwise, `rport` (RFC 3581 §3).
   */
  addVia(request: SipRequest, flow: Flow, branch: string, rport = true): void {
    const sentBy = formatEndpoint(this.sentBy(flow))
    const name = flow.transport.toUpperCase()
    request.headers.prepend('Via', `SIP/2.0/${name} ${sentBy};branch=${branch}${rport ? ';rport' : ''}`)
  }

  /** What our Via says for requests on this flow. */
  sentBy(flow: Flow): Endpoint {
    if (flow instanceof UdpFlow) return flow.port.published
    const here = this.#streams.find((s) => s.kind === flow.transport && s.local.address === flow.local.address)
    // RFC 3261 §18.1.1: where a server can open a connection to us; without a listener there is only this one.
    return (
      here?.published ??
      this.#published(flow.transport, familyOf(flow.local.address)) ??
      this.#publish(flow.transport, flow.local)
    )
  }

  /**
   * The flow for a response if it is at hand: over a stream the request's own, over UDP by its topmost Via. Undefined:
   * use `sendResponse`. @param message the request or its response: their topmost Vias are the same
   */
  replyFlow(message: SipMessage, flow: Flow): Flow | undefined {
    if (!(flow instanceof UdpFlow)) return flow.open ? flow : undefined
    const target = this.#o.replyTo?.(message, flow) ?? udpReplyTarget(message.via, flow.remote)
    if (target === undefined) return undefined
    // RFC 3581 §4: from the address and port that the request reached.
    return sameEndpoint(target, flow.remote) ? flow : flow.port.flow(target, this.#nextId, false)
  }

  /**
   * Sends a response by its topmost Via (RFC 3261 §18.2.2, RFC 3581 §4). @param flow the one that the request came on
   * @throws NetworkError when no way is left @throws ParseError when the Via cannot be read
   */
  async sendResponse(response: SipResponse, flow: Flow): Promise<Flow> {
    const ready = this.replyFlow(response, flow)
    if (ready !== undefined) {
      this.sendOn(ready, response)
      return ready
    }
    const { via } = response
    if (flow instanceof UdpFlow) {
      const [found] = (await this.#o.locateSentBy?.(via)) ?? []
      const to = flow.port.flow(found ?? { address: flow.remote.address, port: via.port ?? 5060 }, this.#nextId, false)
      this.sendOn(to, response)
      return to
    }
    // §18.2.2: the connection is gone, so another is opened, to the source address and the sent-by port.
    const { transport } = flow
    try {
      return await this.send(response, { transport, remote: streamReplyTarget(via, flow), serverName: via.host })
    } catch (error) {
      for (const remote of (await this.#o.locateSentBy?.(via)) ?? []) {
        try {
          return await this.send(response, { transport, remote, serverName: via.host })
        } catch {
          // The next one, and in the end the first error.
        }
      }
      throw error
    }
  }

  /** Closes all ports and connections. */
  async close(): Promise<void> {
    this.#ended = true
    const unlistened = this.unlisten()
    for (const flow of this.#connections.all()) flow.close()
    await unlistened
  }

  /** Gives back every port that was bound to listen on, or those at one address; connections stay. */
  async unlisten(address?: string): Promise<void> {
    const isMeant = ({ local }: { readonly local: Endpoint }) => address === undefined || local.address === address
    for (const port of taken(this.#udpPorts, isMeant)) {
      port.open = false
      port.socket.close()
    }
    await Promise.all(taken(this.#streams, isMeant).map((stream) => stream.listener.close()))
  }

  /** Nothing listens at this address any more, and its connections are closed: as when the machine there is lost. */
  async abandon(address: string): Promise<void> {
    const unlistened = this.unlisten(address)
    for (const flow of this.#connections.all()) if (flow.local.address === address) flow.close()
    await unlistened
  }

  /** Knows nothing of its connections any more, which stay open: as a device that is in another network now. Returns them. */
  forsake(): readonly Flow[] {
    const flows = this.#connections.all()
    for (const flow of flows) {
      flow.connection.onData = undefined
      this.#connections.remove(flow)
    }
    return flows
  }

  // --- ports and connections

  readonly #nextId = (): number => ++this.#lastId

  async #bindUdp(at: Endpoint): Promise<UdpPort> {
    const socket = await this.#o.network.bindUdp(at)
    const local = { address: canonicalAddress(socket.local.address), port: socket.local.port }
    const port = new UdpPort(socket, local, this.#publish('udp', local))
    socket.onMessage = (data, from, when) => this.#datagram(port, data, from, when)
    socket.onError = (error) => this.#udpError(port, error)
    this.#udpPorts.push(port)
    return port
  }

  #udpPort(hop: Hop): UdpPort | undefined {
    const family = familyOf(hop.remote.address)
    const from = hop.localAddress === undefined ? undefined : canonicalAddress(hop.localAddress)
    const ports = this.#udpPorts.filter((port) => familyOf(port.local.address) === family)
    const [any] = ports
    if (from === undefined) return any
    return ports.find((port) => port.local.address === from) ?? (this.#o.leavesFromAny ? any : undefined)
  }

  #connect(hop: Hop, kind: StreamKind): Promise<StreamFlow> {
    const localAddress = hop.localAddress ?? this.#localAddress(hop.remote) ?? this.#boundAddress(hop.remote)
    return this.#connections.connect({ ...hop, localAddress }, kind, async () => {
      const connection = await this.#o.network.connect({
        kind,
        remote: hop.remote,
        ...(localAddress === undefined ? {} : { localAddress }),
        ...(kind === 'tls'
          ? { tls: { verify: true, ...this.#o.tlsClient, serverName: hop.serverName ?? hop.remote.address } }
          : {}),
      })
      if (!this.#ended) return this.#adopt(connection, false, hop.serverName)
      connection.close()
      throw new NetworkError('closed', 'the transport is closed')
    })
  }

  #adopt(connection: StreamConnection, inbound: boolean, serverName: string | undefined): StreamFlow {
    const flow = new StreamFlow(this.#nextId(), connection, inbound, serverName, this)
    this.#connections.add(flow)
    return flow
  }

  #localAddress(remote: Endpoint): string | undefined {
    const { localAddress } = this.#o
    if (localAddress === undefined || familyOf(localAddress) !== familyOf(remote.address)) return undefined
    return localAddress
  }

  /** The one address of that family that it takes datagrams on: whoever lets those through expects connections from there too. */
  #boundAddress(remote: Endpoint): string | undefined {
    const bound = this.#udpPorts
      .map(({ local }) => local.address)
      .filter((address) => familyOf(address) === familyOf(remote.address))
    const [address] = bound
    return new Set(bound).size === 1 && address !== '0.0.0.0' && address !== '::' ? address : undefined
  }

  #published(transport: TransportName, family: Family | undefined): Endpoint | undefined {
    for (const where of transport === 'udp' ? this.#udpPorts : this.#streams) {
      if ('kind' in where && where.kind !== transport) continue
      if (family === undefined || familyOf(where.local.address) === family) return where.published
    }
    return undefined
  }

  #publish(transport: TransportName, local: Endpoint): Endpoint {
    const told = this.#o.advertise?.(transport, local)
    if (told !== undefined) return told
    if (!isWildcard(local.address)) return local
    return {
      address: this.#localAddress(local) ?? (familyOf(local.address) === 'ipv6' ? '::1' : '127.0.0.1'),
      port: local.port,
    }
  }

  // --- what arrives

  #datagram(port: UdpPort, data: Buffer, from: Endpoint, at: number): void {
    const flow = port.flow(from, this.#nextId, true)
    const first = data[0]
    if (first === undefined || first === 0 || first === 1 || first === 13 || first === 10) {
      // RFC 5626 §8: a SIP message never begins with 0 or 1, a STUN message always.
      if ((first === 0 || first === 1) && data.length >= 20) {
        this.onStun?.(data, flow, at)
        return
      }
      // Not in any RFC, but common: an empty datagram, zero bytes or line ends keep a NAT's mapping open.
      if (data.every((byte) => byte === 0 || byte === 13 || byte === 10)) {
        this.onKeepAlive?.('ping', flow, at)
        return
      }
    }
    this.#parse(data, flow, 'datagram', at)
  }

  #udpError(port: UdpPort, error: NetworkError): void {
    const remote = remoteOf(error)
    // RFC 3261 §18.4: who sent there is told.
    if (remote !== undefined) this.user?.failed(port.flow(remote, this.#nextId, false), error)
  }

  streamMessage(flow: StreamFlow, bytes: Buffer, at: number): void {
    this.#parse(bytes, flow, 'stream', at)
  }

  streamPings(flow: StreamFlow, count: number, at: number): void {
    if ((this.#o.answerPings ?? true) && flow.open) flow.pong(count)
    for (let nth = 0; nth < count; nth += 1) this.onKeepAlive?.('ping', flow, at)
  }

  streamPong(flow: StreamFlow, at: number): void {
    this.onKeepAlive?.('pong', flow, at)
  }

  streamBroken(flow: StreamFlow, fault: FramingFault, bytes: Buffer, at: number): void {
    this.onGarbage?.(bytes, flow, [{ ...fault, offset: 0 }], at)
    flow.close()
  }

  streamClosed(flow: StreamFlow, error: NetworkError | undefined): void {
    this.unfinished.over(flow)
    this.#connections.remove(flow)
    this.user?.failed(flow, error)
    this.onFlowClosed?.(flow, error)
  }

  #parse(bytes: Buffer, flow: Flow, framing: 'datagram' | 'stream', at: number): void {
    const parsed = parseMessage(bytes, { mode: this.#o.parseMode, framing })
    const { message } = parsed
    // RFC 3261 §18.3: a request that came short is answered with 400 (by the user), a response is dropped.
    if (
      message === undefined ||
      (message.kind === 'response' && parsed.violations.some((v) => v.status !== undefined))
    ) {
      this.onGarbage?.(bytes, flow, parsed.violations, at)
      return
    }
    const violations = parsed.violations.length === 0 ? NO_VIOLATIONS : parsed.violations
    if (message.kind === 'request') stampVia(message, flow.remote)
    this.onMessage?.(message, flow, at, violations)
    if (this.intercept?.(message, flow, at) === true) return
    this.user?.received(message, flow, at, violations)
  }
}

/** Takes those out of a list that are meant. */
function taken<T>(list: T[], isMeant: (one: T) => boolean): T[] {
  const found = list.filter(isMeant)
  list.splice(0, list.length, ...list.filter((one) => !isMeant(one)))
  return found
}
