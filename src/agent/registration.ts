/** The binding of one user agent at its registrar (RFC 3261 §10.2). */
import type { Timer } from '../clock/clock.js'
import { createRequest } from '../message/build.js'
import type { NameAddr, SipRequest, SipResponse } from '../message/message.js'
import { uriEquals } from '../message/uri.js'
import type { Flow } from '../transport/flow.js'
import { isNumericAddress } from '../transport/network.js'
import type { AgentCore } from './agent-core.js'
import type { Credentials } from './credentials.js'
import type { Exchange, RequestOptions } from './exchange.js'
import { ExchangeRecord } from './exchange-record.js'

export interface RegisterOptions extends RequestOptions {
  /** Seconds asked for; `undefined` asks for the agent's default. */
  readonly expires?: number
  /** Contact header values instead of the agent's own: several, `*`, or none (a query, RFC 3261 §10.2.3). */
  readonly contacts?: readonly string[]
  readonly callId?: string
  readonly cseq?: number
  /** Address-of-record in To (and From unless `from`). */
  readonly to?: string
  readonly from?: string
}

/** What came of a registration. */
export interface RegisterOutcome {
  readonly ok: boolean
  /** Final status; 408 after a timeout, 503 after a transport error (RFC 3261 §8.1.3.1). */
  readonly status: number
  /** The last exchange; requests of the 423 retry are in it too. */
  readonly exchange: Exchange
  /** Seconds granted to this agent's contact, undefined where the response does not list it. */
  readonly expires: number | undefined
  /** All bindings that the response lists. */
  readonly contacts: readonly NameAddr[]
  /** This agent's own among them (compared by RFC 3261 §19.1.4). */
  readonly own: NameAddr | undefined
  /** Address and port that the target saw (`received`, `rport`), where told. */
  readonly seenAs: { readonly address: string; readonly port: number } | undefined
  /** Milliseconds from the first request to the final response. */
  readonly tookMs: number
}

/** RFC 5626 §4.5, seconds. */
const RETRY_BASE_S = 30
const RETRY_MAX_S = 1800
/** Nobody is obeyed for longer than a day. */
const LONGEST_RETRY_AFTER_S = 86_400
/** A connection that ends within so many milliseconds of the registration that made it did not hold. */
const SHORT_LIVED_MS = 30_000
const DEFAULT_EXPIRES_S = 3600

/**
 * One Call-ID, rising CSeq, one request at a time, refreshed
 * before it expires, tried again with growing pauses when a refresh fails.
 */
export class Registration {
  readonly #core: AgentCore
  readonly #onBound: () => void
  readonly #callId: string
  readonly #credentials: Credentials
  #cseq: number
  #queue: Promise<unknown> = Promise.resolve()
  /** Requests that are under way, or wait for the one before. */
  #asked = 0
  #timer: Timer | undefined
  #failures = 0
  #stopped = false
  /** The contact that the registrar knows, URI. */
  #bound: string | undefined
  /** Options of the last plain registration, for its refreshes. */
  #wish: RegisterOptions = {}
  /** The flow that the binding was made on. */
  flow: Flow | undefined
  #flowSince = 0
  /** Connections, one after the other, that did not hold. */
  #shortLived = 0

  /** @param onBound told after every registration that made or kept the binding */
  constructor(core: AgentCore, onBound: () => void) {
    this.#core = core
    this.#onBound = onBound
    this.#callId = core.random.token(26)
    this.#credentials = core.newCredentials()
    this.#cseq = core.random.int(2 ** 16)
  }

  get bound(): boolean {
    return this.#bound !== undefined
  }

  /** Whether the registrar may have a binding, or get one: it has not answered yet. */
  get bindable(): boolean {
    return this.bound || this.#asked > 0
  }

  register(o: RegisterOptions = {}): Promise<RegisterOutcome> {
    this.#asked += 1
    // RFC 3261 §10.2: none before the answer to the one before.
    const turn = this.#queue.then(() => this.#register(o))
    const answered = () => {
      this.#asked -= 1
    }
    // The outcome, with its messages, belongs to whoever asked.
    this.#queue = turn.then(answered, answered)
    return turn
  }

  async unregister(o: RegisterOptions & { readonly all?: boolean } = {}): Promise<RegisterOutcome | undefined> {
    this.#timer?.cancel()
    if (o.all === true) {
      // RFC 3261 §10.2.2
      return this.register({ ...o, contacts: ['*'], expires: 0 })
    }
    await this.#queue
    const bound = this.#bound
    return bound === undefined ? undefined : this.register({ ...o, expires: 0, contacts: [`<${bound}>`] })
  }

  /**
   * The connection that carried the registration is gone: a new one is made at once (RFC 5626 §4.5). From the second in a
   * row that did not hold on, each counts as a failure: a server that hangs up on everybody is not asked without end.
   */
  flowClosed(flow: Flow): void {
    if (flow === this.flow && this.bound && !this.#stopped && this.#core.automatic.refreshRegistration) {
      const held = this.#core.clock.now() - this.#flowSince >= SHORT_LIVED_MS
      this.#shortLived = held ? 0 : this.#shortLived + 1
      this.#arm(this.#shortLived < 2 ? 0 : this.#pause(this.#shortLived - 2))
    }
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  async #register(o: RegisterOptions): Promise<RegisterOutcome> {
    const core = this.#core
    const own = o.contacts === undefined
    let expires = o.expires ?? core.options.expires ?? DEFAULT_EXPIRES_S
    const record = new ExchangeRecord('REGISTER', core.clock.now())
    // A Call-ID of its own has a count of its own.
    let foreign = o.cseq === undefined ? undefined : o.cseq - 1
    const callId = o.callId ?? this.#callId
    if (foreign === undefined && callId !== this.#callId) foreign = core.random.int(2 ** 16)

    let contact = ''
    let obeyed = false
    // RFC 3261 §8.1.3.5: what is sent again for a 401 or 423 keeps its From.
    const tag = core.random.token(10)
    const credentials =
      o.credentials === undefined && callId === this.#callId ? this.#credentials : core.newCredentials(o)
    await core.converse({
      method: 'REGISTER',
      record,
      hop: () => core.hopFor(`sip:${core.account.domain}`, 'REGISTER', false),
      compose: (hop) => {
        contact = core.contactFor(hop)
        const number = foreign === undefined ? (this.#cseq += 1) : (foreign += 1)
        return this.#compose(o, {
          callId,
          tag,
          number,
          expires,
          contacts: o.contacts ?? this.#contacts(contact, expires),
        })
      },
      credentials,
      options: o,
      automatic: core.automatic,
      onRefusal: (response) => {
        const least = Number(response.headers.get('Min-Expires'))
        // RFC 3261 §10.2.8, once.
        if (response.status !== 423 || obeyed || !(least > expires)) return false

        obeyed = true
        expires = least
        return true
      },
    })
    const outcome = this.#outcome(record, contact)
    if (own) {
      this.#settle(outcome, o, contact, expires)
    } else if (outcome.ok && expires === 0) {
      this.#bound = undefined
      this.#timer?.cancel()
    }
    return outcome
  }

  #contacts(contact: string, expires: number): string[] {
    const before = this.#bound
    const list = [`<${contact}>`]
    // The address has changed: the binding of the old one goes in the same request.
    return before === undefined || before === contact || expires === 0 ? list : [...list, `<${before}>;expires=0`]
  }

  #compose(
    o: RegisterOptions,
    v: { callId: string; tag: string; number: number; expires: number; contacts: readonly string[] },
  ): SipRequest {
    const core = this.#core
    const to = o.to ?? aorValue(core)
    const query = o.contacts !== undefined && o.contacts.length === 0
    const from = o.from ?? to
    const request = createRequest({
      method: 'REGISTER',
      // RFC 3261 §10.2: the domain alone.
      uri: `sip:${core.account.domain}`,
      from: /;\s*tag=/i.test(from) ? from : `${from};tag=${v.tag}`,
      to,
      callId: v.callId,
      cseq: v.number,
      headers: [
        ...v.contacts.map((value): [string, string] => ['Contact', value]),
        ...(query ? [] : [['Expires', String(v.expires)] satisfies [string, string]]),
        ['Allow', core.capabilities.allow],
      ],
    })
    core.sign(request)
    return request
  }

  #outcome(record: ExchangeRecord, contact: string): RegisterOutcome {
    const { final } = record
    const status = record.status ?? 408
    const ok = status >= 200 && status < 300
    const contacts = final === undefined ? [] : contactsOf(final)
    const own = contacts.find((one) => sameUri(one.uri, contact))
    return {
      ok,
      status,
      exchange: record,
      // RFC 3261 §10.2.4: the parameter, else the header field.
      expires:
        own === undefined || final === undefined
          ? undefined
          : (numberOf(own.params.get('expires')) ?? expiresOf(final)),
      contacts,
      own,
      seenAs: final === undefined ? undefined : seenAs(final),
      tookMs: (record.endedAt ?? record.startedAt) - record.startedAt,
    }
  }

  #settle(outcome: RegisterOutcome, o: RegisterOptions, contact: string, asked: number): void {
    const core = this.#core
    this.#timer?.cancel()
    if (!outcome.ok) {
      // RFC 3261 §10.2.7 and RFC 5626 §4.5: not at once; and never with credentials that were refused (§22.1).
      if (this.bound && outcome.status !== 401 && outcome.status !== 407 && outcome.status !== 403) {
        const pause = this.#pause(this.#failures)
        this.#failures += 1
        // RFC 3261 §21.5.4, RFC 5626 §4.5: longer where the server asks for it.
        this.#arm(Math.max(pause, 1000 * retryAfter(outcome.exchange.final)))
      } else {
        this.#bound = undefined
      }
      return
    }
    this.#failures = 0
    if (this.flow !== outcome.exchange.flow) {
      this.flow = outcome.exchange.flow
      this.#flowSince = core.clock.now()
    }
    if (asked === 0) {
      this.#bound = undefined
      return
    }
    this.#wish = o
    this.#bound = contact
    // A registrar that hides or rewrites contacts grants what was asked for, as far as can be told.
    const granted =
      outcome.expires ?? (outcome.exchange.final === undefined ? undefined : expiresOf(outcome.exchange.final)) ?? asked
    if (granted > 0) {
      const spread = core.options.refreshSpread ?? 0
      const earlier = spread === 0 ? 0 : spread * core.random.float()
      this.#arm(1000 * refreshAfter(granted) * (1 - earlier))
      this.#onBound()
    }
  }

  /** Milliseconds to wait after so many failures before this one (RFC 5626 §4.5). */
  #pause(failures: number): number {
    const ceiling = Math.min(RETRY_MAX_S, RETRY_BASE_S * 2 ** failures)
    return ceiling * 1000 * (0.5 + this.#core.random.float() / 2)
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel()
    if (this.#stopped) return

    this.#timer = this.#core.clock.after(delayMs, () => {
      if (this.#core.automatic.refreshRegistration && !this.#stopped) this.#core.unattended(this.register(this.#wish))
    })
  }
}

/** Seconds after which a binding is refreshed: early enough for a whole transaction to fail before it expires. */
export function refreshAfter(expires: number): number {
  return expires < 120 ? expires / 2 : expires - Math.max(40, expires / 10)
}

function aorValue(core: AgentCore): string {
  const { displayName } = core.account
  return displayName === undefined ? `<${core.aor}>` : `"${displayName.replaceAll(/["\\]/g, '\\$&')}" <${core.aor}>`
}

function contactsOf(response: SipResponse): NameAddr[] {
  try {
    const contacts = response.contacts()
    return contacts === '*' ? [] : contacts
  } catch {
    return []
  }
}

function sameUri(a: string, b: string): boolean {
  try {
    return uriEquals(a, b)
  } catch {
    return a === b
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function expiresOf(response: SipResponse): number | undefined {
  return numberOf(response.headers.get('Expires'))
}

/** Seconds (RFC 3261 §20.33: a comment or parameters may follow); 0 where the response names none. */
function retryAfter(response: SipResponse | undefined): number {
  const seconds = Number.parseInt(response?.headers.get('Retry-After') ?? '', 10)
  return Number.isNaN(seconds) ? 0 : Math.min(seconds, LONGEST_RETRY_AFTER_S)
}

function seenAs(response: SipResponse): RegisterOutcome['seenAs'] {
  try {
    const { host, port, received, rport } = response.via
    const address = received ?? host
    return typeof rport === 'number' && isNumericAddress(address)
      ? { address, port: rport }
      : received === undefined
        ? undefined
        : { address, port: port ?? 5060 }
  } catch {
    return undefined
  }
}
