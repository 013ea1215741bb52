/** How a device of a story registers: as a telephone does, as several flows of one, or by hand. */
import type { Exchange, OutOfDialogOptions } from '../agent/exchange.js'
import type { RegisterOptions, RegisterOutcome } from '../agent/registration.js'
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

const TAKE_BACK_MS = 1_500

export class RegistrationVerbs {
  readonly #wiring: DeviceWiring
  #uuid: string | undefined
  /** How the flows that were registered are taken back. */
  readonly #flows: (() => Promise<RegisterOutcome>)[] = []

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
    this.#flows.push(() => agent.register({ headers, contacts: [`${contact};expires=0`], expires: 0 }))
    const required = outcome.exchange.final?.headers.values('Require') ?? []
    return { outcome, agreed: required.some((tag) => tag.toLowerCase() === 'outbound') }
  }

  /** Takes back the flows that were registered. */
  async takesBackFlows(): Promise<void> {
    for (const takeBack of this.#flows.splice(0)) await this.#wiring.within(takeBack(), TAKE_BACK_MS)
  }

  async bindings(): Promise<RegisterOutcome['contacts']> {
    const outcome = await this.#wiring.agent.register({ contacts: [] })
    this.#accepted(outcome, 'query for its bindings')
    return outcome.contacts
  }

  async clearsBindings(): Promise<RegisterOutcome> {
    const outcome = await this.#wiring.agent.unregister({ all: true })
    precondition(outcome, `${this.#wiring.name} has nothing to unregister`)
    this.#accepted(outcome, 'request to remove all its bindings')
    return outcome
  }

  async asksRegistrar(o: RegisterByHand): Promise<Exchange> {
    const { agent } = this.#wiring
    const { contacts = [], expires, headers, obeysMinimum = o.authenticate !== false, ...rest } = o
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
