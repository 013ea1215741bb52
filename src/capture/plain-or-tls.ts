/** What one TCP connection carries: plain text, or TLS, told by its first bytes. */
import type { Origin } from './half-stream.js'
import type { Secrets } from './secrets.js'
import type { Troubles } from './troubles.js'

/** Bytes that can be read; `data` undefined: it is encrypted, told once. */
export interface Content {
  readonly data: Buffer | undefined
  readonly tls: boolean
  readonly origin: Origin
}

/** Types of TLS records, RFC 8446 §5.1: no SIP message begins with one. */
const isTls = (first: number | undefined): boolean => first !== undefined && first >= 20 && first <= 23

export class PlainOrTls {
  readonly #clear: boolean
  #tls: boolean | undefined
  #told = false

  /** @param clear plain text of what went over TLS */
  constructor(_secrets: Secrets, _troubles: Troubles, clear: boolean) {
    this.#clear = clear
  }

  add(_direction: 0 | 1, bytes: Buffer, origin: Origin): Content[] {
    this.#tls ??= !this.#clear && isTls(bytes[0])
    if (!this.#tls) return [{ data: bytes, tls: this.#clear, origin }]
    if (this.#told) return []
    this.#told = true
    return [{ data: undefined, tls: true, origin }]
  }

  gap(_direction: 0 | 1): void {}
}
