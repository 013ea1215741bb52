/** What one TCP connection carries: plain text, or TLS, told by its first bytes. */
import type { Origin } from './half-stream.js'
import type { Secrets } from './tls/secrets.js'
import { looksLikeRecord, TlsConnection, type TlsContent } from './tls/tls-connection.js'

/** Bytes that can be read; `data` undefined: it is encrypted, told once. */
export interface Content {
  readonly data: Buffer | undefined
  readonly tls: boolean
  readonly origin: Origin
}

/** Where a stream is looked at that was captured from its middle on. */
const SAMPLE_BYTES = 64

export class PlainOrTls {
  readonly #secrets: Secrets
  readonly #clear: boolean
  #kind: 'plain' | 'opaque' | TlsConnection | undefined
  #told = false

  /** @param clear plain text of what went over TLS */
  constructor(secrets: Secrets, clear: boolean) {
    this.#secrets = secrets
    this.#clear = clear
  }

  /** @param whole the connection was captured from its beginning on */
  add(side: 0 | 1, bytes: Buffer, origin: Origin, whole: boolean): Content[] {
    this.#kind ??= this.#kindOf(bytes, whole)
    if (this.#kind === 'plain') return [{ data: bytes, tls: this.#clear, origin }]
    const contents: TlsContent[] = this.#kind === 'opaque' ? ['unreadable'] : this.#kind.add(side, bytes)
    const found: Content[] = []
    for (const content of contents) {
      if (content instanceof Buffer) found.push({ data: content, tls: true, origin })
      if (content !== 'unreadable' || this.#told) continue
      this.#told = true
      found.push({ data: undefined, tls: true, origin })
    }
    return found
  }

  gap(side: 0 | 1): void {
    if (this.#kind instanceof TlsConnection) this.#kind.gap(side)
  }

  #kindOf(bytes: Buffer, whole: boolean): 'plain' | 'opaque' | TlsConnection {
    if (this.#clear) return 'plain'
    if (looksLikeRecord(bytes, 0)) return new TlsConnection(this.#secrets)
    // The middle of a record looks like anything but text.
    const isText = !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(bytes.toString('latin1', 0, SAMPLE_BYTES))
    return whole || isText ? 'plain' : 'opaque'
  }
}
