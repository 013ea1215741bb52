/** Service codes that a story dials, and how what they changed is put back (`*21*…#`, and its like). */
import type { InviteOptions, OutgoingCall } from '../agent/call.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import type { DeviceWiring } from './device-wiring.js'
import { loginTaken } from './outcome.js'

/** The announcement of a service code has been heard, or will not end. */
const CODE_MS = 8_000
const ANSWER_MS = 8_000

/** How a call is refused that is hung up before it was answered, as an announcement in early media is that has come to its end. */
const HUNG_UP = new Set([480, 487, 603])

/**
 * Whether a code was carried out. Where it is confirmed in early media and then hung up, it was; an announcement before any other
 * refusal tells that there is no such code.
 */
function isTaken(status: number | undefined, hasSpoken: boolean): boolean {
  if (status === undefined) return hasSpoken
  return status < 300 || (hasSpoken && HUNG_UP.has(status))
}

/** Was early media offered before the final response? */
const hasSpoken = ({ exchange }: OutgoingCall): boolean =>
  exchange.provisionals.some((one) => one.status > 100 && sessionDescriptionIn(one) !== undefined)

export class ServiceCodes {
  readonly #wiring: DeviceWiring
  readonly #dials: (code: string, options: InviteOptions) => Promise<OutgoingCall>
  /** Codes that put the account back as it was found. */
  readonly #owed: { readonly code: string; readonly options: InviteOptions }[] = []
  /** Codes that are being dialled: settles when it is known whether they are owed. */
  readonly #dialling = new Set<Promise<void>>()

  constructor(wiring: DeviceWiring, dials: (code: string, options: InviteOptions) => Promise<OutgoingCall>) {
    this.#wiring = wiring
    this.#dials = dials
  }

  /** Has it switched something that is not put back yet? */
  get owes(): boolean {
    return this.#owed.length > 0 || this.#dialling.size > 0
  }

  /** This code is to be dialled at the end. */
  owe(code: string): void {
    if (!this.#owed.some((one) => one.code === code && one.options.from === undefined))
      this.#owed.unshift({ code, options: {} })
  }

  /** The same, where this call is answered with a 2xx. */
  oweOnceTaken(code: string, { answered }: OutgoingCall): void {
    const known = this.#wiring.within(answered, ANSWER_MS).then((response) => {
      this.#dialling.delete(known)
      if (response !== undefined && response.status < 300) this.owe(code)
    })
    this.#dialling.add(known)
  }

  /** It is not to be dialled. */
  settle(code: string): void {
    const at = this.#owed.findIndex((one) => one.code === code && one.options.from === undefined)
    if (at >= 0) this.#owed.splice(at, 1)
  }

  async switches(code: string, undo: string | false, options: InviteOptions): Promise<OutgoingCall> {
    this.#wiring.stays()
    const call = await this.#dials(code, options)
    const answered = this.#wiring.within(call.answered, ANSWER_MS)
    const known = answered.then((response) => {
      this.#dialling.delete(known)
      if (isTaken(response?.status, hasSpoken(call))) this.#isSwitched(code, undo, options)
    })
    this.#dialling.add(known)
    loginTaken(await answered)
    await known
    await this.#wiring.within(call.ended, CODE_MS)
    if (call.state !== 'ended') await this.#wiring.within(call.hangUp(), ANSWER_MS)
    return call
  }

  #isSwitched(code: string, undo: string | false, options: InviteOptions): void {
    const owed = this.#owed.findIndex((one) => one.code === code && one.options.from === options.from)
    if (owed >= 0) this.#owed.splice(owed, 1)
    else if (undo !== false) this.#owed.unshift({ code: undo, options })
  }

  /** Dials what is still owed. A code that is not answered is given up. */
  async putsBack(): Promise<void> {
    await Promise.all(this.#dialling)
    for (const { code, options } of this.#owed.splice(0)) {
      // What cannot be dialled is given up; the next one may be.
      const call = await this.#dials(code, options).catch(() => undefined)
      if (call === undefined) continue

      const final = await this.#wiring.within(call.answered, ANSWER_MS)
      if (final === undefined) await this.#wiring.within(call.hangUp(), ANSWER_MS)
      else if (final.status < 300) await this.#wiring.within(call.ended, CODE_MS)
    }
  }
}
