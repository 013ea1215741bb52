/** What connections over sockets and in memory have in common. */
import type { Endpoint, NetworkError, StreamConnection, StreamKind, TlsInfo } from './network.js'

type DataHandler = (data: Buffer, at: number) => void
type CloseHandler = (error?: NetworkError) => void

/**
 * What the connections of all wires have in common: what arrives before anybody listens is kept, and the end of the
 * connection is told once, after the last data.
 */
export abstract class StreamEnd implements StreamConnection {
  readonly kind: StreamKind
  readonly local: Endpoint
  readonly remote: Endpoint
  declare readonly tls?: TlsInfo
  #dataHandler: DataHandler | undefined
  #closeHandler: CloseHandler | undefined
  #kept: { data: Buffer; at: number }[] = []
  #end: { error: NetworkError | undefined } | undefined
  #endTold = false
  #flushing = false

  constructor(kind: StreamKind, local: Endpoint, remote: Endpoint, tls?: TlsInfo) {
    this.kind = kind
    this.local = local
    this.remote = remote
    if (tls !== undefined) this.tls = tls
  }

  abstract readonly open: boolean
  abstract write(data: Uint8Array): void
  abstract close(): void

  get onData(): DataHandler | undefined {
    return this.#dataHandler
  }

  set onData(handler: DataHandler | undefined) {
    this.#dataHandler = handler
    this.#flushSoon()
  }

  get onClose(): CloseHandler | undefined {
    return this.#closeHandler
  }

  set onClose(handler: CloseHandler | undefined) {
    this.#closeHandler = handler
    this.#flushSoon()
  }

  /** For the wire: these bytes came in. */
  protected arrived(data: Buffer, at: number): void {
    if (this.#dataHandler === undefined || this.#kept.length > 0) {
      this.#kept.push({ data, at })
      return
    }
    this.#dataHandler(data, at)
  }

  /** For the wire: nothing more will come. Only the first call counts. */
  protected ended(error?: NetworkError): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    if (!this.#flushing) this.#flush()
  }

  // In a microtask, so that a handler never runs inside the assignment that set it.
  #flushSoon(): void {
    if (this.#flushing || (this.#kept.length === 0 && this.#end === undefined)) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#kept.length > 0 && this.#dataHandler !== undefined) {
      const next = this.#kept.shift()
      if (next !== undefined) this.#dataHandler(next.data, next.at)
    }
    if (this.#end === undefined || this.#closeHandler === undefined || this.#endTold) return
    this.#endTold = true
    this.#closeHandler(this.#end.error)
  }
}
