/** Drives one client machine: sends what it says, tells the user, makes ACK and CANCEL. */
import { formatNameAddr, Headers, SipRequest, type SipResponse, type Via } from '../message/message.js'
import { type Flow, type Hop, isReliable, type SipTransport } from '../transport/sip-transport.js'
import { isForeseen } from '../transport/foreseen.js'
import { NetworkError } from '../transport/network.js'
import type { Waiting } from './deadlines.js'
import type { InviteClientEvent } from './invite-client.js'
import { isRequest, KeptMessage, ownString } from './kept-message.js'
import { type AnyTable, type ClientAction, Machine } from './machine.js'
import type { NonInviteClientEvent } from './non-invite-client.js'
import type { CancelOptions, ClientState, ClientTransaction, ClientUser } from './transaction.js'

export type ClientEvent = InviteClientEvent | NonInviteClientEvent
export type ClientTable = AnyTable<ClientState, ClientEvent, ClientAction>

/** What the layer lends to its client transactions. */
export interface ClientHost {
  readonly transport: SipTransport
  /** A request that is longer than this does not go over UDP, bytes. */
  readonly longestDatagram: number
  now(): number
  table(invite: boolean, reliable: boolean): ClientTable
  schedule(waiting: Waiting, due: number): void
  forget(transaction: Client): void
  /** Has `pack` called when the user is through with what it does now. */
  packSoon(transaction: { pack(): void }): void
  startCancel(invite: Client, cancel: SipRequest, user: ClientUser): ClientTransaction
}

export interface ClientStart {
  readonly request: SipRequest
  readonly hop: Hop
  readonly user: ClientUser
  readonly branch: string
  readonly via: 'add' | 'keep'
  readonly rport: boolean
}

const NOBODY: ClientUser = {}

export class Client implements ClientTransaction, Waiting {
  dueAt = Number.POSITIVE_INFINITY
  order = 0
  place = 0
  readonly branch: string
  flow: Flow | undefined
  ack: SipRequest | undefined
  /** The method that responses must name in CSeq (RFC 3261 §17.1.3). */
  readonly method: string
  readonly #host: ClientHost
  #hop: Hop
  #user: ClientUser
  readonly #via: 'add' | 'keep'
  readonly #rport: boolean
  #machine: Machine<ClientState, ClientEvent, ClientAction>
  readonly #kept: KeptMessage<SipRequest>
  #sentBy: Pick<Via, 'host' | 'port'> | undefined
  #cancelling: CancelOptions | undefined
  #cancelled = false
  #mayReturnToUdp = false
  #opening = false

  constructor(host: ClientHost, start: ClientStart) {
    this.#host = host
    this.#kept = new KeptMessage(start.request, isRequest)
    this.method = start.request.method
    this.branch = start.branch
    this.#hop = start.hop
    this.#user = start.user
    this.#via = start.via
    this.#rport = start.rport
    this.#machine = new Machine(host.table(this.method === 'INVITE', isReliable(start.hop.transport)))
  }

  get request(): SipRequest {
    return this.#kept.message
  }

  get state(): ClientState {
    return this.#machine.state
  }

  /** True until a final answer has come. */
  get awaitsAnswer(): boolean {
    const { state } = this.#machine
    return state === 'calling' || state === 'trying' || state === 'proceeding'
  }

  start(at: number): void {
    this.#chooseTransport()
    this.#dispatch('start', at, undefined)
  }

  receive(response: SipResponse, flow: Flow, at: number): boolean {
    const { status } = response
    const event = status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699'
    if (!this.#machine.accepts(event)) return false
    const waiting = this.awaitsAnswer
    this.#dispatch(event, at, response, flow)
    if (waiting && status >= 200 && this.state !== 'terminated') {
      this.#host.packSoon(this)
      // Nothing more will be told; what the user holds need not wait for timer K.
      if (this.method !== 'INVITE' && this.#user.onTerminated === undefined) this.#user = NOBODY
    }
    if (this.#cancelling !== undefined) {
      if (this.state === 'proceeding') this.#sendCancel(this.#cancelling)
      else this.#cancelling = undefined
    }
    return true
  }

  /** RFC 3261 §18.1.2: does a response carry the sent-by that we put into the request? */
  carriesSentBy(via: Via): boolean {
    this.#sentBy ??= this.#readSentBy()
    const { host, port } = this.#sentBy
    return via.port === port && (via.host === host || via.host.toLowerCase() === host.toLowerCase())
  }

  #readSentBy(): Pick<Via, 'host' | 'port'> {
    const { flow } = this
    if (this.#via === 'add' && flow?.transport === 'udp') {
      // What `addVia` wrote; over UDP it stays the same. (An IPv6 address may be spelt otherwise there.)
      const { address, port } = this.#host.transport.sentBy(flow)
      if (!address.includes(':')) return { host: address, port }
    }
    const { host, port } = this.request.via
    // A slice of the Via would keep the whole request in memory for half a minute.
    return { host: ownString(host), port }
  }

  /** The answer is there: the request as an object is of no more use here. */
  pack(): void {
    this.#kept.pack()
  }

  /** The flow has ended, or could not carry a datagram. */
  fail(error: Error): void {
    this.#dispatch('error', this.#host.now(), error)
  }

  expire(now: number): void {
    for (let timer = this.#machine.takeDue(now); timer !== undefined; timer = this.#machine.takeDue(now))
      this.#perform(this.#machine.on(timer, now), undefined, undefined)

    this.#host.schedule(this, this.#machine.due)
  }

  cancel(options: CancelOptions = {}): ClientTransaction | undefined {
    if (this.method !== 'INVITE' || this.#cancelled || this.#cancelling !== undefined) return undefined
    // RFC 3261 §9.1: before a provisional the server may not have seen the INVITE; after a final there is nothing to do.
    if (this.state === 'proceeding') return this.#sendCancel(options)
    if (this.state === 'calling') this.#cancelling = options
    return undefined
  }

  handOver(user: ClientUser): void {
    this.#user = user
  }

  terminate(): void {
    if (this.#machine.state !== 'terminated') this.#destroy()
  }

  #dispatch(event: ClientEvent, at: number, about: SipResponse | Error | undefined, flow?: Flow): void {
    const actions = this.#machine.on(event, at)
    // A state that ends after zero seconds (RFC 3261 §17.1.1.2, §17.1.2.2: reliable transports) ends here.
    this.#host.schedule(this, this.#machine.due)
    this.#perform(actions, about, flow)
    if (this.#machine.due <= at) this.expire(at)
  }

  #perform(actions: readonly ClientAction[], about: SipResponse | Error | undefined, flow: Flow | undefined): void {
    for (const action of actions) {
      switch (action) {
        case 'send-request':
          this.#transmit()
          break
        case 'send-ack':
          this.#sendAck(about)
          break
        case 'response-to-user':
          if (about !== undefined && 'kind' in about && flow !== undefined) this.#user.onResponse?.(about, flow)
          break
        case 'timeout-to-user':
          this.#user.onTimeout?.()
          break
        case 'error-to-user':
          this.#user.onTransportError?.(about instanceof Error ? about : new NetworkError('other', 'sending failed'))
          break
        case 'destroy':
          this.#destroy()
          break
        default:
          action satisfies never
      }
    }
  }

  #destroy(): void {
    this.#machine.state = 'terminated'
    this.#machine.disarm()
    this.#cancelling = undefined
    this.#host.schedule(this, Number.POSITIVE_INFINITY)
    this.#host.forget(this)
    this.#user.onTerminated?.()
    this.#user = NOBODY
  }

  // --- sending

  /** RFC 3261 §18.1.1: a request that may not fit into one packet with its response leaves UDP for TCP. */
  #chooseTransport(): void {
    // A flow that the user insists on is not exchanged: behind a NAT there is no other way.
    if (this.#hop.transport !== 'udp' || this.#hop.flow !== undefined || this.#via === 'keep') return
    const flow = this.#host.transport.openFlow(this.#hop)
    if (flow === undefined) return
    this.#host.transport.addVia(this.request, flow, this.branch, this.#rport)
    if (this.#kept.bytes.length <= this.#host.longestDatagram) {
      this.flow = flow
      return
    }
    this.request.headers.removeFirstValue('via')
    this.#kept.changed()
    this.#mayReturnToUdp = true
    this.#use({ ...this.#hop, transport: 'tcp' })
  }

  #use(hop: Hop): void {
    this.#hop = hop
    this.#machine = new Machine(this.#host.table(this.method === 'INVITE', isReliable(hop.transport)))
  }

  #transmit(): void {
    if (this.flow !== undefined) {
      this.#put(this.flow)
      return
    }
    const open = this.#host.transport.openFlow(this.#hop)
    if (open !== undefined) {
      this.#leave(open)
      return
    }
    // One attempt at a time: a repeat that comes due meanwhile has nothing to repeat.
    if (this.#opening) return
    this.#opening = true
    this.#host.transport.flowTo(this.#hop).then(
      (flow) => {
        this.#opening = false
        if (this.state !== 'terminated') this.#leave(flow)
      },
      (error: unknown) => {
        this.#opening = false
        this.#unreachable(error instanceof Error ? error : new NetworkError('other', String(error)))
      },
    )
  }

  /** The first transmission, on the flow that was found. */
  #leave(flow: Flow): void {
    this.flow = flow
    if (this.#via === 'add') this.#host.transport.addVia(this.request, flow, this.branch, this.#rport)
    this.#put(flow)
  }

  #put(flow: Flow): void {
    try {
      this.#host.transport.sendOn(flow, this.request, this.#kept.bytes)
    } catch (error) {
      if (!isForeseen(error)) throw error
      this.#failSoon(error)
    }
  }

  #unreachable(error: Error): void {
    if (this.state === 'terminated') return
    // RFC 3261 §18.1.1: a peer that refuses TCP gets the long request over UDP after all.
    if (this.#mayReturnToUdp && error instanceof NetworkError && error.code === 'refused') {
      this.#mayReturnToUdp = false
      this.#use({ ...this.#hop, transport: 'udp' })
      this.#dispatch('start', this.#host.now(), undefined)
      return
    }
    this.fail(error)
  }

  /** The user is never told inside its own call. */
  #failSoon(error: unknown): void {
    const reason = error instanceof Error ? error : new NetworkError('other', String(error))
    queueMicrotask(() => this.fail(reason))
  }

  // --- ACK and CANCEL

  /** RFC 3261 §17.1.1.3. A repeated response brings the same ACK again. */
  #sendAck(response: SipResponse | Error | undefined): void {
    if (this.flow === undefined) return
    if (this.ack === undefined) {
      if (response === undefined || !('kind' in response)) return
      this.ack = this.#follower('ACK', response.headers.get('to'))
    }
    try {
      this.#host.transport.sendOn(this.flow, this.ack)
    } catch (error) {
      if (!isForeseen(error)) throw error
      this.#failSoon(error)
    }
  }

  #sendCancel(options: CancelOptions): ClientTransaction {
    this.#cancelling = undefined
    this.#cancelled = true
    const request = this.#follower('CANCEL', undefined)
    for (const [name, value] of options.headers ?? []) request.headers.add(name, value)
    const cancel = this.#host.startCancel(this, request, options.user ?? {})
    this.#dispatch('cancel', this.#host.now(), undefined)
    options.onSent?.(cancel)
    return cancel
  }

  /** What ACK (§17.1.1.3) and CANCEL (§9.1) have in common: one Via, the request's; its URI, From, Call-ID, number and Route. */
  #follower(method: 'ACK' | 'CANCEL', to: string | undefined): SipRequest {
    const original = this.request.headers
    const headers = new Headers()
    headers.add('Via', original.values('via')[0] ?? '')
    for (const route of original.all('route')) headers.add('Route', route)
    headers.add('Max-Forwards', '70')
    headers.add('From', original.get('from') ?? formatNameAddr(this.request.from))
    headers.add('To', to ?? original.get('to') ?? formatNameAddr(this.request.to))
    headers.add('Call-ID', original.get('call-id') ?? '')
    headers.add('CSeq', `${this.request.cseq.number} ${method}`)
    headers.add('Content-Length', '0')
    return new SipRequest(method, this.request.uri, headers)
  }
}
