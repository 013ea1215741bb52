/** How a device of a story registers: as a telephone does, as several flows of one, or by hand. */
import type { Exchange, OutOfDialogOptions, RequestOptions } from '../agent/exchange.js'
import type { RegisterOptions, RegisterOutcome } from '../agent/registration.js'
import { formatNameAddr, parseNameAddr } from '../message/message.js'
import { type ContactLeft, contactsLeft } from './contacts-left.js'
import type { DeviceWiring } from './device-wiring.js'
import { precondition, unsupported } from './outcome.js'
import { whyNotRegistered } from './reasons.js'

/** A REGISTER by hand: see `asksRegistrar`. */
export interface RegisterByHand extends OutOfDialogOptions {
  /** Contact header values, `<sip:…>` with parameters or `*`. Default: none, which is a query (RFC 3261 §10.2.3). */
  readonly contacts?: readonly string[]
  /** Value of the Expires header field, seconds. Default: no such field. */
  readonly expires?: number
  /**
   * Whether a 423 is obeyed, once (RFC 3261 §10.2.8): `expires` becomes what its Min-Expires says, and the CSeq number goes
   * on. Default: yes, where the log-in is left to the device, too.
   */
  readonly obeysMinimum?: boolean
}

/** A flow of a device with several (RFC 5626 §4.2). `instance`: of another device, or of the same one after a restart. */
export interface FlowByHand {
  readonly instance?: string
  readonly regId?: number
  readonly callId?: string
  readonly cseq?: number
}

/** A contact that was being registered when the story broke off shows with its answer only. */
const TAKE_BACK_ROUNDS = 3

export class RegistrationVerbs {
  readonly #wiring: DeviceWiring
  #uuid: string | undefined
  /** Log-ins of other accounts than the device's own, by address-of-record. */
  readonly #logins = new Map<string, RequestOptions['credentials']>()

  constructor(wiring: DeviceWiring) {
    this.#wiring = wiring
  }

  get instance(): string {
    this.#uuid ??= this.#wiring.world.random
      .bytes(16)
      .toString('hex')
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
    return this.#uuid
  }

  async registers(options: RegisterOptions): Promise<RegisterOutcome> {
    const outcome = await this.asksToRegister(options)
    this.#accepted(outcome, 'registration')
    return outcome
  }

  async asksToRegister(options: RegisterOptions): Promise<RegisterOutcome> {
    const { agent, name } = this.#wiring
    this.#wiring.stays()
    const outcome = await agent.register(options)
    this.#wiring.note(`${name} registers: ${outcome.status} after ${Math.round(outcome.tookMs)} ms`)
    return outcome
  }

  async registersFlow(o: FlowByHand): Promise<RegisterOutcome> {
    const { outcome, agreed } = await this.triesFlow(o)
    if (!agreed)
      unsupported('the target does not support outbound (RFC 5626): its answer to REGISTER does not require it')
    return outcome
  }

  async triesFlow(o: FlowByHand): Promise<{ readonly outcome: RegisterOutcome; readonly agreed: boolean }> {
    const { agent } = this.#wiring
    const { instance = this.instance, regId = 1, ...rest } = o
    const contact = `<${agent.contactUri}>;reg-id=${regId};+sip.instance="<urn:uuid:${instance}>"`
    const headers = { Supported: 'path, outbound' }
    const outcome = await this.registers({ ...rest, headers, contacts: [contact] })
    const required = outcome.exchange.final?.headers.values('Require') ?? []
    return { outcome, agreed: required.some((tag) => tag.toLowerCase() === 'outbound') }
  }

  /**
   * Takes back every contact that a registrar has taken, or may have: the telephone's own, and what the story has registered by
   * hand. One that is refused is not asked for again.
   */
  async takesBack(): Promise<void> {
    const { agent, name, record } = this.#wiring
    const asked = new Set<string>()
    if (agent.registered) await agent.unregister()
    for (let round = 0; round < TAKE_BACK_ROUNDS; round += 1) {
      const left = contactsLeft(record.messages, name).filter((one) => !asked.has(keyOf(one)))
      if (left.length === 0) return
      for (const one of left) asked.add(keyOf(one))
      await Promise.all(left.map((one) => this.#takesBack(one)))
    }
  }

  async #takesBack({ aor, registrar, contact, supported }: ContactLeft): Promise<void> {
    const { agent } = this.#wiring
    const credentials = aor === agent.aor ? undefined : this.#logins.get(aor)
    const params = new Map([...contact.params].filter(([name]) => name !== 'expires' && name !== 'q'))
    await agent.request('REGISTER', registrar, {
      to: `<${aor}>`,
      ...(credentials === undefined ? {} : { credentials }),
      headers: {
        Contact: `${formatNameAddr({ ...contact, params })};expires=0`,
        Expires: '0',
        ...(supported === undefined ? {} : { Supported: supported }),
      },
    })
  }

  async bindings(): Promise<RegisterOutcome['contacts']> {
    this.#wiring.stays()
    const outcome = await this.#wiring.agent.register({ contacts: [] })
    this.#accepted(outcome, 'query for its bindings')
    return outcome.contacts
  }

  async clearsBindings(): Promise<RegisterOutcome> {
    this.#wiring.stays()
    const { agent, name } = this.#wiring
    const outcome = await agent.unregister({ all: true })
    precondition(outcome, `${name} has nothing to unregister`)
    // Some registrars refuse `*`, as the other way there is to remove all does.
    if (outcome.ok || [401, 403, 407, 408, 503].includes(outcome.status)) {
      this.#accepted(outcome, 'request to remove all its bindings')
      return outcome
    }
    const bound = await this.bindings()
    if (bound.length === 0) return outcome
    const contacts = bound.map(({ uri }) => `<${uri}>;expires=0`)
    const removed = await agent.register({ contacts, expires: 0 })
    this.#accepted(removed, 'request to remove its bindings, each by its name')
    return removed
  }

  async asksRegistrar(o: RegisterByHand): Promise<Exchange> {
    this.#wiring.stays()
    const { agent } = this.#wiring
    const { contacts = [], expires, headers, obeysMinimum = o.authenticate !== false, ...rest } = o
    if (o.to !== undefined && o.credentials) this.#logins.set(parseNameAddr(o.to).uri, o.credentials)
    const asks = (seconds: number | undefined, options: OutOfDialogOptions) => {
      this.#wiring.note(`${this.#wiring.name} sends REGISTER`)
      return agent.request('REGISTER', `sip:${agent.account.domain}`, {
        to: `<${agent.aor}>`,
        ...options,
        headers: {
          ...(contacts.length > 0 ? { Contact: contacts } : {}),
          ...(seconds === undefined ? {} : { Expires: String(seconds) }),
          ...headers,
        },
      })
    }
    const asked = await asks(expires, rest)
    const least = Number(asked.final?.headers.get('Min-Expires'))
    if (!obeysMinimum || asked.status !== 423 || !(least > (expires ?? least))) return asked
    return asks(least, rest.cseq === undefined ? rest : { ...rest, cseq: rest.cseq + asked.requests.length })
  }

  #accepted(outcome: RegisterOutcome, what: string): void {
    if (outcome.ok) return
    const { code, text } = whyNotRegistered(outcome.exchange)
    precondition(false, `${this.#wiring.name}'s ${what} ${text}`, code)
  }
}

const keyOf = ({ aor, contact }: ContactLeft): string => `${aor} ${formatNameAddr(contact)}`
