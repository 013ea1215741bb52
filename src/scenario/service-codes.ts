/** Service codes that a story dials, and how what they changed is put back (`*21*…#`, and its like). */
import type { InviteOptions, OutgoingCall } from '../agent/call.js'
import type { DeviceWiring } from './device-wiring.js'
import { loginTaken } from './outcome.js'

/** The announcement of a service code has been heard, or will not end. */
const CODE_MS = 8_000
const ANSWER_MS = 8_000

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
    this.#owed.unshift({ code, options: {} })
  }

  async switches(code: string, undo: string | false, options: InviteOptions): Promise<OutgoingCall> {
    this.#wiring.stays()
    const call = await this.#dials(code, options)
    const answered = this.#wiring.within(call.answered, ANSWER_MS)
    const known = answered.then((response) => {
      this.#dialling.delete(known)
      if (response !== undefined && response.status < 300) this.#isSwitched(code, undo, options)
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
      if (final !== undefined && final.status < 300) await this.#wiring.within(call.ended, CODE_MS)
    }
  }
}
