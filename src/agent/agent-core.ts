import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { escapeUser, parseUri } from '../message/uri.js'
import type { ClientTransaction, ServerTransaction } from '../transaction/transaction.js'
import type { TimerTable } from '../transaction/timers.js'
import { defaultPort, type Flow, type Hop, type TransportName } from '../transport/flow.js'
import { type Endpoint, familyOf, formatEndpoint, isNumericAddress, sameEndpoint } from '../transport/network.js'
import type { Automatic } from './automatic.js'
import { ShortLivedMap } from './short-lived-map.js'
import { Credentials, type Secret, Tries } from './credentials.js'
import type { AgentEvent } from './events.js'
import type { RequestOptions } from './exchange.js'
import { applyHeaders, ExchangeRecord } from './exchange-record.js'
import type { Account, UserAgentOptions } from './options.js'
import type { SharedStack } from './stack.js'

type WithoutStamp<T> = T extends unknown ? Omit<T, 'at' | 'agent'> : never
/** An event before it is stamped. */
export type Happening = WithoutStamp<AgentEvent>

/** What `converse` needs to know about one question. */
export interface Conversation {
  readonly method: string
  /** Known before the request is composed, as Contact depends on the transport. */
  readonly hop: () => Hop | Promise<Hop>
  /** Makes the request of the next try, without Via and credentials; counts CSeq on (RFC 3261 §8.1.3.5, §22.2). */
  readonly compose: (hop: Hop) => SipRequest
  readonly credentials: Credentials
  readonly options: RequestOptions
  readonly automatic: Automatic
  /** Call-ID, for events. */
  readonly call?: string
  readonly record?: ExchangeRecord
  readonly onTry?: (request: SipRequest, tx: ClientTransaction | undefined, hop: Hop) => void
  readonly onProvisional?: (response: SipResponse, flow: Flow, request: SipRequest) => void
  /** Every 2xx to an INVITE, repeats too (RFC 6026 §7.2). */
  readonly onSuccess?: (response: SipResponse, flow: Flow, request: SipRequest, hop: Hop) => void
  /** May prepare another try after a final response; true tries again. */
  readonly onRefusal?: (response: SipResponse) => boolean | Promise<boolean>
}

/** What the parts of one user agent share: clock, chance, stack, switches, the way out and the observer. */
export class AgentCore {
  readonly options: UserAgentOptions
  readonly name: string
  readonly account: Account
  readonly clock: Clock
  readonly random: Random
  readonly timers: TimerTable
  readonly stack: SharedStack
  readonly automatic: Automatic
  readonly contactUser: string
  /** What `received` and `rport` told, where Contact is to follow them. */
  readonly learned = new Map<TransportName, Endpoint>()
  beforeSend: ((message: SipMessage) => SipMessage | undefined) | undefined
  observe: ((e: AgentEvent) => void) | undefined
  /** What ends each exchange that waits, by number. */
  readonly #aborts = new ShortLivedMap<number, () => void>()
  #exchanges = 0
  #latestHop: { readonly uri: string; readonly hop: Hop } | undefined

  constructor(o: UserAgentOptions, stack: SharedStack, automatic: Automatic, contactUser: string) {
    this.options = o
    this.name = o.name
    this.account = o.account
    this.clock = o.clock
    this.random = o.random
    this.timers = o.timers
    this.stack = stack
    this.automatic = automatic
    this.contactUser = contactUser
    this.beforeSend = o.beforeSend
    this.observe = o.observe
  }

  /** Address-of-record. */
  get aor(): string {
    return `sip:${escapeUser(this.account.user)}@${this.account.domain}`
  }

  get secret(): Secret {
    return { user: this.account.authUser ?? this.account.user, password: this.account.password }
  }

  newCredentials(options: RequestOptions = {}): Credentials {
    return new Credentials(options.credentials ?? this.secret, this.random)
  }

  emit(what: Happening): void {
    this.observe?.({ at: this.clock.now(), agent: this.name, ...what })
  }

  /** Says which program it is, if that is wanted. */
  sign(message: SipMessage): void {
    const { userAgentHeader } = this.options
    if (userAgentHeader !== undefined)
      message.headers.set(message.kind === 'request' ? 'User-Agent' : 'Server', userAgentHeader)
  }

  /** Where a request for this URI goes (RFC 3261 §8.1.2). */
  hopFor(uri: string, method: string, inDialog: boolean): Hop | Promise<Hop> {
    const { outbound } = this.options
    if (typeof outbound === 'function') return outbound(uri, { method, inDialog })

    if (!inDialog || this.options.inDialogHop === 'outbound') return outbound

    // The ACK of a call and its BYE mostly go the same way.
    if (this.#latestHop?.uri !== uri) this.#latestHop = { uri, hop: hopOfUri(uri, outbound) }

    return this.#latestHop.hop
  }

  /** The URI at which this agent is reached over the transport of the hop (RFC 3261 §8.1.1.8). */
  contactFor(hop: Hop, o: { readonly sips?: boolean } = {}): string {
    const at = this.learned.get(hop.transport) ?? this.#reachedAt(hop)
    const where = `${escapeUser(this.contactUser)}@${formatEndpoint(at)}`
    // RFC 3261 §8.1.1.8: a SIPS request has a SIPS contact.
    if (o.sips === true) return `sips:${where}`

    return hop.transport === 'udp' ? `sip:${where}` : `sip:${where};transport=${hop.transport}`
  }

  #reachedAt(hop: Hop): Endpoint {
    const { transport } = this.stack
    const family = familyOf(hop.remote.address)
    if (transport.listensOn(hop.transport, family)) return transport.advertised(hop.transport, family)

    // Nobody can connect to an agent that does not listen; the connection that it made itself is the way to it.
    const flow = transport.openFlow(hop)
    if (flow !== undefined) return flow.local

    return transport.listensOn('tcp', family)
      ? transport.advertised('tcp', family)
      : { address: this.options.localAddress, port: defaultPort(hop.transport) }
  }

  /** Has Contact to name the very connection, which must be there first then? */
  #needsFlow(hop: Hop): boolean {
    return hop.transport !== 'udp' && !this.stack.transport.listensOn(hop.transport, familyOf(hop.remote.address))
  }

  /** Last look of the scenario at a message; undefined: it is not to be sent. */
  filterRequest(request: SipRequest, call: string | undefined): SipRequest | undefined {
    const out = this.#filter(request, call)
    if (out?.kind === 'response') throw new TypeError('beforeSend made a response of a request')

    return out
  }

  #filter(message: SipMessage, call: string | undefined): SipMessage | undefined {
    const out = this.beforeSend === undefined ? message : this.beforeSend(message)
    if (this.observe !== undefined) {
      this.emit({
        kind: out === undefined ? 'swallowed' : 'sent',
        message: out ?? message,
        ...(call === undefined ? {} : { call }),
      })
    }
    return out
  }

  /** Hands a response to its transaction; false where nothing was sent. */
  respond(tx: ServerTransaction, response: SipResponse, call?: string): boolean {
    const out = this.#filter(response, call)
    if (out?.kind === 'request') throw new TypeError('beforeSend made a request of a response')

    return out !== undefined && tx.respond(out)
  }

  /** Sends an ACK for a 2xx, past the transactions (RFC 3261 §13.2.2.4); repeats keep the branch. Returns it as sent. */
  acknowledge(ack: SipRequest, hop: Hop, branch: string, call: string): SipRequest | undefined {
    const out = this.filterRequest(ack.clone(), call)
    if (out === undefined) return undefined

    this.stack.transactions.sendStateless(out, hop, { branch }).catch((error: unknown) => {
      this.emit({ kind: 'trouble', call, what: `ACK not sent: ${String(error)}` })
    })
    return out
  }

  /**
   * Asks until there is an answer that ends it: tries again with credentials after 401 and 407 (RFC 3261 §22), and after
   * what `onRefusal` takes up. Never throws for what the peer or the wire does.
   */
  async converse(c: Conversation): Promise<ExchangeRecord> {
    const record = c.record ?? new ExchangeRecord(c.method, this.clock.now())
    const tries = new Tries()
    for (;;) {
      const final = await this.#ask(c, record)
      if (final === undefined) break

      if ((final.status === 401 || final.status === 407) && (c.options.authenticate ?? c.automatic.authenticate)) {
        const verdict = c.credentials.learn(final, tries)
        if (verdict === 'retry') {
          record.challenges.push(final)
          continue
        }
        this.emit({
          kind: 'trouble',
          what:
            verdict === 'refused' ? `credentials refused with ${final.status}` : `${final.status} cannot be answered`,
          rule: 'RFC 3261 §22',
          ...(c.call === undefined ? {} : { call: c.call }),
        })
      } else if (final.status < 300) {
        c.credentials.followNonce(final)
      } else if (c.onRefusal !== undefined && (await c.onRefusal(final))) {
        record.challenges.push(final)
        continue
      }
      record.final = final
      break
    }
    record.endedAt = this.clock.now()
    return record
  }

  /** One try; undefined where it ended without a response. */
  async #ask(c: Conversation, record: ExchangeRecord): Promise<SipResponse | undefined> {
    let hop: Hop
    let composed: SipRequest
    try {
      hop = c.options.hop ?? (await c.hop())
      if (this.#needsFlow(hop)) await this.stack.transport.flowTo(hop)

      composed = c.compose(hop)
    } catch (error) {
      record.error = error instanceof Error ? error : new Error(String(error))
      return undefined
    }
    if (c.options.authenticate ?? c.automatic.authenticate) c.credentials.apply(composed)

    applyHeaders(composed, c.options.headers)
    const edited = c.options.edit === undefined ? composed : c.options.edit(composed)
    const request = edited === undefined ? undefined : this.filterRequest(edited, c.call)
    if (request === undefined) {
      record.requests.push(edited ?? composed)
      record.error = 'swallowed'
      c.onTry?.(edited ?? composed, undefined, hop)
      return undefined
    }
    record.requests.push(request)
    record.lastSentAt = this.clock.now()
    if (record.requests.length === 1) record.startedAt = record.lastSentAt

    const number = ++this.#exchanges
    return new Promise((resolve) => {
      const end = (response: SipResponse | undefined, error?: ExchangeRecord['error']) => {
        this.#aborts.delete(number)
        if (error !== undefined) record.error = error

        resolve(response)
      }
      const tx = this.stack.transactions.request(request, hop, {
        onResponse: (response, flow) => {
          record.flow = flow
          if (this.observe !== undefined)
            this.emit({ kind: 'received', message: response, flow, ...(c.call === undefined ? {} : { call: c.call }) })

          if (response.status < 200) {
            record.provisionals.push(response)
            c.onProvisional?.(response, flow, request)
            c.options.onProvisional?.(response)
            return
          }
          if (response.status < 300) c.onSuccess?.(response, flow, request, hop)

          end(response)
        },
        onTimeout: () => end(undefined, 'timeout'),
        onTransportError: (error) => end(undefined, error),
      })
      const abort = () => {
        tx.terminate()
        end(undefined, 'stopped')
      }
      this.#aborts.set(number, abort)
      c.onTry?.(request, tx, hop)
    })
  }

  /** Ends every exchange that still waits. */
  abort(): void {
    for (const [, abort] of this.#aborts.entries()) abort()
  }
}

/**
 * Where RFC 3263 §4 leads for a URI with a numeric host; what has a name goes to `outbound`, whose place in DNS is the
 * business of whoever chose it.
 */
export function hopOfUri(uri: string, outbound: Hop): Hop {
  const target = parseUri(uri)
  const maddr = target.params.get('maddr')
  const host = maddr ?? target.host
  if (!isNumericAddress(host)) return outbound

  const wish = target.params.get('transport')?.toLowerCase()
  let transport: TransportName
  if (target.scheme === 'sips' || wish === 'tls') {
    transport = 'tls'
  } else if (wish === 'udp' || wish === 'tcp') {
    transport = wish
  } else {
    // DEVIATION: RFC 3263 §4.1 says UDP where a numeric URI names no transport. A server that we speak to over TCP or
    // TLS and that forgot the parameter in its Record-Route is still spoken to as before.
    transport = host === outbound.remote.address ? outbound.transport : 'udp'
  }
  const remote: Endpoint = { address: host, port: target.port ?? defaultPort(transport) }
  if (transport === outbound.transport && sameEndpoint(remote, outbound.remote)) return outbound

  const { serverName } = outbound
  return transport === 'tls' && serverName !== undefined ? { transport, remote, serverName } : { transport, remote }
}
