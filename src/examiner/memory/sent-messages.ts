/** What our devices sent: a target that hands a header field on is not to blame for how it is written. */
import type { SipMessage } from '../../message/message.js'

export class SentMessages {
  readonly #messages: SipMessage[] = []
  #next = 0
  readonly #limit: number
  /** Answers of earlier searches that were positive. */
  readonly #known = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  add(message: SipMessage): void {
    if (this.#messages.length < this.#limit) {
      this.#messages.push(message)
      return
    }
    this.#messages[this.#next] = message
    this.#next = (this.#next + 1) % this.#limit
  }

  /** Did one of our messages carry this field, or a part of it that others added to? */
  hasField(key: string, value: string): boolean {
    const asked = `${key} ${value}`
    if (this.#known.has(asked)) return true
    const found = this.#messages.some((message) =>
      message.headers.all(key).some((own) => own !== '' && (value === own || (own.length > 8 && value.includes(own)))),
    )
    if (found && this.#known.size < 1_000) this.#known.add(asked)
    return found
  }
}
