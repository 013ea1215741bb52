// Provisional responses that the caller confirms by PRACK, one after another. RFC 3262.
import { randomInt } from 'node:crypto'
import { cseq, header } from './sip-message.mjs'

const T1_MS = 500
const GIVES_UP_MS = 64 * T1_MS

export class ReliableRinging {
  #transaction
  #options
  #statuses
  #number = randomInt(1, 2 ** 31 - 10)
  #timer
  #deadline
  #settle
  /** Settles when all were confirmed, or it was stopped. */
  done = new Promise((resolve) => (this.#settle = resolve))

  /** @param statuses what is sent, in this order; @param options `tag` and `headers` of each */
  constructor(transaction, statuses, options) {
    this.#transaction = transaction
    this.#statuses = [...statuses]
    this.#options = options
    this.#next()
  }

  #next() {
    clearTimeout(this.#timer)
    clearTimeout(this.#deadline)
    const status = this.#statuses.shift()
    if (status === undefined) {
      this.#settle()
      return
    }
    this.#number++
    const { tag, headers } = this.#options
    this.#transaction.respond(status, {
      tag,
      headers: [...headers, ['require', '100rel'], ['rseq', String(this.#number)]],
    })
    this.#again(T1_MS)
    // §3: where no PRACK comes the call is rejected.
    this.#deadline = setTimeout(() => {
      this.#transaction.respond(500, { tag })
      this.stop()
    }, GIVES_UP_MS)
  }

  #again(waits) {
    this.#timer = setTimeout(() => {
      this.#transaction.again()
      this.#again(2 * waits)
    }, waits)
  }

  /** Takes a PRACK; false where it is not about what waits. */
  confirms(prack) {
    const [number, invite, method] = (header(prack, 'rack') ?? '').split(/[ \t]+/)
    const isOurs = Number(invite) === cseq(this.#transaction.request).number && method === 'INVITE'
    if (!isOurs || Number(number) !== this.#number || this.#deadline === undefined) return false
    // It is answered before the next response is sent.
    queueMicrotask(() => this.#next())
    return true
  }

  stop() {
    clearTimeout(this.#timer)
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#settle()
  }
}
