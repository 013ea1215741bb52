/** Drives one server machine: tells the user, repeats responses, sends the automatic 100. */
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import { type Flow, isReliable, type SipTransport } from '../transport/sip-transport.js'
import { isForeseen } from '../transport/foreseen.js'
import { NetworkError } from '../transport/network.js'
import type { Waiting } from './deadlines.js'
import type { InviteServerEvent } from './invite-server.js'
import { isRequest, isResponse, KeptMessage } from './kept-message.js'
import { type AnyTable, type ServerAction, Machine } from './machine.js'
import type { NonInviteServerEvent } from './non-invite-server.js'
import type { ServerState, ServerTransaction } from './transaction.js'

export type ServerEvent = InviteServerEvent | NonInviteServerEvent
export type ServerTable = AnyTable<ServerState, ServerEvent, ServerAction>

/** What the layer lends to its server transactions. */
export interface ServerHost {
  readonly transport: SipTransport
  now(): number
  table(invite: boolean, reliable: boolean): ServerTable
  schedule(waiting: Waiting, due: number): void
  forget(transaction: Server): void
  /** Has `pack` called when the user is through with what it does now. */
  packSoon(transaction: { pack(): void }): void
  /** Hands a new request to whoever takes it. */
  deliver(transaction: Server): void
  deliverAck(ack: SipRequest, flow: Flow): void
}

/** How a request is told from others: RFC 3261 §17.2.3. */
export interface ServerMatch {
  /** The branch, or for a request of RFC 2543 a text made of everything that must be equal. */
  readonly key: string
  /** Sent-by of the topmost Via. */
  readonly host: string
  readonly port: number | undefined
  /** RFC 2543 only: the tag that a matching To must carry. */
  readonly toTag: string | undefined
  readonly old: boolean
}

export class Server implements ServerTransaction, Waiting {
  dueAt = Number.POSITIVE_INFINITY
  order = 0
  place = 0
  readonly flow: Flow
  readonly method: string
  readonly branch: string
  readonly at: number
  readonly violations: readonly Violation[]
  readonly merged: Server | undefined
  readonly cancels: Server | undefined
  readonly match: ServerMatch
  /** The next transaction with the same key: CANCEL shares its INVITE's, strangers may share by accident or malice. */
  sibling: Server | undefined
  /** Under which it can be found as an ongoing transaction (§8.2.2.2). */
  readonly mergeKey: string | undefined
  onCancel: ((cancel: ServerTransaction) => void) | undefined
  onAck: ((ack: SipRequest) => void) | undefined
  onTimeout: (() => void) | undefined
  onTransportError: ((error: Error) => void) | undefined
  onTerminated: (() => void) | undefined
  readonly #host: ServerHost
  readonly #machine: Machine<ServerState, ServerEvent, ServerAction>
  readonly #keptRequest: KeptMessage<SipRequest>
  #keptResponse: KeptMessage<SipResponse> | undefined
  #replyFlow: Flow | undefined

  constructor(
    host: ServerHost,
    request: SipRequest,
    flow: Flow,
    at: number,
    violations: readonly Violation[],
    match: ServerMatch,
    related: { merged: Server | undefined; mergeKey: string | undefined; cancels: Server | undefined },
  ) {
    this.#host = host
    this.#keptRequest = new KeptMessage(request, isRequest)
    this.method = request.method
    this.flow = flow
    this.at = at
    this.violations = violations
    this.match = match
    this.branch = match.old ? (request.via.branch ?? '') : match.key
    this.merged = related.merged
    this.mergeKey = related.mergeKey
    this.cancels = related.cancels
    this.#machine = new Machine(host.table(request.method === 'INVITE', isReliable(flow.transport)))
  }

  get request(): SipRequest {
    return this.#keptRequest.message
  }

  get lastResponse(): SipResponse | undefined {
    return this.#keptResponse?.message
  }

  get state(): ServerState {
    return this.#machine.state
  }

  start(): void {
    this.#dispatch('start', this.at, undefined)
  }

  respond(response: SipResponse): boolean {
    const { status } = response
    const event = status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699'
    if (!this.#machine.accepts(event)) return false
    this.#keptResponse = new KeptMessage(response, isResponse)
    this.#dispatch(event, this.#host.now(), undefined)
    // What the parser complained about might not be read again from its bytes.
    if (status >= 200 && this.state !== 'terminated' && this.violations.length === 0) this.#host.packSoon(this)
    return true
  }

  /** The final answer is given: from here on the messages are only repeated. */
  pack(): void {
    this.#keptRequest.pack()
    this.#keptResponse?.pack()
  }

  /** The request again. */
  repeat(at: number): void {
    this.#dispatch('request', at, undefined)
  }

  acknowledge(ack: SipRequest, at: number): void {
    this.#dispatch('ack', at, ack)
  }

  expire(now: number): void {
    for (let timer = this.#machine.takeDue(now); timer !== undefined; timer = this.#machine.takeDue(now))
      this.#perform(this.#machine.on(timer, now), undefined)

    this.#host.schedule(this, this.#machine.due)
  }

  terminate(): void {
    if (this.#machine.state !== 'terminated') this.#destroy()
  }

  #dispatch(event: ServerEvent, at: number, about: SipRequest | Error | undefined): void {
    const actions = this.#machine.on(event, at)
    this.#host.schedule(this, this.#machine.due)
    this.#perform(actions, about)
    // A state that ends after zero seconds (RFC 3261 §17.2.1, §17.2.2: reliable transports) ends here.
    if (this.#machine.due <= at) this.expire(at)
  }

  #perform(actions: readonly ServerAction[], about: SipRequest | Error | undefined): void {
    for (const action of actions) {
      switch (action) {
        case 'request-to-user':
          this.#host.deliver(this)
          break
        case 'send-trying':
          // RFC 3261 §17.2.1: no To tag in a 100 that the transaction made.
          this.#keptResponse = new KeptMessage(createResponse(this.request, 100), isResponse)
          this.#send(this.#keptResponse)
          break
        case 'send-response':
          if (this.#keptResponse !== undefined) this.#send(this.#keptResponse)
          break
        case 'ack-to-user':
          if (about === undefined || !('kind' in about)) break
          if (this.onAck === undefined) this.#host.deliverAck(about, this.flow)
          else this.onAck(about)
          break
        case 'timeout-to-user':
          this.onTimeout?.()
          break
        case 'error-to-user':
          this.onTransportError?.(about instanceof Error ? about : new NetworkError('other', 'sending failed'))
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
    this.#host.schedule(this, Number.POSITIVE_INFINITY)
    this.#host.forget(this)
    this.onTerminated?.()
  }

  #send(kept: KeptMessage<SipResponse>): void {
    if (this.#replyFlow === undefined || !this.#replyFlow.open)
      this.#replyFlow = this.#host.transport.replyFlow(this.request, this.flow)

    if (this.#replyFlow !== undefined) {
      try {
        this.#host.transport.sendBytes(this.#replyFlow, kept)
      } catch (error) {
        if (!isForeseen(error)) throw error
        this.#failSoon(error)
      }
      return
    }
    // RFC 3261 §18.2.2: the connection is gone; by sent-by then.
    this.#host.transport.sendResponse(kept.message, this.flow).then(
      (flow) => {
        this.#replyFlow = flow
      },
      (error: unknown) => this.#failSoon(error),
    )
  }

  #failSoon(error: unknown): void {
    const reason = error instanceof Error ? error : new NetworkError('other', String(error))
    queueMicrotask(() => this.#dispatch('error', this.#host.now(), reason))
  }
}
