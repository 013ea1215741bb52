import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'

export interface KeepAliveOptions {
  readonly clock: Clock
  readonly random: Random
  /**
   * `crlf`: double CRLF, a single CRLF must come back (streams, RFC 5626 §3.5.1); `stun`: a Binding request must be
   * answered (UDP, §3.5.2); `crlf-one-way`: double CRLF over UDP, no answer expected (common practice, no RFC).
   */
  readonly kind: 'crlf' | 'stun' | 'crlf-one-way'
  /** Puts a ping on the wire. For `stun` it starts a transaction and calls `pong` or `failed` itself. */
  readonly send: (data: Buffer) => void
  /** The flow is dead. */
  readonly onFailed: (reason: string) => void
  /** Milliseconds; each wait is drawn between the two. Default by kind, RFC 5626 §4.4.1, §4.4.2. */
  readonly interval?: { readonly min: number; readonly max: number }
}

/** Keeps a flow through a NAT open and notices when it died. */
export class KeepAlive {
  constructor(_options: KeepAliveOptions) {}

  start(): void {
    throw new Error('not yet')
  }

  /** The answer came. */
  pong(): void {
    throw new Error('not yet')
  }

  stop(): void {
    throw new Error('not yet')
  }
}
