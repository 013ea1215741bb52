/** Keep-alives through a NAT: RFC 5626 §4.4. */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { type Endpoint, formatEndpoint, sameEndpoint } from '../transport/network.js'
import type { StunResult } from './stun.js'

/** Each wait is drawn anew between the two, milliseconds. */
export interface KeepAliveInterval {
  readonly min: number
  readonly max: number
}

/** RFC 5626 §4.4.1. */
export const PING = Buffer.from('\r\n\r\n')
const PONG_TIMEOUT_MS = 10_000

/** RFC 5626 §4.4.1 (where power is no concern) and §4.4.2. */
const STREAM_INTERVAL: KeepAliveInterval = { min: 95_000, max: 120_000 }
const DATAGRAM_INTERVAL: KeepAliveInterval = { min: 24_000, max: 29_000 }

/** A Binding transaction with the timers of RFC 8489 §6.2.1 has ended by then: 79 times 500 ms, and a little more. */
const STUN_TIMEOUT_MS = 40_000

export interface KeepAliveOptions {
  readonly clock: Clock
  readonly random: Random
  /**
   * `crlf`: on streams, a double CRLF that a single one must answer within 10 s (RFC 5626 §3.5.1).
   * `stun`: on UDP, a Binding request that must be answered, and always with the same address (§3.5.2, §4.4.2).
   * `crlf-one-way`: on UDP, a double CRLF that nobody answers and that only holds the NAT's mapping open.
   * DEVIATION: RFC 5626 §4.4.1 forbids CRLF over UDP; most phones and providers do it, since it needs no STUN server.
   */
  readonly kind: 'crlf' | 'stun' | 'crlf-one-way'
  /** Puts a ping on the wire. For `stun` the bytes are empty: start a transaction, and hand its end to `answered`. */
  readonly send: (data: Buffer) => void
  /** The flow is dead; called once, and no more is sent. */
  readonly onFailed: (reason: string) => void
  /** Default: what RFC 5626 says for the kind of transport. */
  readonly interval?: KeepAliveInterval
}

/** Keeps a flow through a NAT open, and notices when it died. */
export class KeepAlive {
  readonly #options: KeepAliveOptions
  readonly #interval: KeepAliveInterval
  #next: Timer | undefined
  #patience: Timer | undefined
  #mapped: Endpoint | undefined
  #running = false

  constructor(options: KeepAliveOptions) {
    this.#options = options
    this.#interval = options.interval ?? (options.kind === 'crlf' ? STREAM_INTERVAL : DATAGRAM_INTERVAL)
  }

  /** The first ping goes out after one interval. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#schedule()
  }

  /** An answer came: for `crlf`, a single CRLF. */
  pong(): void {
    this.#patience?.cancel()
    this.#patience = undefined
  }

  /** The Binding transaction of a `stun` ping ended so. */
  answered(result: StunResult): void {
    if (!this.#running) return
    const { outcome, mapped, response } = result
    // RFC 5626 §4.4.2: silence, an error, and another mapped address each mean that the flow failed.
    if (outcome === 'timeout') {
      this.#fail('no STUN response came (RFC 5626 §4.4.2)')
    } else if (outcome === 'error' || mapped === undefined) {
      this.#fail(`STUN answered ${response?.errorCode?.code ?? 'without an address'} (RFC 5626 §4.4.2)`)
    } else if (this.#mapped !== undefined && !sameEndpoint(this.#mapped, mapped)) {
      const change = `from ${formatEndpoint(this.#mapped)} to ${formatEndpoint(mapped)}`
      this.#fail(`the address that STUN reports changed ${change} (RFC 5626 §4.4.2)`)
    } else {
      this.#mapped = mapped
      this.pong()
    }
  }

  stop(): void {
    this.#running = false
    this.#next?.cancel()
    this.pong()
  }

  #schedule(): void {
    const { min, max } = this.#interval
    this.#next = this.#options.clock.after(min + this.#options.random.float() * (max - min), () => {
      this.#schedule()
      this.#ping()
    })
  }

  #ping(): void {
    const { kind, send } = this.#options
    switch (kind) {
      case 'crlf':
        this.#expect(PONG_TIMEOUT_MS, `no CRLF came back within ${PONG_TIMEOUT_MS} ms (RFC 5626 §4.4.1)`)
        send(PING)
        return
      case 'stun':
        this.#expect(STUN_TIMEOUT_MS, 'no STUN response came (RFC 5626 §4.4.2)')
        send(Buffer.alloc(0))
        return
      case 'crlf-one-way':
        send(PING)
        return
      default:
        kind satisfies never
    }
  }

  #expect(withinMs: number, otherwise: string): void {
    this.#patience ??= this.#options.clock.after(withinMs, () => this.#fail(otherwise))
  }

  #fail(reason: string): void {
    if (!this.#running) return
    this.stop()
    this.#options.onFailed(reason)
  }
}
