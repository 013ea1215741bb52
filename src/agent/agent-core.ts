/** What the parts of one user agent share: clock, chance, stack, switches, the way out; and how it asks. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { createResponse } from '../message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { escapeUser } from '../message/uri.js'
import type { ClientTransaction, ServerTransaction } from '../transaction/transaction.js'
import type { TimerTable } from '../transaction/timers.js'
import { defaultPort, type Flow, type Hop } from '../transport/flow.js'
import { isForeseen } from '../transport/foreseen.js'
import { type Endpoint, familyOf, formatEndpoint } from '../transport/network.js'
import type { Automatic } from './automatic.js'
import type { Answer } from './call.js'
import { type Capabilities, PLAIN, TRANSFERRING, WITHOUT_PRACK } from './capabilities.js'
import { Credentials, type Secret, Tries } from './credentials.js'
import type { RequestOptions } from './exchange.js'
import { applyHeaders, bodyOf, ExchangeRecord } from './exchange-record.js'
import { hopOfUri } from './hops.js'
import type { IncomingReferral } from './referral.js'
import type { Account, UserAgentOptions } from './options.js'
import { ShortLivedMap } from './short-lived-map.js'
import type { SharedStack } from './stack.js'

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
  readonly record?: ExchangeRecord
  readonly onTry?: (request: SipRequest, tx: ClientTransaction | undefined, hop: Hop) => void
  readonly onProvisional?: (response: SipResponse, flow: Flow, request: SipRequest) => void
  /** Every 2xx to an INVITE, repeats too (RFC 6026 §7.2). */
  readonly onSuccess?: (response: SipResponse, flow: Flow, request: SipRequest, hop: Hop) => void
  /** May prepare another try after a final response; true tries again. */
  readonly onRefusal?: (response: SipResponse) => boolean | Promise<boolean>
}

/** An ACK for a 2xx, kept to be sent again for each repeat of it (RFC 3261 §13.2.2.4). */
export interface Acknowledgement {
  readonly ack: SipRequest
  readonly hop: Hop
  /** Repeats keep it. */
  readonly branch: string
}

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
  readonly capabilities: Capabilities
  /** Decides about a REFER within a call; absent: it is declined. */
  onRefer: ((referral: IncomingReferral) => void) | undefined
  /** What ends each exchange that waits, by number. */
  readonly #aborts = new ShortLivedMap<number, () => void>()
  #exchanges = 0
  #latestHop: { readonly uri: string; readonly outbound: Hop; readonly hop: Hop } | undefined

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
    this.capabilities = o.transfers === true ? TRANSFERRING : o.knowsPrack === false ? WITHOUT_PRACK : PLAIN
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

  /** Takes care of work that nobody waits for: what the peer or the wire makes fail is on record, all else is a defect. */
  unattended(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (isForeseen(error)) return
      const { onDefect } = this.options
      if (onDefect === undefined) throw error
      onDefect(error)
    })
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

    if (!inDialog) return outbound

    // The ACK of a call and its BYE mostly go the same way.
    const latest = this.#latestHop
    if (latest?.uri === uri && latest.outbound === outbound) return latest.hop

    const hop = hopOfUri(uri, outbound)
    this.#latestHop = { uri, outbound, hop }
    return hop
  }

  /** The URI at which this agent is reached over the transport of the hop (RFC 3261 §8.1.1.8). */
  contactFor(hop: Hop, o: { readonly sips?: boolean } = {}): string {
    const where = `${escapeUser(this.contactUser)}@${formatEndpoint(this.#reachedAt(hop))}`
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

  /** Answers a request. */
  respond(tx: ServerTransaction, toTag: string, answer: Answer): void {
    const response = createResponse(tx.request, answer.status, answer.reason, { toTag, ...bodyOf(answer) })
    this.sign(response)
    applyHeaders(response, answer.headers)
    tx.respond(response)
  }

  /** Sends an ACK for a 2xx, past the transactions. Returns it as sent, with its Via. */
  acknowledge({ ack, hop, branch }: Acknowledgement): SipRequest {
    const out = ack.clone()
    this.unattended(this.stack.transactions.sendStateless(out, hop, { branch }))
    return out
  }

  /**
   * Asks until there is an answer that ends it: tries again with credentials after 401 and 407 (RFC 3261 §22), and after
   * what `onRefusal` takes up. Never throws for what the peer or the wire does: see `error` of the record.
   */
  async converse(c: Conversation): Promise<ExchangeRecord> {
    const record = c.record ?? new ExchangeRecord(c.method, this.clock.now())
    try {
      record.final = await this.#untilFinal(c, record)
    } catch (error) {
      if (!isForeseen(error)) throw error
      record.error = error
    }
    record.endedAt = this.clock.now()
    return record
  }

  /** The response that nothing more is to be done about; undefined where none came. */
  async #untilFinal(c: Conversation, record: ExchangeRecord): Promise<SipResponse | undefined> {
    const tries = new Tries()
    for (;;) {
      const final = await this.#ask(c, record)
      if (final === undefined) return undefined

      const challenged = final.status === 401 || final.status === 407
      if (challenged && (c.options.authenticate ?? c.automatic.authenticate)) {
        if (!c.credentials.learn(final, tries)) return final
      } else {
        if (final.status < 300) c.credentials.followNonce(final)

        if (final.status < 300 || c.onRefusal === undefined || !(await c.onRefusal(final))) return final
      }
      record.challenges.push(final)
    }
  }

  /** One try; undefined where it ended without a response: `error` of the record says why. */
  async #ask(c: Conversation, record: ExchangeRecord): Promise<SipResponse | undefined> {
    const hop = c.options.hop ?? (await c.hop())
    if (this.#needsFlow(hop)) await this.stack.transport.flowTo(hop)

    const composed = c.compose(hop)
    if (c.options.authenticate ?? c.automatic.authenticate) c.credentials.apply(composed)

    applyHeaders(composed, c.options.headers)
    const request = c.options.edit === undefined ? composed : c.options.edit(composed)
    record.requests.push(request ?? composed)
    if (request === undefined) {
      record.error = 'swallowed'
      c.onTry?.(composed, undefined, hop)
      return undefined
    }
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
          if (response.status < 200) {
            record.provisionals.push(response)
            c.onProvisional?.(response, flow, request)
            c.options.onProvisional?.(response)
            return
          }
          try {
            if (response.status < 300) c.onSuccess?.(response, flow, request, hop)

            end(response)
          } catch (error) {
            if (!isForeseen(error)) throw error
            // A 2xx that no dialog can be made of is as good as none.
            end(undefined, error)
          }
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
